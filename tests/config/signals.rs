//! Lights, sound and buttons on lines of the processor: what is read, how it is described, what is warned about.

use greengate::config;
use greengate::rules::board::{
    Active, Board, Button, ButtonLines, Buzzer, Driver, Lamps, LightsBoard, SoundBoard, Via,
};

fn board(signals: &str) -> Board {
    let head = "title = \"Dock 3\"\n[camera.panel]\nwidth = 1280\nheight = 720\nrate = 15\n[display.panel]\nwidth = 800\n\
                height = 480\n";
    config::board_text("board", &format!("{head}{signals}")).unwrap_or_else(|fault| panic!("{fault}"))
}

fn chip() -> Driver {
    Driver::Gpiocdev { chip: "/dev/gpiochip1".into() }
}

#[test]
fn lines_of_a_raspberry_pi_are_read_and_described() {
    let board = board(
        "[lights.rppal]\nred = 17\nyellow = 27\ngreen = 22\n[sound.rppal]\nbuzzer = 24\nactive = \"low\"\n\
         [buttons.rppal]\nlamp_test = 6\ndelivery = 5\n",
    );
    let lamps = Lamps {
        driver: Driver::Rppal,
        active: Active::High,
        via: Via::Resistor,
        red: 17,
        yellow: 27,
        green: 22,
        torch: None,
    };
    assert_eq!(board.lights, LightsBoard::Lamps(lamps));
    assert_eq!(board.sound, SoundBoard::Buzzer(Buzzer { driver: Driver::Rppal, active: Active::Low, buzzer: 24 }));
    let buttons = vec![(Button::Delivery, 5), (Button::LampTest, 6)];
    assert_eq!(board.buttons, Some(ButtonLines { driver: Driver::Rppal, active: Active::Low, buttons }));
    let expected = "
  lights    red GPIO 17, yellow GPIO 27, green GPIO 22, lit when high
  sound     buzzer GPIO 24, sounds when low
  buttons   delivery GPIO 5, lamp test GPIO 6, pressed when low";
    let described = config::describe_board(&board);
    assert!(described.ends_with(expected), "{described}");
}

#[test]
fn lines_of_a_chip_are_read_and_described() {
    let board = board(
        "[lights.gpiocdev]\nchip = \"/dev/gpiochip1\"\nred = 0\nyellow = 1\ngreen = 2\ntorch = 300\nactive = \"low\"\n\
         [sound.none]\n[buttons.gpiocdev]\nchip = \"/dev/gpiochip1\"\ndelivery = 4\nactive = \"high\"\n",
    );
    let lamps = Lamps {
        driver: chip(),
        active: Active::Low,
        via: Via::Resistor,
        red: 0,
        yellow: 1,
        green: 2,
        torch: Some(300),
    };
    assert_eq!(board.lights, LightsBoard::Lamps(lamps));
    let buttons = vec![(Button::Delivery, 4)];
    assert_eq!(board.buttons, Some(ButtonLines { driver: chip(), active: Active::High, buttons }));
    let expected = "
  lights    red line 0 of `/dev/gpiochip1`, yellow line 1 of `/dev/gpiochip1`, green line 2 of `/dev/gpiochip1`, \
                    torch line 300 of `/dev/gpiochip1`, lit when low
  sound     none
  buttons   delivery line 4 of `/dev/gpiochip1`, pressed when high";
    let described = config::describe_board(&board);
    assert!(described.ends_with(expected), "{described}");
    assert_eq!(config::cautions(&board), [""; 0], "of another board's lines nothing is known");
}

#[test]
fn the_same_number_on_two_chips_is_two_lines() {
    let board = board(
        "[lights.rppal]\nred = 17\nyellow = 27\ngreen = 22\n[sound.gpiocdev]\nchip = \"/dev/gpiochip5\"\nbuzzer = 17\n",
    );
    let chip = Driver::Gpiocdev { chip: "/dev/gpiochip5".into() };
    assert_eq!(board.sound, SoundBoard::Buzzer(Buzzer { driver: chip, active: Active::High, buzzer: 17 }));
}

#[test]
fn lamps_that_may_be_lit_while_the_box_boots_are_warned_about() {
    let cautions = |active: &str| {
        let lights = format!("[lights.rppal]\nred = 8\nyellow = 9\ngreen = 5\nactive = \"{active}\"\n[sound.none]\n");
        config::cautions(&board(&lights))
    };
    let select =
        "GPIO 8 (`red`) selects a chip of SPI 0 where that is switched on; use another line, or leave SPI 0 off";
    let up = |line, name| {
        format!(
            "GPIO {line} is pulled up until the program starts, so `{name}` may be on while the box boots; use a line from \
             9 to 27"
        )
    };
    assert_eq!(cautions("high"), [select.to_owned(), up(8, "red"), up(5, "green")]);
    let down = "GPIO 9 is pulled down until the program starts, so `yellow` may be on while the box boots; use 4, 5 or 6, \
                or write `gpio=9=op,dh` into config.txt";
    assert_eq!(cautions("low"), [select, down]);
}

#[test]
fn lines_that_do_something_else_are_warned_about_even_for_buttons() {
    let buttons = |line: u32| {
        let signals = format!("[lights.log]\n[sound.log]\n[buttons.rppal]\ndelivery = {line}\n");
        config::cautions(&board(&signals))
    };
    let warned: Vec<u32> = (0..=27).filter(|line| !buttons(*line).is_empty()).collect();
    assert_eq!(warned, [0, 1, 2, 3, 7, 8, 14]);
    assert!(buttons(3)[0].contains("wakes a box that was shut down"));
}
