//! From 8-bit colours to the pixels that displays take.

/// Where a colour has its bits in a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    /// The lowest one, counted from the pixel's lowest.
    pub offset: u32,
    /// How many there are.
    pub length: u32,
}

impl Bits {
    const fn new(offset: u32, length: u32) -> Self {
        Self { offset, length }
    }

    /// Whether there are any, not too many, and they lie within a pixel of `bits`.
    const fn fit(self, bits: u32) -> bool {
        self.length >= 1 && self.length <= 16 && self.offset < bits && self.offset + self.length <= bits
    }

    /// Every value of 8 bits at its place.
    fn places(self) -> [u32; 256] {
        let mut places = [0; 256];
        for (value, place) in (0..=u8::MAX).zip(&mut places) {
            *place = level(value, self.length) << self.offset;
        }
        places
    }
}

/// The nearest of the levels that so many bits have, from none to all ones: 5 bits of 255 are 31, of 128 are 16, of 3 are 0.
/// It is the rounding that `embedded-graphics` has for its `Rgb565`.
#[must_use]
pub fn level(value: u8, bits: u32) -> u32 {
    let most = (1 << bits) - 1;
    // 255 is odd, so nothing lies exactly between two levels.
    (u32::from(value) * most + 127) / 255
}

/// How a display has its pixels in memory: two to four bytes, the lowest first.
#[derive(Clone, Debug)]
pub struct PixelFormat {
    /// Bytes of a pixel.
    bytes: usize,
    red: [u32; 256],
    green: [u32; 256],
    blue: [u32; 256],
    /// The bits of opacity, which are all set.
    opaque: u32,
}

impl PixelFormat {
    /// 8 bits each in four bytes, blue first; the fourth byte is 0.
    #[must_use]
    pub fn xrgb8888() -> Self {
        let [red, green, blue] = [16, 8, 0].map(|offset| Bits::new(offset, 8).places());
        Self { bytes: 4, red, green, blue, opaque: 0 }
    }

    /// A format by its bits, of which `opaque` may have none; `None` for one that is not of 16, 24 or 32 bits, or whose
    /// colours do not fit.
    #[must_use]
    pub fn new(bits: u32, red: Bits, green: Bits, blue: Bits, opaque: Bits) -> Option<Self> {
        let bytes = match bits {
            16 => 2,
            24 => 3,
            32 => 4,
            _ => return None,
        };
        let fit = [red, green, blue].into_iter().all(|colour| colour.fit(bits));
        let opaque = if opaque.fit(bits) { opaque.places()[255] } else { 0 };
        fit.then(|| Self { bytes, red: red.places(), green: green.places(), blue: blue.places(), opaque })
    }

    /// Bytes of a pixel.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Puts 8-bit red, green and blue, pixel after pixel, into memory.
    pub fn pack(&self, rgb: &[u8], into: &mut [u8]) {
        for (colour, pixel) in rgb.chunks_exact(3).zip(into.chunks_exact_mut(self.bytes)) {
            let place = |places: &[u32; 256], value: u8| places[usize::from(value)];
            let (red, green) = (place(&self.red, colour[0]), place(&self.green, colour[1]));
            let word = red | green | place(&self.blue, colour[2]) | self.opaque;
            pixel.copy_from_slice(&word.to_le_bytes()[..self.bytes]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::{Rgb565, Rgb888, RgbColor};

    #[test]
    fn a_level_is_the_nearest_one_and_the_one_of_the_field() {
        for value in 0..=u8::MAX {
            let colour = Rgb565::from(Rgb888::new(value, value, value));
            assert_eq!((level(value, 5), level(value, 6)), (colour.r().into(), colour.g().into()), "{value}");
            assert_eq!(level(value, 8), u32::from(value));
            for bits in [1, 4, 5, 6, 10] {
                let most = f64::from((1_u32 << bits) - 1);
                let exact = f64::from(value) * most / 255.0;
                assert!((f64::from(level(value, bits)) - exact).abs() < 0.5, "{value} in {bits} bits");
            }
        }
    }

    #[test]
    fn pixels_have_their_bits_where_the_format_says() {
        let mut pixel = [0; 4];
        PixelFormat::xrgb8888().pack(&[0x12, 0x34, 0x56], &mut pixel);
        assert_eq!(pixel, [0x56, 0x34, 0x12, 0]);
        let rgb565 = PixelFormat::new(16, Bits::new(11, 5), Bits::new(5, 6), Bits::new(0, 5), Bits::default());
        let mut pixels = [0; 8];
        rgb565.expect("a format").pack(&[255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128], &mut pixels);
        assert_eq!(pixels, [0x00, 0xF8, 0xE0, 0x07, 0x1F, 0x00, 0x10, 0x84]);
        let argb = PixelFormat::new(32, Bits::new(16, 8), Bits::new(8, 8), Bits::new(0, 8), Bits::new(24, 8));
        argb.expect("a format").pack(&[1, 2, 3], &mut pixel);
        assert_eq!(pixel, [3, 2, 1, 0xFF]);
    }

    #[test]
    fn formats_that_make_no_sense_are_refused() {
        let (whole, none) = (Bits::new(0, 8), Bits::default());
        for (bits, red) in
            [(8, whole), (15, whole), (64, whole), (16, none), (16, Bits::new(12, 5)), (32, Bits::new(u32::MAX, 1))]
        {
            assert!(PixelFormat::new(bits, red, whole, whole, none).is_none(), "{bits} {red:?}");
        }
    }
}
