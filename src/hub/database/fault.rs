//! What a database can refuse.

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite refuses.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The server refuses, or does not answer.
    #[error("{}", super::postgres::told(.0))]
    Postgres(#[from] ::postgres::Error),
    /// This system believes no certificate.
    #[error("TLS cannot be had: {0}")]
    Tls(rustls::Error),
    /// A column has what it should not have.
    #[error("column {column} {what}")]
    Content {
        /// Counting from 0.
        column: usize,
        /// What is wrong with it.
        what: String,
    },
}

impl Fault {
    /// What a person can do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Sqlite(error) => sqlite(error),
            Self::Postgres(error) => super::postgres::help(error),
            Self::Tls(_) => "look at the certificates of this system",
            Self::Content { .. } => "bring a copy of the database back, or update the program",
        }
    }
}

fn sqlite(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some space",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another command is at work, wait until it is done"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "run this as the user who may write there"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the file is damaged, bring a copy of it back",
        _ => "look at the disk",
    }
}
