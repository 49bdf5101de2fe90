//! What the standard says of each version: sizes, alignment patterns, blocks and check bytes.
//!
//! Figures are those of ISO/IEC 18004:2015 tables 1, 7 and 9 and annex E.

/// Modules on a side of version 1.
pub(super) const SIZE_LEAST: usize = 21;
/// Modules on a side of version 40.
pub(super) const SIZE_MOST: usize = 177;

/// Check bytes of a block, by level (L, M, Q, H) and version (1 to 40).
const CHECKS: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks, by level and version.
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// How much of a symbol can be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Low,
    Medium,
    Quartile,
    High,
}

impl Level {
    /// From the two bits of the format information (ISO/IEC 18004 table 12).
    pub(super) fn from_bits(bits: u16) -> Self {
        match bits & 3 {
            0 => Self::Medium,
            1 => Self::Low,
            2 => Self::High,
            _ => Self::Quartile,
        }
    }
}

/// How the bytes of a symbol are cut into blocks; the last `blocks - short` have one more data byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Number of blocks.
    pub(super) blocks: usize,
    /// Number of short blocks, which come first.
    pub(super) short: usize,
    /// Data bytes of a short block.
    pub(super) data: usize,
    /// Check bytes of every block.
    pub(super) checks: usize,
    /// The check bytes that may be spent on repairs in a block; fewer than all of them in the smallest symbols, where
    /// the standard keeps some to tell damage from data (ISO/IEC 18004 table 9, note b).
    pub(super) repairs: usize,
}

/// The layout of a version (1 to 40) at a level.
pub(super) fn layout(version: usize, level: Level) -> Layout {
    let blocks = usize::from(BLOCKS[level as usize][version - 1]);
    let checks = usize::from(CHECKS[level as usize][version - 1]);
    let total = total_bytes(version);
    let kept = match (version, level) {
        (1, Level::Low) => 3,
        (1, Level::Medium) | (2, Level::Low) => 2,
        (1, Level::Quartile | Level::High) | (3, Level::Low) => 1,
        _ => 0,
    };
    Layout { blocks, short: blocks - total % blocks, data: total / blocks - checks, checks, repairs: checks - kept }
}

/// Bytes of a symbol, data and check bytes together.
fn total_bytes(version: usize) -> usize {
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let aligned = version / 7 + 2;
        modules -= (25 * aligned - 10) * aligned - 55;
    }
    if version >= 7 {
        modules -= 36;
    }
    modules / 8
}

/// The version of a symbol of `size` modules, if there is one.
pub(super) fn version_of(size: usize) -> Option<usize> {
    ((SIZE_LEAST..=SIZE_MOST).contains(&size) && size % 4 == 1).then(|| (size - 17) / 4)
}

/// Rows and columns of the alignment patterns' centres, the first always 6; empty for version 1.
pub(super) fn alignment(version: usize) -> impl DoubleEndedIterator<Item = usize> + Clone {
    let count = if version < 2 { 0 } else { version / 7 + 2 };
    let step = if count < 2 { 0 } else { (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2 };
    (0..count).map(move |at| if at == 0 { 6 } else { version * 4 + 10 - (count - 1 - at) * step })
}

/// Rows and columns of the middles of the alignment patterns that stand on no timing pattern and no eye.
pub(super) fn alignment_middles(size: usize) -> impl Iterator<Item = (usize, usize)> {
    let middles = alignment(version_of(size).unwrap_or(1)).skip(1);
    middles.clone().flat_map(move |row| middles.clone().map(move |column| (row, column)))
}

/// The version that 18 bits of version information mean, where at most three of them are wrong (annex D).
pub(super) fn version_from_bits(bits: u32) -> Option<usize> {
    (7..=40).find(|&version| (version_bits(version) ^ bits).count_ones() <= 3)
}

fn version_bits(version: usize) -> u32 {
    let mut rest = version as u32;
    for _ in 0..12 {
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
    }
    (version as u32) << 12 | rest
}

/// The fifteen bits of format information as printed, for five bits of level and mask (annex C).
pub(super) fn format_bits(format: u16) -> u16 {
    let mut rest = format;
    for _ in 0..10 {
        rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    }
    (format << 10 | rest) ^ 0x5412
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment_patterns_stand_where_annex_e_says() {
        assert_eq!(alignment(1).collect::<Vec<_>>(), Vec::<usize>::new());
        assert_eq!(alignment(2).collect::<Vec<_>>(), [6, 18]);
        assert_eq!(alignment(7).collect::<Vec<_>>(), [6, 22, 38]);
        assert_eq!(alignment(32).collect::<Vec<_>>(), [6, 34, 60, 86, 112, 138]);
        assert_eq!(alignment(40).collect::<Vec<_>>(), [6, 30, 58, 86, 114, 142, 170]);
    }

    #[test]
    fn format_and_version_bits_are_those_of_the_annexes() {
        assert_eq!(format_bits(0b00_101), 0b100_0000_1100_1110);
        assert_eq!(version_bits(7), 0b00_0111_1100_1001_0100);
        assert_eq!(version_from_bits(version_bits(23) ^ 0b1_0100_0001), Some(23));
    }

    #[test]
    fn layouts_are_those_of_table_9() {
        let expected = Layout { blocks: 4, short: 2, data: 15, checks: 18, repairs: 18 };
        assert_eq!(layout(5, Level::Quartile), expected);
        assert_eq!(layout(1, Level::Low), Layout { blocks: 1, short: 1, data: 19, checks: 7, repairs: 4 });
        assert_eq!(layout(40, Level::High).blocks, 81);
    }
}
