//! Reed–Solomon error correction over GF(256) for one block of a QR symbol.
//!
//! `rqrr` corrects too, but keeps its corrected bits to itself and parses them in a way that refuses GS1 symbols, so
//! this step is ours. Syndromes, Berlekamp–Massey, Chien search and Forney's formula on arrays of fixed size: no
//! allocation, and the same few loops for any input.

/// The most check bytes that a QR block has.
const CHECK_LIMIT: usize = 30;
/// A polynomial, lowest power first; one longer than the check bytes because of its constant term.
type Poly = [u8; CHECK_LIMIT + 1];

/// Powers of the field's generator twice over, so that a sum of two logarithms needs no modulus.
const EXP: [u8; 512] = exp_table();
/// Logarithms; `LOG[0]` means nothing.
const LOG: [u8; 256] = log_table();

const fn exp_table() -> [u8; 512] {
    let mut table = [0; 512];
    let mut value: u16 = 1;
    let mut at = 0;
    while at < 512 {
        table[at] = value as u8;
        value <<= 1;
        if value & 0x100 != 0 {
            value ^= 0x11D;
        }
        at += 1;
    }
    table
}

const fn log_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 255 {
        table[EXP[at] as usize] = at as u8;
        at += 1;
    }
    table
}

fn log(a: u8) -> usize {
    usize::from(LOG[usize::from(a)])
}

fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 { 0 } else { EXP[log(a) + log(b)] }
}

/// `b` must not be zero.
fn divide(a: u8, b: u8) -> u8 {
    if a == 0 { 0 } else { EXP[log(a) + 255 - log(b)] }
}

/// Repairs `block` (data, then `checks` check bytes; at most 255 bytes) in place. Bytes at the places `erased`, each
/// named once, are taken for unknown: they cost half as much as bytes that are wrong without being known to be.
///
/// Returns the number of bytes repaired, unknown ones included, or `None` when it takes more than `most` check bytes:
/// two for each wrong one and one for each unknown one. The block may then hold anything.
pub(super) fn correct(block: &mut [u8], checks: usize, erased: &[usize], most: usize) -> Option<usize> {
    let places = block.len();
    if checks == 0 || checks > CHECK_LIMIT || places <= checks || places > 255 || erased.len() > most.min(checks) {
        return None;
    }
    let syndromes = syndromes(block, checks);
    if syndromes.iter().all(|&s| s == 0) {
        return Some(0);
    }
    let (locator, errors) = locator(&syndromes, checks, &erasures(erased, places)?, erased.len());
    let spent = 2 * errors.checked_sub(erased.len())? + erased.len();
    if errors == 0 || spent > most || repair(block, &syndromes, &locator, errors, checks) != errors {
        return None;
    }
    // A wrong locator can still have enough roots; only a block without syndromes is a code word.
    self::syndromes(block, checks).iter().all(|&s| s == 0).then_some(errors)
}

/// The block's polynomial at the generator's powers 0 to `checks - 1`.
fn syndromes(block: &[u8], checks: usize) -> Poly {
    let mut found = [0; CHECK_LIMIT + 1];
    for (power, syndrome) in found.iter_mut().enumerate().take(checks) {
        *syndrome = block.iter().fold(0, |sum, &byte| multiply(sum, EXP[power]) ^ byte);
    }
    found
}

/// The locator polynomial of known places in a block of so many bytes.
fn erasures(erased: &[usize], places: usize) -> Option<Poly> {
    let mut locator = [0; CHECK_LIMIT + 1];
    locator[0] = 1;
    for &place in erased {
        let root = EXP[places.checked_sub(1 + place)?];
        for at in (1..=CHECK_LIMIT).rev() {
            locator[at] ^= multiply(root, locator[at - 1]);
        }
    }
    Some(locator)
}

/// Berlekamp–Massey: the shortest locator polynomial that explains the syndromes and has the `known` places among its
/// roots, and its length.
fn locator(syndromes: &Poly, checks: usize, known: &Poly, count: usize) -> (Poly, usize) {
    let (mut current, mut previous) = (*known, *known);
    let (mut length, mut gap, mut last) = (count, 1, 1);
    for step in count..checks {
        let difference = (0..=length).fold(0, |sum, i| sum ^ multiply(current[i], syndromes[step - i]));
        if difference == 0 {
            gap += 1;
            continue;
        }
        let before = current;
        let factor = divide(difference, last);
        for at in gap..=CHECK_LIMIT {
            current[at] ^= multiply(factor, previous[at - gap]);
        }
        if 2 * length <= step + count {
            (length, gap, last, previous) = (step + 1 + count - length, 1, difference, before);
        } else {
            gap += 1;
        }
    }
    (current, length)
}

/// Chien search and Forney's formula; returns how many roots were found and repaired.
fn repair(block: &mut [u8], syndromes: &Poly, locator: &Poly, errors: usize, checks: usize) -> usize {
    let evaluator = evaluator(syndromes, locator, checks);
    let (count, mut found) = (block.len(), 0);
    for place in 0..count {
        let inverse = EXP[255 - place];
        if evaluate(&locator[..=errors], inverse) != 0 {
            continue;
        }
        let slope = derivative(locator, errors, inverse);
        if slope == 0 {
            return 0;
        }
        let magnitude = multiply(EXP[place], divide(evaluate(&evaluator[..checks], inverse), slope));
        block[count - 1 - place] ^= magnitude;
        found += 1;
    }
    found
}

fn evaluator(syndromes: &Poly, locator: &Poly, checks: usize) -> Poly {
    let mut product = [0; CHECK_LIMIT + 1];
    for (power, value) in product.iter_mut().enumerate().take(checks) {
        *value = (0..=power).fold(0, |sum, i| sum ^ multiply(locator[i], syndromes[power - i]));
    }
    product
}

fn evaluate(poly: &[u8], at: u8) -> u8 {
    poly.iter().rev().fold(0, |sum, &term| multiply(sum, at) ^ term)
}

/// The formal derivative: odd powers only, each one lower.
fn derivative(locator: &Poly, errors: usize, at: u8) -> u8 {
    let square = multiply(at, at);
    let mut power = 1;
    let mut sum = 0;
    for term in (1..=errors).step_by(2) {
        sum ^= multiply(locator[term], power);
        power = multiply(power, square);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ISO/IEC 18004:2015 annex I: version 1-M, `01234567`.
    const EXAMPLE: [u8; 26] = [
        0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xA5, 0x24,
        0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55,
    ];

    #[test]
    fn the_standards_example_is_a_code_word() {
        assert_eq!(correct(&mut EXAMPLE.clone(), 10, &[], 10), Some(0));
    }

    #[test]
    fn up_to_half_of_the_check_bytes_are_repaired_wherever_they_are() {
        for start in 0..22 {
            for errors in 1..=5 {
                let mut block = EXAMPLE;
                for error in 0..errors {
                    block[(start + error * 5) % 26] ^= (7 + start * 3 + error) as u8 | 1;
                }
                assert_eq!((correct(&mut block, 10, &[], 10), block), (Some(errors), EXAMPLE), "{errors} from {start}");
            }
        }
    }

    #[test]
    fn more_errors_than_allowed_are_refused() {
        let mut block = EXAMPLE;
        for at in 0..4 {
            block[at * 6] ^= 0x5A;
        }
        assert_eq!(correct(&mut block.clone(), 10, &[], 7), None);
        assert_eq!(correct(&mut block, 10, &[], 10), Some(4));
    }

    #[test]
    fn unknown_bytes_cost_half_of_wrong_ones_wherever_they_are() {
        for start in 0..26 {
            for wrong in 0..=5 {
                for unknown in 0..=10 - 2 * wrong {
                    let place = |at: usize| (start + at * 7) % 26;
                    let mut block = EXAMPLE;
                    (0..wrong + unknown).for_each(|at| block[place(at)] ^= (31 + start * 5 + at * 3) as u8 | 1);
                    let erased: Vec<_> = (wrong..wrong + unknown).map(place).collect();
                    let repaired = correct(&mut block, 10, &erased, 10);
                    assert_eq!((repaired, block), (Some(wrong + unknown), EXAMPLE), "{wrong} {unknown} from {start}");
                }
            }
        }
    }

    #[test]
    fn unknown_bytes_that_are_right_do_no_harm() {
        let mut block = EXAMPLE;
        block[3] ^= 1;
        assert_eq!((correct(&mut block, 10, &[0, 9, 25], 5).is_some(), block), (true, EXAMPLE));
        block[3] ^= 1;
        assert_eq!(correct(&mut block, 10, &[0, 9, 25], 4), None);
    }

    #[test]
    fn sizes_that_no_symbol_has_are_refused() {
        assert_eq!(correct(&mut [1, 2, 3], 3, &[], 2), None);
        assert_eq!(correct(&mut [0; 256], 30, &[], 30), None);
        assert_eq!(correct(&mut [0; 100], 31, &[], 30), None);
    }
}
