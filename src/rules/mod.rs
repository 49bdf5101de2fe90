//! The pure core: what a label says, what the cache knows, and what the kiosk therefore shows.
//!
//! Nothing in here reads a clock, a file, the network or a device; `now` and all evidence are arguments, so the
//! same code decides at the dock and in a test that replays a month in a second. Types that several rooms share
//! live here too, because rooms do not name each other.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod account;
pub mod amount;
pub mod assessment;
pub mod board;
pub mod clock;
pub mod code;
pub mod condition;
pub mod credit_code;
pub mod delivery;
pub mod demo;
pub mod dossier;
pub mod entry;
pub mod evidence;
mod expiry;
pub mod gs1;
mod gtin;
pub mod hex;
mod identity;
pub mod image;
pub mod intake;
pub mod label;
pub mod orders;
pub mod policy;
pub mod record;
mod refusal;
mod review;
pub mod ruling;
pub mod scene;
pub mod site;
pub mod status;
pub mod switching;
pub mod symbol;
pub mod text;
pub mod time;
pub mod verdict;
pub mod virtual_board;
pub mod words;
pub mod wrap;
