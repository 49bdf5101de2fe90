//! Is the journal whole?

use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::types::ValueRef;

use super::prune::Anchor;
use super::schema::Columns;
use super::{Journal, Row, chain};
use crate::rules::clock::ClockTrust;
use crate::rules::hex;
use crate::store::StoreFault;

/// A whole journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Whose it is.
    pub kiosk: String,
    /// Which of the kiosk's journals.
    pub epoch: [u8; 16],
    /// How many rows are here.
    pub rows: u64,
    /// The last row that was pruned before them; 0 if none was.
    pub pruned: u64,
    /// The newest row's hash; write it down elsewhere, and nobody can rewrite the journal unnoticed.
    pub hash: [u8; 32],
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, kiosk, epoch, hash) = (self.rows, &self.kiosk, hex::encode(&self.epoch), hex::encode(&self.hash));
        write!(f, "whole: {rows} rows of kiosk {kiosk}, epoch {epoch}, newest hash {hash}")?;
        if self.pruned > 0 { write!(f, "; rows up to {} were pruned", self.pruned) } else { Ok(()) }
    }
}

/// Checks the database, every row, the chain, and that no row is missing at its end.
///
/// # Errors
/// The first row that is wrong and how, or a file that is no journal.
pub fn verify(path: &Path) -> Result<Verified, StoreFault> {
    let journal = Journal::open_read_only(path)?;
    let fault = StoreFault::database(path);
    let broken = |seq: u64, what: String| StoreFault::Broken { path: path.to_owned(), seq, what };
    // One transaction: a kiosk may go on writing meanwhile.
    journal.connection.execute_batch("BEGIN").map_err(&fault)?;
    let meta = super::schema::Meta::read(&journal.connection).map_err(&fault)?;
    let head = meta.head;
    let sound: String = journal.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(&fault)?;
    if sound != "ok" {
        return Err(broken(head.seq, format!("the file is damaged: {sound}")));
    }
    let sql =
        "SELECT seq, body, hash, what, delivery, outcome, slug, gtin, serial, code, replaces FROM row ORDER BY seq";
    let mut statement = journal.connection.prepare(sql).map_err(&fault)?;
    let mut rows = statement.query([]).map_err(&fault)?;
    let anchor = Anchor::read(&journal.connection, &journal.kiosk, &journal.epoch).map_err(&fault)?;
    let mut link = Link { seq: anchor.seq, hash: anchor.hash, highest: anchor.highest };
    while let Some(row) = rows.next().map_err(&fault)? {
        let seq = link.seq + 1;
        link = link.check(row, &journal).map_err(|what| broken(seq, what))?;
    }
    if link.seq < head.seq {
        return Err(broken(link.seq + 1, format!("rows up to {} are missing at the end", head.seq)));
    }
    if link.hash != head.hash {
        return Err(broken(link.seq, "it is not the row that was written last".to_owned()));
    }
    if link.highest != meta.highest() {
        return Err(broken(link.seq, "the highest time that the journal remembers is not that of its rows".to_owned()));
    }
    let (rows, pruned) = (link.seq - anchor.seq, anchor.seq);
    Ok(Verified { kiosk: journal.kiosk, epoch: journal.epoch, rows, pruned, hash: link.hash })
}

/// The row before.
struct Link {
    seq: u64,
    hash: [u8; 32],
    /// The highest time of a row whose clock was trusted, to the millisecond.
    highest: Option<Timestamp>,
}

impl Link {
    fn check(&self, stored: &rusqlite::Row<'_>, journal: &Journal) -> Result<Self, String> {
        let seq: u64 = stored.get(0).map_err(|error| error.to_string())?;
        if seq != self.seq + 1 {
            return Err(format!("the row is missing; the next is {seq}"));
        }
        let body: String = stored.get(1).map_err(|error| error.to_string())?;
        let hash: [u8; 32] = stored.get(2).map_err(|error| error.to_string())?;
        if chain::hash(&self.hash, &body) != hash {
            return Err("its hash does not follow from it and the row before: one of them was changed".to_owned());
        }
        let row = Row::parse(&body, self.hash, hash)?;
        if row.seq != seq || row.kiosk != journal.kiosk || row.epoch != hex::encode(&journal.epoch) {
            return Err("it belongs to another place or another journal".to_owned());
        }
        columns(stored, &Columns::of(&row))?;
        let trusted = row.entry.trust == ClockTrust::Trusted;
        let at = Timestamp::from_millisecond(row.entry.at.as_millisecond()).ok().filter(|_| trusted);
        Ok(Self { seq, hash, highest: self.highest.max(at) })
    }
}

/// Whether the searchable columns still say what the JSON says.
fn columns(stored: &rusqlite::Row<'_>, wanted: &Columns) -> Result<(), String> {
    let text = |value: Option<&str>| value.map(|text| text.as_bytes().to_vec());
    let number = |value: Option<u64>| value.map(|number| number.to_string().into_bytes());
    let wanted = [
        ("what", text(Some(wanted.what))),
        ("delivery", text(wanted.delivery.as_deref())),
        ("outcome", text(wanted.outcome)),
        ("slug", text(wanted.slug)),
        ("gtin", number(wanted.gtin)),
        ("serial", text(wanted.serial.as_deref())),
        ("code", wanted.code.map(|digest| digest.to_vec())),
        ("replaces", number(wanted.replaces)),
    ];
    for (column, (name, wanted)) in (3..).zip(wanted) {
        let found = match stored.get_ref(column).map_err(|error| error.to_string())? {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(number.to_string().into_bytes()),
            ValueRef::Real(number) => Some(number.to_string().into_bytes()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        };
        if found != wanted {
            return Err(format!("its column `{name}` was changed"));
        }
    }
    Ok(())
}
