//! What comes out of a query.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{Fault, postgres, sqlite};
use crate::hub::HubFault;

/// What stands in a column of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A number; truth is 1.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// What no column of ours has, by its name.
    Other(&'a str),
}

/// The columns of a row, as the engine has them.
#[derive(Clone, Copy, Debug)]
pub enum Cells<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a ::postgres::Row),
}

/// A row of an answer. Columns count from 0.
#[derive(Debug)]
pub struct Row<'a> {
    cells: Cells<'a>,
    /// The database's.
    name: &'a str,
}

impl<'a> Row<'a> {
    pub(super) const fn new(cells: Cells<'a>, name: &'a str) -> Self {
        Self { cells, name }
    }

    /// What a column has, as the type that is wanted.
    pub fn get<T: Read>(&self, column: usize) -> Result<T, HubFault> {
        let cell = self.cell(column)?;
        T::read(cell).ok_or_else(|| self.wrong(column, cell, T::WANTED))
    }

    /// A column's text, where it lies.
    pub fn text(&self, column: usize) -> Result<&str, HubFault> {
        match self.cell(column)? {
            Cell::Text(text) => Ok(text),
            cell @ (Cell::Null | Cell::Integer(_) | Cell::Bytes(_) | Cell::Other(_)) => {
                Err(self.wrong(column, cell, String::WANTED))
            }
        }
    }

    /// A column's text where there is one.
    pub fn text_or_null(&self, column: usize) -> Result<Option<&str>, HubFault> {
        if self.cell(column)? == Cell::Null { Ok(None) } else { self.text(column).map(Some) }
    }

    /// What a column tells as JSON.
    pub fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, HubFault> {
        let text = self.text(column)?;
        serde_json::from_str(text).map_err(|error| self.fault(Fault::Content { column, what: error.to_string() }))
    }

    /// The moment that a column tells.
    pub fn time(&self, column: usize) -> Result<Timestamp, HubFault> {
        let text = self.text(column)?;
        text.parse().map_err(|error: jiff::Error| self.fault(Fault::Content { column, what: error.to_string() }))
    }

    /// The fault that a column makes no sense.
    pub fn senseless(&self, column: usize, what: impl Into<String>) -> HubFault {
        self.fault(Fault::Content { column, what: what.into() })
    }

    pub(super) fn cell(&self, column: usize) -> Result<Cell<'_>, HubFault> {
        let cell = match self.cells {
            Cells::Sqlite(row) => sqlite::cell(row, column),
            Cells::Postgres(row) => postgres::cell(row, column),
        };
        cell.map_err(|fault| self.fault(fault))
    }

    fn wrong(&self, column: usize, cell: Cell<'_>, wanted: &'static str) -> HubFault {
        let found = match cell {
            Cell::Null => "nothing".to_owned(),
            Cell::Integer(number) => format!("the number {number}"),
            Cell::Text(_) => "a text".to_owned(),
            Cell::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Cell::Other(name) => format!("a value of type `{name}`"),
        };
        self.fault(Fault::Content { column, what: format!("has {found} and should have {wanted}") })
    }

    fn fault(&self, fault: Fault) -> HubFault {
        HubFault::database(self.name)(fault)
    }
}

/// A type that a column is read as.
pub trait Read: Sized {
    /// What a column should have, in words.
    const WANTED: &'static str;

    /// The value, if the cell has one of this type.
    fn read(cell: Cell<'_>) -> Option<Self>;
}

macro_rules! read_integers {
    ($($integer:ty: $wanted:literal),*) => {
        $(impl Read for $integer {
            const WANTED: &'static str = $wanted;

            fn read(cell: Cell<'_>) -> Option<Self> {
                if let Cell::Integer(number) = cell { number.try_into().ok() } else { None }
            }
        })*
    };
}

read_integers! {
    i64: "an integer",
    u64: "an integer from 0 on",
    u32: "an integer from 0 to 4294967295",
    u16: "an integer from 0 to 65535",
    u8: "an integer from 0 to 255"
}

impl Read for bool {
    const WANTED: &'static str = "0 or 1";

    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Integer(number @ (0 | 1)) => Some(number == 1),
            Cell::Null | Cell::Integer(_) | Cell::Text(_) | Cell::Bytes(_) | Cell::Other(_) => None,
        }
    }
}

impl Read for String {
    const WANTED: &'static str = "a text";

    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text.to_owned()) } else { None }
    }
}

impl Read for Vec<u8> {
    const WANTED: &'static str = "bytes";

    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell { Some(bytes.to_owned()) } else { None }
    }
}

impl<const N: usize> Read for [u8; N] {
    const WANTED: &'static str = "bytes of the right number";

    fn read(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell { bytes.try_into().ok() } else { None }
    }
}

impl<T: Read> Read for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn read(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::read(cell).map(Some) }
    }
}
