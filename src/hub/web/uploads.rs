//! Files that come in: how many at once, how many of them one supplier's, and how slowly they may come. Nobody waits for
//! somebody else whose files never end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Files that come in at any time: what of each is in memory is bounded.
const AT_ONCE: usize = 32;
/// Of these one supplier's, whichever of its people send them.
const OF_ONE: usize = 2;

/// How slowly a file may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Its first bytes may take so long.
    pub grace: Duration,
    /// After that so many bytes have come for each second.
    pub bytes_each_second: u32,
    /// All of it is here by then.
    pub whole: Duration,
}

impl Default for Pace {
    /// Ten megabytes over a slow line.
    fn default() -> Self {
        Self { grace: Duration::from_secs(20), bytes_each_second: 16 << 10, whole: Duration::from_secs(5 * 60) }
    }
}

/// Who sends files now.
#[derive(Debug)]
pub(super) struct Uploads {
    pace: Pace,
    /// Suppliers with how many of theirs come in.
    now: Mutex<BTreeMap<u32, usize>>,
}

/// A place among them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    uploads: &'a Uploads,
    supplier: u32,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The supplier has as many as it may have.
    OfOne,
    /// Others have all of them.
    OfAll,
}

impl Uploads {
    pub fn new(pace: Pace) -> Self {
        Self { pace, now: Mutex::default() }
    }

    fn now(&self) -> MutexGuard<'_, BTreeMap<u32, usize>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a supplier's file.
    pub fn place(&self, supplier: u32) -> Result<Place<'_>, Full> {
        let mut now = self.now();
        if now.values().sum::<usize>() >= AT_ONCE {
            return Err(Full::OfAll);
        }
        let count = now.entry(supplier).or_default();
        if *count >= OF_ONE {
            return Err(Full::OfOne);
        }
        *count += 1;
        Ok(Place { uploads: self, supplier })
    }

    /// Begins to watch how a file comes.
    pub fn watch(&self) -> Watch {
        Watch { pace: self.pace, begun: Instant::now(), bytes: 0 }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut now = self.uploads.now();
        if let Some(count) = now.get_mut(&self.supplier) {
            *count -= 1;
            if *count == 0 {
                now.remove(&self.supplier);
            }
        }
    }
}

/// How a file comes.
#[derive(Debug)]
pub(super) struct Watch {
    pace: Pace,
    begun: Instant,
    bytes: u64,
}

impl Watch {
    /// So many bytes more are here.
    pub fn came(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// What comes next; nothing if it does not come in time.
    pub async fn next<T>(&self, next: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.begun + self.allowed(), next).await.ok()
    }

    /// How long it may have taken until now.
    fn allowed(&self) -> Duration {
        let earned = Duration::from_secs(self.bytes / u64::from(self.pace.bytes_each_second.max(1)));
        (self.pace.grace + earned).min(self.pace.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_supplier_has_two_places_and_leaves_the_others_to_others() {
        let uploads = Uploads::new(Pace::default());
        let first = uploads.place(7).expect("a place");
        let _second = uploads.place(7).expect("a place");
        assert_eq!(uploads.place(7).expect_err("two are enough"), Full::OfOne);
        let others: Vec<_> = (100..).map_while(|supplier| uploads.place(supplier).ok()).collect();
        assert_eq!(others.len(), AT_ONCE - 2);
        assert_eq!(uploads.place(8).expect_err("all are taken"), Full::OfAll);
        drop(first);
        uploads.place(7).expect("it is free again");
        drop(others);
        uploads.place(8).expect("they are free again");
    }

    #[test]
    fn time_is_earned_by_bytes_and_has_an_end() {
        let mut watch = Uploads::new(Pace::default()).watch();
        assert_eq!(watch.allowed(), Duration::from_secs(20));
        watch.came(160 << 10);
        assert_eq!(watch.allowed(), Duration::from_secs(30));
        watch.came(20 << 20);
        assert_eq!(watch.allowed(), Duration::from_secs(300));
    }
}
