//! Tough's own client, reading a folder as a kiosk would, and a cache that follows.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use greengate::rules::evidence::CacheFacts;
use greengate::store::{self, Cache, Expected, VerifiedFile};
use jiff::Timestamp;
use tough::{ExpirationEnforcement, IntoVec, Repository, RepositoryLoader, TargetName};
use url::Url;

/// What a client sees.
#[derive(Debug, PartialEq, Eq)]
pub struct View {
    pub root: u64,
    pub timestamp: u64,
    pub snapshot: u64,
    pub targets: u64,
    pub issued: Timestamp,
    pub files: BTreeMap<String, Offered>,
}

/// A file of the feed, read and verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Offered {
    pub from: u64,
    pub to: u64,
    pub issued: Timestamp,
    pub bytes: Vec<u8>,
    pub sha256: [u8; 32],
}

impl View {
    /// The newest release.
    pub fn release(&self) -> u64 {
        self.files.values().map(|file| file.to).max().expect("a file")
    }

    pub fn names(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    /// Brings the cache in `folder` up to the feed; tells which files it took.
    pub fn follow(&self, folder: &Path) -> (CacheFacts, Vec<String>) {
        let mut taken = Vec::new();
        loop {
            let facts = Cache::open(folder).expect("readable").map(|cache| cache.facts());
            let version = facts.map_or(0, |facts| facts.version);
            if let Some(facts) = facts.filter(|facts| facts.version == self.release()) {
                return (facts, taken);
            }
            let leads_on = |from| self.files.iter().find(|(_, file)| file.from == from);
            let (name, file) = leads_on(version).or_else(|| leads_on(0)).expect("a file");
            let path = folder.join(name);
            std::fs::write(&path, &file.bytes).expect("written");
            let expected = Expected { length: file.bytes.len() as u64, sha256: file.sha256 };
            let verified = VerifiedFile::check(&path, expected).expect("what was promised");
            let facts = store::load(folder, verified, &mut |_| ()).expect("loaded");
            assert_eq!((facts.version, facts.issued), (file.to, file.issued), "the file is what its entry says");
            taken.push(name.clone());
        }
    }
}

/// Reads the feed in `folder`, trusting `root` and nothing else.
pub fn read(root: &[u8], folder: &Path) -> Result<View, String> {
    read_with(root, folder, None)
}

/// The same by a client that remembers in `store` what it saw.
pub fn read_with(root: &[u8], folder: &Path, store: Option<&Path>) -> Result<View, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(view(root, folder, store)).map_err(|error| error.to_string())
}

async fn view(root: &[u8], folder: &Path, store: Option<&Path>) -> Result<View, Box<dyn Error>> {
    let address = |part: &str| Url::from_directory_path(folder.join(part)).expect("an address");
    let mut loader = RepositoryLoader::new(&root, address("metadata"), address("targets"))
        .expiration_enforcement(ExpirationEnforcement::Safe);
    if let Some(store) = store {
        loader = loader.datastore(store);
    }
    let repository = loader.load().await?;
    let mut files = BTreeMap::new();
    let files_of_records =
        repository.targets().signed.targets.iter().filter(|(_, target)| target.custom.contains_key("from"));
    for (name, _) in files_of_records {
        files.insert(name.raw().to_owned(), offered(&repository, name).await?);
    }
    let issued = repository.timestamp().signed._extra["x-issued"].as_str().expect("a text");
    Ok(View {
        root: repository.root().signed.version.get(),
        timestamp: repository.timestamp().signed.version.get(),
        snapshot: repository.snapshot().signed.version.get(),
        targets: repository.targets().signed.version.get(),
        issued: issued.parse().expect("a moment"),
        files,
    })
}

async fn offered(repository: &Repository, name: &TargetName) -> Result<Offered, Box<dyn Error>> {
    let target = &repository.targets().signed.targets[name];
    let number = |field: &str| target.custom[field].as_u64().expect("a number");
    let issued = target.custom["issued"].as_str().expect("a text").parse().expect("a moment");
    let bytes = repository.read_target(name).await?.expect("it is listed").into_vec().await?;
    let sha256 = target.hashes.sha256.to_vec().try_into().expect("32 bytes");
    Ok(Offered { from: number("from"), to: number("to"), issued, bytes, sha256 })
}
