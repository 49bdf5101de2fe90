//! `greengate board` and `greengate config`: look at what the box is, before it hangs on a wall.

mod new;
mod wires;
mod wiring;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::out::{put, say};
use crate::cli::{Exit, Failure, Place};
use crate::config::{self, Found};
use crate::device::Machine;
use crate::rules::board::{Board as Checked, Size};
use crate::screen;

/// Look at boards, and make one.
#[derive(Debug, clap::Subcommand)]
pub enum Board {
    /// Name the boards that are part of the program, those first that fit this machine
    List,
    /// Print a board to start your own from, and say which wire goes to which pin
    ///
    /// The board alone goes to standard output: `greengate board show NAME > board.toml` makes a file of it.
    Show {
        /// A name that `board list` shows, or a file
        name: String,
        /// Draw the pin header with its wires into this SVG file
        #[arg(long, value_name = "FILE")]
        picture: Option<PathBuf>,
    },
    New(new::New),
    /// Check a board, and tell how far its screen can be read
    Check {
        /// Files, or names that `board list` shows [default: the configured board]
        boards: Vec<String>,
    },
}

/// Check the configuration.
#[derive(Debug, clap::Subcommand)]
pub enum Config {
    /// Check board and site, and tell what they mean
    Check,
    /// Print a `site.toml` with every setting explained, to start your own from
    Example,
}

impl Board {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::List => list()?,
            Self::Show { name, picture } => show(name, picture.as_deref())?,
            Self::New(new) => return new.execute(),
            Self::Check { boards } if boards.is_empty() => match config::find(place.config.as_deref())? {
                Found::Demo => check(&builtin("sim")?)?,
                Found::Files { board, .. } => check(&config::board(&board)?)?,
            },
            Self::Check { boards } => {
                for name in boards {
                    let is_builtin = config::builtin_board(name).is_some();
                    check(&if is_builtin { builtin(name)? } else { config::board(Path::new(name))? })?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The boards that fit a machine.
pub fn fitting(machine: &Machine) -> Vec<&'static str> {
    config::boards_for(machine.model().as_deref(), !machine.devices("gpiochip").is_empty())
}

fn list() -> Result<(), Failure> {
    let machine = Machine::here();
    let fits = fitting(&machine);
    let (own, others): (Vec<&str>, Vec<&str>) =
        config::BUILTIN_BOARDS.into_iter().partition(|name| fits.contains(name));
    for name in own.iter().chain(&others) {
        let board = builtin(name)?;
        let mark = if fits.contains(name) { '*' } else { ' ' };
        let tried = tried(&board).map(|tried| format!("; {tried}")).unwrap_or_default();
        put(format_args!("{mark} {name:<22} {}{tried}", board.title))?;
    }
    if !fits.is_empty() {
        let model = machine.model().unwrap_or_else(|| "this machine".to_owned());
        put(format_args!("* fits {model}; `greengate board new` makes a board of your own from one"))?;
    }
    Ok(())
}

/// Who has seen a board of ours work. A virtual one is seen by every test.
fn tried(board: &Checked) -> Option<String> {
    match board.verified {
        Some(verified) => Some(config::tried(verified)),
        None => board.has_hardware().then(|| "nobody has reported it working yet".to_owned()),
    }
}

fn show(name: &str, picture: Option<&Path>) -> Result<(), Failure> {
    let (board, text) = match config::builtin_board(name) {
        Some(text) => (builtin(name)?, text.to_owned()),
        None if !Path::new(name).exists() => {
            let message = format!("no board `{name}`; `greengate board list` names them, or name a file");
            return Err(Failure::new(Exit::NoInput, message));
        }
        None => (config::board(Path::new(name))?, std::fs::read_to_string(name)?),
    };
    put(text.trim_end())?;
    let table = wiring::table(&board);
    if !table.is_empty() {
        say(format_args!("\n{table}"));
    }
    if let Some(tried) = config::builtin_board(name).and_then(|_| tried(&board)) {
        say(format_args!("\n`{name}`: {tried}"));
    }
    let Some(file) = picture else { return Ok(()) };
    let none = || Failure::new(Exit::Data, format!("`{name}` has no wire on a Raspberry Pi's header to draw"));
    let drawn = wiring::picture(&board).ok_or_else(none)?;
    std::fs::write(file, drawn).map_err(|error| {
        Failure::new(Exit::IoError, format!("`{}` cannot be written: {error}; name another file", file.display()))
    })
}

fn builtin(name: &str) -> Result<Checked, Failure> {
    Ok(config::board_text(name, config::builtin_board(name).unwrap_or_default())?)
}

fn check(board: &Checked) -> Result<(), Failure> {
    put(format_args!("{}", config::describe_board(board)))?;
    let Size { width, height } = board.display.size;
    let as_if =
        if board.display.output.tells_its_size() { format!("if it has {width}×{height}: ") } else { String::new() };
    put(format_args!("{as_if}{}", screen::legibility(&board.display, &config::builtin_site().languages)))?;
    warn(board)
}

fn warn(board: &Checked) -> Result<(), Failure> {
    for caution in config::cautions(board) {
        put(format_args!("warning: {caution}"))?;
    }
    Ok(())
}

impl Config {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        if matches!(self, Self::Example) {
            put(config::EXAMPLE_SITE.trim_end())?;
            return Ok(ExitCode::SUCCESS);
        }
        match config::find(place.config.as_deref())? {
            Found::Demo => {
                let near = fitting(&Machine::here()).first().copied().unwrap_or("sim-headless");
                put("no configuration: the demo world on the board `sim`")?;
                put(format_args!(
                    "to make one, begin with `greengate board new` or `greengate board show {near} > board.toml`, and with \
                     `greengate config example > site.toml`"
                ))?;
            }
            Found::Files { board, site } => {
                let checked = config::board(&board)?;
                put(format_args!("{}: {}", board.display(), config::describe_board(&checked)))?;
                warn(&checked)?;
                put(format_args!("{}: {}", site.display(), config::describe_site(&config::site(&site)?)))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
