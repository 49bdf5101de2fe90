//! Where a feed is: a folder, or a server that speaks HTTP. Both are asked for files by name.

use std::fs::File;
use std::io::{ErrorKind, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use super::http::{Answer, Http};
use super::pace::{Pace, Paced};
use super::{SyncFault, http, trust};

/// Where a feed is.
#[derive(Clone, Debug)]
pub struct Source {
    place: Place,
    pace: Pace,
    spent: Arc<Spent>,
}

#[derive(Clone, Debug)]
enum Place {
    Folder(PathBuf),
    Http(Arc<Http>),
}

/// What asking has cost so far.
#[derive(Debug, Default)]
struct Spent {
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// A file on its way.
#[derive(Debug)]
pub struct Body {
    /// The place in the file that the bytes begin at: what was asked for, or 0.
    pub from: u64,
    /// How many bytes come, if that was told.
    pub length: Option<u64>,
    /// What tells this file from another by the same name.
    pub etag: Option<String>,
    bytes: Paced,
    spent: Arc<Spent>,
}

impl Source {
    /// A folder, say on a stick.
    #[must_use]
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self::new(Place::Folder(folder.into()))
    }

    /// A server.
    #[must_use]
    pub fn http(http: Http) -> Self {
        Self::new(Place::Http(Arc::new(http)))
    }

    fn new(place: Place) -> Self {
        Self { place, pace: Pace::default(), spent: Arc::default() }
    }

    /// Another patience than the usual one.
    #[must_use]
    pub const fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Where it is, for people; no secret is in it.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.place {
            Place::Folder(folder) => folder.display().to_string(),
            Place::Http(http) => http.shown(),
        }
    }

    /// Whether there is anything to ask: a stick may not be plugged in.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match &self.place {
            Place::Folder(folder) => folder.join("metadata").is_dir(),
            Place::Http(_) => true,
        }
    }

    /// How many requests were made and how many bytes came, by this source and its clones.
    #[must_use]
    pub fn spent(&self) -> (u64, u64) {
        (self.spent.requests.load(Ordering::Relaxed), self.spent.bytes.load(Ordering::Relaxed))
    }

    /// Whether the feed's first file is there, asked for as a sync would, with no longer a wait than `patience`.
    ///
    /// # Errors
    /// It cannot be asked, or does not answer in time.
    pub fn has_feed(&self, patience: Duration) -> Result<bool, SyncFault> {
        let (source, (sender, answer)) = (self.clone(), mpsc::channel());
        // Nobody listens any more once the wait is over.
        let ask = move || drop(sender.send(source.ask("metadata", trust::TIMESTAMP, 0, None)));
        let late = |why: String| SyncFault::Unreachable { url: self.address("metadata", trust::TIMESTAMP), why };
        thread::Builder::new().name("feed".to_owned()).spawn(ask).map_err(|error| late(error.to_string()))?;
        let slow = |_| late(format!("no answer within {} s", patience.as_secs()));
        Ok(answer.recv_timeout(patience).map_err(slow)??.is_some())
    }

    /// A whole file of `metadata/`, or `None` if there is none by that name.
    ///
    /// # Errors
    /// It cannot be read, comes too slowly, or is longer than `limit`.
    pub fn metadata(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, SyncFault> {
        let Some(mut body) = self.ask("metadata", name, 0, None)? else { return Ok(None) };
        let too_large = || SyncFault::TooLarge { url: self.address("metadata", name), limit };
        if body.length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = body.read()? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(too_large());
            }
            bytes.extend(chunk);
        }
        Ok(Some(bytes))
    }

    /// A file of `targets/` from byte `from` on, if it is still the one that `etag` tells; else from its beginning.
    /// `None` if there is none by that name.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn target(&self, name: &str, from: u64, etag: Option<&str>) -> Result<Option<Body>, SyncFault> {
        self.ask("targets", name, from, etag)
    }

    /// A file's address, for people.
    pub(super) fn address(&self, folder: &str, name: &str) -> String {
        format!("{}/{folder}/{name}", self.shown().trim_end_matches('/'))
    }

    fn ask(&self, folder: &str, name: &str, from: u64, etag: Option<&str>) -> Result<Option<Body>, SyncFault> {
        self.spent.requests.fetch_add(1, Ordering::Relaxed);
        let answer = match &self.place {
            Place::Folder(root) => open(&root.join(folder).join(name), from)?,
            Place::Http(http) => http.get(&format!("{folder}/{name}"), from, etag)?,
        };
        let Some(Answer { from, length, etag, stream }) = answer else { return Ok(None) };
        let bytes = Paced::new(stream, self.address(folder, name), self.pace)?;
        Ok(Some(Body { from, length, etag, bytes, spent: Arc::clone(&self.spent) }))
    }
}

/// Opens a file of a folder.
fn open(path: &std::path::Path, from: u64) -> Result<Option<http::Answer>, SyncFault> {
    let fault = |source| SyncFault::file(path, "read", source);
    // Opening a pipe would wait for whoever writes into it.
    let length = match path.metadata() {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => return Err(fault(ErrorKind::InvalidInput.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let mut file = File::open(path).map_err(fault)?;
    let from = if from <= length { from } else { 0 };
    file.seek(SeekFrom::Start(from)).map_err(fault)?;
    Ok(Some(Answer { from, length: Some(length - from), etag: None, stream: Box::new(file) }))
}

impl Body {
    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    /// The file ends early, or comes too slowly.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, SyncFault> {
        let chunk = self.bytes.read()?;
        let count = chunk.as_ref().map_or(0, Vec::len);
        self.spent.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(chunk)
    }
}
