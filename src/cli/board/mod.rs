//! `greengate board` and `greengate config`: look at what the box is, before it hangs on a wall.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::out::put;
use crate::cli::{Exit, Failure, Place};
use crate::config::{self, Found};
use crate::rules::board::{Board as Checked, Size};
use crate::screen;

/// Look at boards.
#[derive(Debug, clap::Subcommand)]
pub enum Board {
    /// Name the boards that are part of the program
    List,
    /// Print a board that is part of the program, to start your own from
    Show {
        /// A name that `board list` shows
        name: String,
    },
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
            Self::List => {
                for name in config::BUILTIN_BOARDS {
                    put(format_args!("{name:<20} {}", builtin(name)?.title))?;
                }
            }
            Self::Show { name } => {
                let unknown =
                    || Failure::new(Exit::NoInput, format!("no board `{name}`; `greengate board list` names them"));
                put(config::builtin_board(name).ok_or_else(unknown)?.trim_end())?;
            }
            Self::Check { boards } if boards.is_empty() => match config::find(place.config.as_deref())? {
                Found::Demo => check(&builtin("sim")?)?,
                Found::Files { board, .. } => check(&config::board(&board)?)?,
            },
            Self::Check { boards } => {
                for name in boards {
                    let is_builtin = config::builtin_board(name).is_some();
                    let board = if is_builtin { builtin(name)? } else { config::board(&PathBuf::from(name))? };
                    check(&board)?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
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
                put("no configuration: the demo world on the board `sim`")?;
                put(format_args!(
                    "to make one, begin with `greengate board show sim-headless > board.toml` and `greengate config example > site.toml`"
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
