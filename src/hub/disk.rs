//! Names and locks that hold through a power cut.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::HubFault;

/// What was renamed in `folder` stays renamed after a power cut.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> Result<(), HubFault> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let synced = File::open(folder).and_then(|open| open.sync_all());
    synced.map_err(|source| HubFault::file(folder, "written", source))
}

/// Elsewhere a folder cannot be synced.
#[cfg(not(unix))]
pub fn sync_folder(_folder: &Path) -> Result<(), HubFault> {
    Ok(())
}

/// One command at a time changes the keys and the feed. The system lets go of it even after a crash.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock of the authority in `folder`.
    pub fn take(folder: &Path) -> Result<Self, HubFault> {
        let path = folder.join("publish.lock");
        let fault = |source| HubFault::file(&path, "opened", source);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(HubFault::Busy { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a child that is being started has a copy of it until it runs its program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}
