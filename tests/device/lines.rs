//! Boards with lines of the processor, on a machine that has none: what is told instead.

use greengate::device::{self, DeviceClock, DeviceFault};
use greengate::rules::board::{Active, Board, Button, ButtonLines, Driver, Lamps, LightsBoard, Output, Via};

use super::{board, clock, folder, message};

fn lamps(driver: Driver) -> LightsBoard {
    LightsBoard::Lamps(Lamps {
        driver,
        active: Active::Low,
        via: Via::Resistor,
        red: 17,
        yellow: 27,
        green: 22,
        torch: None,
    })
}

/// A board whose only hardware is one part.
fn with(change: impl Fn(&mut Board)) -> Board {
    let photographs = tempfile::tempdir().expect("a folder");
    let mut board = board(folder(photographs.path(), true), Output::Panel);
    change(&mut board);
    board
}

fn open(board: &Board) -> Result<device::LightsOwner, DeviceFault> {
    device::open_lights(board, clock())
}

#[test]
fn a_board_without_lines_has_nothing_to_make_dark() {
    device::darken(&with(|_| {}), false).expect("nothing to do");
}

#[cfg(not(feature = "pi"))]
mod built_without_hardware {
    use super::*;
    use greengate::rules::board::{Buzzer, SoundBoard};

    const NOT_BUILT: &str =
        "this program was built without hardware; build it with `--features pi`, or install the package";

    #[test]
    fn lamps_are_told() {
        let board = with(|board| board.lights = lamps(Driver::Rppal));
        assert_eq!(message(open(&board)), NOT_BUILT);
        assert_eq!(message(device::darken(&board, true)), NOT_BUILT);
    }

    #[test]
    fn a_buzzer_and_buttons_are_told() {
        let buzzer = Buzzer { driver: Driver::Rppal, active: Active::High, buzzer: 24 };
        let buttons = ButtonLines { driver: Driver::Rppal, active: Active::Low, buttons: vec![(Button::Delivery, 5)] };
        let boards = [
            with(|board| board.sound = SoundBoard::Buzzer(buzzer.clone())),
            with(|board| board.buttons = Some(buttons.clone())),
        ];
        for board in boards {
            let wiring = device::Wiring { symbol: greengate::rules::symbol::encode, clock: DeviceClock::new() };
            assert_eq!(message(device::open(&board, wiring)), NOT_BUILT);
        }
    }
}

#[cfg(all(feature = "pi", target_os = "linux"))]
mod built_with_hardware {
    use super::*;

    fn chip(path: &str) -> Driver {
        Driver::Gpiocdev { chip: path.into() }
    }

    #[test]
    fn a_chip_that_is_none_is_told() {
        let told = |path: &str| message(open(&with(|board| board.lights = lamps(chip(path)))));
        let none = "it is no GPIO device; `gpiodetect` names those that are there";
        assert_eq!(told("/dev/null"), format!("`red` on line 17 of `/dev/null` cannot be used: {none}"));
        let gone = told("/dev/gpiochip999");
        assert!(gone.starts_with("`red` on line 17 of `/dev/gpiochip999` cannot be used: No such file"), "{gone}");
        assert!(gone.ends_with("`gpiodetect` names the chips, and the group `gpio` may open them"), "{gone}");
    }

    #[test]
    fn a_button_on_a_chip_that_is_none_is_told() {
        let buttons = vec![(Button::Delivery, 5), (Button::LampTest, 6)];
        let buttons = ButtonLines { driver: chip("/dev/null"), active: Active::Low, buttons };
        let board = with(|board| board.buttons = Some(buttons.clone()));
        let wiring = device::Wiring { symbol: greengate::rules::symbol::encode, clock: DeviceClock::new() };
        let none = "it is no GPIO device; `gpiodetect` names those that are there";
        let expected = format!("`delivery` on line 5 of `/dev/null` cannot be used: {none}");
        assert_eq!(message(device::open(&board, wiring)), expected);
    }

    #[test]
    fn registers_of_another_machine_are_told() {
        let model = std::fs::read_to_string("/proc/device-tree/model").unwrap_or_default();
        if model.contains("Raspberry Pi") {
            println!("skipped: this is a Raspberry Pi, whose lines a test must not touch");
            return;
        }
        let told = message(open(&with(|board| board.lights = lamps(Driver::Rppal))));
        let expected = "the pin header cannot be used: this is no Raspberry Pi that rppal knows; use the kernel's lines, with \
                        `gpiocdev` in place of `rppal`";
        assert_eq!(told, expected);
    }
}
