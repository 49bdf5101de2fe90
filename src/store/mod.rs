//! SQLite: the cache, which is replaceable, and the journal, which is precious.
//!
//! Nothing enters the cache but a [`VerifiedFile`], and a file enters whole or not at all. The journal's rows are a
//! chain of hashes; a row is on disk before anyone sees what it tells.

mod cache;
mod fault;
mod file;
pub mod journal;
mod lock;

pub use cache::{Cache, CacheInfo, Difference, clear, confirm, load, load_lines, load_way};
pub use fault::StoreFault;
pub use file::{Expected, RecordsWriter, VerifiedFile, pack, read_plain, sync_folder};
pub use journal::{Committed, Journal};
pub use lock::Lock;
