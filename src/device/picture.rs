//! Pictures from files and from the network, within limits.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageReader, Limits};

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

/// Saves a picture as a PNG file, in one step, so that a viewer never sees half of it.
///
/// # Errors
/// It cannot be written.
pub fn save(picture: &GreyImage, path: &Path) -> Result<(), DeviceFault> {
    let fault = |source| DeviceFault::file(path, "written", source);
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let (width, height) = (side(picture.width), side(picture.height));
    let encoded = PngEncoder::new(&mut bytes).write_image(&picture.pixels, width, height, ExtendedColorType::L8);
    encoded.map_err(|error| fault(io::Error::other(error)))?;
    let part = path.with_extension("part");
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(fault)
}

/// How bright a picture is on average, 0 to 255.
#[must_use]
pub fn brightness(picture: &GreyImage) -> u8 {
    let sum: u64 = picture.pixels.iter().map(|pixel| u64::from(*pixel)).sum();
    u8::try_from(sum / (picture.pixels.len() as u64).max(1)).unwrap_or(u8::MAX)
}

/// How sharp a picture is: the step between neighbours, 0 to 255, that one in a hundred of them exceeds. It depends on
/// what is seen, so it tells which of two pictures of the same thing is in focus.
#[must_use]
pub fn sharpness(picture: &GreyImage) -> u8 {
    let mut steps = [0_u64; 256];
    for row in picture.pixels.chunks_exact(picture.width.max(1)) {
        for pair in row.windows(2) {
            steps[usize::from(pair[0].abs_diff(pair[1]))] += 1;
        }
    }
    let few = steps.iter().sum::<u64>() / 100;
    let mut above = 0;
    let found = (0..=u8::MAX).rev().find(|step| {
        above += steps[usize::from(*step)];
        above > few
    });
    found.unwrap_or_default()
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
