//! The tree over the log's leaves (RFC 6962, 2.1; RFC 9162, 2.1), kept as tiles of 256 hashes
//! (c2sp.org/tlog-tiles): what lies between the edges of tiles is hashed when it is asked for.

use sha2::{Digest, Sha256};

use super::tile::{HEIGHT, Tile, WIDTH, levels_of};

/// A hash of a leaf or of two nodes.
pub type Hash = [u8; 32];

/// What is done with a tile that is whole, by its bytes.
pub type Take<'a, E> = &'a mut dyn FnMut(Tile, &[u8]) -> Result<(), E>;

/// What a log's leaf is hashed to.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The tree of a log that grows: all of it, or its right edge alone.
#[derive(Debug, Default)]
pub struct Tree {
    /// The hashes that tiles have: those of leaves, of 256 leaves each, of 65,536, and so on.
    levels: Vec<Level>,
}

/// A level of tiles.
#[derive(Debug, Default)]
struct Level {
    /// How many hashes stand before those that are here, all of them in whole tiles; 0 in a whole tree.
    before: usize,
    hashes: Vec<Hash>,
}

impl Level {
    fn count(&self) -> usize {
        self.before + self.hashes.len()
    }

    fn range(&self, low: usize, high: usize) -> &[Hash] {
        &self.hashes[low - self.before..high - self.before]
    }
}

impl Tree {
    /// The right edge of a tree of `size` leaves from its tiles, which is enough to go on from; nothing where `read` has not
    /// got one of them.
    pub fn edge(size: usize, read: impl Fn(Tile) -> Option<Vec<Hash>>) -> Option<Self> {
        let level = |(level, count): (usize, usize)| {
            let (index, width) = (count / WIDTH, count % WIDTH);
            let hashes = if width > 0 { read(Tile { level, index, width })? } else { Vec::new() };
            Some(Level { before: index * WIDTH, hashes })
        };
        Some(Self { levels: levels_of(size).map(level).collect::<Option<_>>()? })
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Level::count)
    }

    /// The leaves' hashes; of an edge the last ones.
    #[must_use]
    pub fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], |level| &level.hashes)
    }

    /// The tiles that can be made: all of them, or of an edge those with which it began or that it has grown by.
    pub fn tiles(&self) -> impl Iterator<Item = Tile> {
        let levels = self.levels.iter().enumerate();
        levels.flat_map(|(level, held)| Tile::of_level(level, held.before, held.count()))
    }

    /// The hashes of the tile at this place, if they are here.
    #[must_use]
    pub fn held(&self, level: usize, index: usize) -> Option<&[Hash]> {
        let level = self.levels.get(level)?;
        let (low, high) = (index * WIDTH, level.count().min((index + 1) * WIDTH));
        (level.before <= low && low < high).then(|| level.range(low, high))
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Level::default());
            }
            let hashes = &mut self.levels[level].hashes;
            hashes.push(hash);
            if !hashes.len().is_multiple_of(WIDTH) {
                break;
            }
            hash = whole(&hashes[hashes.len() - WIDTH..]);
        }
    }

    /// Gives the tiles away that are whole by now; what is left is the right edge.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn give_away<E>(&mut self, take: Take<'_, E>) -> Result<(), E> {
        for (level, held) in self.levels.iter_mut().enumerate() {
            let (tiles, _) = held.hashes.as_chunks::<WIDTH>();
            for (index, hashes) in (held.before / WIDTH..).zip(tiles) {
                take(Tile { level, index, width: WIDTH }, hashes.as_flattened())?;
            }
            let count = tiles.len() * WIDTH;
            held.hashes.drain(..count);
            held.before += count;
        }
        Ok(())
    }

    /// The root of the first `size` leaves; of an edge, of all of them.
    #[must_use]
    pub fn root(&self, size: usize) -> Hash {
        if size == 0 { Sha256::digest([]).into() } else { self.hash(0, size) }
    }

    /// What a tile's file has.
    #[must_use]
    pub fn bytes(&self, tile: Tile) -> Vec<u8> {
        let from = tile.index * WIDTH;
        self.levels[tile.level].range(from, from + tile.width).concat()
    }

    /// The proof that leaf `index` is in the tree of the first `size` leaves.
    #[must_use]
    pub fn inclusion(&self, index: usize, size: usize) -> Vec<Hash> {
        let (mut low, mut high, mut path) = (0, size, Vec::new());
        while high - low > 1 {
            let middle = low + half(high - low);
            if index < middle {
                path.push(self.hash(middle, high));
                high = middle;
            } else {
                path.push(self.hash(low, middle));
                low = middle;
            }
        }
        path.reverse();
        path
    }

    /// The proof that the tree of the first `old` leaves is the beginning of the tree of the first `new` ones.
    #[must_use]
    pub fn consistency(&self, old: usize, new: usize) -> Vec<Hash> {
        let (mut low, mut high, mut path) = (0, new, Vec::new());
        if old == 0 {
            return path;
        }
        while old < high {
            let middle = low + half(high - low);
            if old <= middle {
                path.push(self.hash(middle, high));
                high = middle;
            } else {
                path.push(self.hash(low, middle));
                low = middle;
            }
        }
        // Whoever has the old root knows the node that is all of the old tree.
        if low > 0 {
            path.push(self.hash(low, high));
        }
        path.reverse();
        path
    }

    /// The hash over leaves `low` to `high`, of which the first begins a subtree of at least their number.
    fn hash(&self, low: usize, high: usize) -> Hash {
        let count = high - low;
        if !count.is_power_of_two() {
            let middle = low + half(count);
            return node_hash(&self.hash(low, middle), &self.hash(middle, high));
        }
        let level = count.ilog2() as usize / HEIGHT;
        let [low, high] = [low, high].map(|leaf| leaf >> (level * HEIGHT));
        whole(self.levels[level].range(low, high))
    }
}

/// The largest power of two below `count`, which is above 1.
const fn half(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

/// The hash over a power of two of hashes.
pub fn whole(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Sha256::digest([]).into(),
        [hash] => *hash,
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            node_hash(&whole(left), &whole(right))
        }
    }
}

/// The root of the tree in which `path` proves a leaf, if it is a path for this place (RFC 9162, 2.1.3.2).
#[must_use]
pub fn root_of(leaf: Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
    let (mut at, mut last) = (index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut hash = leaf;
    for other in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node_hash(other, &hash);
            let zeros = if at == 0 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> zeros, last >> zeros);
        } else {
            hash = node_hash(&hash, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

/// Whether `path` proves that the tree of the first size and root is the beginning of the second one (RFC 9162, 2.1.4.2).
#[must_use]
pub fn continues(old: (usize, Hash), new: (usize, Hash), path: &[Hash]) -> bool {
    if old.0 == 0 || old.0 == new.0 {
        return path.is_empty() && (old.0 == 0 || old.1 == new.1);
    }
    if old.0 > new.0 {
        return false;
    }
    let zeros = old.0.trailing_zeros();
    let (mut at, mut last) = ((old.0 - 1) >> zeros, (new.0 - 1) >> zeros);
    let (first, rest) = if at == 0 {
        (old.1, path)
    } else if let Some((first, rest)) = path.split_first() {
        (*first, rest)
    } else {
        return false;
    };
    let (mut before, mut after) = (first, first);
    for other in rest {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            before = node_hash(other, &before);
            after = node_hash(other, &after);
            let zeros = if at == 0 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> zeros, last >> zeros);
        } else {
            after = node_hash(&after, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && before == old.1 && after == new.1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rules::hex;

    /// The leaves and roots that the reference implementation of Certificate Transparency tests with.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn grown(size: usize) -> Tree {
        let mut tree = Tree::default();
        (0..size).for_each(|leaf| tree.push(leaf_hash(leaf.to_string().as_bytes())));
        tree
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::default();
        for (size, root) in ROOTS.iter().enumerate() {
            assert_eq!(hex::encode(&tree.root(size)), *root);
            if let Some(leaf) = LEAVES.get(size) {
                tree.push(leaf_hash(&hex::decode_any(leaf).expect("hexadecimal")));
            }
        }
        // The reference implementation's own proofs: leaf 0 of 8, and from 6 leaves to 8.
        let proof: Vec<String> = tree.inclusion(0, 8).iter().map(|hash| hex::encode(hash)).collect();
        assert_eq!(proof[0], "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
        assert_eq!(proof[2], "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
        let proof: Vec<String> = tree.consistency(6, 8).iter().map(|hash| hex::encode(hash)).collect();
        assert_eq!(proof[0], "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
        assert_eq!(proof[1], "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
        assert_eq!(proof[2], "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    }

    #[test]
    fn every_leaf_is_proven_in_small_trees_and_at_the_edges_of_tiles() {
        let tree = grown(66_100);
        let edges = [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 65_793, 66_100];
        for size in (1..40).chain(edges) {
            let root = tree.root(size);
            let leaves = (0..size.min(40)).chain([size / 2, size - 1, size.saturating_sub(256)]);
            for index in leaves {
                let (leaf, path) = (tree.leaves()[index], tree.inclusion(index, size));
                assert_eq!(root_of(leaf, index, size, &path), Some(root), "{index} of {size}");
                assert_ne!(root_of(leaf_hash(b"other"), index, size, &path), Some(root));
                assert_ne!(root_of(leaf, index + 1, size, &path), Some(root));
                assert_eq!(root_of(leaf, size, size, &path), None);
                if let Some((_, shorter)) = path.split_last() {
                    assert_ne!(root_of(leaf, index, size, shorter), Some(root));
                }
                let longer = [&path[..], &[root]].concat();
                assert_eq!(root_of(leaf, index, size, &longer), None);
            }
        }
    }

    #[test]
    fn every_beginning_is_proven_and_no_other_one() {
        let tree = grown(65_800);
        let sizes: Vec<usize> = (0..20).chain([255, 256, 257, 300, 65_535, 65_536, 65_537, 65_800]).collect();
        for &new in &sizes {
            for &old in sizes.iter().filter(|old| **old <= new) {
                let (before, after) = ((old, tree.root(old)), (new, tree.root(new)));
                let path = tree.consistency(old, new);
                assert!(continues(before, after, &path), "{old} to {new}");
                if old > 0 {
                    assert!(!continues((old, leaf_hash(b"other")), after, &path), "{old} to {new}");
                    assert!(!continues(before, (new, leaf_hash(b"other")), &path), "{old} to {new}");
                    assert!(old == new || !continues(after, before, &path), "{new} to {old}");
                }
                let longer = [&path[..], &[after.1]].concat();
                assert!(!continues(before, after, &longer), "{old} to {new}");
            }
        }
    }

    #[test]
    fn an_edge_goes_on_as_the_whole_tree_does() {
        let sizes =
            [0, 1, 2, 255, 256, 257, 300, 511, 512, 513, 65_279, 65_280, 65_535, 65_536, 65_537, 65_791, 65_792];
        let more = [0, 1, 2, 200, 255, 256, 257, 600];
        for begin in sizes {
            let mut tree = grown(begin);
            let held = |tile: Tile| tree.held(tile.level, tile.index).expect("it is here").to_vec();
            let tiles: BTreeMap<_, _> = tree.tiles().map(|tile| (tile.to_string(), held(tile))).collect();
            let read = |tile: Tile| tiles.get(&tile.to_string()).cloned();
            let mut edge = Tree::edge(begin, read).expect("its tiles are there");
            let mut size = begin;
            for end in more.map(|more| begin + more) {
                for leaf in size..end {
                    let leaf = leaf_hash(leaf.to_string().as_bytes());
                    tree.push(leaf);
                    edge.push(leaf);
                }
                size = end;
                assert_eq!((edge.size(), edge.root(size)), (size, tree.root(size)), "{begin} to {size}");
                let held: Vec<_> = edge.tiles().map(|tile| (tile.to_string(), edge.bytes(tile))).collect();
                let all = Tile::of(size).map(|tile| (tile.to_string(), tree.bytes(tile)));
                let (new, old): (Vec<_>, Vec<_>) = all.partition(|(name, _)| held.iter().any(|(held, _)| held == name));
                assert_eq!(held, new, "{begin} to {size}");
                // What the edge has not got is as it was.
                assert!(old.iter().all(|(name, bytes)| tiles[name].concat() == *bytes), "{begin} to {size}");
            }
            let lost = |tile: Tile| (tile.level > 0).then(|| read(tile)).flatten();
            assert_eq!(Tree::edge(begin, lost).is_none(), begin % WIDTH > 0, "{begin}");
        }
    }

    #[test]
    fn tiles_that_are_given_away_and_those_of_the_edge_are_all_there_are() {
        for size in [0, 1, 255, 256, 257, 65_536, 66_100] {
            let (whole, mut tree, mut found) = (grown(size), Tree::default(), BTreeMap::new());
            for leaf in whole.leaves() {
                tree.push(*leaf);
                let mut take = |tile: Tile, bytes: &[u8]| match found.insert(tile.to_string(), bytes.to_vec()) {
                    None => Ok(()),
                    Some(_) => Err(tile),
                };
                tree.give_away(&mut take).expect("each once");
                assert!(tree.levels.iter().all(|level| level.hashes.len() < WIDTH));
            }
            assert_eq!((tree.size(), tree.root(size)), (size, whole.root(size)));
            found.extend(tree.tiles().map(|tile| (tile.to_string(), tree.bytes(tile))));
            let all: BTreeMap<_, _> = whole.tiles().map(|tile| (tile.to_string(), whole.bytes(tile))).collect();
            assert!(found == all, "{size}");
        }
    }

    #[test]
    fn a_tile_has_the_hashes_of_those_below_it() {
        let tree = grown(600);
        let lower = Tile { level: 0, index: 1, width: 256 };
        let upper = Tile { level: 1, index: 0, width: 2 };
        let mut leaves = Tree::default();
        tree.bytes(lower).chunks(32).for_each(|hash| leaves.push(hash.try_into().expect("32 bytes")));
        assert_eq!(tree.bytes(upper)[32..], leaves.root(256));
    }
}
