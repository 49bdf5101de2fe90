//! The kiosk's side of the feed and of its hub: it enrols, and hands its journal up.

mod enroll;
mod hand_up;
mod link;
mod replace;

pub use enroll::{Enrolment, ROOT_FILE, Terms, enroll};
pub use hand_up::{HandedUp, Parked, hand_up};
pub use link::LinkFault;
