//! Rules of pairs.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::relations;
use testkit::timeline::{Columns, Row, rows};

/// Within 10, period 0..100; one story per person, `item@time`. Answers as `a+b people`.
#[track_caller]
fn check(texts: &[&str], ordered: bool, expected: &str) {
    let plan = PairPlan::new(1, 10, Period { from_us: 0, to_us: 100 }, ordered).expect("valid");
    let rows = (0u64..).zip(texts).flat_map(|(person, text)| {
        text.split_whitespace().map(move |word| {
            let (label, time_us) = word.split_once('@').expect("item@time");
            let (label, time_us) = (label.parse().expect("an item"), time_us.parse().expect("a time"));
            Row { person, label, time_us, mask: u64::from(label != 9), ..Row::default() }
        })
    });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    let mut pairs: Vec<_> = fold(rows_of(&columns), &columns.label, &plan).pairs.into_iter().collect();
    pairs.sort_unstable();
    let lines = pairs.iter().map(|((a, b), people)| format!("{a}+{b} {people}"));
    assert_eq!(lines.collect::<Vec<_>>().join(", "), expected, "{texts:?}");
}

#[test]
fn pair_rules() {
    check(&[], false, "");
    check(&["1@0 1@1"], false, ""); // An item is no pair with itself.
    check(&["2@0 1@10"], false, "1+2 1"); // Closed,
    check(&["2@0 1@11"], false, ""); // and not one µs longer.
    check(&["1@0 2@50 1@60"], false, "1+2 1"); // Any two rows may make it,
    check(&["1@0 2@1 1@2", "1@0 2@1", "1@0", "2@0"], false, "1+2 2"); // people count once, never across.
    check(&["1@0 9@1 2@2"], false, "1+2 1"); // Other rows are no items.
    check(&["1@-1 2@0", "1@99 2@100"], false, ""); // The period is half open.
    check(&["1@0 2@0"], false, "1+2 1"); // The same time is near,
    check(&["1@0 2@0"], true, ""); // but not later.
    check(&["1@0 2@1"], true, "1+2 1");
    check(&["2@0 1@1"], true, "2+1 1");
    check(&["1@0 1@5 2@5"], true, "1+2 1"); // The earlier row of a tied item makes it.
}

#[test]
fn figures_match_the_formulas() {
    let state = PairState {
        people: 100,
        items: [(1, 20), (2, 40)].into_iter().collect(),
        pairs: [((1, 2), 16)].into_iter().collect(),
    };
    let plan = PairPlan::new(1, 10, Period::ALL, false).expect("valid");
    let rows = state.clone().finish(&plan, 16);
    assert_eq!(rows.len(), 2);
    let row = rows.iter().find(|row| row.item == 1).expect("one direction");
    assert_eq!((row.support, row.confidence, row.lift), (0.16, 0.8, 2.0));
    assert_eq!(Some(row.confidence_interval), wilson(16, 20));
    // exp(±1.959964·√(1/16 − 1/20 + 1/40 − 1/100)) = exp(±0.325043).
    assert!((row.lift_interval.low - 1.44500).abs() < 1e-4, "{row:?}");
    assert!((row.lift_interval.high - 2.76816).abs() < 1e-4, "{row:?}");
    assert_eq!(state.finish(&plan, 17), []); // Too few people.
}

#[test]
fn wrong_plans_are_refused() {
    let refused = PairPlan::new(1, -1, Period::ALL, false);
    assert_eq!(refused, Err(PlanError::NegativeDuration { what: "within", got_us: -1 }));
    assert!(PairPlan::new(1, 1, Period { from_us: 1, to_us: 0 }, false).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_and_merges(
        rows in rows(6, 24, 20, 0b1),
        within_us in 0i64..12,
        (from_us, length_us) in (0i64..6, 0i64..20),
        ordered in any::<bool>(),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let plan = PairPlan::new(1, within_us, period, ordered).expect("valid");
        let count = |part: &Columns| fold(rows_of(part), &part.label, &plan);
        let columns = Columns::new(&rows);
        let whole = count(&columns);
        assert_merges(thirds(&rows, salt).map(|part| count(&part)), &whole, PairState::merge);
        let items: Vec<Row> = rows.iter().filter(|row| row.has(0) && period.contains(row.time_us)).cloned().collect();
        let want = relations::pairs(&items, within_us, ordered);
        prop_assert_eq!(whole.people, want.people);
        prop_assert_eq!(whole.items.iter().map(|(&k, &v)| (k, v)).collect::<std::collections::BTreeMap<_, _>>(), want.items);
        prop_assert_eq!(whole.pairs.iter().map(|(&k, &v)| (k, v)).collect::<std::collections::BTreeMap<_, _>>(), want.pairs);
        for row in whole.finish(&plan, 1) {
            let selected = select(rows_of(&columns), &columns.label, &plan, row.item, row.other);
            prop_assert_eq!(selected.len() as u64, row.people);
        }
    }
}
