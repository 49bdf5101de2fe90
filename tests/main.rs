//! All integration tests are one program, so that the crate is linked once.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the case that it is about")]

mod config;
mod device;
mod house;
mod hub;
mod kiosk;
mod label;
mod panel;
mod rules;
mod screen;
mod store;
mod support;
mod sync;
mod vision;
