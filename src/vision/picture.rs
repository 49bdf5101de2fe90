//! What is dark and what is light: a threshold for each block of 8 × 8 pixels.
//!
//! A block with contrast splits at its mean; one without takes over from its neighbours, so that the inside of a
//! large dark module stays dark and plain paper stays light. Thresholds are then smoothed over 5 × 5 blocks, which
//! follows shadows and lamps. Beside the hard decision for the finder scan, `soft` says how dark a place is: the
//! fit and the sampling use it, so a blurred edge costs a little and not a module.

use super::plane::Grey;

/// Pixels on a side of a block.
const BLOCK: usize = 8;
/// Blocks on each side over which a threshold is smoothed.
const REACH: usize = 2;

/// A grey picture with its thresholds.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pixels: Vec<u8>,
    /// 1 for a dark pixel, 0 for a light one.
    dark: Vec<u8>,
    blocks_wide: usize,
    rough: Vec<u8>,
    thresholds: Vec<u8>,
    /// Shades from a threshold to full certainty.
    swing: f32,
}

/// Mean, darkest and lightest pixel of a block.
struct Block {
    mean: u8,
    least: u8,
    most: u8,
}

impl Picture {
    /// Takes a new picture (at least one pixel), in the memory of the last.
    pub(super) fn take(&mut self, grey: Grey) {
        (self.width, self.height) = (grey.width, grey.height);
        self.pixels.clear();
        self.pixels.extend_from_slice(grey.pixels);
        self.blocks_wide = grey.width.div_ceil(BLOCK);
        let range = self.range();
        self.swing = (range / 3.0).clamp(6.0, 50.0);
        self.find_thresholds((range / 10.0).clamp(6.0, 24.0) as u8);
        self.smooth_thresholds();
        self.split();
    }

    /// Whether a pixel inside the picture is dark (1) or light (0).
    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.dark[y * self.width..(y + 1) * self.width]
    }

    /// 1 for a dark pixel, 0 for a light one, `None` outside.
    pub(super) fn dark_at(&self, x: i32, y: i32) -> Option<u8> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| self.dark[y * self.width + x])
    }

    /// The grey shade at a place, between pixels interpolated, beyond the edge the edge's. Never panics, whatever the
    /// numbers are: `NaN` is 0.
    pub(super) fn shade(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (within(x - 0.5, self.width), within(y - 0.5, self.height));
        let (column, row) = (x as usize, y as usize);
        let (right, below) = ((column + 1).min(self.width - 1), (row + 1).min(self.height - 1));
        let at = |row: usize, column: usize| f32::from(self.pixels[row * self.width + column]);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let top = at(row, column) + (at(row, right) - at(row, column)) * fx;
        let bottom = at(below, column) + (at(below, right) - at(below, column)) * fx;
        top + (bottom - top) * fy
    }

    /// How dark a place is against its surroundings: 1 surely dark, -1 surely light.
    pub(super) fn soft(&self, x: f32, y: f32) -> f32 {
        let column = (x.max(0.0) as usize).min(self.width - 1) / BLOCK;
        let row = (y.max(0.0) as usize).min(self.height - 1) / BLOCK;
        let threshold = f32::from(self.thresholds[row * self.blocks_wide + column]) + 0.5;
        ((threshold - self.shade(x, y)) / self.swing).clamp(-1.0, 1.0)
    }

    /// The shade that only one pixel in fifty exceeds.
    pub(super) fn bright(&self) -> u8 {
        self.percentiles().1
    }

    fn range(&self) -> f32 {
        let (low, high) = self.percentiles();
        f32::from(high.saturating_sub(low))
    }

    /// The shades below and above which one pixel in fifty lies.
    fn percentiles(&self) -> (u8, u8) {
        let mut histogram = [0_usize; 256];
        for &pixel in self.pixels.iter().step_by(3) {
            histogram[usize::from(pixel)] += 1;
        }
        let few = self.pixels.len() / 150;
        (reach(histogram.iter(), few), 255 - reach(histogram.iter().rev(), few))
    }

    fn find_thresholds(&mut self, contrast: u8) {
        self.rough.clear();
        for row in 0..self.height.div_ceil(BLOCK) {
            for column in 0..self.blocks_wide {
                let block = self.block(column, row);
                let plain = block.most - block.least <= contrast;
                let threshold = if plain { self.inherited(column, row, &block) } else { block.mean };
                self.rough.push(threshold);
            }
        }
    }

    fn block(&self, column: usize, row: usize) -> Block {
        let (left, right) = (column * BLOCK, (column * BLOCK + BLOCK).min(self.width));
        let (top, bottom) = (row * BLOCK, (row * BLOCK + BLOCK).min(self.height));
        let (mut sum, mut least, mut most) = (0_u32, u8::MAX, 0);
        for y in top..bottom {
            for &pixel in &self.pixels[y * self.width + left..y * self.width + right] {
                sum += u32::from(pixel);
                least = least.min(pixel);
                most = most.max(pixel);
            }
        }
        Block { mean: (sum / ((right - left) * (bottom - top)).max(1) as u32) as u8, least, most }
    }

    /// A plain block is light, unless the blocks before it say that its shade is dark here.
    fn inherited(&self, column: usize, row: usize, block: &Block) -> u8 {
        if column == 0 || row == 0 {
            return block.least / 2;
        }
        let here = row * self.blocks_wide + column;
        let before = [here - 1, here - 1, here - self.blocks_wide, here - self.blocks_wide - 1];
        let mean = (before.iter().map(|&at| u32::from(self.rough[at])).sum::<u32>() / 4) as u8;
        if block.least < mean { mean } else { block.least / 2 }
    }

    fn smooth_thresholds(&mut self) {
        let (wide, high) = (self.blocks_wide, self.height.div_ceil(BLOCK));
        self.thresholds.clear();
        for row in 0..high {
            for column in 0..wide {
                let (left, right) = (column.saturating_sub(REACH), (column + REACH + 1).min(wide));
                let rows = row.saturating_sub(REACH)..(row + REACH + 1).min(high);
                let count = (rows.len() * (right - left)).max(1) as u32;
                let sum: u32 =
                    rows.flat_map(|r| &self.rough[r * wide + left..r * wide + right]).map(|&t| u32::from(t)).sum();
                self.thresholds.push((sum / count) as u8);
            }
        }
    }

    fn split(&mut self) {
        self.dark.clear();
        for (y, row) in self.pixels.chunks_exact(self.width).enumerate() {
            let thresholds = &self.thresholds[y / BLOCK * self.blocks_wide..];
            for (pixels, &threshold) in row.chunks(BLOCK).zip(thresholds) {
                self.dark.extend(pixels.iter().map(|&pixel| u8::from(pixel <= threshold)));
            }
        }
    }
}

/// A place from the first to the last pixel of a side. `clamp` would let `NaN` through; `max` does not.
fn within(place: f32, side: usize) -> f32 {
    place.max(0.0).min((side - 1) as f32)
}

/// How many shades it takes until more than `few` pixels are counted.
fn reach<'a>(counts: impl Iterator<Item = &'a usize>, few: usize) -> u8 {
    let mut seen = 0;
    let shades = counts.take_while(|&&count| {
        seen += count;
        seen <= few
    });
    shades.count().min(255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_outside_and_numbers_that_are_none_are_harmless() {
        let mut picture = Picture::default();
        picture.take(Grey { width: 2, height: 1, pixels: &[10, 30] });
        assert!((picture.shade(-1e30, f32::NEG_INFINITY) - 10.0).abs() < 1e-6);
        assert!((picture.shade(f32::INFINITY, 1e30) - 30.0).abs() < 1e-6);
        assert!(picture.soft(f32::NAN, f32::NAN).abs() <= 1.0);
        assert_eq!(picture.dark_at(-1, 0), None);
    }

    #[test]
    fn a_shadow_does_not_swallow_a_checker() {
        let shade = |x: usize, y: usize| if (x / 4 + y / 4).is_multiple_of(2) { 20 + x as u8 } else { 70 + x as u8 };
        let pixels: Vec<u8> = (0..160 * 64).map(|at| shade(at % 160, at / 160)).collect();
        let mut picture = Picture::default();
        picture.take(Grey { width: 160, height: 64, pixels: &pixels });
        for (x, y) in [(1, 1), (70, 30), (157, 61)] {
            assert_eq!(picture.dark_at(x, y), Some(u8::from((x / 4 + y / 4) & 1 == 0)), "{x} {y}");
        }
    }
}
