//! The authority: what it knows, signs and publishes, and what kiosks hand up.

mod feed_files;
mod publish;
mod receiver;
pub mod service;
