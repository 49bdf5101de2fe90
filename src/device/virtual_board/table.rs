//! The table under the labels: worn boards, the same ones every time.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a picture and shades are small, and casts from floating point saturate"
)]

use super::noise::at as noise;
use crate::rules::board::Size;
use crate::rules::image::GreyImage;

const WOOD: f32 = 112.0;
/// Boards from the top of the picture to its bottom.
const BOARDS: f32 = 3.4;
/// The waves of the grain: length and height as shares of the picture's height, and strength.
const GRAIN: [(f32, f32, f32); 4] = [(1.3, 0.21, 9.0), (0.9, 0.045, 9.0), (0.35, 0.012, 8.0), (0.07, 0.004, 5.0)];

/// The empty table.
pub fn table(size: Size) -> GreyImage {
    let (width, height) = (size.width as usize, size.height as usize);
    let unit = height as f32;
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| wood(x as f32 / unit, y as f32 / unit, unit) as u8));
    GreyImage { width, height, pixels: pixels.collect() }
}

fn wood(x: f32, y: f32, unit: f32) -> f32 {
    let across = y * BOARDS + 0.3;
    let (board, within) = (across.floor(), across.fract());
    // Each board is cut from another tree.
    let (x, y) = (x + board * 7.3, y + board * 3.1);
    let tone = 9.0 * noise(board as u64, 17, 5);
    let grain = GRAIN.iter().zip(0..).map(|((long, high, strength), seed)| strength * wave(x / long, y / high, seed));
    let seam_px = within.min(1.0 - within) / BOARDS * unit;
    let seam = (1.0 - seam_px / 2.5).max(0.0) * 62.0;
    WOOD + tone + grain.sum::<f32>() - seam
}

/// Noise that changes smoothly from one whole place to the next.
fn wave(x: f32, y: f32, seed: u64) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let smooth = |part: f32| part * part * (3.0 - 2.0 * part);
    let (right_share, low_share) = (smooth(x - left), smooth(y - top));
    let corner = |dx: u64, dy: u64| noise(left as u64 + dx, top as u64 + dy, seed);
    let mix = |first: f32, second: f32, share: f32| first + (second - first) * share;
    mix(mix(corner(0, 0), corner(1, 0), right_share), mix(corner(0, 1), corner(1, 1), right_share), low_share)
}
