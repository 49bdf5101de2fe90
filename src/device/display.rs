//! What shows the scenes.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::DeviceFault;
use crate::rules::board::{self, Colours, Output, Size};
use crate::rules::image::ScreenImage;

/// How many screens a folder keeps.
const KEPT: usize = 200;

/// An open display.
#[derive(Debug)]
pub struct Display {
    size: Size,
    colours: Colours,
    files: Option<Files>,
}

/// A folder that gets every screen as a PNG file.
#[derive(Debug)]
struct Files {
    folder: PathBuf,
    number: u64,
    kept: VecDeque<PathBuf>,
}

impl Display {
    pub(super) fn open(display: &board::Display) -> Result<Self, DeviceFault> {
        let files = match &display.output {
            Output::Panel => None,
            Output::Png { folder } => {
                fs::create_dir_all(folder).map_err(|source| DeviceFault::file(folder, "made", source))?;
                Some(Files { folder: folder.clone(), number: 0, kept: VecDeque::new() })
            }
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
    /// It cannot be shown.
    pub fn show(&mut self, image: &ScreenImage, name: &str) -> Result<(), DeviceFault> {
        self.files.as_mut().map_or(Ok(()), |files| files.write(image, name))
    }
}

impl Files {
    /// Writes `0001-ready.png`, and `current.png` in one step, so that a viewer never sees half a screen.
    fn write(&mut self, image: &ScreenImage, name: &str) -> Result<(), DeviceFault> {
        self.number += 1;
        let path = self.folder.join(format!("{:04}-{name}.png", self.number));
        let bytes = png(image).map_err(|source| DeviceFault::file(&path, "encoded", source))?;
        write(&path, &bytes)?;
        let (part, current) = (self.folder.join("current.part"), self.folder.join("current.png"));
        write(&part, &bytes)?;
        fs::rename(&part, &current).map_err(|source| DeviceFault::file(&current, "written", source))?;
        self.kept.push_back(path);
        if let Some(old) = (self.kept.len() > KEPT).then(|| self.kept.pop_front()).flatten() {
            fs::remove_file(&old).map_err(|source| DeviceFault::file(&old, "removed", source))?;
        }
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DeviceFault> {
    fs::write(path, bytes).map_err(|source| DeviceFault::file(path, "written", source))
}

fn png(image: &ScreenImage) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let side = |pixels: usize| u32::try_from(pixels).map_err(std::io::Error::other);
    PngEncoder::new(&mut bytes)
        .write_image(&image.rgb, side(image.width)?, side(image.height)?, ExtendedColorType::Rgb8)
        .map_err(std::io::Error::other)?;
    Ok(bytes)
}
