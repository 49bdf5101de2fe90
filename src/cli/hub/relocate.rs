//! `greengate-hub move`: from files to a server.

use std::process::ExitCode;

use super::Place;
use crate::cli::Failure;
use crate::cli::out::say;
use crate::hub;

pub(super) fn execute(place: &Place) -> Result<ExitCode, Failure> {
    let moved = hub::relocate(&place.folder)?;
    say(format_args!("{} rows are in the database now; these files are of no use any more:", moved.rows));
    moved.files.iter().for_each(|file| say(format_args!("  {}", file.display())));
    Ok(ExitCode::SUCCESS)
}
