//! QR codes to print: error correction level M, in the smallest size that the text allows.
//!
//! A label is mostly digits, and digits cost a third of what bytes cost, so the text is cut into segments of the
//! three QR modes by dynamic programming: the cheapest way to end in each mode after each byte.

use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use super::code::{PAYLOAD_LIMIT, Symbol};

/// Costs are counted in sixths of a bit, in which all three modes are whole numbers.
const SIXTHS: u32 = 6;
/// The sizes between which the length of a segment's header differs, and the bits of its count (ISO/IEC 18004, table 3):
/// numeric, alphanumeric, byte.
const RANGES: [(u8, u8, [u32; 3]); 3] = [(1, 9, [10, 9, 8]), (10, 26, [12, 11, 16]), (27, 40, [14, 13, 16])];
/// Bits of a segment's mode.
const MODE_BITS: u32 = 4;
/// The characters of the alphanumeric mode beside digits and upper-case letters.
const ALPHANUMERIC_SIGNS: &[u8] = b" $%*+-./:";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Numeric,
    Alphanumeric,
    Byte,
}

const MODES: [Mode; 3] = [Mode::Numeric, Mode::Alphanumeric, Mode::Byte];

/// The symbol for `text`, `None` if it is too long for any.
#[must_use]
pub fn encode(text: &str) -> Option<Symbol> {
    encode_bytes(text.as_bytes())
}

/// The symbol for bytes in any character set, `None` if there are too many for any symbol.
#[must_use]
pub fn encode_bytes(bytes: &[u8]) -> Option<Symbol> {
    if bytes.len() > PAYLOAD_LIMIT {
        return None;
    }
    RANGES.into_iter().find_map(|(first, last, count_bits)| {
        let segments = segments(bytes, count_bits);
        let (first, last) = (Version::new(first), Version::new(last));
        QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, first, last, None, false)
            .ok()
            .map(|code| modules(&code))
    })
}

fn modules(code: &QrCode) -> Symbol {
    let side = code.size();
    let dark = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| code.get_module(x, y)).collect();
    Symbol { size: usize::try_from(side).unwrap_or_default(), dark }
}

/// The cheapest cut into segments where a segment's count has `count_bits`.
fn segments(bytes: &[u8], count_bits: [u32; 3]) -> Vec<QrSegment> {
    // A reader guesses the character set of each byte segment alone, so text that is not UTF-8 stays in one piece.
    if std::str::from_utf8(bytes).is_err() {
        return vec![QrSegment::make_bytes(bytes)];
    }
    let modes = cheapest_modes(bytes, count_bits);
    let marked: Vec<_> = bytes.iter().copied().zip(modes).collect();
    marked.chunk_by(|a, b| a.1 == b.1).map(segment).collect()
}

fn segment(run: &[(u8, Mode)]) -> QrSegment {
    let bytes: Vec<u8> = run.iter().map(|(byte, _)| *byte).collect();
    match run[0].1 {
        Mode::Numeric => QrSegment::make_numeric(&String::from_utf8_lossy(&bytes)),
        Mode::Alphanumeric => QrSegment::make_alphanumeric(&String::from_utf8_lossy(&bytes)),
        Mode::Byte => QrSegment::make_bytes(&bytes),
    }
}

/// The mode of every byte.
fn cheapest_modes(bytes: &[u8], count_bits: [u32; 3]) -> Vec<Mode> {
    let header = count_bits.map(|bits| (MODE_BITS + bits) * SIXTHS);
    let mut costs = header.map(Some);
    let mut steps = Vec::with_capacity(bytes.len());
    for byte in bytes {
        let (next, from) = step(*byte, costs, header, steps.is_empty());
        costs = next;
        steps.push(from);
    }
    let mut at = cheapest(costs);
    let mut modes: Vec<_> = steps
        .iter()
        .rev()
        .map(|from| {
            let mode = MODES[at];
            at = from[at];
            mode
        })
        .collect();
    modes.reverse();
    modes
}

/// What it costs to have `byte` in each mode, and which mode the byte before it then has.
fn step(byte: u8, costs: [Option<u32>; 3], header: [u32; 3], is_first: bool) -> ([Option<u32>; 3], [usize; 3]) {
    let (mut next, mut from) = ([None; 3], [0, 1, 2]);
    for (to, mode) in MODES.into_iter().enumerate() {
        let Some(cost) = cost(byte, mode) else { continue };
        let ways = costs.iter().enumerate().filter(|(before, _)| !is_first || *before == to);
        let best = ways.filter_map(|(before, cost)| {
            let opening = if before == to { 0 } else { header[to] };
            // Part of a bit is a whole one where a segment ends.
            let closed = if before == to { (*cost)? } else { (*cost)?.next_multiple_of(SIXTHS) };
            Some((closed + opening, before))
        });
        if let Some((before_cost, before)) = best.min() {
            next[to] = Some(before_cost + cost);
            from[to] = before;
        }
    }
    (next, from)
}

fn cheapest(costs: [Option<u32>; 3]) -> usize {
    (0..3).min_by_key(|mode| costs[*mode].map_or(u32::MAX, |cost| cost.next_multiple_of(SIXTHS))).unwrap_or_default()
}

/// Sixths of a bit: three digits take 10 bits, two characters 11, a byte 8.
fn cost(byte: u8, mode: Mode) -> Option<u32> {
    let is_alphanumeric = byte.is_ascii_digit() || byte.is_ascii_uppercase() || ALPHANUMERIC_SIGNS.contains(&byte);
    match mode {
        Mode::Numeric => byte.is_ascii_digit().then_some(20),
        Mode::Alphanumeric => is_alphanumeric.then_some(33),
        Mode::Byte => Some(48),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(segments: &[QrSegment], count_bits: [u32; 3]) -> usize {
        let header = |segment: &QrSegment| match segment.mode() {
            qrcodegen::QrSegmentMode::Numeric => MODE_BITS + count_bits[0],
            qrcodegen::QrSegmentMode::Alphanumeric => MODE_BITS + count_bits[1],
            qrcodegen::QrSegmentMode::Byte | qrcodegen::QrSegmentMode::Kanji | qrcodegen::QrSegmentMode::Eci => {
                MODE_BITS + count_bits[2]
            }
        };
        segments.iter().map(|segment| segment.data().len() + usize::try_from(header(segment)).unwrap()).sum()
    }

    /// The bits of every way to give each byte a mode; the fewest.
    fn fewest_bits(bytes: &[u8], count_bits: [u32; 3]) -> usize {
        let ways = 3_usize.pow(u32::try_from(bytes.len()).unwrap());
        let modes =
            |way: usize| (0..bytes.len()).map(move |at| MODES[way / 3_usize.pow(u32::try_from(at).unwrap()) % 3]);
        let possible =
            (0..ways).filter(|way| bytes.iter().zip(modes(*way)).all(|(byte, mode)| cost(*byte, mode).is_some()));
        let segments = |way| {
            let marked: Vec<_> = bytes.iter().copied().zip(modes(way)).collect();
            marked.chunk_by(|a, b| a.1 == b.1).map(segment).collect::<Vec<_>>()
        };
        possible.map(|way| bits(&segments(way), count_bits)).min().unwrap()
    }

    #[test]
    fn no_other_cut_is_shorter() {
        // Short headers make every cut worth while somewhere in a short text.
        for count_bits in [[10, 9, 8], [0, 0, 0], [1, 3, 2]] {
            for text in
                ["0", "00000000", "A0000000", "a0A0a0A0", "00000A0a", "/01/0690", "AB12cd34", "a1111111", "1A11AA11"]
            {
                let cut = bits(&segments(text.as_bytes(), count_bits), count_bits);
                assert_eq!(cut, fewest_bits(text.as_bytes(), count_bits), "{text} {count_bits:?}");
            }
        }
    }
}
