//! Rules of people lists and segments.

use proptest::prelude::*;

use super::*;
use crate::columns::rows_of;
use testkit::timeline::{Columns, Row, by_person, rows};

/// One person's `(time, bits)`; seen at 100.
#[track_caller]
fn check(rule: &Rule, rows: &[(i64, u64)], expected: bool) {
    let plan = SegmentPlan::new(rule.clone(), 100).expect("valid");
    let rows = rows.iter().map(|&(time_us, mask)| Row { time_us, mask, ..Row::default() });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    assert_eq!(matches(rows_of(&columns), &plan, &[]).flags, [expected], "{rule:?}");
}

fn did(at_least: u32, at_most: Option<u32>) -> Rule {
    Rule::Did { bit: 0, at_least, at_most, when: When::In(Period { from_us: 0, to_us: 50 }) }
}

#[test]
fn did_counts_rows_in_its_period() {
    check(&did(1, None), &[(0, 1)], true);
    check(&did(1, None), &[(-1, 1), (50, 1)], false); // Half open.
    check(&did(1, None), &[(0, 2)], false); // Another bit.
    check(&did(2, None), &[(0, 1), (0, 1)], true);
    check(&did(3, None), &[(0, 1), (0, 1)], false);
    check(&did(1, Some(1)), &[(0, 1), (0, 1)], false); // At most,
    check(&did(0, Some(0)), &[(0, 2)], true); // which with 0 says: did not.
    check(&did(0, Some(0)), &[(0, 1)], false);
    let ever = Rule::Did { bit: 0, at_least: 1, at_most: None, when: When::In(Period::ALL) };
    check(&ever, &[(100, 1)], true); // As of 100, closed:
    check(&ever, &[(101, 1)], false); // what comes later is not known yet.
}

#[test]
fn the_last_days_move_and_flags_say_how_long_they_hold() {
    let last = |last_us, at_least| Rule::Did { bit: 0, at_least, at_most: None, when: When::Last(last_us) };
    check(&last(10, 1), &[(90, 1)], true); // Closed.
    check(&last(10, 1), &[(89, 1)], false);
    let holds = |rule: Rule, rows: &[(i64, u64)]| {
        let plan = SegmentPlan::new(rule, 100).expect("valid");
        let rows = rows.iter().map(|&(time_us, mask)| Row { time_us, mask, ..Row::default() });
        matches(rows_of(&Columns::new(&rows.collect::<Vec<_>>())), &plan, &[]).holds_us
    };
    assert_eq!(holds(last(10, 1), &[(95, 1)]), 6, "at 106 it is longer ago than 10");
    assert_eq!(holds(last(10, 1), &[(80, 1), (95, 2)]), i64::MAX, "nothing that counts");
    assert_eq!(holds(last(10, 1), &[(105, 2)]), 5, "a row that is known then");
    assert_eq!(holds(did(1, None), &[(40, 1)]), i64::MAX, "the same period for ever");
}

#[test]
fn the_last_trait_wins() {
    let plan = Rule::LastTrait { row_bit: 1, true_bit: 2 };
    let (yes, no, other) = (0b110, 0b010, 0b101);
    check(&plan, &[(0, other)], false); // Never stated.
    check(&plan, &[(0, yes)], true);
    check(&plan, &[(0, yes), (1, no)], false);
    check(&plan, &[(0, no), (0, yes)], true); // Same time: the order of the rows.
    check(&plan, &[(0, yes), (1, other)], true); // A row without the trait says nothing,
    check(&plan, &[(0, yes), (101, no)], true); // and a later one is not known yet.
    check(&Rule::Not(Box::new(plan)), &[(0, other)], true);
}

#[test]
fn rules_combine() {
    check(&Rule::All(vec![]), &[(0, 0)], true);
    check(&Rule::Any(vec![]), &[(0, 0)], false);
    check(&Rule::All(vec![did(1, None), did(1, Some(1))]), &[(0, 1)], true);
    check(&Rule::All(vec![did(2, None), did(1, Some(1))]), &[(0, 1)], false);
    check(&Rule::Any(vec![did(2, None), did(1, Some(1))]), &[(0, 1)], true);
    // Each leaf keeps its own count, also behind a branch that is decided already.
    let ever = |bit| Rule::Did { bit, at_least: 1, at_most: None, when: When::In(Period::ALL) };
    let rows = [(0, 0b0001), (1, 0b0010)];
    check(&Rule::All(vec![Rule::Any(vec![ever(0), ever(3)]), ever(1)]), &rows, true);
    check(&Rule::Any(vec![Rule::All(vec![ever(3), ever(0)]), ever(2)]), &rows, false);
    check(&Rule::Not(Box::new(Rule::All(vec![ever(0), ever(1)]))), &rows, false);
}

#[test]
fn who_was_found_before_is_one_condition_among_others() {
    let columns =
        Columns::new(&[0, 1, 2].map(|person| Row { person, mask: u64::from(person > 0), ..Row::default() }));
    let found = [vec![true, true, false], vec![false, false, true]];
    let flags = |rule| matches(rows_of(&columns), &SegmentPlan::new(rule, 0).expect("valid"), &found).flags;
    assert_eq!(flags(Rule::Found(0)), [true, true, false]);
    assert_eq!(flags(Rule::All(vec![Rule::Found(0), did(1, None)])), [false, true, false]);
    assert_eq!(
        flags(Rule::Any(vec![Rule::Not(Box::new(Rule::Found(0))), Rule::Found(1)])),
        [false, false, true]
    );
}

#[test]
fn people_without_rows_did_nothing_and_people_not_kept_are_false() {
    let columns = Columns::new(&[Row::default(), Row { person: 1, ..Row::default() }]);
    let plan = SegmentPlan::new(did(0, Some(0)), 0).expect("valid");
    let rows = Rows { keep: &[false, true], ..rows_of(&columns) };
    assert_eq!(matches(rows, &plan, &[]).flags, [false, true]);
    let starts = [0, 0, 2];
    assert_eq!(matches(Rows { person_starts: &starts, ..rows_of(&columns) }, &plan, &[]).flags, [true, true]);
}

#[test]
fn wrong_rules_are_refused() {
    let refused = |rule: Rule| SegmentPlan::new(rule, 0).err();
    let unknown = Some(PlanError::UnknownBit { bit: 64 });
    assert_eq!(refused(Rule::LastTrait { row_bit: 64, true_bit: 0 }), unknown);
    assert_eq!(refused(Rule::Not(Box::new(Rule::LastTrait { row_bit: 0, true_bit: 64 }))), unknown);
    let period = Period { from_us: 1, to_us: 0 };
    let reversed = Rule::Did { bit: 0, at_least: 1, at_most: None, when: When::In(period) };
    assert_eq!(refused(Rule::Any(vec![reversed])), Some(PlanError::PeriodReversed { from_us: 1, to_us: 0 }));
}

/// The obvious evaluation: each leaf scans the person's rows again.
/// Anything will do for who was found before.
fn was_found(place: usize, person: u64) -> bool {
    (person as usize + place).is_multiple_of(2)
}

fn holds_naive(rule: &Rule, own: &[Row], as_of_us: i64) -> bool {
    let known = || own.iter().filter(|row| row.time_us <= as_of_us);
    match rule {
        Rule::All(rules) => rules.iter().all(|rule| holds_naive(rule, own, as_of_us)),
        Rule::Any(rules) => rules.iter().any(|rule| holds_naive(rule, own, as_of_us)),
        Rule::Not(rule) => !holds_naive(rule, own, as_of_us),
        Rule::Did { bit, at_least, at_most, when } => {
            let counts = |time_us: i64| match when {
                When::In(period) => time_us >= period.from_us && time_us < period.to_us,
                When::Last(last_us) => as_of_us - time_us <= *last_us,
            };
            let hits = |row: &&Row| row.has((*bit).into()) && counts(row.time_us);
            let n = known().filter(hits).count() as u32;
            n >= *at_least && n <= at_most.unwrap_or(u32::MAX)
        }
        Rule::LastTrait { row_bit, true_bit } => {
            let mut carrying = known().filter(|row| row.has((*row_bit).into()));
            carrying.next_back().is_some_and(|row| row.has((*true_bit).into()))
        }
        Rule::Found(place) => was_found(*place, own[0].person),
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    let period =
        (0i64..10, 0i64..15).prop_map(|(from_us, length_us)| Period { from_us, to_us: from_us + length_us });
    let when = prop_oneof![period.prop_map(When::In), (0i64..12).prop_map(When::Last)];
    let did = (0u8..4, 0u32..3, proptest::option::of(0u32..4), when);
    let did = did.prop_map(|(bit, at_least, at_most, when)| Rule::Did { bit, at_least, at_most, when });
    let traits = (0u8..4, 0u8..4).prop_map(|(row_bit, true_bit)| Rule::LastTrait { row_bit, true_bit });
    prop_oneof![did, traits, (0usize..2).prop_map(Rule::Found)].prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Rule::All),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Rule::Any),
            inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
}

fn summaries_naive(rows: &[Row], period: Period) -> Vec<PersonRow> {
    let summaries = by_person(rows).filter_map(|own| {
        let known: Vec<&Row> = own.iter().filter(|row| period.contains(row.time_us)).collect();
        Some(PersonRow {
            person: own[0].person,
            n_events: known.len() as u64,
            first_us: known.iter().map(|row| row.time_us).min()?,
            last_us: known.iter().map(|row| row.time_us).max()?,
            amount: known.iter().filter_map(|row| row.amount).map(i128::from).sum(),
        })
    });
    summaries.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_equal_the_oracle(rule in rules(), rows in rows(4, 20, 20, 0b1111), as_of_us in 0i64..22) {
        let plan = SegmentPlan::new(rule.clone(), as_of_us).expect("generated rules are valid");
        let want: Vec<bool> = by_person(&rows).map(|own| holds_naive(&rule, own, as_of_us)).collect();
        let found = [0, 1].map(|place| by_person(&rows).map(|own| was_found(place, own[0].person)).collect());
        let found_now = matches(rows_of(&Columns::new(&rows)), &plan, &found);
        prop_assert_eq!(&found_now.flags, &want);
        for later_us in as_of_us..as_of_us + found_now.holds_us.min(40) {
            let then: Vec<bool> = by_person(&rows).map(|own| holds_naive(&rule, own, later_us)).collect();
            prop_assert_eq!(&then, &want, "{} later", later_us - as_of_us);
        }
    }

    #[test]
    fn lists_equal_the_oracle_in_any_order_of_merging(
        rows in rows(6, 24, 20, 1),
        (from_us, length_us) in (0i64..6, 0i64..20),
        (skip, limit) in (0usize..5, 0usize..5),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let all = summaries_naive(&rows, period);
        for order in [PeopleOrder::LastSeen, PeopleOrder::Events, PeopleOrder::Amount] {
            let mut want = all.clone();
            want.sort_by(|a, b| {
                let by_key = match order {
                    PeopleOrder::LastSeen => b.last_us.cmp(&a.last_us),
                    PeopleOrder::Events => b.n_events.cmp(&a.n_events),
                    PeopleOrder::Amount => b.amount.cmp(&a.amount),
                };
                by_key.then(a.person.cmp(&b.person))
            });
            let want: Vec<PersonRow> = want.into_iter().skip(skip).take(limit).collect();
            let [a, b, c] = crate::columns::thirds(&rows, salt).map(|part| fold(rows_of(&part), period));
            for state in [a.clone().merge(b.clone()).merge(c.clone()), c.merge(b.merge(a))] {
                prop_assert_eq!(state.finish(order, skip, limit), (all.len() as u64, want.clone()));
            }
        }
    }
}
