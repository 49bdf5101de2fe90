//! `greengate-hub source`: public registries, which licences are checked against: files of them, and those that are asked.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;
use jiff::civil::Date;

use super::Place;
use super::why::Why;
use crate::cli::out::{counted, put, put_list, say};
use crate::cli::{Exit, Failure};
use crate::hub::{Registry, source};
use crate::rules::dossier::{self, ReplyState};

/// Public registries, which licences are checked against: import files of them, add those that are asked, remove them.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// Take a registry's file in place of the one of before
    ///
    /// A `.csv` file begins with `kind,number,holder,state`; `holder` is a unified social credit code or nothing, `state`
    /// is `valid` or `revoked`. The file is taken for complete: a document of one of its kinds that it does not list, or
    /// that it lists for another holder, is not genuine, and listings that need it turn red.
    Import {
        /// The registry's name
        name: String,
        /// The file
        file: PathBuf,
        /// The date of the file
        #[arg(long, value_name = "DATE")]
        at: Date,
        /// How many days its confirmations count
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
        days: u32,
        #[command(flatten)]
        why: Why,
    },
    /// Add a registry that is asked over HTTP about one document after another
    ///
    /// It answers `{"state":"valid"}`, with `valid`, `revoked` or `unknown`, perhaps with `"holder"`, a unified social
    /// credit code, and `"until"`, a date. What is filed is asked about at once, what ran out by `publish`; a registry that
    /// does not answer changes nothing: its answer of before counts until its end.
    Add {
        /// The registry's name
        name: String,
        /// Where it is asked, like `https://registry.example/{kind}/{number}`
        #[arg(long, value_name = "ADDRESS")]
        url: String,
        /// The kinds of documents that it knows, as the rulebook names them
        #[arg(long, value_name = "KINDS", value_delimiter = ',', required = true)]
        kinds: Vec<String>,
        /// How many days its answers count at most
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
        days: u32,
        #[command(flatten)]
        why: Why,
    },
    /// Ask the registries that are asked about documents without an answer, or whose answer is over
    Ask {
        /// About this document, whatever was answered
        #[arg(long, value_name = "N", conflicts_with = "all")]
        document: Option<u32>,
        /// About every document
        #[arg(long)]
        all: bool,
    },
    /// Remove a registry, and with it what it said
    ///
    /// Its confirmations, denials and revocations count no more: a document that only it confirmed is unconfirmed from the
    /// next publish on, and one that only it denied is genuine again. The history keeps its answers.
    Remove {
        /// The registry's name
        name: String,
        #[command(flatten)]
        why: Why,
    },
    /// List the registries
    List,
}

/// How long a person waits for answers, in seconds.
const PATIENCE_S: u64 = 300;

impl Source {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        match self {
            Self::Import { name, file, at, days, why } => {
                let author = place.author(why.why);
                let asked = source::Asked { name, at, days };
                put(told(&source::import(&mut registry, &author, asked, &file)?))?;
            }
            Self::Add { name, url, kinds, days, why } => {
                let adding = source::Adding { name, url, kinds: kinds.into_iter().collect(), days };
                put(told(&source::add(&mut registry, &place.author(why.why), adding)?))?;
            }
            Self::Ask { document, all } => {
                let which = document.map(source::Which::Document);
                let which = which.unwrap_or(if all { source::Which::All } else { source::Which::Due });
                return ask(&mut registry, place, which, Duration::from_secs(PATIENCE_S));
            }
            Self::Remove { name, why } => {
                source::remove(&mut registry, &place.author(why.why), &name)?;
                say(format_args!("registry `{name}` is removed; what it said counts no more from the next publish on"));
            }
            Self::List => {
                let none = "no registry is known yet; `greengate-hub source import` takes a file of one, `source add` one that is asked";
                put_list(registry.sources()?.iter().map(told), none)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `nmpa: 12 rows of cosmetics-filing, asked on 2026-11-01, confirms until 2027-01-30`.
pub(super) fn told(source: &dossier::Source) -> String {
    let dossier::Source { name, kinds, at, until, rows, asked, .. } = source;
    let kinds = kinds.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    super::history::harmless(&match asked {
        Some(dossier::Asked { url, days }) => {
            format!("{name}: asked about {kinds} at {url}, confirms for {}", counted(*days, "day"))
        }
        None => format!("{name}: {} of {kinds}, asked on {at}, confirms until {until}", counted(*rows, "row")),
    })
}

/// `registry 3 says valid until 2027-01-30`.
pub(super) fn answers_told(answers: &dossier::Answers) -> String {
    let said = |(id, reply): (&u32, &dossier::Reply)| {
        let holder = reply.holder.as_ref().map(|holder| format!(" of {holder}")).unwrap_or_default();
        format!("registry {id} says {}{holder} until {}", name_of(reply.state), reply.until)
    };
    format!("document {}: {}", answers.document, answers.replies.iter().map(said).collect::<Vec<_>>().join(", "))
}

const fn name_of(state: ReplyState) -> &'static str {
    match state {
        ReplyState::Valid => "valid",
        ReplyState::Revoked => "revoked",
        ReplyState::Unknown => "unknown",
    }
}

/// Asks, and tells what was answered; registries that do not answer are told, and the exit code says so.
pub(super) fn ask(
    registry: &mut Registry,
    place: &Place,
    which: source::Which,
    budget: Duration,
) -> Result<ExitCode, Failure> {
    let heard = source::ask(registry, &place.author("asked"), which, budget)?;
    for (document, source, state) in &heard.replies {
        put(format_args!("document {document}: registry `{source}` says {}", name_of(*state)))?;
    }
    heard.faults.iter().for_each(|fault| say(format_args!("warning: {}", super::history::harmless(fault))));
    if heard.waiting > 0 {
        say(format_args!("warning: {} left for the next time", counted(heard.waiting, "question")));
    }
    Ok(if heard.faults.is_empty() { ExitCode::SUCCESS } else { Exit::Unavailable.into() })
}
