//! Blur undone among the modules: out of focus, or moved while the shutter was open.
//!
//! What is seen of a module is its own colour and some of its neighbours', in the same proportions everywhere. The
//! eyes are known, so the proportions follow from them by least squares: a kernel of 5 × 5 modules that is alike to
//! both sides, as lenses and straight movements make it, with a plane for uneven light. Then those modules are looked
//! for that would have looked so: least squares again, by one module after the other, each between light and dark.

use super::{linear, version};

/// Modules on each side that blur into one.
const REACH: usize = 2;
/// Taps of the kernel that differ: the middle and one of each opposite two.
const TAPS: [(i32, i32); 13] =
    [(0, 0), (1, 0), (2, 0), (-2, 1), (-1, 1), (0, 1), (1, 1), (2, 1), (-2, 2), (-1, 2), (0, 2), (1, 2), (2, 2)];
/// Kernel, and how light changes along, down and altogether.
const UNKNOWNS: usize = TAPS.len() + 3;
/// Rounds over all modules.
const ROUNDS: usize = 12;
/// The part of the modules that changes its colour in a round below which the next one is not worth its time.
const CHANGES_LEAST: f32 = 0.002;
/// Taps that are fainter against the middle one are left out.
const FAINT: f32 = 0.02;

/// Undoes blur; its memory is reused.
#[derive(Default)]
pub(super) struct Deblur {
    size: usize,
    /// Modules with a border of [`REACH`] light ones: 0 light, 1 dark, between them while it is not decided.
    dark: Vec<f32>,
    /// Whether a module's colour is the same in every symbol of the size.
    fixed: Vec<bool>,
    /// What is seen less what the modules and the kernel make.
    rest: Vec<f32>,
}

impl Deblur {
    /// From the darkness of each of `size * size` modules to how dark it is: above 0.5 is dark. `None` where the eyes
    /// tell no kernel.
    pub(super) fn undo(&mut self, ink: &[f32], size: usize, out: &mut Vec<f32>) -> Option<()> {
        self.prepare(size);
        let solved = self.kernel(ink)?;
        let taps = all_taps(&solved);
        self.start(ink, &solved, &taps);
        let power: f32 = taps.iter().map(|&(_, _, weight)| weight * weight).sum();
        for _ in 0..ROUNDS {
            if self.round(&taps, power) < CHANGES_LEAST {
                break;
            }
        }
        out.clear();
        for row in 0..size {
            let start = self.place(row, 0);
            out.extend_from_slice(&self.dark[start..start + size]);
        }
        Some(())
    }

    fn wide(&self) -> usize {
        self.size + 2 * REACH
    }

    fn place(&self, row: usize, column: usize) -> usize {
        (row + REACH) * self.wide() + column + REACH
    }

    /// Draws what is the same in every symbol of a size.
    fn prepare(&mut self, size: usize) {
        self.size = size;
        let all = self.wide() * self.wide();
        self.dark.clear();
        self.dark.resize(all, 0.0);
        self.fixed.clear();
        self.fixed.resize(all, true);
        for row in 0..size {
            let start = self.place(row, 0);
            self.fixed[start..start + size].fill(false);
        }
        for (top, left) in [(0, 0), (0, size - 7), (size - 7, 0)] {
            self.draw_eye(top, left);
        }
        for at in 8..size - 8 {
            self.draw(6, at, at % 2 == 0);
            self.draw(at, 6, at % 2 == 0);
        }
        let middles = version::alignment_middles(size).collect::<Vec<_>>();
        for (row, column) in middles {
            for (dy, dx) in (0..25_usize).map(|at| (at / 5, at % 5)) {
                let ring = dx.abs_diff(2).max(dy.abs_diff(2));
                self.draw(row + dy - 2, column + dx - 2, ring != 1);
            }
        }
    }

    fn draw(&mut self, row: usize, column: usize, dark: bool) {
        let at = self.place(row, column);
        self.dark[at] = f32::from(u8::from(dark));
        self.fixed[at] = true;
    }

    /// An eye and the light modules around it.
    fn draw_eye(&mut self, top: usize, left: usize) {
        let inside = |start: usize| start.saturating_sub(1)..(start + 8).min(self.size);
        let (rows, columns) = (inside(top), inside(left));
        for row in rows {
            for column in columns.clone() {
                let from_middle = |at: usize, start: usize| at.abs_diff(start + 3);
                let ring = from_middle(row, top).max(from_middle(column, left));
                self.draw(row, column, ring == 3 || ring < 2);
            }
        }
    }

    /// Least squares over the modules whose neighbours are all known.
    fn kernel(&self, ink: &[f32]) -> Option<[f32; UNKNOWNS]> {
        let mut sums = linear::Sums::<UNKNOWNS>::new();
        for row in 0..self.size {
            for column in 0..self.size {
                let at = self.place(row, column);
                let known =
                    |(dx, dy): (i32, i32)| self.fixed[self.beside(at, dx, dy)] && self.fixed[self.beside(at, -dx, -dy)];
                if !TAPS.into_iter().all(known) {
                    continue;
                }
                let mut terms = [0.0; UNKNOWNS];
                for (term, (dx, dy)) in terms.iter_mut().zip(TAPS) {
                    let twice = if (dx, dy) == (0, 0) { 0.0 } else { self.dark[self.beside(at, -dx, -dy)] };
                    *term = self.dark[self.beside(at, dx, dy)] + twice;
                }
                terms[TAPS.len()..].copy_from_slice(&self.light(row, column));
                sums.add(&terms, ink[row * self.size + column]);
            }
        }
        let solved = sums.solve()?;
        (solved[0] > 0.0).then_some(solved)
    }

    fn light(&self, row: usize, column: usize) -> [f32; 3] {
        let part = |at: usize| at as f32 / self.size as f32 - 0.5;
        [part(column), part(row), 1.0]
    }

    fn beside(&self, at: usize, dx: i32, dy: i32) -> usize {
        (at as i32 + dy * self.wide() as i32 + dx) as usize
    }

    /// Starts with modules of no colour and what is then left of what is seen.
    fn start(&mut self, ink: &[f32], solved: &[f32; UNKNOWNS], taps: &[(i32, i32, f32)]) {
        for (dark, fixed) in self.dark.iter_mut().zip(&self.fixed) {
            if !fixed {
                *dark = 0.5;
            }
        }
        self.rest.clear();
        self.rest.resize(self.dark.len(), 0.0);
        for row in 0..self.size {
            for column in 0..self.size {
                let at = self.place(row, column);
                let made: f32 = taps.iter().map(|&(dx, dy, weight)| weight * self.dark[self.beside(at, dx, dy)]).sum();
                let lit: f32 = self.light(row, column).iter().zip(&solved[TAPS.len()..]).map(|(a, b)| a * b).sum();
                self.rest[at] = ink[row * self.size + column] - made - lit;
            }
        }
    }

    /// Sets each module to what explains the rest around it best; returns which part of them changed their colour.
    fn round(&mut self, taps: &[(i32, i32, f32)], power: f32) -> f32 {
        let mut changes = 0;
        for row in 0..self.size {
            for column in 0..self.size {
                let at = self.place(row, column);
                if self.fixed[at] {
                    continue;
                }
                let pull: f32 = taps.iter().map(|&(dx, dy, weight)| weight * self.rest[self.beside(at, dx, dy)]).sum();
                let new = (self.dark[at] + pull / power).clamp(0.0, 1.0);
                let change = new - self.dark[at];
                if change.abs() < 1e-3 {
                    continue;
                }
                changes += u32::from((new > 0.5) != (self.dark[at] > 0.5));
                self.dark[at] = new;
                for &(dx, dy, weight) in taps {
                    let beside = self.beside(at, dx, dy);
                    self.rest[beside] -= weight * change;
                }
            }
        }
        changes as f32 / (self.size * self.size) as f32
    }
}

/// The kernel with both of each two opposite taps.
fn all_taps(solved: &[f32; UNKNOWNS]) -> Vec<(i32, i32, f32)> {
    let both = TAPS.into_iter().zip(solved).flat_map(|((dx, dy), &weight)| {
        let other = ((dx, dy) != (0, 0)).then_some((-dx, -dy, weight));
        [Some((dx, dy, weight)), other].into_iter().flatten()
    });
    both.filter(|(_, _, weight)| weight.abs() > FAINT * solved[0]).collect()
}
