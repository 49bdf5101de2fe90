//! Y4M and MJPEG streams as a camera.

use std::fs;
use std::path::PathBuf;

use greengate::device::Frame;
use greengate::rules::image::GreyImage;
use tempfile::{TempDir, tempdir};
use y4m::{Colorspace, Ratio};

use super::{Gave, clock, message, open, play, shade, stream};

/// A stream in a file of its own, and what the camera gave for it.
fn played(bytes: &[u8], count: usize) -> Vec<Gave> {
    let (_folder, path) = file(bytes);
    let clock = clock();
    let mut camera = open(stream(&path), &clock).expect("a board").camera;
    play(&mut camera, &clock, count)
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("stream");
    fs::write(&path, bytes).expect("a stream");
    (folder, path)
}

/// The message of a stream's only answer, without its name.
fn wrong(bytes: &[u8]) -> String {
    match played(bytes, 1).pop() {
        Some(Gave::Fault(message)) => message.split_once("` ").expect("a name").1.to_owned(),
        other => panic!("{other:?}"),
    }
}

fn y4m(colours: Colorspace, shades: &[u8]) -> Vec<u8> {
    let (width, height) = (16, 12);
    let mut bytes = Vec::new();
    let builder = y4m::EncoderBuilder::new(width, height, Ratio::new(10, 1)).with_colorspace(colours);
    let mut encoder = builder.write_header(&mut bytes).expect("a header");
    let chroma = match colours {
        Colorspace::Cmono => 0,
        Colorspace::C422 => 8 * 12,
        Colorspace::C444 => 16 * 12,
        _ => 8 * 6,
    };
    for shade in shades {
        let (luma, chroma) = (vec![*shade; width * height], vec![128; chroma]);
        encoder.write_frame(&y4m::Frame::new([&luma, &chroma, &chroma], None)).expect("a frame");
    }
    bytes
}

fn jpeg(picture: &GreyImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let side = |pixels: usize| u16::try_from(pixels).expect("a small picture").into();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode(&picture.pixels, side(picture.width), side(picture.height), image::ExtendedColorType::L8)
        .expect("a JPEG");
    bytes
}

/// The JPEG without its Huffman tables, as many cameras send it.
fn without_tables(jpeg: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != 0xc4 {
            bytes.extend_from_slice(&jpeg[at..at + length]);
        }
        at += length;
    }
    bytes.extend_from_slice(&jpeg[at..]);
    assert!(bytes.len() < jpeg.len(), "it had tables");
    bytes
}

#[test]
fn the_brightness_of_every_kind_of_y4m_is_read() {
    for colours in [Colorspace::Cmono, Colorspace::C420, Colorspace::C420jpeg, Colorspace::C422, Colorspace::C444] {
        let expected = [Gave::Shade(20), Gave::Shade(200), Gave::Ended, Gave::Ended];
        assert_eq!(played(&y4m(colours, &[20, 200]), 4), expected, "{colours:?}");
    }
}

#[test]
fn a_y4m_that_breaks_off_says_where_and_then_has_ended() {
    let whole = y4m(Colorspace::C420, &[20, 200]);
    for cut in [1, 100, 16 * 12 * 3 / 2 + 3] {
        let gave = played(&whole[..whole.len() - cut], 3);
        let [Gave::Shade(20), Gave::Fault(told), Gave::Ended] = &gave[..] else { panic!("{cut}: {gave:?}") };
        assert!(told.ends_with("stream` is torn: it ends inside frame 2"), "{told}");
    }
}

#[test]
fn a_y4m_with_something_else_between_its_frames_is_torn() {
    let mut bytes = y4m(Colorspace::C420, &[20]);
    bytes.extend_from_slice(b"WRONG\n");
    let gave = played(&bytes, 2);
    let [Gave::Shade(20), Gave::Fault(told)] = &gave[..] else { panic!("{gave:?}") };
    assert!(told.ends_with("stream` is torn: what follows frame 1 is no frame"), "{told}");
}

#[test]
fn y4m_headers_that_make_no_sense_are_told() {
    let too_large = "has frames of 4294967296×4294967297 pixels, at most 50000000 are read; scale it down";
    assert_eq!(wrong(b"YUV4MPEG2 W4294967296 H4294967297 F25:1\n"), too_large);
    // The decoder takes the last of repeated fields.
    assert_eq!(wrong(b"YUV4MPEG2 W16 H12 W4294967296 H4294967297 F25:1\n"), too_large);
    assert_eq!(wrong(b"YUV4MPEG2 W16 F25:1\n"), "has a Y4M header without a width and a height");
    assert_eq!(wrong(b"YUV4MPEG2 W0 H12 F25:1\n"), "has a Y4M header without a width and a height");
    let convert = "convert it, for example with `ffmpeg -pix_fmt yuv420p`";
    assert_eq!(wrong(b"YUV4MPEG2 W16 H12 F25:1 C420p10\n"), format!("has more than 8 bits a sample; {convert}"));
    assert_eq!(wrong(b"YUV4MPEG2 W16 H12 F25:1 C411\n"), format!("has samples that are not known here; {convert}"));
    let endless = [b"YUV4MPEG2 ".to_vec(), vec![b'X'; 5000]].concat();
    assert_eq!(wrong(&endless), "has no Y4M header of at most 1024 bytes");
}

#[test]
fn a_rate_of_nothing_is_no_division_by_zero() {
    let bytes = [b"YUV4MPEG2 W2 H2 F0:0 Cmono\nFRAME\n".to_vec(), vec![9; 4]].concat();
    assert_eq!(played(&bytes, 2), [Gave::Shade(9), Gave::Ended]);
}

#[test]
fn pictures_of_an_mjpeg_stream_come_one_after_the_other() {
    let bytes: Vec<u8> = [20, 120, 220].iter().flat_map(|grey| jpeg(&shade(*grey))).collect();
    assert_eq!(played(&bytes, 4), [Gave::Shade(20), Gave::Shade(120), Gave::Shade(220), Gave::Ended]);
}

#[test]
fn an_mjpeg_stream_without_huffman_tables_is_read_like_one_with_them() {
    let picture = GreyImage { width: 16, height: 16, pixels: (0..=255).collect() };
    let (with, without) = (jpeg(&picture), without_tables(&jpeg(&picture)));
    let first = |bytes: &[u8]| {
        let (_folder, path) = file(bytes);
        let clock = clock();
        let mut camera = open(stream(&path), &clock).expect("a board").camera;
        let mut frame = GreyImage::default();
        loop {
            match camera.frame(&mut frame).expect("a frame") {
                Frame::New => return frame,
                Frame::Same => {}
                Frame::Ended => panic!("the picture was left out"),
            }
        }
    };
    assert_eq!(first(&without), first(&with));
}

#[test]
fn what_lies_between_pictures_and_markers_inside_them_do_not_confuse() {
    let plain = jpeg(&shade(120));
    // A comment that holds a whole JPEG, as thumbnails do.
    let thumbnail = jpeg(&shade(20));
    let length = u16::try_from(thumbnail.len() + 2).expect("a short comment").to_be_bytes();
    let with_thumbnail = [&plain[..2], &[0xff, 0xfe], &length, &thumbnail, &plain[2..]].concat();
    let bytes =
        [&with_thumbnail[..], b"\r\n--boundary\r\nContent-Type: image/jpeg\r\n\r\n", &jpeg(&shade(220))].concat();
    assert_eq!(played(&bytes, 3), [Gave::Shade(120), Gave::Shade(220), Gave::Ended]);
}

#[test]
fn a_damaged_picture_is_left_out_and_the_next_one_is_read() {
    let (first, third) = (jpeg(&shade(20)), jpeg(&shade(220)));
    let second = jpeg(&shade(120));
    let cut_off = &second[..second.len() - 3];
    let no_marker = [&second[..2], b"garbage".as_slice()].concat();
    for damaged in [cut_off, &no_marker[..]] {
        let bytes = [&first[..], damaged, &third[..]].concat();
        assert_eq!(played(&bytes, 3), [Gave::Shade(20), Gave::Shade(220), Gave::Ended]);
    }
}

#[test]
fn an_mjpeg_stream_that_breaks_off_says_so_and_then_has_ended() {
    let bytes = [&jpeg(&shade(20))[..], &jpeg(&shade(120))[..50]].concat();
    let gave = played(&bytes, 3);
    let [Gave::Shade(20), Gave::Fault(told), Gave::Ended] = &gave[..] else { panic!("{gave:?}") };
    assert!(told.ends_with("stream` is torn: it ends inside a JPEG"), "{told}");
}

#[test]
fn a_stream_of_another_kind_is_told() {
    assert_eq!(wrong(b""), "is empty; give it a Y4M or MJPEG video");
    let other = "begins neither as Y4M (`YUV4MPEG2`) nor as MJPEG (FF D8); convert it to one of them";
    assert_eq!(wrong(b"RIFF....AVI "), other);
    assert_eq!(wrong(b"YUV4"), other);
}

#[test]
fn a_missing_stream_and_a_folder_are_told_when_the_board_is_opened() {
    let folder = tempdir().expect("a folder");
    let missing = folder.path().join("none.y4m");
    let told = message(open(stream(&missing), &clock()));
    assert!(told.starts_with(&format!("`{}` cannot be read: ", missing.display())), "{told}");
    let told = message(open(stream(folder.path()), &clock()));
    assert!(told.contains("cannot be read: "), "{told}");
}

#[cfg(unix)]
#[test]
fn a_pipe_that_is_silent_gives_no_frame_and_holds_nobody_up() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo starts");
    assert!(made.success(), "{made}");
    let clock = clock();
    let mut camera = open(stream(&path), &clock).expect("a board").camera;
    let mut frame = GreyImage::default();
    assert_eq!(camera.frame(&mut frame).expect("no frame yet"), Frame::Same, "nobody has opened the other end");
    let bytes = y4m(Colorspace::C420, &[20, 200]);
    let header = bytes.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let mut writer = fs::File::options().write(true).open(&path).expect("the other end");
    std::io::Write::write_all(&mut writer, &bytes[..4]).expect("a few bytes");
    assert_eq!(camera.frame(&mut frame).expect("no frame yet"), Frame::Same, "four bytes do not tell what it is");
    std::io::Write::write_all(&mut writer, &bytes[4..header + 10]).expect("some more");
    assert_eq!(camera.frame(&mut frame).expect("no frame yet"), Frame::Same);
    std::io::Write::write_all(&mut writer, &bytes[header + 10..]).expect("the rest");
    drop(writer);
    assert_eq!(play(&mut camera, &clock, 3), [Gave::Shade(20), Gave::Shade(200), Gave::Ended]);
}

#[test]
fn changed_bytes_anywhere_never_hang_and_never_panic() {
    let mjpeg: Vec<u8> = [20, 120].iter().flat_map(|grey| jpeg(&shade(*grey))).collect();
    for whole in [mjpeg, y4m(Colorspace::C420, &[20, 200])] {
        for at in (0..whole.len()).step_by(whole.len() / 60) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            let gave = played(&bytes, 4);
            assert_eq!(gave.last(), Some(&Gave::Ended), "byte {at}: {gave:?}");
        }
    }
}
