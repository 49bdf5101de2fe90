//! What people write into boards and sites, and what they are told.

mod bad;
mod boards;
mod displays;
mod find;
mod ranges;
mod shipped;
mod signals;
mod storm;
