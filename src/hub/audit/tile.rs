//! The tiles that a log's tree is published in (c2sp.org/tlog-tiles): 256 hashes of one level each, where a level's hash is over a
//! whole tile of the level below.

use std::fmt;

/// Hashes of a whole tile.
pub const WIDTH: usize = 256;
/// Levels of the tree that one level of tiles spans.
pub const HEIGHT: usize = 8;

/// One tile of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// 0 has leaves.
    pub level: usize,
    /// Its place in the level.
    pub index: usize,
    /// How many hashes it has: 256, or fewer at the tree's edge.
    pub width: usize,
}

impl Tile {
    /// The tiles of a tree of this size.
    pub fn of(size: usize) -> impl Iterator<Item = Self> {
        Self::since(0, size)
    }

    /// Those of them that are not as they were in a tree of size `before`, and its last ones.
    pub fn since(before: usize, size: usize) -> impl Iterator<Item = Self> {
        levels_of(size).flat_map(move |(level, hashes)| Self::of_level(level, at_level(before, level), hashes))
    }

    /// The tiles of a level with so many hashes, from the one on that has hash `before`.
    pub fn of_level(level: usize, before: usize, hashes: usize) -> impl Iterator<Item = Self> {
        let tiles = before / WIDTH..hashes.div_ceil(WIDTH);
        tiles.map(move |index| Self { level, index, width: WIDTH.min(hashes - index * WIDTH) })
    }
}

/// The levels of a tree of this size, each with the number of its hashes.
pub fn levels_of(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..).map(move |level| (level, at_level(size, level))).take_while(|(_, hashes)| *hashes > 0)
}

/// How many hashes a level has in a tree of this size.
fn at_level(size: usize, level: usize) -> usize {
    u32::try_from(level * HEIGHT).ok().and_then(|bits| size.checked_shr(bits)).unwrap_or(0)
}

/// `tile/0/x001/234.p/17`
impl fmt::Display for Tile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, index, width } = self;
        let mut groups = vec![index % 1000];
        let mut rest = index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        write!(out, "tile/{level}")?;
        groups[1..].iter().rev().try_for_each(|group| write!(out, "/x{group:03}"))?;
        write!(out, "/{:03}", groups[0])?;
        if *width < WIDTH { write!(out, ".p/{width}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_named_and_cut_as_c2sp_has_them() {
        let named = |size| Tile::of(size).map(|tile| tile.to_string()).collect::<Vec<_>>();
        assert_eq!(named(0), [""; 0]);
        assert_eq!(named(255), ["tile/0/000.p/255"]);
        assert_eq!(named(256), ["tile/0/000", "tile/1/000.p/1"]);
        assert_eq!(named(70_000).len(), 274 + 2 + 1);
        assert_eq!(named(70_000)[273..], ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]);
        let far = Tile { level: 3, index: 1_234_067, width: 256 };
        assert_eq!(far.to_string(), "tile/3/x001/x234/067");
        let since = |before, size| Tile::since(before, size).map(|tile| tile.to_string()).collect::<Vec<_>>();
        assert_eq!(since(0, 300), named(300));
        assert_eq!(since(300, 300), ["tile/0/001.p/44", "tile/1/000.p/1"]);
        assert_eq!(since(256, 256), ["tile/1/000.p/1"]);
        assert_eq!(since(65_535, 65_536), ["tile/0/255", "tile/1/000", "tile/2/000.p/1"]);
    }
}
