//! The command line: what a person can ask of the kiosk's program.
//!
//! Every command is one file. Exit codes are those of `sysexits.h` (see [`Exit`]); `scan` and `label show` have their own
//! for what they found.

mod board;
mod cache;
mod camera;
mod doctor;
mod enroll;
mod exit;
mod explain;
pub mod hub;
mod journal;
mod label;
mod lights;
mod measure;
mod out;
mod progress;
mod replay;
mod run;
mod scan;
mod setting;
mod signals;
mod status;
mod sync;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use exit::{Exit, Failure};

/// A QR intake kiosk for warehouses.
///
/// Without a command and without configuration it starts the virtual board with the demo world and says where to look.
#[derive(Debug, Parser)]
#[command(name = "greengate", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the configuration and the state are; for every command.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Place {
    /// Folder with `board.toml` and `site.toml` [default: /etc/greengate, else the demo world]
    #[arg(long, global = true, value_name = "FOLDER", env = "GREENGATE_CONFIG")]
    config: Option<PathBuf>,
    /// Folder with cache and journal, in place of the site's
    #[arg(long, global = true, value_name = "FOLDER")]
    state: Option<PathBuf>,
}

/// What tells about itself says nothing here: these words would stand in place of its own.
#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Scan(scan::Scan),
    /// Look into labels
    #[command(subcommand)]
    Label(label::Label),
    /// Light the lamps, or make them dark
    #[command(subcommand)]
    Lights(lights::Lights),
    /// Look through the camera
    #[command(subcommand)]
    Camera(camera::Camera),
    /// Look at boards
    #[command(subcommand)]
    Board(board::Board),
    /// Check the configuration
    #[command(subcommand)]
    Config(board::Config),
    Doctor(doctor::Doctor),
    /// Verify, export, hand up and prune the journal
    #[command(subcommand)]
    Journal(journal::Command),
    /// Load and look at the cache
    #[command(subcommand)]
    Cache(cache::Cache),
    Enroll(enroll::Enroll),
    Sync(sync::Sync),
    Status(status::Status),
    Explain(explain::Explain),
    Replay(replay::Replay),
    Bench(measure::Bench),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write a page for every command into this folder instead
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    begin_log();
    run_with(std::env::args_os())
}

/// `RUST_LOG` says how much is told. Its `trace` is taken for `debug`: there ureq writes down what crosses the wire, and
/// tokens and passwords do.
fn begin_log() {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).format_target(false).init();
    log::set_max_level(log::max_level().min(log::LevelFilter::Debug));
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing helps if even this cannot be written.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let command = cli.command.unwrap_or_else(|| Command::Run(run::Run::default()));
    match execute(command, &cli.place) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    refuse_unheard(&matches)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::command()))
}

/// What is for every command is refused where it would be passed over in silence. In the environment it is for others.
fn refuse_unheard(matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some(("bench", bench)) = matches.subcommand() else { return Ok(()) };
    let is_said = |name: &&str| bench.value_source(name) == Some(ValueSource::CommandLine);
    let Some(name) = ["config", "state"].into_iter().find(is_said) else { return Ok(()) };
    let told = format!(
        "`bench` measures the demo world and takes no `--{name}`; name the board with `--board`, and a folder on the disk \
         that counts with `--on`"
    );
    Err(Cli::command().error(ErrorKind::ArgumentConflict, told))
}

fn execute(command: Command, place: &Place) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(run) => run.execute(place),
        Command::Scan(scan) => scan.execute(place),
        Command::Label(label) => label.execute(place),
        Command::Lights(lights) => lights.execute(place),
        Command::Camera(camera) => camera.execute(place),
        Command::Board(board) => board.execute(place),
        Command::Config(config) => config.execute(place),
        Command::Doctor(doctor) => doctor.execute(place),
        Command::Journal(journal) => journal.execute(place),
        Command::Cache(cache) => cache.execute(place),
        Command::Enroll(enroll) => enroll.execute(place),
        Command::Sync(sync) => sync.execute(place),
        Command::Status(status) => status.execute(place),
        Command::Explain(explain) => explain.execute(place),
        Command::Replay(replay) => replay.execute(),
        Command::Bench(bench) => bench.execute(),
        Command::Completions { shell } => {
            out::put_completions(shell, &mut Cli::command(), "greengate")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { folder } => {
            match folder {
                None => clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?,
                Some(folder) => clap_mangen::generate_to(Cli::command(), folder)?,
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_says_of_itself_is_what_its_help_says() {
        let told = [
            (&["scan"][..], "The exit code is that of the worst picture"),
            (&["doctor"], "Stop the kiosk before"),
            (&["bench"], "it takes no `--config` and no `--state`"),
            (&["board", "new"], "after which a lamp stays as it is"),
            (&["lights", "test"], "nothing lights without one"),
            (&["lights", "off"], "A running kiosk keeps its lights"),
        ];
        for (path, words) in told {
            let mut arguments = vec!["greengate"];
            arguments.extend(path);
            arguments.push("--help");
            let help = Cli::try_parse_from(arguments).expect_err("help").to_string();
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(help.contains(words), "{path:?}: {help}");
        }
    }
}
