//! Paints what the virtual camera sees.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a picture and shades are small, and casts from floating point saturate"
)]

use image::GrayImage;
use image::imageops::{self, FilterType};

use super::optics::{CODE_MM, Held, PAPER_MM};
use crate::rules::board::Size;
use crate::rules::code::Symbol;
use crate::rules::image::GreyImage;
use crate::rules::virtual_board::Pose;

const TABLE: f32 = 112.0;
const PAPER: f32 = 236.0;
const INK: f32 = 26.0;
/// Samples a pixel in each direction.
const SAMPLES: u32 = 2;
/// The room's light in which the shades above are right.
const USUAL_LIGHT: f32 = 0.8;
/// Modules of quiet zone around a symbol (ISO/IEC 18004).
const QUIET: u16 = 4;

/// Labels held up over the table.
pub fn labels(size: Size, symbols: &[Symbol], pose: &Pose) -> GreyImage {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut shades: Vec<f32> = (0..height).flat_map(|y| (0..width).map(move |x| table(x, y))).collect();
    for (number, symbol) in symbols.iter().enumerate() {
        paint(&mut shades, size, symbol, &Held::new(size, pose, number, symbols.len()));
    }
    let picture = lit(&shades, size, pose);
    if pose.blur_px > 0.05 { blurred(picture, pose.blur_px) } else { picture }
}

/// A worn table: slow waves and a grain.
fn table(x: usize, y: usize) -> f32 {
    let (fx, fy) = (x as f32, y as f32);
    TABLE + 9.0 * (fx / 190.0 + (fy / 140.0).sin()).sin() + 6.0 * (fy / 11.0 + fx / 310.0).sin() + 3.0 * noise(x, y, 1)
}

/// Noise between -1 and 1 that is the same for the same place.
fn noise(x: usize, y: usize, seed: u64) -> f32 {
    let mut word = (x as u64) << 32 ^ y as u64 ^ seed << 58;
    word = (word ^ word >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ word >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (word >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
}

fn paint(shades: &mut [f32], size: Size, symbol: &Symbol, held: &Held) {
    let Some((columns, rows)) = bounds(size, held) else { return };
    let weight = 1.0 / (SAMPLES * SAMPLES) as f32;
    for y in rows {
        for x in columns.clone() {
            let place = y as usize * size.width as usize + x as usize;
            let below = shades[place];
            let samples = (0..SAMPLES * SAMPLES).map(|sample| {
                let part = |at: u32| (at as f32 + 0.5) / SAMPLES as f32;
                let (x, y) = (x as f32 + part(sample % SAMPLES), y as f32 + part(sample / SAMPLES));
                held.on_label(x, y).and_then(|(u, v)| shade(symbol, u, v)).unwrap_or(below)
            });
            shades[place] = samples.sum::<f32>() * weight;
        }
    }
}

/// The pixels that a label can cover.
fn bounds(size: Size, held: &Held) -> Option<(std::ops::Range<u32>, std::ops::Range<u32>)> {
    let half = CODE_MM / 2.0 + PAPER_MM;
    let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    let places: Option<Vec<(f32, f32)>> = corners.iter().map(|(u, v)| held.in_picture(*u, *v)).collect();
    let places = places?;
    let range = |along: fn(&(f32, f32)) -> f32, end: u32| {
        let low = places.iter().map(along).fold(f32::MAX, f32::min).floor().max(0.0) as u32;
        let high = places.iter().map(along).fold(0.0, f32::max).ceil() as u32 + 1;
        low.min(end)..high.min(end)
    };
    Some((range(|place| place.0, size.width), range(|place| place.1, size.height)))
}

/// The shade of the label at a place in millimetres from its middle; `None` beside it.
fn shade(symbol: &Symbol, u: f32, v: f32) -> Option<f32> {
    let half = CODE_MM / 2.0;
    if u.abs() > half + PAPER_MM || v.abs() > half + PAPER_MM {
        return None;
    }
    let modules = symbol.size + 2 * usize::from(QUIET);
    let module = |at: f32| (((at + half) / CODE_MM * modules as f32).floor() as i64).checked_sub(i64::from(QUIET));
    let place = |at: f32| module(at).and_then(|at| usize::try_from(at).ok()).filter(|at| *at < symbol.size);
    let dark = place(u).zip(place(v)).is_some_and(|(x, y)| symbol.dark[y * symbol.size + x]);
    Some(if dark { INK } else { PAPER })
}

/// The light of the room, a lamp's reflection, and what the sensor adds.
fn lit(shades: &[f32], size: Size, pose: &Pose) -> GreyImage {
    let (width, height) = (size.width as usize, size.height as usize);
    let gain = pose.light / USUAL_LIGHT;
    let grain = 2.0 + 5.0 * (1.0 - pose.light);
    let pixels = shades.iter().enumerate().map(|(at, shade)| {
        let (x, y) = (at % width, at / width);
        let glare = pose.glare * 300.0 * reflection(x as f32 / width as f32, y as f32 / height as f32);
        (shade * gain + glare + grain * noise(x, y, 2)).clamp(0.0, 255.0) as u8
    });
    GreyImage { width, height, pixels: pixels.collect() }
}

/// A bright ellipse a little above the middle.
fn reflection(x: f32, y: f32) -> f32 {
    let (x, y) = ((x - 0.54) / 0.11, (y - 0.44) / 0.09);
    (-(x * x + y * y)).exp()
}

fn blurred(picture: GreyImage, radius: f32) -> GreyImage {
    from_image(imageops::fast_blur(&to_image(picture), radius / 2.0))
}

/// A picture fitted into the frame, on black.
pub fn letterboxed(size: Size, picture: &GreyImage) -> GreyImage {
    if picture.width == 0 || picture.height == 0 {
        return GreyImage::filled(size.width as usize, size.height as usize, 0);
    }
    let scale = (size.width as f32 / picture.width as f32).min(size.height as f32 / picture.height as f32);
    let side = |pixels: usize, limit: u32| ((pixels as f32 * scale).round() as u32).clamp(1, limit);
    let (width, height) = (side(picture.width, size.width), side(picture.height, size.height));
    let fitted = imageops::resize(&to_image(picture.clone()), width, height, FilterType::Triangle);
    let mut frame = GrayImage::new(size.width, size.height);
    let (left, top) = ((size.width - width) / 2, (size.height - height) / 2);
    imageops::replace(&mut frame, &fitted, left.into(), top.into());
    from_image(frame)
}

fn to_image(picture: GreyImage) -> GrayImage {
    GrayImage::from_raw(picture.width as u32, picture.height as u32, picture.pixels).unwrap_or_default()
}

fn from_image(image: GrayImage) -> GreyImage {
    GreyImage { width: image.width() as usize, height: image.height() as usize, pixels: image.into_raw() }
}
