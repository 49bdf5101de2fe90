//! What a camera's frame costs until only its brightness is left: `cargo bench --bench camera --features peers`.
//!
//! Without the feature `peers` (needs cmake) there is no way by RGB to compare with: `nokhwa` decodes to colours and takes
//! their mean, and `image` decodes the whole JPEG.

use std::hint::black_box;
use std::time::{Duration, Instant};

use greengate::device::Layout;
use greengate::rules::board::{PixelFormat, Size};
use greengate::rules::image::GreyImage;

const SIZE: Size = Size { width: 1280, height: 720 };
const FRAMES: usize = 100;
/// As webcams have it.
const JPEG_QUALITY: u8 = 85;

fn main() {
    println!("{:>6}  {:<28}  {:>10}  {:>10}", "1280×720", "", "fastest", "median");
    let grey = picture();
    for format in PixelFormat::ALL {
        let bytes = bytes(&grey, format);
        let layout = Layout::new(format, SIZE, 0, None, SIZE).expect("a size");
        let mut frame = GreyImage::default();
        time(format, "brightness straight", || layout.read(&bytes, &mut frame).expect("a frame"));
        peers(format, &bytes);
    }
}

fn time(format: PixelFormat, way: &str, mut read: impl FnMut()) {
    let mut times: Vec<Duration> = (0..FRAMES)
        .map(|_| {
            let begun = Instant::now();
            read();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{:>8}  {way:<28}  {:>10.2?}  {:>10.2?}", format.name(), times[0], times[FRAMES / 2]);
}

/// A table with a texture and something like a label on it.
fn picture() -> Vec<u8> {
    let (width, height) = (SIZE.width as usize, SIZE.height as usize);
    let pixel = |at: usize| {
        let (x, y) = (at % width, at / width);
        let is_label = (400..800).contains(&x) && (160..560).contains(&y);
        let module = (x / 10 * 7919 + y / 10 * 104_729) % 5 < 2;
        let noise = at.wrapping_mul(2_654_435_761) >> 7 & 7;
        u8::try_from(if is_label && module { 40 + noise } else { 120 + noise + x / 20 }).expect("a shade")
    };
    (0..width * height).map(pixel).collect()
}

fn bytes(grey: &[u8], format: PixelFormat) -> Vec<u8> {
    match format {
        PixelFormat::Grey => grey.to_vec(),
        PixelFormat::Yuyv => grey.iter().flat_map(|shade| [*shade, 128]).collect(),
        PixelFormat::Nv12 => [grey, &vec![128; grey.len() / 2]].concat(),
        PixelFormat::Mjpeg => {
            let colours: Vec<u8> = grey.iter().flat_map(|shade| [*shade, *shade, 255 - *shade]).collect();
            let mut jpeg = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
                .encode(&colours, SIZE.width, SIZE.height, image::ExtendedColorType::Rgb8)
                .expect("a JPEG");
            jpeg
        }
    }
}

#[cfg(not(feature = "peers"))]
fn peers(_format: PixelFormat, bytes: &[u8]) {
    black_box(bytes);
}

#[cfg(feature = "peers")]
fn peers(format: PixelFormat, bytes: &[u8]) {
    use nokhwa_core::pixel_format::{FormatDecoder, LumaFormat};
    use nokhwa_core::types::{FrameFormat, Resolution};

    let resolution = Resolution::new(SIZE.width, SIZE.height);
    let theirs = match format {
        PixelFormat::Grey => FrameFormat::GRAY,
        PixelFormat::Yuyv => FrameFormat::YUYV,
        PixelFormat::Nv12 => FrameFormat::NV12,
        // Its decoder for JPEG is a C library; this is the one that the program had.
        PixelFormat::Mjpeg => {
            return time(format, "all of it, by `image`", || {
                let picture = image::load_from_memory(bytes).expect("a JPEG");
                black_box(picture.into_luma8());
            });
        }
    };
    time(format, "by way of RGB, by `nokhwa`", || {
        black_box(LumaFormat::write_output(theirs, resolution, bytes).expect("a frame"));
    });
}
