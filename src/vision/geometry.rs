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
    /// The map that takes each first spot to its second; `None` where three spots lie on a line or the numbers are
    /// not finite.
    pub(super) fn from_pairs(pairs: &[(Spot, Spot); 4]) -> Option<Self> {
        let mut rows = [[0.0_f64; 9]; 8];
        for (at, (from, to)) in pairs.iter().enumerate() {
            let (u, v, x, y) = (f64::from(from.x), f64::from(from.y), f64::from(to.x), f64::from(to.y));
            rows[at * 2] = [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x];
            rows[at * 2 + 1] = [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y];
        }
        let solved = solve(&mut rows)?.map(|value| value as f32);
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

/// Gauss–Jordan elimination with the largest pivot.
fn solve(rows: &mut [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        rows.swap(column, pivot);
        let lead = rows[column][column];
        if lead.abs() < 1e-9 || !lead.is_finite() {
            return None;
        }
        rows[column].iter_mut().for_each(|value| *value /= lead);
        let done = rows[column];
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| *at != column) {
            debug_assert_ne!(at, column);
            let factor = row[column];
            row.iter_mut().zip(done).for_each(|(value, lead)| *value -= factor * lead);
        }
    }
    Some(std::array::from_fn(|at| rows[at][8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_takes_its_four_spots_where_they_belong() {
        let from = [(0.0, 0.0), (21.0, 0.0), (21.0, 21.0), (0.0, 21.0)].map(|(x, y)| Spot::new(x, y));
        let to = [(110.0, 95.0), (300.0, 120.0), (280.0, 330.0), (90.0, 260.0)].map(|(x, y)| Spot::new(x, y));
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
