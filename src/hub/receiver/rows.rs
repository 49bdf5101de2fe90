//! Rows come in: each is checked by itself and against its neighbours, in one transaction for each request.
//!
//! Order does not matter, and neither does a row that comes twice: an answer can be lost after the rows are on disk. What
//! does not fit is parked with the reason; nothing that is here already ever changes for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::window::Window;
use super::{Receiver, digest};
use crate::hub::HubFault;
use crate::hub::database::{Database, Row, values};
use crate::rules::condition::Condition;
use crate::rules::hex;
use crate::store::journal::{self, Sealed};

/// The longest reason for parking a row, in characters: some repeat what the row says.
const WHY_LIMIT: usize = 200;

/// A row that did not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// Its number; a line that tells none has the place that its neighbours leave for it.
    pub seq: u64,
    /// What is wrong with it.
    pub why: String,
}

/// What came of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Every row up to this number is here, or was parked.
    pub seq: u64,
    /// What this request had that did not fit.
    pub parked: Vec<Parked>,
}

impl Receiver {
    /// The kiosk has pruned its journal's rows up to number `pruned`: those that are not here will never come. The rows
    /// behind them are not kept waiting, and one note tells the gap.
    ///
    /// # Errors
    /// The database's.
    pub fn skip(&mut self, kiosk: &str, epoch: &[u8; 16], pruned: u64) -> Result<(), HubFault> {
        let text = hex::encode(epoch);
        self.database.change(|inside| {
            let mut taker = Taker::begin(inside, kiosk, epoch, &text, &[])?;
            let next = taker.advance(taker.reached)? + 1;
            if next > pruned || !counts(pruned) {
                return Ok(());
            }
            taker.park(
                pruned,
                b"",
                &format!("rows {next} to {pruned} were pruned on the kiosk and never came here"),
            )?;
            taker.advance(pruned).map(drop)
        })
    }

    /// Takes lines of a kiosk's journal, and what it says of itself. When this returns, they are on disk.
    ///
    /// # Errors
    /// The database's; then none of them is here.
    pub fn take<'a>(
        &mut self,
        kiosk: &str,
        epoch: &[u8; 16],
        lines: impl Iterator<Item = &'a [u8]>,
        said: Option<&Condition>,
        now: Timestamp,
    ) -> Result<Taken, HubFault> {
        let text = hex::encode(epoch);
        let said = said.map(|said| serde_json::json!(said).to_string());
        let lines: Vec<&[u8]> = lines.collect();
        let numbers = numbers(&lines);
        self.database.change(|inside| {
            let mut taker = Taker::begin(inside, kiosk, epoch, &text, &numbers)?;
            let reached = taker.reached;
            let mut parked = Vec::new();
            for (line, number) in lines.into_iter().zip(numbers) {
                if let Some(why) = taker.fit(line)? {
                    // PostgreSQL has no text with a zero in it.
                    let why: String = why.chars().filter(|sign| *sign != '\0').take(WHY_LIMIT).collect();
                    let seq = number.map_or_else(|| taker.place_of(line, reached + 1), Ok)?;
                    taker.park(seq, line, &why)?;
                    parked.push(Parked { seq, why });
                }
            }
            let seq = taker.advance(reached)?;
            let sql = "UPDATE kiosk SET last_seen = ?1, epoch = ?2, said = ?3 WHERE name = ?4";
            inside.execute(sql, values![&now.to_string(), &text, said.as_deref(), kiosk])?;
            Ok(Taken { seq, parked })
        })
    }
}

pub(super) struct Taker<'a> {
    pub(super) database: &'a Database,
    pub(super) kiosk: &'a str,
    pub(super) epoch: &'a str,
    beginning: [u8; 32],
    /// How far this journal was here without a gap.
    reached: u64,
    /// How far it went into an archive since, and the last hash of that.
    pruned: (u64, Option<[u8; 32]>),
    window: Window<'a>,
}

impl<'a> Taker<'a> {
    /// Until the transaction ends, no one else adds to this journal: the statement changes nothing, and has the journal's
    /// line locked.
    fn begin(
        database: &'a Database,
        kiosk: &'a str,
        epoch: &[u8; 16],
        text: &'a str,
        numbers: &[Option<u64>],
    ) -> Result<Self, HubFault> {
        let sql = "INSERT INTO journal (kiosk, epoch, seq) VALUES (?1, ?2, 0)
                   ON CONFLICT (kiosk, epoch) DO UPDATE SET seq = journal.seq RETURNING seq, pruned, pruned_hash";
        let read = |row: &Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
        let (reached, pruned) = database.one(sql, values![kiosk, text], read)?.unwrap_or_default();
        let window = Window::open(database, kiosk, text, numbers)?;
        let beginning = journal::beginning(kiosk, epoch);
        Ok(Self { database, kiosk, epoch: text, beginning, reached, pruned, window })
    }

    /// Puts a line in its place, or tells why it has none. One that is there already is fine.
    fn fit(&mut self, line: &[u8]) -> Result<Option<String>, HubFault> {
        let row = match self.read(line) {
            Ok(row) => row,
            Err(why) => return Ok(Some(why)),
        };
        if row.seq <= self.pruned.0 {
            // Of those that are gone the last one's hash is here, and all before it lead to that.
            let other = row.seq == self.pruned.0 && self.pruned.1.is_some_and(|hash| hash != row.hash);
            return Ok(other.then(|| "another row with its number was here and is in an archive".to_owned()));
        }
        if let Some(kept) = self.window.row(row.seq)? {
            let same = kept.body == row.body && kept.hash == row.hash;
            return Ok((!same).then(|| "another row with its number is here already".to_owned()));
        }
        if let Some(why) = self.torn(&row)? {
            return Ok(Some(why));
        }
        self.keep_found(&row)?;
        self.window.add(row)?;
        Ok(None)
    }

    /// The row that the line is, if it is one of this journal and whole.
    fn read(&self, line: &[u8]) -> Result<Sealed, String> {
        let text = std::str::from_utf8(line).map_err(|error| format!("it is no text: {error}"))?;
        let row = Sealed::read(text)?;
        if row.kiosk != self.kiosk || row.epoch != self.epoch {
            // Escaped, for the reason ends up in logs and on terminals.
            let (kiosk, epoch) = (row.kiosk.escape_debug(), row.epoch.escape_debug());
            return Err(format!("it belongs to kiosk `{kiosk}`, epoch `{epoch}`"));
        }
        if !counts(row.seq) {
            return Err(format!("its number is {}, and rows count from 1", row.seq));
        }
        if !row.is_whole() {
            return Err("its hash does not follow from it: it was changed after it was written".to_owned());
        }
        Ok(row)
    }

    /// How a row breaks the chain with its neighbours, as far as they are here.
    fn torn(&self, row: &Sealed) -> Result<Option<String>, HubFault> {
        let before = match row.seq {
            1 => Some(self.beginning),
            seq if seq - 1 == self.pruned.0 => self.pruned.1,
            seq => self.window.row(seq - 1)?.map(|kept| kept.hash),
        };
        if before.is_some_and(|before| before != row.previous) {
            return Ok(Some(format!("it does not follow on row {}", row.seq - 1)));
        }
        let after = self.window.row(row.seq + 1)?;
        let torn = after.is_some_and(|after| !journal::follows(&row.hash, &after.body, &after.hash));
        Ok(torn.then(|| format!("row {} does not follow on it", row.seq + 1)))
    }

    fn park(&mut self, seq: u64, line: &[u8], why: &str) -> Result<(), HubFault> {
        self.window.note_parked(seq);
        let sql = "INSERT INTO parked (kiosk, epoch, seq, body, why, digest, place)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(max(place), 0) + 1 FROM parked WHERE kiosk = ?1))
                   ON CONFLICT (kiosk, epoch, seq, digest) DO NOTHING";
        self.database.execute(sql, values![self.kiosk, self.epoch, seq, line, why, &digest(line)]).map(drop)
    }

    /// Where a line belongs that tells nothing of it: where it was parked before, else at `next`.
    fn place_of(&self, line: &[u8], next: u64) -> Result<u64, HubFault> {
        let sql = "SELECT seq FROM parked WHERE kiosk = ?1 AND epoch = ?2 AND digest = ?3";
        let before = self.database.one(sql, values![self.kiosk, self.epoch, &digest(line)], |row| row.get(0))?;
        Ok(before.unwrap_or(next))
    }

    /// How far it is now, when all is written.
    fn advance(&mut self, reached: u64) -> Result<u64, HubFault> {
        self.window.write()?;
        let mut seq = reached;
        while self.window.has(seq + 1)? {
            seq += 1;
        }
        let sql = "UPDATE journal SET seq = ?3 WHERE kiosk = ?1 AND epoch = ?2";
        self.database.execute(sql, values![self.kiosk, self.epoch, seq])?;
        Ok(seq)
    }
}

/// Whether a number can be a row's; SQLite's integers have a sign, and the row behind it needs one too.
pub(super) const fn counts(seq: u64) -> bool {
    seq >= 1 && seq < u32::MAX as u64
}

/// The number of each line: the one that it tells, else what its neighbours leave for it, for a journal is handed up in
/// order. A wrong guess would make a row count as received that is not.
fn numbers(lines: &[&[u8]]) -> Vec<Option<u64>> {
    let mut numbers: Vec<Option<u64>> = lines.iter().map(|line| number_of(line)).collect();
    for at in 1..numbers.len() {
        numbers[at] = numbers[at].or(numbers[at - 1].map(|before| before + 1));
    }
    for at in (1..numbers.len()).rev() {
        numbers[at - 1] = numbers[at - 1].or(numbers[at].map(|after| after - 1).filter(|seq| counts(*seq)));
    }
    numbers
}

/// The number that a line tells, even if the rest of it is no row.
fn number_of(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let numbered: Option<Numbered> = serde_json::from_slice(line).ok();
    numbered.map(|numbered| numbered.seq).filter(|seq| counts(*seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_number_has_the_place_that_its_neighbours_leave() {
        let of = |lines: &[&str]| numbers(&lines.iter().map(|line| line.as_bytes()).collect::<Vec<_>>());
        assert_eq!(of(&["x", r#"{"seq":7}"#, "y", r#"{"seq":9,"a":1}"#]), [Some(6), Some(7), Some(8), Some(9)]);
        assert_eq!(of(&["x", "y"]), [None, None]);
        assert_eq!(of(&["x", r#"{"seq":1}"#]), [None, Some(1)]);
        assert_eq!(of(&[r#"{"seq":0}"#, r#"{"seq":-3}"#]), [None, None]);
    }
}
