//! The authority: who supplies what, how it is graded, which labels it issued, and the signed feed that kiosks sync from.
//!
//! Everything stands in one folder: the registry ([`Registry`], SQLite), the keys, and what kiosks handed up. Every
//! change of the registry keeps who made it, when and why.

mod fault;
pub mod grade;
pub mod import;
mod registry;

pub use fault::{HubFault, WrongRow};
pub use registry::{Author, Change, Changes, Counts, Registry, Release};
