//! Where an authority is: a folder, and a database that is a file in it, or a server's.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::HubFault;
use super::database::{Database, Server};

/// A process that publishes and was killed holds others up for this long.
const LEASE: Duration = Duration::from_secs(20);

/// Where an authority is. A path alone means that its database is in this folder.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
    server: Option<Server>,
    lease: Duration,
}

impl Home {
    /// The authority in `folder`, with its registry and journals in the database at this address, for example
    /// `postgres://user:password@host/database`.
    ///
    /// # Errors
    /// It is no such address.
    pub fn with_database(folder: &Path, url: &str) -> Result<Self, HubFault> {
        Ok(Self { server: Some(Server::parse(url)?), ..Self::from(folder) })
    }

    /// Has publishing that was broken off hold others up for another time.
    #[must_use]
    pub const fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Whether a server has its tables, and no file in the folder.
    #[must_use]
    pub const fn is_on_server(&self) -> bool {
        self.server.is_some()
    }

    /// The server that has the database, and for how long a turn at it is taken.
    pub(super) const fn server(&self) -> Option<(&Server, Duration)> {
        match &self.server {
            Some(server) => Some((server, self.lease)),
            None => None,
        }
    }

    /// The database of a part of the authority: the server's, or `file` in the folder, if it is there or may be made.
    pub(super) fn open(&self, file: &str, cache_kib: u32, make: bool) -> Result<Option<Database>, HubFault> {
        if let Some(server) = &self.server {
            return Database::open_server(server).map(Some);
        }
        let path = self.folder.join(file);
        if !make && !path.exists() {
            return Ok(None);
        }
        Database::open_file(&path, cache_kib).map(Some)
    }
}

impl Deref for Home {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.folder
    }
}

impl From<PathBuf> for Home {
    fn from(folder: PathBuf) -> Self {
        Self { folder, server: None, lease: LEASE }
    }
}

impl From<&Path> for Home {
    fn from(folder: &Path) -> Self {
        folder.to_owned().into()
    }
}

impl From<&PathBuf> for Home {
    fn from(folder: &PathBuf) -> Self {
        folder.clone().into()
    }
}

impl From<&Self> for Home {
    fn from(home: &Self) -> Self {
        home.clone()
    }
}
