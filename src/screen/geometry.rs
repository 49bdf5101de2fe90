//! Rectangles in whole pixels and shares of them.

use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// A rectangle in pixels; the right and bottom edges are not part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Rect {
    /// A rectangle; negative widths and heights become 0.
    #[must_use]
    pub fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w: w.max(0), h: h.max(0) }
    }

    /// One past the right edge.
    #[must_use]
    pub const fn right(self) -> i32 {
        self.x + self.w
    }

    /// One past the bottom edge.
    #[must_use]
    pub const fn bottom(self) -> i32 {
        self.y + self.h
    }

    /// The same rectangle with `across` less on the left and right and `down` less above and below.
    #[must_use]
    pub fn shrunk(self, across: i32, down: i32) -> Self {
        Self::new(self.x + across, self.y + down, self.w - 2 * across, self.h - 2 * down)
    }

    /// The upper `height` pixels, and what is left.
    #[must_use]
    pub fn split_top(self, height: i32) -> (Self, Self) {
        let height = height.clamp(0, self.h);
        let rest = Self::new(self.x, self.y + height, self.w, self.h - height);
        (Self { h: height, ..self }, rest)
    }

    /// The left `width` pixels, and what is left.
    #[must_use]
    pub fn split_left(self, width: i32) -> (Self, Self) {
        let width = width.clamp(0, self.w);
        let rest = Self::new(self.x + width, self.y, self.w - width, self.h);
        (Self { w: width, ..self }, rest)
    }

    /// Whether `other` lies wholly in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.x >= self.x && other.y >= self.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }
}

impl From<Rect> for Rectangle {
    fn from(rect: Rect) -> Self {
        let size = Size::new(rect.w.unsigned_abs(), rect.h.unsigned_abs());
        Self::new(Point::new(rect.x, rect.y), size)
    }
}

/// `permille` thousandths of `whole`.
#[must_use]
pub const fn part(whole: i32, permille: i32) -> i32 {
    whole * permille / 1000
}

/// The pixels that a length covers, rounded up.
#[must_use]
pub fn ceil(length: f32) -> i32 {
    whole(length.ceil())
}

/// The pixels that fit into a length, rounded down.
#[must_use]
pub fn floor(length: f32) -> i32 {
    whole(length.floor())
}

#[expect(clippy::cast_possible_truncation, reason = "a float that is too large becomes the largest integer")]
const fn whole(length: f32) -> i32 {
    length as i32
}
