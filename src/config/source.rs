//! A configuration file: its text, its name for messages, and what its relative paths mean.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::ConfigFault;

/// Largest file that is read. The longest board of the project has 2 KiB.
const SIZE_LIMIT: u64 = 64 << 10;

/// A file's name and text.
#[derive(Debug)]
pub struct Source {
    /// For messages, and for paths that are relative to it.
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    /// Reads a file, and no more of it than the limit: a pipe or a device would have no end.
    pub fn read(path: &Path) -> Result<Self, ConfigFault> {
        let fault = |source| ConfigFault::File { path: path.to_owned(), source };
        if !fs::metadata(path).map_err(fault)?.is_file() {
            return Err(ConfigFault::NotAFile { path: path.to_owned() });
        }
        let mut bytes = Vec::new();
        File::open(path).map_err(fault)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(fault)?;
        if bytes.len() as u64 > SIZE_LIMIT {
            return Err(ConfigFault::TooLarge { path: path.to_owned(), limit_kib: SIZE_LIMIT >> 10 });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let (good, bad) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
            let line = good.split(|byte| *byte == b'\n').count();
            ConfigFault::NotText { path: path.to_owned(), line, byte: bad.first().copied().unwrap_or_default() }
        })?;
        Ok(Self { path: path.to_owned(), text })
    }

    pub fn text(name: &str, text: &str) -> Self {
        Self { path: PathBuf::from(name), text: text.to_owned() }
    }

    /// The file's name without folder and ending.
    pub fn name(&self) -> String {
        self.path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// A path as the file means it.
    pub fn beside(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}
