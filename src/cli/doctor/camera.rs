//! The camera: whether pictures come, how many a second, how bright and how sharp they are.

use std::time::{Duration, Instant};

use super::Finding;
use super::finding::Level;
use crate::device::{self, Camera, CameraFault, DeviceClock, DeviceFault, Frame, Wiring, picture};
use crate::rules::board::{self, Board, Frames, Nokhwa, Rpicam, V4l2};
use crate::rules::image::GreyImage;
use crate::rules::symbol;

const PART: &str = "camera";
/// So long it is looked at, from its first picture on, and no longer than that in all.
const LOOK: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(10);
/// Slower by more than a tenth is worth a word; cameras give 29.97 for 30.
const SLOW: f64 = 0.9;
/// Brightness from 0 to 255 between which labels have their contrasts.
const DIM: u8 = 40;
const GLARING: u8 = 225;
/// A picture without a sharper edge than this has nothing on it, or is out of focus.
const BLURRED: u8 = 8;

pub fn look(board: &Board) -> Vec<Finding> {
    let Some(rate) = rate(&board.camera) else {
        return vec![Finding::fine(PART, "no real one; there is nothing to look at")];
    };
    let wiring = Wiring { symbol: symbol::encode, clock: DeviceClock::new() };
    match device::camera(board, &wiring) {
        Ok(camera) => Look::through(camera).findings(rate),
        Err(fault) => vec![Finding::fault(Level::Bad, PART, fault)],
    }
}

/// Frames a second as the board has them; nothing where no camera is looked through.
const fn rate(camera: &board::Camera) -> Option<u32> {
    match camera {
        board::Camera::Folder { rate, .. }
        | board::Camera::V4l2(V4l2 { frames: Frames { rate, .. }, .. })
        | board::Camera::Nokhwa(Nokhwa { frames: Frames { rate, .. }, .. })
        | board::Camera::Rpicam(Rpicam { frames: Frames { rate, .. }, .. }) => Some(*rate),
        // A stream is read once, by the kiosk.
        board::Camera::Panel { .. } | board::Camera::Stream { .. } => None,
    }
}

/// What was seen.
#[derive(Default)]
struct Look {
    frames: u32,
    /// From the first frame to the last.
    lasted: Duration,
    last: GreyImage,
    about: String,
    fault: Option<DeviceFault>,
}

impl Look {
    fn through(mut camera: Camera) -> Self {
        let (begun, mut first) = (Instant::now(), None);
        let mut look = Self::default();
        while begun.elapsed() < LONGEST && first.is_none_or(|first: Instant| first.elapsed() < LOOK) {
            match camera.frame(&mut look.last) {
                Ok(Frame::New) => {
                    look.lasted = first.get_or_insert_with(Instant::now).elapsed();
                    look.frames += 1;
                }
                Ok(Frame::Same) => {}
                Ok(Frame::Ended) => break,
                Err(fault) => {
                    look.fault = Some(fault);
                    break;
                }
            }
        }
        camera.about().unwrap_or_default().clone_into(&mut look.about);
        look
    }

    fn findings(&self, rate: u32) -> Vec<Finding> {
        match &self.fault {
            Some(DeviceFault::Camera(CameraFault::Busy { name })) => {
                let help = "for a look through it stop the kiosk first: `systemctl stop greengate`";
                let told = format!("`{name}` is in use: the kiosk runs, or another program has it");
                return vec![Finding::warn(PART, told, help)];
            }
            Some(fault) => return vec![Finding::fault(Level::Bad, PART, fault)],
            None if self.frames == 0 => {
                return vec![Finding::bad(PART, "it gives no picture", "look at its cable, or plug it in anew")];
            }
            None => {}
        }
        vec![self.rate(rate), light(picture::brightness(&self.last)), focus(picture::sharpness(&self.last))]
    }

    fn rate(&self, rate: u32) -> Finding {
        let about = if self.about.is_empty() { String::new() } else { format!(", {}", self.about) };
        let GreyImage { width, height, .. } = self.last;
        if self.frames < 2 {
            return Finding::fine(PART, format!("a picture of {width}×{height}{about}"));
        }
        let given = f64::from(self.frames - 1) / self.lasted.as_secs_f64().max(0.001);
        let told = format!("{given:.1} frames a second of {width}×{height}, the board asks for {rate}{about}");
        if given >= f64::from(rate) * SLOW {
            Finding::fine(PART, told)
        } else {
            let help = "more light (in the dark cameras expose longer), a smaller `width` and `height`, `\"mjpeg\"` in \
                        `formats`, or a lower `rate`";
            Finding::warn(PART, told, help)
        }
    }
}

fn light(brightness: u8) -> Finding {
    let told = format!("brightness {brightness} of 255");
    match brightness {
        0..DIM => Finding::warn("light", told, "light the labels, or let the camera expose longer"),
        DIM..GLARING => Finding::fine("light", told),
        GLARING.. => Finding::warn("light", told, "take the lamp out of the picture, or let the camera expose shorter"),
    }
}

fn focus(sharpness: u8) -> Finding {
    let told = format!("sharpness {sharpness} of 255");
    if sharpness < BLURRED {
        let help =
            "hold a label where labels will be, and turn the lens until `greengate camera preview` tells the most";
        Finding::warn("focus", told, help)
    } else {
        Finding::fine("focus", told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn seen(frames: u32, lasted_s: u64, shade: u8) -> Look {
        let mut last = GreyImage::filled(64, 48, shade);
        // Something with edges.
        last.pixels.iter_mut().step_by(3).for_each(|pixel| *pixel = pixel.saturating_add(30));
        Look { frames, lasted: Duration::from_secs(lasted_s), last, ..Look::default() }
    }

    fn told(findings: &[Finding]) -> Vec<(Level, String)> {
        findings.iter().map(|finding| (finding.level, finding.found.clone())).collect()
    }

    #[test]
    fn a_folder_of_photographs_is_looked_through_and_a_missing_one_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..3_u8 {
            let path = folder.path().join(format!("{number}.png"));
            picture::save(&seen(1, 0, 100 + number).last, &path).expect("a picture");
        }
        let camera = format!("path = \"{}\"\nrate = 60\nrepeat = false", folder.path().display());
        let parts = "[display.panel]\nwidth = 800\nheight = 480\n[lights.log]\n[sound.none]\n";
        let text = format!("title = \"Test\"\n[camera.folder]\n{camera}\n{parts}");
        let board = config::board_text("test", &text).expect("a board");
        let findings = look(&board);
        assert_eq!(findings.len(), 3, "{findings:?}");
        assert!(findings[0].found.contains("frames a second of 64×48, the board asks for 60"), "{findings:?}");
        assert_eq!((findings[1].level, findings[1].found.as_str()), (Level::Fine, "brightness 112 of 255"));
        assert_eq!((findings[2].level, findings[2].found.as_str()), (Level::Fine, "sharpness 30 of 255"));
        drop(folder);
        let findings = look(&board);
        assert!(findings.len() == 1 && findings[0].level == Level::Bad && findings[0].help.is_some(), "{findings:?}");
    }

    #[test]
    fn the_virtual_board_has_nothing_to_look_at() {
        let sim = config::board_text("sim", config::builtin_board("sim").expect("a board")).expect("a board");
        assert_eq!(told(&look(&sim)), [(Level::Fine, "no real one; there is nothing to look at".to_owned())]);
    }

    #[test]
    fn a_slow_dim_and_blurred_camera_is_told_with_what_helps() {
        let good = seen(90, 3, 100).findings(30);
        assert!(good.iter().all(|finding| finding.level == Level::Fine && finding.help.is_none()), "{good:?}");
        let slow = &seen(40, 3, 100).findings(30)[0];
        assert_eq!(slow.found, "13.0 frames a second of 64×48, the board asks for 30");
        assert_eq!(slow.level, Level::Warn);
        for (shade, level) in [(10, Level::Warn), (39, Level::Warn), (40, Level::Fine), (225, Level::Warn)] {
            assert_eq!(light(shade).level, level, "{shade}");
        }
        let blurred = Look { last: GreyImage::filled(64, 48, 100), ..seen(90, 3, 100) };
        assert_eq!(blurred.findings(30)[2].level, Level::Warn);
    }

    #[test]
    fn a_camera_that_the_kiosk_has_is_no_fault_and_others_are() {
        let name = || "/dev/video0".to_owned();
        let of = |fault: CameraFault| Look { fault: Some(fault.into()), ..Look::default() }.findings(30).remove(0);
        let busy = of(CameraFault::Busy { name: name() });
        assert_eq!(busy.level, Level::Warn);
        assert_eq!(busy.found, "`/dev/video0` is in use: the kiosk runs, or another program has it");
        let refused = of(CameraFault::NotAllowed { name: name() });
        assert_eq!((refused.level, refused.found.as_str()), (Level::Bad, "the camera `/dev/video0` may not be opened"));
        assert_eq!(refused.help.as_deref(), Some("add the user to the group `video`"));
        let silent = Look::default().findings(30).remove(0);
        assert_eq!((silent.level, silent.found.as_str()), (Level::Bad, "it gives no picture"));
    }
}
