//! Writes to the terminal, or to whatever reads us: one that has gone away must not end a kiosk in a panic.

use std::fmt::Display;
use std::io::{self, Write};

/// A line of the answer.
///
/// # Errors
/// Nobody reads standard output any more.
pub fn put(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// A remark for the person who started the program; lost if nobody listens.
pub fn say(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// `1 row`, `2 rows`.
pub fn counted(count: impl Copy + Display + From<u8> + PartialEq, what: &str) -> String {
    let many = if count == 1.into() { "" } else { "s" };
    format!("{count} {what}{many}")
}
