//! Whose turn it is, where many processes share a database: a row of it that its holder renews.
//!
//! ```text
//! free or run out ── take ──► held, with the next fence ── renew, each third of its time ──┐
//!        ▲                        │            ▲────────────────────────────────────────────┘
//!        └── given back, or the holder was killed and its time ran out
//! ```
//!
//! Times are the database's, so no clock of a hub matters. The fence counts how often the lease was taken: a holder that
//! was asleep while another one took over finds a higher one, and changes nothing any more.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::server::Server;
use super::{Database, HubFault, values};

/// The database's clock in milliseconds, as SQL.
const NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

/// A lease that is held. It is given back when it goes.
#[derive(Debug)]
pub struct Lease {
    server: Server,
    fence: Fence,
    stop: Option<mpsc::Sender<()>>,
    renewing: Option<JoinHandle<()>>,
}

/// Which lease, and how often it was taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    name: &'static str,
    number: i64,
}

impl Lease {
    /// Takes the lease for `time` at once and renews it; nothing, if another process holds it.
    pub fn take(server: &Server, name: &'static str, time: Duration) -> Result<Option<Self>, HubFault> {
        let mut database = Database::open_server(server)?;
        database.furnish()?;
        let time_ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let sql = format!(
            "INSERT INTO lease (name, holder, until, fence) VALUES (?1, ?2, {NOW} + ?3, 1)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, fence = lease.fence + 1
                 WHERE lease.until < {NOW} RETURNING fence"
        );
        let holder = format!("process {}", std::process::id());
        let taken = database.one(&sql, values![name, &holder, time_ms], |row| row.get(0))?;
        let Some(number) = taken else { return Ok(None) };
        let fence = Fence { name, number };
        let (stop, stopped) = mpsc::channel();
        let of_thread = server.clone();
        let renewing = thread::Builder::new().name("lease".to_owned()).spawn(move || {
            let mut database = Some(database);
            while stopped.recv_timeout(time / 3) == Err(RecvTimeoutError::Timeout) {
                if !renew(&of_thread, &mut database, fence, time_ms) {
                    log::warn!("another process took the lease `{name}` over");
                    return;
                }
            }
        });
        let renewing = renewing.map_err(|error| HubFault::no_thread(&error))?;
        Ok(Some(Self { server: server.clone(), fence, stop: Some(stop), renewing: Some(renewing) }))
    }

    /// What shows, within a change, that the lease is still held.
    pub const fn fence(&self) -> Fence {
        self.fence
    }
}

/// Whether there is still something to renew. A database that does not answer is asked again the next time.
fn renew(server: &Server, database: &mut Option<Database>, fence: Fence, time_ms: i64) -> bool {
    let sql = format!("UPDATE lease SET until = {NOW} + ?3 WHERE name = ?1 AND fence = ?2 AND until > 0");
    let renewed = database
        .take()
        .map_or_else(|| Database::open_server(server), Ok)
        .and_then(|open| open.execute(&sql, values![fence.name, fence.number, time_ms]).map(|count| (count, open)));
    match renewed {
        Ok((count, open)) => {
            *database = Some(open);
            count > 0
        }
        Err(fault) => {
            log::warn!("the lease `{}` could not be renewed: {fault}", fence.name);
            true
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(renewing) = self.renewing.take() {
            // A panic of the thread was reported by its own hook.
            let _ = renewing.join();
        }
        let sql = "UPDATE lease SET until = 0 WHERE name = ?1 AND fence = ?2";
        let given_back = Database::open_server(&self.server)
            .and_then(|database| database.execute(sql, values![self.fence.name, self.fence.number]));
        if let Err(fault) = given_back {
            log::warn!("the lease `{}` runs out by itself: {fault}", self.fence.name);
        }
    }
}

impl Database {
    /// Within a change: the lease is still held, and no one else can take it until the change ends.
    ///
    /// # Errors
    /// Another process took it over.
    pub fn check(&self, fence: Fence) -> Result<(), HubFault> {
        // Nothing is changed, and the row is locked.
        let sql = format!("UPDATE lease SET fence = fence WHERE name = ?1 AND fence = ?2 AND until > {NOW}");
        if self.execute(&sql, values![fence.name, fence.number])? == 1 {
            return Ok(());
        }
        let message = "this command was held up for so long that another one may publish in its place; give it again";
        Err(HubFault::Refused(message.to_owned()))
    }
}
