//! Cameras that Linux has below `/dev` (V4L2), USB cameras above all.
//!
//! Which of the nodes is meant, and what it may give, is decided here without touching it; `capture` alone talks to drivers.

#[cfg(all(feature = "pi", target_os = "linux"))]
mod capture;
#[cfg(any(test, all(feature = "pi", target_os = "linux")))]
mod controls;
mod node;

#[cfg(all(feature = "pi", target_os = "linux"))]
pub use self::capture::stride;
#[cfg(all(feature = "pi", target_os = "linux"))]
pub use self::node::Places;
pub use self::node::{VideoNode, nodes};
use super::offer::Offer;
use super::real::Opener;
use crate::device::DeviceFault;
use crate::rules::board::V4l2;

/// What opens the camera of a board.
#[cfg(all(feature = "pi", target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "a program without hardware has none")]
pub fn opener(board: &V4l2) -> Result<Opener, DeviceFault> {
    let board = board.clone();
    Ok(std::sync::Arc::new(move || Ok(Box::new(capture::Capture::open(&board)?))))
}

/// What opens the camera of a board: nothing does.
#[cfg(not(all(feature = "pi", target_os = "linux")))]
pub const fn opener(_board: &V4l2) -> Result<Opener, DeviceFault> {
    Err(DeviceFault::NotBuilt)
}

/// What a node gives, as its driver says; nothing where it is no camera.
#[cfg(all(feature = "pi", target_os = "linux"))]
pub fn offers(path: &std::path::Path) -> Result<Vec<Offer>, String> {
    capture::offers(path)
}

#[cfg(not(all(feature = "pi", target_os = "linux")))]
fn offers(_path: &std::path::Path) -> Result<Vec<Offer>, String> {
    Err(DeviceFault::NotBuilt.to_string())
}

#[cfg(test)]
pub mod tests {
    use crate::rules::board::{Frames, PixelFormat, Size, V4l2, VideoDevice};

    /// A board that asks for 1280×720 at 30 a second and sets nothing.
    pub fn board() -> V4l2 {
        let size = Size { width: 1280, height: 720 };
        V4l2 {
            device: VideoDevice::Usb { vendor: 0x046d, product: 0x0825 },
            frames: Frames { size, rate: 30, budget_ms: 25, roi: None, frozen_ms: 1200, power_line_hz: None },
            formats: PixelFormat::ALL.to_vec(),
            exposure: None,
            gain: None,
            focus: None,
        }
    }
}
