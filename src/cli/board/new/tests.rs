//! Conversations from text: what was typed, pressed and seen, and the board that comes of it.

use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::talk::{Heard, Stop, Talk};
use super::{Here, draft};
use crate::config;
use crate::device::recorder::Happened::{self, Became, BecameInput, LetGo, Set};
use crate::device::recorder::{Level, Recorder};
use crate::device::{Offer, Trial, VideoNode};
use crate::rules::board::{
    Active, Board, Button, Camera, Driver, Lamps, LightsBoard, Output, SoundBoard, Via, VideoDevice,
};

/// What a person does, and what comes of it.
struct Walk {
    ended: Result<Board, Stop>,
    said: String,
    /// What happened to the lines.
    happened: Vec<(u32, Happened)>,
}

fn camera() -> VideoNode {
    VideoNode {
        path: PathBuf::from("/dev/video2"),
        name: "C270 \"HD\"".to_owned(),
        by_id: None,
        usb: Some((0x046d, 0x0825)),
        is_first: true,
        offers: Ok(vec![Offer { code: *b"YUYV", sizes: Vec::new() }]),
    }
}

/// Walks through a conversation; each of `presses` is a line whose button is pressed when the next one is asked for.
fn walk(suggested: &'static str, presses: &[Option<u32>], heard: &[Heard]) -> Walk {
    let recorder = Recorder::default();
    recorder.press(presses.iter().copied());
    let (sender, answers) = channel();
    heard.iter().cloned().for_each(|heard| sender.send(heard).expect("a listener"));
    let mut said = Vec::new();
    let mut talk = Talk::new(answers, &mut said, false, true);
    let here = Here {
        trial: Some(Trial::recorded(&recorder)),
        beat: Duration::ZERO,
        suggested,
        cameras: vec![camera()],
        chips: Vec::new(),
    };
    let ended = draft(&mut talk, here).map(|draft| {
        let text = draft.toml();
        config::board_text("board", &text).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
    });
    let said = String::from_utf8(said).expect("text");
    println!("{said}");
    Walk { ended, said, happened: recorder.take() }
}

fn lines(answers: &str) -> Vec<Heard> {
    answers.split(';').map(|line| Heard::Line(line.trim().to_owned())).collect()
}

fn lamps(board: &Board) -> &Lamps {
    match &board.lights {
        LightsBoard::Lamps(lamps) => lamps,
        other @ (LightsBoard::Panel | LightsBoard::Log) => panic!("{other:?}"),
    }
}

/// How a line was left.
fn left(happened: &[(u32, Happened)], line: u32) -> Option<Happened> {
    happened.iter().rfind(|(of, happened)| *of == line && *happened != LetGo).map(|(_, happened)| *happened)
}

#[test]
fn suggestions_alone_make_the_suggested_board_with_this_camera() {
    let walk = walk("pi4-hdmi-tower", &[], &vec![Heard::Line(String::new()); 40]);
    let board = walk.ended.expect("a board");
    let base = super::builtin("pi4-hdmi-tower").expect("a board");
    assert_eq!((board.title.as_str(), board.based_on.as_deref()), ("Kiosk", Some("pi4-hdmi-tower")));
    assert_eq!((board.lights, board.sound, board.display), (base.lights, base.sound, base.display));
    assert_eq!(board.buttons, base.buttons);
    let Camera::V4l2(camera) = board.camera else { panic!("{:?}", board.camera) };
    assert_eq!(camera.device, VideoDevice::Usb { vendor: 0x046d, product: 0x0825 });
}

#[test]
fn every_board_with_lamps_can_be_walked_through_by_its_suggestions() {
    for name in config::BUILTIN_BOARDS {
        if matches!(super::builtin(name).expect("a board").lights, LightsBoard::Lamps(_)) {
            let mut talk = Talk::new(channel().1, Vec::new(), true, false);
            let here = Here { trial: None, beat: Duration::ZERO, suggested: name, cameras: vec![], chips: vec![] };
            let text = draft(&mut talk, here).unwrap_or_else(|stop| panic!("{name}: {stop:?}")).toml();
            let board = config::board_text("board", &text).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
            let base = super::builtin(name).expect("a board");
            assert_eq!((&board.camera, &board.display), (&base.camera, &base.display), "{name}");
            assert_eq!((&board.lights, &board.sound), (&base.lights, &base.sound), "{name}");
        }
    }
}

#[test]
fn a_lamp_blinks_on_one_line_after_the_other_until_it_is_the_right_one() {
    // The red lamp is on 16, the green one on 26; yellow is where it is suggested.
    let answers = "; 三号门 \\ \"A\" ; ; ; resistor ; 17 ; n ; 16 ; y ; n ; ; y ; 22 ; 26 ; y ; none ; none ; none ; none ; none ; none";
    let walk = walk("pi4-hdmi-tower", &[], &lines(answers));
    let board = walk.ended.expect("a board");
    let found = lamps(&board);
    assert_eq!((found.red, found.yellow, found.green), (16, 27, 26));
    assert_eq!((found.active, found.via), (Active::High, Via::Resistor));
    assert_eq!((board.title.as_str(), &board.sound), ("三号门 \\ \"A\"", &SoundBoard::None));
    assert_eq!(board.buttons.expect("none of them").buttons, []);
    let red: Vec<Happened> =
        walk.happened.iter().filter(|(line, _)| *line == 16).map(|(_, happened)| *happened).collect();
    let blinks = [Set(Level::High), Set(Level::Low)].repeat(3);
    assert_eq!(red[..7], [vec![Became(Level::Low)], blinks].concat());
    for line in [16, 26, 27] {
        assert_eq!(left(&walk.happened, line), Some(Set(Level::Low)), "line {line} is dark");
    }
    for line in [17, 22] {
        assert_eq!(left(&walk.happened, line), Some(BecameInput), "line {line} is as it was");
    }
    let told = walk.said.find("none of that is a verdict").expect("a word to those near the box");
    let asked = walk.said.find("did the RED lamp blink? [Y/n/other line]: ").expect("a question");
    assert!(told < asked, "{}", walk.said);
}

#[test]
fn a_lamp_that_is_lit_between_its_blinks_is_lit_when_low_and_so_are_the_others() {
    // Board, title, camera, display, relays; red blinks, and is lit when it should be dark.
    let answers = "; ; ; ; relay ; 4 ; y ; y ; 5 ; ; 6 ; ; none ; 17 ; none ; none ; none ; none";
    let walk = walk("pi4-hdmi-tower", &[], &lines(answers));
    let board = walk.ended.expect("a board");
    assert_eq!((lamps(&board).active, lamps(&board).via), (Active::Low, Via::Relay));
    for line in [4, 5, 6] {
        assert_eq!(left(&walk.happened, line), Some(Set(Level::High)), "line {line} is dark");
    }
    let yellow = walk.happened.iter().find(|(line, _)| *line == 5);
    assert_eq!(yellow, Some(&(5, Became(Level::High))), "the next one begins dark");
}

#[test]
fn buttons_are_found_by_pressing_them() {
    let answers = "; ; ; ; ; ; ; ; ; ; ; ; none";
    let mut heard = lines(answers);
    // Delivery and lamp test are pressed; there are no more.
    heard.extend(lines("none ; none ; none"));
    let walk = walk("pi3-ssd1306-leds", &[Some(20), Some(21), None, None, None], &heard);
    let board = walk.ended.expect("a board");
    let buttons = board.buttons.expect("buttons");
    assert_eq!(buttons.buttons, [(Button::Delivery, 20), (Button::LampTest, 21)]);
    assert_eq!((buttons.driver, buttons.active), (Driver::Rppal, Active::Low));
}

#[test]
fn another_display_comes_with_its_own_pins_and_nothing_else_gets_them() {
    // GPIO 25 is the panel's; 26 is taken in its place.
    let answers = "; ; ribbon ; ili9341 ; ; 25 ; 26 ; y ; n ; ; ; ; ; none ; none ; none ; none ; none ; none";
    let walk = walk("pi4-hdmi-tower", &[], &lines(answers));
    let board = walk.ended.expect("a board");
    assert!(matches!(board.camera, Camera::Rpicam(_)), "{:?}", board.camera);
    let Output::Spi(panel) = &board.display.output else { panic!("{:?}", board.display) };
    assert_eq!((panel.model.name(), panel.dc), ("ili9341", 25));
    assert_eq!(lamps(&board).red, 26);
    assert!(walk.said.contains("line 25 is that of the display (D/C); use another one"), "{}", walk.said);
}

#[test]
fn an_sh1106_is_known_by_its_name() {
    let answers = "; ; ; sh1106";
    let heard = [lines(answers), vec![Heard::Line(String::new()); 30]].concat();
    let board = walk("pi4-hdmi-tower", &[], &heard).ended.expect("a board");
    assert!(matches!(&board.display.output, Output::I2c(panel) if panel.model.name() == "sh1106"));
}

#[test]
fn a_line_that_cannot_be_had_is_told_and_taken_only_on_request() {
    // The recorder is rppal's chip alone, so a chip of the kernel is opened for real, and is none.
    let answers = "; ; ; ; /dev/null ; ; 1 ; y ; 2 ; n ; 3 ; y ; 4 ; yes ; none ; none ; none ; none ; none ; none";
    let walk = walk("generic-gpiocdev-hdmi", &[], &lines(answers));
    let board = walk.ended.expect("a board");
    assert_eq!((lamps(&board).red, lamps(&board).yellow, lamps(&board).green), (1, 3, 4));
    assert_eq!(lamps(&board).driver, Driver::Gpiocdev { chip: "/dev/null".into() });
    let told = if cfg!(all(feature = "pi", target_os = "linux")) {
        "`red` on line 1 of `/dev/null` cannot be used: it is no GPIO device"
    } else {
        "this program was built without hardware"
    };
    assert!(walk.said.contains(told), "{}", walk.said);
    assert!(walk.said.contains("take it for the RED lamp without having seen it? [y/N/other line]: "), "{}", walk.said);
}

#[test]
fn ctrl_c_and_the_end_of_the_answers_leave_lamps_dark() {
    for last in [Heard::Interrupted, Heard::Ended] {
        let is_interrupted = last == Heard::Interrupted;
        // Ctrl-C comes while the red lamp is lit; the answers end when yellow has blinked.
        let heard = [lines("; ; ; ; ; ; y ; n ; "), vec![last]].concat();
        let walk = walk("pi4-hdmi-tower", &[], &heard);
        assert!(matches!((walk.ended, is_interrupted), (Err(Stop::Interrupted), true) | (Err(Stop::Ended), false)));
        let touched =
            if is_interrupted { vec![(17, BecameInput)] } else { vec![(17, Set(Level::Low)), (27, BecameInput)] };
        for (line, dark) in touched {
            assert!(walk.happened.contains(&(line, Set(Level::High))), "line {line} was lit");
            assert_eq!(left(&walk.happened, line), Some(dark), "line {line} is dark");
            assert_eq!(walk.happened.iter().rfind(|(of, _)| *of == line), Some(&(line, LetGo)));
        }
    }
}

#[test]
fn a_lamp_of_which_nobody_has_said_at_which_level_it_is_lit_is_left_as_it_was() {
    // The answers end at "is it lit now?": a relay that switches when low would be.
    let heard = [lines("; ; ; ; relay ; 4 ; y"), vec![Heard::Ended]].concat();
    let walk = walk("pi4-hdmi-tower", &[], &heard);
    assert!(walk.said.ends_with("is it lit now? [y/N]: "), "{}", walk.said);
    assert_eq!(left(&walk.happened, 4), Some(BecameInput));
}

#[test]
fn what_makes_no_sense_is_asked_again() {
    let answers = "pi9 ; ; ; 7 ; 1 ; tube ; ; neon ; ; seventeen ; 400 ; 17 ; maybe ; y ; n ; ; ; ; ; none ; none ; none ; none ; none ; none";
    let walk = walk("pi4-hdmi-tower", &[], &lines(answers));
    let said = &walk.said;
    walk.ended.as_ref().expect("a board");
    for told in [
        "there is no board `pi9` with lamps; type one of the names above",
        "answer one of the numbers above, `ribbon` or `later`",
        "answer with one of those names",
        "answer `resistor`, `mosfet` or `relay`",
        "answer with the number of a line, as `17` for GPIO 17",
        "there is no line 400; they go from 0 to 27",
        "answer `y`, `n`, or the number of another line",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}
