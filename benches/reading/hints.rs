//! How often the advice on a frame that was not read names what is wrong with it.

use std::collections::BTreeMap;

use greengate::{rules::code::Hint, vision::Reader};

use crate::pictures;

/// What is wrong with the frames of a set, where one advice says it.
const EXPECTED: [(&str, Hint); 5] = [
    ("syn-scale", Hint::MoveCloser),
    ("syn-lowlight", Hint::TooDark),
    ("syn-motion", Hint::Blurred),
    ("syn-defocus", Hint::Blurred),
    ("syn-glare", Hint::Glare),
];

/// Reads the generated frames and counts the hints on those that were not read, set by set.
pub fn run() {
    let mut sets: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut reader = Reader::new();
    let (mut named, mut unread) = (0, 0);
    for case in pictures::photographs("syn-") {
        let image = &case.image;
        let sighting = reader.scan(&image.pixels, image.width, image.height).expect("the buffer fits its size");
        if !sighting.payloads.is_empty() {
            continue;
        }
        if let Some((_, expected)) = EXPECTED.iter().find(|(set, _)| *set == case.set) {
            unread += 1;
            named += usize::from(sighting.hint == Some(*expected));
        }
        let hint = sighting.hint.map_or_else(|| "none".to_owned(), |hint| format!("{hint:?}"));
        *sets.entry(case.set).or_default().entry(hint).or_default() += 1;
    }
    for (set, hints) in &sets {
        println!("{set:<16} {hints:?}");
    }
    println!("named what is wrong, in the sets where one advice says it: {named} of {unread}");
}
