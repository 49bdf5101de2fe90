//! What can go wrong between a kiosk and its feed or its hub, told so that a person can act.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::store::StoreFault;

/// A fault of a sync, of an enrolment, or of handing the journal up. The list that is there goes on.
#[derive(Debug, thiserror::Error)]
pub enum SyncFault {
    /// A file cannot be read, written or renamed.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// There is no room for a file.
    #[error("no room for `{}`; free some space where the kiosk's state is", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Nothing says where the feed is.
    #[error(
        "the site names no feed; add `[feed]` with `url` or `folder` to `site.toml`, enrol the kiosk, or name one with `--from`"
    )]
    NoFeed,
    /// Nothing says whom to believe.
    #[error(
        "there is no first root of trust; put the authority's `root.json` beside `site.toml` and name it with `root`"
    )]
    NoRoot,
    /// A setting that cannot be used.
    #[error("{what} `{shown}` cannot be used: {why}")]
    Setting {
        /// The setting.
        what: &'static str,
        /// Its value, unless that is a secret.
        shown: String,
        /// Why not, and what to do.
        why: String,
    },
    /// Another sync is at work.
    #[error("another sync is at work in `{}`; wait until it is done", folder.display())]
    Busy {
        /// The state folder.
        folder: PathBuf,
    },
    /// The server does not answer.
    #[error("`{url}` cannot be reached: {why}; look at the network and the address")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// How that failed.
        why: String,
    },
    /// The server does not want this kiosk.
    #[error("`{url}` is refused with HTTP {status}; look at the token, or enrol the kiosk again")]
    Refused {
        /// What was asked for.
        url: String,
        /// The answer's status.
        status: u16,
    },
    /// The server answers something else.
    #[error("`{url}` is answered with HTTP {status}; wait, or tell the authority")]
    Status {
        /// What was asked for.
        url: String,
        /// The answer's status.
        status: u16,
    },
    /// A file of the feed is not there.
    #[error("`{url}` is not there; look at the address, or tell the authority that its feed is not complete")]
    Missing {
        /// What was asked for.
        url: String,
    },
    /// A folder is not there: a stick that is not plugged in.
    #[error("there is no feed in `{folder}`; plug the stick in, or look at `folder` in `[feed]`")]
    NotPluggedIn {
        /// The folder.
        folder: String,
    },
    /// Nothing comes, or too little.
    #[error("`{url}` comes too slowly: {why}; the next sync goes on from here")]
    Slow {
        /// What was asked for.
        url: String,
        /// How slowly.
        why: String,
    },
    /// The connection ended early.
    #[error("`{url}` ended early: {why}; the next sync goes on from here")]
    Cut {
        /// What was asked for.
        url: String,
        /// How it ended.
        why: String,
    },
    /// More comes than can be right.
    #[error("`{url}` has more than {limit} bytes, which is refused; tell the authority")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The most that is read.
        limit: u64,
    },
    /// What was kept of the feed is damaged.
    #[error("`{}` is damaged: {why}; remove it, and the next sync begins again from the site's first root", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        why: String,
    },
    /// The trusted root itself does not hold.
    #[error("the first root of trust cannot be used: {why}; get `root.json` from the authority again")]
    BadRoot {
        /// How it does not hold.
        why: String,
    },
    /// Metadata without the signatures that the root of trust asks for.
    #[error("{role} is not signed as the root of trust asks: {why}; nothing of it is believed, tell the authority")]
    Signature {
        /// Which metadata.
        role: String,
        /// What is missing.
        why: String,
    },
    /// The feed went back.
    #[error("{what} is version {offered} and was {have} before; an older feed is refused, tell the authority")]
    Rollback {
        /// What went back.
        what: String,
        /// The version that is known.
        have: u64,
        /// The version that is offered.
        offered: u64,
    },
    /// A root of trust was left out.
    #[error("the root of trust goes from version {have} to {offered}; one was left out, tell the authority")]
    SkippedRoot {
        /// The version that is known.
        have: u64,
        /// The version that is offered.
        offered: u64,
    },
    /// Roots without end.
    #[error("more than {limit} new roots of trust are waiting, which is refused; tell the authority")]
    TooManyRoots {
        /// The most that are followed.
        limit: u64,
    },
    /// Parts of different publications.
    #[error("the feed's files do not belong together: {why}; sync again, and tell the authority if it stays")]
    Mixed {
        /// Which do not.
        why: String,
    },
    /// Metadata that makes no sense.
    #[error("{role} cannot be read: {why}; tell the authority")]
    Unreadable {
        /// Which metadata.
        role: String,
        /// Why not.
        why: String,
    },
    /// Nobody vouches for the feed any more: it is old, or somebody holds new ones back.
    #[error(
        "{role} expired at {at} and it is {now}; the feed is old or held back: look at the clock, then tell the authority"
    )]
    Expired {
        /// Which metadata.
        role: &'static str,
        /// When.
        at: Timestamp,
        /// The time that was compared with.
        now: Timestamp,
    },
    /// The feed's list is older than the kiosk's.
    #[error("the feed has list {offered} and the kiosk has {have}; a list never goes back, tell the authority")]
    Older {
        /// The list that is loaded.
        have: u64,
        /// The list that the feed has.
        offered: u64,
    },
    /// The feed has no file that helps.
    #[error("no file of the feed leads from list {have} to {to}; tell the authority that a snapshot is missing")]
    NoWay {
        /// The list that is loaded.
        have: u64,
        /// The list that the feed has.
        to: u64,
    },
    /// A file is not what was signed.
    #[error("`{name}` has {what} `{found}` and `{expected}` is signed; it is not loaded, tell the authority")]
    Wrong {
        /// The file.
        name: String,
        /// Length or digest.
        what: &'static str,
        /// What it has.
        found: String,
        /// What is signed.
        expected: String,
    },
    /// Everyone on the way could read and change what is said.
    #[error(
        "`{url}` is not encrypted, and what it gives is trusted from then on; use `https://`, or `--plain-http` in a network that you trust"
    )]
    PlainHttp {
        /// The hub's address.
        url: String,
    },
    /// The hub does not do what it was asked.
    #[error("`{url}` answers {status}: {why}")]
    Declined {
        /// What was asked for.
        url: String,
        /// The answer's status.
        status: u16,
        /// Why, in the hub's words.
        why: String,
    },
    /// The answer is none of a hub's.
    #[error("`{url}` answers what no hub does: {why}; look at the address")]
    Nonsense {
        /// What was asked for.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The kiosk has no hub yet.
    #[error("the kiosk is not enrolled: there is no `{}`; get a code from the authority and run `greengate enroll`", path.display())]
    NotEnrolled {
        /// Where the enrolment would stand.
        path: PathBuf,
    },
    /// The kiosk has a hub already.
    #[error("the kiosk is enrolled at `{hub}` already; with `--replace` it leaves that one")]
    Enrolled {
        /// The present hub.
        hub: String,
    },
    /// The hub's authority is not the one whose list the kiosk has.
    #[error(
        "`{hub}` is another authority's than the kiosk's list; get another code, stop the kiosk, and enrol it with `--replace`"
    )]
    OtherAuthority {
        /// The hub.
        hub: String,
    },
    /// The journal was begun under another name.
    #[error(
        "the journal is kiosk `{journal}`'s and the kiosk is enrolled as `{enrolled}`; enrol it under the name of its site file"
    )]
    OtherKiosk {
        /// Whose the journal is.
        journal: String,
        /// Who enrolled.
        enrolled: String,
    },
    /// The hub has rows that the journal has not.
    #[error(
        "the hub has {hub} rows of this journal and the journal only {own}; it was put back to an older copy: keep it as it is and tell the authority"
    )]
    Ahead {
        /// What the hub has.
        hub: u64,
        /// What is here.
        own: u64,
    },
    /// The hub does not take rows in.
    #[error("the hub still has no more than {seq} rows after the next ones were handed up; tell the authority")]
    Stuck {
        /// What it has.
        seq: u64,
    },
    /// A part of the program failed.
    #[error("this cannot work: {why}; start the program again")]
    Broken {
        /// Which.
        why: String,
    },
    /// The list cannot be loaded, or the journal not be read.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl SyncFault {
    /// A fault of a file; a full disk is one of its own.
    pub(super) fn file(path: &Path, verb: &'static str, source: io::Error) -> Self {
        if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            return Self::DiskFull { path: path.to_owned() };
        }
        Self::File { path: path.to_owned(), verb, source }
    }

    /// Whether nothing more can be written.
    pub(super) fn is_of_a_full_disk(&self) -> bool {
        matches!(self, Self::DiskFull { .. }) || matches!(self, Self::Store(fault) if fault.is_of_a_full_disk())
    }

    /// Whether it is about one file of the feed or about the list that is there, and another way could still lead to the
    /// same list.
    pub(super) fn is_of_one_way(&self) -> bool {
        let is_damaged = matches!(self, Self::Store(fault) if fault.is_of_damage());
        let is_torn = matches!(self, Self::Store(StoreFault::File { verb, .. }) if *verb == "unpacked");
        let is_refused = matches!(
            self,
            Self::Store(
                StoreFault::Line { .. }
                    | StoreFault::References { .. }
                    | StoreFault::Version { .. }
                    | StoreFault::Unverified { .. }
            )
        );
        is_damaged || is_torn || is_refused || matches!(self, Self::Missing { .. } | Self::Wrong { .. })
    }
}
