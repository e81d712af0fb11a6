//! What the user typed.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

/// From instrument files to heterogeneity statistics that can be defended.
#[derive(Parser)]
#[command(name = "softspot", version, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Run a pipeline.
    Run(Run),
    /// Validate everything that can be validated without computing.
    Check(Check),
    /// Show what files hold.
    Inspect(Inspect),
    /// List stages and formats, or describe one stage.
    Stages(Stages),
    /// Print the JSON Schema of a pipeline definition, for editors.
    Schema,
    /// Make a ready-to-run study folder.
    New(New),
    /// Convert between formats that can be written: GSF, TIFF, NPY, CSV, OME-Zarr.
    Convert(Convert),
    /// Make synthetic data of known truth.
    Phantom(Phantom),
    /// Measure how often intervals and tests of a stage are right, on trials of known truth.
    Calibrate(Calibrate),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(clap::Args)]
pub(super) struct Run {
    /// The definition.
    pub pipeline: PathBuf,
    /// Results folder; `results/<pipeline name>` beside the definition unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Threads.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Run only these stages and what they need.
    #[arg(long, value_name = "STAGE", num_args = 1..)]
    pub only: Vec<String>,
    /// Override a value of the definition, such as stage.corr.resamples=200.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1..)]
    pub set: Vec<String>,
    /// Recompute what the cache holds.
    #[arg(long)]
    pub force: bool,
    /// Memory that volumes may take, such as 2GiB; half of the machine's unless given.
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    pub memory: Option<u64>,
    /// Say what would run, and stop.
    #[arg(long)]
    pub dry_run: bool,
    /// Print nothing but errors.
    #[arg(long)]
    pub quiet: bool,
    /// Print the record of the run as JSON on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(clap::Args)]
pub(super) struct Check {
    /// The definition.
    pub pipeline: PathBuf,
    /// Memory that volumes may take, such as 2GiB; half of the machine's unless given.
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    pub memory: Option<u64>,
    /// Override a value of the definition.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1..)]
    pub set: Vec<String>,
}

#[derive(clap::Args)]
pub(super) struct Inspect {
    /// Files; a folder is surveyed, a line a file.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// This channel alone, with its preview.
    #[arg(long)]
    pub channel: Option<String>,
    /// Every table, and the statistics of channels however large.
    #[arg(long)]
    pub all: bool,
    /// As JSON, in SI.
    #[arg(long)]
    pub json: bool,
    /// Read as this format whatever the content looks like.
    #[arg(long)]
    pub format: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct Stages {
    /// A stage to describe in full.
    pub name: Option<String>,
    /// List the formats that can be read.
    #[arg(long)]
    pub formats: bool,
}

#[derive(clap::Args)]
pub(super) struct New {
    /// The folder to make.
    pub dir: PathBuf,
    /// Which study.
    #[arg(long, default_value = "la-cu-zr")]
    pub template: String,
}

#[derive(clap::Args)]
pub(super) struct Convert {
    /// File to read.
    pub input: PathBuf,
    /// File to write; the extension is the format.
    pub output: PathBuf,
    /// Channel to take.
    #[arg(long)]
    pub channel: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct Phantom {
    /// Kind: field, loss, volume, or a whole study (la-cu-zr, zr-ni-film, nano-ct, vit105-indentation,
    /// la60ni15al25-relaxation).
    pub kind: String,
    /// File to write (folder for a study), the truth beside it as TOML; `-` lists the parameters.
    pub out: PathBuf,
    /// Parameters, such as xi="40 nm".
    #[arg(long, value_name = "KEY=VALUE", num_args = 1..)]
    pub set: Vec<String>,
}

#[derive(clap::Args)]
pub(super) struct Calibrate {
    /// The stage, or `all` for the page of all that have settings.
    pub stage: String,
    /// Settings to try (TOML); the program's own unless given.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Trials a setting.
    #[arg(long, default_value_t = 100, value_parser = trials)]
    pub n: usize,
    /// Seed of the trials.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Print all that the stage says of this trial of each setting, beside what is known.
    #[arg(long, value_name = "NUMBER")]
    pub trial: Option<usize>,
    /// Print the program's own settings, to change and give back.
    #[arg(long)]
    pub list: bool,
    /// File to write; standard output unless given.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// How many trials.
fn trials(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (2..=1_000_000).contains(n))
        .ok_or_else(|| "2 to 1000000 trials can be made".to_string())
}

/// Bytes: a number with k, M, G or T, as powers of 1000 (`2GB`) or, with `i`, of 1024 (`2GiB`).
fn memory(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size such as 2GiB or 500MB");
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit = unit.trim().to_ascii_lowercase();
    let (letters, base) = match unit.strip_suffix("ib") {
        Some(l) => (l, 1024.0),
        None => (unit.strip_suffix('b').unwrap_or(&unit), 1000.0),
    };
    let power = match letters {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return Err(wrong()),
    };
    let bytes = number * f64::powi(base, power);
    if bytes >= 1.0 { Ok(bytes as u64) } else { Err(wrong()) }
}

/// Prints the completion script.
pub(super) fn completions(shell: clap_complete::Shell) {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "softspot", &mut bytes);
    super::out(&String::from_utf8_lossy(&bytes));
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_of_memory() {
        assert_eq!(super::memory("2GiB"), Ok(2 << 30));
        assert_eq!(super::memory("1.5 GB"), Ok(1_500_000_000));
        assert_eq!(super::memory("500M"), Ok(500_000_000));
        assert!(super::memory("much").is_err() && super::memory("2 XB").is_err() && super::memory("0").is_err());
    }

    #[test]
    fn arguments_are_consistent() {
        use clap::CommandFactory;
        super::Args::command().debug_assert();
    }
}
