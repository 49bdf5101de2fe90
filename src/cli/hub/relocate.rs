//! `greengate-hub move`: from files to a server.

use std::process::ExitCode;

use super::Place;
use crate::cli::Failure;
use crate::cli::out::{counted, say};
use crate::hub;

pub(super) fn execute(place: &Place) -> Result<ExitCode, Failure> {
    let moved = hub::relocate(&place.folder)?;
    match moved.rows {
        0 => say("all rows were in the database already; these files are of no use any more:"),
        rows => {
            let rows = counted(rows, "row");
            say(format_args!("{rows} moved to the database; these files are of no use any more:"));
        }
    }
    moved.files.iter().for_each(|file| say(format_args!("  {}", file.display())));
    Ok(ExitCode::SUCCESS)
}
