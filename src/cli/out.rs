//! Writes to the terminal, or to whatever reads us: one that has gone away must not end a kiosk in a panic.

use std::fmt::Display;
use std::io::{self, Write};

pub use crate::rules::text::counted;

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

/// The lines of a list; of an empty one `none`, as a remark, which says what makes the first line.
///
/// # Errors
/// Nobody reads standard output any more.
pub fn put_list<T: Display>(lines: impl IntoIterator<Item = T>, none: &str) -> io::Result<()> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        say(none);
    }
    lines.try_for_each(put)
}

/// What a shell completes words of a program with. The crate that makes it ends in a panic where nobody reads.
///
/// # Errors
/// Nobody reads standard output any more.
pub fn put_completions(shell: clap_complete::Shell, command: &mut clap::Command, program: &str) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, command, program, &mut script);
    io::stdout().lock().write_all(&script)
}
