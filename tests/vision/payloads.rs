//! What comes out of a symbol: all modes, and bytes exactly as they went in.

use greengate::{
    rules::image::GreyImage,
    vision::segments::{SegmentFault, parse},
};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use super::{
    draw::{Pose, draw, photograph},
    payloads,
};

/// Data bits as an encoder writes them.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(mut self, value: u32, count: u32) -> Self {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn alphanumeric(mut self, text: &str) -> Self {
        self = self.put(0b0010, 4).put(text.len() as u32, 9);
        let value =
            |c: u8| "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".find(char::from(c)).expect("in the set") as u32;
        for pair in text.as_bytes().chunks(2) {
            self = match *pair {
                [a, b] => self.put(value(a) * 45 + value(b), 11),
                [a] => self.put(value(a), 6),
                _ => self,
            };
        }
        self
    }

    fn numeric(mut self, text: &str) -> Self {
        self = self.put(0b0001, 4).put(text.len() as u32, 10);
        for digits in text.as_bytes().chunks(3) {
            let value = digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
            self = self.put(value, [4, 7, 10][digits.len() - 1]);
        }
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self = self.put(0b0100, 4).put(bytes.len() as u32, 8);
        for &byte in bytes {
            self = self.put(u32::from(byte), 8);
        }
        self
    }

    /// Bytes with terminator, without padding.
    fn packed(self) -> Vec<u8> {
        let bits = self.put(0, 4).0;
        bits.chunks(8).map(|byte| byte.iter().enumerate().map(|(at, &bit)| u8::from(bit) << (7 - at)).sum()).collect()
    }

    /// A version 5-M symbol, padded as the standard says.
    fn symbol(self) -> QrCode {
        let mut data = self.packed();
        assert!(data.len() <= 86, "version 5-M holds 86 bytes");
        data.extend([0xEC, 0x11].into_iter().cycle().take(86 - data.len()));
        QrCode::encode_codewords(Version::new(5), QrCodeEcc::Medium, &data, None)
    }
}

fn read(code: &QrCode) -> Vec<Vec<u8>> {
    payloads(&photograph(code, &Pose::UPRIGHT))
}

#[test]
fn gs1_symbols_come_as_a_scanner_sends_them() {
    let code = Bits::default().put(0b0101, 4).numeric("0106901234567892").alphanumeric("10A-1%21S.9%%B").symbol();
    assert_eq!(
        read(&code),
        [b"]Q30106901234567892\
        10A-1\x1d21S.9%B"
            .to_vec()]
    );
}

#[test]
fn gs1_separators_in_byte_mode_stay_what_they_are() {
    let code = Bits::default().put(0b0101, 4).bytes(b"10a%b\x1d21c").symbol();
    assert_eq!(read(&code), [b"]Q310a%b\x1d21c".to_vec()]);
}

#[test]
fn application_symbols_carry_their_indicator() {
    let digits = Bits::default().put(0b1001, 4).put(37, 8).alphanumeric("AA1234B%C").symbol();
    let letter = Bits::default().put(0b1001, 4).put(u32::from(b'a') + 100, 8).numeric("42").symbol();
    assert_eq!(read(&digits), [b"]Q537AA1234B\x1dC".to_vec()]);
    assert_eq!(read(&letter), [b"]Q5a42".to_vec()]);
}

#[test]
fn percent_signs_outside_gs1_are_percent_signs() {
    assert_eq!(read(&Bits::default().alphanumeric("50%% OFF%").symbol()), [b"50%% OFF%".to_vec()]);
}

#[test]
fn bytes_that_are_not_utf8_survive() {
    let gbk = encoding_rs::GBK.encode("绿码 质量码").0.into_owned();
    let code = QrCode::encode_binary(&gbk, QrCodeEcc::Quartile).expect("it fits");
    assert_eq!(read(&code), [gbk]);
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(read(&QrCode::encode_binary(&all, QrCodeEcc::Low).expect("it fits")), [all]);
}

#[test]
fn kanji_comes_as_shift_jis_and_hanzi_as_gb2312() {
    // ISO/IEC 18004 §7.4.6: 点 is 0x935F and 茗 is 0xE4AA.
    let kanji = Bits::default().put(0b1000, 4).put(2, 8).put(0xD9F, 13).put(0x1AAA, 13).symbol();
    assert_eq!(read(&kanji), [vec![0x93, 0x5F, 0xE4, 0xAA]]);
    // 国 is 0xB9FA and 。 is 0xA1A3 in GB 2312.
    let hanzi = Bits::default().put(0b1101, 4).put(1, 4).put(2, 8).put((0xB9 - 0xA6) * 0x60 + 0xFA - 0xA1, 13);
    assert_eq!(read(&hanzi.put(0xA3 - 0xA1, 13).symbol()), [vec![0xB9, 0xFA, 0xA1, 0xA3]]);
}

#[test]
fn eci_designators_and_structured_append_headers_are_left_out() {
    let bits = Bits::default().put(0b0011, 4).put(0x01AB, 16).put(0b0111, 4).put(26, 8);
    let bits = bits.bytes("质".as_bytes()).put(0b0111, 4).put(0x8383, 16).numeric("7");
    let code = bits.put(0b0111, 4).put(0xC1_E240, 24).alphanumeric("X").symbol();
    assert_eq!(read(&code), ["质7X".as_bytes().to_vec()]);
}

#[test]
fn a_symbol_may_end_without_a_terminator() {
    let segments = [QrSegment::make_numeric(&"7".repeat(41))];
    let version = Version::new(1);
    let code = QrCode::encode_segments_advanced(&segments, QrCodeEcc::Low, version, version, None, false);
    assert_eq!(read(&code.expect("41 digits fill version 1-L")), ["7".repeat(41).into_bytes()]);
}

#[test]
fn damaged_bits_are_told_and_nothing_is_half_read() {
    let fault = |bits: Bits| parse(&bits.packed(), 1).map_err(|fault| fault.to_string());
    let faults = [
        (
            Bits::default().bytes(b"ABC").put(0b0110, 4),
            "mode indicator `0110` is not defined; the symbol is damaged or not a QR code",
        ),
        (
            Bits::default().put(0b0001, 4).put(3, 10).put(1000, 10),
            "value `1000` cannot stand in numeric data; the symbol is damaged",
        ),
        (
            Bits::default().put(0b0010, 4).put(2, 9).put(2025, 11),
            "value `2025` cannot stand in alphanumeric data; the symbol is damaged",
        ),
        (Bits::default().put(0b0111, 4).put(0xE0, 8), "value `224` cannot stand in ECI data; the symbol is damaged"),
        (Bits::default().put(0b1001, 4).put(100, 8), "value `100` cannot stand in FNC1 data; the symbol is damaged"),
        (Bits::default(), "the symbol holds no data; print it again"),
    ];
    for (bits, expected) in faults {
        assert_eq!(fault(bits), Err(expected.to_owned()));
    }
    let short = parse(&[0b0100_1111, 0b1111_0000], 1);
    assert_eq!(short, Err(SegmentFault::Short { needed: 255 * 8, left: 4 }));
}

#[test]
fn the_fullest_symbol_is_read() {
    let digits: String = (0..7089).map(|at| char::from(b'0' + (at * 7 % 10) as u8)).collect();
    let code = QrCode::encode_segments(&[QrSegment::make_numeric(&digits)], QrCodeEcc::Low).expect("it fits");
    let side = code.size() as usize * 3 + 40;
    let mut image = GreyImage::filled(side, side, 200);
    let middle = side as f32 / 2.0;
    draw(&mut image, &code, &Pose { middle: (middle, middle), module: 3.0, ..Pose::UPRIGHT });
    assert_eq!((code.version().value(), payloads(&image)), (40, vec![digits.into_bytes()]));
}

#[test]
fn counts_beyond_the_largest_symbol_are_told() {
    let most = (1 << 14) - 1;
    for (mode, width) in [(0b0001, 14), (0b0010, 13), (0b0100, 16), (0b1000, 12)] {
        let bits = Bits::default().put(mode, 4).put(most & ((1 << width) - 1), width).packed();
        for length in 0..bits.len() + 3 {
            let mut bits = bits.clone();
            bits.resize(length, 0xFF);
            assert!(parse(&bits, 40).is_err(), "mode {mode:04b} in {length} bytes");
        }
    }
}
