//! A Linux framebuffer: a file of pixels.
//!
//! The text console writes into the same file, so it has to be told to stay away: `vt.global_cursor_default=0`,
//! `consoleblank=0` and `quiet` on the kernel's command line, and no `getty` on the first terminal.

use std::ffi::c_ulong;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::ioctl::{self, Getter, Opcode};

use super::super::Surface;
use super::pixels::{Bits, PixelFormat};
use super::refused;
use crate::device::{DeviceFault, Unshown};
use crate::rules::board::Size;
use crate::rules::image::ScreenImage;

/// Longest side that pictures are drawn for.
const SIDE_LIMIT: u32 = 8192;

/// Rows that are written at once.
const PIECE: usize = 64;

/// Where the visible pixels lie in the file.
#[derive(Clone, Debug)]
pub struct Geometry {
    /// What is visible.
    pub size: Size,
    /// Bytes before the first visible pixel.
    pub start: usize,
    /// Bytes from a row to the next.
    pub stride: usize,
    /// How a pixel is laid out.
    pub format: PixelFormat,
}

/// An open framebuffer.
pub struct Framebuffer {
    file: File,
    name: String,
    geometry: Geometry,
    /// Packed rows, whose memory is used again.
    packed: Vec<u8>,
}

impl Framebuffer {
    /// Opens a framebuffer as its driver describes it.
    ///
    /// # Errors
    /// It cannot be opened, or has pixels that are not 16, 24 or 32 bits of red, green and blue.
    pub fn open(path: &Path) -> Result<Self, DeviceFault> {
        let name = path.display().to_string();
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| refused(&name, &error, "video", "`ls /dev/fb*` shows what there is"))?;
        let closed = |message| DeviceFault::Closed { part: "display", name: name.clone(), message };
        let described = describe(&file).map_err(|error| closed(format!("it is no framebuffer: {error}")))?;
        let geometry = described.ok_or_else(|| {
            closed("it has no 16, 24 or 32 bits a pixel; set `framebuffer_depth=32` in `config.txt`".to_owned())
        })?;
        Ok(Self::with(file, name, geometry))
    }

    /// A file of pixels, described by `geometry`.
    #[must_use]
    pub fn with(file: File, name: String, geometry: Geometry) -> Self {
        Self { file, name, geometry, packed: Vec::new() }
    }

    /// Writes rows that follow each other.
    fn write(&mut self, picture: &ScreenImage, rows: &Range<usize>) -> io::Result<()> {
        let Geometry { start, stride, format, .. } = &self.geometry;
        let (span, width) = (picture.width * 3, picture.width * format.bytes());
        self.packed.resize(rows.len() * width, 0);
        format.pack(&picture.rgb[rows.start * span..rows.end * span], &mut self.packed);
        // Where rows follow each other without a gap, they are written at once.
        let at_once = if *stride == width { self.packed.len() } else { width };
        for (piece, row) in self.packed.chunks(at_once).zip(rows.clone()) {
            self.file.write_all_at(piece, (start + row * stride) as u64)?;
        }
        Ok(())
    }
}

/// The same rows in pieces of at most [`PIECE`], each of which has two rows or more where there are as many: Linux (6.1 for
/// example) does not show a write of exactly one row on displays that it copies the framebuffer to
/// (`drm_fb_helper_memory_range_to_clip` takes it for an empty one).
fn pieces(rows: &Range<usize>, height: usize) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.clone().step_by(PIECE).map(move |start| match start..end.min(start + PIECE) {
        lone if lone.len() > 1 => lone,
        lone if lone.start > 0 => lone.start - 1..lone.end,
        lone => lone.start..height.min(lone.end + 1),
    })
}

impl Surface for Framebuffer {
    fn size(&self) -> Size {
        self.geometry.size
    }

    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown> {
        let mut pieces = rows.iter().flat_map(|rows| pieces(rows, picture.height));
        pieces.try_for_each(|rows| self.write(picture, &rows)).map_err(|error| {
            let message = format!("the display `{}` cannot be written to: {error}; restart the box", self.name);
            Unshown { message, is_dark: false }
        })
    }
}

/// `struct fb_bitfield` of `<linux/fb.h>`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Bitfield {
    offset: u32,
    length: u32,
    /// The most significant bit is on the right: on no machine that runs this.
    reversed: u32,
}

impl From<Bitfield> for Bits {
    fn from(Bitfield { offset, length, .. }: Bitfield) -> Self {
        Self { offset, length }
    }
}

/// `struct fb_var_screeninfo`.
#[repr(C)]
struct Variable {
    width: u32,
    height: u32,
    virtual_width: u32,
    virtual_height: u32,
    left: u32,
    top: u32,
    bits: u32,
    grey: u32,
    red: Bitfield,
    green: Bitfield,
    blue: Bitfield,
    opaque: Bitfield,
    /// Timing, and what is kept for later.
    others: [u32; 20],
}

/// `struct fb_fix_screeninfo`.
#[repr(C)]
struct Fixed {
    id: [u8; 16],
    memory: c_ulong,
    length: u32,
    kind: u32,
    kind_auxiliary: u32,
    visual: u32,
    steps: [u16; 3],
    stride: u32,
    registers: c_ulong,
    registers_length: u32,
    accelerator: u32,
    capabilities: u16,
    reserved: [u16; 2],
}

const FBIOGET_VSCREENINFO: Opcode = 0x4600;
const FBIOGET_FSCREENINFO: Opcode = 0x4602;
/// `FB_VISUAL_TRUECOLOR` and `FB_VISUAL_DIRECTCOLOR`: pixels are colours, and no entries of a palette.
const COLOURS: [u32; 2] = [2, 4];

/// What the driver says; `None` for pixels that are not taken.
fn describe(file: &File) -> io::Result<Option<Geometry>> {
    #[expect(unsafe_code, reason = "no kept crate asks a framebuffer")]
    // SAFETY: both requests fill in the C structure that stands here field by field, whose fields take any bits.
    let (variable, fixed): (Variable, Fixed) = unsafe {
        let variable = ioctl::ioctl(file, Getter::<FBIOGET_VSCREENINFO, Variable>::new())?;
        (variable, ioctl::ioctl(file, Getter::<FBIOGET_FSCREENINFO, Fixed>::new())?)
    };
    Ok(geometry(&variable, &fixed))
}

fn geometry(variable: &Variable, fixed: &Fixed) -> Option<Geometry> {
    let size = Size { width: variable.width, height: variable.height };
    let sides = 1..=SIDE_LIMIT;
    let colours = [variable.red, variable.green, variable.blue];
    let plain = variable.grey == 0 && COLOURS.contains(&fixed.visual) && colours.iter().all(|bits| bits.reversed == 0);
    let [red, green, blue] = colours.map(Bits::from);
    let format = PixelFormat::new(variable.bits, red, green, blue, variable.opaque.into())?;
    let (stride, left, top) = (fixed.stride as usize, variable.left as usize, variable.top as usize);
    let fits = sides.contains(&size.width) && sides.contains(&size.height);
    let wide_enough = stride >= (left + size.width as usize) * format.bytes();
    (plain && fits && wide_enough).then(|| Geometry {
        size,
        start: top * stride + left * format.bytes(),
        stride,
        format,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: Range<usize>, height: usize) -> Vec<Range<usize>> {
        pieces(&rows, height).collect()
    }

    #[test]
    fn no_piece_is_a_lone_row_unless_the_picture_is_one() {
        assert_eq!(of(0..200, 200), [0..64, 64..128, 128..192, 192..200]);
        assert_eq!(of(0..65, 200), [0..64, 63..65]);
        assert_eq!([of(7..8, 200), of(0..1, 200), of(199..200, 200)].concat(), [6..8, 0..2, 198..200]);
        assert_eq!(of(0..1, 1), std::slice::from_ref(&(0..1)));
    }

    /// 640×480 of r5g6b5, as the firmware of a Raspberry Pi describes it.
    fn described() -> (Variable, Fixed) {
        let bits = |offset, length| Bitfield { offset, length, reversed: 0 };
        let variable = Variable {
            width: 640,
            height: 480,
            virtual_width: 640,
            virtual_height: 960,
            left: 0,
            top: 480,
            bits: 16,
            grey: 0,
            red: bits(11, 5),
            green: bits(5, 6),
            blue: bits(0, 5),
            opaque: bits(0, 0),
            others: [0; 20],
        };
        let fixed = Fixed {
            id: [0; 16],
            memory: 0,
            length: 640 * 960 * 2,
            kind: 0,
            kind_auxiliary: 0,
            visual: COLOURS[0],
            steps: [0; 3],
            stride: 1280,
            registers: 0,
            registers_length: 0,
            accelerator: 0,
            capabilities: 0,
            reserved: [0; 2],
        };
        (variable, fixed)
    }

    #[test]
    fn what_is_seen_lies_where_the_driver_says() {
        let (variable, fixed) = described();
        let found = geometry(&variable, &fixed).expect("a geometry");
        assert_eq!((found.size, found.start, found.stride), (Size { width: 640, height: 480 }, 480 * 1280, 1280));
        let mut pixel = [0; 2];
        found.format.pack(&[255, 0, 0], &mut pixel);
        assert_eq!(pixel, [0x00, 0xF8]);
    }

    #[test]
    fn what_is_no_picture_of_colours_is_refused() {
        let refused = |change: fn(&mut Variable, &mut Fixed)| {
            let (mut variable, mut fixed) = described();
            change(&mut variable, &mut fixed);
            geometry(&variable, &fixed).is_none()
        };
        assert!(!refused(|_, _| ()));
        assert!(refused(|variable, _| variable.bits = 8));
        assert!(refused(|variable, _| variable.grey = 1));
        assert!(refused(|variable, _| variable.width = 0));
        assert!(refused(|variable, _| variable.height = u32::MAX));
        assert!(refused(|variable, _| variable.red.reversed = 1));
        assert!(refused(|_, fixed| fixed.visual = 3));
        assert!(refused(|_, fixed| fixed.stride = 1279));
    }

    /// `<linux/fb.h>` on 64 and on 32 bits.
    #[test]
    fn structures_are_as_large_as_the_kernels() {
        assert_eq!(size_of::<Variable>(), 160);
        assert_eq!(size_of::<Fixed>(), if size_of::<usize>() == 8 { 80 } else { 68 });
    }
}
