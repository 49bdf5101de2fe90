//! The authority: what it knows, how it changes, and what it publishes.

mod commands;
mod import;
mod registry;
