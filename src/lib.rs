//! Greengate: a QR intake kiosk for warehouses.
//!
//! A camera frame becomes a verdict from a locally synced cache, and the verdict becomes lights and a
//! screen in green, yellow or red. `ARCHITECTURE.md` shows the rooms and which way their arrows go.

pub mod cli;
pub mod config;
pub mod device;
pub mod hub;
pub mod kiosk;
pub mod panel;
pub mod rules;
pub mod screen;
pub mod store;
pub mod sync;
pub mod vision;
