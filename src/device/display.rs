//! What shows the scenes.

mod files;

use self::files::Files;
use super::DeviceFault;
use crate::rules::board::{self, Colours, Output, Size};
use crate::rules::image::ScreenImage;

/// An open display.
#[derive(Debug)]
pub struct Display {
    size: Size,
    colours: Colours,
    files: Option<Files>,
}

impl Display {
    pub(super) fn open(display: &board::Display) -> Result<Self, DeviceFault> {
        let files = match &display.output {
            // The panel has every screen from the loop.
            Output::Panel => None,
            Output::Png { folder } => Some(Files::open(folder)?),
        };
        Ok(Self { size: display.size, colours: display.colours, files })
    }

    /// Its size in pixels.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// How many colours it has.
    #[must_use]
    pub const fn colours(&self) -> Colours {
        self.colours
    }

    /// Shows a screen; `name` tells what it is about.
    ///
    /// # Errors
    /// It does not have the display's size, or cannot be shown.
    pub fn show(&mut self, image: &ScreenImage, name: &str) -> Result<(), DeviceFault> {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        if (image.width, image.height, image.rgb.len()) != (width, height, width * height * 3) {
            let found = format!("{}×{}", image.width, image.height);
            return Err(DeviceFault::ScreenSize { found, expected: format!("{width}×{height}") });
        }
        self.files.as_mut().map_or(Ok(()), |files| files.write(image, name))
    }
}
