//! Rules of conformance. The design is a, b (optional), c (may repeat), d.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::Period;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::variants::{CaseOf, CaseRules};
use testkit::cases as naive;
use testkit::timeline::{Columns, Row, rows};

fn plan(of: CaseOf, design: &[Place]) -> ConformancePlan {
    let rules = CaseRules { of, collapse: false, nodes: (0..6).collect(), period: Period::ALL };
    ConformancePlan::new(CasePlan::new(rules).expect("valid"), design).expect("valid")
}

fn place(node: u16, optional: bool, repeats: bool) -> Place {
    Place { node, optional, repeats }
}

fn design() -> [Place; 4] {
    [place(0, false, false), place(1, true, false), place(2, false, true), place(3, false, false)]
}

#[track_caller]
fn check(story: &str, expected: &[Standing]) {
    let rows: Vec<Row> = (0..)
        .zip(story.bytes())
        .map(|(time_us, name)| Row { person: 1, event: u16::from(name - b'a'), time_us, ..Row::default() })
        .collect();
    let answer = fold(rows_of(&Columns::new(&rows)), &plan(CaseOf::Person, &design())).finish();
    let all: Vec<Standing> = answer.reaches.iter().map(|(standing, _)| *standing).collect();
    assert_eq!(all[0], Standing::All);
    assert_eq!(all[1..], *expected, "{story}");
}

#[test]
fn conformance_rules() {
    use Standing::*;
    check("abcd", &[Fits, FitsFinished]);
    check("acd", &[Fits, FitsFinished]); // An optional place may be passed by.
    check("abccd", &[Fits, FitsFinished]); // A place that may repeat does.
    check("ab", &[Fits]); // Not there yet is no deviation.
    check("abd", &[Skipped, SkippedPlace(2)]);
    check("d", &[Skipped, SkippedPlace(0), SkippedPlace(2)]);
    check("abecd", &[Extra, ExtraNode(4)]);
    check("acbd", &[OutOfOrder, OutOfOrderPlace(1)]);
    check("bacd", &[OutOfOrder, OutOfOrderPlace(0)]);
    check("aabcd", &[Looped, LoopedPlace(0)]); // Again right away, where it may not.
    check("abcacd", &[Looped, LoopedPlace(0), LoopedPlace(2)]); // Back, and again: both loop.
    check("acecd", &[Extra, Looped, ExtraNode(4), LoopedPlace(2)]); // Something came between.
    check("e", &[Extra, ExtraNode(4)]);
}

#[test]
fn wrong_designs_are_refused() {
    let of = |design: &[Place]| {
        let rules =
            CaseRules { of: CaseOf::Person, collapse: false, nodes: (0..6).collect(), period: Period::ALL };
        ConformancePlan::new(CasePlan::new(rules).expect("valid"), design).err()
    };
    let many = |n: u16| (0..n).map(|node| place(node, false, false)).collect::<Vec<_>>();
    assert_eq!(of(&[]), Some(PlanError::DesignPlaces { got: 0 }));
    assert_eq!(of(&many(65)), Some(PlanError::DesignPlaces { got: 65 }));
    assert_eq!(of(&many(64)), None);
    let twice = [place(1, false, false), place(1, true, true)];
    assert_eq!(of(&twice), Some(PlanError::DesignRepeats { node: 1 }));
}

#[test]
fn the_last_of_64_places_is_one() {
    let design: Vec<Place> = (0..64).map(|node| place(node, false, false)).collect();
    let rules =
        CaseRules { of: CaseOf::Person, collapse: false, nodes: (0..64).collect(), period: Period::ALL };
    let plan = ConformancePlan::new(CasePlan::new(rules).expect("valid"), &design).expect("valid");
    let columns = Columns::new(&[Row { person: 1, event: 63, ..Row::default() }]);
    let answer = fold(rows_of(&columns), &plan).finish();
    assert_eq!(answer.reach(Standing::SkippedPlace(62)).people, 1);
    assert_eq!(answer.reach(Standing::SkippedPlace(63)).people, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_opens_its_people_and_merges(
        rows in rows(4, 24, 20, 0b1),
        gap_us in prop::option::of(0i64..8),
        places in prop::sample::subsequence(vec![0u16, 1, 2, 3], 1..=4).prop_shuffle(),
        (flags, salt) in (any::<[(bool, bool); 4]>(), 0u64..8),
    ) {
        let design: Vec<Place> = places.iter().zip(flags).map(|(&node, flags)| place(node, flags.0, flags.1)).collect();
        let of = gap_us.map_or(CaseOf::Person, |gap_us| CaseOf::Session { gap_us });
        let plan = plan(of, &design);
        let columns = Columns::new(&rows);
        let answer = fold(rows_of(&columns), &plan).finish();
        let cases = naive::cases(&rows, gap_us, false, &[Some(0), Some(1), Some(2), Some(3)]);
        let wanted: Vec<(u16, bool, bool)> = design.iter().map(|p| (p.node, !p.optional, p.repeats)).collect();
        let found: Vec<(u64, naive::Deviations)> =
            cases.iter().map(|case| (case.person, naive::deviations(&case.nodes, &wanted))).collect();
        let fits = |d: &naive::Deviations| {
            d.skipped.is_empty() && d.extra.is_empty() && d.late.is_empty() && d.looped.is_empty()
        };
        let mut standings = vec![
            Standing::All, Standing::Fits, Standing::FitsFinished, Standing::Skipped, Standing::Extra,
            Standing::OutOfOrder, Standing::Looped,
        ];
        standings.extend((0..4).flat_map(|at| {
            [Standing::SkippedPlace(at), Standing::OutOfOrderPlace(at), Standing::LoopedPlace(at), Standing::ExtraNode(u16::from(at))]
        }));
        for standing in standings {
            let is = |d: &naive::Deviations| match standing {
                Standing::All => true,
                Standing::Fits => fits(d),
                Standing::FitsFinished => fits(d) && d.finished,
                Standing::Skipped => !d.skipped.is_empty(),
                Standing::Extra => !d.extra.is_empty(),
                Standing::OutOfOrder => !d.late.is_empty(),
                Standing::Looped => !d.looped.is_empty(),
                Standing::SkippedPlace(at) => d.skipped.contains(&usize::from(at)),
                Standing::ExtraNode(node) => d.extra.contains(&node),
                Standing::OutOfOrderPlace(at) => d.late.contains(&usize::from(at)),
                Standing::LoopedPlace(at) => d.looped.contains(&usize::from(at)),
            };
            let own: Vec<u64> = found.iter().filter(|(_, d)| is(d)).map(|(person, _)| *person).collect();
            let people: BTreeSet<u64> = own.iter().copied().collect();
            let reach = CaseReach { cases: own.len() as u64, people: people.len() as u64 };
            prop_assert_eq!(answer.reach(standing), reach, "{:?}", standing);
            let selected = select(rows_of(&columns), &plan, standing);
            prop_assert_eq!(selected.iter().map(|one| one.person).collect::<Vec<_>>(), people.into_iter().collect::<Vec<_>>());
        }
        let whole = fold(rows_of(&columns), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, ConformanceState::merge);
    }
}
