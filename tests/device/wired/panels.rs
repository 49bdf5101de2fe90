//! Colour panels on SPI.

use greengate::device::display::Surface;
use greengate::device::display::wired::mipi;
use greengate::rules::board::{Rotation, Size, SpiDisplay, SpiModel};
use image::{RgbImage, imageops};

use super::bus::{Bus, NoDelay, Spi, What};
use super::mipi::Mipi;
use super::said::{Said, on_spi};
use super::{display, goldens, in_changed_rows, picture, sides, turned, words};

fn board(model: SpiModel, panel: (u32, u32), offset: (u32, u32), rotation: Rotation) -> SpiDisplay {
    SpiDisplay {
        model,
        bus: 0,
        select: 0,
        mhz: 32,
        dc: 25,
        reset: Some(24),
        backlight: Some(18),
        panel: Size { width: panel.0, height: panel.1 },
        offset,
        rotation,
        invert: model == SpiModel::St7789,
        bgr: model == SpiModel::Ili9341,
        night: None,
    }
}

fn open(board: &SpiDisplay, bus: &Bus) -> Box<dyn Surface> {
    let pins = (board.reset.map(|_| bus.pin(What::Reset)), board.backlight.map(|_| bus.pin(What::Backlight)));
    mipi(board, Spi(bus.clone()), bus.pin(What::DataOrCommand), pins, &mut NoDelay).expect("it opens")
}

/// Shows pictures one after the other, and looks through the glass after each.
pub fn shows(board: &SpiDisplay, pictures: &[RgbImage]) {
    let bus = Bus::default();
    let memory = board.model.memory();
    let mut panel = Mipi::new(memory.width as usize, memory.height as usize);
    let mut display = display(open(board, &bus));
    let (offset, size) = (board.offset, board.panel);
    let glass =
        |panel: &Mipi| panel.glass((offset.0 as usize, offset.1 as usize), (size.width as usize, size.height as usize));
    panel.hear_all(&bus.take());
    assert!(glass(&panel).iter().all(|pixel| *pixel == 0), "it begins black");
    assert_eq!((panel.inverted, panel.address_mode & 8 != 0), (board.invert, board.bgr));
    let mut before: Option<&RgbImage> = None;
    for image in pictures {
        assert_eq!(display.size(), sides(image));
        let pixels = panel.pixels;
        display.show(&picture(image), "golden").expect("shown");
        panel.hear_all(&bus.take());
        let expected = turned(image, board.rotation);
        assert!(glass(&panel) == words(&expected), "{board:?}");
        let sent =
            before.map_or(image.width() as usize * image.height() as usize, |before| in_changed_rows(before, image));
        assert_eq!(panel.pixels - pixels, sent, "only rows that have changed are sent");
        before = Some(image);
    }
    drop(display);
    panel.hear_all(&bus.take());
    assert!(glass(&panel).iter().all(|pixel| *pixel == 0), "it ends black");
}

fn all(size: &str) -> Vec<RgbImage> {
    goldens(size).into_iter().map(|(_, image)| image).collect()
}

/// The middle of larger goldens, for panels of which there are none.
fn middles(width: u32, height: u32) -> Vec<RgbImage> {
    let middle = |image: &RgbImage| {
        let (x, y) = ((image.width() - width) / 2, (image.height() - height) / 2);
        imageops::crop_imm(image, x, y, width, height).to_image()
    };
    all("480x320").iter().map(middle).collect()
}

#[test]
fn an_ili9341_shows_the_goldens_whichever_way_it_hangs() {
    for rotation in [Rotation::Quarter, Rotation::ThreeQuarters] {
        shows(&board(SpiModel::Ili9341, (240, 320), (0, 0), rotation), &all("320x240"));
    }
    for rotation in [Rotation::None, Rotation::Half] {
        shows(&board(SpiModel::Ili9341, (240, 320), (0, 0), rotation), &middles(240, 320));
    }
}

#[test]
fn an_st7789_shows_the_goldens_on_a_glass_that_is_smaller_than_its_memory() {
    for rotation in Rotation::ALL {
        shows(&board(SpiModel::St7789, (240, 240), (0, 0), rotation), &all("240x240"));
        shows(&board(SpiModel::St7789, (240, 240), (0, 80), rotation), &all("240x240")[..3]);
        let size = rotation.picture(Size { width: 172, height: 320 });
        shows(&board(SpiModel::St7789, (172, 320), (34, 0), rotation), &middles(size.width, size.height)[..3]);
    }
}

#[test]
fn an_st7735_shows_the_goldens_at_its_offset() {
    for rotation in Rotation::ALL {
        let size = rotation.picture(Size { width: 128, height: 160 });
        shows(&board(SpiModel::St7735, (128, 160), (2, 1), rotation), &middles(size.width, size.height));
        let size = rotation.picture(Size { width: 80, height: 160 });
        shows(&board(SpiModel::St7735, (80, 160), (26, 1), rotation), &middles(size.width, size.height)[..3]);
    }
}

#[test]
fn a_panel_is_reset_and_lit_only_with_a_picture_on_it() {
    let bus = Bus::default();
    let board = board(SpiModel::Ili9341, (240, 320), (0, 0), Rotation::Quarter);
    let mut display = display(open(&board, &bus));
    assert_eq!(bus.heard().reset, [false, true]);
    assert_eq!(bus.heard().backlight, [(false, 0)], "dark before anything is said");
    let image = &all("320x240")[0];
    display.show(&picture(image), "golden").expect("shown");
    display.light(true).expect("lit");
    display.light(true).expect("lit");
    let said = bus.heard().said.len();
    assert_eq!(bus.heard().backlight, [(false, 0), (true, said)], "lit once, after the picture");
    display.light(false).expect("dark");
    assert_eq!(bus.heard().said.len(), said, "the picture stays while it is dark");
    display.light(true).expect("lit");
    drop(display);
    let backlight: Vec<bool> = bus.heard().backlight.iter().map(|(lit, _)| *lit).collect();
    assert_eq!(backlight, [false, true, false, true, false]);
}

#[test]
fn a_panel_without_a_reset_pin_is_reset_by_command() {
    let bus = Bus::default();
    let board =
        SpiDisplay { reset: None, backlight: None, ..board(SpiModel::St7789, (240, 240), (0, 0), Rotation::None) };
    drop(open(&board, &bus));
    assert_eq!(bus.take().first(), Some(&Said::Command(vec![0x01])));
}

#[test]
fn transfers_are_understood_without_the_pin_that_tells_commands_from_data() {
    let bus = Bus::default();
    let board = board(SpiModel::St7735, (128, 160), (2, 1), Rotation::Quarter);
    let mut display = display(open(&board, &bus));
    for image in &middles(160, 128)[..4] {
        display.show(&picture(image), "golden").expect("shown");
    }
    let heard = bus.heard();
    assert!(on_spi(&heard.transfers) == heard.said);
}

#[test]
fn a_bus_that_fails_is_told_and_the_panel_is_set_up_anew() {
    let bus = Bus::default();
    let board = board(SpiModel::Ili9341, (240, 320), (0, 0), Rotation::Quarter);
    let size = Size { width: 320, height: 240 };
    let (again, of_opener) = (bus.clone(), board.clone());
    let opener = move || Ok(open(&of_opener, &again));
    let mut display = greengate::device::Display::with(size, greengate::rules::board::Colours::Full, Box::new(opener))
        .expect("it is there");
    let image = picture(&all("320x240")[0]);
    bus.heard().broken = true;
    let told = display.show(&image, "golden").expect_err("broken").to_string();
    let expected = "the display ili9341 on `/dev/spidev0.0` does not follow: No such device or address (os error 6); \
                    check its wires, and restart the box";
    assert_eq!(told, expected);
    assert_eq!(display.show(&image, "golden").expect_err("still broken").to_string(), expected);
    bus.heard().broken = false;
    bus.take();
    assert!(display.look_after(), "it is there again");
    display.show(&image, "golden").expect("shown");
    let mut panel = Mipi::new(240, 320);
    panel.hear_all(&bus.take());
    assert!(panel.glass((0, 0), (240, 320)) == words(&turned(&all("320x240")[0], Rotation::Quarter)));
}
