//! The virtual board: what a person at the panel does to a box that is not there.

use serde::{Deserialize, Serialize};

use super::board::Button;
use super::image::GreyImage;
use super::ruling::Outcome;
use super::text::Text;

/// One thing that a person does at the virtual board.
#[derive(Clone, Debug, PartialEq)]
pub enum VirtualAct {
    /// Holds these up to the camera, side by side, in place of whatever was there; none takes everything away.
    HoldUp(Vec<String>, Pose),
    /// Puts a photograph or a webcam's frame in place of the whole picture, for this many milliseconds (0: until the
    /// next act).
    Picture(GreyImage, u32),
    /// Presses a button.
    Press(Button),
    /// Pulls the camera's plug (`false`) or puts it back (`true`).
    CameraPlugged(bool),
    /// Sets the wall clock this many seconds off the real one.
    ClockOffset(i64),
}

/// How a label is held in front of the virtual camera. Every value stays within its range; the panel's sliders have the
/// same ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pose {
    /// Centimetres from the camera to a label of 40 mm, 10 to 60.
    pub distance_cm: f32,
    /// Degrees that the label leans away from the camera, -60 to 60.
    pub tilt_deg: f32,
    /// Degrees that it is turned in its own plane, -180 to 180.
    pub turn_deg: f32,
    /// Radius of the blur in pixels of the frame, 0 to 12.
    pub blur_px: f32,
    /// Strength of a lamp's reflection, 0 to 1.
    pub glare: f32,
    /// Brightness of the room, 0 to 1.
    pub light: f32,
}

impl Default for Pose {
    fn default() -> Self {
        Self { distance_cm: 22.0, tilt_deg: 0.0, turn_deg: 0.0, blur_px: 0.0, glare: 0.0, light: 0.8 }
    }
}

impl Pose {
    /// The same pose with every value brought into its range; not-a-number becomes the default.
    #[must_use]
    pub fn clamped(self) -> Self {
        let rest = Self::default();
        let within =
            |value: f32, low: f32, high: f32, or: f32| if value.is_nan() { or } else { value.clamp(low, high) };
        Self {
            distance_cm: within(self.distance_cm, 10.0, 60.0, rest.distance_cm),
            tilt_deg: within(self.tilt_deg, -60.0, 60.0, rest.tilt_deg),
            turn_deg: within(self.turn_deg, -180.0, 180.0, rest.turn_deg),
            blur_px: within(self.blur_px, 0.0, 12.0, rest.blur_px),
            glare: within(self.glare, 0.0, 1.0, rest.glare),
            light: within(self.light, 0.0, 1.0, rest.light),
        }
    }
}

/// A label in the rack of the demo world, ready to be held up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackLabel {
    /// Its stable name in the rack, for example `shampoo-green`.
    pub id: String,
    /// The product or what else it is.
    pub title: Text,
    /// What it shows, for example `missing documents`.
    pub about: Text,
    /// What a kiosk in order says; `None` where that is no verdict.
    pub expected: Option<Outcome>,
    /// The slug of the expected ruling.
    pub slug: String,
    /// The text in the QR code.
    pub text: String,
}
