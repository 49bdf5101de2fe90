//! `greengate-hub move`: from files to a server.

use std::process::ExitCode;

use super::Place;
use crate::cli::Failure;
use crate::cli::out::{counted, say};
use crate::hub;

pub(super) fn execute(place: &Place) -> Result<ExitCode, Failure> {
    let moved = hub::relocate(&place.folder)?;
    say(format_args!("{} moved to the database; these files are of no use any more:", counted(moved.rows, "row")));
    moved.files.iter().for_each(|file| say(format_args!("  {}", file.display())));
    Ok(ExitCode::SUCCESS)
}
