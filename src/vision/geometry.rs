//! Where a symbol's modules lie in the picture: plane perspective from four points.

/// A place in the picture or on the symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spot {
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Spot {
    pub(super) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(super) fn plus(self, other: Self, times: f32) -> Self {
        Self::new(self.x + other.x * times, self.y + other.y * times)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(other, -1.0)
    }

    pub(super) fn scaled(self, times: f32) -> Self {
        Self::new(self.x * times, self.y * times)
    }

    pub(super) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    pub(super) fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub(super) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }
}

/// A straight line through a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) at: Spot,
    pub(super) along: Spot,
}

impl Line {
    /// Where two lines meet; `None` where they are (nearly) parallel.
    pub(super) fn meet(self, other: Self) -> Option<Spot> {
        let turn = self.along.cross(other.along);
        if turn.abs() < 1e-3 * self.along.length() * other.along.length() {
            return None;
        }
        Some(self.at.plus(self.along, other.at.minus(self.at).cross(other.along) / turn))
    }

    /// The line with the least squared distance to the spots (at least two different ones).
    pub(super) fn through(spots: &[Spot]) -> Option<Self> {
        let count = spots.len() as f32;
        let sum = spots.iter().fold(Spot::default(), |sum, &spot| sum.plus(spot, 1.0));
        let at = Spot::new(sum.x / count, sum.y / count);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for spot in spots {
            let off = spot.minus(at);
            (xx, xy, yy) = (xx + off.x * off.x, xy + off.x * off.y, yy + off.y * off.y);
        }
        let angle = (2.0 * xy).atan2(xx - yy) / 2.0;
        (xx + yy > 0.0).then_some(Self { at, along: Spot::new(angle.cos(), angle.sin()) })
    }

    pub(super) fn distance(self, spot: Spot) -> f32 {
        (spot.minus(self.at).cross(self.along) / self.along.length()).abs()
    }
}

/// A projective map from modules to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Perspective([f32; 8]);

impl Perspective {
    /// The map that takes each first spot to its second, corners given as top left, top right, bottom left, bottom
    /// right; `None` where three spots lie on a line or the numbers are not finite.
    pub(super) fn from_pairs(pairs: &[(Spot, Spot); 4]) -> Option<Self> {
        let from = unit_square_to(pairs.map(|(from, _)| from))?;
        let to = unit_square_to(pairs.map(|(_, to)| to))?;
        let map = product(&to, &adjugate(&from));
        let last = map[8];
        if last.abs() < 1e-12 {
            return None;
        }
        let solved = std::array::from_fn(|at| (map[at] / last) as f32);
        solved.iter().all(|value| value.is_finite()).then_some(Self(solved))
    }

    /// Where a place on the symbol (in modules) lies in the picture. Beyond the horizon the numbers mean nothing, but
    /// they are harmless: every user of them clamps.
    pub(super) fn map(&self, u: f32, v: f32) -> Spot {
        let h = &self.0;
        let scale = 1.0 / (h[6] * u + h[7] * v + 1.0);
        Spot::new((h[0] * u + h[1] * v + h[2]) * scale, (h[3] * u + h[4] * v + h[5]) * scale)
    }

    /// Whether the symbol's square of `size` modules lies on this side of the horizon and is seen from the front.
    pub(super) fn is_sound(&self, size: f32) -> bool {
        let h = &self.0;
        let near = |u: f32, v: f32| h[6] * u + h[7] * v + 1.0 > 0.05;
        let corners = self.corners(size);
        let turn = |i: usize| {
            let (a, b, c) = (corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]);
            b.minus(a).cross(c.minus(b)) > 0.0
        };
        near(size, 0.0) && near(size, size) && near(0.0, size) && (0..4).all(turn)
    }

    /// Top left, top right, bottom right, bottom left.
    pub(super) fn corners(&self, size: f32) -> [Spot; 4] {
        [self.map(0.0, 0.0), self.map(size, 0.0), self.map(size, size), self.map(0.0, size)]
    }
}

/// A projective map as a matrix of three rows.
type Matrix = [f64; 9];

/// The map from the unit square to four corners (Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989,
/// section 2.2.3); `None` where three of them lie on a line.
fn unit_square_to([top_left, top_right, bottom_left, bottom_right]: [Spot; 4]) -> Option<Matrix> {
    let at = |spot: Spot| (f64::from(spot.x), f64::from(spot.y));
    let ((x0, y0), (x1, y1)) = (at(top_left), at(top_right));
    let ((x2, y2), (x3, y3)) = (at(bottom_right), at(bottom_left));
    let (dx1, dy1, dx2, dy2) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
    let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
    let turn = dx1 * dy2 - dx2 * dy1;
    if turn.abs() < 1e-9 || !turn.is_finite() {
        return None;
    }
    let (g, h) = ((sx * dy2 - dx2 * sy) / turn, (dx1 * sy - sx * dy1) / turn);
    Some([x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0])
}

/// The inverse but for a factor, which a projective map does not notice.
fn adjugate(m: &Matrix) -> Matrix {
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[b] - m[c] * m[d];
    [
        minor(4, 8, 5, 7),
        minor(2, 7, 1, 8),
        minor(1, 5, 2, 4),
        minor(5, 6, 3, 8),
        minor(0, 8, 2, 6),
        minor(2, 3, 0, 5),
        minor(3, 7, 4, 6),
        minor(1, 6, 0, 7),
        minor(0, 4, 1, 3),
    ]
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|at| (0..3).map(|i| a[at / 3 * 3 + i] * b[i * 3 + at % 3]).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_takes_its_four_spots_where_they_belong() {
        let from = [(3.5, 3.5), (17.5, 3.5), (3.5, 17.5), (21.0, 21.0)].map(|(x, y)| Spot::new(x, y));
        let to = [(110.0, 95.0), (300.0, 120.0), (90.0, 260.0), (280.0, 330.0)].map(|(x, y)| Spot::new(x, y));
        let map = Perspective::from_pairs(&std::array::from_fn(|at| (from[at], to[at]))).expect("four corners");
        for (from, to) in from.into_iter().zip(to) {
            assert!(map.map(from.x, from.y).minus(to).length() < 1e-2);
        }
        assert!(map.is_sound(21.0));
    }

    #[test]
    fn spots_on_a_line_make_no_map() {
        let pair = |at: f32| (Spot::new(at, at), Spot::new(at, 2.0 * at));
        assert!(Perspective::from_pairs(&[pair(0.0), pair(1.0), pair(2.0), pair(3.0)]).is_none());
    }

    #[test]
    fn lines_meet_where_they_should() {
        let line = |x: f32, y: f32, dx: f32, dy: f32| Line { at: Spot::new(x, y), along: Spot::new(dx, dy) };
        assert_eq!(line(0.0, 1.0, 1.0, 0.0).meet(line(3.0, 0.0, 0.0, 2.0)), Some(Spot::new(3.0, 1.0)));
        assert_eq!(line(0.0, 1.0, 1.0, 0.0).meet(line(3.0, 0.0, -2.0, 0.0)), None);
    }
}
