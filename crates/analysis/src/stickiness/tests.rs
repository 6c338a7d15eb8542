//! Rules of stickiness. Days of 10 from 0 to 60, "weeks" of three days.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::activity as naive;
use testkit::timeline::{Columns, Row, rows};

fn plan(as_of_us: i64) -> StickinessPlan {
    StickinessPlan::new((0..=6).map(|i| i * 10).collect(), &[0, 30, 60], None, as_of_us).expect("valid")
}

fn answer(stories: &[&[i64]], as_of_us: i64) -> Vec<StickinessSpan> {
    let rows = (1u64..).zip(stories).flat_map(|(person, times)| {
        times.iter().map(move |&time_us| Row { person, time_us, ..Row::default() })
    });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    fold(rows_of(&columns), &plan(as_of_us)).finish(&plan(as_of_us))
}

#[test]
fn stickiness_rules() {
    let spans = answer(&[&[0, 9, 10, 35], &[-1, 29, 60]], 99);
    assert_eq!(spans[0].by_intervals, [1, 1, 0]); // One was active on two days, the other on one.
    assert_eq!(spans[1].by_intervals, [1, 0, 0]);
    assert_eq!((spans[0].people, spans[0].at_least(1), spans[0].at_least(2)), (2, 2, 1));
    assert_eq!(spans[0].per_interval, Some(1.0)); // Three active person-days in three days,
    assert_eq!(spans[0].ratio, Some(0.5)); // of two people: half of them on a day.
    assert!(spans[0].is_complete);
    // Days that have not begun do not water the mean down.
    let spans = answer(&[&[30]], 45);
    assert_eq!((spans[1].n_begun, spans[1].per_interval, spans[1].is_complete), (2, Some(0.5), false));
    let spans = answer(&[&[30]], 10);
    assert_eq!((spans[1].people, spans[1].n_begun, spans[1].ratio), (0, 0, None));
}

#[test]
fn a_month_that_starts_within_a_week_owns_the_days_that_start_in_it() {
    let plan = StickinessPlan::new(vec![0, 10, 20, 30], &[5, 25], None, 99).expect("valid");
    assert_eq!((plan.bounds_us.clone(), plan.spans.clone()), (vec![10, 20, 30], vec![0, 2]));
}

#[test]
fn wrong_plans_are_refused() {
    let of = |bounds: &[i64], spans: &[i64]| StickinessPlan::new(bounds.to_vec(), spans, None, 0).err();
    assert_eq!(of(&[0], &[0, 1]), Some(PlanError::Boundaries));
    assert_eq!(of(&[0, 1], &[]), Some(PlanError::Boundaries));
    assert_eq!(of(&[0, 1], &[2, 3]), Some(PlanError::Boundaries)); // A span without an interval.
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_opens_its_people_and_merges(
        rows in rows(5, 24, 20, 0b1),
        bounds in prop::collection::btree_set(0i64..22, 4..9),
        (cut, by_mask, as_of_us, salt) in (1usize..3, any::<bool>(), 0i64..24, 0u64..8),
    ) {
        let bounds_us: Vec<i64> = bounds.into_iter().collect();
        let spans_us = [bounds_us[0], bounds_us[cut], bounds_us[bounds_us.len() - 1]];
        let bits = by_mask.then_some(1);
        let plan = StickinessPlan::new(bounds_us.clone(), &spans_us, bits, as_of_us).expect("valid");
        let columns = Columns::new(&rows);
        let spans = fold(rows_of(&columns), &plan).finish(&plan);
        for (at, span) in spans.iter().enumerate() {
            let own = bounds_us.windows(2).filter(|day| (spans_us[at]..spans_us[at + 1]).contains(&day[0]));
            let days: Vec<(i64, i64)> = own.map(|day| (day[0], day[1])).collect();
            for n in 1..=days.len() {
                let people = naive::active_in(&rows, &days, by_mask, as_of_us, n);
                prop_assert_eq!(span.by_intervals[n - 1] as usize, people.len());
                prop_assert_eq!(select(rows_of(&columns), &plan, at, n), people);
            }
            prop_assert_eq!(span.by_intervals.len(), days.len());
            prop_assert_eq!(span.n_begun, days.iter().filter(|day| day.0 <= as_of_us).count());
        }
        let whole = fold(rows_of(&columns), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, StickinessState::merge);
    }
}
