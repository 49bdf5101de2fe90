//! What can go wrong with files and databases, told so that a person can act.

use std::path::{Path, PathBuf};

/// A fault of cache or journal.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
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
    #[error("`{}`: {source}; {}", path.display(), help(source))]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// There is no cache.
    #[error("no cache in `{}`; load one with `greengate cache load`", path.display())]
    NoCache {
        /// The state folder.
        path: PathBuf,
    },
    /// A database that a newer program wrote.
    #[error("`{}` has schema {found} and this program knows {known}; update the program", path.display())]
    Schema {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// A list that an older program loaded.
    #[error("`{}` was loaded by an older program; sync, or load the newest snapshot again", path.display())]
    OldList {
        /// The database.
        path: PathBuf,
    },
    /// A file is not what was promised.
    #[error("`{}` has {what} `{found}` and `{expected}` was promised; get the file again", path.display())]
    Unverified {
        /// The file.
        path: PathBuf,
        /// Length or digest.
        what: &'static str,
        /// What it has.
        found: String,
        /// What it should have.
        expected: String,
    },
    /// A line of a file of records is wrong.
    #[error("`{}` line {line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counting from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// Records that name what is not there.
    #[error("{message}; the list is as before")]
    References {
        /// Which record, and what it names.
        message: String,
    },
    /// A file that does not follow on the cache.
    #[error("the file leads from version {from} to {to} and the cache has {have}; {help}")]
    Version {
        /// Where the file begins.
        from: u64,
        /// Where it leads.
        to: u64,
        /// What the cache has; 0 is none.
        have: u64,
        /// What to do.
        help: &'static str,
    },
    /// The journal is in another program's hands.
    #[error("`{}` is in use by another kiosk; stop that one first", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// Another program is loading a list.
    #[error("another program is loading a list into `{}`; wait until it is done", folder.display())]
    Loading {
        /// The state folder.
        folder: PathBuf,
    },
    /// The journal's chain is broken.
    #[error("`{}` row {seq}: {what}; keep the file as it is and tell the authority", path.display())]
    Broken {
        /// The journal.
        path: PathBuf,
        /// The first row that is wrong.
        seq: u64,
        /// How it is wrong.
        what: String,
    },
}

impl StoreFault {
    pub(super) fn file(path: &Path, verb: &'static str, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), verb, source }
    }

    pub(super) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Database { path: path.clone(), source }
    }

    /// Whether a database is not as it was written.
    pub(crate) fn is_of_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let Self::Database { source, .. } = self else { return false };
        matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether nothing more can be written.
    pub(crate) fn is_of_a_full_disk(&self) -> bool {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match self {
            Self::File { source, .. } => matches!(source.kind(), StorageFull | QuotaExceeded),
            Self::Database { source, .. } => source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::NoCache { .. }
            | Self::Schema { .. }
            | Self::OldList { .. }
            | Self::Unverified { .. }
            | Self::Line { .. }
            | Self::References { .. }
            | Self::Version { .. }
            | Self::InUse { .. }
            | Self::Loading { .. }
            | Self::Broken { .. } => false,
        }
    }
}

fn help(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some space",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "give the kiosk's user the right to write in its state folder"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds it, stop that one",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the file is damaged: keep it for the authority, and start with another"
        }
        _ => "look at the disk",
    }
}
