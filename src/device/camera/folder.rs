//! Photographs in a folder, one after the other.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{DeviceFault, picture};
use super::Frame;
use crate::rules::image::GreyImage;

/// Most pictures of a folder.
const FILES_LIMIT: usize = 100_000;
/// Files that cannot be read, before whoever asks for a frame is answered that there is none yet.
const SKIPPED_AT_ONCE: usize = 8;

/// The pictures of a folder in the order of their names.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    files: Vec<PathBuf>,
    next: usize,
    /// How many pictures this round has had.
    read: usize,
    repeat: bool,
}

impl Folder {
    pub fn open(path: &Path, repeat: bool) -> Result<Self, DeviceFault> {
        let mut folder = Self { path: path.to_owned(), files: Vec::new(), next: 0, read: 0, repeat };
        folder.list()?;
        Ok(folder)
    }

    /// The next picture. One that cannot be read is told in the log and left out.
    pub fn next(&mut self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        for _ in 0..SKIPPED_AT_ONCE {
            let Some(path) = self.files.get(self.next) else { return self.round_over() };
            self.next += 1;
            match picture::load(path) {
                Ok(picture) => {
                    *into = picture;
                    self.read += 1;
                    return Ok(Frame::New);
                }
                Err(fault) => log::warn!("left out: {fault}"),
            }
        }
        Ok(Frame::Same)
    }

    fn round_over(&mut self) -> Result<Frame, DeviceFault> {
        if self.read == 0 {
            // Somebody may put pictures there meanwhile.
            self.list()?;
            return Err(DeviceFault::NoPictures { path: self.path.clone() });
        }
        if !self.repeat {
            return Ok(Frame::Ended);
        }
        self.list()?;
        Ok(Frame::Same)
    }

    fn list(&mut self) -> Result<(), DeviceFault> {
        let fault = |source| DeviceFault::file(&self.path, "read", source);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if is_picture(&path) {
                files.push(path);
            }
            if files.len() > FILES_LIMIT {
                let name = self.path.display().to_string();
                return Err(DeviceFault::TooMany { name, limit: FILES_LIMIT });
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(DeviceFault::NoPictures { path: self.path.clone() });
        }
        (self.files, self.next, self.read) = (files, 0, 0);
        Ok(())
    }
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "png" | "jpg" | "jpeg" | "pgm" | "ppm" | "pnm")
}
