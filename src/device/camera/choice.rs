//! Which of a camera's formats, sizes and rates comes nearest to the board's.
//!
//! Size counts first, because labels have to be read; then the rate; then the order of the board's formats. So a camera
//! that gives large YUYV frames slowly and large JPEGs fast is asked for JPEGs, unless the board does not take them.

use super::CameraFault;
use super::offer::{Offer, Rate};
use crate::rules::board::{Frames, PixelFormat, Size};

/// More names than this are only counted: the message is for a small screen.
const LISTED: usize = 6;

/// What to ask a camera for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What its bytes will be.
    pub format: PixelFormat,
    /// The format's four letters.
    pub code: [u8; 4],
    /// The frame's size.
    pub size: Size,
    /// The rate, where the camera says which it has.
    pub rate: Option<Rate>,
}

/// The best of the offers of the camera `name`, for a board that asks for `frames` in one of `formats`.
pub fn choose(offers: &[Offer], name: &str, frames: &Frames, formats: &[PixelFormat]) -> Result<Choice, CameraFault> {
    let known = offers.iter().filter_map(|offer| {
        let format = offer.format()?;
        let place = formats.iter().position(|wanted| *wanted == format)?;
        Some((place, format, offer))
    });
    let choices = known.flat_map(|(place, format, offer)| {
        offer.sizes.iter().map(move |sizes| {
            let rate = nearest(&sizes.rates, frames.rate);
            (place, Choice { format, code: offer.code, size: sizes.nearest(frames.size), rate })
        })
    });
    let best =
        choices.min_by_key(|(place, choice)| (far(choice.size, frames.size), slow(choice.rate, frames.rate), *place));
    best.map(|(_, choice)| choice).ok_or_else(|| CameraFault::NoFormat {
        name: name.to_owned(),
        offered: list(offers.iter().map(Offer::letters)),
        wanted: list(formats.iter().map(|format| format.name().to_owned())),
    })
}

/// The slowest rate that is fast enough, else the fastest.
fn nearest(rates: &[Rate], wanted: u32) -> Option<Rate> {
    let key = |rate: &&Rate| {
        let short = slow(Some(**rate), wanted);
        (short, thousandths(**rate))
    };
    rates.iter().min_by_key(key).copied()
}

/// By how many thousandths of a frame a second a rate is too slow; up to a tenth of what was asked for is not: cameras say
/// 29.97 for 30. What the camera does not say is taken for right.
fn slow(rate: Option<Rate>, wanted: u32) -> u64 {
    let Some(rate) = rate else { return 0 };
    let short = (u64::from(wanted) * 1000).saturating_sub(thousandths(rate));
    if short <= u64::from(wanted) * 100 { 0 } else { short }
}

fn thousandths(rate: Rate) -> u64 {
    u64::from(rate.frames) * 1000 / u64::from(rate.seconds.max(1))
}

fn far(size: Size, wanted: Size) -> u32 {
    size.width.abs_diff(wanted.width).saturating_add(size.height.abs_diff(wanted.height))
}

fn list(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    match (names.is_empty(), more) {
        (true, _) => "nothing".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::offer::Sizes;
    use super::super::v4l2::tests::board;
    use super::*;
    use crate::rules::board::V4l2;

    const fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    fn rate(frames: u32) -> Rate {
        Rate { frames, seconds: 1 }
    }

    fn offer(code: [u8; 4], sizes: &[(u32, u32, &[u32])]) -> Offer {
        let one = |(width, height, rates): &(u32, u32, &[u32])| {
            Sizes::one(size(*width, *height), rates.iter().map(|frames| rate(*frames)).collect())
        };
        Offer { code, sizes: sizes.iter().map(one).collect() }
    }

    fn choose_for(board: &V4l2, offers: &[Offer]) -> Result<Choice, CameraFault> {
        choose(offers, &board.device.to_string(), &board.frames, &board.formats)
    }

    /// What is chosen: letters, size and rate.
    fn chosen(offers: &[Offer], board: &V4l2) -> String {
        match choose_for(board, offers) {
            Ok(Choice { code, size, rate, .. }) => {
                let letters = Offer { code, sizes: Vec::new() }.letters();
                let rate = rate.map_or("?".to_owned(), |rate| rate.to_string());
                format!("{letters} {}×{} at {rate}", size.width, size.height)
            }
            Err(fault) => fault.to_string(),
        }
    }

    /// A usual webcam: large YUYV frames are slow, for USB 2 carries no more.
    fn webcam() -> Vec<Offer> {
        vec![
            offer(*b"YUYV", &[(640, 480, &[30, 15]), (1280, 720, &[10, 5])]),
            offer(*b"MJPG", &[(640, 480, &[30]), (1280, 720, &[60, 30, 15]), (1920, 1080, &[30])]),
        ]
    }

    #[test]
    fn size_comes_first_then_the_rate_then_the_boards_order() {
        let mut board = board();
        assert_eq!(chosen(&webcam(), &board), "MJPG 1280×720 at 30");
        board.frames.rate = 10;
        assert_eq!(chosen(&webcam(), &board), "YUYV 1280×720 at 10", "fast enough, and no JPEG to decode");
        board.frames.size = size(640, 480);
        board.frames.rate = 30;
        assert_eq!(chosen(&webcam(), &board), "YUYV 640×480 at 30");
        board.formats = vec![PixelFormat::Mjpeg, PixelFormat::Yuyv];
        assert_eq!(chosen(&webcam(), &board), "MJPG 640×480 at 30");
    }

    #[test]
    fn only_formats_of_the_board_are_taken() {
        let mut board = board();
        board.formats = vec![PixelFormat::Yuyv];
        assert_eq!(chosen(&webcam(), &board), "YUYV 1280×720 at 10");
        board.formats = vec![PixelFormat::Grey, PixelFormat::Nv12];
        let told = "the camera `usb:046d:0825` gives YUYV, MJPG, and the board takes grey, nv12; \
                    change `formats`, or the camera";
        assert_eq!(chosen(&webcam(), &board), told);
        let told = "the camera `usb:046d:0825` gives nothing, and the board takes grey, nv12; \
                    change `formats`, or the camera";
        assert_eq!(chosen(&[], &board), told);
        let many: Vec<Offer> = (b'0'..=b'8').map(|digit| offer([b'R', b'G', b'B', digit], &[])).collect();
        assert!(chosen(&many, &board).contains(" gives RGB0, RGB1, RGB2, RGB3, RGB4, RGB5 and 3 more, and the board"));
    }

    #[test]
    fn a_grey_camera_is_taken_for_what_it_is() {
        let grey = [offer(*b"GREY", &[(1280, 720, &[30])]), offer(*b"H264", &[(1280, 720, &[30])])];
        assert_eq!(chosen(&grey, &board()), "GREY 1280×720 at 30");
        assert_eq!(choose_for(&board(), &grey).expect("a choice").format, PixelFormat::Grey);
    }

    #[test]
    fn the_nearest_size_is_taken_where_the_boards_is_not_there() {
        let mut board = board();
        board.frames.size = size(1700, 950);
        assert_eq!(chosen(&webcam(), &board), "MJPG 1920×1080 at 30");
        board.frames.size = size(320, 240);
        assert_eq!(chosen(&webcam(), &board), "YUYV 640×480 at 30");
    }

    #[test]
    fn the_rate_is_the_slowest_that_is_fast_enough_and_2997_is_30() {
        let mut board = board();
        assert_eq!(chosen(&[offer(*b"GREY", &[(1280, 720, &[120, 60, 50])])], &board), "GREY 1280×720 at 50");
        assert_eq!(chosen(&[offer(*b"GREY", &[(1280, 720, &[5, 15, 10])])], &board), "GREY 1280×720 at 15");
        let ntsc = Rate { frames: 30_000, seconds: 1001 };
        let both = |rates| [Offer { code: *b"GREY", sizes: vec![Sizes::one(size(1280, 720), rates)] }];
        assert_eq!(chosen(&both(vec![rate(60), ntsc, rate(15)]), &board), "GREY 1280×720 at 30.0");
        assert_eq!(chosen(&both(vec![]), &board), "GREY 1280×720 at ?");
        board.frames.rate = 60;
        assert_eq!(chosen(&both(vec![rate(60), ntsc]), &board), "GREY 1280×720 at 60");
    }

    #[test]
    fn of_sizes_in_steps_the_nearest_step_is_taken() {
        let steps = Sizes { least: size(64, 48), most: size(1920, 1080), step: size(16, 8), rates: Vec::new() };
        assert_eq!(steps.nearest(size(1280, 720)), size(1280, 720));
        assert_eq!(steps.nearest(size(1285, 723)), size(1280, 720));
        assert_eq!(steps.nearest(size(10, 4000)), size(64, 1080));
        let odd = Sizes { least: size(2, 2), most: size(100, 1), step: size(0, 0), rates: Vec::new() };
        assert_eq!(odd.nearest(size(1280, 720)), size(100, 2), "a driver that makes no sense does no harm");
    }
}
