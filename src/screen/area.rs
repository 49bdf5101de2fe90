//! Parts of the screen.

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    #[expect(clippy::cast_precision_loss, reason = "screens are smaller than 2^24 pixels")]
    pub const fn of_screen(width: u32, height: u32) -> Self {
        Self { left: 0.0, top: 0.0, width: width as f32, height: height as f32 }
    }

    pub const fn new(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, width, height }
    }

    pub const fn right(&self) -> f32 {
        self.left + self.width
    }

    pub const fn bottom(&self) -> f32 {
        self.top + self.height
    }

    /// The upper part of this height, and the rest below.
    pub fn split_top(&self, height: f32) -> (Self, Self) {
        let height = height.clamp(0.0, self.height);
        let top = Self { height, ..*self };
        (top, Self { top: self.top + height, height: self.height - height, ..*self })
    }

    /// The left part of this width, and the rest beside it.
    pub fn split_left(&self, width: f32) -> (Self, Self) {
        let width = width.clamp(0.0, self.width);
        let left = Self { width, ..*self };
        (left, Self { left: self.left + width, width: self.width - width, ..*self })
    }

    /// The same without a margin on every side.
    pub fn inset(&self, x: f32, y: f32) -> Self {
        let (x, y) = (x.min(self.width / 2.0), y.min(self.height / 2.0));
        Self { left: self.left + x, top: self.top + y, width: self.width - 2.0 * x, height: self.height - 2.0 * y }
    }

    /// The largest square in the middle.
    pub fn square(&self) -> Self {
        let side = self.width.min(self.height);
        Self {
            left: self.left + (self.width - side) / 2.0,
            top: self.top + (self.height - side) / 2.0,
            width: side,
            height: side,
        }
    }
}
