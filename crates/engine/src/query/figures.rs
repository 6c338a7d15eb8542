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
