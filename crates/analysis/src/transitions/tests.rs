//! Rules of transitions. A story is `event@time`.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::sequences;
use testkit::timeline::{Columns, Row, rows};

/// One story per person; gap 10, period 0..100. Answers as `from>to events/people`.
#[track_caller]
fn check(stories: &[&str], collapse_repeats: bool, expected: &str) {
    let plan =
        TransitionPlan::new(10, Period { from_us: 0, to_us: 100 }, None, collapse_repeats).expect("valid");
    let rows = (0u64..).zip(stories).flat_map(|(person, text)| {
        text.split_whitespace().map(move |word| {
            let (event, time_us) = word.split_once('@').expect("event@time");
            let event = u16::from(event.as_bytes()[0]);
            Row { person, event, time_us: time_us.parse().expect("a number"), ..Row::default() }
        })
    });
    let answer = fold(rows_of(&Columns::new(&rows.collect::<Vec<_>>())), &plan).finish();
    let name = |code: u16| char::from_u32(u32::from(code)).expect("a letter");
    let lines = answer
        .iter()
        .map(|t| format!("{}>{} {}/{}", name(t.event), name(t.next), t.reach.events, t.reach.people));
    assert_eq!(lines.collect::<Vec<_>>().join(", "), expected);
}

#[test]
fn transition_rules() {
    check(&[], false, "");
    check(&["a@0"], false, "");
    check(&["a@0 b@10"], false, "a>b 1/1"); // The gap is closed,
    check(&["a@0 b@11"], false, ""); // and not one µs longer.
    check(&["a@0 b@0"], false, "a>b 1/1"); // Same time: the order of the rows.
    check(&["a@0 b@1 a@2 b@3"], false, "a>b 2/1, b>a 1/1"); // People are distinct, events are not.
    check(&["a@0 b@1", "a@0 b@1", "b@2"], false, "a>b 2/2"); // Never across people.
    check(&["a@-1 b@0 c@99 d@100"], false, ""); // Both lie in the half-open period,
    check(&["a@0 b@1 c@99 d@100"], false, "a>b 1/1"); // not only the first.
    check(&["a@0 a@1 b@2"], false, "a>a 1/1, a>b 1/1");
    check(&["a@0 a@9 b@18"], true, "a>b 1/1"); // A run is left by its last.
    check(&["a@0 a@40 b@45"], true, "a>b 1/1");
}

#[test]
fn wrong_plans_are_refused() {
    let of = |gap_us, period| TransitionPlan::new(gap_us, period, None, false);
    assert_eq!(of(-1, Period::ALL), Err(PlanError::NegativeDuration { what: "gap", got_us: -1 }));
    let reversed = Period { from_us: 1, to_us: 0 };
    assert_eq!(of(1, reversed), Err(PlanError::PeriodReversed { from_us: 1, to_us: 0 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_and_merges(
        rows in rows(6, 24, 20, 0b11),
        gap_us in 0i64..12,
        (from_us, length_us) in (0i64..6, 0i64..20),
        (include, collapse) in any::<(bool, bool)>(),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let plan = TransitionPlan::new(gap_us, period, include.then_some(0b10), collapse).expect("valid");
        let whole = fold(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, TransitionState::merge);
        let counted = |row: &&Row| period.contains(row.time_us) && (!include || row.has(1));
        let counted: Vec<Row> = rows.iter().filter(counted).cloned().collect();
        let mut want: Vec<Transition> = sequences::transitions(&counted, gap_us, collapse)
            .into_iter()
            .map(|((event, next), (events, people))| Transition { event, next, reach: Reach { people, events } })
            .collect();
        want.sort_by_key(|t| std::cmp::Reverse(t.reach.events)); // Stable: codes stay ascending.
        let answer = whole.finish();
        let columns = Columns::new(&rows);
        for t in &answer {
            let selected = select(rows_of(&columns), &plan, t.event, t.next);
            prop_assert_eq!(selected.len() as u64, t.reach.people);
            prop_assert_eq!(selected.iter().map(|person| person.events).sum::<u64>(), t.reach.events);
        }
        prop_assert_eq!(&answer, &want);
        // Codes too large for a table of all pairs.
        let far: Vec<Row> = rows.iter().map(|row| Row { event: row.event + 60_000, ..row.clone() }).collect();
        let near = |t: &Transition| Transition { event: t.event - 60_000, next: t.next - 60_000, ..*t };
        let far = fold(rows_of(&Columns::new(&far)), &plan).finish();
        prop_assert_eq!(far.iter().map(near).collect::<Vec<_>>(), want);
    }
}
