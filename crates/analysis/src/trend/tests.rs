//! Rules of trends.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::sequences;
use testkit::timeline::{Columns, Row, rows};

/// `(person, time, amount)` rows in buckets 0..10..20; expects `(events, people, values, sum)`.
#[track_caller]
fn check(rows: &[(u64, i64, Option<i64>)], points: [(u64, u64, u64, i128); 2], total: (u64, u64, u64, i128)) {
    let plan = TrendPlan::new(vec![0, 10, 20], None).expect("valid");
    let rows =
        rows.iter().map(|&(person, time_us, amount)| Row { person, time_us, amount, ..Row::default() });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    let answer = fold(rows_of(&columns), TrendColumns::default(), &plan).finish();
    assert_eq!(answer.all.points, points.map(point));
    assert_eq!(answer.all.total, point(total));
    assert_eq!(answer.by_label, []);
}

fn point((events, people, n_values, sum): (u64, u64, u64, i128)) -> TrendPoint {
    TrendPoint { events, people, n_values, sum }
}

#[test]
fn trend_rules() {
    let none = (0, 0, 0, 0);
    check(&[], [none, none], none);
    check(&[(1, -1, None), (1, 20, None)], [none, none], none); // Outside all buckets.
    check(&[(1, 0, None), (1, 9, None)], [(2, 1, 0, 0), none], (2, 1, 0, 0)); // Half open,
    check(&[(1, 10, None), (1, 19, None)], [none, (2, 1, 0, 0)], (2, 1, 0, 0)); // on both sides.
    check(&[(1, 0, None), (1, 10, None)], [(1, 1, 0, 0), (1, 1, 0, 0)], (2, 1, 0, 0)); // Distinct over all,
    check(&[(1, 0, None), (2, 0, None)], [(2, 2, 0, 0), none], (2, 2, 0, 0)); // and across persons.
    check(&[(1, 5, Some(7)), (1, 6, None), (1, 7, Some(-9))], [(3, 1, 2, -2), none], (3, 1, 2, -2));
}

#[test]
fn an_average_needs_values() {
    assert_eq!(point((3, 1, 0, 0)).average(), None);
    assert_eq!(point((3, 1, 2, -5)).average(), Some(-2.5));
}

#[test]
fn own_values_replace_amounts() {
    let plan = TrendPlan::new(vec![0, 10], None).expect("valid");
    let columns = Columns::new(&[Row { amount: Some(5), ..Row::default() }]);
    let answer =
        fold(rows_of(&columns), TrendColumns { values: &[70], ..TrendColumns::default() }, &plan).finish();
    assert_eq!(answer.all.total, point((1, 1, 1, 70)));
}

#[test]
fn wrong_boundaries_are_refused() {
    for bounds_us in [vec![], vec![1], vec![1, 1], vec![2, 1]] {
        assert_eq!(TrendPlan::new(bounds_us, None), Err(PlanError::Boundaries));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_and_merges(
        rows in rows(6, 24, 20, 0b11),
        bounds_us in proptest::collection::btree_set(0i64..22, 2..6),
        include in any::<bool>(),
        salt in 0u64..8,
    ) {
        let bounds_us: Vec<i64> = bounds_us.into_iter().collect();
        let plan = TrendPlan::new(bounds_us.clone(), include.then_some(0b10)).expect("valid");
        let count = |part: &Columns| {
            fold(rows_of(part), TrendColumns { labels: &part.label, ..TrendColumns::default() }, &plan)
        };
        let whole = count(&Columns::new(&rows));
        assert_merges(thirds(&rows, salt).map(|part| count(&part)), &whole, TrendState::merge);
        prop_assert_eq!(&whole.clone().merge(TrendState::empty(&plan)), &whole);
        let series = |label: Option<u32>| {
            let wanted = move |row: &&Row| (!include || row.has(1)) && label.is_none_or(|label| row.label == label);
            let within = |from: i64, to: i64| {
                point(sequences::point(rows.iter().filter(wanted).filter(move |row| (from..to).contains(&row.time_us))))
            };
            let points = bounds_us.windows(2).map(|pair| within(pair[0], pair[1])).collect();
            Series { points, total: within(bounds_us[0], bounds_us[bounds_us.len() - 1]) }
        };
        let columns = Columns::new(&rows);
        let codes: Vec<u16> = columns.label.iter().map(|&label| label as u16).collect();
        let by_code = fold_by_code(rows_of(&columns), &codes, &plan);
        prop_assert_eq!(&by_code, &whole);
        // Labels too large for a table by code.
        let wide: Vec<u32> = columns.label.iter().map(|&label| label + 3_000_000_000).collect();
        let by_wide = fold(rows_of(&columns), TrendColumns { labels: &wide, ..TrendColumns::default() }, &plan).finish();
        let shifted: Vec<_> = whole.clone().finish().by_label.into_iter().map(|(label, series)| (label + 3_000_000_000, series)).collect();
        prop_assert_eq!(by_wide.by_label, shifted);
        let answer = whole.finish();
        prop_assert_eq!(&answer.all, &series(None));
        let want = (0..3).map(|label| (label, series(Some(label)))).filter(|(_, series)| series.total.events > 0);
        prop_assert_eq!(answer.by_label, want.collect::<Vec<_>>());
    }
}
