//! An area that may be a code, for the hints: its outline in cells, and what a few lines through it meet.

use super::plane::Grey;

/// Cells on each side of the smallest patch.
const SMALLEST: usize = 2;
/// Lines each way along which a patch is measured.
const LINES: usize = 12;
/// Places on a side of the patch at which its shades are taken.
const SHADES: usize = 32;
/// The fewest runs that say something.
const RUNS_LEAST: f32 = 12.0;

/// A connected area of lively cells: columns, rows, and how many cells there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patch {
    pub(super) left: usize,
    /// The first column beyond it.
    pub(super) right: usize,
    pub(super) top: usize,
    /// The first row beyond it.
    pub(super) bottom: usize,
    pub(super) count: usize,
}

impl Patch {
    /// A patch without cells.
    pub(super) const fn at(column: usize, row: usize) -> Self {
        Self { left: column, right: column + 1, top: row, bottom: row + 1, count: 0 }
    }

    /// Takes one more cell.
    pub(super) fn add(&mut self, column: usize, row: usize) {
        self.left = self.left.min(column);
        self.right = self.right.max(column + 1);
        self.top = self.top.min(row);
        self.bottom = self.bottom.max(row + 1);
        self.count += 1;
    }

    pub(super) const fn width(&self) -> usize {
        self.right - self.left
    }

    pub(super) const fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// Not a line.
    pub(super) fn is_wide_enough(&self) -> bool {
        self.width().min(self.height()) >= SMALLEST
    }

    /// Whether it could be a square seen by a camera: `shining` of it has lost its cells to a lamp, which may have
    /// eaten a side as well, and the frame's border may have `cut` a part off.
    pub(super) fn is_code(&self, shining: f32, cut: bool) -> bool {
        let (width, height) = (self.width() as f32, self.height() as f32);
        let fill = self.count as f32 / (width * height) + shining;
        let stretch = width.max(height) / width.min(height);
        fill >= 0.5 && stretch <= if cut || shining > 0.0 { 2.4 } else { 1.52 }
    }
}

/// What a patch is like inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texture {
    /// Runs along and down.
    runs: [Runs; 2],
    /// Shades of its dark and light parts.
    dark: u8,
    pub(super) light: u8,
    /// Share of dark.
    share: f32,
    /// How many of its sixteen parts are neither dark nor light.
    mixed: usize,
}

impl Texture {
    /// Measures a patch of cells with `side` pixels; `None` where it is plain.
    pub(super) fn measure(frame: Grey, side: usize, patch: &Patch) -> Option<Self> {
        // Without the rim, which in a turned code is not code.
        let inner = |first: usize, end: usize| {
            let margin = (end - first) * side / 10;
            (first * side + margin, end * side - margin)
        };
        let ((left, right), (top, bottom)) = (inner(patch.left, patch.right), inner(patch.top, patch.bottom));
        let shade = |x: usize, y: usize| frame.pixels[y * frame.width + x];
        let place = |at: usize, of: usize, from: usize, to: usize| from + (to - from) * (2 * at + 1) / (2 * of);
        let shades: [[u8; SHADES]; SHADES] = std::array::from_fn(|row| {
            let y = place(row, SHADES, top, bottom);
            std::array::from_fn(|column| shade(place(column, SHADES, left, right), y))
        });
        let (dark, light) = levels(&shades);
        let middle = u8::midpoint(dark, light);
        let parts = parts(&shades, middle);
        let mut runs = [Runs::default(); 2];
        for line in 0..LINES {
            let (x, y) = (place(line, LINES, left, right), place(line, LINES, top, bottom));
            runs[0].follow((left..right).map(|x| shade(x, y)), middle);
            runs[1].follow((top..bottom).map(|y| shade(x, y)), middle);
        }
        let share = parts.iter().sum::<u16>();
        let mixed = parts.iter().filter(|part| (13..=51).contains(*part)).count();
        let share = f32::from(share) / (SHADES * SHADES) as f32;
        runs.iter().all(|runs| runs.count >= RUNS_LEAST).then_some(Self { runs, dark, light, share, mixed })
    }

    /// Whether it could be a code's modules: about half dark and evenly so (less under a lamp), runs of about the same
    /// length along and down, and of all lengths, as a mesh's are not.
    pub(super) fn is_code(&self, glare: bool) -> bool {
        let means = self.runs.map(|runs| runs.mean());
        let alike = means[0].max(means[1]) < 3.0 * means[0].min(means[1]);
        let even = if glare { self.mixed >= 5 } else { self.mixed >= 13 };
        let varied = self.runs.iter().all(|runs| runs.spread() > 0.6);
        even && alike && varied && (0.18..0.72).contains(&self.share)
    }

    /// Mean run in pixels: about two modules.
    pub(super) fn run(&self) -> f32 {
        f32::midpoint(self.runs[0].mean(), self.runs[1].mean())
    }

    /// Pixels that an edge takes the way in which it takes more: motion smears one way.
    pub(super) fn edge(&self) -> f32 {
        let contrast = f32::from(self.light - self.dark);
        self.runs.iter().map(|runs| 2.0 * contrast * runs.count / runs.steps.max(1.0)).fold(0.0, f32::max)
    }
}

/// The shades below and above which a tenth of the places lies.
fn levels(shades: &[[u8; SHADES]; SHADES]) -> (u8, u8) {
    let mut sorted: [u8; SHADES * SHADES] = std::array::from_fn(|at| shades[at / SHADES][at % SHADES]);
    let tenth = sorted.len() / 10;
    let last = sorted.len() - 1 - tenth;
    let dark = *sorted.select_nth_unstable(tenth).1;
    let light = *sorted.select_nth_unstable(last).1;
    (dark, light)
}

/// How many of its 64 places are dark, for each of sixteen parts.
fn parts(shades: &[[u8; SHADES]; SHADES], middle: u8) -> [u16; 16] {
    let mut parts = [0; 16];
    for (row, line) in shades.iter().enumerate() {
        for (column, &shade) in line.iter().enumerate() {
            parts[row / 8 * 4 + column / 8] += u16::from(shade <= middle);
        }
    }
    parts
}

/// Runs of dark and light pixels, and the steps between them.
#[derive(Clone, Copy, Debug, Default)]
struct Runs {
    count: f32,
    sum: f32,
    squares: f32,
    /// Shades by which the pixels before and behind each edge differ.
    steps: f32,
}

impl Runs {
    /// Counts the runs between the first and the last edge of a line.
    fn follow(&mut self, shades: impl Iterator<Item = u8>, middle: u8) {
        let (mut start, mut before) = (None, [None; 2]);
        for (at, shade) in shades.enumerate() {
            if let [Some(second), Some(last)] = before
                && (last <= middle) != (shade <= middle)
            {
                self.edge(start.replace(at).map(|start| at - start), shade.abs_diff(second));
            }
            before = [before[1], Some(shade)];
        }
    }

    fn edge(&mut self, run: Option<usize>, step: u8) {
        if let Some(run) = run {
            self.count += 1.0;
            self.sum += run as f32;
            self.squares += (run * run) as f32;
            self.steps += f32::from(step);
        }
    }

    fn mean(&self) -> f32 {
        self.sum / self.count
    }

    /// Standard deviation in means.
    fn spread(&self) -> f32 {
        (self.squares / self.count / self.mean().powi(2) - 1.0).max(0.0).sqrt()
    }
}
