//! Numbers → [`Figure`]s with their doubt.

use analysis::Spread;
use analysis::interval::{Mean, wilson};
use model::ask::Select;
use model::metric::{Direction, Unit};
use model::view::Figure;

/// A count of people, with the way to them.
pub(crate) fn people(
    define: &str,
    n: u64,
    previous: Option<u64>,
    good: Direction,
    select: Option<Select>,
) -> Figure {
    Figure {
        value: Some(n as f64),
        unit: Unit::People,
        good,
        n,
        previous: previous.map(|n| n as f64),
        people: select,
        define: define.to_owned(),
        ..Figure::default()
    }
}

/// A share of people with its Wilson interval.
pub(crate) fn share(
    define: &str,
    hits: u64,
    n: u64,
    previous: Option<(u64, u64)>,
    select: Option<Select>,
) -> Figure {
    let interval = wilson(hits.min(n), n);
    Figure {
        value: ratio(hits, n),
        unit: Unit::Share,
        good: Direction::Up,
        n,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        previous: previous.and_then(|(hits, n)| ratio(hits, n)),
        people: select,
        define: define.to_owned(),
        ..Figure::default()
    }
}

/// One of the quantiles of a spread, in seconds.
pub(crate) fn seconds(
    define: &str,
    spread: Option<Spread>,
    previous: Option<Spread>,
    of: fn(&Spread) -> i64,
) -> Figure {
    let value = |spread: &Spread| of(spread) as f64 / 1e6;
    Figure {
        value: spread.as_ref().map(value),
        unit: Unit::Seconds,
        good: Direction::Down,
        n: spread.map_or(0, |spread| spread.n),
        previous: previous.as_ref().map(value),
        define: define.to_owned(),
        ..Figure::default()
    }
}

/// Hundredths as whole currency units.
pub(crate) fn money(
    define: &str,
    hundredths: Option<f64>,
    previous: Option<f64>,
    n: u64,
    good: Direction,
) -> Figure {
    Figure {
        value: hundredths.map(|amount| amount / 100.0),
        unit: Unit::Money,
        good,
        n,
        previous: previous.map(|amount| amount / 100.0),
        define: define.to_owned(),
        ..Figure::default()
    }
}

/// A mean of thousandths with its interval.
pub(crate) fn mean(define: &str, mean: Option<Mean>, previous: Option<Mean>) -> Figure {
    let interval = mean.and_then(|mean| mean.interval);
    Figure {
        value: mean.map(|mean| mean.mean / 1000.0),
        unit: Unit::Score,
        good: Direction::Up,
        n: mean.map_or(0, |mean| mean.n),
        low: interval.map(|interval| (interval.low / 1000.0).max(-2.0)),
        high: interval.map(|interval| (interval.high / 1000.0).min(2.0)),
        previous: previous.map(|mean| mean.mean / 1000.0),
        define: define.to_owned(),
        ..Figure::default()
    }
}

/// `None` for a ratio to nothing.
pub(crate) fn ratio(hits: u64, n: u64) -> Option<f64> {
    (n > 0).then(|| hits as f64 / n as f64)
}

/// Two-sided p-value of the two-proportion z-test with pooled variance; `None` when either group has fewer than 30
/// people, where the normal approximation is not to be trusted.
pub(crate) fn two_proportions_p(a: (u64, u64), b: (u64, u64)) -> Option<f64> {
    if a.1 < 30 || b.1 < 30 {
        return None;
    }
    let (n_a, n_b) = (a.1 as f64, b.1 as f64);
    let pooled = (a.0 + b.0) as f64 / (n_a + n_b);
    let error = (pooled * (1.0 - pooled) * (1.0 / n_a + 1.0 / n_b)).sqrt();
    if error == 0.0 {
        return Some(1.0);
    }
    let z = (a.0 as f64 / n_a - b.0 as f64 / n_b) / error;
    Some(erfc(z.abs() / std::f64::consts::SQRT_2))
}

/// Complementary error function for `x ≥ 0`, absolute error below 1.2e-7 (Press et al., Numerical Recipes, `erfcc`).
fn erfc(x: f64) -> f64 {
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
    let t = 1.0 / (1.0 + 0.5 * x);
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    t * (-x * x + sum).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_test_matches_published_values() {
        // Standard normal: P(|Z| > 1.96) = .0500, > 2.5758 = .0100, > 0 = 1.
        for (z, p) in [(1.959_964, 0.05), (2.575_829, 0.01), (0.0, 1.0)] {
            assert!((erfc(z / std::f64::consts::SQRT_2) - p).abs() < 1e-6, "{z}");
        }
        // Agresti: 189 of 11,034 against 104 of 11,037 heart attacks, z = 5.00.
        let p = two_proportions_p((189, 11_034), (104, 11_037));
        assert!(p.is_some_and(|p| (p - 5.7e-7).abs() < 0.4e-7), "{p:?}");
        assert_eq!(two_proportions_p((3, 29), (500, 1000)), None); // Too few to judge.
        assert_eq!(two_proportions_p((50, 50), (60, 60)), Some(1.0)); // No variance, no difference.
    }
}
