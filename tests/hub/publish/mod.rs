//! What is published can be read by a client that knows nothing but the first root, at any time.

mod client;
mod crash;
mod kept;
mod key_files;
mod killed;
mod releases;
mod rotation;
mod storm;

use std::path::{Path, PathBuf};

use greengate::hub::keys::Keys;
use greengate::hub::{self, Author, HubFault, Published, Publishing, Registry};
use greengate::rules::record::{Record, Supplier};
use greengate::rules::text::Text;
use jiff::Timestamp;
use tempfile::TempDir;

use client::View;

/// An authority in a folder of its own.
pub struct Authority {
    pub folder: TempDir,
    pub keys: Keys,
    /// The root that kiosks were given at the beginning.
    pub first_root: Vec<u8>,
}

impl Authority {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = hub::init(folder.path(), None, &author(0)).expect("a new authority");
        let first_root = hub::newest_root(folder.path()).expect("a root");
        Self { folder, keys, first_root }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn feed(&self) -> PathBuf {
        hub::feed_folder(self.path())
    }

    /// One more supplier.
    pub fn put(&self, id: u32) {
        self.put_all(&[supplier(id, "Tea Works")]);
    }

    pub fn put_all(&self, records: &[Record]) {
        let mut registry = Registry::open(self.path()).expect("a registry");
        let put = registry.change(&author(0), |changes| records.iter().try_for_each(|record| changes.put(record)));
        put.expect("records that make sense");
    }

    pub fn try_publish(&mut self) -> Result<Published, HubFault> {
        hub::publish(self.folder.path(), &mut self.keys, &author(0), &Publishing::default())
    }

    pub fn publish(&mut self) -> Published {
        self.publish_with(0, &Publishing::default())
    }

    pub fn publish_with(&mut self, day: i64, publishing: &Publishing) -> Published {
        hub::publish(self.folder.path(), &mut self.keys, &author(day), publishing).expect("published")
    }

    /// What a client sees that starts at the first root.
    pub fn read(&self) -> View {
        client::read(&self.first_root, &self.feed()).expect("a feed that verifies")
    }
}

/// Somebody, `day` days from now.
pub fn author(day: i64) -> Author {
    let at = Timestamp::from_second(Timestamp::now().as_second() + day * 86_400).expect("a moment");
    Author { who: "Li".to_owned(), why: "test".to_owned(), at }
}

pub fn supplier(id: u32, name: &str) -> Record {
    Record::Supplier(Supplier { id, name: Text { zh: name.to_owned(), en: name.to_owned() } })
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

/// A folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).expect("copied");
        }
    }
}
