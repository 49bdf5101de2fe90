//! Is what was exported what the journal has? Only then may it stand in for it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::{Confirmed, Journal, Sealed};
use crate::rules::hex;
use crate::store::StoreFault;

/// Longest line of an exported file, in bytes; what a kiosk hands up is no longer.
const LINE_LIMIT: u64 = 1 << 20;

/// Compares a file of JSON Lines, as [`export()`](super::export()) writes them, with the journal that it was exported
/// from: how far it has every row.
///
/// # Errors
/// One of them cannot be read, or a row of the file is missing, damaged, or not the journal's.
pub fn exported(journal: &Journal, file: &Path) -> Result<Confirmed, StoreFault> {
    let fault = |source| StoreFault::file(file, "read", source);
    let mut lines = BufReader::new(File::open(file).map_err(fault)?);
    let (mut confirmed, mut buffer) = (Confirmed { epoch: journal.epoch(), seq: journal.pruned() }, Vec::new());
    for line in 1.. {
        buffer.clear();
        if (&mut lines).take(LINE_LIMIT).read_until(b'\n', &mut buffer).map_err(fault)? == 0 {
            break;
        }
        let next = confirmed.seq + 1;
        let row = std::str::from_utf8(&buffer).map_err(|error| error.to_string()).and_then(|text| fits(text, journal));
        confirmed.seq = match row {
            Ok(row) if row.seq < next => continue,
            Ok(row) if row.seq > next => Err(format!("row {next} is missing")),
            Ok(row) if journal.hash_of(next)? != Some(row.hash) => Err(format!("the journal has another row {next}")),
            Ok(row) => Ok(row.seq),
            Err(why) => Err(why),
        }
        .map_err(|why| StoreFault::Line {
            path: file.to_owned(),
            line,
            message: format!("{why}; export again with `greengate journal export --format jsonl`"),
        })?;
    }
    Ok(confirmed)
}

/// The row that a line is, if it is whole and of this journal.
fn fits(line: &str, journal: &Journal) -> Result<Sealed, String> {
    let row = Sealed::read(line.strip_suffix('\n').unwrap_or(line))?;
    if row.kiosk != journal.kiosk() || row.epoch != hex::encode(&journal.epoch()) {
        return Err("it is another journal's row".to_owned());
    }
    if row.is_whole() { Ok(row) } else { Err(format!("row {} was changed after it was written", row.seq)) }
}
