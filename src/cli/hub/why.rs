//! What several commands ask for in the same way: why a change is made, and a grade by its name.

use crate::rules::code::Grade;

/// Longest reason for a change, in bytes.
const WHY_LIMIT: usize = 1000;

/// Why a change is made.
#[derive(Debug, clap::Args)]
pub struct Why {
    /// Why, for the record
    #[arg(long, value_name = "TEXT", value_parser = why)]
    pub why: String,
}

/// One line that says something.
pub fn why(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > WHY_LIMIT || text.contains(char::is_control) {
        return Err(format!("write one line of 1 to {WHY_LIMIT} bytes"));
    }
    Ok(text.to_owned())
}

/// A grade by its name.
pub fn grade(text: &str) -> Result<Grade, String> {
    let found = [Grade::Green, Grade::Yellow, Grade::Red].into_iter().find(|grade| name(*grade) == text);
    found.ok_or_else(|| format!("`{text}` is no grade; write `green`, `yellow` or `red`"))
}

/// A grade's name.
pub const fn name(grade: Grade) -> &'static str {
    match grade {
        Grade::Green => "green",
        Grade::Yellow => "yellow",
        Grade::Red => "red",
    }
}
