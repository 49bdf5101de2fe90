//! The signed feed: a TUF repository of plain files, which any web server, bucket or USB stick can carry.
//!
//! `feed/` in the authority's folder is the original. A release is made in the registry first, then its files are
//! written, then the metadata that names them, and the timestamp last of all: whoever reads meanwhile has the feed of
//! before. A crash at any moment leaves that one, and the next [`publish`] finishes what was begun.

mod feed;
mod init;
mod keyring;
mod log;
mod mirror;
mod records;
mod root;
mod rotate;
mod sign;
mod stage;
mod sweep;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

pub use init::init;
pub use keyring::{KeyRow, cut_off, keyring, slots};
pub(super) use log::{checkpoint_of, tiles_folder};
pub use rotate::{Rotated, Rotation, rotate};

use super::keys::Keys;
use super::quiet::quietly;
use super::receiver::Receiver;
use super::turn::Turn;
use super::{Author, Home, HubFault, NewRoot, Registry, Release, assess, review, source};
use feed::{Feed, Span};
use sign::Signing;
use stage::Stage;

/// How long registries are asked, at most: the rest waits for the next publish.
const ASKING: Duration = Duration::from_secs(20);

/// How a feed is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publishing {
    /// How many deltas the feed has at most.
    pub keep: usize,
    /// A folder that gets a copy of the feed.
    pub to: Option<PathBuf>,
}

impl Default for Publishing {
    /// A month of daily releases, no copy.
    fn default() -> Self {
        Self { keep: 30, to: None }
    }
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The newest release.
    pub release: Release,
    /// Whether kiosks get records from it that they could not get before.
    pub news: bool,
    /// How many deltas lead to it.
    pub deltas: usize,
    /// The timestamp's number.
    pub timestamp: u64,
    /// Until when kiosks believe it.
    pub expires: Timestamp,
    /// What a person should look after.
    pub warnings: Vec<String>,
}

/// Makes a release of what changed, if something did, and signs the feed anew.
///
/// # Errors
/// Another command is at it, a key or the feed is not as it should be, or a file cannot be written. The feed is as
/// before, or, where only the copy failed, complete.
pub fn publish(
    authority: impl Into<Home>,
    keys: &mut Keys,
    author: &Author,
    publishing: &Publishing,
) -> Result<Published, HubFault> {
    let authority = &authority.into();
    let mut registry = Registry::open(authority)?;
    // What renews a lease has the priority of whoever takes it, and must not go last: a busy machine would lose the turn.
    let mut turn = Turn::take(authority)?;
    quietly(|| release(authority, (&mut registry, &mut turn), keys, author, publishing))
}

fn release(
    authority: &Home,
    (registry, turn): (&mut Registry, &mut Turn),
    keys: &mut Keys,
    author: &Author,
    publishing: &Publishing,
) -> Result<Published, HubFault> {
    let feed = Feed::open(authority)?;
    publishing.to.as_deref().map_or(Ok(()), |to| mirror::check(&feed, to))?;
    rotate::settle(registry, keys, &feed.root, author)?;
    review::collect(registry, &mut Receiver::open(authority)?, author)?;
    let asked = source::ask(registry, author, source::Which::Due, ASKING)?;
    // What ran out since the last time shows in this release.
    assess::settle_due(registry, author)?;
    let release = newest_release(registry, author, turn)?;
    if release.version < feed.release() {
        return Err(HubFault::Refused(format!(
            "the feed has release {} and the registry is an older copy with release {}; bring the newer registry back",
            feed.release(),
            release.version
        )));
    }
    let mut warnings: Vec<String> = clock_warning(&feed, author.at).into_iter().chain(asked.faults).collect();
    let news = release.version > feed.release();
    let mut stage = Stage::begin(&feed.folder)?;
    let files = if news || !records::are_there(&feed) {
        Some(records::make(registry, &feed, &mut stage, release, publishing.keep)?)
    } else {
        None
    };
    let files = log::offer(registry, &feed, keys, &mut stage, files)?;
    let offered = files.as_ref().or(feed.present.as_ref().map(|present| &present.targets.targets));
    let deltas = offered.map_or(0, |files| files.values().filter_map(Span::of).filter(|span| span.from > 0).count());
    let renewed = renew_root(&feed, keys, &mut stage, author.at);
    let mut signing = Signing { keys, roots: vec![&feed.root], with: None };
    let newest = signing.sign_all(&mut stage, &feed, files, &[], author.at)?;
    match renewed {
        Ok(Some(root)) => registry.change(author, |changes| changes.note_root(&root))?,
        Ok(None) => {}
        Err(fault) => warnings.push(format!("kiosks stop believing the feed at {}: {fault}", feed.root.expires)),
    }
    let stage = stage.settle()?;
    turn.finish(|| stage.commit())?;
    let now = Feed::open(authority)?;
    let swept = if news { sweep::sweep(&feed, &now) } else { Ok(()) };
    // The log grows without a release too.
    if let Err(fault) = swept.and_then(|()| log::sweep(&feed, &now)) {
        warnings.push(format!("old files stay in the feed: {fault}"));
    }
    if let Some(to) = &publishing.to {
        mirror::carry(&feed, &now, to)?;
    }
    let timestamp = newest.version.get();
    Ok(Published { release, news, deltas, timestamp, expires: newest.expires, warnings })
}

/// A clock that was set wrong once, or is now: kiosks take the feed's time for theirs.
fn clock_warning(feed: &Feed, now: Timestamp) -> Option<String> {
    let issued = feed.present.as_ref()?.timestamp._extra.get("x-issued")?.as_str()?;
    let is_ahead = issued.parse::<Timestamp>().is_ok_and(|issued| issued > now);
    is_ahead.then(|| format!("the clock says {now}, and the feed was signed at {issued} before; look at the clock"))
}

/// The newest root of the authority's feed, as its file: what a kiosk has to believe before all else.
///
/// # Errors
/// There is none.
pub fn newest_root(authority: &Path) -> Result<Vec<u8>, HubFault> {
    feed::newest_root(&feed::folder_of(authority).join("metadata")).map(|(bytes, _)| bytes)
}

/// Whether an authority has published from a folder.
pub(in crate::hub) fn has_published(folder: &Path) -> bool {
    feed::folder_of(folder).join("metadata/timestamp.json").exists()
}

/// The newest release that kiosks can get from the feed; nothing where there is no feed yet. A release that is on its way
/// out does not count before its timestamp is there.
pub(in crate::hub) fn published(authority: &Path) -> Result<Option<u64>, HubFault> {
    if !has_published(authority) {
        return Ok(None);
    }
    Feed::open(authority).map(|feed| Some(feed.release()))
}

/// The folder with the feed of the authority in `authority`.
#[must_use]
pub fn feed_folder(authority: &Path) -> PathBuf {
    feed::folder_of(authority)
}

fn newest_release(registry: &mut Registry, author: &Author, turn: &Turn) -> Result<Release, HubFault> {
    match registry.newest_release()? {
        Some(release) if registry.pending()? == 0 => Ok(release),
        Some(_) | None => {
            // Whole seconds, as all moments of the feed.
            let at = sign::after(author.at, 0)?;
            registry.release_in(&Author { at, ..author.clone() }, turn.fence())
        }
    }
}

/// A root that is about to expire is followed by one with the same keys, if enough of them are here. If not, that is no
/// fault of the publish: what is in the list must get out all the same.
fn renew_root(feed: &Feed, keys: &mut Keys, stage: &mut Stage, now: Timestamp) -> Result<Option<NewRoot>, HubFault> {
    if !sign::root_is_due(&feed.root, now) {
        return Ok(None);
    }
    let root = root::sign(root::renewed(&feed.root, now)?, &feed.root, keys, None)?;
    let version = root.signed.version;
    stage.put(&format!("metadata/{version}.root.json"), &sign::bytes(&root)?)?;
    Ok(Some(NewRoot { version: rotate::number(version), replaced: None, by: None }))
}
