//! Any data bits at any version: a payload of bounded length or a fault, never a panic.
#![no_main]

use greengate::vision::segments;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [version, data @ ..] = input else { return };
    if let Ok(payload) = segments::parse(data, usize::from(*version % 41)) {
        // Ten bits give three digits; five bytes stand before a payload with an application indicator.
        assert!(!payload.is_empty() && payload.len() <= data.len() * 8 * 3 / 10 + 6);
    }
});
