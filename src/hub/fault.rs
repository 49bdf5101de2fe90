//! What can go wrong at the authority, told so that a person can act.

use std::path::{Path, PathBuf};

use super::database::Fault as DatabaseFault;

/// A fault of the authority.
#[derive(Debug, thiserror::Error)]
pub enum HubFault {
    /// A file cannot be read, written or renamed.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database refuses.
    #[error("`{name}`: {source}; {}", source.help())]
    Database {
        /// The database.
        name: String,
        /// What is wrong.
        source: DatabaseFault,
    },
    /// There is no authority in the folder.
    #[error("there is no authority in `{}`; begin one with `greengate-hub init`", folder.display())]
    NoAuthority {
        /// The folder.
        folder: PathBuf,
    },
    /// The registry is somewhere else than what belongs to it.
    #[error(
        "`{}` has the feed of an authority and no registry; if that is in a database, name it in `GREENGATE_DATABASE`, else \
         bring `registry.db` back from a copy",
        folder.display()
    )]
    Away {
        /// The folder.
        folder: PathBuf,
    },
    /// Files that were on the way to a database.
    #[error(
        "`{}` has files of a move to a database that was broken off; name the database in `GREENGATE_DATABASE` and give \
         `greengate-hub move` again, it goes on from there",
        folder.display()
    )]
    Moving {
        /// The folder.
        folder: PathBuf,
    },
    /// There is one already.
    #[error("`{place}` has an authority already; take another {kind}")]
    Exists {
        /// Where.
        place: String,
        /// What that is: a folder, or a database.
        kind: &'static str,
    },
    /// A registry that a newer program wrote.
    #[error("`{name}` has schema {found} and this program knows {known}; update the program")]
    Schema {
        /// The database.
        name: String,
        /// Its schema.
        found: i64,
        /// The newest one that this program knows.
        known: usize,
    },
    /// Rows of files that are imported are wrong.
    #[error("{}nothing was imported", told(rows, *more))]
    Import {
        /// The first of them.
        rows: Vec<WrongRow>,
        /// How many there are besides.
        more: u64,
    },
    /// Rows of a rulebook are wrong.
    #[error("{}nothing was adopted", told(rows, *more))]
    Rulebook {
        /// The first of them.
        rows: Vec<WrongRow>,
        /// How many there are besides.
        more: u64,
    },
    /// A key's file is not as it should be.
    #[error("the key `{}` {what}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
    /// The feed is not as it was published.
    #[error("the feed is damaged: `{}`: {what}; bring the file back from a copy of the feed", path.display())]
    Feed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The history, or what follows from it, is not what was signed.
    #[error("the audit log does not hold: {0}")]
    Audit(String),
    /// Another command changes the keys or the feed.
    #[error("another command publishes from `{}`; wait until it is done", folder.display())]
    Busy {
        /// The authority's folder.
        folder: PathBuf,
    },
    /// The service cannot start.
    #[error("the service cannot listen on `{address}`: {source}; choose another address or port with `--listen`")]
    Listen {
        /// Where it was to listen.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Rows went into an archive before something failed.
    #[error("{fault}; {rows} rows are in `{}` and nowhere else: keep it, and go on with a new file", path.display())]
    Archive {
        /// What failed.
        fault: Box<HubFault>,
        /// How many rows.
        rows: u64,
        /// The archive.
        path: PathBuf,
    },
    /// A kiosk could not read a label.
    #[error(transparent)]
    Unreadable(#[from] super::Unreadable),
    /// Somebody decided on what was another one by then.
    #[error("what the page showed was changed meanwhile, and nothing was kept; look at it as it is now")]
    Changed,
    /// A change that makes no sense.
    #[error("{0}; nothing was changed")]
    Refused(String),
}

/// A row of an imported file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongRow {
    /// The file.
    pub path: PathBuf,
    /// Counting from 1.
    pub line: u64,
    /// The column's name, or its number where it has none; empty if the whole row is meant.
    pub column: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl std::fmt::Display for WrongRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` line {}", self.path.display(), self.line)?;
        if !self.column.is_empty() {
            write!(f, ", column `{}`", self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

fn told(rows: &[WrongRow], more: u64) -> String {
    let rows = rows.iter().map(|row| format!("{row}\n"));
    let more = (more > 0).then(|| format!("and {more} more wrong rows\n"));
    rows.chain(more).collect()
}

impl HubFault {
    pub(super) fn file(path: &Path, verb: &'static str, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), verb, source }
    }

    pub(super) fn key(path: &Path, what: impl Into<String>) -> Self {
        Self::Key { path: path.to_owned(), what: what.into() }
    }

    /// A thread that did not begin.
    pub(super) fn no_thread(error: &std::io::Error) -> Self {
        Self::Refused(format!("the system gives no thread: {error}; end other programs, or try again later"))
    }

    /// What the database of this name refuses.
    pub(super) fn database(name: &str) -> impl Fn(DatabaseFault) -> Self + use<'_> {
        move |source| Self::Database { name: name.to_owned(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_is_not_given_says_what_to_do() {
        let told = HubFault::no_thread(&std::io::Error::from(std::io::ErrorKind::WouldBlock)).to_string();
        assert!(told.ends_with("; end other programs, or try again later; nothing was changed"), "{told}");
    }

    #[test]
    fn a_database_that_refuses_says_what_to_do() {
        let fault = |code| {
            let source = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            HubFault::database("registry.db")(source.into()).to_string()
        };
        assert!(fault(rusqlite::ffi::SQLITE_BUSY).ends_with("; another command is at work, wait until it is done"));
        assert!(
            fault(rusqlite::ffi::SQLITE_FULL).starts_with("`registry.db`: ")
                && fault(13).ends_with("; free some space")
        );
    }
}
