//! Where a point of a label lies before the lens, and back.

use crate::rules::board::Size;
use crate::rules::virtual_board::Pose;

/// Horizontal angle of view in degrees: that of the Raspberry Pi camera module 1.
const VIEW_DEG: f32 = 53.5;
/// Side of a label's QR code with its quiet zone, in millimetres.
pub const CODE_MM: f32 = 40.0;
/// White paper around it.
pub const PAPER_MM: f32 = 4.0;
/// Between two labels that are held up together.
const GAP_MM: f32 = 14.0;

/// One label before the lens.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    focal_px: f32,
    centre: (f32, f32),
    /// Millimetres from the lens, and to the right of its axis.
    distance: f32,
    right: f32,
    /// Sine and cosine.
    tilt: (f32, f32),
    turn: (f32, f32),
}

/// What one row of the picture shows of the label's plane: it is equally far away all along the row, because labels lean
/// around a level axis.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    held: Held,
    /// Millimetres from the lens, and on the plane down from the label's middle.
    depth: f32,
    down: f32,
}

impl Held {
    /// The place of label `number` of `count`, side by side.
    pub fn new(size: Size, pose: &Pose, number: usize, count: usize) -> Self {
        let (width, height) = (size.width as f32, size.height as f32);
        let turn = pose.turn_deg.to_radians().sin_cos();
        // A turned label is wider.
        let paper_mm = (CODE_MM + 2.0 * PAPER_MM) * (turn.0.abs() + turn.1.abs());
        Self {
            focal_px: width / 2.0 / (VIEW_DEG / 2.0).to_radians().tan(),
            centre: (width / 2.0, height / 2.0),
            distance: pose.distance_cm * 10.0,
            right: (number as f32 - (count as f32 - 1.0) / 2.0) * (paper_mm + GAP_MM),
            tilt: pose.tilt_deg.to_radians().sin_cos(),
            turn,
        }
    }

    /// Pixels that a millimetre takes in the label's middle.
    pub fn px_of_mm(&self) -> f32 {
        self.focal_px / self.distance
    }

    /// The row at height `y` of the picture; `None` where it looks past the label's plane.
    pub fn row(&self, y: f32) -> Option<Row> {
        let ((sin, cos), ray) = (self.tilt, (y - self.centre.1) / self.focal_px);
        // The plane leans back around its own level axis, its upper half away from the lens:
        // down · cos = ray · depth and depth = distance − down · sin.
        let along = cos + ray * sin;
        let down = ray * self.distance / along;
        let depth = self.distance - down * sin;
        (along > 0.02 && depth > 1.0).then_some(Row { held: *self, depth, down })
    }

    /// The pixel place of a point of the label; `None` behind the lens.
    pub fn in_picture(&self, u: f32, v: f32) -> Option<(f32, f32)> {
        let (turn_sin, turn_cos) = self.turn;
        let (u, v) = (u * turn_cos - v * turn_sin, v * turn_cos + u * turn_sin);
        let (sin, cos) = self.tilt;
        let (right, down, depth) = (u + self.right, v * cos, self.distance - v * sin);
        if depth < 1.0 {
            return None;
        }
        Some((self.centre.0 + right / depth * self.focal_px, self.centre.1 + down / depth * self.focal_px))
    }
}

impl Row {
    /// The point of the label, in millimetres from its middle, that the row shows at `x`.
    pub fn on_label(&self, x: f32) -> (f32, f32) {
        let right = (x - self.held.centre.0) / self.held.focal_px * self.depth - self.held.right;
        let (sin, cos) = self.held.turn;
        (right * cos + self.down * sin, self.down * cos - right * sin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 1280, height: 720 };

    #[test]
    fn a_point_of_the_label_is_found_again_in_the_picture() {
        let pose = Pose { tilt_deg: 35.0, turn_deg: -70.0, distance_cm: 18.0, ..Pose::default() };
        let held = Held::new(SIZE, &pose, 1, 2);
        for (u, v) in [(0.0, 0.0), (20.0, 20.0), (-20.0, 20.0), (5.0, -17.0)] {
            let (x, y) = held.in_picture(u, v).expect("before the lens");
            let (u_again, v_again) = held.row(y).expect("before the lens").on_label(x);
            assert!((u - u_again).abs() < 0.01 && (v - v_again).abs() < 0.01, "{u},{v} became {u_again},{v_again}");
        }
    }

    #[test]
    fn a_label_that_leans_away_is_smaller_at_its_top() {
        let held = Held::new(SIZE, &Pose { tilt_deg: 40.0, ..Pose::default() }, 0, 1);
        let width = |v: f32| {
            let edge = |u: f32| held.in_picture(u, v).expect("before the lens").0;
            edge(20.0) - edge(-20.0)
        };
        assert!(width(-20.0) < width(20.0) * 0.9, "{} above, {} below", width(-20.0), width(20.0));
    }
}
