//! Why a frame shows no code: advice on how to hold the label.
//!
//! Eyes are the first thing that blur and glare take away, so they are not asked. A coarse grid of cells says where
//! the picture changes both along and down over an area of some size, as a code does; the largest such patch is then
//! measured along a few lines ([`super::patch`]): how long its runs are, how much of them an edge takes, how much of it
//! shines, whether the frame's border cuts it. Meshes, bar codes and print differ from a code in their runs, their
//! outline, or in how evenly they fill it.
//!
//! Only a quarter of the rows is read, once, and only where no code was.

use super::{
    patch::{Patch, Texture},
    plane::Grey,
};
use crate::rules::code::Hint;

/// Cells along the longer side of the frame.
const CELLS: usize = 80;
/// Rows of a cell that are looked at.
const ROWS: usize = 4;
/// Shades between the darkest and the lightest pixel of a lively cell.
const CONTRAST: u8 = 50;
/// Mean change of shade along and down a lively cell.
const CHANGE: u32 = 7;
/// A shade at which the sensor has no more to tell.
const SHINING: u8 = 250;
/// Share of a patch that shines under a lamp.
const GLARE: f32 = 0.04;
/// The same of the cells beside it, where the lamp has eaten a whole side of the code.
const GLARE_BESIDE: f32 = 0.3;
/// Below this shade of its brightest part a picture is called dark.
const DARK_SHADE: u8 = 48;
/// The same of a code's light modules, where noise makes some pixels brighter.
const DARK_PAPER: u8 = 96;
/// Mean run of a code whose modules (half of it) are too small to be told apart.
const SMALL_RUN: f32 = 6.0;
/// Mean run above which coming closer helps no more.
const LARGE_RUN: f32 = 14.0;
/// Pixels and runs that an edge takes in a smeared picture.
const SMEARED: (f32, f32) = (4.8, 0.52);

/// Looks for reasons; its memory is reused.
#[derive(Default)]
pub(super) struct Hinter {
    cells: Vec<Cell>,
    wide: usize,
    stack: Vec<usize>,
}

/// What a cell of the grid looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Plain,
    Lively,
    Shining,
    /// Lively, and counted in a patch already.
    Taken,
}

impl Hinter {
    /// Why nothing was read in `frame`, whose brightest part has the shade `bright`; `None` where no code seems to be
    /// in view, or nothing seems to be wrong with it.
    pub(super) fn hint(&mut self, frame: Grey, bright: u8) -> Option<Hint> {
        if bright < DARK_SHADE {
            return Some(Hint::TooDark);
        }
        let side = (frame.width.max(frame.height) / CELLS).max(8);
        self.survey(frame, side);
        let patch = self.largest()?;
        let texture = Texture::measure(frame, side, &patch)?;
        let shining = self.shining(&patch);
        let cut = self.cuts(&patch);
        (patch.is_code(shining[0], cut) && texture.is_code(shining[0] >= GLARE)).then_some(())?;
        reason(&texture, shining, cut)
    }

    /// Sorts the cells of the frame.
    fn survey(&mut self, frame: Grey, side: usize) {
        self.wide = frame.width / side;
        self.cells.clear();
        for row in 0..frame.height / side {
            let lines: [&[u8]; ROWS] = std::array::from_fn(|i| {
                let y = row * side + (2 * i + 1) * side / (2 * ROWS);
                &frame.pixels[y * frame.width..(y + 1) * frame.width]
            });
            let part = |column: usize| lines.map(|line| &line[column * side..(column + 1) * side]);
            self.cells.extend((0..self.wide).map(|column| cell(part(column))));
        }
    }

    /// The largest area of lively cells.
    fn largest(&mut self) -> Option<Patch> {
        let mut best: Option<Patch> = None;
        for at in 0..self.cells.len() {
            if self.cells[at] == Cell::Lively {
                let patch = self.patch(at);
                if patch.is_wide_enough() && best.is_none_or(|best| best.count < patch.count) {
                    best = Some(patch);
                }
            }
        }
        best
    }

    fn patch(&mut self, at: usize) -> Patch {
        let mut patch = Patch::at(at % self.wide, at / self.wide);
        self.cells[at] = Cell::Taken;
        self.stack.push(at);
        while let Some(at) = self.stack.pop() {
            let column = at % self.wide;
            patch.add(column, at / self.wide);
            let beside = [
                (column > 0).then(|| at - 1),
                (column + 1 < self.wide).then_some(at + 1),
                at.checked_sub(self.wide),
                Some(at + self.wide).filter(|&at| at < self.cells.len()),
            ];
            for next in beside.into_iter().flatten() {
                if self.cells[next] == Cell::Lively {
                    self.cells[next] = Cell::Taken;
                    self.stack.push(next);
                }
            }
        }
        patch
    }

    /// Share of shining cells in the patch, and left, right, above and below it.
    fn shining(&self, patch: &Patch) -> [f32; 5] {
        let margin = (patch.width().max(patch.height()) / 4).max(1);
        let Patch { left, right, top, bottom, .. } = *patch;
        [
            self.share(left..right, top..bottom),
            self.share(left.saturating_sub(margin)..left, top..bottom),
            self.share(right..right + margin, top..bottom),
            self.share(left..right, top.saturating_sub(margin)..top),
            self.share(left..right, bottom..bottom + margin),
        ]
    }

    fn share(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> f32 {
        let (right, bottom) = (columns.end.min(self.wide), rows.end.min(self.cells.len() / self.wide));
        let all = (rows.start..bottom).flat_map(|row| &self.cells[row * self.wide..][columns.start..right]);
        let (mut count, mut shining) = (0_u16, 0_u16);
        for cell in all {
            count += 1;
            shining += u16::from(*cell == Cell::Shining);
        }
        f32::from(shining) / f32::from(count.max(1))
    }

    /// Whether the frame's border cuts the patch: a side of it lies there with more than a corner.
    fn cuts(&self, patch: &Patch) -> bool {
        let lively = |row: usize, column: usize| usize::from(self.cells[row * self.wide + column] == Cell::Taken);
        let high = self.cells.len() / self.wide;
        let upright = |column: usize| (patch.top..patch.bottom).map(|row| lively(row, column)).sum::<usize>();
        let level = |row: usize| (patch.left..patch.right).map(|column| lively(row, column)).sum::<usize>();
        (patch.left == 0 && 2 * upright(0) > patch.height())
            || (patch.right == self.wide && 2 * upright(self.wide - 1) > patch.height())
            || (patch.top == 0 && 2 * level(0) > patch.width())
            || (patch.bottom == high && 2 * level(high - 1) > patch.width())
    }
}

/// What is wrong with a code of this texture.
fn reason(texture: &Texture, shining: [f32; 5], cut: bool) -> Option<Hint> {
    let [inside, beside @ ..] = shining;
    // Paper that shines all around is brightly lit, and no lamp's reflection.
    let lit = beside.iter().all(|&share| share > 0.5);
    let glare = !lit && (inside >= GLARE || beside.iter().any(|&share| share >= GLARE_BESIDE));
    let run = texture.run();
    let edge = texture.edge();
    let smeared = edge > SMEARED.0 && edge > SMEARED.1 * run;
    match () {
        () if texture.light < DARK_PAPER => Some(Hint::TooDark),
        () if cut => Some(Hint::OutOfView),
        () if glare => Some(Hint::Glare),
        () if run < SMALL_RUN => Some(Hint::MoveCloser),
        () if smeared => Some(Hint::Blurred),
        () => (run < LARGE_RUN).then_some(Hint::MoveCloser),
    }
}

fn cell(lines: [&[u8]; ROWS]) -> Cell {
    let side = lines[0].len() as u32;
    let (mut least, mut most, mut along, mut down) = (u8::MAX, 0, 0, 0);
    for line in lines {
        least = line.iter().fold(least, |least, &shade| least.min(shade));
        most = line.iter().fold(most, |most, &shade| most.max(shade));
        along += change(line, &line[2..]);
    }
    for pair in lines.windows(2) {
        down += change(pair[0], pair[1]);
    }
    let changes = along >= CHANGE * side * 4 && down >= CHANGE * side * 3;
    match most - least {
        _ if least >= SHINING => Cell::Shining,
        CONTRAST.. if changes => Cell::Lively,
        _ => Cell::Plain,
    }
}

fn change(one: &[u8], other: &[u8]) -> u32 {
    one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
}
