//! The fuzzers' seeds under `fuzz/corpus`: made here, so they are what their names say and stay a few kilobytes.

use std::{fs, path::PathBuf};

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

use super::payloads;
use greengate::rules::image::GreyImage;

/// Names, symbols and texts; the two ways of fuzzing and eyes of all kinds start from them.
fn seeds() -> Vec<(&'static str, QrCode, &'static str)> {
    let code = |text: &str, version: u8, level: QrCodeEcc| {
        let (version, segments) = (Version::new(version), QrSegment::make_segments(text));
        let mask = Some(Mask::new(3));
        QrCode::encode_segments_advanced(&segments, level, version, version, mask, false).expect("it fits")
    };
    vec![
        ("version-1", code("1", 1, QrCodeEcc::High), "1"),
        ("version-2", code("ALPHA", 2, QrCodeEcc::Low), "ALPHA"),
        ("version-7", code("bytes", 7, QrCodeEcc::Low), "bytes"),
    ]
}

/// A picture as `fuzz_targets/scan.rs` reads it: width, how often a pixel is repeated, pixels.
fn scan_seed(code: &QrCode) -> Vec<u8> {
    let wide = code.size() + 6;
    let shade = |x: i32, y: i32| if code.get_module(x - 3, y - 3) { 20 } else { 220 };
    let pixels = (0..wide * wide).map(|at| shade(at % wide, at / wide));
    [wide as u8, 2].into_iter().chain(pixels).collect()
}

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// `cargo test write_the_fuzz_corpus -- --ignored` writes the seeds anew.
#[test]
#[ignore = "writes into the source tree"]
fn write_the_fuzz_corpus() {
    for (name, code, _) in seeds() {
        fs::write(folder("scan").join(name), scan_seed(&code)).expect("the folder is there");
    }
    for (name, bits) in [
        ("numeric", [1, 0x10, 0x0C, 0x7B, 0x00].as_slice()),
        ("gs1-alphanumeric", &[5, 0x52, 0x02, 0x12, 0x34, 0x00]),
        ("bytes-and-eci", &[2, 0x71, 0xA4, 0x02, 0x68, 0x69, 0x00]),
        ("kanji", &[30, 0x80, 0x02, 0x6C, 0xFE, 0xAA, 0x80]),
    ] {
        fs::write(folder("segments").join(name), bits).expect("the folder is there");
    }
}

#[test]
fn the_fuzz_corpus_holds_codes_that_are_read() {
    for (name, code, text) in seeds() {
        let seed = fs::read(folder("scan").join(name)).expect("the corpus is part of the source");
        assert_eq!(seed, scan_seed(&code), "{name}: write the corpus anew");
        let (wide, pixels) = (usize::from(seed[0]), &seed[2..]);
        let mut image = GreyImage::filled(wide * 3, wide * 3, 0);
        for (at, pixel) in image.pixels.iter_mut().enumerate() {
            *pixel = pixels[at / (wide * 9) * wide + at % (wide * 3) / 3];
        }
        assert_eq!(payloads(&image), [text.as_bytes().to_vec()], "{name}");
    }
}
