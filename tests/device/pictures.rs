//! Pictures from outside: right ones come out as they went in, wrong ones with a message that helps.

use std::fs;

use greengate::device::picture;
use greengate::rules::image::GreyImage;
use tempfile::tempdir;

use super::{message, save};

fn gradient() -> GreyImage {
    let pixels = (0..32 * 24).map(|at| u8::try_from(at * 255 / (32 * 24)).expect("a shade")).collect();
    GreyImage { width: 32, height: 24, pixels }
}

#[test]
fn png_and_pgm_come_out_as_they_went_in_and_jpeg_nearly() {
    let folder = tempdir().expect("a folder");
    for (name, tolerance) in [("a.png", 0), ("a.pgm", 0), ("a.jpg", 12)] {
        let path = folder.path().join(name);
        save(&gradient(), &path);
        let loaded = picture::load(&path).expect("a picture");
        assert_eq!((loaded.width, loaded.height), (32, 24), "{name}");
        let worst = loaded.pixels.iter().zip(&gradient().pixels).map(|(is, was)| is.abs_diff(*was)).max();
        assert!(worst.is_some_and(|worst| worst <= tolerance), "{name}: {worst:?}");
    }
}

#[test]
fn a_saved_picture_comes_back_as_it_was_and_leaves_nothing_beside_it() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("shot.png");
    for _ in 0..2 {
        picture::save(&gradient(), &path).expect("it is saved, over the last one too");
    }
    assert_eq!(picture::load(&path).expect("a picture"), gradient());
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    let nowhere = folder.path().join("none/shot.png");
    assert!(message(picture::save(&gradient(), &nowhere)).contains("cannot be written"));
}

#[test]
fn brightness_is_the_mean_and_sharpness_falls_with_blur() {
    assert_eq!(picture::brightness(&GreyImage::filled(10, 10, 77)), 77);
    assert_eq!((picture::brightness(&GreyImage::default()), picture::sharpness(&GreyImage::default())), (0, 0));
    let stripes = |at: usize| if (at / 8).is_multiple_of(2) { 30 } else { 220 };
    let sharp = GreyImage { width: 320, height: 10, pixels: (0..3200).map(|at| stripes(at % 320)).collect() };
    let blurred = |picture: &GreyImage| {
        let mean = |row: &[u8], x: usize| {
            let near = &row[x.saturating_sub(1)..(x + 2).min(row.len())];
            u8::try_from(near.iter().map(|pixel| usize::from(*pixel)).sum::<usize>() / near.len()).expect("a shade")
        };
        let pixels = picture.pixels.chunks(320).flat_map(|row| (0..320).map(move |x| mean(row, x))).collect();
        GreyImage { width: 320, height: 10, pixels }
    };
    let once = blurred(&sharp);
    let sharpness = [&sharp, &once, &blurred(&once)].map(picture::sharpness);
    assert_eq!(sharpness[0], 190);
    assert!(sharpness[0] > sharpness[1] && sharpness[1] > sharpness[2], "{sharpness:?}");
}

#[test]
fn what_is_transparent_is_white_as_paper() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("code.png");
    let shades = [[0, 0, 0, 0], [0, 0, 0, 255], [200, 200, 200, 255], [0, 0, 0, 128]];
    image::RgbaImage::from_vec(4, 1, shades.concat()).expect("four pixels").save(&path).expect("a picture");
    assert_eq!(picture::load(&path).expect("a picture").pixels, [255, 0, 200, 127]);
}

#[test]
fn a_file_that_is_no_picture_is_told_by_its_name() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("notes.png");
    fs::write(&path, "not a picture").expect("a file");
    let told = message(picture::load(&path));
    assert!(told.starts_with(&format!("`{}` is not a picture that can be read: ", path.display())), "{told}");
    assert!(told.ends_with("; PNG, JPEG and PGM are"), "{told}");
}

#[test]
fn a_picture_that_breaks_off_is_a_fault() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("torn.png");
    save(&gradient(), &path);
    let bytes = fs::read(&path).expect("its bytes");
    fs::write(&path, &bytes[..bytes.len() / 2]).expect("half of it");
    assert!(message(picture::load(&path)).contains("torn.png` is not a picture that can be read"));
}

#[test]
fn a_missing_file_and_a_folder_are_told_apart() {
    let folder = tempdir().expect("a folder");
    let missing = folder.path().join("none.png");
    let told = message(picture::load(&missing));
    assert!(told.contains("none.png` cannot be read: ") && told.contains("o such file"), "{told}");
    let told = message(picture::load(folder.path()));
    assert!(told.contains("cannot be read: "), "{told}");
}

#[test]
fn a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() {
    let header = b"P5 10000 10000 255\n";
    assert_eq!(
        message(picture::decode("huge.pgm", header)),
        "`huge.pgm` has 100000000 pixels, at most 50000000 are read; scale it down"
    );
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("large.png");
    fs::File::create(&path).and_then(|file| file.set_len(picture::FILE_LIMIT + 1)).expect("a sparse file");
    let told = message(picture::load(&path));
    assert!(told.ends_with("large.png` has 67108865 bytes, at most 67108864 are read; scale it down"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_never_ends_is_read_to_the_limit_only() {
    let told = message(picture::load(std::path::Path::new("/dev/zero")));
    assert_eq!(told, "`/dev/zero` has 67108865 bytes, at most 67108864 are read; scale it down");
}

#[test]
fn bytes_that_were_changed_anywhere_never_panic() {
    let folder = tempdir().expect("a folder");
    for name in ["a.png", "a.jpg", "a.pgm"] {
        let path = folder.path().join(name);
        save(&gradient(), &path);
        let whole = fs::read(&path).expect("its bytes");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            match picture::decode(name, &bytes) {
                Ok(picture) => assert_eq!(picture.pixels.len(), picture.width * picture.height, "{name}, byte {at}"),
                Err(fault) => assert!(fault.to_string().contains(name), "{fault}"),
            }
        }
    }
}
