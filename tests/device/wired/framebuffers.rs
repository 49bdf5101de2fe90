//! Framebuffers, of which a plain file is one, and the pixels of monitors.

use std::fs::{self, OpenOptions};

use greengate::device::display::wired::{Bits, Framebuffer, Geometry, PixelFormat, Turned};
use greengate::rules::board::{Rotation, Size};
use image::RgbImage;
use tempfile::tempdir;

use super::{display, goldens, picture, rgb565, turned};

/// What stands in the file before, and must stay where no pixel is.
const FILLER: u8 = 0xE5;

fn bits(offset: u32, length: u32) -> Bits {
    Bits { offset, length }
}

/// A format, and the bytes of a pixel by a reckoning of its own.
type Format = (PixelFormat, fn(&image::Rgb<u8>) -> Vec<u8>);

fn formats() -> [Format; 4] {
    let format = |size, red, green, blue, opaque| PixelFormat::new(size, red, green, blue, opaque).expect("a format");
    [
        (format(16, bits(11, 5), bits(5, 6), bits(0, 5), bits(0, 0)), |pixel| rgb565(*pixel).to_le_bytes().into()),
        (format(24, bits(16, 8), bits(8, 8), bits(0, 8), bits(0, 0)), |pixel| vec![pixel[2], pixel[1], pixel[0]]),
        (PixelFormat::xrgb8888(), |pixel| vec![pixel[2], pixel[1], pixel[0], 0]),
        // Red and blue in each other's place, and opacity, as some firmware has it.
        (format(32, bits(0, 8), bits(8, 8), bits(16, 8), bits(24, 8)), |pixel| {
            vec![pixel[0], pixel[1], pixel[2], 0xFF]
        }),
    ]
}

/// The whole file with `image` at its place.
fn file(image: &RgbImage, geometry: &Geometry, length: usize, bytes: fn(&image::Rgb<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut known = std::collections::BTreeMap::new();
    let mut file = vec![FILLER; length];
    for (x, y, pixel) in image.enumerate_pixels() {
        let bytes = known.entry(pixel.0).or_insert_with(|| bytes(pixel));
        let at = geometry.start + y as usize * geometry.stride + x as usize * bytes.len();
        file[at..at + bytes.len()].copy_from_slice(bytes);
    }
    file
}

#[test]
fn every_format_has_the_goldens_byte_by_byte_and_nothing_beside_them() {
    let folder = tempdir().expect("a folder");
    let pictures = goldens("480x320");
    for (at, (format, bytes)) in formats().into_iter().enumerate() {
        let path = folder.path().join(format!("fb{at}"));
        // Rows are longer than what is seen of them, and the first of them are not seen.
        let stride = 500 * format.bytes();
        let geometry =
            Geometry { size: Size { width: 480, height: 320 }, start: 7 * stride + 4 * format.bytes(), stride, format };
        let length = 340 * stride;
        fs::write(&path, vec![FILLER; length]).expect("a file");
        let open = OpenOptions::new().read(true).write(true).open(&path).expect("a file");
        let surface = Framebuffer::with(open, "fb".to_owned(), geometry.clone());
        let mut display = display(Box::new(surface));
        for (_, image) in pictures.iter().step_by(4) {
            display.show(&picture(image), "golden").expect("shown");
            assert!(fs::read(&path).expect("the file") == file(image, &geometry, length, bytes), "format {at}");
        }
        drop(display);
        let black = RgbImage::new(480, 320);
        assert!(fs::read(&path).expect("the file") == file(&black, &geometry, length, bytes), "it ends black");
    }
}

#[test]
fn a_monitor_on_its_side_or_upside_down_has_a_turned_picture() {
    let folder = tempdir().expect("a folder");
    for rotation in Rotation::ALL {
        let path = folder.path().join(format!("{}", rotation.degrees()));
        let size = rotation.picture(Size { width: 320, height: 240 });
        let format = PixelFormat::xrgb8888();
        let geometry = Geometry { size, start: 0, stride: size.width as usize * 4, format };
        let length = 320 * 240 * 4;
        fs::write(&path, vec![FILLER; length]).expect("a file");
        let open = OpenOptions::new().read(true).write(true).open(&path).expect("a file");
        let surface = Framebuffer::with(open, "fb".to_owned(), geometry.clone());
        let mut display = display(Box::new(Turned::new(Box::new(surface), rotation)));
        assert_eq!(display.size(), Size { width: 320, height: 240 });
        for (_, image) in goldens("320x240") {
            display.show(&picture(&image), "golden").expect("shown");
            let expected =
                file(&turned(&image, rotation), &geometry, length, |pixel| vec![pixel[2], pixel[1], pixel[0], 0]);
            assert!(fs::read(&path).expect("the file") == expected, "{rotation:?}");
        }
    }
}

#[test]
fn rows_that_have_not_changed_are_left_alone() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("fb");
    let size = Size { width: 480, height: 320 };
    let geometry = Geometry { size, start: 0, stride: 480 * 4, format: PixelFormat::xrgb8888() };
    fs::write(&path, vec![FILLER; 320 * 480 * 4]).expect("a file");
    let open = OpenOptions::new().read(true).write(true).open(&path).expect("a file");
    let mut display = display(Box::new(Framebuffer::with(open, "fb".to_owned(), geometry)));
    let (_, mut image) = goldens("480x320").remove(0);
    display.show(&picture(&image), "golden").expect("shown");
    // Somebody else's bytes tell where was written.
    fs::write(&path, vec![FILLER; 320 * 480 * 4]).expect("a file");
    for (x, y) in [(3, 100), (479, 101), (0, 319)] {
        image.get_pixel_mut(x, y).0[1] ^= 1;
    }
    display.show(&picture(&image), "golden").expect("shown");
    let bytes = fs::read(&path).expect("the file");
    let written: Vec<usize> = bytes
        .chunks(480 * 4)
        .enumerate()
        .filter(|(_, row)| row.iter().any(|byte| *byte != FILLER))
        .map(|(y, _)| y)
        .collect();
    // A row alone takes a neighbour along: the kernel would lose it.
    assert_eq!(written, [100, 101, 318, 319]);
}

#[test]
fn what_is_no_framebuffer_is_told() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("fb0");
    fs::write(&path, "no pixels").expect("a file");
    let told = Framebuffer::open(&path).map(drop).expect_err("a plain file").to_string();
    assert!(told.contains("fb0` cannot be opened: it is no framebuffer: "), "{told}");
    let told = Framebuffer::open(&folder.path().join("fb1")).map(drop).expect_err("nothing").to_string();
    assert!(told.ends_with("(os error 2); `ls /dev/fb*` shows what there is"), "{told}");
}
