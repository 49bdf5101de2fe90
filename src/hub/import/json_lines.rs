//! JSON Lines: a record in each line, alone or as the `put` of a feed's file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use serde::Deserialize;

use super::slips::{CapacitySlip, ItemSlip, Slip};
use super::{Entry, ROW_LIMIT, Row, Wrong, shown};
use crate::rules::dossier::{Document, Firm, Product};
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
enum Said {
    Put(Box<Record>),
    Supplier(Supplier),
    Listing(Listing),
    Block(Block),
    Exception(Exception),
    Key(Key),
    Reason(Reason),
    Policy(Policy),
    Firm(Firm),
    Product(Product),
    Capacity(CapacitySlip),
    Document(Document),
    Item(ItemSlip),
}

impl From<Said> for Entry {
    fn from(said: Said) -> Self {
        let record = match said {
            Said::Put(record) => *record,
            Said::Supplier(supplier) => Record::Supplier(supplier),
            Said::Listing(listing) => Record::Listing(listing),
            Said::Block(block) => Record::Block(block),
            Said::Exception(exception) => Record::Exception(exception),
            Said::Key(key) => Record::Key(key),
            Said::Reason(reason) => Record::Reason(reason),
            Said::Policy(policy) => Record::Policy(policy),
            Said::Firm(firm) => return Self::Slip(Slip::Firm(firm)),
            Said::Product(product) => return Self::Slip(Slip::Product(product)),
            Said::Capacity(slip) => return Self::Slip(Slip::Capacity(slip)),
            Said::Document(slip) => return Self::Slip(Slip::Document(slip)),
            Said::Item(slip) => return Self::Slip(Slip::Item(slip)),
        };
        Self::Record(record)
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
                return Ok(Some(Row { line: self.line, entry: Err(wrong) }));
            }
            let text = self.buffer.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.line == 1).unwrap_or(&self.buffer);
            if !text.trim_ascii().is_empty() {
                return Ok(Some(Row { line: self.line, entry: entry(text) }));
            }
        }
    }

    /// Passes over the rest of a line without keeping it.
    fn skip_line(&mut self) -> io::Result<()> {
        self.position += self.file.skip_until(b'\n')? as u64;
        Ok(())
    }
}

fn entry(text: &[u8]) -> Result<Entry, Wrong> {
    serde_json::from_slice::<Said>(text).map(Entry::from).map_err(|error| {
        let told = error.to_string();
        let message = told.rsplit_once(" at line ").map_or(told.as_str(), |(message, _)| message);
        Wrong::new(error.column().to_string(), shown(message))
    })
}
