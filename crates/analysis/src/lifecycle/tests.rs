//! Rules of the lifecycle. Intervals of 10: one before the range, then 10..20, 20..30, 30..40, 40..50.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::activity as naive;
use testkit::timeline::{Columns, Row, rows};

fn plan(as_of_us: i64) -> LifecyclePlan {
    LifecyclePlan::new((0..=5).map(|i| i * 10).collect(), Some(1), as_of_us).expect("valid")
}

/// `a` is activity, `x` another row. Answers as `new returning resurrecting dormant` by interval.
#[track_caller]
fn check(stories: &[&str], as_of_us: i64, expected: &str) {
    let rows = (1u64..).zip(stories).flat_map(|(person, story)| {
        story.split_whitespace().map(move |word| {
            let (name, time_us) = word.split_once('@').expect("what@time");
            let time_us = time_us.parse().expect("a number");
            Row { person, mask: u64::from(name == "a"), time_us, ..Row::default() }
        })
    });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    let points = fold(rows_of(&columns), &plan(as_of_us)).finish(&plan(as_of_us));
    let line = |p: &LifecyclePoint| format!("{}{}{}{}", p.new, p.returning, p.resurrecting, p.dormant);
    assert_eq!(points.iter().map(line).collect::<Vec<_>>().join(" "), expected, "{stories:?}");
}

#[test]
fn lifecycle_rules() {
    check(&[], 99, "0000 0000 0000 0000");
    check(&["a@10"], 99, "1000 0001 0000 0000"); // Dormant once, in the interval after.
    check(&["a@10 a@19 a@20"], 99, "1000 0100 0001 0000");
    check(&["a@10 a@30"], 99, "1000 0001 0010 0001"); // Back after a break.
    check(&["a@5 a@15"], 99, "0100 0001 0000 0000"); // The interval before the range is read,
    check(&["a@5"], 99, "0001 0000 0000 0000"); // and its people may go,
    check(&["a@-5 a@15"], 99, "0010 0001 0000 0000"); // what lies before it is not, but as history.
    check(&["x@1 a@15"], 99, "0010 0001 0000 0000"); // Seen before is not new, active before or not.
    check(&["x@12 a@15"], 99, "1000 0001 0000 0000"); // First seen in the same interval is.
    check(&["a@45"], 99, "0000 0000 0000 1000"); // Nobody goes dormant beyond the range.
    check(&["a@10"], 20, "1000 0001 0000 0000"); // An interval that has begun may have dormant people,
    check(&["a@10"], 19, "1000 0000 0000 0000"); // one that has not has none,
    check(&["a@10 a@25"], 24, "1000 0001 0000 0000"); // and later rows do not exist.
    check(&["x@15"], 99, "0000 0000 0000 0000");
}

#[test]
fn an_interval_is_complete_when_it_is_over() {
    let points = fold(Rows::default(), &plan(30)).finish(&plan(30));
    assert_eq!(points.iter().map(|point| point.is_complete).collect::<Vec<_>>(), [true, true, false, false]);
    let point = LifecyclePoint { new: 2, resurrecting: 1, dormant: 2, ..LifecyclePoint::default() };
    assert_eq!((point.quick_ratio(), points[0].quick_ratio()), (Some(1.5), None));
}

#[test]
fn wrong_plans_are_refused() {
    assert_eq!(LifecyclePlan::new(vec![0, 1], None, 0), Err(PlanError::Boundaries));
    assert_eq!(LifecyclePlan::new(vec![0, 2, 1], None, 0), Err(PlanError::Boundaries));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_opens_its_people_and_merges(
        rows in rows(5, 24, 20, 0b1),
        bounds in prop::collection::btree_set(0i64..22, 3..7),
        (by_mask, as_of_us, salt) in (any::<bool>(), 0i64..24, 0u64..8),
    ) {
        let bounds_us: Vec<i64> = bounds.into_iter().collect();
        let plan = LifecyclePlan::new(bounds_us.clone(), by_mask.then_some(1), as_of_us).expect("valid");
        let columns = Columns::new(&rows);
        let points = fold(rows_of(&columns), &plan).finish(&plan);
        for (at, point) in points.iter().enumerate() {
            let want = naive::lifecycle(&rows, &bounds_us, by_mask, as_of_us, at + 1);
            for (phase, got, people) in [
                (Phase::New, point.new, &want[0]),
                (Phase::Returning, point.returning, &want[1]),
                (Phase::Resurrecting, point.resurrecting, &want[2]),
                (Phase::Dormant, point.dormant, &want[3]),
            ] {
                prop_assert_eq!(got as usize, people.len(), "{:?} at {}", phase, at);
                prop_assert_eq!(&select(rows_of(&columns), &plan, at, phase), people);
            }
        }
        let whole = fold(rows_of(&columns), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, LifecycleState::merge);
    }
}
