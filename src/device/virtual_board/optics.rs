//! Where a point of a label lies before the lens, and back.

use crate::rules::board::Size;
use crate::rules::virtual_board::Pose;

/// Horizontal angle of view, that of a Raspberry Pi camera module 3, in degrees.
const VIEW_DEG: f32 = 66.0;
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
    tilt: (f32, f32),
    turn: (f32, f32),
}

impl Held {
    /// The place of label `number` of `count`, side by side.
    #[expect(clippy::cast_precision_loss, reason = "a handful of labels")]
    pub fn new(size: Size, pose: &Pose, number: usize, count: usize) -> Self {
        let (width, height) = (size.width as f32, size.height as f32);
        let focal_px = width / 2.0 / (VIEW_DEG / 2.0).to_radians().tan();
        let step = CODE_MM + 2.0 * PAPER_MM + GAP_MM;
        Self {
            focal_px,
            centre: (width / 2.0, height / 2.0),
            distance: pose.distance_cm * 10.0,
            right: (number as f32 - (count as f32 - 1.0) / 2.0) * step,
            tilt: pose.tilt_deg.to_radians().sin_cos(),
            turn: pose.turn_deg.to_radians().sin_cos(),
        }
    }

    /// The point of the label, in millimetres from its middle, that the pixel place shows; `None` behind the lens.
    pub fn on_label(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let ((sin, cos), ray) = (self.tilt, ((x - self.centre.0) / self.focal_px, (y - self.centre.1) / self.focal_px));
        // The label's plane leans back around its own horizontal axis: up (0, cos, sin), right (1, 0, 0).
        let along = cos - ray.1 * sin;
        if along <= 0.05 {
            return None;
        }
        let depth = self.distance * cos / along;
        let (u, v) = (ray.0 * depth - self.right, ray.1 * depth * cos + (depth - self.distance) * sin);
        let (turn_sin, turn_cos) = self.turn;
        Some((u * turn_cos + v * turn_sin, v * turn_cos - u * turn_sin))
    }

    /// The pixel place of a point of the label; `None` behind the lens.
    pub fn in_picture(&self, u: f32, v: f32) -> Option<(f32, f32)> {
        let (turn_sin, turn_cos) = self.turn;
        let (u, v) = (u * turn_cos - v * turn_sin, v * turn_cos + u * turn_sin);
        let (sin, cos) = self.tilt;
        let (right, down, depth) = (u + self.right, v * cos, self.distance + v * sin);
        if depth < 1.0 {
            return None;
        }
        Some((self.centre.0 + right / depth * self.focal_px, self.centre.1 + down / depth * self.focal_px))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_the_label_is_found_again_in_the_picture() {
        let pose = Pose { tilt_deg: 35.0, turn_deg: -70.0, distance_cm: 18.0, ..Pose::default() };
        let held = Held::new(Size { width: 1280, height: 720 }, &pose, 1, 2);
        for (u, v) in [(0.0, 0.0), (20.0, 20.0), (-20.0, 20.0), (5.0, -17.0)] {
            let (x, y) = held.in_picture(u, v).expect("before the lens");
            let (u_again, v_again) = held.on_label(x, y).expect("before the lens");
            assert!((u - u_again).abs() < 0.01 && (v - v_again).abs() < 0.01, "{u},{v} became {u_again},{v_again}");
        }
    }
}
