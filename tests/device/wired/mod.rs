//! Displays on a wire: what is said to them, turned back into pixels by a reader that knows the data sheets only, is the
//! golden picture to the last bit.

mod bus;
mod framebuffers;
mod mipi;
mod oled;
mod oleds;
mod panels;
mod recorded;
mod said;
mod shipped;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use greengate::device::display::{Display, Surface};
use greengate::device::{CameraFault, DeviceFault};
use greengate::rules::board::{Colours, Rotation, Size};
use greengate::rules::image::ScreenImage;
use image::RgbImage;
use image::imageops;

/// Every golden of a size, in the order of their names.
fn goldens(size: &str) -> Vec<(PathBuf, RgbImage)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screen/goldens/zh-en").join(size);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("goldens").map(|file| file.expect("a file").path()).collect();
    paths.sort();
    assert!(paths.len() > 20, "{} goldens of {size}", paths.len());
    paths.into_iter().map(|path| (path.clone(), golden(&path))).collect()
}

fn golden(path: &Path) -> RgbImage {
    image::open(path).expect("a golden").into_rgb8()
}

fn picture(image: &RgbImage) -> Arc<ScreenImage> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    Arc::new(ScreenImage { width, height, rgb: image.as_raw().clone() })
}

/// A golden as it stands on a panel that hangs turned.
fn turned(image: &RgbImage, rotation: Rotation) -> RgbImage {
    match rotation {
        Rotation::None => image.clone(),
        Rotation::Quarter => imageops::rotate90(image),
        Rotation::Half => imageops::rotate180(image),
        Rotation::ThreeQuarters => imageops::rotate270(image),
    }
}

/// Red, green and blue as the nearest of 32, 64 and 32 levels.
fn rgb565(pixel: image::Rgb<u8>) -> u16 {
    let level = |value: u8, most: u16| {
        let nearest = (0..=most).min_by(|a, b| {
            let away = |level: u16| (f64::from(value) / 255.0 - f64::from(level) / f64::from(most)).abs();
            away(*a).total_cmp(&away(*b))
        });
        nearest.expect("there are levels")
    };
    level(pixel.0[0], 31) << 11 | level(pixel.0[1], 63) << 5 | level(pixel.0[2], 31)
}

/// A table of [`rgb565`] for each of a picture's few colours.
fn words(image: &RgbImage) -> Vec<u16> {
    let mut known = std::collections::BTreeMap::new();
    image.pixels().map(|pixel| *known.entry(pixel.0).or_insert_with(|| rgb565(*pixel))).collect()
}

/// A display over one surface that is there.
fn display(surface: Box<dyn Surface>) -> Display {
    let size = surface.size();
    let mut surface = Some(surface);
    let opener = move || surface.take().ok_or(DeviceFault::Camera(CameraFault::Unplugged));
    Display::with(size, Colours::Full, Box::new(opener)).expect("it is there")
}

/// How many pixels two pictures have in rows that differ.
fn in_changed_rows(before: &RgbImage, after: &RgbImage) -> usize {
    let changed = before.rows().zip(after.rows()).filter(|(before, after)| before.clone().ne(after.clone()));
    changed.count() * before.width() as usize
}

fn sides(image: &RgbImage) -> Size {
    Size { width: image.width(), height: image.height() }
}
