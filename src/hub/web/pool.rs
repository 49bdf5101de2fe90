//! Connections to the registry that requests share: one for each that is at work, kept for the next.

use std::sync::{Mutex, PoisonError};

use crate::hub::{Home, HubFault, Registry};

/// Most connections that wait for work.
const IDLE_LIMIT: usize = 8;

#[derive(Debug)]
pub(super) struct Pool {
    home: Home,
    idle: Mutex<Vec<Registry>>,
}

impl Pool {
    pub fn open(home: Home) -> Result<Self, HubFault> {
        let first = Registry::open_beside_others(&home)?;
        Ok(Self { home, idle: Mutex::new(vec![first]) })
    }

    /// Works with a connection. One whose work panics is gone with it.
    pub fn with<T>(&self, work: impl FnOnce(&mut Registry) -> Result<T, HubFault>) -> Result<T, HubFault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut registry = idle.map_or_else(|| Registry::open_beside_others(&self.home), Ok)?;
        let done = work(&mut registry);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_LIMIT {
            idle.push(registry);
        }
        done
    }
}
