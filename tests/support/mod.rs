//! What several test rooms use.

pub mod browser;
