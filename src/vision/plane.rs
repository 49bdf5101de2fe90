//! Grey pictures and their halves.

/// A grey picture that belongs to somebody else.
#[derive(Clone, Copy)]
pub(super) struct Grey<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// `width * height` bytes.
    pub(super) pixels: &'a [u8],
}

/// A grey picture whose memory is reused from frame to frame.
#[derive(Default)]
pub(super) struct Plane {
    width: usize,
    height: usize,
    /// `width * height` bytes.
    pixels: Vec<u8>,
}

impl Plane {
    /// The picture as it is.
    pub(super) fn grey(&self) -> Grey<'_> {
        Grey { width: self.width, height: self.height, pixels: &self.pixels }
    }

    /// Takes `source` with each pixel repeated so many times along and down.
    pub(super) fn enlarge(&mut self, source: Grey, times: usize) {
        (self.width, self.height) = (source.width * times, source.height * times);
        self.pixels.clear();
        for row in source.pixels.chunks_exact(source.width) {
            let start = self.pixels.len();
            for &pixel in row {
                self.pixels.resize(self.pixels.len() + times, pixel);
            }
            for _ in 1..times {
                self.pixels.extend_from_within(start..start + self.width);
            }
        }
    }

    /// Takes `source` at half its size: each pixel is the mean of two by two, so that fine patterns turn grey and do
    /// not beat. An odd last row or column is left out, unless it is the only one.
    pub(super) fn halve(&mut self, source: Grey) {
        (self.width, self.height) = ((source.width / 2).max(1), (source.height / 2).max(1));
        self.pixels.resize(self.width * self.height, 0);
        if source.width == 1 || source.height == 1 {
            self.pixels.iter_mut().zip(source.pixels.iter().step_by(2)).for_each(|(pixel, &one)| *pixel = one);
            return;
        }
        let pairs = source.pixels.chunks_exact(2 * source.width);
        for (pixels, rows) in self.pixels.chunks_exact_mut(self.width).zip(pairs) {
            let (above, below) = rows.split_at(source.width);
            let (above, below) = (above.as_chunks::<2>().0, below.as_chunks::<2>().0);
            for ((pixel, &above), &below) in pixels.iter_mut().zip(above).zip(below) {
                // Both pixels of a pair in one lane, which the compiler turns into whole registers.
                let sum = |pair: [u8; 2]| (u16::from_le_bytes(pair) & 0xFF) + (u16::from_le_bytes(pair) >> 8);
                *pixel = ((sum(above) + sum(below) + 2) / 4) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halved(width: usize, height: usize, pixels: &[u8]) -> Plane {
        let mut plane = Plane::default();
        plane.halve(Grey { width, height, pixels });
        plane
    }

    #[test]
    fn halving_gives_the_mean_of_four() {
        let plane = halved(5, 3, &[0, 100, 20, 20, 9, 100, 200, 20, 20, 9, 9, 9, 9, 9, 9]);
        assert_eq!((plane.width, plane.height, &plane.pixels[..]), (2, 1, &[100, 20][..]));
    }

    #[test]
    fn a_shade_stays_the_same_at_every_size() {
        for (width, height) in [(1, 1), (5, 1), (1, 9), (2, 2), (37, 19)] {
            let plane = halved(width, height, &vec![201; width * height]);
            assert_eq!(plane.pixels, vec![201; (width / 2).max(1) * (height / 2).max(1)], "{width}x{height}");
        }
    }
}
