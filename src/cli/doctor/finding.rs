//! What the doctor finds.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Fine,
    /// The kiosk works, and could do better.
    Warn,
    /// The kiosk cannot do its work.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at, in a word or two.
    pub part: &'static str,
    /// What was found.
    pub found: String,
    /// What to do; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn fine(part: &'static str, found: impl Into<String>) -> Self {
        Self { level: Level::Fine, part, found: found.into(), help: None }
    }

    /// Works, and could do better.
    pub fn warn(part: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level: Level::Warn, part, found: found.into(), help: Some(help.into()) }
    }

    /// Does not work.
    pub fn bad(part: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level: Level::Bad, part, found: found.into(), help: Some(help.into()) }
    }

    /// A fault of another room, whose message says first what is wrong and then, behind its last semicolon, what to do.
    pub fn fault(level: Level, part: &'static str, fault: impl fmt::Display) -> Self {
        let message = fault.to_string();
        let (found, help) = message.rsplit_once("; ").unwrap_or((&message, "look at the board"));
        Self { level, part, found: found.to_owned(), help: Some(help.to_owned()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.level {
            Level::Fine => "ok  ",
            Level::Warn => "warn",
            Level::Bad => "BAD ",
        };
        write!(f, "{mark}  {:<14} {}", self.part, self.found)?;
        self.help.iter().try_for_each(|help| write!(f, "\n                      help: {help}"))
    }
}
