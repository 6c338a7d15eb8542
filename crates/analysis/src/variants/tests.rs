//! Rules of variants.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::paths::HIDDEN;
use crate::stages::{Stage, StagePlan, StageRules, Start, Touchpoint};
use crate::{Period, PlanError};
use testkit::cases as naive;
use testkit::timeline::{Columns, Row, rows};

const NAMES: &str = "abch";

fn columns(stories: &[&str]) -> Columns {
    let rows = (1u64..).zip(stories).flat_map(|(person, story)| {
        story.split_whitespace().map(move |word| {
            let (name, time_us) = word.split_once('@').expect("event@time");
            let event = NAMES.find(name).expect("a name") as u16;
            let time_us = time_us.parse().expect("a number");
            Row { person, event, mask: 1 << event, time_us, ..Row::default() }
        })
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

fn plan(of: CaseOf, collapse: bool) -> CasePlan {
    let period = Period { from_us: 0, to_us: 50 };
    CasePlan::new(CaseRules { of, collapse, nodes: vec![0, 1, 2, HIDDEN], period }).expect("valid")
}

/// Variants as `nodes cases/people median`.
#[track_caller]
fn check(of: CaseOf, collapse: bool, stories: &[&str], expected: &str) {
    let answer = fold(rows_of(&columns(stories)), &plan(of, collapse)).finish(9);
    let line = |variant: &Variant| {
        let names: String =
            variant.nodes.iter().map(|&node| char::from(NAMES.as_bytes()[usize::from(node)])).collect();
        format!("{names} {}/{} {}", variant.cases, variant.people, variant.duration.median_us)
    };
    assert_eq!(answer.top.iter().map(line).collect::<Vec<_>>().join(", "), expected, "{stories:?}");
    assert_eq!(answer.top.iter().map(|variant| variant.cases).sum::<u64>(), answer.cases);
}

#[test]
fn variant_rules() {
    let session = || CaseOf::Session { gap_us: 10 };
    check(CaseOf::Person, false, &[], "");
    check(CaseOf::Person, false, &["h@1"], ""); // Nothing to see is no case.
    check(CaseOf::Person, false, &["a@0 b@3 b@5"], "abb 1/1 5");
    check(CaseOf::Person, true, &["a@0 b@3 b@5"], "ab 1/1 5"); // Collapsed rows still take time,
    check(CaseOf::Person, true, &["h@0 a@1 h@9"], "a 1/1 0"); // hidden ones do not.
    check(CaseOf::Person, false, &["a@0 b@1", "a@0 b@5", "b@0 a@1"], "ab 2/2 1, ba 1/1 1");
    check(CaseOf::Person, false, &["a@-1 b@0 c@50"], "b 1/1 0"); // The period is half open.
    check(session(), false, &["a@0 b@10 a@21 b@22"], "ab 2/1 1"); // Exactly the gap stays together.
    check(session(), false, &["a@0 h@9 b@18"], "ab 1/1 18"); // Hidden rows keep a session together.
}

#[test]
fn trips_are_cases_too() {
    let touchpoint = |stage| Touchpoint { stage, enters: true, after: None, within_us: None };
    let rules = StageRules {
        touchpoints: vec![touchpoint(0), touchpoint(1)],
        stages: vec![Stage::default(); 2],
        start: Start::FirstStage,
        window_us: 20,
        timeout_us: None,
        exits: 0,
        conversion_stage: 1,
        period: Period::ALL,
        as_of_us: 99,
        bounds_us: Vec::new(),
    };
    let trip = CaseOf::Trip(Box::new(StagePlan::new(rules).expect("valid")));
    check(trip, false, &["c@0 a@1 c@2 b@3 c@4"], "acb 1/1 2"); // From the first touch to the last.
}

#[test]
fn equal_hashes_stay_two_variants() {
    let stories = columns(&["a@0 b@1", "b@0 a@1", "a@0 b@5"]);
    let collide = fold_by(rows_of(&stories), &plan(CaseOf::Person, false), |_| 7);
    let twice = collide.clone().merge(fold_by(rows_of(&stories), &plan(CaseOf::Person, false), |_| 7));
    assert_eq!(collide.finish(9), fold(rows_of(&stories), &plan(CaseOf::Person, false)).finish(9));
    let answer = twice.finish(9);
    assert_eq!((answer.n_variants, answer.cases, answer.top[0].cases), (2, 6, 4));
}

#[test]
fn wrong_plans_are_refused() {
    let rules = |of, period| CasePlan::new(CaseRules { of, collapse: false, nodes: vec![], period }).err();
    let gap = rules(CaseOf::Session { gap_us: -1 }, Period::ALL);
    assert_eq!(gap, Some(PlanError::NegativeDuration { what: "gap", got_us: -1 }));
    let reversed = Period { from_us: 1, to_us: 0 };
    assert_eq!(rules(CaseOf::Person, reversed), Some(PlanError::PeriodReversed { from_us: 1, to_us: 0 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_opens_its_people_and_merges(
        rows in rows(5, 24, 20, 0b1),
        nodes in prop::collection::vec(prop::option::weighted(0.8, 0u16..4), 4),
        (gap_us, collapse, salt) in (prop::option::of(0i64..8), any::<bool>(), 0u64..8),
    ) {
        let of = gap_us.map_or(CaseOf::Person, |gap_us| CaseOf::Session { gap_us });
        let table = nodes.iter().map(|node| node.unwrap_or(HIDDEN)).collect();
        let period = Period { from_us: 2, to_us: 18 };
        let plan = CasePlan::new(CaseRules { of, collapse, nodes: table, period }).expect("valid");
        let columns = Columns::new(&rows);
        let inside: Vec<Row> = rows.iter().filter(|row| period.contains(row.time_us)).cloned().collect();
        let cases = naive::cases(&inside, gap_us, collapse, &nodes);
        let answer = fold(rows_of(&columns), &plan).finish(usize::MAX);
        let mut want: BTreeMap<Vec<u16>, Vec<&naive::Case>> = BTreeMap::new();
        cases.iter().for_each(|case| want.entry(case.nodes.clone()).or_default().push(case));
        prop_assert_eq!((answer.n_variants, answer.cases as usize), (want.len(), cases.len()));
        for variant in &answer.top {
            let own = &want[&variant.nodes];
            let people: BTreeSet<u64> = own.iter().map(|case| case.person).collect();
            let spread = own.iter().map(|case| case.end_us - case.start_us).collect::<Durations>().spread();
            prop_assert_eq!(Some(variant.duration), spread);
            prop_assert_eq!(variant.cases as usize, own.len());
            let selected = select(rows_of(&columns), &plan, &variant.nodes);
            prop_assert_eq!(variant.people as usize, people.len());
            prop_assert_eq!(selected.iter().map(|one| one.person).collect::<Vec<_>>(), people.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(selected.iter().map(|one| one.n_cases).sum::<u64>(), variant.cases);
        }
        let whole = fold(rows_of(&columns), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, VariantState::merge);
        prop_assert_eq!(whole.finish(2).top, answer.top.into_iter().take(2).collect::<Vec<_>>());
    }
}
