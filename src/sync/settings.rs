//! What a sync works with, made from what the site says.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::kept::Kept;
use super::{Http, ProxyUser, Secret, Source, SyncFault, trust};
use crate::rules::site::FeedSettings;

/// No file that the site names is longer, in bytes.
const LIMIT: u64 = trust::ROOT_LIMIT;

/// What a sync works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the cache; `feed.json` and `feed/` are in it.
    pub state: PathBuf,
    /// Where the feed is. All that are there are asked, one after the other: a stick that was forgotten in the box
    /// must not hold a newer list back.
    pub sources: Vec<Source>,
    /// The root of trust to begin with, as JSON; not needed once there was a sync.
    pub root: Option<Vec<u8>>,
}

impl Settings {
    /// What the site says, with its files read.
    ///
    /// # Errors
    /// One of them cannot be used.
    pub fn of(state: &Path, feed: &FeedSettings) -> Result<Self, SyncFault> {
        let mut sources: Vec<Source> = feed.folder.iter().map(Source::folder).collect();
        if let Some(url) = &feed.url {
            sources.push(Source::http(Http::of(url, feed)?));
        }
        // Once there was a sync the file may be gone.
        let root = feed.root.as_ref().filter(|_| !Kept::path(state).exists());
        let root = root.map(|path| read_root(path)).transpose()?;
        Ok(Self { state: state.to_owned(), sources, root })
    }
}

impl Http {
    /// The server at `url` as the site says to ask it.
    ///
    /// # Errors
    /// One of the site's files cannot be used.
    pub fn of(url: &str, feed: &FeedSettings) -> Result<Self, SyncFault> {
        let mut http = Self::new(url)?;
        if let Some(path) = &feed.token_file {
            http = http.with_token(Secret::new(secret("token_file", path)?)?);
        }
        if let Some(proxy) = &feed.proxy {
            let user = feed.proxy_user_file.as_ref();
            let user = user.map(|path| ProxyUser::new(&secret("proxy_user_file", path)?)).transpose()?;
            http = http.with_proxy(proxy, user)?;
        }
        if let Some(path) = &feed.ca {
            http = http.with_authorities(path)?;
        }
        if let Some((certificate, key)) = &feed.client {
            http = http.with_client(certificate, key)?;
        }
        Ok(http)
    }
}

/// The one line of a file, as text.
fn secret(what: &'static str, path: &Path) -> Result<String, SyncFault> {
    let text = String::from_utf8(read(what, path)?).map_err(|_| SyncFault::Setting {
        what,
        shown: path.display().to_string(),
        why: "it is not UTF-8 text".to_owned(),
    })?;
    Ok(text.trim().to_owned())
}

/// Reads the first root of trust.
///
/// # Errors
/// The file cannot be read, or is too long to be one.
pub fn read_root(path: &Path) -> Result<Vec<u8>, SyncFault> {
    read("root", path)
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, SyncFault> {
    let wrong = |why: String| SyncFault::Setting { what, shown: path.display().to_string(), why };
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes));
    match read {
        Ok(read) if read as u64 > LIMIT => Err(wrong(format!("it has more than {LIMIT} bytes"))),
        Ok(_) => Ok(bytes),
        Err(error) => Err(wrong(error.to_string())),
    }
}
