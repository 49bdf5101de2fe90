//! A file that one program at a time may hold.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::StoreFault;

/// Held until it is dropped; the system lets go of it even after a crash.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock, or gives `None` where another holds it.
    ///
    /// # Errors
    /// The file cannot be made or locked.
    pub fn take(path: &Path) -> Result<Option<Self>, StoreFault> {
        let fault = |source| StoreFault::file(path, "opened", source);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
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
