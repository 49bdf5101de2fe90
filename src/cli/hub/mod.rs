//! The authority's command line: what an officer can ask of `greengate-hub`.

mod account;
mod assess;
mod audit;
mod demo;
mod document;
mod except;
mod grade;
mod history;
mod import;
mod init;
mod issue;
mod keys;
mod kiosk;
mod lint;
mod media;
mod output;
mod passphrase;
mod platform;
mod policy;
mod publish;
mod relocate;
mod reprint;
mod review;
mod revoke;
mod rulebook;
mod serve;
mod source;
mod status;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{CommandFactory, Parser, Subcommand};
use jiff::Timestamp;

use super::{Exit, Failure, out};
use crate::hub::{Author, Home, HubFault};

/// The authority behind Greengate: grades listings, issues labels, publishes the signed feed.
#[derive(Debug, Parser)]
#[command(name = "greengate-hub", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the authority is and who speaks; for every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The authority's folder
    #[arg(
        long, global = true, value_name = "FOLDER", env = "GREENGATE_HUB", default_value = "authority",
        value_parser = PathBufValueParser::new().map(Home::from)
    )]
    pub folder: Home,
    /// Its database, if that is not a file in the folder: `postgres://user@host/name`; a password belongs into the variable
    #[arg(long, global = true, value_name = "URL", env = "GREENGATE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Who makes the change, for the record
    #[arg(long = "as", global = true, value_name = "NAME", env = "USER", default_value = "unknown")]
    pub who: String,
}

impl Place {
    /// With the database that was named, whose address may have a password and goes no further.
    fn settled(mut self) -> Result<Self, HubFault> {
        if let Some(url) = self.database.take().filter(|url| !url.is_empty()) {
            self.folder = Home::with_database(&self.folder, &url)?;
        }
        Ok(self)
    }

    /// Who, why, and when: now.
    pub fn author(&self, why: impl Into<String>) -> Author {
        Author { who: self.who.clone(), why: why.into(), at: Timestamp::now() }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Begin an authority: keys, the feed's root, and an empty registry
    Init(init::Init),
    /// Make a release of what changed, and sign the feed anew
    Publish(publish::Publish),
    /// Look at the keys, replace them, cut label keys off
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Say which kiosks may hand journals up
    #[command(subcommand)]
    Kiosk(kiosk::Kiosk),
    /// Say who can sign in to the authority's pages
    #[command(subcommand)]
    Account(account::Account),
    /// Say which platforms' programs may ask, and for what
    #[command(subcommand)]
    Platform(platform::Platform),
    // Without words here, its help has all of its own.
    Serve(serve::Serve),
    /// Sign labels for a listing and write them ready to print
    Issue(issue::Issue),
    /// Write labels that were issued once more
    Reprint(reprint::Reprint),
    /// Tell whether a kiosk will read a code as it is printed
    Lint(lint::Lint),
    /// Bring suppliers, listings, what was filed for them, and policy in from files
    Import(import::Import),
    /// Grade a listing
    Grade(grade::Grade),
    /// Turn a listing or a label red
    Revoke(revoke::Revoke),
    /// Give labels a grade of their own, or take it away
    Except(except::Except),
    /// File documents of listings, say what became of them, list them
    #[command(subcommand)]
    Document(document::Document),
    /// Public registries, which licences are checked against: import files of them, add those that are asked
    #[command(subcommand)]
    Source(source::Source),
    /// Check, try, adopt and show rulebooks
    #[command(subcommand)]
    Rulebook(rulebook::Rulebook),
    /// Tell what the rulebook says of a listing, and what would make it green
    Assess(assess::Assess),
    /// Keep what a review of a listing found
    Review(review::Review),
    /// Tell who changed a listing, a label, the policy or the keys, when and why
    History(history::History),
    /// Check the audit log, and prove what is in it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Show or set the kiosks' policy
    Policy(policy::Policy),
    /// Tell what there is, what waits for a release, and what was last done with the keys
    Status(status::Status),
    /// Move the authority's tables from the files in its folder to the database of `--database`, which has none yet
    Move,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    super::begin_log();
    run_with(std::env::args_os())
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing helps if even this cannot be written.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let done = cli.place.settled().map_err(Failure::from).and_then(|place| execute(cli.command, &place));
    match done {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn execute(command: Command, place: &Place) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(init) => init.execute(place),
        Command::Publish(publish) => publish.execute(place),
        Command::Keys(keys) => keys.execute(place),
        Command::Kiosk(kiosk) => kiosk.execute(place),
        Command::Account(account) => account.execute(place),
        Command::Platform(platform) => platform.execute(place),
        Command::Serve(serve) => serve.execute(place),
        Command::Issue(issue) => issue.execute(place),
        Command::Reprint(reprint) => reprint.execute(place),
        Command::Lint(lint) => lint.execute(),
        Command::Import(import) => import.execute(place),
        Command::Grade(grade) => grade.execute(place),
        Command::Revoke(revoke) => revoke.execute(place),
        Command::Except(except) => except.execute(place),
        Command::Document(document) => document.execute(place),
        Command::Source(source) => source.execute(place),
        Command::Rulebook(rulebook) => rulebook.execute(place),
        Command::Assess(assess) => assess.execute(place),
        Command::Review(review) => review.execute(place),
        Command::History(history) => history.execute(place),
        Command::Audit(audit) => audit.execute(place),
        Command::Policy(policy) => policy.execute(place),
        Command::Status(status) => status.execute(place),
        Command::Move => relocate::execute(place),
        Command::Completions { shell } => {
            out::put_completions(shell, &mut Cli::command(), "greengate-hub")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

impl From<HubFault> for Failure {
    fn from(fault: HubFault) -> Self {
        let exit = match &fault {
            HubFault::File { verb: "read", .. }
            | HubFault::NoAuthority { .. }
            | HubFault::Away { .. }
            | HubFault::Moving { .. }
            | HubFault::Key { .. } => Exit::NoInput,
            HubFault::File { .. } | HubFault::Database { .. } | HubFault::Archive { .. } => Exit::IoError,
            HubFault::Exists { .. } => Exit::Usage,
            HubFault::Busy { .. } | HubFault::Listen { .. } => Exit::Unavailable,
            HubFault::Feed { .. }
            | HubFault::Audit(_)
            | HubFault::Schema { .. }
            | HubFault::Import { .. }
            | HubFault::Rulebook { .. }
            | HubFault::Unreadable(_)
            | HubFault::Changed
            | HubFault::Refused(_) => Exit::Data,
        };
        Self::new(exit, fault.to_string())
    }
}
