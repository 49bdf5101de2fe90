//! Finder patterns: the three square eyes of a symbol.
//!
//! Any straight line through an eye's middle meets dark, light, dark, light, dark in the proportions 1:1:3:1:1, so
//! rows are searched for that (every other row is enough) and each hit is checked downwards and across again. Light
//! eyes on dark are found in the same pass.

use super::picture::{BLOCK, Picture};

/// Every so many rows are looked at.
const ROW_STEP: usize = 2;

/// The most eyes that are kept; a page full of codes has fewer. A picture of nothing but eyes is not looked at further.
const EYES_LIMIT: usize = 500;

/// An eye.
#[derive(Clone, Copy, Debug)]
pub(super) struct Eye {
    /// Middle, in pixels from the left edge.
    pub(super) x: f32,
    /// Middle, in pixels from the top edge.
    pub(super) y: f32,
    /// Size of a module in pixels, as the rows and columns saw it.
    pub(super) module: f32,
    /// 1 where the eye is dark on light, 0 where it is light on dark.
    pub(super) dark: u8,
    /// How many rows saw it; a row counts less where the diagonals through the middle do not look like an eye's.
    pub(super) hits: f32,
}

impl Eye {
    /// 1 where it was seen in as many rows as its size lets expect (its core is three modules high, every other row is
    /// looked at), less where it was seen in fewer.
    pub(super) fn sureness(&self) -> f32 {
        (self.hits / (self.module * 0.8).max(1.0)).min(1.0)
    }
}

/// Finds eyes; its memory is reused.
#[derive(Default)]
pub(super) struct Finder {
    /// The row at hand, 1 for a dark pixel.
    row: Vec<u8>,
    /// The thresholds of its pixels.
    thresholds: Vec<u8>,
    /// Where runs of one colour start in the row at hand, and the row's end.
    starts: Vec<u32>,
    /// What was found, dark and light ones mixed.
    pub(super) eyes: Vec<Eye>,
}

impl Finder {
    /// Finds all eyes of a picture.
    pub(super) fn scan(&mut self, picture: &Picture) {
        self.eyes.clear();
        for y in (0..picture.height).step_by(ROW_STEP) {
            if y % BLOCK < ROW_STEP {
                picture.row_thresholds(y, &mut self.thresholds);
            }
            picture.split_row(y, &self.thresholds, &mut self.row);
            collect_starts(&self.row, picture.width, &mut self.starts);
            for at in 0..self.starts.len().saturating_sub(5) {
                let starts: [u32; 6] = std::array::from_fn(|i| self.starts[at + i]);
                if !is_eye_like(&starts) {
                    continue;
                }
                let runs: [f32; 5] = std::array::from_fn(|i| (starts[i + 1] - starts[i]) as f32);
                if let Some(length) = eye_length(&runs).or_else(|| touching_length(&runs)) {
                    let middle = (starts[2] + starts[3]) as f32 / 2.0;
                    let dark = self.row[starts[2] as usize];
                    let touching = eye_length(&runs).is_none();
                    self.check(picture, middle, y as f32 + 0.5, length, dark, touching);
                }
            }
        }
    }

    fn check(&mut self, picture: &Picture, x: f32, y: f32, length: f32, dark: u8, touching: bool) {
        if self.known(x, y, dark) || self.eyes.len() == EYES_LIMIT {
            return;
        }
        let longest = (length * 3.0) as i32;
        let Some((y, down)) = across(picture, x, y, (0, 1), dark, longest) else { return };
        let Some((x, along)) = across(picture, x, y, (1, 0), dark, longest) else { return };
        if down > along * 3.0 || along > down * 3.0 {
            return;
        }
        // Rings are met in the same proportions whichever way they are crossed; data that looks like an eye along and
        // down seldom does so along the diagonals.
        let slanted =
            [(1, 1), (1, -1)].into_iter().filter(|&step| across(picture, x, y, step, dark, longest).is_some());
        let slanted = slanted.count();
        if touching && slanted < 2 {
            return;
        }
        let hits = [0.2, 0.6, 1.0][slanted] * if touching { 0.5 } else { 1.0 };
        self.keep(Eye { x, y, module: f32::midpoint(along, down) / 7.0, dark, hits });
    }

    /// A row near the middle of an eye that several rows have seen adds nothing.
    fn known(&mut self, x: f32, y: f32, dark: u8) -> bool {
        let near = |eye: &&mut Eye| {
            eye.dark == dark
                && eye.hits > 2.0
                && (eye.x - x).abs() < eye.module * 0.5
                && (eye.y - y).abs() < eye.module * 1.5
        };
        self.eyes.iter_mut().rev().find(near).map(|eye| eye.hits += 1.0).is_some()
    }

    fn keep(&mut self, new: Eye) {
        let same = |eye: &&mut Eye| {
            let reach = eye.module.max(new.module);
            eye.dark == new.dark && (eye.x - new.x).abs() < reach && (eye.y - new.y).abs() < reach
        };
        if let Some(eye) = self.eyes.iter_mut().rev().find(same) {
            let all = eye.hits + new.hits;
            let part = new.hits / all;
            eye.x += (new.x - eye.x) * part;
            eye.y += (new.y - eye.y) * part;
            eye.module += (new.module - eye.module) * part;
            eye.hits = all;
        } else {
            self.eyes.push(new);
        }
    }
}

/// Where runs of one colour start among the first `width` pixels of a row, and their end.
fn collect_starts(row: &[u8], width: usize, starts: &mut Vec<u32>) {
    starts.clear();
    starts.push(0);
    let mut last = u64::from(row[0]);
    for (at, eight) in row.as_chunks::<8>().0.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        // A pixel is a byte of 0 or 1, so each change leaves one bit.
        let mut changes = eight ^ (eight << 8 | last);
        while changes != 0 {
            starts.push((at * 8) as u32 + changes.trailing_zeros() / 8);
            changes &= changes - 1;
        }
        last = eight >> 56;
    }
    // What is padded repeats the last pixel, but its block may have another threshold.
    while starts.last().is_some_and(|&start| start as usize >= width) {
        starts.pop();
    }
    starts.push(width as u32);
}

/// A quick look at where five runs start and end: nothing that passes [`touching_length`] fails here.
fn is_eye_like(starts: &[u32; 6]) -> bool {
    let run = |at: usize| starts[at + 1] - starts[at];
    let (ring, core, rim) = (run(1).max(run(3)), run(2), run(0).min(run(4)));
    core >= ring && core <= 9 * run(1).min(run(3)) + 4 && rim <= 3 * ring + 3 && ring <= 3 * rim + 3
}

/// The length of five runs that are near 1:1:3:1:1, `None` where they are not. Ink spreads and light blooms, so dark
/// and light may trade half a module.
fn eye_length(runs: &[f32; 5]) -> Option<f32> {
    let length: f32 = runs.iter().sum();
    let module = length / 7.0;
    let slack = module * 0.5 + 0.4;
    let fits = length >= 7.0
        && (runs[2] - module * 3.0).abs() < module * 1.2 + 0.4
        && [0, 1, 3, 4].iter().all(|&i| (runs[i] - module).abs() < slack);
    fits.then_some(length)
}

/// The same where one of the outer runs is longer than its ring because the eye touches something dark there; the run
/// then counts like the one on the other side.
fn touching_length(runs: &[f32; 5]) -> Option<f32> {
    let [first, .., last] = *runs;
    let ring = first.min(last);
    eye_length(&[ring, runs[1], runs[2], runs[3], ring])
}

/// Walks from a middle both ways along a row or column and returns the middle's exact place on that line and the
/// length of the five runs.
fn across(picture: &Picture, x: f32, y: f32, step: (i32, i32), dark: u8, longest: i32) -> Option<(f32, f32)> {
    let (column, row) = (x as i32, y as i32);
    let behind = half(picture, column, row, (-step.0, -step.1), dark, longest)?;
    let ahead = half(picture, column, row, step, dark, longest)?;
    let core = behind[0] + ahead[0] - 1.0;
    let runs = [behind[2], behind[1], core, ahead[1], ahead[2]];
    // Along the rows, where most look-alikes are met, a touching eye is not believed.
    let length = eye_length(&runs).or_else(|| touching_length(&runs))?;
    let start = if step.0 == 0 { row } else { column } as f32 + 0.5;
    // The middle of the core is the better estimate: the outer ring often touches something.
    Some((start + (ahead[0] - behind[0]) / 2.0, length))
}

/// Lengths of core, light ring and dark ring one way; the core counts its first pixel.
fn half(picture: &Picture, x: i32, y: i32, step: (i32, i32), dark: u8, longest: i32) -> Option<[f32; 3]> {
    let mut lengths = [0.0_f32; 3];
    let mut ring = 0;
    for at in 0..longest {
        let seen = picture.dark_at(x + step.0 * at, y + step.1 * at);
        if seen != Some(dark ^ (ring & 1) as u8) {
            ring += 1;
            if ring == 3 || seen.is_none() {
                break;
            }
        }
        lengths[ring] += 1.0;
    }
    (lengths[2] > 0.0).then_some(lengths)
}
