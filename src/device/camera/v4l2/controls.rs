//! Exposure, gain, focus and the lamps' flicker: what a board sets, in the numbers that cameras know it by.
//!
//! Numbers are those of `linux/v4l2-controls.h`. A camera has some of them, hardly one has all.

use std::io;

use crate::rules::board::{Setting, V4l2};

const EXPOSURE_AUTO: u32 = 0x009a_0901;
const EXPOSURE_ABSOLUTE: u32 = 0x009a_0902;
const AUTO_GAIN: u32 = 0x0098_0912;
const GAIN: u32 = 0x0098_0913;
const FOCUS_ABSOLUTE: u32 = 0x009a_090a;
const FOCUS_AUTO: u32 = 0x009a_090c;
const POWER_LINE_FREQUENCY: u32 = 0x0098_0918;

/// Of the ways of exposing: all by itself, by hand, or with the aperture left alone, which is how USB cameras call automatic.
const BY_ITSELF: i64 = 0;
const BY_HAND: i64 = 1;
const BUT_APERTURE: i64 = 3;

/// One thing that the board sets.
#[derive(Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its name on the board.
    pub name: &'static str,
    /// What has to be out of the way first; a camera without it has nothing in the way.
    before: Option<(u32, i64)>,
    /// The first of these that the camera takes.
    ways: Vec<(u32, i64)>,
}

/// What the board sets, in order.
pub fn wishes(board: &V4l2) -> Vec<Wish> {
    let wish = |name, before, ways: &[(u32, i64)]| Wish { name, before, ways: ways.to_vec() };
    let exposure = board.exposure.map(|exposure| match exposure {
        Setting::Auto => wish("exposure", None, &[(EXPOSURE_AUTO, BUT_APERTURE), (EXPOSURE_AUTO, BY_ITSELF)]),
        Setting::At(time) => wish("exposure", Some((EXPOSURE_AUTO, BY_HAND)), &[(EXPOSURE_ABSOLUTE, time.into())]),
    });
    let gain = board.gain.map(|gain| wish("gain", Some((AUTO_GAIN, 0)), &[(GAIN, gain.into())]));
    let focus = board.focus.map(|focus| match focus {
        Setting::Auto => wish("focus", None, &[(FOCUS_AUTO, 1)]),
        Setting::At(place) => wish("focus", Some((FOCUS_AUTO, 0)), &[(FOCUS_ABSOLUTE, place.into())]),
    });
    let mains = board.frames.power_line_hz.map(|hertz| {
        let number = if hertz == 60 { 2 } else { 1 };
        wish("power_line_hz", None, &[(POWER_LINE_FREQUENCY, number)])
    });
    [exposure, gain, focus, mains].into_iter().flatten().collect()
}

/// Has each wish set by `set`, and tells which the camera does not take; the kiosk works without.
pub fn apply(wishes: &[Wish], mut set: impl FnMut(u32, i64) -> io::Result<()>) -> Vec<String> {
    let refused = wishes.iter().filter_map(|wish| {
        if let Some((control, value)) = wish.before {
            // Cameras without automatic have no switch for it.
            let _ = set(control, value);
        }
        let mut last = None;
        for (control, value) in &wish.ways {
            match set(*control, *value) {
                Ok(()) => return None,
                Err(error) => last = Some(error),
            }
        }
        last.map(|error| format!("the camera does not take `{}` from the board: {error}; it stays as it is", wish.name))
    });
    refused.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::board;
    use super::*;

    /// A camera with these controls, and what was set.
    fn set(board: &V4l2, has: &[u32]) -> (Vec<(u32, i64)>, Vec<String>) {
        let mut taken = Vec::new();
        let refused = apply(&wishes(board), |control, value| {
            if !has.contains(&control) {
                return Err(io::Error::from_raw_os_error(22));
            }
            taken.push((control, value));
            Ok(())
        });
        (taken, refused)
    }

    #[test]
    fn a_board_without_settings_leaves_the_camera_alone() {
        assert_eq!(wishes(&board()), []);
    }

    #[test]
    fn what_is_automatic_is_switched_off_before_it_is_set_by_hand() {
        let mut board = board();
        (board.exposure, board.gain, board.focus) = (Some(Setting::At(80)), Some(20), Some(Setting::At(120)));
        board.frames.power_line_hz = Some(50);
        let every =
            [EXPOSURE_AUTO, EXPOSURE_ABSOLUTE, AUTO_GAIN, GAIN, FOCUS_AUTO, FOCUS_ABSOLUTE, POWER_LINE_FREQUENCY];
        let in_order = vec![
            (EXPOSURE_AUTO, 1),
            (EXPOSURE_ABSOLUTE, 80),
            (AUTO_GAIN, 0),
            (GAIN, 20),
            (FOCUS_AUTO, 0),
            (FOCUS_ABSOLUTE, 120),
            (POWER_LINE_FREQUENCY, 1),
        ];
        assert_eq!(set(&board, &every), (in_order, vec![]));
        // A camera that has no automatic has nothing to switch off.
        let by_hand = vec![(EXPOSURE_ABSOLUTE, 80), (GAIN, 20), (FOCUS_ABSOLUTE, 120), (POWER_LINE_FREQUENCY, 1)];
        assert_eq!(set(&board, &[EXPOSURE_ABSOLUTE, GAIN, FOCUS_ABSOLUTE, POWER_LINE_FREQUENCY]), (by_hand, vec![]));
    }

    #[test]
    fn what_the_camera_lacks_is_told_and_the_rest_is_set() {
        let mut board = board();
        (board.exposure, board.gain) = (Some(Setting::At(80)), Some(20));
        board.frames.power_line_hz = Some(60);
        let (taken, refused) = set(&board, &[POWER_LINE_FREQUENCY]);
        assert_eq!(taken, [(POWER_LINE_FREQUENCY, 2)]);
        let told = |name| {
            format!(
                "the camera does not take `{name}` from the board: Invalid argument (os error 22); it stays as it is"
            )
        };
        assert_eq!(refused, [told("exposure"), told("gain")]);
    }

    #[test]
    fn automatic_is_what_the_camera_calls_so() {
        let mut board = board();
        (board.exposure, board.focus) = (Some(Setting::Auto), Some(Setting::Auto));
        let mut taken = Vec::new();
        let refused = apply(&wishes(&board), |control, value| {
            taken.push((control, value));
            // A camera whose aperture is automatic too.
            if (control, value) == (EXPOSURE_AUTO, 3) { Err(io::Error::from_raw_os_error(34)) } else { Ok(()) }
        });
        assert_eq!((taken, refused), (vec![(EXPOSURE_AUTO, 3), (EXPOSURE_AUTO, 0), (FOCUS_AUTO, 1)], vec![]));
    }
}
