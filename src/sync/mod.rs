//! The kiosk's side of the feed and of its hub: the list is asked for, verified, brought and loaded; the kiosk enrols, and
//! hands its journal up.
//!
//! [`sync()`] brings the list once. Nothing is believed but what the root of trust leads to: first the metadata is verified
//! (`trust`), then files are brought whose length and digest it promised (`download`), then they are loaded. Whatever
//! goes wrong, the list that is there goes on.
//!
//! [`enroll()`] makes a one-time code into an [`Enrolment`], and [`hand_up()`] brings rows to the hub that it names.

mod download;
mod dry_run;
mod enroll;
mod fault;
mod feed;
mod hand_up;
mod http;
mod kept;
mod link;
mod pace;
mod plan;
mod reason;
mod replace;
mod settings;
mod source;
mod trust;

pub use dry_run::{Preview, dry_run};
pub use enroll::{Enrolled, Enrolment, Terms, enroll};
pub use fault::SyncFault;
pub use feed::{Did, Outcome, Step, last_issued, last_synced, pause, sync};
pub use hand_up::{HandedUp, Parked, confirmed, hand_up};
pub use http::{Http, ProxyUser, Secret};
pub use pace::Pace;
pub use settings::{Settings, read_root};
pub use source::{Body, Source};
