//! The random review draw.
//!
//! The draw hashes the journal's newest hash together with the label. That hash depends on every earlier row and its
//! time, so a supplier cannot know it beforehand; and it stands in the row, so anyone can repeat the draw later.

use sha2::{Digest, Sha256};

const DOMAIN: &[u8] = b"greengate review draw 1";

/// A draw for one showing of one label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    chance: u64,
    pick: u64,
}

impl Draw {
    /// The draw for the label `identity` after the journal row whose hash is `seed`.
    #[must_use]
    pub fn new(seed: &[u8; 32], identity: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(DOMAIN).chain_update(seed).chain_update(identity).finalize();
        let word = |at: usize| digest[at..at + 8].iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        Self { chance: word(0), pick: word(8) }
    }

    /// Whether the item is drawn where one in `one_in` is; 0 draws none.
    #[must_use]
    pub fn hits(&self, one_in: u32) -> bool {
        one_in > 0 && self.chance.is_multiple_of(u64::from(one_in))
    }

    /// Which of `items` is to be checked.
    #[must_use]
    pub fn pick<'a, T>(&self, items: &'a [T]) -> Option<&'a T> {
        let at = self.pick.checked_rem(items.len() as u64)?;
        items.get(usize::try_from(at).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_n_is_drawn_over_many_rows() {
        let hits = (0_u32..20_000).filter(|row| {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&row.to_be_bytes());
            Draw::new(&seed, b"label").hits(50)
        });
        let count = hits.count();
        assert!((340..=460).contains(&count), "400 expected of 20,000, not {count}");
    }

    #[test]
    fn the_same_row_and_label_draw_the_same() {
        assert_eq!(Draw::new(&[7; 32], b"label"), Draw::new(&[7; 32], b"label"));
        assert_ne!(Draw::new(&[7; 32], b"label"), Draw::new(&[8; 32], b"label"));
        assert_ne!(Draw::new(&[7; 32], b"label"), Draw::new(&[7; 32], b"other"));
    }

    #[test]
    fn zero_draws_none_and_one_draws_all() {
        let draw = Draw::new(&[1; 32], b"label");
        assert!(!draw.hits(0));
        assert!(draw.hits(1));
        assert_eq!(draw.pick::<u8>(&[]), None);
        assert_eq!(draw.pick(&["only"]), Some(&"only"));
    }
}
