//! One command at a time changes the keys and the feed.
//!
//! Where the database is a file, a lock of the folder says whose turn it is, and the system lets go of it even after a
//! crash. Where hub processes on many machines share a database, it is a lease of that: it runs out if its holder was
//! killed, and whoever slept through that is refused before its release and before its feed.

use super::database::{Database, Fence, Lease};
use super::disk::Lock;
use super::{Home, HubFault};

/// The name of the lease.
const PUBLISH: &str = "publish";

/// A command's turn. It ends when this goes.
#[derive(Debug)]
pub struct Turn(Kept);

#[derive(Debug)]
enum Kept {
    Locked { _lock: Lock },
    Leased(Box<(Lease, Database)>),
}

impl Turn {
    /// Takes the turn.
    ///
    /// # Errors
    /// Another command has it; the folder's or the database's.
    pub fn take(home: &Home) -> Result<Self, HubFault> {
        let Some((server, time)) = home.server() else { return Ok(Self(Kept::Locked { _lock: Lock::take(home)? })) };
        let busy = || HubFault::Busy { folder: home.to_path_buf() };
        let lease = Lease::take(server, PUBLISH, time)?.ok_or_else(busy)?;
        Ok(Self(Kept::Leased(Box::new((lease, Database::open_server(server)?)))))
    }

    /// What a change of the registry has to show, so that it is made in this turn or not at all.
    pub fn fence(&self) -> Option<Fence> {
        match &self.0 {
            Kept::Locked { .. } => None,
            Kept::Leased(leased) => Some(leased.0.fence()),
        }
    }

    /// Does what is outside of the database, with the turn held until it is done.
    pub fn finish<T>(&mut self, work: impl FnOnce() -> Result<T, HubFault>) -> Result<T, HubFault> {
        match &mut self.0 {
            Kept::Locked { .. } => work(),
            Kept::Leased(leased) => {
                let (lease, database) = &mut **leased;
                let fence = lease.fence();
                database.change(|inside| {
                    inside.check(fence)?;
                    work()
                })
            }
        }
    }
}
