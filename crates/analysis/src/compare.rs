//! Whether two shares differ by more than chance.

use crate::interval::{Interval, wilson};

/// People per group below which nothing is said.
const MIN_PEOPLE: u64 = 30;

/// The difference of two shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// First share - second.
    pub difference: f64,
    /// 95 % interval of it.
    pub interval: Interval,
    /// Two-sided p-value.
    pub p: f64,
}

/// Compares `hits` of `n` in two disjoint groups; `None` where either has fewer than 30, for which the
/// normal approximation is not to be trusted. `hits` above `n` is a bug and panics.
///
/// * p: two-proportion z-test with pooled variance.
/// * Interval: Newcombe's hybrid score interval, from the Wilson intervals of both shares. It is not the
///   inverse of the test: in rare borderline cases one says "differs" and the other does not.
/// * Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions",
///   Statistics in Medicine 17 (1998) 873–890, method 10.
pub fn two_proportions(a: (u64, u64), b: (u64, u64)) -> Option<Difference> {
    if a.1 < MIN_PEOPLE || b.1 < MIN_PEOPLE {
        return None;
    }
    let (wilson_a, wilson_b) = (wilson(a.0, a.1)?, wilson(b.0, b.1)?);
    let (n_a, n_b) = (a.1 as f64, b.1 as f64);
    let (share_a, share_b) = (a.0 as f64 / n_a, b.0 as f64 / n_b);
    let difference = share_a - share_b;
    let below = (share_a - wilson_a.low).hypot(wilson_b.high - share_b);
    let above = (wilson_a.high - share_a).hypot(share_b - wilson_b.low);
    let pooled = (a.0 + b.0) as f64 / (n_a + n_b);
    let error = (pooled * (1.0 - pooled) * (1.0 / n_a + 1.0 / n_b)).sqrt();
    let p = if error == 0.0 { 1.0 } else { two_sided_p(difference / error) };
    Some(Difference {
        difference,
        interval: Interval { low: difference - below, high: difference + above },
        p,
    })
}

/// Benjamini–Hochberg: adjusted p-values (q-values) of several tests, in their order. Calling all with
/// `q ≤ 0.05` different keeps the expected share of false ones at 5 % of those called.
///
/// Source: Y. Benjamini, Y. Hochberg, JRSS B 57 (1995) 289–300.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let n = p.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![1.0; n];
    let mut least = 1.0_f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        least = least.min(p[test] * n as f64 / (rank + 1) as f64);
        adjusted[test] = least;
    }
    adjusted
}

/// P(|Z| > |z|) of the standard normal distribution, relative error below 1.2e-7.
///
/// Source: Press et al., Numerical Recipes, `erfcc`.
pub fn two_sided_p(z: f64) -> f64 {
    const TERMS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    (t * (-x * x + sum).exp()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, slack: f64) {
        assert!((got - want).abs() < slack, "{got} is not {want}");
    }

    #[test]
    fn differences_match_published_values() {
        // Newcombe 1998, table II, (a) and (b), method 10.
        let of = two_proportions((56, 70), (48, 80)).expect("enough people");
        close(of.difference, 0.2, 1e-12);
        close(of.interval.low, 0.0524, 5e-5);
        close(of.interval.high, 0.3339, 5e-5);
        // Agresti: 189 of 11,034 against 104 of 11,037 heart attacks, z = 5.00.
        close(two_proportions((189, 11_034), (104, 11_037)).expect("enough people").p, 5.7e-7, 0.4e-7);
        assert_eq!(two_proportions((3, 29), (500, 1000)), None);
        let same = two_proportions((50, 50), (60, 60)).expect("enough people");
        assert_eq!((same.difference, same.p), (0.0, 1.0));
        let swapped = two_proportions((48, 80), (56, 70)).expect("enough people");
        close(swapped.interval.low, -of.interval.high, 1e-12);
        close(swapped.p, of.p, 1e-12);
    }

    #[test]
    fn p_values_match_the_tables() {
        for (z, p) in [(1.959_964, 0.05), (-2.575_829, 0.01), (0.0, 1.0)] {
            close(two_sided_p(z), p, 1e-6);
        }
    }

    #[test]
    fn benjamini_hochberg_matches_the_paper() {
        // The 15 p-values of the paper's section 3.2: four are rejected at .05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        let adjusted = benjamini_hochberg(&p);
        assert_eq!(adjusted.iter().filter(|&&q| q <= 0.05).count(), 4);
        close(adjusted[3], 0.0095 * 15.0 / 4.0, 1e-12);
        assert!(adjusted.windows(2).all(|pair| pair[0] <= pair[1]));
        let reversed: Vec<f64> = p.iter().rev().copied().collect();
        let mut back = benjamini_hochberg(&reversed);
        back.reverse();
        assert_eq!(back, adjusted);
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}
