//! The 40-pin header of a Raspberry Pi: which line comes out where.

/// What comes out at a pin of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderPin {
    /// 3.3 V.
    V3,
    /// 5 V.
    V5,
    /// Ground.
    Ground,
    /// A line of the processor, by its BCM number.
    Line(u8),
}

/// How many pins the header has.
pub const HEADER_PINS: u8 = 40;

/// The header, pin 1 first. Odd pins are on the side of the processor, even ones at the edge of the board.
const HEADER: [HeaderPin; HEADER_PINS as usize] = {
    use HeaderPin::{Ground as G, Line as L, V3, V5};
    [
        V3,
        V5,
        L(2),
        V5,
        L(3),
        G,
        L(4),
        L(14),
        G,
        L(15),
        L(17),
        L(18),
        L(27),
        G,
        L(22),
        L(23),
        V3,
        L(24),
        L(10),
        G,
        L(9),
        L(25),
        L(11),
        L(8),
        G,
        L(7),
        L(0),
        L(1),
        L(5),
        G,
        L(6),
        L(12),
        L(13),
        G,
        L(19),
        L(16),
        L(26),
        L(20),
        G,
        L(21),
    ]
};

/// What comes out at pin `number`, 1 to 40.
#[must_use]
pub fn header(number: u8) -> Option<HeaderPin> {
    HEADER.get(usize::from(number).checked_sub(1)?).copied()
}

/// The pin where line `bcm` comes out.
#[must_use]
pub fn pin_of(bcm: u8) -> Option<u8> {
    (1..=HEADER_PINS).find(|number| header(*number) == Some(HeaderPin::Line(bcm)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_comes_out_once() {
        let pins: Vec<Option<u8>> = (0..28).map(pin_of).collect();
        let mut sorted: Vec<u8> = pins.iter().copied().flatten().collect();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((pins.len(), sorted.len()), (28, 28));
        assert_eq!([pin_of(17), pin_of(27), pin_of(22), pin_of(28)], [Some(11), Some(13), Some(15), None]);
    }

    #[test]
    fn supply_and_ground_are_where_they_are_on_every_model() {
        let at = |wanted: HeaderPin| (1..=40).filter(|pin| header(*pin) == Some(wanted)).collect::<Vec<u8>>();
        assert_eq!(at(HeaderPin::V3), [1, 17]);
        assert_eq!(at(HeaderPin::V5), [2, 4]);
        assert_eq!(at(HeaderPin::Ground), [6, 9, 14, 20, 25, 30, 34, 39]);
        assert_eq!((header(0), header(41)), (None, None));
    }
}
