//! Every number of a board and of a site, at both ends of its range and one step beyond each.

use greengate::config;

/// Name, lowest, highest, unit, and a file in which `@` stands for the value.
type Number = (&'static str, i64, i64, &'static str, String);

const PANEL: &str = "[camera.panel]\nwidth = 1280\nheight = 720\nrate = 15\n";
const DISPLAY: &str = "[display.panel]\nwidth = 800\nheight = 480\n";

fn board(camera: &str, display: &str) -> String {
    format!("title = \"Dock 3\"\n{camera}{display}[lights.log]\n[sound.log]\n")
}

fn boards() -> Vec<Number> {
    let sides = ["width = 800\nheight = @", "width = @\nheight = 480"];
    let png = |sides: &str| format!("[display.png]\nfolder = \"screens\"\n{sides}\n");
    let millimetres = |pixels: &str, size: &str| format!("[display.panel]\n{pixels}\nsize_mm = {size}\n");
    vec![
        ("width", 64, 4096, "pixels", board(&PANEL.replace("1280", "@"), DISPLAY)),
        ("height", 64, 4096, "pixels", board(&PANEL.replace("720", "@"), DISPLAY)),
        ("rate", 1, 60, "frames a second", board(&PANEL.replace("15", "@"), DISPLAY)),
        ("budget_ms", 1, 1000, "milliseconds a frame", board(&format!("{PANEL}budget_ms = @\n"), DISPLAY)),
        ("rate", 1, 60, "frames a second", board("[camera.folder]\npath = \"photos\"\nrate = @\n", DISPLAY)),
        ("width", 64, 4096, "pixels", board(PANEL, &DISPLAY.replace("800", "@"))),
        ("height", 64, 4096, "pixels", board(PANEL, &DISPLAY.replace("480", "@"))),
        ("height", 64, 4096, "pixels", board(PANEL, &png(sides[0]))),
        ("width", 64, 4096, "pixels", board(PANEL, &png(sides[1]))),
    ]
    .into_iter()
    .chain(cameras())
    .chain([
        // The other side keeps a shape that fits, so that nothing else is wrong at that end.
        ("a value of `size_mm`", 10, i64::MAX, "", board(PANEL, &millimetres("width = 480\nheight = 480", "[@, 12]"))),
        ("a value of `size_mm`", 5, i64::MAX, "", board(PANEL, &millimetres("width = 960\nheight = 480", "[10, @]"))),
        (
            "a value of `size_mm`",
            i64::MIN,
            3000,
            "",
            board(PANEL, &millimetres("width = 480\nheight = 480", "[@, 2999]")),
        ),
        (
            "a value of `size_mm`",
            i64::MIN,
            3000,
            "",
            board(PANEL, &millimetres("width = 480\nheight = 480", "[2999, @]")),
        ),
    ])
    .chain(lines())
    .chain(wired())
    .collect()
}

/// Numbers of displays on a wire.
fn wired() -> Vec<Number> {
    let spi = |fields: &str| {
        let usual = ["model = \"ili9341\"", "bus = 0", "select = 0", "dc = 25", "width = 64", "height = 64"];
        let name = |field: &str| field.split(' ').next().unwrap_or_default().to_owned();
        let named: Vec<String> = fields.lines().map(name).collect();
        let others: Vec<&str> = usual.into_iter().filter(|field| !named.contains(&name(field))).collect();
        board(PANEL, &format!("[display.spi]\n{fields}\n{}\n", others.join("\n")))
    };
    let i2c = |fields: &str| board(PANEL, &format!("[display.i2c]\nmodel = \"sh1106\"\naddress = 0x3d\n{fields}\n"));
    vec![
        ("width", 64, 4096, "pixels", board(PANEL, "[display.hdmi]\nwidth = @\nheight = 480\n")),
        ("height", 64, 4096, "pixels", board(PANEL, "[display.hdmi]\nwidth = 800\nheight = @\n")),
        ("bus", 0, 6, "for `/dev/spidevBUS.SELECT`", spi("bus = @")),
        ("select", 0, 2, "for `/dev/spidevBUS.SELECT`", spi("select = @")),
        ("mhz", 1, 80, "MHz", spi("mhz = @")),
        ("dc", 0, 27, "(BCM numbers of pins)", spi("dc = @")),
        ("reset", 0, 27, "(BCM numbers of pins)", spi("reset = @")),
        ("backlight", 0, 27, "(BCM numbers of pins)", spi("backlight = @")),
        ("width", 64, i64::MAX, "pixels", spi("width = @")),
        ("height", 64, i64::MAX, "pixels", spi("height = @")),
        ("bus", 0, 22, "for `/dev/i2c-BUS`", i2c("bus = @")),
        ("brightness", 1, 100, "per cent", i2c("bus = 1\nbrightness = @")),
    ]
}

/// Numbers of lines: a header has fewer than a chip of the kernel.
fn lines() -> Vec<Number> {
    let board = |signals: &str| format!("title = \"Dock 3\"\n{PANEL}{DISPLAY}{signals}");
    let lamps = "[lights.rppal]\nred = @\nyellow = 7\ngreen = 8\n[sound.log]\n";
    let chip = lamps.replace("rppal]", "gpiocdev]\nchip = \"/dev/gpiochip0\"");
    let torch = "[lights.rppal]\nred = 9\nyellow = 7\ngreen = 8\ntorch = @\n[sound.log]\n";
    let buzzer = "[lights.log]\n[sound.rppal]\nbuzzer = @\n";
    let button = "[lights.log]\n[sound.log]\n[buttons.rppal]\nlamp_test = @\n";
    vec![
        ("red", 0, 27, "(BCM numbers of pins)", board(lamps)),
        ("red", 0, 1023, "(lines of a chip)", board(&chip)),
        ("torch", 0, 27, "(BCM numbers of pins)", board(torch)),
        ("buzzer", 0, 27, "(BCM numbers of pins)", board(buzzer)),
        ("lamp_test", 0, 27, "(BCM numbers of pins)", board(button)),
    ]
}

/// Cameras that a person can touch.
fn cameras() -> Vec<Number> {
    let v4l2 = "[camera.v4l2]\ndevice = 0\nwidth = 4096\nheight = 4096\nrate = 30\n";
    let rpicam = "[camera.rpicam]\nwidth = 4096\nheight = 4096\nrate = 30\n";
    let of = |camera: &str, name: &'static str, low, high, unit| {
        (name, low, high, unit, board(&format!("{camera}{name} = @\n"), DISPLAY))
    };
    let roi = |corners: &str| board(&format!("{v4l2}roi = {corners}\n"), DISPLAY);
    vec![
        ("device", 0, 255, "as in `/dev/video0`", board(&v4l2.replace("device = 0", "device = @"), DISPLAY)),
        ("rate", 1, 60, "frames a second", board(&v4l2.replace("rate = 30", "rate = @"), DISPLAY)),
        ("rate", 1, 60, "frames a second", board(&rpicam.replace("rate = 30", "rate = @"), DISPLAY)),
        of(v4l2, "budget_ms", 1, 1000, "milliseconds a frame"),
        of(rpicam, "budget_ms", 1, 1000, "milliseconds a frame"),
        of(v4l2, "frozen_ms", 0, 60_000, "milliseconds"),
        of(v4l2, "exposure", 1, 10_000, "units of 100 µs"),
        of(v4l2, "gain", 0, 65_535, "of the camera's units"),
        of(v4l2, "focus", 0, 65_535, "of the camera's units"),
        of(v4l2, "power_line_hz", 50, 60, "hertz"),
        of(rpicam, "shutter_us", 10, 1_000_000, "microseconds"),
        of(rpicam, "gain", 1, 64, "times"),
        of(rpicam, "focus_cm", 3, 1000, "centimetres"),
        ("a value of `roi`", 64, i64::MAX, "", roi("[0, 0, @, 64]")),
        ("a value of `roi`", i64::MIN, 4096, "", roi("[0, 0, 64, @]")),
        ("a value of `roi`", 0, i64::MAX, "", roi("[@, 0, 64, 64]")),
    ]
}

fn sites() -> Vec<Number> {
    let head = "name = \"3\"\nkiosk = \"3\"\nlanguages = [\"en\"]\ntime_zone = \"UTC\"\nstate = \"state\"\n";
    [
        ("policy", "normal_h", 1, 8760, "hours"),
        ("policy", "green_h", 1, 8760, "hours"),
        ("policy", "service_h", 1, 8760, "hours"),
        ("policy", "review_one_in", 1, 100_000, "items"),
        ("intake", "rearm_ms", 200, 5000, "milliseconds"),
        ("intake", "accept_ms", 500, 30_000, "milliseconds"),
        ("intake", "hold_ms", 500, 60_000, "milliseconds"),
        ("intake", "reject_ms", 500, 60_000, "milliseconds"),
        ("intake", "notice_ms", 500, 30_000, "milliseconds"),
        ("intake", "delivery_idle_min", 1, 1440, "minutes"),
        ("journal", "keep_days", 31, 3650, "days"),
    ]
    .into_iter()
    .map(|(table, name, low, high, unit)| (name, low, high, unit, format!("{head}[{table}]\n{name} = @\n")))
    .chain([(
        "longest_ms",
        2000,
        60_000,
        "milliseconds",
        format!("{head}[intake]\naccept_ms = 500\nhold_ms = 500\nreject_ms = 500\nlongest_ms = @\n"),
    )])
    .collect()
}

/// What is told of `number` at `value`; nothing if it is taken.
fn told(text: &str, value: i64, check: fn(&str) -> Option<String>) -> Option<String> {
    check(&text.replace('@', &value.to_string()))
}

fn each_end_is_taken_and_what_lies_beyond_is_not(numbers: Vec<Number>, check: fn(&str) -> Option<String>) {
    for (name, low, high, unit, text) in numbers {
        for (end, beyond) in [(low, low.checked_sub(1)), (high, high.checked_add(1))] {
            let Some(beyond) = beyond else { continue };
            assert_eq!(told(&text, end, check), None, "{name} = {end} in\n{text}");
            let told = told(&text, beyond, check).unwrap_or_else(|| panic!("{name} = {beyond} is taken in\n{text}"));
            let shown =
                if name.contains(' ') { format!("{name} is `{beyond}`") } else { format!("`{name}` is `{beyond}`") };
            assert!(told.contains(&shown), "{told}");
            // Both ends of the range are told, and in what they count.
            if low != i64::MIN && high != i64::MAX {
                assert!(told.contains(&format!("which is not {low} to {high} {unit}")), "{told}");
                assert!(told.contains(&format!("help: write a number from {low} to {high}")), "{told}");
            }
        }
    }
}

#[test]
fn each_number_of_a_board_has_its_range() {
    each_end_is_taken_and_what_lies_beyond_is_not(boards(), |text| {
        config::board_text("board.toml", text).err().map(|fault| fault.to_string())
    });
}

#[test]
fn each_number_of_a_site_has_its_range() {
    each_end_is_taken_and_what_lies_beyond_is_not(sites(), |text| {
        config::site_text("site.toml", text).err().map(|fault| fault.to_string())
    });
}
