//! Connections to the registry that requests share: one for each that is at work, kept for the next.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::hub::{HubFault, Registry};

/// Most connections that wait for work.
const IDLE_LIMIT: usize = 8;

#[derive(Debug)]
pub(super) struct Pool {
    folder: PathBuf,
    idle: Mutex<Vec<Registry>>,
}

impl Pool {
    pub fn open(folder: &Path) -> Result<Self, HubFault> {
        let first = Registry::open(folder)?;
        Ok(Self { folder: folder.to_owned(), idle: Mutex::new(vec![first]) })
    }

    /// Works with a connection. One whose work panics is gone with it.
    pub fn with<T>(&self, work: impl FnOnce(&mut Registry) -> Result<T, HubFault>) -> Result<T, HubFault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut registry = idle.map_or_else(|| Registry::open(&self.folder), Ok)?;
        let done = work(&mut registry);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_LIMIT {
            idle.push(registry);
        }
        done
    }
}
