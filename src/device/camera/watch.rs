//! Whether what a real camera gives is worth a look: frames that stay away, are torn, black or always the same.
//!
//! It is told each frame, or that there was none, and answers with what is wrong once that has lasted. A single torn frame
//! or a moment of darkness is nothing.

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use super::CameraFault;
use crate::rules::image::GreyImage;
use crate::rules::time::Moment;

/// Trouble lasts this long before it is told: with the waits on its way it is on the screen within two seconds.
const PATIENCE: Duration = Duration::from_millis(1200);
/// Slow cameras miss so many frames in a row before they are silent.
const MISSED: u32 = 3;
/// The first frame may take longer: a sensor has to settle, a program to start.
const FIRST: Duration = Duration::from_secs(5);
/// Rows of a frame that are looked at.
const ROWS: usize = 32;
/// Black is 0 or 16, whichever range a camera uses, and noise.
const BLACK: u8 = 32;
/// Of so many pixels one may be bright on a black picture: sensors have faulty ones.
const BRIGHT_ONE_IN: usize = 100;

/// What a frame is like, from some of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The same for the same bytes, and for others hardly ever.
    print: u64,
    is_black: bool,
}

impl Look {
    /// A look at a frame.
    pub fn at(frame: &GreyImage) -> Self {
        let mut hasher = DefaultHasher::new();
        let (mut bright, mut all) = (0, 0);
        let step = frame.height.div_ceil(ROWS).max(1);
        for row in frame.pixels.chunks_exact(frame.width.max(1)).step_by(step) {
            hasher.write(row);
            bright += row.iter().filter(|pixel| **pixel >= BLACK).count();
            all += row.len();
        }
        Self { print: hasher.finish(), is_black: bright * BRIGHT_ONE_IN <= all }
    }
}

/// Watches over a camera's frames.
#[derive(Debug)]
pub struct Watch {
    silence: Duration,
    frozen: Option<Duration>,
    /// Until when a frame has to come.
    due: Moment,
    /// Broken frames came since the last whole one.
    torn: bool,
    black_since: Option<Moment>,
    /// The last frame, and since when it is the same.
    last: Option<(u64, Moment)>,
}

impl Watch {
    /// A watch over so many frames a second; the same one again and again is wrong after `frozen`.
    pub fn new(rate: u32, frozen: Option<Duration>) -> Self {
        let silence = PATIENCE.max(Duration::from_secs(1) * MISSED / rate.max(1));
        Self { silence, frozen, due: Moment::default(), torn: false, black_since: None, last: None }
    }

    /// The camera is being opened. A frame that was frozen before is so still if it comes again.
    pub fn opened(&mut self, now: Moment) {
        (self.due, self.torn) = (now + FIRST, false);
    }

    /// A whole frame came.
    pub fn whole(&mut self, now: Moment, look: Look) -> Result<(), CameraFault> {
        (self.due, self.torn) = (now + self.silence, false);
        let since = self.last.filter(|(print, _)| *print == look.print).map_or(now, |(_, since)| since);
        self.last = Some((look.print, since));
        self.black_since = look.is_black.then(|| self.black_since.unwrap_or(now));
        if self.black_since.is_some_and(|since| now.since(since) >= PATIENCE) {
            return Err(CameraFault::Black);
        }
        match self.frozen {
            Some(patience) if now.since(since) >= patience => Err(CameraFault::Frozen),
            _ => Ok(()),
        }
    }

    /// A broken frame came.
    pub fn torn(&mut self, now: Moment) -> Result<(), CameraFault> {
        if !std::mem::replace(&mut self.torn, true) {
            // Something comes, so the camera has started.
            self.due = self.due.min(now + self.silence);
        }
        self.nothing(now)
    }

    /// No frame came.
    pub fn nothing(&self, now: Moment) -> Result<(), CameraFault> {
        if now < self.due {
            return Ok(());
        }
        Err(if self.torn { CameraFault::Torn } else { CameraFault::Silent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    fn watch() -> Watch {
        let mut watch = Watch::new(30, Some(Duration::from_millis(1200)));
        watch.opened(at(0));
        watch
    }

    /// A frame that is like no other, of this brightness.
    fn frame(number: u8, shade: u8) -> Look {
        let mut frame = GreyImage::filled(64, 48, shade);
        frame.pixels[0] = shade.wrapping_add(number % 2);
        frame.pixels[1] = shade.wrapping_add(number / 2 % 2);
        frame.pixels[2] = shade.wrapping_add(number / 4 % 2);
        Look::at(&frame)
    }

    #[test]
    fn frames_that_come_and_change_are_well() {
        let mut watch = watch();
        for number in 0..100_u8 {
            let now = at(u64::from(number) * 33);
            assert_eq!(watch.whole(now, frame(number, 90)), Ok(()));
            assert_eq!(watch.nothing(now + Duration::from_millis(30)), Ok(()));
        }
    }

    #[test]
    fn the_first_frame_may_take_five_seconds_and_later_ones_little_more_than_one() {
        let mut watch = watch();
        assert_eq!(watch.nothing(at(4999)), Ok(()));
        assert_eq!(watch.nothing(at(5000)), Err(CameraFault::Silent));
        assert_eq!(watch.whole(at(5100), frame(0, 90)), Ok(()));
        assert_eq!(watch.nothing(at(6299)), Ok(()));
        assert_eq!(watch.nothing(at(6300)), Err(CameraFault::Silent));
    }

    #[test]
    fn a_camera_that_is_slow_by_itself_is_not_silent_before_three_frames() {
        let mut watch = Watch::new(1, None);
        watch.opened(at(0));
        assert_eq!(watch.whole(at(0), frame(0, 90)), Ok(()));
        assert_eq!(watch.nothing(at(2999)), Ok(()));
        assert_eq!(watch.nothing(at(3000)), Err(CameraFault::Silent));
    }

    #[test]
    fn single_torn_frames_are_nothing_and_torn_ones_only_are_told() {
        let mut watch = watch();
        for number in 0..50_u8 {
            let now = at(u64::from(number) * 66);
            assert_eq!(watch.whole(now, frame(number, 90)), Ok(()));
            assert_eq!(watch.torn(now + Duration::from_millis(33)), Ok(()));
        }
        let whole = at(49 * 66);
        assert_eq!(watch.torn(whole + Duration::from_millis(1199)), Ok(()));
        assert_eq!(watch.torn(whole + Duration::from_millis(1200)), Err(CameraFault::Torn));
        assert_eq!(watch.nothing(whole + Duration::from_millis(1501)), Err(CameraFault::Torn));
    }

    #[test]
    fn a_camera_that_begins_with_torn_frames_has_no_five_seconds() {
        let mut watch = watch();
        assert_eq!(watch.torn(at(1000)), Ok(()));
        assert_eq!(watch.torn(at(2199)), Ok(()));
        assert_eq!(watch.torn(at(2200)), Err(CameraFault::Torn));
    }

    #[test]
    fn black_is_told_once_it_lasts_and_ends_with_the_first_light() {
        let mut watch = watch();
        for (ms, number) in [(0, 1), (700, 2), (1199, 3)] {
            assert_eq!(watch.whole(at(ms), frame(number, 16)), Ok(()), "{ms}");
        }
        assert_eq!(watch.whole(at(1200), frame(4, 16)), Err(CameraFault::Black));
        assert_eq!(watch.whole(at(60_000), frame(5, 16)), Err(CameraFault::Black));
        assert_eq!(watch.whole(at(60_100), frame(6, 40)), Ok(()));
        assert_eq!(watch.whole(at(60_200), frame(7, 16)), Ok(()), "it begins anew");
    }

    #[test]
    fn black_has_noise_and_faulty_pixels_and_a_dim_label_is_not_black() {
        let black = |frame: &GreyImage| Look::at(frame).is_black;
        let noisy: Vec<u8> = (0..640 * 480_u32).map(|at| u8::try_from(at * 7919 % 28).expect("a shade")).collect();
        let mut dark = GreyImage { width: 640, height: 480, pixels: noisy };
        assert!(black(&dark));
        dark.pixels.iter_mut().step_by(211).for_each(|pixel| *pixel = 255);
        assert!(black(&dark), "one in 211 is bright");
        // A label of 120 × 120 pixels that a phone's light falls on.
        for row in dark.pixels.chunks_mut(640).skip(100).take(120) {
            row[200..320].fill(60);
        }
        assert!(!black(&dark));
        assert!(!black(&GreyImage::filled(640, 480, 255)));
        assert!(black(&GreyImage::default()), "nothing at all");
    }

    #[test]
    fn the_same_bytes_for_too_long_are_frozen_until_one_of_them_changes() {
        let mut watch = watch();
        for ms in [0, 500, 1199] {
            assert_eq!(watch.whole(at(ms), frame(1, 90)), Ok(()), "{ms}");
        }
        assert_eq!(watch.whole(at(1200), frame(1, 90)), Err(CameraFault::Frozen));
        // Opening it anew does not make it well.
        watch.opened(at(2000));
        assert_eq!(watch.whole(at(2100), frame(1, 90)), Err(CameraFault::Frozen));
        assert_eq!(watch.whole(at(2200), frame(2, 90)), Ok(()));
    }

    #[test]
    fn a_board_can_say_that_pictures_stand_still() {
        let mut watch = Watch::new(30, None);
        for second in 0..60 {
            assert_eq!(watch.whole(at(second * 1000), frame(1, 90)), Ok(()));
        }
    }

    #[test]
    fn a_look_sees_every_bit_of_the_rows_that_it_looks_at() {
        let frame = GreyImage { width: 640, height: 480, pixels: (0..=250).cycle().take(640 * 480).collect() };
        let print = Look::at(&frame).print;
        assert_eq!(Look::at(&frame.clone()).print, print);
        let rows = (0..480).filter(|row| {
            let mut changed = frame.clone();
            changed.pixels[row * 640 + 77] ^= 1;
            Look::at(&changed).print != print
        });
        assert_eq!(rows.count(), 32);
    }
}
