//! A display that fails, comes and goes, or rests: lights, screen and journal agree (promise 5).

use std::ops::Range;
use std::sync::{Arc, Mutex};

use greengate::device::display::Surface;
use greengate::device::{Device, Display, Unshown, Wiring};
use greengate::kiosk::{BoxOutputs, Desk, Happened, Outputs};
use greengate::rules::board::{Board, Colours, Size};
use greengate::rules::code::Sighting;
use greengate::rules::image::ScreenImage;
use greengate::rules::intake::Part;
use greengate::rules::orders::{Lamp, Lights};
use greengate::rules::scene::Body;
use greengate::rules::symbol;
use greengate::{config, device};
use tempfile::{TempDir, tempdir};

use super::{morning, site, world};

const SIZE: Size = Size { width: 128, height: 64 };

/// How the display is, and what is on it.
#[derive(Default)]
struct Wire {
    broken: Option<Unshown>,
    shown: Option<ScreenImage>,
    lit: bool,
}

struct Glass(Arc<Mutex<Wire>>);

impl Glass {
    fn answer(&self, does: impl FnOnce(&mut Wire)) -> Result<(), Unshown> {
        let mut wire = self.0.lock().expect("no test panicked");
        if let Some(why) = wire.broken.clone() {
            return Err(why);
        }
        does(&mut wire);
        Ok(())
    }
}

impl Surface for Glass {
    fn size(&self) -> Size {
        SIZE
    }

    fn put(&mut self, picture: &ScreenImage, _: &[Range<usize>]) -> Result<(), Unshown> {
        self.answer(|wire| wire.shown = Some(picture.clone()))
    }

    fn light(&mut self, lit: bool) -> Result<(), Unshown> {
        self.answer(|wire| wire.lit = lit)
    }

    fn check(&mut self) -> Result<(), Unshown> {
        self.answer(|_| ())
    }
}

/// A desk in the demo world with real lights and a display on a wire.
struct Kiosk {
    desk: Desk,
    outputs: BoxOutputs,
    wire: Arc<Mutex<Wire>>,
    clock: device::DeviceClock,
    tea: String,
    _state: TempDir,
}

fn board() -> Board {
    let text = "title = \"Test\"\n[camera.panel]\nwidth = 640\nheight = 480\nrate = 15\n[display.panel]\nwidth = 128\n\
                height = 64\n[lights.panel]\n[sound.none]\n";
    config::board_text("test", text).expect("a board")
}

impl Kiosk {
    fn with(broken: Option<Unshown>) -> Self {
        let state = tempdir().expect("a folder");
        let tea = world(state.path()).rack.into_iter().find(|label| label.id == "tea").expect("the tea").text;
        let clock = device::DeviceClock::scripted(morning());
        let wiring = Wiring { symbol: symbol::encode, clock: clock.clone() };
        let Device { lights, sound, .. } = device::open(&board(), wiring).expect("a virtual board");
        let wire = Arc::new(Mutex::new(Wire { broken, ..Wire::default() }));
        let outputs = BoxOutputs::new(lights, sound, display(&wire), site(state.path()).languages);
        let desk = Desk::new(&site(state.path()), clock.clone());
        Self { desk, outputs, wire, clock, tea, _state: state }
    }

    fn ready() -> Self {
        let mut this = Self::with(None);
        this.desk.start(&mut this.outputs);
        for _ in 0..4 {
            this.passes(1);
        }
        this
    }

    /// The loop's round: what it does each second.
    fn passes(&mut self, seconds: u64) -> Body {
        self.clock.advance(std::time::Duration::from_secs(seconds));
        self.desk.look_after(&mut self.outputs);
        self.desk.turn(Happened::Woken, &mut self.outputs).scene.body
    }

    fn sees(&mut self, texts: &[&str]) -> (Body, Lights) {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let orders = self.desk.turn(Happened::Seen(Sighting::of(&texts), 0), &mut self.outputs);
        (orders.scene.body, orders.lights)
    }

    fn breaks(&self, broken: Option<Unshown>) {
        self.wire.lock().expect("no test panicked").broken = broken;
    }

    fn rows(&self) -> u64 {
        self.desk.shelf().journal().expect("a journal").head().seq
    }

    /// What is on the display is what the panel has of it.
    fn agrees(&self) -> bool {
        let (image, _) = self.outputs.screen();
        self.wire.lock().expect("no test panicked").shown.as_ref() == Some(&*image)
    }
}

fn display(wire: &Arc<Mutex<Wire>>) -> Display {
    let wire = Arc::clone(wire);
    let opener = move || {
        let broken = wire.lock().expect("no test panicked").broken.clone();
        match broken {
            Some(why) => Err(why.into()),
            None => Ok(Box::new(Glass(Arc::clone(&wire))) as Box<dyn Surface>),
        }
    };
    Display::with(SIZE, Colours::Mono, Box::new(opener)).expect("a display")
}

fn unplugged() -> Unshown {
    Unshown { message: "no monitor at HDMI-A-1; plug one in".to_owned(), is_dark: true }
}

fn silent() -> Unshown {
    Unshown { message: "the display does not answer".to_owned(), is_dark: false }
}

fn accepted(body: &Body) -> bool {
    matches!(body, Body::Verdict(body) if body.outcome == greengate::rules::ruling::Outcome::Accept)
}

#[test]
fn without_a_monitor_lights_and_journal_go_on_and_the_status_says_so() {
    let mut kiosk = Kiosk::ready();
    assert_eq!(kiosk.outputs.unseen(), None);
    kiosk.breaks(Some(unplugged()));
    assert_eq!(kiosk.passes(1), Body::Ready);
    assert_eq!(kiosk.outputs.unseen(), Some("no monitor at HDMI-A-1; plug one in"));
    let (rows, tea) = (kiosk.rows(), kiosk.tea.clone());
    let (body, lights) = kiosk.sees(&[&tea]);
    assert!(accepted(&body), "{body:?}");
    assert_eq!((lights.lamp(), kiosk.rows()), (Some(Lamp::Green), rows + 1));
    kiosk.breaks(None);
    kiosk.passes(1);
    assert_eq!(kiosk.outputs.unseen(), None);
    assert!(kiosk.agrees(), "a monitor that is back has what the panel has");
}

#[test]
fn a_kiosk_begins_without_a_monitor() {
    let mut kiosk = Kiosk::with(Some(unplugged()));
    kiosk.desk.start(&mut kiosk.outputs);
    for _ in 0..4 {
        kiosk.passes(1);
    }
    let tea = kiosk.tea.clone();
    assert!(accepted(&kiosk.sees(&[&tea]).0));
}

#[test]
fn a_display_that_may_still_show_the_verdict_before_makes_the_lights_dark_until_it_answers() {
    let mut kiosk = Kiosk::ready();
    let tea = kiosk.tea.clone();
    assert!(accepted(&kiosk.sees(&[&tea]).0));
    kiosk.breaks(Some(silent()));
    let rows = kiosk.rows();
    let body = kiosk.passes(1);
    assert!(matches!(&body, Body::Fault(fault) if fault.detail == "the display does not answer"), "{body:?}");
    assert_eq!(kiosk.outputs.unseen(), None, "it is a fault, and more than a remark");
    kiosk.clock.advance(std::time::Duration::from_secs(30));
    kiosk.sees(&[]);
    let (body, lights) = kiosk.sees(&[&tea]);
    assert!(matches!(body, Body::Fault(_)));
    assert_eq!((lights, kiosk.rows()), (Lights::Off, rows), "nothing is judged that cannot be shown");
    kiosk.breaks(None);
    assert_eq!(kiosk.passes(1), Body::Ready, "it answers within the next round");
    assert!(kiosk.agrees());
    kiosk.sees(&[]);
    kiosk.clock.advance(std::time::Duration::from_secs(30));
    kiosk.sees(&[]);
    assert!(kiosk.sees(&[&tea]).1.lamp().is_some(), "and the kiosk judges again");
}

#[test]
fn a_display_that_fails_in_the_very_turn_of_a_verdict_leaves_no_light() {
    let mut kiosk = Kiosk::ready();
    let tea = kiosk.tea.clone();
    kiosk.breaks(Some(silent()));
    let (body, lights) = kiosk.sees(&[&tea]);
    assert!(matches!(body, Body::Fault(_)), "{body:?}");
    assert_eq!(lights, Lights::Off);
}

#[test]
fn faults_of_outputs_are_tried_again_each_second_without_a_camera() {
    let mut kiosk = Kiosk::ready();
    kiosk.breaks(Some(silent()));
    kiosk.passes(1);
    kiosk.breaks(None);
    kiosk.clock.advance(std::time::Duration::from_secs(1));
    let orders = kiosk.desk.look_after(&mut kiosk.outputs).expect("something has changed");
    assert_eq!(orders.scene.body, Body::Ready);
}

#[test]
fn the_display_is_black_when_the_kiosk_has_ended() {
    let kiosk = Kiosk::ready();
    let wire = Arc::clone(&kiosk.wire);
    assert!(wire.lock().expect("no test panicked").lit);
    drop(kiosk);
    let wire = wire.lock().expect("no test panicked");
    assert!(!wire.lit && wire.shown.as_ref().is_some_and(|image| image.rgb.iter().all(|byte| *byte == 0)));
}

#[test]
fn a_failure_names_its_part() {
    let mut kiosk = Kiosk::ready();
    let orders = kiosk.desk.turn(Happened::Woken, &mut kiosk.outputs);
    kiosk.breaks(Some(silent()));
    assert!(kiosk.outputs.look_after(), "it went");
    let failures = kiosk.outputs.carry_out(&orders);
    assert_eq!(failures.iter().map(|(part, _)| *part).collect::<Vec<_>>(), [Part::Display]);
}
