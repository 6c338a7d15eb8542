//! 95 % confidence intervals of a share and of a mean.

/// The two-sided 97.5 % quantile of the standard normal distribution.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// An interval with its ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Wilson score interval, 95 %, of a share of `hits` among `n`.
///
/// * Result: ends within 0…1, `None` for `n == 0`. `hits` above `n` is a bug and panics.
/// * Unlike the plain normal interval it never leaves 0…1 and stays right for small `n` and for
///   shares near 0 or 1.
/// * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
///   JASA 22 (1927) 209–212; recommended by Brown, Cai, DasGupta, Statistical Science 16 (2001).
pub fn wilson(hits: u64, n: u64) -> Option<Interval> {
    assert!(hits <= n, "{hits} hits among {n}");
    if n == 0 {
        return None;
    }
    let (share, count) = (hits as f64 / n as f64, n as f64);
    let scale = 1.0 + Z * Z / count;
    let middle = (share + Z * Z / (2.0 * count)) / scale;
    let half = Z / scale * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    // At 0 and n the formula touches the ends exactly; rounding must not step over or short of them.
    let low = if hits == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if hits == n { 1.0 } else { (middle + half).min(1.0) };
    Some(Interval { low, high })
}

/// Sums of integer values from which mean and interval follow exactly, whatever the merge order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moments {
    /// Values.
    pub n: u64,
    /// Σx.
    pub sum: i128,
    /// Σx².
    pub sum_squares: i128,
}

/// A mean with its doubt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// Values.
    pub n: u64,
    /// Arithmetic mean, in the unit of the values.
    pub mean: f64,
    /// 95 % Student-t interval of the mean; `None` below two values.
    pub interval: Option<Interval>,
}

impl Moments {
    /// Adds one value.
    pub fn push(&mut self, value: i32) {
        let value = i128::from(value);
        self.n += 1;
        self.sum += value;
        self.sum_squares += value * value;
    }

    /// Joins two sets of values.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
        }
    }

    /// The mean with its Student-t interval; `None` without values.
    ///
    /// The interval takes the values as independent: several scores of one person make it a little
    /// too narrow. The variance is computed from exact integers, so nothing cancels.
    pub fn mean(self) -> Option<Mean> {
        if self.n == 0 {
            return None;
        }
        let n = self.n as f64;
        let mean = self.sum as f64 / n;
        let interval = (self.n >= 2).then(|| {
            let squares = i128::from(self.n) * self.sum_squares - self.sum * self.sum;
            let variance = squares as f64 / (n * (n - 1.0));
            let half = t_quantile(self.n - 1) * (variance / n).sqrt();
            Interval { low: mean - half, high: mean + half }
        });
        Some(Mean { n: self.n, mean, interval })
    }
}

/// 97.5 % quantile of Student's t with `freedom ≥ 1` degrees.
///
/// Source: NIST/SEMATECH e-Handbook table 1.3.6.7.2 up to 30 degrees, beyond it the expansion of
/// Abramowitz and Stegun 26.7.5 (error below 1e-6 there).
fn t_quantile(freedom: u64) -> f64 {
    const TABLE: [f64; 30] = [
        12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
        2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
        2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
    ];
    if let Some(quantile) = TABLE.get(freedom as usize - 1) {
        return *quantile;
    }
    let v = freedom as f64;
    let first = (Z.powi(3) + Z) / 4.0;
    let second = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
    let third = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
    Z + first / v + second / (v * v) + third / (v * v * v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-4, "{got} is not {want}");
    }

    fn check_wilson(hits: u64, n: u64, low: f64, high: f64) {
        let interval = wilson(hits, n).expect("n is above 0");
        close(interval.low, low);
        close(interval.high, high);
    }

    #[test]
    fn wilson_matches_published_values() {
        assert_eq!(wilson(0, 0), None);
        check_wilson(0, 20, 0.0, 0.16113); // Newcombe 1998, table I, methods 3.
        check_wilson(1, 29, 0.00611, 0.17176); // Idem, printed there as 0.0061 to 0.1718.
        check_wilson(81, 263, 0.25527, 0.36621); // Idem, 0.2553 to 0.3662.
        check_wilson(15, 148, 0.06241, 0.16051); // Idem, 0.0624 to 0.1605.
        check_wilson(5, 5, 0.56552, 1.0);
        check_wilson(1, 1, 0.20654, 1.0);
    }

    #[test]
    fn mean_has_a_t_interval_from_two_values_on() {
        let of = |values: &[i32]| {
            let mut moments = Moments::default();
            values.iter().for_each(|&value| moments.push(value));
            moments.mean()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[-500]).expect("one value"), Mean { n: 1, mean: -500.0, interval: None });
        let three = of(&[1000, 2000, 3000]).expect("three values");
        let interval = three.interval.expect("an interval");
        close(three.mean, 2000.0);
        close((three.mean - interval.low) / 1000.0, 4.302653 / 3f64.sqrt()); // s = 1000.
        close(interval.high - three.mean, three.mean - interval.low);
    }

    #[test]
    fn t_quantiles_match_the_tables_on_both_sides_of_the_seam() {
        close(t_quantile(1), 12.706205);
        close(t_quantile(30), 2.042272);
        close(t_quantile(31), 2.039513);
        close(t_quantile(100), 1.983972);
        close(t_quantile(1_000_000), 1.959966);
    }
}
