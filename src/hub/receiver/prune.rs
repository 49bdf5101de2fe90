//! Old rows go, into an archive: what a hub keeps has an end, and nothing is lost.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use super::Receiver;
use crate::hub::HubFault;
use crate::hub::database::{Database, values};
use crate::hub::disk::sync_folder;
use crate::rules::clock::ClockTrust;
use crate::rules::hex;

/// Rows that are read, archived and removed at once.
const BATCH: u32 = 2_000;

/// When a row was written, as far as a newer program's rows tell.
#[derive(Deserialize)]
struct Body {
    entry: When,
}

#[derive(Deserialize)]
struct When {
    at: Timestamp,
    trust: ClockTrust,
}

/// A journal's row.
struct Row {
    seq: u64,
    body: String,
    hash: [u8; 32],
}

/// Where rows go.
struct Archive<'a> {
    path: &'a Path,
    file: Option<File>,
    /// How many bytes of it are whole lines and on the disk.
    whole: u64,
}

impl Archive<'_> {
    /// When this returns, the lines are on the disk. If they are not, none of them is in the file.
    fn keep(&mut self, lines: &str) -> Result<(), HubFault> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(begin(self.path)?),
        };
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
        let written = written.map_err(|source| HubFault::file(self.path, "written", source));
        let kept = if self.whole == 0 { written.and_then(|()| sync_folder(folder_of(self.path))) } else { written };
        if let Err(fault) = kept {
            return match self.cut() {
                Ok(()) => Err(fault),
                Err(cut) => Err(torn(&fault, &cut)),
            };
        }
        self.whole += lines.len() as u64;
        Ok(())
    }

    /// Takes away what is there of lines that were not kept.
    fn cut(&self) -> io::Result<()> {
        match &self.file {
            Some(file) if self.whole > 0 => file.set_len(self.whole).and_then(|()| file.sync_all()),
            Some(_) | None => fs::remove_file(self.path),
        }
    }
}

fn begin(path: &Path) -> Result<File, HubFault> {
    File::create_new(path).map_err(|source| {
        if source.kind() != ErrorKind::AlreadyExists {
            return HubFault::file(path, "written", source);
        }
        HubFault::Refused(format!(
            "`{}` is there already; keep it and name a new file: if a prune was broken off, it has rows that are nowhere else, \
             and perhaps a torn last line, whose row is still here",
            path.display()
        ))
    })
}

fn torn(fault: &HubFault, cut: &io::Error) -> HubFault {
    HubFault::Refused(format!("{fault}; its last line may be torn and cannot be cut off: {cut}; the row is still here"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Receiver {
    /// Moves the rows that were written before a moment into the new file `to`, and tells how many. Each is a line of its
    /// JSON with its `hash`, which follows from the hash of the line before. Where there is none, no file is made. No row goes
    /// before its line is on the disk, and no line stays that is not whole.
    ///
    /// Of every journal only the beginning goes, up to the last old row; a row whose kiosk did not trust its clock is as old as
    /// the next whose kiosk did. A row that is handed up again is taken for one that is here.
    ///
    /// # Errors
    /// The file is there already or cannot be written; the database's. No row is lost: some may be in both.
    pub fn prune(&mut self, before: Timestamp, to: &Path) -> Result<u64, HubFault> {
        let mut archive = Archive { path: to, file: None, whole: 0 };
        let sql = "SELECT kiosk, epoch FROM journal ORDER BY kiosk, epoch";
        let journals: Vec<(String, String)> = self.database.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut all = 0;
        for (kiosk, epoch) in journals {
            let last = last_old(&self.database, &kiosk, &epoch, before)?;
            loop {
                let removed = self.database.change(|inside| remove(inside, (&kiosk, &epoch), last, &mut archive));
                let rows = removed.map_err(|fault| broken_off(fault, all, to))?;
                if rows == 0 {
                    break;
                }
                all += rows;
            }
        }
        Ok(all)
    }
}

/// Nobody must take an archive for useless because it was not finished.
fn broken_off(fault: HubFault, rows: u64, to: &Path) -> HubFault {
    if rows == 0 { fault } else { HubFault::Archive { fault: Box::new(fault), rows, path: to.to_owned() } }
}

/// The last row of a journal's beginning that is older than a moment; 0 is none.
fn last_old(database: &Database, kiosk: &str, epoch: &str, before: Timestamp) -> Result<u64, HubFault> {
    let mut last = 0;
    let mut seen = 0;
    loop {
        let rows = rows(database, (kiosk, epoch), seen, u64::MAX)?;
        let Some(newest) = rows.last() else { return Ok(last) };
        seen = newest.seq;
        for row in rows {
            let body: Option<Body> = serde_json::from_str(&row.body).ok();
            match body.filter(|body| body.entry.trust == ClockTrust::Trusted) {
                Some(body) if body.entry.at < before => last = row.seq,
                Some(_) => return Ok(last),
                None => {}
            }
        }
    }
}

/// Rows of a journal behind `after`, none behind `last`.
fn rows(database: &Database, (kiosk, epoch): (&str, &str), after: u64, last: u64) -> Result<Vec<Row>, HubFault> {
    // What is behind a gap is not a beginning.
    let sql = "SELECT seq, body, hash FROM row WHERE kiosk = ?1 AND epoch = ?2 AND seq > ?3 AND seq <= ?4
                   AND seq <= (SELECT seq FROM journal WHERE kiosk = ?1 AND epoch = ?2)
               ORDER BY seq LIMIT ?5";
    database.all(sql, values![kiosk, epoch, after, last, BATCH], |row| {
        Ok(Row { seq: row.get(0)?, body: row.get(1)?, hash: row.get(2)? })
    })
}

/// Archives and removes a journal's first rows up to `last`, and tells how many.
fn remove(
    database: &Database,
    (kiosk, epoch): (&str, &str),
    last: u64,
    archive: &mut Archive<'_>,
) -> Result<u64, HubFault> {
    // Changes nothing, and has the journal's line locked, as whoever adds to it does.
    let sql = "UPDATE journal SET seq = seq WHERE kiosk = ?1 AND epoch = ?2";
    database.execute(sql, values![kiosk, epoch])?;
    let rows = rows(database, (kiosk, epoch), 0, last)?;
    let Some(newest) = rows.last() else { return Ok(0) };
    let mut lines = String::new();
    for row in &rows {
        let body = row.body.strip_suffix('}').unwrap_or(&row.body);
        lines.extend([body, ",\"hash\":\"", &hex::encode(&row.hash), "\"}\n"]);
    }
    archive.keep(&lines)?;
    let sql = "DELETE FROM row WHERE kiosk = ?1 AND epoch = ?2 AND seq <= ?3";
    database.execute(sql, values![kiosk, epoch, newest.seq])?;
    let sql = "UPDATE journal SET pruned = ?3, pruned_hash = ?4 WHERE kiosk = ?1 AND epoch = ?2";
    database.execute(sql, values![kiosk, epoch, newest.seq, &newest.hash])?;
    Ok(rows.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_with_rows_that_are_nowhere_else_is_not_thrown_away() {
        let to = Path::new("a.jsonl");
        let full = || HubFault::file(to, "written", std::io::Error::other("no space left"));
        let told = |rows| broken_off(full(), rows, to).to_string();
        assert_eq!(told(0), full().to_string());
        let keep = "2000 rows are in `a.jsonl` and nowhere else: keep it, and go on with a new file";
        assert_eq!(told(2000), format!("{}; {keep}", full()));
    }
}
