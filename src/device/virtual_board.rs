//! The virtual board's camera: labels held up before a lens that is not there.
//!
//! A pin-hole camera looks at a table; labels are drawn where a hand would hold them, tilted, turned, blurred, under a
//! lamp's glare and in bad light. The picture is made anew only when something changes.

mod film;
mod noise;
mod optics;
mod paint;
mod table;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::optics::Held;
use super::bell::lock;
use super::buttons::Presses;
use super::picture::PIXELS_LIMIT;
use super::{CameraFault, DeviceClock, DeviceFault, Wiring};
use crate::rules::board::Size;
use crate::rules::code::{PAYLOAD_LIMIT, Symbol};
use crate::rules::image::GreyImage;
use crate::rules::time::Moment;
use crate::rules::virtual_board::{Pose, VirtualAct};

/// Most labels held up at once.
const LABELS_LIMIT: usize = 8;

/// The hand, the buttons and the plug of a box that is not there. Every clone is the same board.
#[derive(Clone)]
pub struct VirtualBoard {
    shared: Arc<Shared>,
    presses: Presses,
}

struct Shared {
    clock: DeviceClock,
    symbol: fn(&str) -> Option<Symbol>,
    size: Size,
    table: GreyImage,
    state: Mutex<State>,
    /// Held while a picture is made: nobody makes the same one twice, and nobody who only acts waits for it.
    painting: Mutex<()>,
}

struct State {
    view: Arc<View>,
    unplugged: bool,
    /// The picture of `view`, unless that has changed since.
    picture: Option<Arc<GreyImage>>,
}

enum View {
    Labels(Vec<Symbol>, Pose),
    Picture(Arc<GreyImage>, Option<Moment>),
}

impl View {
    fn nothing() -> Self {
        Self::Labels(Vec::new(), Pose::default())
    }

    fn is_over(&self, now: Moment) -> bool {
        matches!(self, Self::Picture(_, Some(until)) if *until <= now)
    }
}

impl VirtualBoard {
    pub(super) fn new(size: Size, wiring: &Wiring, presses: Presses) -> Self {
        let state = Mutex::new(State { view: Arc::new(View::nothing()), unplugged: false, picture: None });
        let (clock, symbol, table) = (wiring.clock.clone(), wiring.symbol, table::table(size));
        Self { shared: Arc::new(Shared { clock, symbol, size, table, state, painting: Mutex::default() }), presses }
    }

    /// Does what a person does. A text that no QR code can hold is not held up, and neither is a picture without pixels;
    /// the log tells.
    pub fn act(&self, act: VirtualAct) {
        match act {
            VirtualAct::HoldUp(texts, pose) => self.shared.hold_up(&texts, pose.clamped()),
            VirtualAct::Picture(picture, ms) => self.shared.show(picture, ms),
            VirtualAct::Press(button) => self.presses.press(button),
            VirtualAct::CameraPlugged(plugged) => lock(&self.shared.state).unplugged = !plugged,
            VirtualAct::ClockOffset(seconds) => self.shared.clock.set_offset(seconds),
        }
    }

    /// What the camera sees now.
    #[must_use]
    pub fn preview(&self) -> Arc<GreyImage> {
        self.shared.picture()
    }

    /// The camera's next frame.
    pub(super) fn photograph(&self, into: &mut GreyImage) -> Result<(), DeviceFault> {
        if lock(&self.shared.state).unplugged {
            return Err(CameraFault::Unplugged.into());
        }
        let picture = self.shared.picture();
        (into.width, into.height) = (picture.width, picture.height);
        into.pixels.clone_from(&picture.pixels);
        Ok(())
    }
}

impl Shared {
    fn hold_up(&self, texts: &[String], pose: Pose) {
        if texts.len() > LABELS_LIMIT {
            log::warn!("{} labels are held up, the first {LABELS_LIMIT} are seen", texts.len());
        }
        let drawn = texts.iter().take(LABELS_LIMIT).filter_map(|text| {
            let symbol = Some(text).filter(|text| text.len() <= PAYLOAD_LIMIT).and_then(|text| (self.symbol)(text));
            if symbol.is_none() {
                log::warn!("a text of {} bytes fits in no QR code and is not held up", text.len());
            }
            symbol
        });
        self.look_at(View::Labels(drawn.collect(), pose));
    }

    fn show(&self, picture: GreyImage, ms: u32) {
        let pixels = picture.width.checked_mul(picture.height).unwrap_or_default();
        if pixels == 0 || pixels != picture.pixels.len() || pixels as u64 > PIXELS_LIMIT {
            log::warn!("a picture of {}×{} pixels is not shown", picture.width, picture.height);
            return;
        }
        let picture = Arc::new(paint::letterboxed(self.size, picture));
        let until = (ms > 0).then(|| self.clock.now().moment + Duration::from_millis(ms.into()));
        self.look_at(View::Picture(picture, until));
    }

    fn look_at(&self, view: View) {
        let mut state = lock(&self.state);
        state.view = Arc::new(view);
        state.picture = None;
    }

    fn picture(&self) -> Arc<GreyImage> {
        let _painting = lock(&self.painting);
        let view = {
            let mut state = lock(&self.state);
            if state.view.is_over(self.clock.now().moment) {
                (state.view, state.picture) = (Arc::new(View::nothing()), None);
            }
            if let Some(picture) = &state.picture {
                return Arc::clone(picture);
            }
            Arc::clone(&state.view)
        };
        let picture = match &*view {
            View::Labels(symbols, pose) => Arc::new(self.paint(symbols, pose)),
            View::Picture(picture, _) => Arc::clone(picture),
        };
        let mut state = lock(&self.state);
        if Arc::ptr_eq(&state.view, &view) {
            state.picture = Some(Arc::clone(&picture));
        }
        picture
    }

    fn paint(&self, symbols: &[Symbol], pose: &Pose) -> GreyImage {
        let mut scene = self.table.clone();
        paint::labels(&mut scene, self.size, symbols, pose);
        film::exposed(scene, pose, Held::new(self.size, pose, 0, 1).px_of_mm())
    }
}
