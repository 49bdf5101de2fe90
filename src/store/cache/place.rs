//! The folder of the cache: one program loads at a time, a finished list takes its place by a rename, and what a power
//! cut left behind is swept away.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::generations;
use crate::store::file::sync_folder;
use crate::store::{Lock, StoreFault};

/// Two loaders would build into the same file, and one would put the other's half into place.
pub fn lock(folder: &Path) -> Result<Lock, StoreFault> {
    Lock::take(&folder.join("cache.lock"))?.ok_or_else(|| StoreFault::Loading { folder: folder.to_owned() })
}

/// Where the list of `version` stands once it is complete.
pub fn database(folder: &Path, version: u64) -> PathBuf {
    folder.join(format!("cache-{version}.db"))
}

/// Where one is built that begins with the snapshot of `version`.
pub fn part(folder: &Path, version: u64) -> PathBuf {
    database(folder, version).with_extension("db.part")
}

/// Puts a list of `version` that was built at `part` into place, durably, and then removes the older ones.
pub fn put_in_place(folder: &Path, part: &Path, version: u64) -> Result<(), StoreFault> {
    let path = database(folder, version);
    // A write-ahead log of another database by the same name would be played into this one.
    for beside in beside(&path) {
        remove(&beside)?;
    }
    let fault = |source| StoreFault::file(part, "made durable", source);
    File::open(part).and_then(|file| file.sync_all()).map_err(fault)?;
    fs::rename(part, &path).map_err(|source| StoreFault::file(&path, "put in place", source))?;
    sync_folder(folder).map_err(|source| StoreFault::file(folder, "synced", source))?;
    sweep(folder, version)
}

/// Removes every list, and what lies beside it: a kiosk that now follows another authority must not judge by the old one's.
///
/// # Errors
/// Another program is loading a list, or a file cannot be removed.
pub fn clear(folder: &Path) -> Result<(), StoreFault> {
    let _lock = lock(folder)?;
    // A list without its log is an older one, which nobody must find.
    for (_, list) in generations(folder)? {
        remove(&list)?;
    }
    sweep(folder, u64::MAX)?;
    sync_folder(folder).map_err(|source| StoreFault::file(folder, "synced", source))
}

/// Removes every list older than `version` and every half-built one: on a small card what a power cut left behind
/// would one day leave no room for the journal.
pub fn sweep(folder: &Path, version: u64) -> Result<(), StoreFault> {
    let fault = |source| StoreFault::file(folder, "read", source);
    for entry in fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((number, ending)) = name.strip_prefix("cache-").and_then(|rest| rest.split_once(".db")) else {
            continue;
        };
        let old = number.parse().is_ok_and(|found: u64| found < version) && ["", "-wal", "-shm"].contains(&ending);
        if old || ending.starts_with(".part") {
            remove(&path)?;
        }
    }
    Ok(())
}

/// The files that a database has beside it while it is open.
pub fn beside(database: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|ending| {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    })
}

fn remove(path: &Path) -> Result<(), StoreFault> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreFault::file(path, "removed", error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
