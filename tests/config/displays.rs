//! Displays on a wire: what is read, and how it is described.

use greengate::config;
use greengate::rules::board::{
    Colours, Display, I2cDisplay, I2cModel, Night, Output, Rotation, Size, SpiDisplay, SpiModel,
};
use jiff::civil::Time;

/// The display of a board, and the line that describes it.
fn read(display: &str) -> (Display, String) {
    let head = "title = \"Dock 3\"\n[camera.panel]\nwidth = 1280\nheight = 720\nrate = 15\n[lights.log]\n[sound.log]\n";
    let board = config::board_text("board", &format!("{head}{display}")).unwrap_or_else(|fault| panic!("{fault}"));
    let described = config::describe_board(&board);
    let line = described.lines().find_map(|line| line.trim().strip_prefix("display   ")).expect("a line");
    (board.display, line.to_owned())
}

fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

#[test]
fn a_monitor_needs_no_settings() {
    let (display, described) = read("[display.hdmi]\n");
    let output = Output::Hdmi { device: None, mode: None, rotation: Rotation::None };
    let expected = Display { output, size: size(1920, 1080), colours: Colours::Full, size_mm: None };
    assert_eq!(display, expected);
    assert!(display.output.tells_its_size());
    assert_eq!(described, "the monitor, as large as it says itself, colour");
}

#[test]
fn a_monitors_mode_is_its_own_and_the_picture_is_turned() {
    let (display, described) = read(
        "[display.hdmi]\ndevice = \"/dev/dri/card1\"\nwidth = 1280\nheight = 800\nrotation = 270\nsize_mm = [135, 217]\n",
    );
    let device = Some("/dev/dri/card1".into());
    let output = Output::Hdmi { device, mode: Some(size(1280, 800)), rotation: Rotation::ThreeQuarters };
    let expected = Display { output, size: size(800, 1280), colours: Colours::Full, size_mm: Some((135, 217)) };
    assert_eq!(display, expected);
    assert!(!display.output.tells_its_size());
    assert_eq!(described, "the monitor of `/dev/dri/card1`, 800×1280, colour, 135×217 mm, turned 270°");
}

#[test]
fn a_framebuffer_is_the_first_one_unless_the_board_names_another() {
    let (display, _) = read("[display.fb]\n");
    assert_eq!(display.output, Output::Framebuffer { path: "/dev/fb0".into(), rotation: Rotation::None });
    let (display, described) = read("[display.fb]\npath = \"/dev/fb1\"\nrotation = 180\nsize_mm = [154, 86]\n");
    assert_eq!(display.output, Output::Framebuffer { path: "/dev/fb1".into(), rotation: Rotation::Half });
    assert_eq!(described, "the framebuffer `/dev/fb1`, as large as it says itself, colour, 154×86 mm, turned 180°");
}

#[test]
fn a_colour_panel_has_what_is_usual_for_its_controller() {
    let (display, described) = read(
        "[display.spi]\nmodel = \"ili9341\"\nbus = 0\nselect = 0\ndc = 25\nwidth = 240\nheight = 320\nrotation = 90\n",
    );
    let usual = SpiDisplay {
        model: SpiModel::Ili9341,
        bus: 0,
        select: 0,
        mhz: 32,
        dc: 25,
        reset: None,
        backlight: None,
        panel: size(240, 320),
        offset: (0, 0),
        rotation: Rotation::Quarter,
        invert: false,
        bgr: true,
        night: None,
    };
    assert_eq!(display.output.pins(), [("SPI data", 10), ("SPI clock", 11), ("SPI select", 8), ("D/C", 25)]);
    assert_eq!((display.output, display.size), (Output::Spi(usual), size(320, 240)));
    assert_eq!(described, "ili9341 on `/dev/spidev0.0` at 32 MHz, D/C GPIO 25, 320×240, colour, turned 90°");
    for (model, invert, bgr) in [("st7789", true, false), ("st7735", false, false)] {
        let text = "[display.spi]\nbus = 0\nselect = 0\ndc = 25\nwidth = 128\nheight = 160\n";
        let (display, _) = read(&format!("{text}model = \"{model}\"\n"));
        let Output::Spi(panel) = display.output else { panic!("{display:?}") };
        assert_eq!((panel.invert, panel.bgr), (invert, bgr), "{model}");
    }
}

#[test]
fn a_colour_panel_has_what_its_board_says() {
    let (display, described) = read(
        "[display.spi]\nmodel = \"st7789\"\nbus = 1\nselect = 2\nmhz = 60\ndc = 9\nreset = 24\nbacklight = 13\nwidth = 170\n\
         height = 320\noffset = [35, 0]\ninvert = false\nbgr = true\nnight = { from = \"22:30\", to = \"05:00\" }\n",
    );
    let night = Night { from: Time::constant(22, 30, 0, 0), to: Time::constant(5, 0, 0, 0) };
    let expected = SpiDisplay {
        model: SpiModel::St7789,
        bus: 1,
        select: 2,
        mhz: 60,
        dc: 9,
        reset: Some(24),
        backlight: Some(13),
        panel: size(170, 320),
        offset: (35, 0),
        rotation: Rotation::None,
        invert: false,
        bgr: true,
        night: Some(night),
    };
    assert_eq!(display.output.night(), Some(night));
    assert_eq!(display.output, Output::Spi(expected));
    let expected = "st7789 on `/dev/spidev1.2` at 60 MHz, D/C GPIO 9, reset GPIO 24, backlight GPIO 13, 170×320, colour, dark \
                    22:30 to 05:00";
    assert_eq!(described, expected);
}

#[test]
fn a_black_and_white_panel_is_read_and_described() {
    let (display, described) = read("[display.i2c]\nmodel = \"ssd1306\"\nbus = 1\naddress = 0x3c\n");
    let expected = I2cDisplay {
        model: I2cModel::Ssd1306,
        bus: 1,
        address: 0x3C,
        rotation: Rotation::None,
        brightness: 60,
        night: None,
    };
    assert_eq!((display.size, display.colours), (size(128, 64), Colours::Mono));
    assert_eq!(display.output.pins(), [("I²C data", 2), ("I²C clock", 3)]);
    assert_eq!(display.output, Output::I2c(expected));
    assert_eq!(described, "ssd1306 on `/dev/i2c-1` at 0x3c, 60 % bright, 128×64, black and white");
    let (display, described) = read(
        "[display.i2c]\nmodel = \"sh1106\"\nbus = 4\naddress = 61\nrotation = 90\nbrightness = 100\nsize_mm = [15, 30]\n\
         night = { from = \"01:00\", to = \"05:00\" }\n",
    );
    assert_eq!(display.size, size(64, 128));
    let expected = "sh1106 on `/dev/i2c-4` at 0x3d, 100 % bright, 64×128, black and white, 15×30 mm, turned 90°, dark 01:00 to 05:00";
    assert_eq!(described, expected);
}
