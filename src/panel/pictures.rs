//! Pictures out (the screen, the virtual camera) and in (photographs, webcam frames), each with a limit.

use std::io::Cursor;
use std::sync::Mutex;

use axum::body::Bytes;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageReader, Limits};

use super::refused::Refused;
use crate::rules::image::{GreyImage, ScreenImage};
use crate::rules::status::Snapshot;

/// The largest picture in bytes as it is sent.
pub(super) const PICTURE_BYTES: usize = 16 * 1024 * 1024;
/// The largest picture in pixels.
const PIXELS_LIMIT: u64 = 50_000_000;
/// What a decoder may take: the largest picture in 16-bit RGBA is refused, one in 8-bit RGB fits.
const DECODE_BYTES: u64 = 256 * 1024 * 1024;

/// The screen as PNG, made once per change.
#[derive(Debug, Default)]
pub(super) struct ScreenPng {
    made: Mutex<Option<(u64, Bytes)>>,
}

impl ScreenPng {
    /// The PNG of this snapshot's screen.
    pub(super) fn of(&self, snapshot: &Snapshot) -> Result<Bytes, Refused> {
        let serial = snapshot.screen_serial;
        let known = self.made.lock().ok().and_then(|made| made.clone());
        if let Some((_, png)) = known.filter(|(made, _)| *made == serial) {
            return Ok(png);
        }
        let png = screen_png(&snapshot.screen)?;
        if let Ok(mut made) = self.made.lock() {
            *made = Some((serial, png.clone()));
        }
        Ok(png)
    }
}

fn screen_png(screen: &ScreenImage) -> Result<Bytes, Refused> {
    png(&screen.rgb, (screen.width, screen.height), ExtendedColorType::Rgb8)
}

/// A camera's frame as PNG.
pub(super) fn grey_png(grey: &GreyImage) -> Result<Bytes, Refused> {
    png(&grey.pixels, (grey.width, grey.height), ExtendedColorType::L8)
}

fn png(pixels: &[u8], (width, height): (usize, usize), colour: ExtendedColorType) -> Result<Bytes, Refused> {
    let bytes_per_pixel = usize::from(colour.bits_per_pixel() / 8);
    let expected = width.checked_mul(height).and_then(|count| count.checked_mul(bytes_per_pixel));
    let (Ok(w), Ok(h)) = (u32::try_from(width), u32::try_from(height)) else { return Err(Refused::busy(NO_PICTURE)) };
    // The encoder panics where the sizes do not fit each other.
    if expected != Some(pixels.len()) || pixels.is_empty() {
        return Err(Refused::busy(NO_PICTURE));
    }
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
        .write_image(pixels, w, h, colour)
        .map_err(|fault| Refused::busy(format!("the picture could not be packed: {fault}; try again")))?;
    Ok(png.into())
}

const NO_PICTURE: &str = "there is no picture yet; try again in a second";

/// Reads a PNG, JPEG or PNM file into grey, upright.
pub(super) fn decode(bytes: &[u8]) -> Result<GreyImage, Refused> {
    let unread = |fault| Refused::bad(format!("the picture could not be read: {fault}; send a PNG or JPEG file"));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|fault| Refused::bad(format!("the picture could not be read: {fault}; send a PNG or JPEG file")))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unread)?;
    let (width, height) = decoder.dimensions();
    small_enough(u64::from(width), u64::from(height))?;
    let orientation = decoder.orientation().map_err(unread)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unread)?;
    picture.apply_orientation(orientation);
    let grey = picture.into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    Ok(GreyImage { width, height, pixels: grey.into_raw() })
}

/// Takes the bytes of a webcam's frame as they are: one per pixel.
pub(super) fn raw(width: u32, height: u32, bytes: &[u8]) -> Result<GreyImage, Refused> {
    small_enough(u64::from(width), u64::from(height))?;
    let expected = u64::from(width) * u64::from(height);
    if expected == 0 || expected != bytes.len() as u64 {
        let error = format!(
            "a grey frame of `{width}` by `{height}` has {expected} bytes, not {}; send one per pixel",
            bytes.len()
        );
        return Err(Refused::bad(error));
    }
    Ok(GreyImage { width: width as usize, height: height as usize, pixels: bytes.to_vec() })
}

fn small_enough(width: u64, height: u64) -> Result<(), Refused> {
    if width.saturating_mul(height) <= PIXELS_LIMIT {
        return Ok(());
    }
    Err(Refused::bad(format!("the picture has `{width}` by `{height}` pixels; send one of at most 50 million")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grey_picture_survives_packing_and_reading() {
        let grey = GreyImage { width: 3, height: 2, pixels: vec![0, 50, 100, 150, 200, 255] };
        let png = grey_png(&grey).expect("it packs");
        assert_eq!(decode(&png).expect("it reads"), grey);
    }

    #[test]
    fn a_picture_whose_size_is_a_lie_is_refused_and_does_not_panic() {
        let liar = GreyImage { width: 3, height: 3, pixels: vec![0; 8] };
        assert!(format!("{:?}", grey_png(&liar)).contains(NO_PICTURE));
        assert!(format!("{:?}", raw(3, 3, &[0; 8])).contains("has 9 bytes, not 8"));
        assert!(format!("{:?}", raw(0, 0, &[])).contains("has 0 bytes"));
    }

    #[test]
    fn a_picture_with_too_many_pixels_is_refused_from_its_header_alone() {
        let header = b"P5 100000 100000 255\n";
        assert!(format!("{:?}", decode(header)).contains("`100000` by `100000` pixels"));
    }
}
