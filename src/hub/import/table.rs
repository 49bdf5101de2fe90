//! CSV as spreadsheets write it: a header row, quotes where needed, with or without a byte order mark.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, Error as NoSuchName};

use super::columns::{self, CAPACITIES, DOCUMENTS, FIRMS, ITEMS, PRODUCTS};
use super::{Entry, ROW_LIMIT, Row, Wrong, shown};
use crate::rules::code::Gtin;
use crate::rules::record::{Listing, Reason, Record, ReviewLevel, Supplier};
use crate::rules::text::Text;

const SUPPLIERS: &[&str] = &["supplier", "name_zh", "name_en"];
const REASONS: &[&str] = &["reason", "text_zh", "text_en"];
const LISTINGS: &[&str] =
    &["listing", "supplier", "gtin", "name_zh", "name_en", "grade", "reason", "missing", "review", "inspect"];
/// All tables, in an order in which their rows name each other.
const TABLES: [&[&str]; 8] = [SUPPLIERS, REASONS, LISTINGS, FIRMS, PRODUCTS, CAPACITIES, DOCUMENTS, ITEMS];
/// Bytes that the reader asks for at once.
const BUFFER: usize = 64 << 10;
const NOT_UTF8: &str = "this is not UTF-8; save the file as `CSV UTF-8`";
/// Longest cell, in bytes.
const CELL_LIMIT: usize = 4 << 10;

/// The rows of a file.
pub struct Table {
    reader: Reader<Ended>,
    /// How far the reader may read.
    end: Rc<Cell<u64>>,
    columns: &'static [&'static str],
    /// Where each of them stands in the file.
    places: Vec<usize>,
    /// Cells in a row.
    width: usize,
    /// A row had no end, so what follows cannot be told apart.
    torn: bool,
}

/// A file with a line end behind its last row, so that every row has one and can be counted.
type Ended = io::Chain<Bounded, &'static [u8]>;

/// A file that is read no further than is allowed: an open quote would else take all of it for one cell.
struct Bounded {
    file: File,
    passed: u64,
    end: Rc<Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.passed >= self.end.get() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.file.read(into)?;
        self.passed += read as u64;
        Ok(read)
    }
}

impl Table {
    /// Reads the header; inside is what is wrong with it.
    pub fn open(file: File) -> io::Result<Result<Self, Wrong>> {
        let end = Rc::new(Cell::new(ROW_LIMIT + BUFFER as u64));
        let bounded = Bounded { file, passed: 0, end: Rc::clone(&end) };
        // A carriage return before the line end is white space, which is trimmed.
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(bounded.chain(&b"\n"[..]));
        let mut header = ByteRecord::new();
        if let Err(error) = reader.read_byte_record(&mut header) {
            return unread(error).map(Err);
        }
        let header = header.iter().map(|cell| str::from_utf8(cell).map(|cell| cell.trim().to_ascii_lowercase()));
        let Ok(header) = header.collect::<Result<Vec<String>, _>>() else { return Ok(Err(Wrong::new("", NOT_UTF8))) };
        Ok(arranged(&header).map(|(columns, places)| Self {
            reader,
            end,
            columns,
            places,
            width: header.len(),
            torn: false,
        }))
    }

    /// The later, the more its rows name those of other tables.
    pub fn rank(&self) -> usize {
        TABLES.iter().rposition(|columns| *columns == self.columns).unwrap_or_default()
    }

    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row that is not empty.
    pub fn next(&mut self) -> io::Result<Option<Row>> {
        let mut cells = ByteRecord::new();
        while !self.torn {
            self.end.set(self.position() + ROW_LIMIT + BUFFER as u64);
            let begin = self.reader.position().line();
            match self.reader.read_byte_record(&mut cells) {
                Ok(false) => return Ok(None),
                Ok(true) if cells.iter().all(|cell| cell.trim_ascii().is_empty()) => {}
                Ok(true) => {
                    // Not where the reader began: it passes over empty lines before the row.
                    let within = cells.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
                    let line = self.reader.position().line() - within - 1;
                    return Ok(Some(Row { line, entry: self.entry(&cells) }));
                }
                Err(error) => {
                    self.torn = true;
                    return Ok(Some(Row { line: begin, entry: Err(unread(error)?) }));
                }
            }
        }
        Ok(None)
    }

    fn entry(&self, row: &ByteRecord) -> Result<Entry, Wrong> {
        if row.len() != self.width {
            let (cells, width) = (row.len(), self.width);
            let message = format!("the row has {cells} cells and the header {width}; quote a cell that has a comma");
            return Err(Wrong::new("", message));
        }
        let cells = self.columns.iter().zip(&self.places);
        let cells = cells.map(|(column, place)| cell(column, row.get(*place).unwrap_or_default()));
        let cells = cells.collect::<Result<Vec<_>, _>>()?;
        if let Some(slip) = columns::slip(self.columns, &cells) {
            return slip.map(Entry::Slip);
        }
        match cells[..] {
            [id, ..] if self.columns == LISTINGS => self::listing(id, &cells).map(Entry::Record),
            [id, zh, en] => {
                let (id, text) = (id.number()?, Text::new(zh.text, en.text));
                let is_reason = self.columns == REASONS;
                let supplier = |name| Record::Supplier(Supplier { id, name });
                Ok(Entry::Record(if is_reason { Record::Reason(Reason { id, text }) } else { supplier(text) }))
            }
            _ => Err(Wrong::new("", "the row has not the cells of the header")),
        }
    }
}

/// Which table this is, and where its columns stand.
fn arranged(header: &[String]) -> Result<(&'static [&'static str], Vec<usize>), Wrong> {
    // The first column of a table may stand in those behind it too, and never in one before it.
    let columns = TABLES.into_iter().rfind(|columns| header.iter().any(|name| name == columns[0]));
    let Some(columns) = columns else {
        let tables = TABLES.map(|columns| format!("`{}`", columns.join(",")));
        let (last, others) = tables.split_last().map_or(("", &tables[..]), |(last, others)| (last.as_str(), others));
        let message =
            format!("this is no header; the first line is {} or {last}, with commas between", others.join(", "));
        return Err(Wrong::new("", message));
    };
    if let Some((at, unknown)) =
        header.iter().enumerate().find(|(at, name)| !columns.contains(&name.as_str()) || header[..*at].contains(name))
    {
        let message =
            format!("`{}` is unknown here or stands twice; the columns are `{}`", shown(unknown), columns.join(","));
        return Err(Wrong::new((at + 1).to_string(), message));
    }
    let place = |column: &&'static str| {
        header.iter().position(|name| name == column).ok_or_else(|| {
            Wrong::new(
                *column,
                "the header lacks this column; add it, its cells may be empty where nothing is to be said",
            )
        })
    };
    Ok((columns, columns.iter().map(place).collect::<Result<_, _>>()?))
}

/// Why a row cannot be read, if that is the row's fault and not the file's.
fn unread(error: csv::Error) -> io::Result<Wrong> {
    let wrong = format!("the row has no end within {ROW_LIMIT} bytes; close the quote `\"` that was opened");
    let fault = if let ErrorKind::Io(fault) = error.into_kind() { Some(fault) } else { None };
    // Anything else would be about text or widths, of which the reader was told nothing.
    let fault = fault.filter(|fault| fault.kind() != io::ErrorKind::FileTooLarge);
    fault.map_or_else(|| Ok(Wrong::new("", wrong)), Err)
}

/// One cell.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    pub column: &'static str,
    pub text: &'a str,
}

fn cell<'a>(column: &'static str, bytes: &'a [u8]) -> Result<Piece<'a>, Wrong> {
    let text = str::from_utf8(bytes).map_err(|_| Wrong::new(column, NOT_UTF8))?.trim();
    if text.len() > CELL_LIMIT {
        return Err(Wrong::new(column, format!("`{}` is longer than {CELL_LIMIT} bytes; shorten it", shown(text))));
    }
    Ok(Piece { column, text })
}

fn listing(id: Piece<'_>, cells: &[Piece<'_>]) -> Result<Record, Wrong> {
    let [_, supplier, gtin, zh, en, grade, reason, missing, review, inspect] = *cells else {
        return Err(Wrong::new("", "the row has not the cells of the header"));
    };
    Ok(Record::Listing(Listing {
        id: id.number()?,
        supplier: supplier.number()?,
        gtin: gtin.gtin()?,
        name: Text::new(zh.text, en.text),
        grade: grade.named("`green`, `yellow` or `red`")?,
        reason: if reason.text.is_empty() { None } else { Some(reason.number()?) },
        missing: missing.numbers()?,
        review: match review.text {
            "" => ReviewLevel::default(),
            _ => review.named("`skip`, `reduced`, `normal`, `tightened` or `stopped`, or nothing for normal")?,
        },
        inspect: inspect.numbers()?,
        unseen: false,
    }))
}

impl<'a> Piece<'a> {
    pub fn wrong(&self, what: &str) -> Wrong {
        Wrong::new(self.column, format!("`{}` is not {what}", shown(self.text)))
    }

    pub fn number(&self) -> Result<u32, Wrong> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.text.parse().ok().filter(|_| digits);
        number.ok_or_else(|| self.wrong("a number; write 0 to 4294967295, without separators"))
    }

    /// Numbers between semicolons; each once.
    fn numbers(&self) -> Result<Vec<u32>, Wrong> {
        let mut numbers = Vec::new();
        for text in self.text.split(';').filter(|_| !self.text.is_empty()) {
            let number = Piece { column: self.column, text: text.trim() }.number()?;
            if numbers.contains(&number) {
                return Err(Wrong::new(self.column, format!("`{number}` stands twice; write it once")));
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn gtin(&self) -> Result<Gtin, Wrong> {
        let help = "a GTIN; write 8, 12, 13 or 14 digits, the last one the check digit, in a column formatted as text";
        Gtin::parse(self.text).ok_or_else(|| self.wrong(help))
    }

    /// One of a few names, as records write them.
    pub fn named<T: Deserialize<'a>>(&self, names: &str) -> Result<T, Wrong> {
        let deserializer: BorrowedStrDeserializer<'a, NoSuchName> = BorrowedStrDeserializer::new(self.text);
        T::deserialize(deserializer).map_err(|_| self.wrong(&format!("known; write {names}")))
    }
}
