//! From a square of dark and light modules to the payload.
//!
//! `rqrr` walks the modules (placement, reserved areas) because that is well tested there and cannot fail for the
//! sizes that exist. It is given a grid whose mask is already removed and whose format information is already
//! repaired from both copies, so nothing in it depends on damaged input. Correction and segments are ours.

use std::cmp::Reverse;

use rqrr::{BitGrid, Grid, RawData};

use super::{
    correction, segments,
    version::{self, Layout, Level},
};

/// The most wrong bits in the better copy of the format information (its code has distance 7).
const FORMAT_ERRORS: u32 = 3;

/// Check bytes of a symbol that are never spent where bytes are taken for unknown, and the least of them in a block. With
/// `k` of them kept in a block of `n` bytes of which `e` are repaired without being known to be wrong, a block of chance
/// is taken for a code word with a probability of about `C(n, e) / 256^(k + e)`: for the symbol, one in four thousand
/// million where nothing else is wrong.
const CHECKS_KEPT: usize = 4;
const CHECKS_KEPT_LEAST: usize = 2;

/// The modules of a symbol as sampled.
#[derive(Default)]
pub(super) struct Modules {
    /// Modules on a side.
    pub(super) size: usize,
    /// `size * size`, dark is `true`, row by row.
    pub(super) dark: Vec<bool>,
}

impl Modules {
    fn at(&self, y: usize, x: usize) -> bool {
        self.dark.get(y * self.size + x).copied().unwrap_or(false)
    }
}

/// A payload and how it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// The symbol was printed or seen as in a mirror.
    pub(super) mirrored: bool,
}

/// Reads a symbol as it is, then as seen in a mirror. `doubtful` is empty or says of each module whether its colour
/// means little; bytes that have such modules may then be taken for unknown.
pub(super) fn read(modules: &Modules, doubtful: &[bool]) -> Option<Message> {
    [false, true].into_iter().find_map(|mirrored| {
        let bytes = read_one_way(modules, doubtful, mirrored)?;
        Some(Message { bytes, mirrored })
    })
}

fn read_one_way(modules: &Modules, doubtful: &[bool], mirrored: bool) -> Option<Vec<u8>> {
    let version = version::version_of(modules.size)?;
    let mut grid = Unmasked { modules, mirrored, format: 0, doubtful: None };
    grid.format = grid.best_format()?;
    let layout = version::layout(version, Level::from_bits(grid.format >> 3));
    let doubts = if doubtful.is_empty() {
        None
    } else {
        Some(Grid::new(Unmasked { doubtful: Some(doubtful), ..grid }).get_raw_data().ok()?.1)
    };
    let (_, raw) = Grid::new(grid).get_raw_data().ok()?;
    let data = repaired(&raw, doubts.as_ref(), layout)?;
    segments::parse(&data, version).ok()
}

/// Takes the interleaved bytes apart into blocks, repairs each, and joins their data.
fn repaired(raw: &RawData, doubts: Option<&RawData>, layout: Layout) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(layout.blocks * (layout.data + 1));
    for index in 0..layout.blocks {
        let (mut block, data) = block_of(raw, layout, index)?;
        let block = &mut block[..data + layout.checks];
        match doubts {
            None => correction::correct(block, layout.checks, &[], layout.repairs)?,
            Some(doubts) => repair_doubtful(block, &block_of(doubts, layout, index)?.0, layout)?,
        };
        out.extend_from_slice(&block[..data]);
    }
    Some(out)
}

/// A block's bytes, data and then check bytes, and how many of them are data.
fn block_of(raw: &RawData, layout: Layout, index: usize) -> Option<([u8; 255], usize)> {
    let common = layout.data * layout.blocks;
    let checks_start = common + layout.blocks - layout.short;
    let long = index >= layout.short;
    let data = layout.data + usize::from(long);
    let mut block = [0; 255];
    for (at, byte) in block.iter_mut().enumerate().take(layout.data) {
        *byte = *raw.data.get(at * layout.blocks + index)?;
    }
    if long {
        block[layout.data] = *raw.data.get(common + index - layout.short)?;
    }
    for at in 0..layout.checks {
        *block.get_mut(data + at)? = *raw.data.get(checks_start + at * layout.blocks + index)?;
    }
    Some((block, data))
}

/// Repairs a block as it is, or with its most doubtful bytes taken for unknown: as many as there are check bytes for,
/// then fewer (generalised minimum distance decoding), because a byte that is thought unknown and is right is wasted.
fn repair_doubtful(block: &mut [u8], doubts: &[u8], layout: Layout) -> Option<usize> {
    let kept = CHECKS_KEPT.div_ceil(layout.blocks).max(CHECKS_KEPT_LEAST);
    let most = layout.repairs.min(layout.checks.checked_sub(kept)?);
    let mut places: Vec<usize> = (0..block.len()).filter(|&at| doubts[at] != 0).collect();
    places.sort_by_key(|&at| Reverse(doubts[at].count_ones()));
    let mut copy = [0; 255];
    let copy = &mut copy[..block.len()];
    [(0, layout.repairs), (most, most), (most * 2 / 3, most), (most / 3, most)].into_iter().find_map(|(count, most)| {
        copy.copy_from_slice(block);
        let repaired = correction::correct(copy, layout.checks, &places[..count.min(places.len())], most)?;
        block.copy_from_slice(copy);
        Some(repaired)
    })
}

/// The modules with the mask taken off and the format information repaired.
#[derive(Clone, Copy)]
struct Unmasked<'a> {
    modules: &'a Modules,
    mirrored: bool,
    format: u16,
    /// In place of the modules' colours, whether they mean little.
    doubtful: Option<&'a [bool]>,
}

impl Unmasked<'_> {
    fn dark(&self, y: usize, x: usize) -> bool {
        if self.mirrored { self.modules.at(x, y) } else { self.modules.at(y, x) }
    }

    fn is_doubtful(&self, doubtful: &[bool], y: usize, x: usize) -> bool {
        let (y, x) = if self.mirrored { (x, y) } else { (y, x) };
        doubtful.get(y * self.modules.size + x).copied().unwrap_or(false)
    }

    /// Level and mask whose printed bits differ least from the better of the two copies, then from both: one copy may
    /// be torn off.
    fn best_format(&self) -> Option<u16> {
        let first = (0..15).map(|bit| u16::from(self.dark_at(first_place(bit))) << bit).sum::<u16>();
        let second = (0..15).map(|bit| u16::from(self.dark_at(self.second_place(bit))) << bit).sum::<u16>();
        let errors = |format: u16| {
            let printed = version::format_bits(format);
            ((printed ^ first).count_ones(), (printed ^ second).count_ones())
        };
        let rank = |(one, other): (u32, u32)| (one.min(other), one + other);
        let best = (0..32).min_by_key(|&format| rank(errors(format)))?;
        (rank(errors(best)).0 <= FORMAT_ERRORS).then_some(best)
    }

    fn dark_at(&self, (y, x): (usize, usize)) -> bool {
        self.dark(y, x)
    }

    fn second_place(&self, bit: usize) -> (usize, usize) {
        let size = self.modules.size;
        if bit < 8 { (8, size - 1 - bit) } else { (size - 15 + bit, 8) }
    }
}

/// Row and column of a format bit around the top left finder pattern, bit 0 the least significant.
fn first_place(bit: usize) -> (usize, usize) {
    match bit {
        0..=5 => (bit, 8),
        6 => (7, 8),
        7 => (8, 8),
        8 => (8, 7),
        _ => (8, 14 - bit),
    }
}

/// Which format bit stands at a place, if any.
fn first_bit(y: usize, x: usize) -> Option<usize> {
    if y > 8 || x > 8 {
        return None;
    }
    (0..15).find(|&bit| first_place(bit) == (y, x))
}

impl BitGrid for Unmasked<'_> {
    fn size(&self) -> usize {
        self.modules.size
    }

    fn bit(&self, y: usize, x: usize) -> bool {
        match (first_bit(y, x), self.doubtful) {
            (Some(bit), _) => version::format_bits(self.format) >> bit & 1 == 1,
            (None, Some(doubtful)) => self.is_doubtful(doubtful, y, x),
            (None, None) => self.dark(y, x) != mask(self.format & 7, y, x),
        }
    }
}

/// Whether a mask flips a module (ISO/IEC 18004 table 10).
fn mask(pattern: u16, y: usize, x: usize) -> bool {
    match pattern {
        0 => (y + x).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (y + x).is_multiple_of(3),
        4 => (y / 2 + x / 3).is_multiple_of(2),
        5 => (y * x).is_multiple_of(6),
        6 => (y * x % 2 + y * x % 3).is_multiple_of(2),
        _ => ((y + x) % 2 + y * x % 3).is_multiple_of(2),
    }
}

#[cfg(test)]
mod tests {
    use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

    use super::*;

    fn modules(code: &QrCode) -> Modules {
        let size = code.size();
        let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).map(|(x, y)| code.get_module(x, y)).collect();
        Modules { size: size as usize, dark }
    }

    #[test]
    fn every_version_level_and_mask_is_read() {
        let levels = [QrCodeEcc::Low, QrCodeEcc::Medium, QrCodeEcc::Quartile, QrCodeEcc::High];
        for number in 1..=40 {
            for (index, level) in levels.into_iter().enumerate() {
                let text = format!("V{number}-{index}");
                let (version, mask) = (Version::new(number), Mask::new((number + index as u8) % 8));
                let segments = QrSegment::make_segments(&text);
                let code = QrCode::encode_segments_advanced(&segments, level, version, version, Some(mask), false);
                let expected = Some(Message { bytes: text.clone().into_bytes(), mirrored: false });
                assert_eq!(read(&modules(&code.expect("it fits")), &[]), expected);
            }
        }
    }

    #[test]
    fn a_mirrored_symbol_is_read_and_told() {
        let code = QrCode::encode_text("mirror", QrCodeEcc::Medium).expect("it fits");
        let mut seen = modules(&code);
        let size = seen.size;
        seen.dark = (0..size * size).map(|at| seen.at(at % size, at / size)).collect();
        assert_eq!(read(&seen, &[]), Some(Message { bytes: b"mirror".to_vec(), mirrored: true }));
    }

    #[test]
    fn three_wrong_format_bits_are_repaired_though_the_other_copy_is_lost() {
        let code = QrCode::encode_text("format", QrCodeEcc::Medium).expect("it fits");
        let mut seen = modules(&code);
        let (size, grid) =
            (seen.size, Unmasked { modules: &modules(&code), mirrored: false, format: 0, doubtful: None });
        (0..15).map(|bit| grid.second_place(bit)).for_each(|(y, x)| seen.dark[y * size + x] = false);
        [0, 6, 11].map(first_place).into_iter().for_each(|(y, x)| seen.dark[y * size + x] ^= true);
        assert_eq!(read(&seen, &[]).map(|message| message.bytes), Some(b"format".to_vec()));
        let (y, x) = first_place(3);
        seen.dark[y * size + x] ^= true;
        assert_eq!(read(&seen, &[]), None);
    }

    #[test]
    fn noise_and_odd_sizes_are_no_symbols() {
        for size in [0, 1, 20, 22, 178, 181] {
            assert_eq!(read(&Modules { size, dark: vec![true; size * size] }, &[]), None);
        }
        assert_eq!(read(&Modules { size: 25, dark: Vec::new() }, &[]), None);
    }
}
