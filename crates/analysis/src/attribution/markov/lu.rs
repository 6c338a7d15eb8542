//! Dense linear systems: LU factorisation with partial pivoting (Golub, Van Loan, Matrix Computations, 3.4).

/// Factors of a regular matrix, `P·A = L·U`.
pub(super) struct Lu {
    n: usize,
    /// L below the diagonal (its own is 1), U on and above, row-major.
    factors: Vec<f64>,
    /// Row of A that came to each place.
    order: Vec<usize>,
}

impl Lu {
    /// Factors an `n × n` row-major matrix. O(n³).
    pub fn new(mut factors: Vec<f64>, n: usize) -> Self {
        let mut order: Vec<usize> = (0..n).collect();
        for k in 0..n {
            let size = |row: usize| factors[row * n + k].abs();
            let pivot = (k..n).max_by(|&a, &b| size(a).total_cmp(&size(b))).unwrap_or(k);
            if pivot != k {
                order.swap(k, pivot);
                (0..n).for_each(|column| factors.swap(k * n + column, pivot * n + column));
            }
            let (above, below) = factors.split_at_mut((k + 1) * n);
            let pivot_row = &above[k * n..];
            for row in below.chunks_exact_mut(n) {
                let factor = row[k] / pivot_row[k];
                row[k] = factor;
                // Chains are sparse at the beginning: most rows have nothing to subtract.
                if factor != 0.0 {
                    for (value, above) in row[k + 1..].iter_mut().zip(&pivot_row[k + 1..]) {
                        *value -= factor * above;
                    }
                }
            }
        }
        Self { n, factors, order }
    }

    /// `A⁻¹·b`. O(n²).
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = self.order.iter().map(|&row| b[row]).collect();
        for row in 0..self.n {
            x[row] -= self.dot(row, 0..row, &x);
        }
        for row in (0..self.n).rev() {
            x[row] = (x[row] - self.dot(row, row + 1..self.n, &x)) / self.factors[row * self.n + row];
        }
        x
    }

    /// `(Aᵀ)⁻¹·b`. O(n²).
    pub fn solve_transposed(&self, mut b: Vec<f64>) -> Vec<f64> {
        let n = self.n;
        for row in 0..n {
            b[row] /= self.factors[row * n + row];
            for column in row + 1..n {
                b[column] -= self.factors[row * n + column] * b[row];
            }
        }
        for row in (0..n).rev() {
            for column in 0..row {
                b[column] -= self.factors[row * n + column] * b[row];
            }
        }
        let mut x = vec![0.0; n];
        self.order.iter().zip(b).for_each(|(&row, value)| x[row] = value);
        x
    }

    fn dot(&self, row: usize, columns: std::ops::Range<usize>, x: &[f64]) -> f64 {
        let own = &self.factors[row * self.n..];
        own[columns.clone()].iter().zip(&x[columns]).map(|(a, b)| a * b).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Lu;

    #[test]
    fn both_systems_are_solved_with_pivots_that_are_zero_at_first() {
        // Singular without pivoting: A = [[0,2,1],[1,1,0],[3,0,1]].
        let lu = Lu::new(vec![0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 3.0, 0.0, 1.0], 3);
        let close = |got: Vec<f64>, want: [f64; 3]| {
            assert!(got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{got:?}");
        };
        close(lu.solve(&[7.0, 3.0, 6.0]), [1.0, 2.0, 3.0]);
        close(lu.solve_transposed(vec![11.0, 4.0, 4.0]), [1.0, 2.0, 3.0]);
    }
}
