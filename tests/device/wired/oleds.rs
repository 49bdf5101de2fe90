//! Black-and-white panels on I²C.

use greengate::device::Display;
use greengate::device::display::Surface;
use greengate::device::display::wired::{Oled, Turned};
use greengate::rules::board::{Colours, I2cDisplay, I2cModel, Rotation, Size};
use image::{RgbImage, imageops};

use super::bus::{Bus, Wire};
use super::oled;
use super::{display, goldens, picture, turned};

fn board(model: I2cModel, rotation: Rotation) -> I2cDisplay {
    I2cDisplay { model, bus: 1, address: 0x3C, rotation, brightness: 60, night: None }
}

fn open(board: &I2cDisplay, bus: &Bus) -> Result<Box<dyn Surface>, greengate::device::DeviceFault> {
    let oled = Oled::open(Wire(bus.clone(), board.address), board)?;
    Ok(Box::new(Turned::new(Box::new(oled), board.rotation)))
}

fn decoder(model: I2cModel) -> oled::Oled {
    match model {
        I2cModel::Ssd1306 => oled::Oled::ssd1306(),
        I2cModel::Sh1106 => oled::Oled::sh1106(),
    }
}

fn white(image: &RgbImage) -> Vec<bool> {
    let is_white = |pixel: &image::Rgb<u8>| match pixel.0 {
        [0, 0, 0] => false,
        [255, 255, 255] => true,
        other => panic!("a golden in black and white has {other:?}"),
    };
    image.pixels().map(is_white).collect()
}

/// The goldens of 128×64; upright, what fits of them on a panel that stands on its side.
fn pictures(rotation: Rotation) -> Vec<RgbImage> {
    let fit = |image: RgbImage| match rotation {
        Rotation::None | Rotation::Half => image,
        Rotation::Quarter | Rotation::ThreeQuarters => {
            let mut upright = RgbImage::new(64, 128);
            imageops::replace(&mut upright, &imageops::crop_imm(&image, 0, 0, 64, 64).to_image(), 0, 0);
            imageops::replace(&mut upright, &imageops::crop_imm(&image, 64, 0, 64, 64).to_image(), 0, 64);
            upright
        }
    };
    goldens("128x64").into_iter().map(|(_, image)| fit(image)).collect()
}

/// Shows pictures one after the other, and looks at what glows after each.
pub fn shows(board: &I2cDisplay, pictures: &[RgbImage]) {
    let bus = Bus::default();
    let mut panel = decoder(board.model);
    let mut display = display(open(board, &bus).expect("it is there"));
    panel.hear_all(&bus.take());
    assert_eq!(panel.bytes_when_lit, Some(1024), "lit only when nothing of before is left");
    assert!(panel.glass().iter().all(|pixel| !pixel), "it begins black");
    assert_eq!(u32::from(panel.contrast), board.brightness * 255 / 100);
    for image in pictures {
        display.show(&picture(image), "golden").expect("shown");
        panel.hear_all(&bus.take());
        assert!(panel.glass() == white(&turned(image, board.rotation)), "{board:?}");
    }
    drop(display);
    panel.hear_all(&bus.take());
    assert!(!panel.on, "it ends dark");
    panel.on = true;
    assert!(panel.glass().iter().all(|pixel| !pixel), "and black");
}

#[test]
fn both_controllers_show_the_goldens_whichever_way_they_hang() {
    for model in [I2cModel::Ssd1306, I2cModel::Sh1106] {
        for rotation in Rotation::ALL {
            shows(&board(model, rotation), &pictures(rotation));
        }
    }
}

#[test]
fn only_pages_with_changed_rows_are_sent() {
    let bus = Bus::default();
    let mut panel = oled::Oled::ssd1306();
    let mut display = display(open(&board(I2cModel::Ssd1306, Rotation::None), &bus).expect("it is there"));
    let mut image = pictures(Rotation::None).remove(0);
    display.show(&picture(&image), "golden").expect("shown");
    panel.hear_all(&bus.take());
    for (row, pages) in [(0, 1), (7, 1), (8, 1), (63, 1)] {
        let before = panel.bytes;
        let pixel = image.get_pixel_mut(5, row);
        pixel.0 = pixel.0.map(|value| 255 - value);
        display.show(&picture(&image), "golden").expect("shown");
        panel.hear_all(&bus.take());
        assert_eq!(panel.bytes - before, pages * 128, "row {row}");
        assert!(panel.glass() == white(&image));
    }
}

#[test]
fn a_dark_panel_keeps_its_picture_and_says_so_when_asked() {
    let bus = Bus::default();
    let mut panel = oled::Oled::ssd1306();
    let mut display = display(open(&board(I2cModel::Ssd1306, Rotation::None), &bus).expect("it is there"));
    let image = pictures(Rotation::None).remove(3);
    display.show(&picture(&image), "golden").expect("shown");
    display.light(true).expect("lit");
    display.light(false).expect("dark");
    assert!(!display.look_after());
    panel.hear_all(&bus.take());
    assert!(!panel.on, "looking after it does not light it");
    display.light(true).expect("lit");
    panel.hear_all(&bus.take());
    assert!(panel.glass() == white(&image));
}

#[test]
fn a_panel_that_is_pulled_out_is_told_within_a_look_and_set_up_when_it_is_back() {
    let bus = Bus::default();
    let of_opener = bus.clone();
    bus.heard().broken = true;
    let opener = move || open(&board(I2cModel::Sh1106, Rotation::None), &of_opener);
    let size = Size { width: 128, height: 64 };
    let mut display = Display::with(size, Colours::Mono, Box::new(opener)).expect("a panel is waited for");
    let image = pictures(Rotation::None).remove(0);
    let told = "the display sh1106 on `/dev/i2c-1` at 0x3c does not answer: No such device or address (os error 6); check \
                its wires and its address";
    assert_eq!(display.show(&picture(&image), "golden").expect_err("it is away").to_string(), told);
    assert!(!display.look_after(), "nothing has changed");
    bus.heard().broken = false;
    assert!(display.look_after(), "it has come");
    display.show(&picture(&image), "golden").expect("shown");
    bus.heard().broken = true;
    assert!(display.look_after(), "it has gone");
    assert_eq!(display.show(&picture(&image), "golden").expect_err("it is away").to_string(), told);
    bus.heard().broken = false;
    bus.take();
    assert!(display.look_after(), "it has come again");
    display.show(&picture(&image), "golden").expect("shown");
    let mut panel = oled::Oled::sh1106();
    panel.hear_all(&bus.take());
    assert!(panel.glass() == white(&image), "another panel has all of it, from its set-up on");
}
