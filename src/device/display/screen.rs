//! A display on a wire: what it shows, and what is done while it does not.

use std::sync::{Arc, Mutex};
use std::thread::ThreadId;

use super::super::alarm::{Alarmed, within_patience};
use super::super::{DeviceFault, Unshown};
use super::{Opener, Surface, changes};
use crate::rules::board::Size;
use crate::rules::image::ScreenImage;

/// A surface that may come and go.
pub struct Screen {
    open: Opener,
    /// What is there, or why nothing is.
    surface: Result<Box<dyn Surface>, Unshown>,
    /// The picture on it, if that is known.
    shown: Option<Arc<ScreenImage>>,
    lit: bool,
}

impl Screen {
    pub fn open(mut open: Opener) -> Result<Self, DeviceFault> {
        let surface = match open() {
            Ok(surface) => Ok(surface),
            Err(DeviceFault::Display(why)) => Err(why),
            Err(fault) => return Err(fault),
        };
        Ok(Self { open, surface, shown: None, lit: false })
    }

    /// Its size, while it is there.
    pub fn size(&self) -> Option<Size> {
        self.surface.as_ref().ok().map(|surface| surface.size())
    }

    /// Puts the rows that have changed.
    pub fn show(&mut self, image: &Arc<ScreenImage>) -> Result<(), Unshown> {
        let surface = self.surface.as_mut().map_err(|why| why.clone())?;
        let rows = changes::rows(self.shown.take().as_deref(), image);
        let put = if rows.is_empty() { Ok(()) } else { surface.put(image, &rows) };
        self.or_lost(put)?;
        self.shown = Some(Arc::clone(image));
        Ok(())
    }

    /// Lights it, or makes it dark; only what changes is told.
    pub fn light(&mut self, lit: bool) -> Result<(), Unshown> {
        let surface = self.surface.as_mut().map_err(|why| why.clone())?;
        let told = if self.lit == lit { Ok(()) } else { surface.light(lit) };
        self.or_lost(told)?;
        self.lit = lit;
        Ok(())
    }

    /// Looks whether it is still there, or there again. Answers whether that has changed.
    pub fn look_after(&mut self) -> bool {
        match &mut self.surface {
            Ok(surface) => {
                let checked = surface.check();
                self.or_lost(checked).is_err()
            }
            Err(why) => match (self.open)() {
                Ok(surface) => {
                    self.surface = Ok(surface);
                    true
                }
                Err(fault) => {
                    // What was a mistake at the start may be a device that is being set up now.
                    let message = fault.to_string();
                    let other = Unshown { message, is_dark: false };
                    let now = if let DeviceFault::Display(now) = fault { now } else { other };
                    let changed = *why != now;
                    *why = now;
                    changed
                }
            },
        }
    }

    /// Black and unlit, as far as it still follows; nobody is left to be told.
    pub fn darken(&mut self) {
        let Ok(surface) = &mut self.surface else { return };
        let Size { width, height } = surface.size();
        let (width, height) = (width as usize, height as usize);
        let black = ScreenImage { width, height, rgb: vec![0; width * height * 3] };
        let rows = changes::rows(None, &black);
        drop((surface.put(&black, &rows), surface.light(false)));
        (self.shown, self.lit) = (None, false);
    }

    /// A surface that failed is dropped: what it shows is not known any more, and opening it sets it up anew.
    fn or_lost(&mut self, done: Result<(), Unshown>) -> Result<(), Unshown> {
        if let Err(why) = &done {
            self.surface = Err(why.clone());
            (self.shown, self.lit) = (None, false);
        }
        done
    }
}

impl Alarmed for Mutex<Screen> {
    fn is_ordered_by(&self, _: ThreadId) -> bool {
        // Where a panic does not end the process, who owns the display drops it.
        false
    }

    fn darken(&self) {
        if let Some(mut screen) = within_patience(self) {
            screen.darken();
        }
    }
}
