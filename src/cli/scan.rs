//! `greengate scan FILE…`: read the codes in pictures and say what the kiosk would.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::out::say;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, progress};
use crate::device::picture;
use crate::kiosk::Judge;
use crate::rules::code::Payload;
use crate::rules::hex;
use crate::rules::image::Point;
use crate::rules::ruling::{Outcome, Ruling};
use crate::rules::words;
use crate::vision::Reader;

/// Read the codes in pictures (PNG, JPEG, PGM) and judge them as the kiosk would.
///
/// Nothing is written to the journal, so nothing is drawn for review and no item was taken in before. The exit code is
/// that of the worst picture: 0 all accepted, 1 a hold, 2 a reject, 65 no product code in it, 66 it cannot be read. With
/// --no-cache: 0 a code in every picture, 65 none in one.
#[derive(Debug, clap::Args)]
pub struct Scan {
    /// The pictures
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One line of JSON for each picture
    #[arg(long)]
    json: bool,
    /// Only read, no verdicts
    #[arg(long)]
    no_cache: bool,
}

/// One picture, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Picture {
    file: String,
    codes: Vec<Found>,
    ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Found {
    text: String,
    bytes_hex: String,
    corners: [Point; 4],
    verdict: Option<Outcome>,
    reason: Option<&'static str>,
    #[serde(skip)]
    ruling: Option<Ruling>,
}

impl Scan {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let setting = if self.no_cache { None } else { Some(Setting::find(place)?) };
        let judge = setting.as_ref().map(|setting| Judge::open(&setting.site, Timestamp::now())).transpose()?;
        if setting.as_ref().is_some_and(|setting| setting.site.demo) {
            say("no configuration: judged by the demo world's list");
        }
        let mut reader = Reader::new();
        let mut worst = 0;
        let bar = progress::bar(self.files.len() as u64, "scanning");
        for file in &self.files {
            let picture = look(&mut reader, file, judge.as_ref());
            worst = worst.max(self.code(&picture));
            bar.suspend(|| self.print(&picture))?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(ExitCode::from(worst))
    }

    fn code(&self, picture: &Picture) -> u8 {
        if picture.error.is_some() {
            return Exit::NoInput as u8;
        }
        if self.no_cache {
            return if picture.codes.is_empty() { Exit::Data as u8 } else { 0 };
        }
        match picture.codes.iter().filter_map(|code| code.verdict).max() {
            None => Exit::Data as u8,
            Some(Outcome::Accept) => 0,
            Some(Outcome::Hold) => 1,
            Some(Outcome::Reject) => 2,
        }
    }

    fn print(&self, picture: &Picture) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, picture)?;
            return writeln!(out);
        }
        let file = &picture.file;
        if let Some(error) = &picture.error {
            return writeln!(out, "{file}: {error}");
        }
        if picture.codes.is_empty() {
            return writeln!(out, "{file}: no code found");
        }
        for code in &picture.codes {
            writeln!(out, "{file}: {}", code.line())?;
        }
        Ok(())
    }
}

impl Found {
    fn line(&self) -> String {
        let text = printable(&self.text);
        let Some(ruling) = &self.ruling else { return text };
        let words = words::of(ruling, &jiff::tz::TimeZone::UTC);
        let verdict = match ruling.outcome() {
            Some(Outcome::Accept) => "ACCEPT",
            Some(Outcome::Hold) => "HOLD",
            Some(Outcome::Reject) => "REJECT",
            None => "-",
        };
        format!("{verdict} [{}] {} — {text}", ruling.slug(), words.reason.en)
    }
}

/// A code's text without what would move a terminal's cursor or colour it.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn look(reader: &mut Reader, file: &Path, judge: Option<&Judge>) -> Picture {
    let name = file.display().to_string();
    let grey = match picture::load(file) {
        Ok(grey) => grey,
        Err(fault) => return Picture { file: name, codes: Vec::new(), ms: 0.0, error: Some(fault.to_string()) },
    };
    let begun = Instant::now();
    let scanned = reader.scan(&grey.pixels, grey.width, grey.height);
    let ms = (begun.elapsed().as_secs_f64() * 1e5).round() / 100.0;
    let judged = scanned.map_err(|fault| fault.to_string()).and_then(|sighting| {
        sighting.payloads.iter().map(|payload| found(payload, judge)).collect::<Result<Vec<_>, _>>()
    });
    match judged {
        Ok(codes) => Picture { file: name, codes, ms, error: None },
        Err(error) => Picture { file: name, codes: Vec::new(), ms, error: Some(error) },
    }
}

fn found(payload: &Payload, judge: Option<&Judge>) -> Result<Found, String> {
    let ruling = judge.map(|judge| judge.judge(payload)).transpose().map_err(|fault| fault.to_string())?;
    Ok(Found {
        text: String::from_utf8_lossy(&payload.bytes).into_owned(),
        bytes_hex: hex::encode(&payload.bytes),
        corners: payload.corners,
        verdict: ruling.as_ref().and_then(Ruling::outcome),
        reason: ruling.as_ref().map(Ruling::slug),
        ruling,
    })
}
