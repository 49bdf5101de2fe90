//! Any picture of any shape, by itself and as a camera's frame with and without time: nothing may panic, hang or find
//! corners that are not numbers.
//!
//! The first byte says how wide the picture is, the second how often each pixel is repeated (so that a few bytes make
//! a picture large enough to hold eyes); the rest are pixels.
#![no_main]

use greengate::vision::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [wide, zoom, pixels @ ..] = input else { return };
    let (wide, zoom) = (usize::from(*wide).max(1), usize::from(*zoom % 8) + 1);
    let high = pixels.len() / wide;
    let (width, height) = (wide * zoom, high * zoom);
    let grey: Vec<u8> = (0..width * height).map(|at| pixels[at / width / zoom * wide + at % width / zoom]).collect();
    let mut reader = Reader::new();
    let watched = [false, true].map(|in_time| reader.watch(&grey, width, height, &|| in_time));
    for sighting in watched.into_iter().chain([reader.scan(&grey, width, height)]) {
        for payload in sighting.expect("the buffer fits its size").payloads {
            assert!(!payload.bytes.is_empty());
            assert!(payload.corners.iter().all(|corner| corner.x.is_finite() && corner.y.is_finite()));
        }
    }
});
