//! From a place in the picture to modules: several ways to draw the line between dark and light.

use super::{bend::Grid, deblur::Deblur, geometry::Spot, locate::View, symbol::Modules};

/// Where a module is sampled, in modules from its middle: middle and four around it.
const TAPS: [(f32, f32); 5] = [(0.0, 0.0), (-0.22, -0.22), (0.22, -0.22), (-0.22, 0.22), (0.22, 0.22)];
/// Modules on each side whose mean is a module's threshold.
const REACH: usize = 4;

/// Modules on a side of a patch of one colour that is not believed: chance makes one in 32,000.
const PATCH: usize = 4;
/// A module whose darkness is so near to the middle between light and dark, 0.5, may be either.
const UNDECIDED: f32 = 0.2;
/// The same where 1 is surely dark and -1 surely light.
const GREY: f32 = 0.3;

/// How dark and light are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// By the picture's own thresholds.
    Picture,
    /// By the mean of the modules around, which follows the symbol and not what lies beside it.
    Around,
    /// The same after sharpening each module against its four neighbours, which undoes some blur.
    Sharpened,
    /// By undoing the blur that the eyes show, with doubts.
    Deblurred,
    /// Like [`Self::Around`], with doubts.
    Doubted,
}

/// In the order in which they are tried.
pub(super) const QUICK_METHODS: [Method; 3] = [Method::Picture, Method::Around, Method::Sharpened];
/// Those for which there is not always time.
pub(super) const THOROUGH_METHODS: [Method; 2] = [Method::Deblurred, Method::Doubted];

/// Samples modules; its memory is reused.
#[derive(Default)]
pub(super) struct Sampler {
    ink: Vec<f32>,
    soft: Vec<f32>,
    sharp: Vec<f32>,
    sums: Vec<f32>,
    deblur: Deblur,
    modules: Modules,
    doubtful: Vec<bool>,
}

impl Sampler {
    /// Samples every module of a symbol.
    pub(super) fn sample(&mut self, view: View, grid: &Grid, size: usize) {
        self.modules.size = size;
        self.ink.clear();
        self.soft.clear();
        for row in 0..size {
            for column in 0..size {
                let (mut ink, mut soft) = (0.0, 0.0);
                for (du, dv) in TAPS {
                    let spot: Spot = grid.map(column as f32 + 0.5 + du, row as f32 + 0.5 + dv);
                    let (softly, inky) = view.soft_and_ink(spot);
                    soft += softly;
                    ink += inky;
                }
                self.ink.push(ink);
                self.soft.push(soft);
            }
        }
    }

    /// Tells dark from light among what was sampled, and, for methods with doubts, which modules' colours mean little.
    pub(super) fn decide(&mut self, method: Method) -> (&Modules, &[bool]) {
        self.doubtful.clear();
        match method {
            Method::Picture => {
                self.modules.dark.clear();
                self.modules.dark.extend(self.soft.iter().map(|&soft| soft > 0.0));
            }
            Method::Around | Method::Doubted => {
                self.sharp.clear();
                self.sharp.extend_from_slice(&self.ink);
                self.split();
            }
            Method::Sharpened => {
                self.sharpen();
                self.split();
            }
            Method::Deblurred => {
                self.modules.dark.clear();
                if self.deblur.undo(&self.ink, self.modules.size, &mut self.sharp).is_some() {
                    self.modules.dark.extend(self.sharp.iter().map(|&dark| dark > 0.5));
                    self.doubtful.extend(self.sharp.iter().map(|dark| (dark - 0.5).abs() < UNDECIDED));
                    self.doubt_patches();
                }
            }
        }
        if method == Method::Doubted {
            self.doubtful.extend(self.soft.iter().map(|soft| soft.abs() < GREY * TAPS.len() as f32));
            self.doubt_patches();
        }
        (&self.modules, &self.doubtful)
    }

    /// Patches of one colour that no mask would leave are glare, dirt and thumbs.
    fn doubt_patches(&mut self) {
        let (size, dark) = (self.modules.size, &self.modules.dark);
        for corner in (0..=size - PATCH).flat_map(|row| (0..=size - PATCH).map(move |column| row * size + column)) {
            let patch = (0..PATCH * PATCH).map(|at| corner + at / PATCH * size + at % PATCH);
            if patch.clone().all(|at| dark[at] == dark[corner]) {
                patch.for_each(|at| self.doubtful[at] = true);
            }
        }
    }

    fn sharpen(&mut self) {
        let size = self.modules.size;
        self.sharp.clear();
        for (at, &ink) in self.ink.iter().enumerate() {
            let (row, column) = (at / size, at % size);
            let beside = |row: usize, column: usize| self.ink[row.min(size - 1) * size + column.min(size - 1)];
            let around = beside(row.saturating_sub(1), column)
                + beside(row + 1, column)
                + beside(row, column.saturating_sub(1))
                + beside(row, column + 1);
            self.sharp.push(ink + 0.35 * (4.0 * ink - around));
        }
    }

    /// Splits at the mean of the modules around, by sums over rectangles.
    fn split(&mut self) {
        let size = self.modules.size;
        let wide = size + 1;
        self.sums.clear();
        self.sums.resize(wide * wide, 0.0);
        for row in 0..size {
            let mut along = 0.0;
            for column in 0..size {
                along += self.sharp[row * size + column];
                self.sums[(row + 1) * wide + column + 1] = self.sums[row * wide + column + 1] + along;
            }
        }
        self.modules.dark.clear();
        for row in 0..size {
            for column in 0..size {
                let mean = self.mean_around(row, column);
                self.modules.dark.push(self.sharp[row * size + column] > mean);
            }
        }
    }

    fn mean_around(&self, row: usize, column: usize) -> f32 {
        let (size, wide) = (self.modules.size, self.modules.size + 1);
        let (top, bottom) = (row.saturating_sub(REACH), (row + REACH + 1).min(size));
        let (left, right) = (column.saturating_sub(REACH), (column + REACH + 1).min(size));
        let at = |row: usize, column: usize| self.sums[row * wide + column];
        let sum = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
        sum / ((bottom - top) * (right - left)) as f32
    }
}
