//! The registry's history as a log, held against what was signed of it: the whole of it, or what it has grown by.

use std::fs;
use std::ops::Range;
use std::path::Path;

use super::checkpoint::Checkpoint;
use super::entry::Salt;
use super::tile::{Tile, WIDTH};
use super::tree::{Hash, Take, Tree, whole};
use crate::hub::{HubFault, Registry};

/// Tiles of old rows that a publish hashes anew; 32,768 rows.
const WINDOW: usize = 128;

/// Behind every row.
const END: u64 = i64::MAX as u64;

/// The log as the registry has it now.
#[derive(Debug)]
pub struct Log {
    pub tree: Tree,
}

impl Log {
    /// Reads the whole history.
    pub fn read(registry: &Registry) -> Result<Self, HubFault> {
        Self::grown(registry, Tree::default(), &mut |_| Ok(()))
    }

    /// Reads the whole history, and gives the tiles away while it does: what is left is the edge.
    pub fn read_away(registry: &Registry, take: Take<'_, HubFault>) -> Result<Self, HubFault> {
        Self::grown(registry, Tree::default(), &mut |tree| tree.give_away(take))
    }

    /// Reads what came after `signed`, and of what was there then the last rows and one window of the others; what is not read
    /// is believed by the hashes in `tiles`, if they lead to the root that was signed. If they do not, the whole is read. Tiles
    /// are given away as above, but of a whole that had to be read.
    ///
    /// `publish` counts publishes and says which window: in as many publishes as there are windows, up to the next power of
    /// two, every row has its turn.
    pub fn read_on(
        registry: &Registry,
        signed: &Checkpoint,
        tiles: &Path,
        publish: u64,
        take: Take<'_, HubFault>,
    ) -> Result<Self, HubFault> {
        let Some((edge, known)) = known(signed, tiles, publish) else {
            let log = Self::read(registry)?;
            log.check(signed, tiles)?;
            return Ok(log);
        };
        let rows: u64 = registry.last_row()?;
        if rows < signed.size as u64 {
            return Err(cut_short(rows, signed.size));
        }
        known.iter().try_for_each(|(first, leaves)| compare(registry, *first, leaves, signed.size))?;
        Self::grown(registry, edge, &mut |tree| tree.give_away(take))
    }

    /// Goes on from a tree with the rows that came after it; `after` sees the tree after each.
    fn grown(
        registry: &Registry,
        mut tree: Tree,
        after: &mut dyn FnMut(&mut Tree) -> Result<(), HubFault>,
    ) -> Result<Self, HubFault> {
        let salt: Salt = registry.salt()?;
        registry.rows(tree.size() as u64..END, &mut |row| {
            let expected = tree.size() as u64 + 1;
            if row.seq != expected {
                return Err(gone(expected));
            }
            tree.push(row.leaf(salt)?);
            after(&mut tree)
        })?;
        Ok(Self { tree })
    }

    /// Whether this log, which is a whole one, begins with what was signed; `tiles` is where the hashes of then are, which
    /// tell the row that changed.
    pub fn check(&self, signed: &Checkpoint, tiles: &Path) -> Result<(), HubFault> {
        let (rows, size) = (self.tree.size(), signed.size);
        if size > rows {
            return Err(cut_short(rows as u64, size));
        }
        if self.tree.root(size) == signed.root {
            return Ok(());
        }
        let known = kept(tiles, size).filter(|known| known.root(size) == signed.root);
        let leaf = known.and_then(|known| {
            let pairs = known.leaves().iter().zip(self.tree.leaves());
            pairs.take(size).position(|(then, now)| then != now)
        });
        Err(leaf.map_or_else(
            || {
                changed(&format!(
                    "the first {size} rows are not those of the checkpoint, and the hashes of then are not in `{}`, \
                     so which row was changed cannot be told",
                    tiles.display()
                ))
            },
            |leaf| other(leaf as u64 + 1, size),
        ))
    }
}

/// The history was changed.
pub fn changed(what: &str) -> HubFault {
    HubFault::Audit(format!("{what}; find out who did it, and bring the registry back from a copy"))
}

fn cut_short(rows: u64, size: usize) -> HubFault {
    changed(&format!("rows {} to {size} are gone, which a checkpoint is of", rows + 1))
}

fn gone(row: u64) -> HubFault {
    changed(&format!("row {row} is gone"))
}

fn other(row: u64, size: usize) -> HubFault {
    changed(&format!("row {row} is not as it was when the checkpoint of {size} rows was signed"))
}

/// Leaves from the one with this number on.
type Leaves = (usize, Vec<Hash>);

/// The edge of the tree that was signed, and the hashes of those leaves that are looked at; nothing where a tile is not as it
/// was published.
fn known(signed: &Checkpoint, folder: &Path, publish: u64) -> Option<(Tree, [Leaves; 2])> {
    let edge = Tree::edge(signed.size, |tile| published(folder, tile))?;
    if edge.root(signed.size) != signed.root {
        return None;
    }
    let leaves = |tiles: Range<usize>| {
        let first = tiles.start * WIDTH;
        Some((first, tiles.map(|index| proven(&edge, folder, 0, index)).collect::<Option<Vec<_>>>()?.concat()))
    };
    let tiles = signed.size.div_ceil(WIDTH);
    // Whoever takes the newest rows away and lets others follow has changed the last one that was signed.
    let known = [leaves(window(tiles, publish))?, leaves(tiles.saturating_sub(1)..tiles)?];
    Some((edge, known))
}

/// Which of so many tiles have their turn. The number of windows is rounded up to a power of two, so that a history that grows
/// meanwhile, by half a window each time at most, lets none of them out; turns of windows that are not there yet go to others.
fn window(tiles: usize, publish: u64) -> Range<usize> {
    let windows = tiles.div_ceil(WINDOW);
    let round = windows.next_power_of_two();
    let turn = usize::try_from(publish % round as u64).unwrap_or_default();
    let turn = if turn < windows { turn } else { turn - round / 2 };
    (turn * WINDOW).min(tiles)..((turn + 1) * WINDOW).min(tiles)
}

/// The hashes of a tile, if they lead to the edge.
fn proven(edge: &Tree, folder: &Path, level: usize, index: usize) -> Option<Vec<Hash>> {
    if let Some(hashes) = edge.held(level, index) {
        return Some(hashes.to_vec());
    }
    let hashes = published(folder, Tile { level, index, width: WIDTH })?;
    let above = proven(edge, folder, level + 1, index / WIDTH)?;
    (above.get(index % WIDTH) == Some(&whole(&hashes))).then_some(hashes)
}

/// Whether the rows from leaf `first` on are as they were.
fn compare(registry: &Registry, first: usize, leaves: &[Hash], size: usize) -> Result<(), HubFault> {
    let salt = registry.salt()?;
    let (mut seq, mut left) = (first as u64, leaves.iter());
    registry.rows(seq..seq + leaves.len() as u64, &mut |row| {
        seq += 1;
        if row.seq != seq {
            return Err(gone(seq));
        }
        if left.next() == Some(&row.leaf(salt)?) { Ok(()) } else { Err(other(seq, size)) }
    })?;
    if left.len() > 0 { Err(gone(seq + 1)) } else { Ok(()) }
}

/// The hashes of a tile as they were published.
fn published(folder: &Path, tile: Tile) -> Option<Vec<Hash>> {
    let read = |tile: Tile| {
        let bytes = fs::read(folder.join(tile.to_string())).ok()?;
        Some(bytes.as_chunks().0.to_vec()).filter(|hashes| hashes.len() == tile.width)
    };
    // A tile that was cut short may have become whole since.
    let mut hashes: Vec<Hash> = read(tile).or_else(|| read(Tile { width: WIDTH, ..tile }))?;
    hashes.truncate(tile.width);
    Some(hashes)
}

/// The leaves' hashes as they were published.
fn kept(folder: &Path, size: usize) -> Option<Tree> {
    let mut tree = Tree::default();
    for tile in Tile::of(size).filter(|tile| tile.level == 0) {
        published(folder, tile)?.into_iter().for_each(|leaf| tree.push(leaf));
    }
    Some(tree)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tile_has_its_turn_while_the_history_grows() {
        assert_eq!(window(0, 7), 0..0);
        assert_eq!(window(1, 7), 0..1);
        assert_eq!(
            [window(300, 0), window(300, 1), window(300, 2), window(300, 3)],
            [0..128, 128..256, 256..300, 128..256]
        );
        for (begin, step) in [(1, 0), (128, 0), (5_000, 0), (11_719, 0), (1, 64), (300, 64), (5_000, 64), (11_719, 17)]
        {
            let windows = usize::div_ceil(begin, WINDOW);
            let publishes = windows.next_power_of_two() * if step == 0 { 1 } else { 3 };
            let seen: BTreeSet<usize> =
                (0..publishes).flat_map(|publish| window(begin + step * publish, 1_000 + publish as u64)).collect();
            let missed: Vec<usize> = (0..begin).filter(|tile| !seen.contains(tile)).collect();
            assert_eq!(missed, [0; 0], "{begin} tiles and {step} more each time");
        }
    }
}
