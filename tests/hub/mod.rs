//! The authority.

mod feed_files;
mod receiver;
pub mod service;
