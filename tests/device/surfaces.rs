//! Displays that come and go.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use greengate::device::display::Surface;
use greengate::device::{DeviceFault, Display, Unshown};
use greengate::rules::board::{Colours, Size};
use greengate::rules::image::ScreenImage;

const SIZE: Size = Size { width: 4, height: 3 };

/// What was done to surfaces, and what they answer next.
#[derive(Default)]
struct Script {
    done: Vec<String>,
    /// Sizes of the monitors that are plugged in, one after the other; `None` is one that is away.
    plugged: VecDeque<Option<Size>>,
    fails: bool,
}

type Shared = Arc<Mutex<Script>>;

struct Fake {
    size: Size,
    script: Shared,
}

fn away() -> Unshown {
    Unshown { message: "no monitor at HDMI-A-1".to_owned(), is_dark: true }
}

impl Fake {
    fn does(&self, what: String) -> Result<(), Unshown> {
        let mut script = self.script.lock().expect("no test panicked");
        script.done.push(what);
        if script.fails { Err(away()) } else { Ok(()) }
    }
}

impl Surface for Fake {
    fn size(&self) -> Size {
        self.size
    }

    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown> {
        let shade = if picture.rgb.iter().all(|byte| *byte == 0) { "black" } else { "picture" };
        self.does(format!("{shade} {rows:?}"))
    }

    fn light(&mut self, lit: bool) -> Result<(), Unshown> {
        self.does(format!("lit {lit}"))
    }

    fn check(&mut self) -> Result<(), Unshown> {
        let fails = self.script.lock().expect("no test panicked").fails;
        if fails { Err(away()) } else { Ok(()) }
    }
}

fn display(plugged: &[Option<Size>]) -> (Display, Shared) {
    let script = Shared::default();
    script.lock().expect("no test panicked").plugged = plugged.iter().copied().collect();
    let of_opener = Arc::clone(&script);
    let opener = move || match of_opener.lock().expect("no test panicked").plugged.pop_front().flatten() {
        Some(size) => Ok(Box::new(Fake { size, script: Arc::clone(&of_opener) }) as Box<dyn Surface>),
        None => Err(DeviceFault::Display(away())),
    };
    (Display::with(SIZE, Colours::Full, Box::new(opener)).expect("a display"), script)
}

fn done(script: &Shared) -> Vec<String> {
    std::mem::take(&mut script.lock().expect("no test panicked").done)
}

fn screen(size: Size, changed: &[usize]) -> Arc<ScreenImage> {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut rgb = vec![9; width * height * 3];
    for row in changed {
        rgb[row * width * 3] = 10;
    }
    Arc::new(ScreenImage { width, height, rgb })
}

#[test]
fn only_rows_that_have_changed_are_put() {
    let (mut display, script) = display(&[Some(SIZE)]);
    for changed in [&[][..], &[], &[1], &[0, 1, 2]] {
        display.show(&screen(SIZE, changed), "ready").expect("shown");
    }
    assert_eq!(done(&script), ["picture [0..3]", "picture [1..2]", "picture [0..1, 2..3]"]);
}

#[test]
fn a_display_is_black_and_dark_when_it_is_dropped() {
    let (mut display, script) = display(&[Some(SIZE)]);
    display.show(&screen(SIZE, &[]), "verdict").expect("shown");
    display.light(true).expect("lit");
    drop(display);
    assert_eq!(done(&script), ["picture [0..3]", "lit true", "black [0..3]", "lit false"]);
}

#[test]
fn a_monitor_that_is_not_there_yet_is_waited_for_and_brings_its_own_size() {
    let large = Size { width: 6, height: 5 };
    let (mut display, script) = display(&[None, None, Some(large)]);
    assert_eq!(display.size(), SIZE, "what the board says, until there is a monitor");
    let told = display.show(&screen(SIZE, &[]), "ready").expect_err("it is away").to_string();
    assert_eq!(told, "no monitor at HDMI-A-1");
    assert!(!display.look_after(), "still away");
    assert!(display.look_after(), "there it is");
    assert_eq!(display.size(), large);
    display.show(&screen(SIZE, &[]), "ready").expect_err("a picture of another size");
    display.show(&screen(large, &[]), "ready").expect("shown");
    assert_eq!(done(&script), ["picture [0..5]"]);
}

#[test]
fn a_monitor_that_was_away_gets_all_of_its_picture() {
    let (mut display, script) = display(&[Some(SIZE), Some(SIZE)]);
    display.show(&screen(SIZE, &[]), "ready").expect("shown");
    display.light(true).expect("lit");
    assert!(!display.look_after());
    script.lock().expect("no test panicked").fails = true;
    assert!(display.look_after(), "it is pulled out");
    display.show(&screen(SIZE, &[1]), "ready").expect_err("it is away");
    script.lock().expect("no test panicked").fails = false;
    assert!(display.look_after(), "it is back");
    done(&script);
    display.show(&screen(SIZE, &[1]), "ready").expect("shown");
    display.light(true).expect("lit");
    assert_eq!(done(&script), ["picture [0..3]", "lit true"]);
}

#[test]
fn what_half_a_picture_may_be_on_is_not_taken_for_known() {
    let (mut display, script) = display(&[Some(SIZE), Some(SIZE)]);
    display.show(&screen(SIZE, &[]), "ready").expect("shown");
    script.lock().expect("no test panicked").fails = true;
    display.show(&screen(SIZE, &[2]), "verdict").expect_err("it fails");
    script.lock().expect("no test panicked").fails = false;
    display.show(&screen(SIZE, &[2]), "verdict").expect_err("it was not opened again yet");
    assert!(display.look_after());
    display.show(&screen(SIZE, &[2]), "verdict").expect("shown");
    assert_eq!(done(&script), ["picture [0..3]", "picture [2..3]", "picture [0..3]"]);
}

#[test]
fn what_waiting_does_not_mend_ends_at_the_start() {
    let closed = || DeviceFault::Closed { part: "display", name: "/dev/fb0".to_owned(), message: "denied".to_owned() };
    let fault = Display::with(SIZE, Colours::Full, Box::new(move || Err(closed()))).map(drop).expect_err("closed");
    assert_eq!(fault.to_string(), "the display `/dev/fb0` cannot be opened: denied");
}
