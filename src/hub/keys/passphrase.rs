//! A passphrase, which is wiped from memory after use and never printed.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use pkcs8::der::zeroize::Zeroizing;

use super::file::refuse_open_to_others;
use crate::hub::HubFault;

/// Longest passphrase, in bytes; a file that has more is another file.
const LIMIT: u64 = 1024;

/// What sealed keys are opened with.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

impl fmt::Debug for Passphrase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Passphrase(…)")
    }
}

impl Passphrase {
    /// A passphrase as somebody gave it.
    ///
    /// # Errors
    /// There is nothing in it.
    pub fn new(text: String) -> Result<Self, HubFault> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(HubFault::Refused("the passphrase is empty; give one with at least a letter".to_owned()));
        }
        Ok(Self(text))
    }

    /// The first line of a file that only its owner can read.
    ///
    /// # Errors
    /// The file cannot be read or others can read it, or there is no passphrase in it.
    pub fn read(path: &Path) -> Result<Self, HubFault> {
        let fault = |source| HubFault::file(path, "read", source);
        let file = File::open(path).map_err(fault)?;
        refuse_open_to_others(&file, path)?;
        // Room for all of it from the start: text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LIMIT).unwrap_or_default() + 1));
        file.take(LIMIT + 1).read_to_string(&mut text).map_err(fault)?;
        if text.len() as u64 > LIMIT {
            let message = format!("has more than {LIMIT} bytes, so it is no passphrase; give another file");
            return Err(HubFault::key(path, message));
        }
        Self::new(text.lines().next().unwrap_or_default().to_owned())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
