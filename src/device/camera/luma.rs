//! A frame's brightness, straight from a camera's bytes: no detour through colours.

use super::super::picture::PIXELS_LIMIT;
use super::jpeg;
use super::mjpeg::{self, Trouble};
use crate::rules::board::{Area, PixelFormat, Size};
use crate::rules::image::GreyImage;

/// A JPEG's blocks are as high.
const BLOCK: usize = 8;
/// Overexposed and black rows may well be alike.
const FLAT: u8 = 2;

/// How a camera's bytes are laid out, and what of them is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What they are.
    pub format: PixelFormat,
    /// The frame's size in pixels.
    pub size: Size,
    /// Bytes from one row to the next; nothing for JPEG.
    pub stride: usize,
    /// The part that is looked at.
    pub area: Area,
}

impl Layout {
    /// A layout of rows at least as long as their pixels, of which `roi` is looked at, or all. The `roi` is meant for a
    /// frame of the size `asked`; where the camera gives another one, it is the same part of that.
    ///
    /// # Errors
    /// A frame without pixels, or with more than any camera gives.
    pub fn new(
        format: PixelFormat,
        size: Size,
        stride: usize,
        roi: Option<Area>,
        asked: Size,
    ) -> Result<Self, &'static str> {
        let pixels = u64::from(size.width) * u64::from(size.height);
        if pixels == 0 || pixels > PIXELS_LIMIT {
            return Err("a size that makes no sense");
        }
        let whole = Area { x: 0, y: 0, size };
        let area = roi.map_or(whole, |roi| scaled(roi, asked, size));
        let width = size.width as usize;
        let least = if format == PixelFormat::Yuyv { 2 * width } else { width };
        Ok(Self { format, size, stride: stride.max(least), area })
    }

    /// Puts the brightness of the frame's part into `into`, whose memory is used again.
    ///
    /// # Errors
    /// What is wrong with the bytes: too few of them, a JPEG that is torn or of another size.
    pub fn read(&self, bytes: &[u8], into: &mut GreyImage) -> Result<(), String> {
        match self.format {
            PixelFormat::Grey | PixelFormat::Nv12 => self.rows(bytes, 1, into),
            PixelFormat::Yuyv => self.rows(bytes, 2, into),
            PixelFormat::Mjpeg => self.jpeg(bytes, into),
        }
    }

    /// Each pixel's brightness is the first of `step` bytes.
    fn rows(&self, bytes: &[u8], step: usize, into: &mut GreyImage) -> Result<(), String> {
        let Size { width, height } = self.size;
        let whole = (height as usize - 1) * self.stride + step * width as usize;
        if bytes.len() < whole {
            return Err(format!("{} of {whole} bytes", bytes.len()));
        }
        let [x, y, width, height] = self.area();
        (into.width, into.height) = (width, height);
        into.pixels.clear();
        for row in bytes[y * self.stride..].chunks(self.stride).take(height) {
            let row = &row[step * x..step * (x + width)];
            if step == 1 {
                into.pixels.extend_from_slice(row);
            } else {
                into.pixels.extend(row.chunks_exact(step).map(|pixel| pixel[0]));
            }
        }
        Ok(())
    }

    fn jpeg(&self, mut bytes: &[u8], into: &mut GreyImage) -> Result<(), String> {
        // What stands behind the picture is left from the buffer's last frame.
        let jpeg = match mjpeg::next(&mut bytes) {
            Ok(Some(jpeg)) => jpeg,
            Ok(None) => return Err("no JPEG".to_owned()),
            Err(Trouble::Broken(message) | Trouble::Over(message)) => return Err(message),
        };
        jpeg::grey(&jpeg, into)?;
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        if (into.width, into.height) != (width, height) {
            return Err(format!("a JPEG of {}×{} pixels", into.width, into.height));
        }
        if is_torn(into) {
            return Err("a JPEG with rows missing".to_owned());
        }
        let [x, y, width, height] = self.area();
        if (width, height) != (into.width, into.height) {
            for row in 0..height {
                let from = (y + row) * into.width + x;
                into.pixels.copy_within(from..from + width, row * width);
            }
            into.pixels.truncate(width * height);
            (into.width, into.height) = (width, height);
        }
        Ok(())
    }

    fn area(&self) -> [usize; 4] {
        let Area { x, y, size } = self.area;
        [x, y, size.width, size.height].map(|pixels| pixels as usize)
    }
}

/// Whether a decoded JPEG lacks its end. The decoder does not say so: where bytes are missing and the end is marked all the
/// same, it repeats the last row of blocks. No sensor sees twice the same, unless it sees nothing at all.
fn is_torn(picture: &GreyImage) -> bool {
    let blocks = BLOCK * picture.width;
    let Some((above, last)) = picture.pixels.split_at_checked(picture.pixels.len().saturating_sub(blocks)) else {
        return false;
    };
    let flat = || last.iter().max().zip(last.iter().min()).is_none_or(|(most, least)| most - least <= FLAT);
    above.ends_with(last) && !flat()
}

/// The same part of another size, at least a pixel.
fn scaled(roi: Area, from: Size, to: Size) -> Area {
    let scale = |start: u32, length: u32, from: u32, to: u32| {
        let place = |at: u32| u64::from(at) * u64::from(to) / u64::from(from.max(1));
        let at = |at: u32| u32::try_from(place(at)).unwrap_or(to).min(to);
        let start_there = at(start).min(to - 1);
        (start_there, at(start + length).saturating_sub(start_there).max(1))
    };
    let (x, width) = scale(roi.x, roi.size.width, from.width, to.width);
    let (y, height) = scale(roi.y, roi.size.height, from.height, to.height);
    Area { x, y, size: Size { width, height } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 8;
    const HEIGHT: usize = 4;
    const SIZE: Size = Size { width: 8, height: 4 };

    /// The brightness at a place, different everywhere.
    fn shade(x: usize, y: usize) -> u8 {
        u8::try_from(10 + x + y * 50).expect("a small frame")
    }

    /// Rows of `step` bytes a pixel, padded to `stride` with bytes that no pixel has.
    fn rows(step: usize, stride: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for y in 0..HEIGHT {
            let start = bytes.len();
            for x in 0..WIDTH {
                bytes.push(shade(x, y));
                bytes.resize(start + step * (x + 1), 255);
            }
            bytes.resize(start + stride, 254);
        }
        bytes
    }

    fn layout(format: PixelFormat, stride: usize, roi: Option<Area>) -> Layout {
        Layout::new(format, SIZE, stride, roi, SIZE).expect("a layout")
    }

    fn area(x: u32, y: u32, width: u32, height: u32) -> Area {
        Area { x, y, size: Size { width, height } }
    }

    fn expected(x: usize, y: usize, width: usize, height: usize) -> GreyImage {
        let pixels = (y..y + height).flat_map(|y| (x..x + width).map(move |x| shade(x, y))).collect();
        GreyImage { width, height, pixels }
    }

    /// A picture that is left from before, larger and brighter.
    fn used() -> GreyImage {
        GreyImage::filled(40, 40, 253)
    }

    #[test]
    fn brightness_is_read_whatever_the_stride() {
        let roi = Some(area(3, 1, 4, 2));
        for (format, step) in [(PixelFormat::Grey, 1), (PixelFormat::Nv12, 1), (PixelFormat::Yuyv, 2)] {
            for padding in [0, 1, 7, 64] {
                let stride = step * WIDTH + padding;
                let mut bytes = rows(step, stride);
                if format == PixelFormat::Nv12 {
                    bytes.resize(bytes.len() * 3 / 2, 128);
                }
                let mut picture = used();
                layout(format, stride, None).read(&bytes, &mut picture).expect("a frame");
                assert_eq!(picture, expected(0, 0, WIDTH, HEIGHT), "{format:?} + {padding}");
                layout(format, stride, roi).read(&bytes, &mut picture).expect("a frame");
                assert_eq!(picture, expected(3, 1, 4, 2), "{format:?} + {padding}");
            }
        }
    }

    #[test]
    fn a_stride_that_the_driver_does_not_tell_is_the_rows_own_length() {
        for (format, step) in [(PixelFormat::Grey, 1), (PixelFormat::Yuyv, 2)] {
            let mut picture = used();
            layout(format, 0, None).read(&rows(step, step * WIDTH), &mut picture).expect("a frame");
            assert_eq!(picture, expected(0, 0, WIDTH, HEIGHT));
        }
    }

    #[test]
    fn a_frame_that_is_cut_off_is_refused_and_one_that_lacks_only_padding_is_not() {
        let (stride, used_of_last) = (2 * WIDTH + 6, 2 * WIDTH);
        let bytes = rows(2, stride);
        let whole = (HEIGHT - 1) * stride + used_of_last;
        let read = |length: usize| layout(PixelFormat::Yuyv, stride, None).read(&bytes[..length], &mut used());
        assert_eq!(read(whole), Ok(()));
        assert_eq!(read(whole - 1), Err(format!("{} of {whole} bytes", whole - 1)));
        assert_eq!(read(0), Err(format!("0 of {whole} bytes")));
        // A half frame is a sign of trouble even where its upper half is all that is looked at.
        let above = layout(PixelFormat::Yuyv, stride, Some(area(0, 0, 8, 1)));
        assert!(above.read(&bytes[..stride], &mut used()).is_err());
    }

    #[test]
    fn the_part_that_is_looked_at_is_the_same_part_of_another_size() {
        let asked = Size { width: 1280, height: 720 };
        let given = Size { width: 640, height: 480 };
        let roi = Some(area(320, 180, 640, 360));
        let layout = |size| Layout::new(PixelFormat::Grey, size, 0, roi, asked).expect("a layout").area;
        assert_eq!(layout(asked), area(320, 180, 640, 360));
        assert_eq!(layout(given), area(160, 120, 320, 240));
        assert_eq!(layout(Size { width: 1, height: 1 }), area(0, 0, 1, 1), "never nothing");
        assert_eq!(layout(Size { width: 4096, height: 4096 }), area(1024, 1024, 2048, 2048));
    }

    #[test]
    fn sizes_that_no_camera_has_are_refused() {
        for (width, height) in [(0, 480), (640, 0), (u32::MAX, u32::MAX), (100_000, 100_000)] {
            let size = Size { width, height };
            assert!(Layout::new(PixelFormat::Grey, size, 0, None, size).is_err(), "{width}×{height}");
        }
    }

    /// A camera's JPEG of a texture, so that every part of it needs bytes.
    fn jpeg() -> (Vec<u8>, GreyImage) {
        let (width, height) = (128, 96);
        let texture = |at: usize| u8::try_from((at * at / 7 + at * 31) % 200 + 20).expect("a shade");
        let picture = GreyImage { width, height, pixels: (0..width * height).map(texture).collect() };
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90)
            .encode(&picture.pixels, 128, 96, image::ExtendedColorType::L8)
            .expect("a JPEG");
        (bytes, picture)
    }

    fn of_jpeg(roi: Option<Area>) -> Layout {
        let size = Size { width: 128, height: 96 };
        Layout::new(PixelFormat::Mjpeg, size, 0, roi, size).expect("a layout")
    }

    #[test]
    fn a_jpeg_is_read_and_cut_out_of_whatever_else_is_in_the_buffer() {
        let (bytes, original) = jpeg();
        // The buffer still has an older and larger frame's end.
        let mut buffer = bytes.clone();
        buffer.extend_from_slice(&bytes[bytes.len() / 2..]);
        let mut whole = used();
        of_jpeg(None).read(&buffer, &mut whole).expect("a frame");
        assert_eq!((whole.width, whole.height), (128, 96));
        let off = whole.pixels.iter().zip(&original.pixels).map(|(is, was)| u32::from(is.abs_diff(*was))).sum::<u32>();
        assert!(off < 128 * 96 * 8, "{off}");
        let mut part = used();
        of_jpeg(Some(area(17, 5, 64, 70))).read(&bytes, &mut part).expect("a frame");
        assert_eq!((part.width, part.height, part.pixels.len()), (64, 70, 64 * 70));
        for (y, row) in part.pixels.chunks(64).enumerate() {
            assert_eq!(row, &whole.pixels[(y + 5) * 128 + 17..][..64], "row {y}");
        }
    }

    #[test]
    fn a_torn_jpeg_is_refused_wherever_it_is_torn() {
        let (bytes, _) = jpeg();
        for cut in (0..bytes.len()).step_by(bytes.len() / 60) {
            assert!(of_jpeg(None).read(&bytes[..cut], &mut used()).is_err(), "{cut} of {}", bytes.len());
        }
    }

    #[test]
    fn a_jpeg_that_lacks_rows_is_refused_although_its_end_is_marked() {
        let (bytes, _) = jpeg();
        let end = bytes.len() - 2;
        // What lacks less than two of its twelve rows of blocks is not noticed.
        for kept in (end / 5..end * 3 / 4).step_by(97) {
            let cut = [&bytes[..kept], &bytes[end..]].concat();
            assert!(of_jpeg(None).read(&cut, &mut used()).is_err(), "{kept} of {end}, and the end");
        }
    }

    #[test]
    fn a_jpeg_of_nothing_is_whole() {
        for shade in [0, 128, 255] {
            let mut bytes = Vec::new();
            image::codecs::jpeg::JpegEncoder::new(&mut bytes)
                .encode(&[shade; 128 * 96], 128, 96, image::ExtendedColorType::L8)
                .expect("a JPEG");
            assert_eq!(of_jpeg(None).read(&bytes, &mut used()), Ok(()), "{shade}");
        }
    }

    #[test]
    fn what_is_no_jpeg_or_one_of_another_size_is_refused() {
        let (bytes, _) = jpeg();
        assert_eq!(of_jpeg(None).read(&[0; 1000], &mut used()), Err("no JPEG".to_owned()));
        let other = Layout::new(PixelFormat::Mjpeg, SIZE, 0, None, SIZE).expect("a layout");
        assert_eq!(other.read(&bytes, &mut used()), Err("a JPEG of 128×96 pixels".to_owned()));
    }
}
