//! Why a configuration is not taken.

use std::path::PathBuf;

/// A configuration that is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// One of the two files is not there.
    #[error(
        "`{}` is missing: a kiosk has a `board.toml` and a `site.toml` in one folder; begin with \
         `greengate board show sim-headless` and `greengate config example`",
        file.display()
    )]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The configuration's folder is something else, or is not there.
    #[error("`{}` is not a folder; name the folder that holds `board.toml` and `site.toml`", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error(
        "`{}` cannot be read: {source}; look with `ls -l` whether it is there and whether this user may read it",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A folder, a pipe or a device.
    #[error("`{}` is not a regular file; name a TOML file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is larger than any board or site.
    #[error("`{}` has more than {limit_kib} KiB, and no configuration is that long; is it the right file?", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in KiB.
        limit_kib: u64,
    },
    /// The file is not text.
    #[error(
        "`{}` is not UTF-8 text: byte 0x{byte:02x} in line {line}; save it as UTF-8, or convert it: \
         `iconv -f GB18030 -t UTF-8`",
        path.display()
    )]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first line that is not UTF-8.
        line: usize,
        /// The byte there.
        byte: u8,
    },
    /// What is wrong in it, with places and help.
    #[error("{0}")]
    Wrong(String),
}
