//! Photographs in a folder, one after the other.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{DeviceFault, picture};
use super::Frame;
use crate::rules::image::GreyImage;

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
        loop {
            let Some(path) = self.files.get(self.next) else {
                if std::mem::take(&mut self.read) == 0 {
                    self.next = 0;
                    return Err(DeviceFault::NoPictures { path: self.path.clone() });
                }
                if !self.repeat {
                    return Ok(Frame::Ended);
                }
                self.list()?;
                continue;
            };
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
    }

    fn list(&mut self) -> Result<(), DeviceFault> {
        let fault = |source| DeviceFault::file(&self.path, "read", source);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(fault)? {
            files.push(entry.map_err(fault)?.path());
        }
        files.retain(|path| is_picture(path));
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
