//! The registry's history as a log, held against what was signed of it.

use std::fs;
use std::path::Path;

use super::checkpoint::Checkpoint;
use super::entry::Salt;
use super::tree::{Hash, Tile, Tree, WIDTH};
use crate::hub::{HubFault, Registry};

/// The log as the registry has it now.
#[derive(Debug)]
pub struct Log {
    pub tree: Tree,
}

impl Log {
    /// Reads the whole history.
    pub fn read(registry: &Registry) -> Result<Self, HubFault> {
        let salt: Salt = registry.salt()?;
        let mut tree = Tree::default();
        registry.rows(&mut |row| {
            let expected = tree.size() as u64 + 1;
            if row.seq != expected {
                return Err(changed(&format!("row {expected} is gone")));
            }
            tree.push(row.leaf(salt)?);
            Ok(())
        })?;
        Ok(Self { tree })
    }

    /// Whether this log begins with what was signed; `tiles` is where the hashes of then are, which tell the row that changed.
    pub fn check(&self, signed: &Checkpoint, tiles: &Path) -> Result<(), HubFault> {
        let (rows, size) = (self.tree.size(), signed.size);
        if size > rows {
            return Err(changed(&format!("rows {} to {size} are gone, which a checkpoint is of", rows + 1)));
        }
        if self.tree.root(size) == signed.root {
            return Ok(());
        }
        let known = kept(tiles, size).filter(|known| known.root(size) == signed.root);
        let leaf = known.and_then(|known| {
            let pairs = known.leaves().iter().zip(self.tree.leaves());
            pairs.take(size).position(|(then, now)| then != now)
        });
        Err(changed(&match leaf {
            Some(leaf) => format!("row {} is not as it was when the checkpoint of {size} rows was signed", leaf + 1),
            None => format!(
                "the first {size} rows are not those of the checkpoint, and the hashes of then are not in `{}`, \
                 so which row was changed cannot be told",
                tiles.display()
            ),
        }))
    }
}

/// The history was changed.
pub fn changed(what: &str) -> HubFault {
    HubFault::Audit(format!("{what}; find out who did it, and bring the registry back from a copy"))
}

/// The leaves' hashes as they were published.
fn kept(folder: &Path, size: usize) -> Option<Tree> {
    let mut tree = Tree::default();
    for tile in Tile::of(size).filter(|tile| tile.level == 0) {
        // A tile that was cut short may have become whole since.
        let whole = Tile { width: WIDTH, ..tile };
        let read = |tile: Tile| fs::read(folder.join(tile.to_string())).ok();
        let bytes = read(tile).or_else(|| read(whole))?;
        let mut hashes = bytes.chunks_exact(size_of::<Hash>()).map(|hash| Hash::try_from(hash).ok());
        for _ in 0..tile.width {
            tree.push(hashes.next()??);
        }
    }
    Some(tree)
}
