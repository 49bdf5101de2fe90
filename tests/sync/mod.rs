//! The kiosk's side of the feed and of its hub.

mod hand_up;
