//! What lens, lamp and sensor make of a scene: blur, a reflection, the room's light, noise.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a picture and shades are small, and casts from floating point saturate"
)]

use super::noise::at as noise;
use super::optics::CODE_MM;
use crate::rules::image::GreyImage;
use crate::rules::virtual_board::Pose;

/// The room's light in which the scene's shades are right.
const USUAL_LIGHT: f32 = 0.8;
/// The reflection at full strength, in shades: far more than the sensor takes.
const GLARE: f32 = 430.0;
/// The reflection's middle and half axes, as shares of a code's side: a little right of and above the picture's middle.
const GLARE_AT: (f32, f32) = (0.16, -0.12);
const GLARE_SIZE: (f32, f32) = (0.42, 0.30);
/// Noise values, each used many times: a row begins anywhere in them.
const NOISES: usize = 4096;

/// The frame that the sensor gives; `px_of_mm` is the scale in the middle of the picture.
pub fn exposed(mut scene: GreyImage, pose: &Pose, px_of_mm: f32) -> GreyImage {
    if pose.blur_px > 0.05 {
        blur(&mut scene, pose.blur_px);
    }
    let light = light(pose);
    let noise_of_sensor = sensor(pose);
    let code_px = px_of_mm * CODE_MM;
    let width = scene.width;
    for (y, row) in scene.pixels.chunks_exact_mut(width.max(1)).enumerate() {
        let begin = ((noise(7, y as u64, 3) + 1.0) * 0.5 * NOISES as f32) as usize;
        let glare = Reflection::of_row(pose, code_px, (width, scene.height), y);
        for (x, pixel) in row.iter_mut().enumerate() {
            let shade = light[usize::from(*pixel)] + noise_of_sensor[(begin + x) % NOISES];
            *pixel = (shade + glare.at(x)) as u8;
        }
    }
    scene
}

/// What the room's light makes of each shade.
fn light(pose: &Pose) -> [f32; 256] {
    let gain = pose.light / USUAL_LIGHT;
    std::array::from_fn(|shade| shade as f32 * gain + 0.5)
}

/// A sensor's noise, nearly normally distributed; there is more of it in the dark.
fn sensor(pose: &Pose) -> Vec<f32> {
    let deviation = 1.6 + 3.4 * (1.0 - pose.light);
    // The sum of three values that are equally likely from -1 to 1 has a deviation of 1.
    (0..NOISES as u64).map(|at| deviation * (0..3).map(|seed| noise(at, 0, 20 + seed)).sum::<f32>()).collect()
}

/// One row of the lamp's reflection.
struct Reflection {
    strength: f32,
    middle: f32,
    half_px: f32,
}

impl Reflection {
    fn of_row(pose: &Pose, code_px: f32, (width, height): (usize, usize), y: usize) -> Self {
        let down = (y as f32 - height as f32 / 2.0) / code_px - GLARE_AT.1;
        let down = down / GLARE_SIZE.1;
        let strength = if pose.glare > 0.0 { pose.glare * GLARE * (-down * down).exp() } else { 0.0 };
        Self {
            // Less than half a shade is nothing.
            strength: if strength < 0.5 { 0.0 } else { strength },
            middle: width as f32 / 2.0 + GLARE_AT.0 * code_px,
            half_px: GLARE_SIZE.0 * code_px,
        }
    }

    fn at(&self, x: usize) -> f32 {
        if self.strength == 0.0 {
            return 0.0;
        }
        let right = (x as f32 - self.middle) / self.half_px;
        if right.abs() > 2.7 { 0.0 } else { self.strength * (-right * right).exp() }
    }
}

/// Blurs by a disc of so many pixels: two box filters in each direction that have its variance, `radius² / 4` in each.
fn blur(picture: &mut GreyImage, radius: f32) {
    let reach = ((1.5 * radius * radius + 1.0).sqrt() - 1.0) / 2.0;
    let mut other = vec![0; picture.pixels.len()];
    for _ in 0..2 {
        for (from, into) in picture.pixels.chunks_exact(picture.width).zip(other.chunks_exact_mut(picture.width)) {
            blur_row(from, into, reach);
        }
        blur_columns(&other, &mut picture.pixels, picture.width, reach);
    }
}

/// Whole neighbours on each side, the share of the next ones, and the weight of all.
fn kernel(reach: f32) -> (usize, f32, f32) {
    (reach as usize, reach.fract(), 1.0 / (2.0 * reach + 1.0))
}

/// The mean of `reach` neighbours on both sides; beyond an edge its last pixel goes on.
fn blur_row(from: &[u8], into: &mut [u8], reach: f32) {
    let (whole, share, weight) = kernel(reach);
    let last = from.len() - 1;
    let pixel = |at: usize| f32::from(from[at.saturating_sub(whole + 1).min(last)]);
    // `pixel` counts from `whole + 1` pixels before the row.
    let mut sum: f32 = (0..=2 * whole).map(|at| pixel(at + 1)).sum();
    for (at, into) in into.iter_mut().enumerate() {
        let (before, after) = (pixel(at), pixel(at + 2 * whole + 2));
        *into = ((sum + share * (before + after)) * weight + 0.5) as u8;
        sum += after - pixel(at + 1);
    }
}

/// The same from top to bottom, for all columns at once.
fn blur_columns(from: &[u8], into: &mut [u8], width: usize, reach: f32) {
    let (whole, share, weight) = kernel(reach);
    let last = from.len() / width - 1;
    // Counts from `whole + 1` rows before the first.
    let row = |at: usize| &from[at.saturating_sub(whole + 1).min(last) * width..][..width];
    let mut sums = vec![0.0; width];
    for at in 0..=2 * whole {
        sums.iter_mut().zip(row(at + 1)).for_each(|(sum, pixel)| *sum += f32::from(*pixel));
    }
    for (at, into) in into.chunks_exact_mut(width).enumerate() {
        let (before, first, after) = (row(at), row(at + 1), row(at + 2 * whole + 2));
        for x in 0..width {
            let (before, first, after) = (f32::from(before[x]), f32::from(first[x]), f32::from(after[x]));
            into[x] = ((sums[x] + share * (before + after)) * weight + 0.5) as u8;
            sums[x] += after - first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(side: usize, at: usize) -> GreyImage {
        let mut picture = GreyImage::filled(side, side, 0);
        picture.pixels[at] = 255;
        picture
    }

    #[test]
    fn a_blurred_dot_spreads_as_far_as_the_radius_says_and_loses_nothing() {
        let (side, radius) = (41, 3.0);
        // Many dots of full brightness would saturate; one is spread over fifty pixels, so rounding matters little.
        let mut picture = dot(side, 20 * side + 20);
        picture.pixels.iter_mut().for_each(|pixel| *pixel = pixel.saturating_add(100).min(228));
        blur(&mut picture, radius);
        let light: Vec<f32> = picture.pixels.iter().map(|pixel| f32::from(*pixel) - 100.0).collect();
        let total: f32 = light.iter().sum();
        assert!((total - 128.0).abs() < 25.0, "{total}");
        let spread =
            light.iter().enumerate().map(|(at, light)| light * ((at % side) as f32 - 20.0).powi(2)).sum::<f32>();
        assert!((spread / total - radius * radius / 4.0).abs() < 0.6, "{}", spread / total);
    }

    #[test]
    fn an_even_picture_stays_even_up_to_its_edges() {
        for radius in [0.4, 3.0, 12.0] {
            let mut picture = GreyImage::filled(9, 5, 77);
            blur(&mut picture, radius);
            assert_eq!(picture, GreyImage::filled(9, 5, 77), "{radius}");
        }
    }
}
