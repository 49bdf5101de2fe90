//! TOML to a checked board and a checked site, or an error with file, line, caret and help.

mod board;
mod describe;
mod fault;
mod feed;
mod fit;
mod problem;
mod signals;
mod site;
mod source;
mod syntax;
mod table;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use describe::{board as describe_board, site as describe_site, tried};
pub use fault::ConfigFault;
pub use fit::boards_for;
pub use signals::cautions;

use self::source::Source;
use crate::rules::board::Board;
use crate::rules::site::Site;

/// Where a box's configuration is.
const SYSTEM_FOLDER: &str = "/etc/greengate";

/// A site with every setting explained.
pub const EXAMPLE_SITE: &str = include_str!("../../assets/site.example.toml");

/// The boards that are part of the program, so that a bare binary works. Of those that fit a machine the first is suggested.
pub const BUILTIN_BOARDS: [&str; 12] = [
    "pi4-hdmi-tower",
    "pi3-hdmi-tower",
    "pi5-hdmi-tower",
    "pi4-ili9341-relay",
    "pi3-ssd1306-leds",
    "zero2w-st7789-leds",
    "generic-gpiocdev-hdmi",
    "emulated-pi",
    "sim",
    "sim-1080p",
    "sim-headless",
    "sim-mono-128x64",
];

/// The text of a board that is part of the program.
#[must_use]
pub fn builtin_board(name: &str) -> Option<&'static str> {
    Some(match name {
        "pi4-hdmi-tower" => include_str!("../../boards/pi4-hdmi-tower.toml"),
        "pi3-hdmi-tower" => include_str!("../../boards/pi3-hdmi-tower.toml"),
        "pi5-hdmi-tower" => include_str!("../../boards/pi5-hdmi-tower.toml"),
        "pi4-ili9341-relay" => include_str!("../../boards/pi4-ili9341-relay.toml"),
        "pi3-ssd1306-leds" => include_str!("../../boards/pi3-ssd1306-leds.toml"),
        "zero2w-st7789-leds" => include_str!("../../boards/zero2w-st7789-leds.toml"),
        "generic-gpiocdev-hdmi" => include_str!("../../boards/generic-gpiocdev-hdmi.toml"),
        "emulated-pi" => include_str!("../../boards/emulated-pi.toml"),
        "sim" => include_str!("../../boards/sim.toml"),
        "sim-1080p" => include_str!("../../boards/sim-1080p.toml"),
        "sim-headless" => include_str!("../../boards/sim-headless.toml"),
        "sim-mono-128x64" => include_str!("../../boards/sim-mono-128x64.toml"),
        _ => return None,
    })
}

/// The demo world's site: its key counts there, and no other.
#[must_use]
pub fn builtin_site() -> Site {
    site::demo()
}

/// Where the configuration is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is none: the demo world.
    Demo,
    /// These files.
    Files {
        /// `board.toml`.
        board: PathBuf,
        /// `site.toml`.
        site: PathBuf,
    },
}

/// Finds the configuration: in the `explicit` folder, else in `/etc/greengate`, else there is none.
///
/// # Errors
/// A folder with one file of the two, an explicit one with none, and one that cannot be looked into: a kiosk whose
/// configuration cannot be read must not become the demo world.
pub fn find(explicit: Option<&Path>) -> Result<Found, ConfigFault> {
    let folder = explicit.unwrap_or(Path::new(SYSTEM_FOLDER));
    let (board, site) = (folder.join("board.toml"), folder.join("site.toml"));
    match (is_there(&board)?, is_there(&site)?) {
        (true, true) => Ok(Found::Files { board, site }),
        (false, false) if explicit.is_none() => Ok(Found::Demo),
        (false, false) if !folder.is_dir() => Err(ConfigFault::NotAFolder { path: folder.to_owned() }),
        (true, false) => Err(ConfigFault::Missing { file: site }),
        (false, _) => Err(ConfigFault::Missing { file: board }),
    }
}

/// Finds the board alone, for what has to work without a site; `None` where there is no configuration.
///
/// # Errors
/// An explicit folder without a board, and one that cannot be looked into.
pub fn find_board(explicit: Option<&Path>) -> Result<Option<PathBuf>, ConfigFault> {
    let folder = explicit.unwrap_or(Path::new(SYSTEM_FOLDER));
    let board = folder.join("board.toml");
    if is_there(&board)? {
        return Ok(Some(board));
    }
    match explicit {
        None => Ok(None),
        Some(folder) if !folder.is_dir() => Err(ConfigFault::NotAFolder { path: folder.to_owned() }),
        Some(_) => Err(ConfigFault::Missing { file: board }),
    }
}

/// Whether there is a file. A link to nothing is there: reading it tells what is wrong.
fn is_there(path: &Path) -> Result<bool, ConfigFault> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(source) => Err(ConfigFault::File { path: path.to_owned(), source }),
    }
}

/// Reads and checks a board.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn board(path: &Path) -> Result<Board, ConfigFault> {
    board::check(&Source::read(path)?)
}

/// Checks the text of a board; `name` is its file's name without the ending, or a path that the text is relative to.
///
/// # Errors
/// As [`board()`].
pub fn board_text(name: &str, text: &str) -> Result<Board, ConfigFault> {
    board::check(&Source::text(name, text))
}

/// Reads and checks a site.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn site(path: &Path) -> Result<Site, ConfigFault> {
    site::check(&Source::read(path)?)
}

/// Checks the text of a site.
///
/// # Errors
/// As [`site()`].
pub fn site_text(name: &str, text: &str) -> Result<Site, ConfigFault> {
    site::check(&Source::text(name, text))
}
