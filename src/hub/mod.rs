//! The authority: who supplies what, how it is graded, which labels it issued, and the signed feed that kiosks sync from.
//!
//! Everything stands in one folder: the registry ([`Registry`], SQLite), the keys, and what kiosks handed up. Every
//! change of the registry keeps who made it, when and why.

mod disk;
mod fault;
pub mod keys;
mod publish;
pub mod receiver;
mod registry;

pub use fault::HubFault;
pub use publish::{
    KeyRow, Published, Publishing, Rotated, Rotation, cut_off, feed_folder, init, keyring, newest_root, publish, rotate,
};
pub use registry::{Author, Change, Changes, Registry, Release};
