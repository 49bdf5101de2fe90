//! Where the modules of a label lie that is not flat: round a can, on a swollen carton, on cloth.
//!
//! A bent label is a flat one whose places are moved a little before they are projected. Round a cylinder they move
//! along the bend as the sine does (a cubic, as far as it matters) and to one side as the depth does (a square); with
//! these three terms for each of the label's two directions most of what is bent can be followed.

use super::geometry::{Perspective, Spot};

/// Number of [`Bend::terms`].
pub(super) const TERMS: usize = 6;

/// How a label is bent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bend {
    /// In modules: how far the middle of a side is off (along and across the label's width, then its height), and how
    /// far places between middle and end are (each along its own direction).
    pub(super) terms: [f32; TERMS],
}

/// From modules to pixels, bent or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    map: Perspective,
    half: f32,
    bend: Bend,
}

impl Grid {
    /// A symbol of `size` modules.
    pub(super) fn new(map: Perspective, size: usize, bend: Bend) -> Self {
        Self { map, half: size as f32 / 2.0, bend }
    }

    /// Where a place on the symbol (in modules) lies in the picture.
    pub(super) fn map(&self, u: f32, v: f32) -> Spot {
        let [along, across, sine, side_along, side_across, side_sine] = self.bend.terms;
        let (x, y) = (u / self.half - 1.0, v / self.half - 1.0);
        let (bow_x, bow_y) = (1.0 - x * x, 1.0 - y * y);
        let du = bow_x * (along + sine * x * 2.6) + bow_y * side_across;
        let dv = bow_y * (side_along + side_sine * y * 2.6) + bow_x * across;
        self.map.map(u + du, v + dv)
    }

    /// Top left, top right, bottom right, bottom left.
    pub(super) fn corners(&self) -> [Spot; 4] {
        self.map.corners(2.0 * self.half)
    }
}
