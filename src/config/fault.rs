//! Why a configuration is not taken.

use std::path::PathBuf;

/// A configuration that is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// One of the two files is not there.
    #[error(
        "`{}` is missing: a kiosk has a `board.toml` and a `site.toml` in one folder; start from `boards/sim-headless.toml` \
         and `assets/site.example.toml`",
        file.display()
    )]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is larger than any board or site.
    #[error("`{}` has {bytes} bytes, a configuration has {limit} at most; is it the right file?", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The file is not text.
    #[error("`{}` is not UTF-8 text; save it as UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// What is wrong in it, with places and help.
    #[error("{0}")]
    Wrong(String),
}
