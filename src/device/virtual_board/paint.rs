//! Paints what lies before the virtual camera: labels over a table, or a picture in place of everything.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a picture and shades are small, and casts from floating point saturate"
)]

use std::ops::Range;

use image::GrayImage;
use image::imageops::{self, FilterType};

use super::optics::{CODE_MM, Held, PAPER_MM};
use crate::rules::board::Size;
use crate::rules::code::Symbol;
use crate::rules::image::GreyImage;
use crate::rules::virtual_board::Pose;

const PAPER: f32 = 236.0;
const INK: f32 = 26.0;
/// How far the paper's shadow reaches, in millimetres, and what it leaves of the light at the paper's edge.
const SHADOW_MM: f32 = 5.0;
const SHADOW: f32 = 0.62;
/// Modules of quiet zone around a symbol (ISO/IEC 18004).
const QUIET: f32 = 4.0;

/// Labels held up over `scene`.
pub fn labels(scene: &mut GreyImage, size: Size, symbols: &[Symbol], pose: &Pose) {
    for (number, symbol) in symbols.iter().enumerate() {
        paint(scene, size, symbol, &Held::new(size, pose, number, symbols.len()));
    }
}

fn paint(scene: &mut GreyImage, size: Size, symbol: &Symbol, held: &Held) {
    let Some((columns, rows)) = bounds(size, held) else { return };
    let modules = symbol.size as f32 + 2.0 * QUIET;
    // Small modules need more samples to come out right.
    let samples: u16 = if held.px_of_mm() * CODE_MM / modules < 3.0 { 3 } else { 2 };
    let weight = 1.0 / f32::from(samples * samples);
    let part = |sample: u16| (f32::from(sample) + 0.5) / f32::from(samples);
    for y in rows {
        let lines: Vec<_> = (0..samples).filter_map(|line| held.row(y as f32 + part(line))).collect();
        let row = &mut scene.pixels[y * scene.width..][columns.clone()];
        for (pixel, x) in row.iter_mut().zip(columns.clone()) {
            let below = f32::from(*pixel);
            let missing = f32::from(samples) - lines.len() as f32;
            let mut sum = below * missing * f32::from(samples);
            for line in &lines {
                for sample in 0..samples {
                    sum += shade(symbol, modules, line.on_label(x as f32 + part(sample)), below);
                }
            }
            *pixel = (sum * weight + 0.5) as u8;
        }
    }
}

/// The columns and rows that a label and its shadow can cover.
fn bounds(size: Size, held: &Held) -> Option<(Range<usize>, Range<usize>)> {
    let half = CODE_MM / 2.0 + PAPER_MM + SHADOW_MM;
    let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    let places: Option<Vec<(f32, f32)>> = corners.iter().map(|(u, v)| held.in_picture(*u, *v)).collect();
    let places = places?;
    let range = |along: fn(&(f32, f32)) -> f32, end: u32| {
        let low = places.iter().map(along).fold(f32::MAX, f32::min).floor().max(0.0) as usize;
        let high = places.iter().map(along).fold(0.0, f32::max).ceil() as usize + 1;
        low.min(end as usize)..high.min(end as usize)
    };
    Some((range(|place| place.0, size.width), range(|place| place.1, size.height)))
}

/// The shade at a place in millimetres from the label's middle, where `below` is what lies under it.
fn shade(symbol: &Symbol, modules: f32, (u, v): (f32, f32), below: f32) -> f32 {
    let half = CODE_MM / 2.0;
    let beside = u.abs().max(v.abs()) - half - PAPER_MM;
    if beside > 0.0 {
        let far = (beside / SHADOW_MM).min(1.0);
        return below * (SHADOW + (1.0 - SHADOW) * far * (2.0 - far));
    }
    let place = |at: f32| {
        let module = (at + half) / CODE_MM * modules - QUIET;
        (module >= 0.0 && module < symbol.size as f32).then_some(module as usize)
    };
    match (place(u), place(v)) {
        (Some(x), Some(y)) if symbol.dark.get(y * symbol.size + x) == Some(&true) => INK,
        _ => PAPER,
    }
}

/// A picture fitted into the frame, on black. It has pixels, and as many as it says.
pub fn letterboxed(size: Size, picture: GreyImage) -> GreyImage {
    if (picture.width, picture.height) == (size.width as usize, size.height as usize) {
        return picture;
    }
    let scale = (size.width as f32 / picture.width as f32).min(size.height as f32 / picture.height as f32);
    let scaled = |pixels: usize, limit: u32| ((pixels as f32 * scale).round() as u32).clamp(1, limit);
    let (width, height) = (scaled(picture.width, size.width), scaled(picture.height, size.height));
    let picture = GrayImage::from_raw(picture.width as u32, picture.height as u32, picture.pixels).unwrap_or_default();
    let fitted = imageops::resize(&picture, width, height, FilterType::Triangle);
    let mut frame = GrayImage::new(size.width, size.height);
    let (left, top) = ((size.width - width) / 2, (size.height - height) / 2);
    imageops::replace(&mut frame, &fitted, left.into(), top.into());
    GreyImage { width: size.width as usize, height: size.height as usize, pixels: frame.into_raw() }
}
