//! What shows the scenes: nothing but the panel, files, or a display on a wire.
//!
//! A display on a wire is written to by the loop itself, after the lights, and only where the picture has changed. How long
//! that takes follows from the wire: an SPI panel of 320×240 has 16 bits a pixel, which is 1.2 million bits, 38 ms at
//! 32 MHz; an OLED of 128×64 takes 26 ms at 400 kHz and 105 ms at 100 kHz, a monitor's 1920×1080 a few ms of memory.

mod changes;
mod files;
mod screen;
#[cfg(all(feature = "pi", target_os = "linux"))]
pub mod wired;

use std::ops::Range;
use std::sync::{Arc, Mutex};

use self::files::Files;
use self::screen::Screen;
use super::alarm::{self, Turn};
use super::bell::lock;
use super::{DeviceFault, Unshown};
use crate::rules::board::{self, Colours, Night, Output, Size};
use crate::rules::image::ScreenImage;

/// What pictures are put on: a monitor, a panel on a bus. One that failed is dropped, and opened anew.
pub trait Surface: Send {
    /// Its size in pixels, as pictures are drawn for it.
    fn size(&self) -> Size;

    /// Puts these rows of `picture` there; the others are there already.
    ///
    /// # Errors
    /// It does not take them. What is seen of them is not known.
    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown>;

    /// Lights it, or makes it dark, and keeps its picture. What has no light of its own does nothing.
    ///
    /// # Errors
    /// It does not follow.
    fn light(&mut self, _lit: bool) -> Result<(), Unshown> {
        Ok(())
    }

    /// Looks whether it is still there; asked about once a second, and answered at once.
    ///
    /// # Errors
    /// It is not, or does not answer.
    fn check(&mut self) -> Result<(), Unshown> {
        Ok(())
    }
}

/// Opens a surface, as often as it takes. A fault other than [`DeviceFault::Display`] is one that waiting does not mend.
pub type Opener = Box<dyn FnMut() -> Result<Box<dyn Surface>, DeviceFault> + Send>;

/// An open display. It is dark once this is dropped.
pub struct Display {
    /// What is drawn as long as nothing tells another size.
    size: Size,
    colours: Colours,
    night: Option<Night>,
    to: To,
}

enum To {
    Panel,
    Files(Files),
    Screen(Arc<Mutex<Screen>>),
}

impl Display {
    pub(super) fn open(display: &board::Display) -> Result<Self, DeviceFault> {
        let to = match &display.output {
            // The panel has every screen from the loop.
            Output::Panel => To::Panel,
            Output::Png { folder } => To::Files(Files::open(folder)?),
            Output::Hdmi { .. } | Output::Framebuffer { .. } | Output::Spi(_) | Output::I2c(_) => {
                to_screen(opener(&display.output)?)?
            }
        };
        Ok(Self { size: display.size, colours: display.colours, night: display.output.night(), to })
    }

    /// A display over surfaces that `opener` opens. One that is not there yet is waited for.
    ///
    /// # Errors
    /// What waiting does not mend.
    pub fn with(size: Size, colours: Colours, opener: Opener) -> Result<Self, DeviceFault> {
        Ok(Self { size, colours, night: None, to: to_screen(opener)? })
    }

    /// The size in pixels that it takes. A monitor that was away may come back with another one.
    #[must_use]
    pub fn size(&self) -> Size {
        match &self.to {
            To::Panel | To::Files(_) => self.size,
            To::Screen(screen) => lock(screen).size().unwrap_or(self.size),
        }
    }

    /// How many colours it has.
    #[must_use]
    pub const fn colours(&self) -> Colours {
        self.colours
    }

    /// When it is to be dark while nothing happens.
    #[must_use]
    pub const fn night(&self) -> Option<Night> {
        self.night
    }

    /// Shows a screen; `name` tells what it is about.
    ///
    /// # Errors
    /// It does not have the display's size, or cannot be shown.
    pub fn show(&mut self, image: &Arc<ScreenImage>, name: &str) -> Result<(), DeviceFault> {
        let Size { width, height } = self.size();
        let (width, height) = (width as usize, height as usize);
        if (image.width, image.height, image.rgb.len()) != (width, height, width * height * 3) {
            let found = format!("{}×{}", image.width, image.height);
            return Err(DeviceFault::ScreenSize { found, expected: format!("{width}×{height}") });
        }
        match &mut self.to {
            To::Panel => Ok(()),
            To::Files(files) => files.write(image, name),
            To::Screen(screen) => Ok(lock(screen).show(image)?),
        }
    }

    /// Lights it, or makes it dark until something happens. What has no light of its own does nothing.
    ///
    /// # Errors
    /// It does not follow.
    pub fn light(&mut self, lit: bool) -> Result<(), DeviceFault> {
        match &mut self.to {
            To::Panel | To::Files(_) => Ok(()),
            To::Screen(screen) => Ok(lock(screen).light(lit)?),
        }
    }

    /// Looks after a display that may come and go; called about once a second. Answers whether it came or went: then what
    /// is to be seen must be shown again.
    pub fn look_after(&mut self) -> bool {
        match &mut self.to {
            To::Panel | To::Files(_) => false,
            To::Screen(screen) => lock(screen).look_after(),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let To::Screen(screen) = &self.to {
            lock(screen).darken();
        }
    }
}

fn to_screen(opener: Opener) -> Result<To, DeviceFault> {
    let screen = Arc::new(Mutex::new(Screen::open(opener)?));
    alarm::watch(&screen, Turn::Display);
    Ok(To::Screen(screen))
}

/// Makes a board's display dark, whatever a program that was killed has left on it.
///
/// # Errors
/// It cannot be opened.
pub fn darken(display: &board::Display) -> Result<(), DeviceFault> {
    // Who drops a display leaves it dark.
    if display.output.is_wired() { Display::open(display).map(drop) } else { Ok(()) }
}

#[cfg(all(feature = "pi", target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "there are programs without hardware")]
fn opener(output: &Output) -> Result<Opener, DeviceFault> {
    Ok(wired::opener(output.clone()))
}

#[cfg(not(all(feature = "pi", target_os = "linux")))]
fn opener(_: &Output) -> Result<Opener, DeviceFault> {
    Err(DeviceFault::NotBuilt)
}
