//! What a kernel saw on a bus, looked at as what a mock bus has heard.

use std::path::Path;
use std::{env, fs};

use greengate::rules::board::Rotation;

use super::mipi::Mipi;
use super::oled::Oled;
use super::said::from_lines;
use super::{golden, turned, words};

/// `GREENGATE_STREAM` is a file of lines as [`super::said`] reads them, `GREENGATE_GOLDEN` the picture that the panel must
/// show at their end, `GREENGATE_PANEL` says which panel: `ili9341 240x320 0,0 90`, `ssd1306` or `sh1106`.
#[test]
#[ignore = "for streams that were recorded elsewhere"]
fn a_recorded_stream_shows_its_golden() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let said = from_lines(&fs::read_to_string(variable("GREENGATE_STREAM")).expect("a stream"));
    let expected = golden(Path::new(&variable("GREENGATE_GOLDEN")));
    let panel = variable("GREENGATE_PANEL");
    let words_of_panel: Vec<&str> = panel.split(' ').collect();
    let pair = |text: &str, between: char| -> (usize, usize) {
        let (a, b) = text.split_once(between).expect("two numbers");
        (a.parse().expect("a number"), b.parse().expect("a number"))
    };
    match words_of_panel.as_slice() {
        [model, size, offset, degrees] => {
            let mut mipi = if *model == "st7735" { Mipi::new(132, 162) } else { Mipi::new(240, 320) };
            mipi.hear_all(&said);
            let is_it = |rotation: &Rotation| rotation.degrees().to_string() == *degrees;
            let rotation = Rotation::ALL.into_iter().find(is_it).expect("0, 90, 180 or 270");
            assert!(mipi.glass(pair(offset, ','), pair(size, 'x')) == words(&turned(&expected, rotation)));
        }
        [model] => {
            let mut oled = if *model == "sh1106" { Oled::sh1106() } else { Oled::ssd1306() };
            oled.hear_all(&said);
            assert!(oled.glass() == expected.pixels().map(|pixel| pixel.0[1] > 127).collect::<Vec<_>>());
        }
        other => panic!("{other:?} is no panel"),
    }
}
