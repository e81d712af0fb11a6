//! The command line: arguments, one file a command, diagnostics and progress.

mod args;
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

use std::process::ExitCode;

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
        Command::Completions { shell } => {
            args::completions(shell);
            0
        }
    };
    ExitCode::from(status)
}

/// Prints to standard output; a closed pipe (`| head`) is no error.
fn out(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// An error on standard error, with status 2.
fn wrong(message: &str) -> u8 {
    render::error(message);
    WRONG
}
