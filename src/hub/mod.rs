//! The authority: who supplies what, how it is graded, which labels it issued, and the signed feed that kiosks sync from.
//!
//! Everything stands in one folder: the registry ([`Registry`], SQLite), the keys, and what kiosks handed up. Every
//! change of the registry keeps who made it, when and why.

pub mod accounts;
pub mod assess;
pub mod audit;
pub mod capacity;
pub mod checklist;
mod checks;
mod database;
pub mod demo;
mod disk;
pub mod document;
mod fault;
pub mod files;
pub mod filing;
pub mod find;
pub mod grade;
mod home;
pub mod import;
pub mod inbox;
mod issue;
pub mod keys;
mod lint;
mod outside;
pub mod platform;
pub mod propose;
mod publish;
mod quiet;
pub mod receiver;
mod registry;
mod relocate;
mod reprint;
pub mod review;
pub mod rulebook;
pub mod service;
pub mod sheet;
mod shown;
pub mod source;
mod turn;
pub mod web;

pub use database::Fault as DatabaseFault;
pub use fault::{HubFault, WrongRow};
pub use home::Home;
pub use issue::{BATCH_LIMIT, Batch, BatchLabel, LabelKey, LabelOrder, Serials, issue, label_key, newest_label_key};
pub use lint::{Print, QUIET, Resolution, Unreadable};
pub(in crate::hub) use publish::published;
pub use publish::{
    KeyRow, Published, Publishing, Rotated, Rotation, cut_off, feed_folder, init, keyring, newest_root, publish, rotate,
};
pub use registry::{
    Author, Change, Changes, Counts, Did, IssuedLabel, NewAuditKey, NewRoot, Of, PaperKey, Registry, Release, Reprint,
};
pub use relocate::{Relocated, relocate};
pub use reprint::{Again, reprint};
