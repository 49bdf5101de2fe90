//! JSON Lines: a record in each line, alone or as the `put` of a feed's file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use serde::Deserialize;

use super::{ROW_LIMIT, Row, Wrong, shown};
use crate::rules::policy::Policy;
use crate::rules::record::{Block, Exception, Key, Listing, Reason, Record, Supplier};

/// What stands before the first line of files from some editors.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of a file.
pub struct JsonLines {
    file: BufReader<File>,
    buffer: Vec<u8>,
    line: u64,
    position: u64,
}

/// What a line may be.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Entry {
    Put(Box<Record>),
    Supplier(Supplier),
    Listing(Listing),
    Block(Block),
    Exception(Exception),
    Key(Key),
    Reason(Reason),
    Policy(Policy),
}

impl From<Entry> for Record {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Put(record) => *record,
            Entry::Supplier(supplier) => Self::Supplier(supplier),
            Entry::Listing(listing) => Self::Listing(listing),
            Entry::Block(block) => Self::Block(block),
            Entry::Exception(exception) => Self::Exception(exception),
            Entry::Key(key) => Self::Key(key),
            Entry::Reason(reason) => Self::Reason(reason),
            Entry::Policy(policy) => Self::Policy(policy),
        }
    }
}

impl JsonLines {
    pub fn new(file: File) -> Self {
        Self { file: BufReader::with_capacity(128 << 10, file), buffer: Vec::new(), line: 0, position: 0 }
    }

    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next line that is not blank. A line that is too long is cut into several, which are all wrong.
    pub fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            self.buffer.clear();
            let read = (&mut self.file).take(ROW_LIMIT).read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            self.position += read as u64;
            let ended = self.buffer.last() == Some(&b'\n');
            if !ended && read as u64 == ROW_LIMIT {
                self.skip_line()?;
                let wrong =
                    Wrong::new("", format!("the line is longer than {ROW_LIMIT} bytes; one record is one line"));
                return Ok(Some(Row { line: self.line, record: Err(wrong) }));
            }
            let text = self.buffer.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.line == 1).unwrap_or(&self.buffer);
            if !text.trim_ascii().is_empty() {
                return Ok(Some(Row { line: self.line, record: record(text) }));
            }
        }
    }

    /// Passes over the rest of a line without keeping it.
    fn skip_line(&mut self) -> io::Result<()> {
        self.position += self.file.skip_until(b'\n')? as u64;
        Ok(())
    }
}

fn record(text: &[u8]) -> Result<Record, Wrong> {
    serde_json::from_slice::<Entry>(text).map(Record::from).map_err(|error| {
        let told = error.to_string();
        let message = told.rsplit_once(" at line ").map_or(told.as_str(), |(message, _)| message);
        Wrong::new(error.column().to_string(), shown(message))
    })
}
