//! `greengate journal`: verify the chain, hand rows to a spreadsheet and up to the hub, and prune what is old.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::out::{counted, put, say};
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, progress};
use crate::kiosk::Shelf;
use crate::store::Journal;
use crate::store::journal::{self, Format};
use crate::sync::{self, Enrolment};

/// Verify, export, hand up and prune the journal.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check every row and the chain; exit code 65 if anything is broken
    Verify {
        /// A journal's file [default: the site's]
        file: Option<PathBuf>,
    },
    /// Write the rows as CSV or JSON Lines
    Export(Export),
    /// Hand the rows up that the hub does not have yet; they stay here too
    HandUp {
        /// The hub's address, if it has moved [default: where the kiosk is enrolled]
        #[arg(long, value_name = "URL")]
        to: Option<String>,
    },
    /// Prune the rows that the hub has and that are older than the site keeps them; `run` does it by itself
    Prune {
        /// Prune what this file has, in place of what the hub has: JSON Lines that were exported and are safe elsewhere
        #[arg(long, value_name = "FILE")]
        exported: Option<PathBuf>,
    },
}

/// Write the rows as CSV or JSON Lines.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// A journal's file [default: the site's]
    file: Option<PathBuf>,
    /// How
    #[arg(long, value_enum, default_value_t = As::Csv)]
    format: As,
    /// From this row on
    #[arg(long, value_name = "SEQ")]
    from: Option<u64>,
    /// Into this file [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum As {
    /// For spreadsheets
    Csv,
    /// For programs
    Jsonl,
}

impl Command {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify { file } => {
                let path = path(file.as_ref(), place)?;
                let report = journal::verify(&path)?;
                put(format_args!("{}: {report}", path.display()))?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Export(export) => export.execute(place),
            Self::HandUp { to } => hand_up(place, to.as_deref()),
            Self::Prune { exported } => prune(place, exported.as_deref()),
        }
    }
}

impl Export {
    fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let path = path(self.file.as_ref(), place)?;
        let format = match self.format {
            As::Csv => Format::Csv,
            As::Jsonl => Format::JsonLines,
        };
        let mut out: Box<dyn Write> = match &self.output {
            Some(file) => Box::new(BufWriter::new(File::create(file)?)),
            None => Box::new(BufWriter::new(std::io::stdout().lock())),
        };
        let bar = progress::bar(0, "exporting");
        let pruned = Journal::open_read_only(&path)?.pruned();
        let rows = journal::export(&path, format, self.from, &mut out, &mut |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        })?;
        out.flush()?;
        bar.finish_and_clear();
        if self.output.is_some() {
            say(counted(rows, "row"));
        }
        if self.from.unwrap_or(1) <= pruned {
            say(format_args!("rows up to {pruned} were pruned and are not in it"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn hand_up(place: &Place, to: Option<&str>) -> Result<ExitCode, Failure> {
    let site = Setting::find(place)?.site;
    let enrolment = Enrolment::read(&site.state)?;
    let enrolment = to.map_or_else(|| Ok(enrolment.clone()), |hub| enrolment.moved_to(hub))?;
    let path = there(Shelf::journal_path(&site.state))?;
    let bar = progress::bar(0, "handing up");
    let handed = sync::hand_up(&path, &site.state, &enrolment, site.feed.as_ref(), &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    for row in &handed.parked {
        say(format_args!("the hub put row {} aside: {}", row.seq, row.why));
    }
    put(format_args!("{} handed up; the hub has all up to {}", counted(handed.sent, "row"), handed.seq))?;
    Ok(ExitCode::SUCCESS)
}

fn prune(place: &Place, exported: Option<&Path>) -> Result<ExitCode, Failure> {
    let site = Setting::find(place)?.site;
    let path = there(Shelf::journal_path(&site.state))?;
    let journal = Journal::open_read_only(&path)?;
    let confirmed = match exported {
        Some(file) => journal::exported(&journal, file)?,
        None => sync::confirmed(&journal, &site.state, &Enrolment::read(&site.state)?),
    };
    drop(journal);
    let mut shelf = Shelf::new(&site.state, &site.kiosk);
    let failed = |(_, message): (_, String)| Failure::new(Exit::Unavailable, message);
    shelf.open_journal().map_err(failed)?;
    shelf.refresh().map_err(failed)?;
    if shelf.facts().is_none() {
        let message = "there is no list here, whose signed time would say what is old; sync or load one";
        return Err(Failure::new(Exit::NoInput, message));
    }
    let mut pruned = 0;
    loop {
        match shelf.prune(confirmed, site.journal.keep)? {
            0 => break,
            rows => pruned += rows,
        }
    }
    let (who, days) =
        (if exported.is_some() { "the file" } else { "the hub" }, site.journal.keep.as_secs() / (24 * 3600));
    let (pruned, days) = (counted(pruned, "row"), counted(days, "day"));
    put(format_args!("{pruned} pruned; {who} has all up to {}, and rows are kept {days}", confirmed.seq))?;
    Ok(ExitCode::SUCCESS)
}

fn path(file: Option<&PathBuf>, place: &Place) -> Result<PathBuf, Failure> {
    let path = match file {
        Some(file) => file.clone(),
        None => Shelf::journal_path(&Setting::find(place)?.site.state),
    };
    there(path)
}

/// The journal's file, if there is one. The demo world of a running kiosk is in the folder that it told at its start.
pub(super) fn there(path: PathBuf) -> Result<PathBuf, Failure> {
    if path.exists() {
        return Ok(path);
    }
    let message = format!("there is no journal at `{}`; name the kiosk's folder with `--state`", path.display());
    Err(Failure::new(Exit::NoInput, message))
}
