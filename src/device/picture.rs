//! Pictures from files and from the network, within limits.

use std::io::Cursor;
use std::path::Path;

use image::{ImageReader, Limits};

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
    let size = std::fs::metadata(path).map_err(fault)?.len();
    if size > FILE_LIMIT {
        return Err(DeviceFault::TooLarge { name, found: size, unit: "bytes", limit: FILE_LIMIT });
    }
    decode(&name, &std::fs::read(path).map_err(fault)?)
}

/// Decodes a PNG, JPEG or PGM picture as grey; `name` is for messages.
///
/// # Errors
/// It is no such picture, or too large.
pub fn decode(name: &str, bytes: &[u8]) -> Result<GreyImage, DeviceFault> {
    let name = name.to_owned();
    let wrong = |message: String| DeviceFault::Picture { name: name.clone(), message };
    let reader =
        || ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| wrong(error.to_string()));
    let (width, height) = reader()?.into_dimensions().map_err(|error| wrong(error.to_string()))?;
    let found = u64::from(width) * u64::from(height);
    if found > PIXELS_LIMIT {
        return Err(DeviceFault::TooLarge { name, found, unit: "pixels", limit: PIXELS_LIMIT });
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE_LIMIT), Some(SIDE_LIMIT));
    let mut reader = reader()?;
    reader.limits(limits);
    let grey = reader.decode().map_err(|error| wrong(error.to_string()))?.into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    Ok(GreyImage { width, height, pixels: grey.into_raw() })
}
