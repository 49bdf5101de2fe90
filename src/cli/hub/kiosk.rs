//! `greengate-hub kiosk`: which kiosks may hand journals up.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};

use super::Place;
use crate::cli::Failure;
use crate::cli::out::{counted, put, put_list, say};
use crate::hub::receiver::{self, Receiver};

/// Expect, list and remove kiosks.
#[derive(Debug, clap::Subcommand)]
pub enum Kiosk {
    /// Print a one-time code with which a new kiosk, or the replacement of one, enrols
    Add {
        /// The kiosk's name, as `kiosk` in its site file
        name: String,
        /// How long the code can be used
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=24 * 90))]
        hours: i64,
    },
    /// List the kiosks: since when they are enrolled, when they were last seen and how they were then, how many rows are here
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell which rows of a kiosk were parked, and why
    Parked {
        /// The kiosk's name
        name: String,
    },
    /// Move old rows of all kiosks into a file: a line of JSON for each, with its hash, which follows from the line before
    Prune {
        /// Rows that are younger than so many days stay; figures of the console reach as far
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36_500))]
        keep_days: i64,
        /// The archive, a new file
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Revoke a kiosk's token and code; its rows stay
    Remove {
        /// The kiosk's name
        name: String,
    },
}

impl Kiosk {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut receiver = Receiver::open(&place.folder)?;
        match self {
            Self::Add { name, hours } => {
                let until = Timestamp::now() + SignedDuration::from_hours(*hours);
                put(receiver.add(name, until)?)?;
                say(format_args!(
                    "on the kiosk: `greengate enroll URL --code CODE`; once, within {}",
                    counted(*hours, "hour")
                ));
            }
            Self::List { json: true } => put(serde_json::json!(receiver.kiosks()?))?,
            Self::List { json: false } => {
                let none =
                    "no kiosk may hand journals up yet; `greengate-hub kiosk add NAME` gives the code to enrol one";
                put_list(receiver.kiosks()?.iter().map(line), none)?;
            }
            Self::Parked { name } => {
                for row in receiver.parked(name)? {
                    put(format_args!("{}: {}", row.seq, row.why))?;
                }
            }
            Self::Prune { keep_days, to } => {
                let before = Timestamp::now() - SignedDuration::from_hours(24 * keep_days);
                match receiver.prune(before, to)? {
                    0 => say(format_args!("no row is older than {}", counted(*keep_days, "day"))),
                    rows => say(format_args!("moved {} to `{}`", counted(rows, "row"), to.display())),
                }
            }
            Self::Remove { name } => {
                receiver.remove(name)?;
                say(format_args!("kiosk `{name}` can hand nothing up any more; its rows stay"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(kiosk: &receiver::Kiosk) -> String {
    let [enrolled, code_until, seen] =
        [&kiosk.enrolled, &kiosk.code_until, &kiosk.last_seen].map(|moment| moment.as_deref().map(seconds));
    let state = match (enrolled, code_until) {
        (Some(since), None) => format!("enrolled {since}"),
        (Some(since), Some(until)) => format!("enrolled {since}, new code until {until}"),
        (None, Some(until)) => format!("code until {until}"),
        (None, None) => "not enrolled".to_owned(),
    };
    let seen = seen.map_or_else(|| "never seen".to_owned(), |seen| format!("seen {seen}"));
    let parked = if kiosk.parked > 0 { format!(", {} parked", kiosk.parked) } else { String::new() };
    let said = kiosk.said.as_ref().map(said).unwrap_or_default();
    format!("{}: {state}; {seen}{said}; {}{parked}", kiosk.name, counted(kiosk.rows, "row"))
}

/// How it was then.
fn said(said: &receiver::Said) -> String {
    let list = match (said.list, said.list_age_s) {
        (Some(version), Some(age)) => format!("list {version}, {} old", receiver::span(age).en),
        (Some(_), None) | (None, _) => "no list".to_owned(),
    };
    let unknown = || "not known".to_owned();
    let waiting = said.waiting.map_or_else(|| "queue not known".to_owned(), |rows| counted(rows, "row") + " waiting");
    let clock = said.clock().map_or_else(unknown, |clock| clock.en);
    let program = said.program.clone().unwrap_or_else(unknown);
    format!(" with {list}, {waiting}, clock {clock}, firmware {program}")
}

/// A moment without the fractions of its second.
fn seconds(moment: &str) -> String {
    moment.parse::<Timestamp>().map_or_else(|_| moment.to_owned(), |moment| format!("{moment:.0}"))
}
