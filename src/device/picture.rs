//! Pictures from files and from the network, within limits.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageReader, Limits};

use super::DeviceFault;
use crate::rules::image::GreyImage;

/// Largest file that is read, in bytes.
pub const FILE_LIMIT: u64 = 64 << 20;
/// Most pixels of a picture.
pub const PIXELS_LIMIT: u64 = 50_000_000;
/// Longest side of a picture.
const SIDE_LIMIT: u32 = 16_384;

/// Loads a PNG, JPEG or PGM file as grey.
///
/// # Errors
/// It cannot be read, is no such picture, or is too large.
pub fn load(path: &Path) -> Result<GreyImage, DeviceFault> {
    let name = path.display().to_string();
    let fault = |source| DeviceFault::file(path, "read", source);
    let file = File::open(path).map_err(fault)?;
    let size = file.metadata().map_err(fault)?.len();
    if size > FILE_LIMIT {
        return Err(DeviceFault::TooLarge { name, found: size, unit: "bytes", limit: FILE_LIMIT });
    }
    // A pipe or a device has no length and may never end.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(fault)?;
    decode(&name, &bytes)
}

/// Decodes a PNG, JPEG or PGM picture as grey; `name` is for messages.
///
/// What is transparent is white, as paper is.
///
/// # Errors
/// It is no such picture, or too large.
pub fn decode(name: &str, bytes: &[u8]) -> Result<GreyImage, DeviceFault> {
    let wrong = |message: String| DeviceFault::Picture { name: name.to_owned(), message };
    let too_large = |found, unit, limit| Err(DeviceFault::TooLarge { name: name.to_owned(), found, unit, limit });
    if bytes.len() as u64 > FILE_LIMIT {
        return too_large(bytes.len() as u64, "bytes", FILE_LIMIT);
    }
    let reader =
        || ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| wrong(error.to_string()));
    let (width, height) = reader()?.into_dimensions().map_err(|error| wrong(error.to_string()))?;
    let found = u64::from(width) * u64::from(height);
    if found > PIXELS_LIMIT {
        return too_large(found, "pixels", PIXELS_LIMIT);
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE_LIMIT), Some(SIDE_LIMIT));
    let mut reader = reader()?;
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| wrong(error.to_string()))?;
    if found == 0 {
        return Err(wrong("it has no pixels".to_owned()));
    }
    Ok(grey(picture))
}

fn grey(picture: DynamicImage) -> GreyImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = if picture.color().has_alpha() {
        picture.into_luma_alpha8().pixels().map(|pixel| over_white(pixel.0)).collect()
    } else {
        picture.into_luma8().into_raw()
    };
    GreyImage { width, height, pixels }
}

fn over_white([shade, opacity]: [u8; 2]) -> u8 {
    let (shade, opacity) = (u32::from(shade), u32::from(opacity));
    u8::try_from((shade * opacity + 255 * (255 - opacity) + 127) / 255).unwrap_or(u8::MAX)
}
