//! The audit log: every change of the registry is a leaf of a tree whose root is signed, so that nobody, the authority
//! neither, can change, remove or slip in what was decided without being found out.
//!
//! ```text
//! row of the history ──▶ entry ──▶ leaf ──▶ tiles of hashes ──▶ root ──▶ checkpoint, signed at each publish
//! ```
//!
//! Tiles and checkpoints are those of C2SP (tlog-tiles, tlog-checkpoint, signed-note), so that any monitor of such logs can
//! follow the feed's folder `audit`; the feed names the newest checkpoint and its key, so that whoever syncs can keep it.

mod checkpoint;
mod entry;
mod log;
mod note;
mod proof;
mod tile;
mod tree;

pub use checkpoint::Checkpoint;
pub use entry::Row;
pub(super) use entry::Salt;
pub(super) use log::Log;
pub use note::{NoteKey, sign};
pub use proof::Proof;
pub use tile::Tile;
pub use tree::{Hash, Tree, continues, leaf_hash, root_of};

use super::publish::{self, tiles_folder};
use super::registry::place_of;
use super::{Home, HubFault, Registry};
use crate::rules::record::RecordKey;

/// A checkpoint with its signature, and the key that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The file as it is.
    pub note: String,
    /// The key.
    pub key: NoteKey,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// A log that holds.
#[derive(Debug)]
pub struct Verified {
    /// What is published.
    pub published: Signed,
    /// What somebody kept, with the proof that the published log goes on from there, or it from the published one.
    pub kept: Option<(Checkpoint, Vec<Hash>)>,
    log: Log,
    registry: Registry,
}

/// Which row of the history is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// By its number.
    Row(u64),
    /// The one that made a listing what it is.
    Listing(u32),
}

/// The checkpoint that is published.
///
/// # Errors
/// There is none, or it is damaged.
pub fn published(authority: impl Into<Home>) -> Result<Signed, HubFault> {
    let authority = authority.into();
    drop(Registry::open(&authority)?);
    let none = || HubFault::Refused("no checkpoint is published yet; `greengate-hub publish` makes one".to_owned());
    publish::checkpoint_of(&authority)?.ok_or_else(none)
}

/// Hashes the whole history and holds it against what is published, and against the signed checkpoint `kept` that somebody
/// has from before. `key` is the key that is believed; without one it is the key that the feed names.
///
/// # Errors
/// A checkpoint is signed by another key, or the history or what follows from it was changed: the fault says where.
pub fn verify(authority: impl Into<Home>, kept: Option<&str>, key: Option<&NoteKey>) -> Result<Verified, HubFault> {
    let authority = &authority.into();
    let mut published = published(authority)?;
    if let Some(key) = key {
        let checkpoint = Checkpoint::open(&published.note, key).map_err(told("the published checkpoint"))?;
        published = Signed { key: key.clone(), checkpoint, ..published };
    }
    let kept = kept.map(|note| Checkpoint::open(note, &published.key).map_err(told("the kept checkpoint")));
    let kept = kept.transpose()?;
    let registry = Registry::open(authority)?;
    let log = Log::read(&registry)?;
    let tiles = tiles_folder(authority);
    log.check(&published.checkpoint, &tiles)?;
    let kept = kept.map(|kept| {
        log.check(&kept, &tiles)?;
        let (old, new) = (kept.size.min(published.checkpoint.size), kept.size.max(published.checkpoint.size));
        let path = log.tree.consistency(old, new);
        let [before, after] = [old, new].map(|size| (size, log.tree.root(size)));
        if !continues(before, after, &path) {
            return Err(HubFault::Audit(format!("no proof leads from {old} rows to {new}")));
        }
        Ok((kept, path))
    });
    let kept = kept.transpose()?;
    if let Some(what) = registry.stray()? {
        return Err(log::changed(&format!("{what} is not as the last row of its history says")));
    }
    Ok(Verified { published, kept, log, registry })
}

impl Verified {
    /// How many rows the history has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.log.tree.size()
    }

    /// The row that is meant, and the proof that it is in the published log.
    ///
    /// # Errors
    /// There is no such row, or it came after the published checkpoint; the database's.
    pub fn prove(&self, which: Which) -> Result<(Row, Proof), HubFault> {
        let (seq, what) = match which {
            Which::Row(seq) => (Some(seq), format!("row {seq}")),
            Which::Listing(id) => {
                (self.registry.newest_row(place_of(RecordKey::Listing(id)))?, format!("listing {id}"))
            }
        };
        let row = seq.map(|seq| self.registry.row(seq)).transpose()?.flatten();
        let row = row.ok_or_else(|| HubFault::Refused(format!("there is no {what} in the history")))?;
        let size = self.published.checkpoint.size;
        let index = usize::try_from(row.seq - 1).ok().filter(|index| *index < size).ok_or_else(|| {
            let seq = row.seq;
            HubFault::Audit(format!("{what} is in row {seq}, and the published checkpoint has {size}; publish first"))
        })?;
        let entry = row.entry(self.registry.salt()?)?;
        let path = self.log.tree.inclusion(index, size);
        let proof = Proof { entry, index, path, checkpoint: self.published.note.clone() };
        proof.check(&self.published.key).map_err(HubFault::Audit)?;
        Ok((row, proof))
    }
}

fn told(what: &'static str) -> impl Fn(String) -> HubFault {
    move |why| HubFault::Audit(format!("{what}: {why}"))
}
