//! What is dark and what is light: a threshold for each block of 8 × 8 pixels.
//!
//! A block splits in the middle between its darkest and its lightest pixel, smoothed over 5 × 5 blocks, which follows
//! shadows and lamps. A block that spans no more than the picture's noise has no say; where there are only such, it is
//! dark or light as a whole, so that grain and noise do not look like patterns. Beside the hard decision for the
//! finder scan, `soft` says how dark a place is: the fit and the sampling use it, so a blurred edge costs a little and
//! not a module.
//!
//! Rows are padded to whole blocks with the last pixel, columns with the last row, so that no loop over blocks has a
//! tail and a place between the last two pixels needs no test.

use super::plane::Grey;

/// Pixels on a side of a block.
pub(super) const BLOCK: usize = 8;
/// Blocks that are measured at once: what the compiler turns into whole vector registers.
const TILE: usize = 2 * BLOCK;
/// One row in so many tells the noise.
const NOISE_ROWS: usize = 24;
/// A pixel in fixed point.
const ONE: i32 = 256;
/// Blocks on each side over which a threshold is smoothed.
const REACH: usize = 2;

/// Shades that a block of one colour may span whatever the picture is.
const PLAIN: f32 = 12.0;
/// How many times the usual difference between neighbours a block of one colour may span: the range of 64 samples of
/// normal noise is some five times that, and ten times is seen once in a thousand blocks.
const NOISE_TIMES: f32 = 7.0;
/// Blocks with contrast around a place, its own among them, that are needed to tell dark from light there.
const CONTRASTS_LEAST: u16 = 7;

/// How thresholds follow the picture. Neither rule reads all that the other does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Thresholds {
    /// As smooth as shadows are.
    #[default]
    Smooth,
    /// But always between the darkest and the lightest of the block, so that a dim label is read on something bright.
    WithinBlocks,
}

/// A grey picture with its thresholds.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bytes from one row to the next, a multiple of [`TILE`] and more than the width.
    stride: usize,
    pixels: Vec<u8>,
    columns: Columns,
    blocks: Vec<Block>,
    middles: Vec<u8>,
    /// Sum and count of the middles in a column of blocks.
    sums: Vec<(u16, u16)>,
    /// The last threshold above each column.
    carried: Vec<u8>,
    rule: Thresholds,
    thresholds: Vec<u8>,
    /// Certainty of a shade away from the threshold: 1 at a third of the picture's range.
    steepness: f32,
    /// The shades below and above which one block in fifty lies.
    ends: (u8, u8),
}

/// Sums and extremes of the columns of a row of blocks.
#[derive(Default)]
struct Columns {
    sum: Vec<u16>,
    least: Vec<u8>,
    most: Vec<u8>,
    /// Spare memory.
    wide: Vec<u16>,
    narrow: Vec<u8>,
}

/// The same of a few columns, which fit into registers.
struct Tile {
    sum: [u16; TILE],
    least: [u8; TILE],
    most: [u8; TILE],
}

impl Tile {
    fn measure(band: &[u8], left: usize, stride: usize) -> Self {
        let mut tile = Self { sum: [0; TILE], least: [u8::MAX; TILE], most: [0; TILE] };
        for row in band.chunks_exact(stride) {
            for (at, &pixel) in row[left..left + TILE].iter().enumerate() {
                tile.sum[at] += u16::from(pixel);
                tile.least[at] = tile.least[at].min(pixel);
                tile.most[at] = tile.most[at].max(pixel);
            }
        }
        tile
    }
}

/// Mean, darkest and lightest pixel of a block.
#[derive(Clone, Copy)]
struct Block {
    mean: u8,
    least: u8,
    most: u8,
}

impl Picture {
    /// Takes a new picture (at least one pixel), in the memory of the last; [`Self::measure`] makes it ready.
    pub(super) fn take(&mut self, grey: Grey) {
        (self.width, self.height) = (grey.width, grey.height);
        self.stride = (grey.width + 1).next_multiple_of(TILE);
        self.pixels.clear();
        for row in grey.pixels.chunks_exact(grey.width) {
            self.pixels.extend_from_slice(row);
            self.pixels.resize(self.pixels.len() + self.stride - grey.width, row[grey.width - 1]);
        }
        let last = self.pixels.len() - self.stride;
        for _ in grey.height..(grey.height + 1).next_multiple_of(BLOCK) {
            self.pixels.extend_from_within(last..last + self.stride);
        }
    }

    /// Finds the thresholds.
    pub(super) fn measure(&mut self, thresholds: Thresholds) {
        self.rule = thresholds;
        self.measure_blocks();
        self.ends = self.percentiles();
        let range = f32::from(self.ends.1.saturating_sub(self.ends.0));
        self.steepness = 1.0 / (range / 3.0).clamp(6.0, 50.0);
        let noise = self.noise();
        self.find_middles((NOISE_TIMES * noise).max(PLAIN) as u8);
        self.find_thresholds();
    }

    /// The thresholds of a row's pixels.
    pub(super) fn row_thresholds(&self, y: usize, thresholds: &mut Vec<u8>) {
        let blocks = &self.thresholds[y / BLOCK * self.stride / BLOCK..][..self.stride / BLOCK];
        thresholds.clear();
        for &threshold in blocks {
            thresholds.extend([threshold; BLOCK]);
        }
    }

    /// The darkness of a row's pixels, 1 dark and 0 light, padded to whole blocks.
    pub(super) fn split_row(&self, y: usize, thresholds: &[u8], dark: &mut Vec<u8>) {
        let pixels = &self.pixels[y * self.stride..(y + 1) * self.stride];
        dark.clear();
        dark.extend(pixels.iter().zip(thresholds).map(|(pixel, threshold)| u8::from(pixel <= threshold)));
    }

    /// 1 for a dark pixel, 0 for a light one, `None` outside.
    pub(super) fn dark_at(&self, x: i32, y: i32) -> Option<u8> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width && y < self.height).then(|| {
            let threshold = self.thresholds[y / BLOCK * (self.stride / BLOCK) + x / BLOCK];
            u8::from(self.pixels[y * self.stride + x] <= threshold)
        })
    }

    /// How dark a place is against its surroundings: 1 surely dark, -1 surely light. Shades between pixels are
    /// interpolated, those beyond the edge are the edge's. Never panics, whatever the numbers are: `NaN` is 0.
    pub(super) fn soft(&self, x: f32, y: f32) -> f32 {
        self.soft_and_shade(x, y).0
    }

    /// Both [`Self::soft`] and the shade itself.
    #[inline]
    pub(super) fn soft_and_shade(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (fixed(x, self.width), fixed(y, self.height));
        let (column, row) = ((x / ONE) as usize, (y / ONE) as usize);
        let at = row * self.stride + column;
        let (top, bottom) = self.pixels[at..at + self.stride + 2].split_at(self.stride);
        let along = |row: &[u8]| i32::from(row[0]) * ONE + (i32::from(row[1]) - i32::from(row[0])) * (x % ONE);
        let (top, bottom) = (along(top), along(bottom));
        let shade = (top * ONE + (bottom - top) * (y % ONE)) as f32 / (ONE * ONE) as f32;
        let threshold = self.thresholds[row / BLOCK * (self.stride / BLOCK) + column / BLOCK];
        (((f32::from(threshold) + 0.5 - shade) * self.steepness).clamp(-1.0, 1.0), shade)
    }

    /// The shade that only one block in fifty exceeds.
    pub(super) fn bright(&self) -> u8 {
        self.ends.1
    }

    fn percentiles(&self) -> (u8, u8) {
        let mut counts = [[0_usize; 256]; 2];
        for block in &self.blocks {
            counts[0][usize::from(block.least)] += 1;
            counts[1][usize::from(block.most)] += 1;
        }
        let few = self.blocks.len() / 50;
        (reach(counts[0].iter(), few), 255 - reach(counts[1].iter().rev(), few))
    }

    /// The usual difference between neighbouring pixels, be it for the sensor's noise or the grain of cardboard: the
    /// median, which edges do not move.
    fn noise(&self) -> f32 {
        let mut counts = [0_u32; 256];
        let mut all = 0;
        for row in self.pixels.chunks_exact(self.stride).step_by(NOISE_ROWS) {
            for pair in row[..self.width].windows(2) {
                counts[usize::from(pair[0].abs_diff(pair[1]))] += 1;
                all += 1;
            }
        }
        let mut below = 0;
        for (difference, &count) in counts.iter().enumerate() {
            if 2 * (below + count) > all {
                return difference as f32 + (all as f32 / 2.0 - below as f32) / count as f32;
            }
            below += count;
        }
        0.0
    }

    fn measure_blocks(&mut self) {
        self.blocks.clear();
        let Columns { sum, least, most, wide, narrow } = &mut self.columns;
        for band in self.pixels.chunks_exact(self.stride * BLOCK) {
            sum.clear();
            least.clear();
            most.clear();
            for left in (0..self.stride).step_by(TILE) {
                let tile = Tile::measure(band, left, self.stride);
                sum.extend(tile.sum);
                least.extend(tile.least);
                most.extend(tile.most);
            }
            for _ in 0..BLOCK.ilog2() {
                join_pairs(sum, wide, |a, b| a + b);
                join_pairs(least, narrow, u8::min);
                join_pairs(most, narrow, u8::max);
            }
            let mean = |sum: u16| (sum / (BLOCK * BLOCK) as u16) as u8;
            let blocks = sum.iter().zip(&*least).zip(&*most);
            self.blocks.extend(blocks.map(|((&sum, &least), &most)| Block { mean: mean(sum), least, most }));
        }
    }

    /// The middle between the darkest and the lightest pixel of each block, 0 for a plain one.
    fn find_middles(&mut self, contrast: u8) {
        let middle = |block: &Block| {
            let plain = block.most - block.least <= contrast;
            if plain { 0 } else { block.least.midpoint(block.most).max(1) }
        };
        self.middles.clear();
        self.middles.extend(self.blocks.iter().map(middle));
    }

    fn within_block(&self, at: usize, threshold: u8) -> u8 {
        let Block { least, most, .. } = self.blocks[at];
        let slack = (most - least) / 4;
        if self.middles[at] == 0 || self.rule == Thresholds::Smooth {
            threshold
        } else {
            threshold.clamp(least + slack, most - slack)
        }
    }

    /// Means of the middles over squares of blocks, which follow shadows and lamps; plain blocks have no say.
    ///
    /// Where all blocks around are plain, a block is dark or light as a whole, by the last threshold before it: the
    /// inside of a large module stays dark, paper stays light, and noise has nothing to cross.
    fn find_thresholds(&mut self) {
        let wide = self.stride / BLOCK;
        let high = self.middles.len() / wide;
        self.thresholds.clear();
        self.carried.clear();
        self.carried.resize(wide, 0);
        for row in 0..high {
            let rows = row.saturating_sub(REACH)..(row + REACH + 1).min(high);
            self.sums.clear();
            self.sums.resize(wide, (0, 0));
            for row in rows {
                for (sum, &middle) in self.sums.iter_mut().zip(&self.middles[row * wide..(row + 1) * wide]) {
                    *sum = (sum.0 + u16::from(middle), sum.1 + u16::from(middle != 0));
                }
            }
            let mut carried = 0;
            for column in 0..wide {
                let (left, right) = (column.saturating_sub(REACH), (column + REACH + 1).min(wide));
                let add = |all: (u16, u16), one: &(u16, u16)| (all.0 + one.0, all.1 + one.1);
                let (sum, count) = self.sums[left..right].iter().fold((0, 0), add);
                let threshold = if count >= CONTRASTS_LEAST {
                    carried = (sum / count) as u8;
                    self.within_block(row * wide + column, carried)
                } else {
                    carried = carried.max(self.carried[column]);
                    if self.blocks[row * wide + column].mean <= carried { u8::MAX } else { 0 }
                };
                self.carried[column] = carried;
                self.thresholds.push(threshold);
            }
        }
    }
}

/// Halves a line by joining neighbours; `spare` is another line's memory.
fn join_pairs<T: Copy>(line: &mut Vec<T>, spare: &mut Vec<T>, join: impl Fn(T, T) -> T) {
    spare.clear();
    spare.extend(line.as_chunks::<2>().0.iter().map(|&[one, other]| join(one, other)));
    std::mem::swap(line, spare);
}

/// A place as parts of [`ONE`] pixel from the middle of the first one to that of the last.
fn fixed(place: f32, side: usize) -> i32 {
    let last = (side as i32 - 1) * ONE;
    (((place - 0.5) * ONE as f32) as i32).clamp(0, last)
}

/// How many shades it takes until more than `few` blocks are counted.
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
        picture.measure(Thresholds::Smooth);
        assert!((picture.soft_and_shade(-1e30, f32::NEG_INFINITY).1 - 10.0).abs() < 1e-6);
        assert!((picture.soft_and_shade(f32::INFINITY, 1e30).1 - 30.0).abs() < 1e-6);
        assert!(picture.soft(f32::NAN, f32::NAN).abs() <= 1.0);
        assert_eq!(picture.dark_at(-1, 0), None);
    }

    #[test]
    fn a_shadow_does_not_swallow_a_checker() {
        let shade = |x: usize, y: usize| if (x / 4 + y / 4).is_multiple_of(2) { 20 + x as u8 } else { 70 + x as u8 };
        let pixels: Vec<u8> = (0..160 * 64).map(|at| shade(at % 160, at / 160)).collect();
        let mut picture = Picture::default();
        picture.take(Grey { width: 160, height: 64, pixels: &pixels });
        picture.measure(Thresholds::Smooth);
        for (x, y) in [(1, 1), (70, 30), (157, 61)] {
            assert_eq!(picture.dark_at(x, y), Some(u8::from((x / 4 + y / 4) & 1 == 0)), "{x} {y}");
        }
    }
}
