//! The command line: arguments, one file a command, diagnostics and progress.

mod args;
mod calibrate;
mod check;
mod convert;
mod inspect;
mod interrupt;
mod new;
mod phantom;
mod progress;
mod render;
mod run;
mod schema;
mod stages;

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;

use args::{Args, Command};

/// Exit status of a run in which something failed; the rest is complete.
const FAILED: u8 = 1;
/// Exit status of a wrong command or definition.
const WRONG: u8 = 2;
/// Exit status after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Parses the arguments, does the work, returns the exit status.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(a) => a,
        Err(e) => {
            // Help and version are no errors; clap knows which stream is which.
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { WRONG } else { 0 });
        }
    };
    let status = match args.command {
        Command::Run(a) => run::run(&a),
        Command::Check(a) => check::check(&a),
        Command::Inspect(a) => inspect::inspect(&a),
        Command::Stages(a) => stages::stages(&a),
        Command::Schema => schema::schema(),
        Command::New(a) => new::new(&a),
        Command::Convert(a) => convert::convert(&a),
        Command::Phantom(a) => phantom::phantom(&a),
        Command::Calibrate(a) => calibrate::calibrate(&a),
        Command::Completions { shell } => {
            args::completions(shell);
            0
        }
    };
    ExitCode::from(if status == 0 && LOST.load(Ordering::Relaxed) { FAILED } else { status })
}

/// Set where data could not be written to standard output.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints to standard output what names and units of files may be part of: nothing in them reaches a terminal as a
/// command.
fn out(text: &str) {
    raw(&render::visible(text));
}

/// Prints to standard output as it is; a closed pipe (`| head`) is no error, a full disk is.
fn raw(text: &str) {
    let mut stdout = std::io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            LOST.store(true, Ordering::Relaxed);
            render::error(&format!("standard output cannot be written: {e}; redirect it to a place with free space"));
        }
        _ => {}
    }
}

/// An error on standard error, with status 2.
fn wrong(message: &str) -> u8 {
    render::error(message);
    WRONG
}
