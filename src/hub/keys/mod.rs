//! The authority's secret keys: one file each in `keys/`, opened when they are needed and then kept.
//!
//! A key file is PKCS#8 PEM, so that OpenSSL reads it too, plain or sealed with a passphrase (PBES2 with scrypt). Nobody
//! but its owner may read it. A key that takes another one's place waits beside it as `NAME.next.pem` until the feed's
//! root names it.

mod file;
mod passphrase;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_dalek::SigningKey;
use serde::Serialize;

pub(super) use file::prepare_folder;
pub use passphrase::Passphrase;

use super::HubFault;
use file::KeyFile;

/// What a key is for, and which one it is; also the name of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyName {
    /// One of the three keys of which two sign the feed's root.
    Root(RootKey),
    /// Signs which files the feed has.
    Targets,
    /// Signs which metadata belong together.
    Snapshot,
    /// Signs what is newest.
    Timestamp,
    /// Signs the audit log's checkpoints.
    Audit,
    /// Signs labels; the number is its slot.
    Label(u16),
}

/// The three root keys, kept by three people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RootKey {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
}

impl RootKey {
    /// All of them, in the order that the root lists them.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];
}

impl KeyName {
    /// The keys that sign the feed, in the order that people read them.
    pub const OF_THE_FEED: [Self; 6] = [
        Self::Root(RootKey::First),
        Self::Root(RootKey::Second),
        Self::Root(RootKey::Third),
        Self::Targets,
        Self::Snapshot,
        Self::Timestamp,
    ];
}

impl fmt::Display for KeyName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(RootKey::First) => write!(out, "root-1"),
            Self::Root(RootKey::Second) => write!(out, "root-2"),
            Self::Root(RootKey::Third) => write!(out, "root-3"),
            Self::Targets => write!(out, "targets"),
            Self::Snapshot => write!(out, "snapshot"),
            Self::Timestamp => write!(out, "timestamp"),
            Self::Audit => write!(out, "audit"),
            Self::Label(slot) => write!(out, "label-{slot}"),
        }
    }
}

impl FromStr for KeyName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(slot) = text.strip_prefix("label-") {
            return slot.parse().map(Self::Label).map_err(|_| format!("`{slot}` is no slot"));
        }
        let of_the_feed = Self::OF_THE_FEED.into_iter().chain([Self::Audit]).find(|name| name.to_string() == text);
        of_the_feed.ok_or_else(|| format!("there is no key `{text}`"))
    }
}

/// How a key's file lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// Readable with the file alone.
    Plain,
    /// Readable with a passphrase.
    Sealed,
    /// Elsewhere, or lost.
    Away,
}

/// Asks for the passphrase, when a key turns out to need one.
pub type Ask = Box<dyn Fn() -> Result<Passphrase, HubFault> + Send>;

/// The secret keys of an authority.
pub struct Keys {
    folder: PathBuf,
    ask: Ask,
    passphrase: Option<Passphrase>,
    /// Deriving a key from a passphrase is slow on purpose, so it is done once for each file.
    opened: BTreeMap<PathBuf, SigningKey>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Keys").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Keys {
    /// The keys of the authority in `folder`; nothing is opened yet.
    #[must_use]
    pub fn of(folder: &Path, ask: Ask) -> Self {
        Self { folder: folder.join("keys"), ask, passphrase: None, opened: BTreeMap::new() }
    }

    /// The keys of an authority that has no passphrase.
    #[must_use]
    pub fn plain(folder: &Path) -> Self {
        let none = || Err(HubFault::Refused("the keys are sealed; give their passphrase".to_owned()));
        Self::of(folder, Box::new(none))
    }

    /// A key.
    ///
    /// # Errors
    /// Its file is not there, others can read it, it is damaged, or the passphrase is wrong.
    pub fn open(&mut self, name: KeyName) -> Result<SigningKey, HubFault> {
        self.open_file(&self.path(name))
    }

    /// How a key's file lies there; nothing is opened.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn kept(&self, name: KeyName) -> Result<Kept, HubFault> {
        let path = self.path(name);
        if !path.exists() {
            return Ok(Kept::Away);
        }
        Ok(if KeyFile::read(&path)?.is_sealed() { Kept::Sealed } else { Kept::Plain })
    }

    /// Makes a key whose file is not there yet, or opens the one that is. It is sealed if there is a passphrase.
    pub(super) fn open_or_create(
        &mut self,
        name: KeyName,
        passphrase: Option<&Passphrase>,
    ) -> Result<SigningKey, HubFault> {
        if self.passphrase.is_none() {
            self.passphrase = passphrase.cloned();
        }
        let path = self.path(name);
        if path.exists() {
            return self.open_file(&path);
        }
        file::prepare_folder(&self.folder)?;
        self.create(&path, passphrase)
    }

    /// Makes a key, sealed if `model` is. One that is there already and that nobody knows yet will do.
    pub(super) fn create_beside(&mut self, name: KeyName, model: KeyName) -> Result<SigningKey, HubFault> {
        let passphrase = self.passphrase_of(model)?;
        self.open_or_create(name, passphrase.as_ref())
    }

    /// Makes the key that will take this one's place, sealed if this one is; or if `model` is, where this one is away.
    pub(super) fn create_next(&mut self, name: KeyName, model: KeyName) -> Result<SigningKey, HubFault> {
        let model = if self.path(name).exists() { name } else { model };
        let passphrase = self.passphrase_of(model)?;
        self.create(&self.next_path(name), passphrase.as_ref())
    }

    /// The key that waits to take this one's place.
    pub(super) fn open_next(&mut self, name: KeyName) -> Result<Option<SigningKey>, HubFault> {
        let path = self.next_path(name);
        if path.exists() { self.open_file(&path).map(Some) } else { Ok(None) }
    }

    /// The waiting key takes its place; the file of the old one is gone.
    pub(super) fn take_next(&mut self, name: KeyName) -> Result<(), HubFault> {
        let (next, path) = (self.next_path(name), self.path(name));
        file::rename(&next, &path)?;
        if let Some(key) = self.opened.remove(&next) {
            self.opened.insert(path, key);
        }
        Ok(())
    }

    /// The waiting key is not wanted any more.
    pub(super) fn drop_next(&mut self, name: KeyName) -> Result<(), HubFault> {
        let next = self.next_path(name);
        self.opened.remove(&next);
        std::fs::remove_file(&next).map_err(|source| HubFault::file(&next, "removed", source))
    }

    fn path(&self, name: KeyName) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    fn next_path(&self, name: KeyName) -> PathBuf {
        self.folder.join(format!("{name}.next.pem"))
    }

    /// The passphrase that this key is sealed with, tried on it; none if it is not sealed.
    fn passphrase_of(&mut self, name: KeyName) -> Result<Option<Passphrase>, HubFault> {
        self.open(name)?;
        Ok(if self.kept(name)? == Kept::Sealed { self.passphrase.clone() } else { None })
    }

    fn create(&mut self, path: &Path, passphrase: Option<&Passphrase>) -> Result<SigningKey, HubFault> {
        let key = file::generate()?;
        KeyFile::of(&key, passphrase, path)?.write(path)?;
        self.opened.insert(path.to_owned(), key.clone());
        Ok(key)
    }

    fn open_file(&mut self, path: &Path) -> Result<SigningKey, HubFault> {
        if let Some(key) = self.opened.get(path) {
            return Ok(key.clone());
        }
        let file = KeyFile::read(path)?;
        if file.is_sealed() && self.passphrase.is_none() {
            self.passphrase = Some((self.ask)()?);
        }
        let key = file.open(self.passphrase.as_ref(), path)?;
        self.opened.insert(path.to_owned(), key.clone());
        Ok(key)
    }
}
