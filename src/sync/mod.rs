//! The kiosk's side of the feed: it is asked for, verified, brought and loaded.
//!
//! [`sync`] does all of it once. Nothing is believed but what the root of trust leads to: first the metadata is verified
//! (`trust`), then files are brought whose length and digest it promised (`download`), then they are loaded. Whatever
//! goes wrong, the list that is there goes on.

mod download;
mod fault;
mod feed;
mod http;
mod kept;
mod pace;
mod plan;
mod settings;
mod source;
mod trust;

pub use fault::SyncFault;
pub use feed::{Did, Outcome, Step, last_issued, pause, sync};
pub use http::{Http, Secret};
pub use pace::Pace;
pub use settings::Settings;
pub use source::{Body, Source};
