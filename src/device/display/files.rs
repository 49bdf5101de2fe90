//! A folder that gets every screen as a PNG file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::super::DeviceFault;
use crate::rules::image::ScreenImage;

/// How many screens a folder keeps.
const KEPT: usize = 200;
/// Longest name of a screen in its file's name.
const NAME_LIMIT: usize = 40;

/// The folder and the screens in it.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    /// Every numbered screen, of earlier runs too.
    kept: BTreeMap<u64, PathBuf>,
}

impl Files {
    /// Makes the folder if it is not there. Numbers go on where an earlier run stopped.
    pub fn open(folder: &Path) -> Result<Self, DeviceFault> {
        fs::create_dir_all(folder).map_err(|source| DeviceFault::file(folder, "made", source))?;
        let fault = |source| DeviceFault::file(folder, "read", source);
        let mut kept = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if let Some(number) = number(&path) {
                kept.insert(number, path);
            }
        }
        Ok(Self { folder: folder.to_owned(), kept })
    }

    /// Writes `0001-ready.png`, and `current.png` in one step, so that a viewer never sees half a screen.
    pub fn write(&mut self, image: &ScreenImage, name: &str) -> Result<(), DeviceFault> {
        let number = self.kept.last_key_value().map_or(0, |(number, _)| *number).saturating_add(1);
        let path = self.folder.join(format!("{number:04}-{}.png", plain(name)));
        let bytes = png(image).map_err(|source| DeviceFault::file(&path, "encoded", source))?;
        self.replace(&path, &bytes)?;
        self.kept.insert(number, path);
        self.replace(&self.folder.join("current.png"), &bytes)?;
        while self.kept.len() > KEPT {
            let Some((_, old)) = self.kept.pop_first() else { break };
            match fs::remove_file(&old) {
                // Somebody else has tidied up.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(|source| DeviceFault::file(&old, "removed", source))?,
            }
        }
        Ok(())
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), DeviceFault> {
        let part = self.folder.join("current.part");
        let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
        written.map_err(|source| DeviceFault::file(path, "written", source))
    }
}

/// The number of a screen that this display wrote.
fn number(path: &Path) -> Option<u64> {
    let (number, name) = path.file_name()?.to_str()?.strip_suffix(".png")?.split_once('-')?;
    let is_ours = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit()) && plain(name) == name;
    is_ours.then(|| number.parse().ok()).flatten()
}

/// A name that every file system takes and that leaves the folder on none.
fn plain(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().take(NAME_LIMIT).map(letter).collect()
}

fn png(image: &ScreenImage) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let side = |pixels: usize| u32::try_from(pixels).map_err(io::Error::other);
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&image.rgb, side(image.width)?, side(image.height)?, ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    Ok(bytes)
}
