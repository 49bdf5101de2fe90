//! The virtual board's camera: labels held up before a lens that is not there.
//!
//! A pin-hole camera looks at a table; labels are drawn where a hand would hold them, tilted, turned, blurred, under a
//! lamp's glare and in bad light. The picture is made anew only when something changes.

mod optics;
mod paint;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::camera::Frame;
use super::{Buttons, DeviceClock, DeviceFault, Wiring};
use crate::rules::board::Size;
use crate::rules::code::Symbol;
use crate::rules::image::GreyImage;
use crate::rules::time::Moment;
use crate::rules::virtual_board::{Pose, VirtualAct};

/// Most labels held up at once.
const LABELS_LIMIT: usize = 8;

/// The hand, the buttons and the plug of a box that is not there. Every clone is the same board.
#[derive(Clone)]
pub struct VirtualBoard {
    shared: Arc<Mutex<State>>,
    clock: DeviceClock,
    buttons: Buttons,
    symbol: fn(&str) -> Option<Symbol>,
    size: Size,
}

struct State {
    view: View,
    unplugged: bool,
    /// The picture of `view`, unless that has changed since.
    picture: Option<Arc<GreyImage>>,
}

enum View {
    Labels(Vec<Symbol>, Pose),
    Picture(GreyImage, Option<Moment>),
}

impl View {
    fn nothing() -> Self {
        Self::Labels(Vec::new(), Pose::default())
    }
}

impl VirtualBoard {
    pub(super) fn new(size: Size, wiring: &Wiring, buttons: Buttons) -> Self {
        let state = State { view: View::nothing(), unplugged: false, picture: None };
        let (clock, symbol) = (wiring.clock.clone(), wiring.symbol);
        Self { shared: Arc::new(Mutex::new(state)), clock, buttons, symbol, size }
    }

    /// Does what a person does. A text that no QR code can hold is not held up.
    pub fn act(&self, act: VirtualAct) {
        match act {
            VirtualAct::HoldUp(texts, pose) => {
                let symbols = texts.iter().take(LABELS_LIMIT).filter_map(|text| (self.symbol)(text)).collect();
                self.look_at(View::Labels(symbols, pose.clamped()));
            }
            VirtualAct::Picture(picture, ms) => {
                let until = (ms > 0).then(|| self.clock.now().moment + std::time::Duration::from_millis(ms.into()));
                self.look_at(View::Picture(picture, until));
            }
            VirtualAct::Press(button) => self.buttons.press(button),
            VirtualAct::CameraPlugged(plugged) => self.lock().unplugged = !plugged,
            VirtualAct::ClockOffset(seconds) => self.clock.set_offset(seconds),
        }
    }

    /// What the camera sees now.
    #[must_use]
    pub fn preview(&self) -> Arc<GreyImage> {
        self.picture()
    }

    /// The camera's next frame.
    pub(super) fn photograph(&self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        if self.lock().unplugged {
            return Err(DeviceFault::Unplugged);
        }
        into.clone_from(&self.picture());
        Ok(Frame::New)
    }

    fn look_at(&self, view: View) {
        let mut state = self.lock();
        state.view = view;
        state.picture = None;
    }

    fn picture(&self) -> Arc<GreyImage> {
        let mut state = self.lock();
        if matches!(&state.view, View::Picture(_, Some(until)) if *until <= self.clock.now().moment) {
            state.view = View::nothing();
            state.picture = None;
        }
        if let Some(picture) = &state.picture {
            return Arc::clone(picture);
        }
        let picture = Arc::new(match &state.view {
            View::Labels(symbols, pose) => paint::labels(self.size, symbols, pose),
            View::Picture(picture, _) => paint::letterboxed(self.size, picture),
        });
        state.picture = Some(Arc::clone(&picture));
        picture
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
