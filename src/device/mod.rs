//! The only room with hardware: what a board has, opened by its description.
//!
//! A part joins its sisters here and nobody else notices. What needs a driver of Linux is behind the feature `pi`; the board
//! file picks at run time among all that is built.

mod alarm;
mod bell;
mod buttons;
mod camera;
mod child;
mod clock;
pub mod display;
mod fault;
mod lights;
mod lines;
mod machine;
pub mod picture;
mod service;
mod sound;
mod trial;
mod virtual_board;

pub use alarm::darken_all;
pub use buttons::Buttons;
pub use camera::{Camera, CameraFault, Frame, Layout, Offer, Rate, Sizes, VideoNode, nodes as video_nodes};
pub use child::ends_with_us;
pub use clock::DeviceClock;
pub use display::Display;
pub use fault::{DeviceFault, Unshown};
pub use lights::{Change, Lamps, LightsNow, LightsOwner};
pub use lines::LinesLook;
#[cfg(test)]
pub(crate) use lines::recorder;
pub use machine::{Access, Machine, Monitor, Supply, Watchdog};
pub use service::ServiceManager;
pub use sound::Speaker;
pub use trial::{Trial, Tried, TriedButtons};
pub use virtual_board::VirtualBoard;

use self::buttons::Presses;
use self::lines::{Chips, Claim};
use crate::rules::board::{self, Board};
use crate::rules::code::Symbol;

/// What this room needs of its siblings, which it does not name.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// Draws a text as a QR code, for the virtual camera.
    pub symbol: fn(&str) -> Option<Symbol>,
    /// The kiosk's clock.
    pub clock: DeviceClock,
}

/// A board whose parts are open.
pub struct Device {
    /// Where frames come from.
    pub camera: Camera,
    /// What shows the scenes.
    pub display: Display,
    /// What lights up.
    pub lights: LightsOwner,
    /// What makes tones.
    pub sound: Speaker,
    /// What a person presses.
    pub buttons: Buttons,
    /// What a person does at a board that is not there; only where the camera is the panel's.
    pub virtual_board: Option<VirtualBoard>,
}

/// Opens every part of `board`, and makes the lamps dark before anything else.
///
/// # Errors
/// The first part that cannot be opened, and what to do about it.
#[expect(clippy::needless_pass_by_value, reason = "the kiosk hands its wiring over and is done with it")]
pub fn open(board: &Board, wiring: Wiring) -> Result<Device, DeviceFault> {
    let clock = || wiring.clock.clone();
    let mut chips = Chips::default();
    let lights = LightsOwner::open(&board.lights, &mut chips, clock())?;
    let sound = Speaker::open(&board.sound, &mut chips, clock())?;
    let buttons = Buttons::open(board.buttons.as_ref(), &mut chips, clock())?;
    let (camera, virtual_board) = open_camera(&board.camera, &wiring, &buttons.presses())?;
    Ok(Device { camera, display: Display::open(&board.display)?, lights, sound, buttons, virtual_board })
}

/// Opens the camera of `board` and nothing else.
///
/// # Errors
/// It cannot be opened; a real one that is not there is none of these, for it may be plugged in later.
pub fn camera(board: &Board, wiring: &Wiring) -> Result<Camera, DeviceFault> {
    open_camera(&board.camera, wiring, &Presses::default()).map(|(camera, _)| camera)
}

fn open_camera(
    camera: &board::Camera,
    wiring: &Wiring,
    presses: &Presses,
) -> Result<(Camera, Option<VirtualBoard>), DeviceFault> {
    let clock = wiring.clock.clone();
    let camera = match camera {
        board::Camera::Panel { size, rate, .. } => {
            let virtual_board = VirtualBoard::new(*size, wiring, presses.clone());
            return Ok((Camera::panel(virtual_board.clone(), *rate, clock), Some(virtual_board)));
        }
        board::Camera::Folder { path, rate, repeat } => Camera::folder(path, *rate, *repeat, clock)?,
        board::Camera::Stream { path, .. } => Camera::stream(path, clock)?,
        board::Camera::V4l2(camera) => Camera::v4l2(camera, clock)?,
        board::Camera::Nokhwa(camera) => Camera::nokhwa(camera, clock)?,
        board::Camera::Rpicam(camera) => Camera::rpicam(camera, clock),
    };
    Ok((camera, None))
}

/// Opens the lights of `board` and nothing else.
///
/// # Errors
/// They cannot be opened.
pub fn open_lights(board: &Board, clock: DeviceClock) -> Result<LightsOwner, DeviceFault> {
    LightsOwner::open(&board.lights, &mut Chips::default(), clock)
}

/// Looks who has the lines of `board`. None of them is touched, so nothing lights up.
#[must_use]
pub fn look_at_lines(board: &Board) -> LinesLook {
    LinesLook::at(board, &mut Chips::with(Claim::Whatever))
}

/// Makes lamps and torch of `board` dark and its buzzer silent, and lets them go. `is_over` says that whoever had them has
/// ended, even if the system has not tidied up after it; otherwise a running kiosk keeps them. What it left on the display
/// is taken away then as well.
///
/// # Errors
/// The first part that cannot be had; the others are made dark all the same.
pub fn darken(board: &Board, is_over: bool) -> Result<(), DeviceFault> {
    let mut chips = Chips::with(if is_over { Claim::Whatever } else { Claim::Alone });
    let lines = board.lights.lines().into_iter().chain(board.sound.line());
    let lines = lines.map(|line| chips.switch(&line).map(drop)).fold(Ok(()), Result::and);
    lines.and(if is_over { display::darken(&board.display) } else { Ok(()) })
}
