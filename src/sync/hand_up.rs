//! The journal's way up: rows in order, batch after batch, until the hub has them all.
//!
//! The hub answers how far it has the journal without a gap; that number is kept beside the journal, and the next batch
//! begins behind it. An answer that is lost costs nothing but the batch once more. Nothing is removed from the journal
//! here; that number is what the kiosk may prune below. With each batch, and once where there is no row to give, the kiosk
//! says how it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::link::Link;
use super::replace::replace;
use super::{Enrolment, SyncFault};
use crate::rules::condition::{Condition, Held};
use crate::rules::hex;
use crate::rules::site::FeedSettings;
use crate::store::journal::Confirmed;
use crate::store::{Cache, Journal};

/// Rows in a batch.
const BATCH_ROWS: u32 = 500;
/// Bytes in a batch. No row has so many unless it is damaged.
const BATCH_BYTES: usize = 1 << 20;
/// Of the rows that a hub puts aside at once, the first so many are told.
const PARKED_LIMIT: usize = 10_000;
const FILE: &str = "handed-up.json";

/// What came of handing up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedUp {
    /// The hub has every row up to this number.
    pub seq: u64,
    /// Rows that were sent.
    pub sent: u64,
    /// The first rows that the hub put aside, each with its reason.
    pub parked: Vec<Parked>,
}

/// A row that the hub put aside.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Parked {
    /// Its number.
    pub seq: u64,
    /// What is wrong with it.
    pub why: String,
}

#[derive(Deserialize)]
struct Answer {
    seq: u64,
    parked: Vec<Parked>,
}

/// How far a hub has which journal. Another hub begins anew.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Mark {
    hub: String,
    epochs: BTreeMap<String, u64>,
}

impl Mark {
    /// What is kept; one that is lost or damaged only costs rows sent twice.
    fn read(path: &Path, hub: &str) -> Self {
        let kept = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        kept.filter(|mark| mark.hub == hub).unwrap_or_else(|| Self { hub: hub.to_owned(), epochs: BTreeMap::new() })
    }

    fn set(&mut self, path: &Path, epoch: &str, seq: u64) -> Result<(), SyncFault> {
        self.epochs.insert(epoch.to_owned(), seq);
        let text = serde_json::to_vec(self).map_err(|error| SyncFault::Broken { why: error.to_string() })?;
        replace(path, &text)
    }
}

/// Hands up what the hub of `to` does not have yet of a journal, also while a kiosk writes it, and says how the kiosk is,
/// whose list is in `state`. `way` has the site's proxy and certificates, `progress` is told how many of how many rows are
/// there after each batch.
///
/// # Errors
/// The journal cannot be read or is another kiosk's, the hub cannot be reached or refuses. What was answered before stays
/// known.
pub fn hand_up(
    journal: &Path,
    state: &Path,
    to: &Enrolment,
    way: Option<&FeedSettings>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<HandedUp, SyncFault> {
    let link = Link::new(&to.hub, true, way)?;
    let journal = Journal::open_read_only(journal)?;
    if journal.kiosk() != to.kiosk {
        return Err(SyncFault::OtherKiosk { journal: journal.kiosk().to_owned(), enrolled: to.kiosk.clone() });
    }
    let (path, epoch): (PathBuf, String) = (state.join(FILE), hex::encode(&journal.epoch()));
    let mut mark = Mark::read(&path, link.hub().as_str());
    let head = journal.head().seq;
    let pruned = journal.pruned();
    let mut handed = HandedUp { seq: mark.epochs.get(&epoch).copied().unwrap_or_default(), ..HandedUp::default() };
    let mut went_back = false;
    loop {
        let head_line = head_line(&to.kiosk, &epoch, pruned, &condition(state, head));
        let (rows, body) = batch(&journal, &head_line, handed.seq.max(pruned), head)?;
        let answer: Answer = link.post("journal", Some(&to.token), body.as_bytes())?;
        if answer.seq > head {
            return Err(SyncFault::Ahead { hub: answer.seq, own: head });
        }
        // A hub that was put back to an older copy asks for rows again, once.
        let goes_back = answer.seq < handed.seq;
        if answer.seq == handed.seq && handed.seq < head || goes_back && went_back {
            return Err(SyncFault::Stuck { seq: answer.seq });
        }
        went_back |= goes_back;
        handed.sent += rows;
        let is_news = answer.seq != handed.seq;
        handed.seq = answer.seq;
        let room = PARKED_LIMIT - handed.parked.len();
        handed.parked.extend(answer.parked.into_iter().take(room));
        if is_news {
            mark.set(&path, &epoch, handed.seq)?;
        }
        progress(handed.seq, head);
        if handed.seq >= head {
            return Ok(handed);
        }
    }
}

/// How far the hub of `to` has said that it has this journal, as [`hand_up`] keeps it; 0 if it never did.
#[must_use]
pub fn confirmed(journal: &Journal, state: &Path, to: &Enrolment) -> Confirmed {
    let mark = Mark::read(&state.join(FILE), &to.hub);
    let epoch = journal.epoch();
    Confirmed { epoch, seq: mark.epochs.get(&hex::encode(&epoch)).copied().unwrap_or_default() }
}

/// How this kiosk is now. A list that cannot be read is one that it does not judge by.
fn condition(state: &Path, rows: u64) -> Condition {
    let list = Cache::peek(state).ok().flatten();
    let list = list.map(|facts| Held { version: facts.version, issued: facts.issued });
    let program = Some(env!("CARGO_PKG_VERSION").to_owned());
    Condition { program, at: Some(Timestamp::now()), rows: Some(rows), list }
}

/// Which journal it is, how the kiosk is, and how much of the journal's beginning is no longer here: a hub that never had
/// that need not wait for it.
fn head_line(kiosk: &str, epoch: &str, pruned: u64, condition: &Condition) -> String {
    let mut head = serde_json::json!({ "kiosk": kiosk, "epoch": epoch, "condition": condition });
    if pruned > 0 {
        head["pruned"] = pruned.into();
    }
    head.to_string()
}

/// The rows behind number `after`, as one request, and how many they are. Each number has its line, also where the disk has
/// lost the row: the hub puts that aside and goes on.
fn batch(journal: &Journal, head_line: &str, after: u64, head: u64) -> Result<(u64, String), SyncFault> {
    let last = head.min(after + u64::from(BATCH_ROWS));
    let mut found = journal.lines(after, BATCH_ROWS)?.into_iter().peekable();
    let (mut body, mut rows) = (head_line.to_owned(), 0);
    for seq in after + 1..=last {
        let line = found.next_if(|(found, _)| *found == seq).map(|(_, line)| line);
        let line = line.filter(|line| line.len() <= BATCH_BYTES && tells(line, seq)).unwrap_or_else(|| {
            let lost = "the row is missing or damaged on the kiosk's disk";
            serde_json::json!({ "seq": seq, "lost": lost }).to_string()
        });
        if rows > 0 && body.len() + line.len() >= BATCH_BYTES {
            break;
        }
        body.push('\n');
        body.push_str(&line);
        rows += 1;
    }
    Ok((rows, body))
}

/// Whether a line tells its own number, so that the hub can put it in its place whatever else is wrong with it.
fn tells(line: &str, seq: u64) -> bool {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    serde_json::from_str(line).is_ok_and(|numbered: Numbered| numbered.seq == seq)
}
