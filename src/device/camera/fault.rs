//! What can go wrong with a real camera, told so that a person can act. The words stay the same as long as the trouble
//! does, so that it is told once.

use std::time::Duration;

/// A camera that gives no picture, or none that is worth a look.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraFault {
    /// The plug was pulled.
    #[error("the camera is unplugged; plug it in again")]
    Unplugged,
    /// The board's camera is not there.
    #[error("there is no camera `{name}`{}", instead(.others))]
    Missing {
        /// As the board names it.
        name: String,
        /// Cameras that are there.
        others: Vec<String>,
    },
    /// It is there and belongs to somebody else.
    #[error("the camera `{name}` may not be opened; add the user to the group `video`")]
    NotAllowed {
        /// As the board names it.
        name: String,
    },
    /// It is there and taken.
    #[error("the camera `{name}` is in use; stop the other program, or the kiosk (`systemctl stop greengate`)")]
    Busy {
        /// As the board names it.
        name: String,
    },
    /// It has no format that the board takes.
    #[error("the camera `{name}` gives {offered}, and the board takes {wanted}; change `formats`, or the camera")]
    NoFormat {
        /// As the board names it.
        name: String,
        /// What it has.
        offered: String,
        /// What the board takes.
        wanted: String,
    },
    /// There is a way to it, and nokhwa is not the one.
    #[error("the camera `{name}` cannot be had by way of nokhwa: {why}")]
    NotByNokhwa {
        /// As the board names it.
        name: String,
        /// Why, and what to do.
        why: String,
    },
    /// What the driver says.
    #[error("the camera `{name}` cannot be {verb}: {message}; unplug it and plug it in again")]
    Driver {
        /// As the board names it.
        name: String,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        message: String,
    },
    /// Frames do not come, or no longer.
    #[error("the camera gives no pictures; check its cable, or unplug it and plug it in again")]
    Silent,
    /// Frames come, and none is whole.
    #[error("the camera gives broken pictures; take another cable, another socket or a stronger power supply")]
    Torn,
    /// Frames come, and nothing is on them.
    #[error("the camera sees only black; take the cap off its lens, or turn a light on")]
    Black,
    /// Frames come, and are all the same.
    #[error("the camera shows the same picture all the time; unplug it and plug it in again")]
    Frozen,
    /// The program that brings frames is not there.
    #[error("`{program}` cannot be started: {message}; install the package `rpicam-apps`")]
    NoProgram {
        /// Which.
        program: String,
        /// What the system says.
        message: String,
    },
    /// The program that brings frames has ended.
    #[error("`{program}` has ended ({status}){}; check the camera's ribbon cable", said(.last))]
    Ended {
        /// Which.
        program: String,
        /// How.
        status: String,
        /// The last it said, if anything.
        last: String,
    },
    /// The driver no longer answers, and waiting does not mend it.
    #[error("the camera's driver has not come back {}; the program ends to be started anew", waits(*.times, *.patience))]
    Stuck {
        /// How many threads wait for it.
        times: u32,
        /// How long each has waited.
        patience: Duration,
    },
}

fn instead(others: &[String]) -> String {
    if others.is_empty() {
        return "; plug it in".to_owned();
    }
    format!("; plug it in, or name another one on the board: {}", others.join(", "))
}

fn waits(times: u32, patience: Duration) -> String {
    let each = if times == 1 { String::new() } else { format!("{times} times, each ") };
    format!("{each}for {} s", patience.as_secs())
}

fn said(last: &str) -> String {
    if last.is_empty() { String::new() } else { format!(": `{last}`") }
}
