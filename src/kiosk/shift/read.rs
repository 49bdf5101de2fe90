//! From a shift's text to its steps.

use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Lines;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Act, CacheSource, FIRST_LINE, SIZE_LIMIT, Shift, ShiftFault, Step};
use crate::config;
use crate::kiosk::demo;
use crate::kiosk::desk::Happened;
use crate::rules::board::Button;
use crate::rules::code::{Hint, Payload, Sighting};
use crate::rules::hex;
use crate::rules::image::Point;
use crate::rules::intake::Part;
use crate::rules::time::date_of;
use crate::rules::virtual_board::RackLabel;

/// A message for the line in hand.
type Wrong = String;

impl Shift {
    /// Reads and checks a shift; files that it names are relative to it.
    ///
    /// # Errors
    /// The first line that makes no sense, or a file that cannot be read.
    pub fn read(path: &Path) -> Result<Self, ShiftFault> {
        let file = |source| ShiftFault::File { path: path.to_owned(), verb: "read", source };
        let size = std::fs::metadata(path).map_err(file)?.len();
        if size > SIZE_LIMIT {
            return Err(wrong(path, 1, format!("the shift has {size} bytes, {SIZE_LIMIT} at most are read")));
        }
        let text = std::fs::read_to_string(path).map_err(file)?;
        Reader { path, lines: text.lines().peekable(), line: 0, head: Head::default(), rack: None }.shift()
    }
}

fn wrong(path: &Path, line: usize, message: impl Into<String>) -> ShiftFault {
    ShiftFault::Line { path: path.display().to_string(), line, message: message.into() }
}

struct Reader<'a> {
    path: &'a Path,
    lines: Peekable<Lines<'a>>,
    line: usize,
    head: Head,
    rack: Option<Vec<RackLabel>>,
}

#[derive(Default)]
struct Head {
    site: Option<crate::rules::site::Site>,
    epoch: Option<[u8; 16]>,
    journal: Option<PathBuf>,
    clock: Option<Timestamp>,
    cache: Option<CacheSource>,
}

impl<'a> Reader<'a> {
    fn shift(mut self) -> Result<Shift, ShiftFault> {
        if self.next() != Some(FIRST_LINE) {
            return Err(wrong(self.path, 1, format!("a shift begins with `{FIRST_LINE}`")));
        }
        let mut steps = Vec::<Step>::new();
        while let Some(line) = self.next() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let number = self.line;
            let read = match line.split_once(' ').filter(|(time, _)| time.starts_with(|c: char| c.is_ascii_digit())) {
                Some((time, rest)) => self.step(time, rest, steps.last()).map(|step| steps.push(step)),
                None => self.head(line),
            };
            read.map_err(|message| wrong(self.path, number, message))?;
        }
        let path = self.path;
        let missing = |what: &str| wrong(path, 1, format!("the shift has no line `{what}`"));
        let head = self.head;
        let site = head.site.ok_or_else(|| missing("site demo"))?;
        let clock = head.clock.ok_or_else(|| missing("clock 2026-11-23T01:00:00Z"))?;
        if let Some(cache) = head.cache {
            steps.insert(0, Step { at_ms: 0, act: Act::Cache(cache) });
        }
        Ok(Shift { site, epoch: head.epoch, journal: head.journal, clock, steps })
    }

    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        self.lines.next()
    }

    fn head(&mut self, line: &str) -> Result<(), Wrong> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "board" => self.board(rest)?,
            "site" => self.head.site = Some(self.site(rest)?),
            "epoch" => {
                self.head.epoch = Some(hex::decode(rest).ok_or("an epoch is 32 hexadecimal digits")?);
            }
            "journal" => self.head.journal = Some(self.beside(rest)),
            "clock" => self.head.clock = Some(time(rest)?),
            "cache" => self.head.cache = Some(self.cache(rest)),
            _ => return Err(format!("`{word}` is none of board, site, epoch, journal, clock, cache, or a time")),
        }
        Ok(())
    }

    /// The lines below that are indented by four spaces.
    fn block(&mut self) -> Option<String> {
        let mut block = String::new();
        while let Some(line) = self.lines.next_if(|line| line.starts_with("    ") || line.trim().is_empty()) {
            self.line += 1;
            block.push_str(line.strip_prefix("    ").unwrap_or_default());
            block.push('\n');
        }
        (!block.trim().is_empty()).then_some(block)
    }

    /// A shift's board is checked; replaying it needs no box.
    fn board(&mut self, name: &str) -> Result<(), Wrong> {
        match self.block() {
            Some(toml) => config::board_text(name, &toml).map(drop).map_err(|fault| fault.to_string()),
            None if config::builtin_board(name).is_some() => Ok(()),
            None => Err(format!("there is no board `{name}`; put its TOML below, indented by four spaces")),
        }
    }

    fn site(&mut self, name: &str) -> Result<crate::rules::site::Site, Wrong> {
        match (name, self.block()) {
            ("demo", None) => Ok(config::builtin_site()),
            (_, None) => Err("`site demo`, or `site` with its TOML below, indented by four spaces".to_owned()),
            (name, Some(toml)) => config::site_text(name, &toml).map_err(|fault| fault.to_string()),
        }
    }

    fn cache(&self, name: &str) -> CacheSource {
        let is_database = Path::new(name).extension().is_some_and(|ending| ending == "db");
        match name {
            "demo" => CacheSource::Demo,
            _ if is_database => CacheSource::Database(self.beside(name)),
            _ => CacheSource::Records(self.beside(name)),
        }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).join(name)
    }

    fn step(&mut self, at: &str, rest: &str, before: Option<&Step>) -> Result<Step, Wrong> {
        let at_ms = milliseconds(at).ok_or_else(|| format!("`{at}` is not a time like `12.345`"))?;
        if before.is_some_and(|before| before.at_ms > at_ms) {
            return Err(format!("`{at}` is earlier than the line before"));
        }
        Ok(Step { at_ms, act: self.act(rest.trim())? })
    }

    fn act(&mut self, text: &str) -> Result<Act, Wrong> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim();
        Ok(match (word, rest) {
            ("start", "") => Act::Start,
            ("end", "") => Act::End,
            ("power", "cut") => Act::PowerCut,
            ("disk", "full") => Act::Disk { full: true },
            ("disk", "free") => Act::Disk { full: false },
            ("clock", _) => Act::Clock(time(rest)?),
            ("cache", _) => Act::Cache(self.cache(rest)),
            ("press", "delivery") => Act::Happened(Happened::Pressed(Button::Delivery)),
            ("press", "lamp-test") => Act::Happened(Happened::Pressed(Button::LampTest)),
            ("press", "sync") => Act::Happened(Happened::Pressed(Button::Sync)),
            ("press", "review-passed") => Act::Happened(Happened::Pressed(Button::ReviewPassed)),
            ("press", "review-failed") => Act::Happened(Happened::Pressed(Button::ReviewFailed)),
            ("sync", "good") => Act::Happened(Happened::Followed(None)),
            ("sync", _) => Act::Happened(Happened::Followed(Some(message(rest)?))),
            ("mend", _) => Act::Happened(Happened::Recovered(part(rest)?)),
            ("fail", _) => {
                let (name, quoted) = rest.split_once(' ').unwrap_or((rest, "\"failed\""));
                Act::Happened(Happened::Failed(part(name)?, message(quoted)?))
            }
            ("see", _) => self.seen(rest)?,
            _ => return Err(format!("`{text}` is nothing that happens in a shift")),
        })
    }

    /// Codes in quotes or from the demo's rack, a hint, and how long it took.
    fn seen(&mut self, mut rest: &str) -> Result<Act, Wrong> {
        let (mut sighting, mut wait_us) = (Sighting::default(), 0);
        while !rest.is_empty() {
            let end = token_end(rest).ok_or_else(|| format!("`{rest}` has no closing quote"))?;
            let (token, tail) = rest.split_at(end);
            rest = tail.trim_start();
            if let Some(us) = token.strip_prefix("scan=") {
                sighting.scan_us = us.parse().map_err(|_| format!("`{token}` is not a number of microseconds"))?;
            } else if let Some(us) = token.strip_prefix("wait=") {
                wait_us = us.parse().map_err(|_| format!("`{token}` is not a number of microseconds"))?;
            } else if let Some(id) = token.strip_prefix('@') {
                sighting.payloads.push(payload(self.on_the_rack(id)?));
            } else if token.contains('"') {
                sighting.payloads.push(payload(bytes(token)?));
            } else {
                let hint: Hint = serde_json::from_value(token.into()).map_err(|_| {
                    format!(
                        "`{token}` is none of move-closer, too-dark, blurred, glare, out-of-view, or a code in quotes"
                    )
                })?;
                sighting.hint = Some(hint);
            }
        }
        Ok(Act::Happened(Happened::Seen(sighting, wait_us)))
    }

    /// The text of a label on the demo world's rack, on the day when the shift begins.
    fn on_the_rack(&mut self, id: &str) -> Result<Vec<u8>, Wrong> {
        if self.rack.is_none() {
            let clock = self.head.clock.ok_or("a label of the rack needs a line `clock` before it")?;
            let zone = self.head.site.as_ref().map_or(TimeZone::UTC, |site| site.time_zone.clone());
            self.rack = Some(demo::world(clock, date_of(clock, &zone)).rack);
        }
        let label = self.rack.iter().flatten().find(|label| label.id == id);
        label.map(|label| label.text.clone().into_bytes()).ok_or_else(|| format!("the rack has no label `{id}`"))
    }
}

fn payload(bytes: Vec<u8>) -> Payload {
    Payload { bytes, corners: [Point::default(); 4] }
}

fn time(text: &str) -> Result<Timestamp, Wrong> {
    text.parse().map_err(|_| format!("`{text}` is not a time like `2026-11-23T01:00:00Z`"))
}

fn milliseconds(text: &str) -> Option<u64> {
    let (seconds, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits_only = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits_only(seconds) || !digits_only(rest) || rest.len() > 3 {
        return None;
    }
    let thousandths: u64 = format!("{rest:0<3}").parse().ok()?;
    seconds.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(thousandths)
}

fn message(quoted: &str) -> Result<String, Wrong> {
    serde_json::from_str(quoted).map_err(|_| format!("`{quoted}` is not a quoted text"))
}

fn part(name: &str) -> Result<Part, Wrong> {
    serde_json::from_value(name.into()).map_err(|_| format!("`{name}` is none of camera, lights, display"))
}

/// Where the first token ends: at a space, or behind its closing quote.
fn token_end(text: &str) -> Option<usize> {
    let quoted = text.starts_with('"') || text.starts_with("x\"");
    if !quoted {
        return Some(text.find(' ').unwrap_or(text.len()));
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip_while(|(_, c)| *c != '"').skip(1) {
        match c {
            '"' if !escaped => return Some(at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn bytes(token: &str) -> Result<Vec<u8>, Wrong> {
    match token.strip_prefix('x') {
        Some(quoted) => {
            hex::decode_any(quoted.trim_matches('"')).ok_or_else(|| format!("`{token}` is not hexadecimal"))
        }
        None => serde_json::from_str::<String>(token)
            .map(String::into_bytes)
            .map_err(|_| format!("`{token}` is not a quoted text")),
    }
}
