//! Every scene on every display, compared with a picture that a person has looked at.
//!
//! `UPDATE_GOLDENS=1 cargo test golden` writes the pictures anew; look at them before committing. A failure leaves the
//! new picture and the difference in `target/goldens/`.

use std::fs;
use std::path::{Path, PathBuf};

use greengate::rules::board::Colours;
use greengate::rules::image::ScreenImage;
use greengate::rules::scene::Scene;
use greengate::rules::text::Language;
use greengate::screen::{Painter, render};

use super::png;
use super::scenes::{self, BOTH, DISPLAYS};

/// Pictures are kept with 5 bits a channel, and rasterisers may differ by a shade from machine to machine.
const SHADES_APART: u8 = 12;

#[test]
fn chinese_and_english_look_like_their_goldens() {
    compare("zh-en", BOTH, &DISPLAYS);
}

#[test]
fn english_alone_looks_like_its_goldens() {
    compare("en", &[Language::En], &[DISPLAYS[0], DISPLAYS[2]]);
}

#[test]
fn chinese_alone_looks_like_its_goldens() {
    compare("zh", &[Language::Zh], &[DISPLAYS[0], DISPLAYS[2]]);
}

#[test]
fn extreme_names_look_like_their_goldens() {
    let mut painter = Painter::new();
    let wrong: Vec<String> = [DISPLAYS[0], DISPLAYS[1], DISPLAYS[4]]
        .into_iter()
        .flat_map(|display| scenes::extremes().into_iter().map(move |(name, scene)| (display, name, scene)))
        .filter_map(|(display, name, scene)| check(&mut painter, "extreme", BOTH, display, name, &scene))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(set: &str, languages: &[Language], displays: &[(u32, u32, Colours)]) {
    let mut painter = Painter::new();
    let wrong: Vec<String> = displays
        .iter()
        .flat_map(|display| scenes::all().into_iter().map(move |(name, scene)| (*display, name, scene)))
        .filter_map(|(display, name, scene)| check(&mut painter, set, languages, display, name, &scene))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Draws a scene and says what is wrong with it.
fn check(
    painter: &mut Painter,
    set: &str,
    languages: &[Language],
    (width, height, colours): (u32, u32, Colours),
    name: &str,
    scene: &Scene,
) -> Option<String> {
    let image = render(painter, scene, languages, scenes::size(width, height), colours);
    let file = PathBuf::from(set).join(format!("{width}x{height}")).join(format!("{name}.png"));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screen/goldens").join(&file);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        write(&golden, &png::small(&image));
        return None;
    }
    let Ok(bytes) = fs::read(&golden) else {
        return Some(format!("{} is missing; make it with UPDATE_GOLDENS=1", golden.display()));
    };
    let expected = png::read(&bytes);
    let apart = differing(&image, &expected)?;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/goldens").join(&file);
    write(&target, &png::small(&image));
    write(&target.with_extension("diff.png"), &png::small(&difference(&image, &expected)));
    Some(format!("{}: {apart} pixels differ; see {}", file.display(), target.display()))
}

fn differing(image: &ScreenImage, expected: &ScreenImage) -> Option<usize> {
    if (image.width, image.height) != (expected.width, expected.height) {
        return Some(image.width * image.height);
    }
    let pixels = image.rgb.chunks(3).zip(expected.rgb.chunks(3));
    let apart = pixels.filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > SHADES_APART)).count();
    (apart > 0).then_some(apart)
}

/// The new picture, dimmed, with every differing pixel in magenta.
fn difference(image: &ScreenImage, expected: &ScreenImage) -> ScreenImage {
    let mut rgb = Vec::with_capacity(image.rgb.len());
    for (at, pixel) in image.rgb.chunks(3).enumerate() {
        let old = expected.rgb.get(at * 3..at * 3 + 3).unwrap_or(&[0, 0, 0]);
        let is_apart = pixel.iter().zip(old).any(|(a, b)| a.abs_diff(*b) > SHADES_APART);
        rgb.extend(if is_apart { [255, 0, 255] } else { [pixel[0] / 3, pixel[1] / 3, pixel[2] / 3] });
    }
    ScreenImage { rgb, ..*image }
}

fn write(file: &Path, bytes: &[u8]) {
    fs::create_dir_all(file.parent().expect("a golden lies in a folder")).expect("the folder can be made");
    fs::write(file, bytes).expect("the picture can be written");
}
