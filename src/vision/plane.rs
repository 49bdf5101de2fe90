//! Grey pictures at a working size.

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
    pub(super) width: usize,
    pub(super) height: usize,
    /// `width * height` bytes.
    pub(super) pixels: Vec<u8>,
    /// Sums of a row of the source while it is averaged.
    sums: Vec<u32>,
}

/// One pixel in fixed point: a weight of 256.
const ONE: u64 = 256;

impl Plane {
    /// The picture as it is.
    pub(super) fn grey(&self) -> Grey<'_> {
        Grey { width: self.width, height: self.height, pixels: &self.pixels }
    }

    /// Takes `source` at a size of `width` × `height` (both at least 1): each new pixel is the mean of the area that it
    /// covers, so that fine patterns turn grey and do not beat.
    pub(super) fn resample(&mut self, source: Grey, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.pixels.clear();
        if (width, height) == (source.width, source.height) {
            self.pixels.extend_from_slice(source.pixels);
            return;
        }
        if (width, height) == (source.width / 2, source.height / 2) {
            self.halve(source);
            return;
        }
        for y in 0..height {
            self.sum_rows(source, y);
            let weight = span_weight(y, source.height, height);
            for x in 0..width {
                let (sum, across) = mean_of(&self.sums, x, source.width, width);
                self.pixels.push((sum / (across * weight).max(1)).min(255) as u8);
            }
        }
    }

    /// Means of two by two pixels; an odd last row or column is left out.
    fn halve(&mut self, source: Grey) {
        self.pixels.resize(self.width * self.height, 0);
        let pairs = source.pixels.chunks_exact(2 * source.width);
        for (pixels, rows) in self.pixels.chunks_exact_mut(self.width).zip(pairs) {
            let (above, below) = rows.split_at(source.width);
            let (above, below) = (above.as_chunks::<2>().0, below.as_chunks::<2>().0);
            for ((pixel, &above), &below) in pixels.iter_mut().zip(above).zip(below) {
                let sum = |pair: [u8; 2]| (u16::from_le_bytes(pair) & 0xFF) + (u16::from_le_bytes(pair) >> 8);
                *pixel = ((sum(above) + sum(below) + 2) / 4) as u8;
            }
        }
    }

    fn sum_rows(&mut self, source: Grey, y: usize) {
        self.sums.clear();
        self.sums.resize(source.width, 0);
        for (row, weight) in spans(y, source.height, self.height) {
            let pixels = &source.pixels[row * source.width..(row + 1) * source.width];
            for (sum, &pixel) in self.sums.iter_mut().zip(pixels) {
                *sum += u32::from(pixel) * weight;
            }
        }
    }
}

/// Source places under the target place `at`, each with its weight.
fn spans(at: usize, source: usize, target: usize) -> impl Iterator<Item = (usize, u32)> {
    let (start, end) = edges(at, source, target);
    (start / ONE..end.div_ceil(ONE)).map(move |place| {
        let (from, to) = (start.max(place * ONE), end.min((place + 1) * ONE));
        (place as usize, (to - from) as u32)
    })
}

/// Where the target place `at` starts and ends in the source, in fixed point; never empty, and always in 64 bits,
/// because a picture of one row can be 50 million pixels long.
fn edges(at: usize, source: usize, target: usize) -> (u64, u64) {
    let place = |at: usize| at as u64 * source as u64 * ONE / target as u64;
    (place(at), place(at + 1).max(place(at) + 1))
}

fn span_weight(at: usize, source: usize, target: usize) -> u64 {
    let (start, end) = edges(at, source, target);
    end - start
}

fn mean_of(sums: &[u32], at: usize, source: usize, target: usize) -> (u64, u64) {
    let sum = spans(at, source, target).map(|(place, weight)| u64::from(sums[place]) * u64::from(weight)).sum();
    (sum, span_weight(at, source, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_gives_the_mean_of_four() {
        let mut plane = Plane::default();
        plane.resample(Grey { width: 4, height: 2, pixels: &[0, 100, 20, 20, 100, 200, 20, 20] }, 2, 1);
        assert_eq!(plane.pixels, [100, 20]);
    }

    #[test]
    fn a_shade_stays_the_same_at_every_size() {
        let pixels = vec![201; 37 * 19];
        let mut plane = Plane::default();
        for (width, height) in [(1, 1), (5, 19), (37, 1), (36, 18), (50, 40)] {
            plane.resample(Grey { width: 37, height: 19, pixels: &pixels }, width, height);
            assert_eq!(plane.pixels, vec![201; width * height], "{width}x{height}");
        }
    }
}
