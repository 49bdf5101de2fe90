//! Writes a shift down while it happens.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{FIRST_LINE, ShiftFault};
use crate::kiosk::desk::Happened;
use crate::rules::code::Sighting;
use crate::rules::hex;
use crate::rules::time::{Moment, Now};
use crate::store::{Cache, Journal};

/// What a shift begins with, besides the time.
#[derive(Debug)]
pub struct Beginning<'a> {
    /// The board's name, and its TOML unless it is part of the program.
    pub board: (&'a str, Option<&'a str>),
    /// The site's TOML, or `None` in the demo world.
    pub site: Option<&'a str>,
    /// The journal as it is before the shift.
    pub journal: &'a Journal,
}

/// Writes one shift.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    out: BufWriter<File>,
    demo: bool,
    begun: Option<Begun>,
    head: String,
    view: Option<Sighting>,
}

/// When the shift began, and how far the wall clock was then off the monotonic one.
#[derive(Clone, Copy, Debug)]
struct Begun {
    moment: Moment,
    offset_ms: i64,
}

/// A wall clock that is this much off where it should be has been set; less is drift.
const CLOCK_SET_MS: u64 = 50;

impl Recorder {
    /// Begins a shift in the file `path`. A journal that already has rows is copied beside it, because they bear on
    /// what the kiosk decides.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn create(path: &Path, beginning: &Beginning<'_>) -> Result<Self, ShiftFault> {
        let file = File::create_new(path).map_err(|source| fault(path, source))?;
        let mut head = format!("{FIRST_LINE}\n");
        block(&mut head, &format!("board {}", beginning.board.0), beginning.board.1);
        block(&mut head, if beginning.site.is_some() { "site site" } else { "site demo" }, beginning.site);
        head.extend(["epoch ", &hex::encode(&beginning.journal.epoch()), "\n"]);
        if beginning.journal.head().seq > 0 {
            let copy = beside(path, "journal.db");
            beginning.journal.copy_to(&copy)?;
            head.extend(["journal ", &file_name(&copy), "\n"]);
        }
        let demo = beginning.site.is_none();
        Ok(Self { path: path.to_owned(), out: BufWriter::new(file), demo, begun: None, head, view: None })
    }

    /// The kiosk was switched on.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn started(&mut self, now: Now, cache: Option<&Cache>) -> Result<(), ShiftFault> {
        let head = std::mem::take(&mut self.head);
        self.begun = Some(Begun { moment: now.moment, offset_ms: offset_ms(now) });
        self.write(&format!("{head}clock {}\n", milliseconds_only(now.wall)))?;
        self.synced(now, cache)?;
        self.line(now, "start")
    }

    /// The kiosk was switched off in good order; a shift that ends in a power cut has no such line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn ended(&mut self, now: Now) -> Result<(), ShiftFault> {
        self.line(now, "end")
    }

    /// Something happened.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn happened(&mut self, now: Now, happened: &Happened) -> Result<(), ShiftFault> {
        self.clock(now)?;
        match happened {
            Happened::Woken => Ok(()),
            Happened::Pressed(button) => self.line(now, &format!("press {}", name(button))),
            Happened::Failed(part, message) => self.line(now, &format!("fail {} {}", name(part), quoted(message))),
            Happened::Followed(None) => self.line(now, "sync good"),
            Happened::Followed(Some(fault)) => self.line(now, &format!("sync {}", quoted(fault))),
            Happened::Recovered(part) => self.line(now, &format!("mend {}", name(part))),
            Happened::Seen(sighting, wait_us) => self.seen(now, sighting, *wait_us),
        }
    }

    /// The cache is another one. The demo world is known by its name; any other database is copied beside the shift.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn synced(&mut self, now: Now, cache: Option<&Cache>) -> Result<(), ShiftFault> {
        let Some(cache) = cache else { return Ok(()) };
        if self.demo {
            return self.line(now, "cache demo");
        }
        let copy = beside(&self.path, &format!("cache-{}.db", cache.info()?.version));
        cache.copy_to(&copy)?;
        self.line(now, &format!("cache {}", file_name(&copy)))
    }

    /// What stays in view is written once.
    fn seen(&mut self, now: Now, sighting: &Sighting, wait_us: u32) -> Result<(), ShiftFault> {
        let codes = |sighting: &Sighting| sighting.payloads.iter().map(|code| code.bytes.clone()).collect::<Vec<_>>();
        if self.view.as_ref().is_some_and(|view| codes(view) == codes(sighting) && view.hint == sighting.hint) {
            return Ok(());
        }
        let codes = sighting.payloads.iter().map(|code| match std::str::from_utf8(&code.bytes) {
            Ok(text) => quoted(text),
            Err(_) => format!("x\"{}\"", hex::encode(&code.bytes)),
        });
        let words: Vec<String> = std::iter::once("see".to_owned())
            .chain(codes)
            .chain(sighting.hint.as_ref().map(name))
            .chain([format!("scan={} wait={wait_us}", sighting.scan_us)])
            .collect();
        self.view = Some(sighting.clone());
        self.line(now, &words.join(" "))
    }

    /// Tells when the wall clock was set.
    fn clock(&mut self, now: Now) -> Result<(), ShiftFault> {
        let Some(begun) = self.begun else { return Ok(()) };
        let offset_ms = offset_ms(now);
        if offset_ms.abs_diff(begun.offset_ms) < CLOCK_SET_MS {
            return Ok(());
        }
        self.begun = Some(Begun { offset_ms, ..begun });
        self.line(now, &format!("clock {}", milliseconds_only(now.wall)))
    }

    fn line(&mut self, now: Now, text: &str) -> Result<(), ShiftFault> {
        let since = self.begun.map_or_else(Default::default, |begun| now.moment.since(begun.moment));
        self.write(&format!("{}.{:03} {text}\n", since.as_secs(), since.subsec_millis()))
    }

    /// Flushed line by line, so that a shift that ends in a power cut tells how it came to it.
    fn write(&mut self, text: &str) -> Result<(), ShiftFault> {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|source| fault(&self.path, source))
    }
}

fn fault(path: &Path, source: std::io::Error) -> ShiftFault {
    ShiftFault::File { path: path.to_owned(), verb: "written", source }
}

fn block(head: &mut String, line: &str, toml: Option<&str>) {
    head.push_str(line);
    head.push('\n');
    for line in toml.unwrap_or_default().lines() {
        head.push_str("    ");
        head.push_str(line);
        head.push('\n');
    }
}

/// `shift.txt` and `cache-7.db` give `shift.cache-7.db`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    path.with_extension(ending)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn offset_ms(now: Now) -> i64 {
    now.wall.as_millisecond().saturating_sub_unsigned(now.moment.ms)
}

fn milliseconds_only(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A plain enum's name as serde writes it.
fn name<T: serde::Serialize>(value: &T) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}
