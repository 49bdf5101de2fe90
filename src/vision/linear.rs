//! Least squares.

/// Sums over the equations of a system with `N` unknowns.
pub(super) struct Sums<const N: usize> {
    square: [[f64; N]; N],
    right: [f64; N],
}

impl<const N: usize> Sums<N> {
    pub(super) const fn new() -> Self {
        Self { square: [[0.0; N]; N], right: [0.0; N] }
    }

    /// Adds an equation: the terms times the unknowns are `value`.
    pub(super) fn add(&mut self, terms: &[f32; N], value: f32) {
        for (row, &one) in terms.iter().enumerate() {
            for (sum, &other) in self.square[row].iter_mut().zip(terms) {
                *sum += f64::from(one) * f64::from(other);
            }
            self.right[row] += f64::from(one) * f64::from(value);
        }
    }

    /// The unknowns with the least squared error, by elimination; a trace of damping keeps those small that the
    /// equations do not tell.
    pub(super) fn solve(mut self) -> Option<[f32; N]> {
        let trace: f64 = (0..N).map(|at| self.square[at][at]).sum();
        (0..N).for_each(|at| self.square[at][at] += 1e-3 * trace / N as f64);
        for column in 0..N {
            let lead = self.square[column][column];
            if lead <= 0.0 || !lead.is_finite() {
                return None;
            }
            for row in column + 1..N {
                let factor = self.square[row][column] / lead;
                let above = self.square[column];
                self.square[row].iter_mut().zip(above).for_each(|(value, above)| *value -= factor * above);
                self.right[row] -= factor * self.right[column];
            }
        }
        for column in (0..N).rev() {
            let known: f64 = (column + 1..N).map(|at| self.square[column][at] * self.right[at]).sum();
            self.right[column] = (self.right[column] - known) / self.square[column][column];
        }
        Some(self.right.map(|value| value as f32))
    }
}
