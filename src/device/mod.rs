//! The only room with hardware: what a board has, opened by its description.
//!
//! A part joins its sisters here and nobody else notices. What needs a driver of Linux is behind the feature `pi`; the board
//! file picks at run time among all that is built.

mod bell;
mod camera;
mod clock;
mod display;
mod fault;
mod lights;
pub mod picture;
mod sound;
mod virtual_board;

use std::sync::{Arc, Mutex};

pub use camera::{Camera, CameraFault, Frame, Layout, Offer, Rate, Sizes, VideoNode, nodes as video_nodes};
pub use clock::DeviceClock;
pub use display::Display;
pub use fault::DeviceFault;
pub use lights::{Change, Lamps, LightsNow, LightsOwner};
pub use sound::Speaker;
pub use virtual_board::VirtualBoard;

use self::bell::lock;
use crate::rules::board::{self, Board, Button};
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

/// Opens every part of `board`.
///
/// # Errors
/// The first part that cannot be opened, and what to do about it.
#[expect(clippy::needless_pass_by_value, reason = "the kiosk hands its wiring over and is done with it")]
pub fn open(board: &Board, wiring: Wiring) -> Result<Device, DeviceFault> {
    let buttons = Buttons::default();
    let clock = || wiring.clock.clone();
    let (camera, virtual_board) = open_camera(&board.camera, &wiring, &buttons)?;
    Ok(Device {
        camera,
        display: Display::open(&board.display)?,
        lights: LightsOwner::open(&board.lights, clock())?,
        sound: Speaker::open(&board.sound),
        buttons,
        virtual_board,
    })
}

/// Opens the camera of `board` and nothing else.
///
/// # Errors
/// It cannot be opened; a real one that is not there is none of these, for it may be plugged in later.
pub fn camera(board: &Board, wiring: &Wiring) -> Result<Camera, DeviceFault> {
    open_camera(&board.camera, wiring, &Buttons::default()).map(|(camera, _)| camera)
}

fn open_camera(
    camera: &board::Camera,
    wiring: &Wiring,
    buttons: &Buttons,
) -> Result<(Camera, Option<VirtualBoard>), DeviceFault> {
    let clock = wiring.clock.clone();
    let camera = match camera {
        board::Camera::Panel { size, rate, .. } => {
            let virtual_board = VirtualBoard::new(*size, wiring, buttons.clone());
            return Ok((Camera::panel(virtual_board.clone(), *rate, clock), Some(virtual_board)));
        }
        board::Camera::Folder { path, rate, repeat } => Camera::folder(path, *rate, *repeat, clock)?,
        board::Camera::Stream { path, .. } => Camera::stream(path, clock)?,
        board::Camera::V4l2(camera) => Camera::v4l2(camera, clock)?,
        board::Camera::Rpicam(camera) => Camera::rpicam(camera, clock),
    };
    Ok((camera, None))
}

type Listener = Box<dyn Fn(Button) + Send>;

/// The box's buttons. Whoever presses one calls the listener.
#[derive(Clone, Default)]
pub struct Buttons {
    listener: Arc<Mutex<Option<Listener>>>,
}

impl Buttons {
    /// From now on `listener` is told of every press.
    pub fn subscribe(&mut self, listener: Listener) {
        *lock(&self.listener) = Some(listener);
    }

    fn press(&self, button: Button) {
        if let Some(listener) = &*lock(&self.listener) {
            listener(button);
        }
    }
}
