//! The screen: what it looks like, and that it can be read.

mod goldens;
mod png;
mod reading;
mod scenes;
mod trace;
