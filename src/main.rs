//! The kiosk's program.
fn main() {}
