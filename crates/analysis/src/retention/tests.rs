//! Rules of retention. A story is `what@time`: `s` starts, `r` returns, `b` is both, `x` neither.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::{PlanError, Rows};
use testkit::retention as naive;
use testkit::timeline::{Columns, Row, rows};

const HOUR_US: i64 = 3_600_000_000;

fn columns(stories: &[&str]) -> Columns {
    let rows = (1u64..).zip(stories).flat_map(|(person, story)| {
        story.split_whitespace().map(move |word| {
            let (name, time_us) = word.split_once('@').expect("what@time");
            let mask = [("s", 1), ("r", 2), ("b", 3), ("x", 0)].iter().find(|(what, _)| *what == name);
            let mask = mask.expect("a letter").1;
            Row { person, mask, time_us: time_us.parse().expect("a number"), ..Row::default() }
        })
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

/// Intervals of 10 from 0 to 60, the first three are cohorts; seen at 54.
fn rules() -> RetentionRules {
    RetentionRules {
        starts: Some(1),
        returns: Some(2),
        bounds_us: (0..=6).map(|i| i * 10).collect(),
        n_cohorts: 3,
        intervals: Intervals::Calendar { edges: (0..=4).collect() },
        measure: Measure::On,
        first_time: false,
        as_of_us: 54,
    }
}

/// Cohorts as `people: people/had` by cell, without those nobody is in; `*` where not all have had the cell.
#[track_caller]
fn check(rules: RetentionRules, stories: &[&str], expected: &str) {
    let plan = RetentionPlan::new(rules).expect("valid");
    let answer = fold(rows_of(&columns(stories)), &plan).finish(&plan);
    let cell = |row: &RetentionRow, at: usize| {
        let cell = row.cells[at];
        let star = if row.is_complete(at) { "" } else { "*" };
        format!("{}/{}{star}", cell.people, cell.n_had)
    };
    let mut lines = Vec::new();
    for (cohort, row) in answer.cohorts.iter().enumerate().filter(|(_, row)| row.people > 0) {
        let cells: Vec<String> = (0..row.cells.len()).map(|at| cell(row, at)).collect();
        lines.push(format!("{cohort}={} {}", row.people, cells.join(" ")));
    }
    assert_eq!(lines.join(", "), expected, "{stories:?}");
}

#[test]
fn calendar_retention() {
    let plain = || rules();
    check(plain(), &[], "");
    check(plain(), &["r@5"], "");
    check(plain(), &["s@5"], "0=1 0/1 0/1 0/1 0/1"); // The start is no return,
    check(plain(), &["b@5"], "0=1 1/1 0/1 0/1 0/1"); // unless it matches the rule,
    check(plain(), &["s@5 r@9"], "0=1 1/1 0/1 0/1 0/1"); // a return the same day is one,
    check(plain(), &["r@4 s@5"], "0=1 0/1 0/1 0/1 0/1"); // one before the start is not.
    check(plain(), &["r@5 s@5", "s@5 r@5"], "0=2 1/2 0/2 0/2 0/2"); // Same time: the order of the rows.
    check(plain(), &["s@9 r@10"], "0=1 0/1 1/1 0/1 0/1"); // Intervals, not hours, decide.
    check(plain(), &["s@0 r@39 r@40"], "0=1 0/1 0/1 0/1 1/1"); // Beyond the last cell nothing counts.
    check(plain(), &["s@5 r@12 r@13 r@14"], "0=1 0/1 1/1 0/1 0/1"); // Once per person.
    check(plain(), &["s@-1 s@30"], ""); // Starts lie in the cohorts.
    check(plain(), &["s@25 r@52 r@55"], "2=1 0/1 0/1 0/1 1/0*"); // 50..60 is not over at 54.
    check(plain(), &["s@5 s@15 r@25"], "0=1 0/1 0/1 1/1 0/1, 1=1 0/1 1/1 0/1 0/1"); // Every cohort.
    let first = || RetentionRules { first_time: true, ..rules() };
    check(first(), &["s@5 s@15 r@25"], "0=1 0/1 0/1 1/1 0/1");
    check(first(), &["s@-5 s@15 r@25"], ""); // The first start ever lies before the period.
    check(first(), &["r@1 s@5 r@7"], "0=1 1/1 0/1 0/1 0/1");
    let any = || RetentionRules { starts: None, returns: None, first_time: true, ..rules() };
    check(any(), &["x@5 x@25", "x@7"], "0=2 2/2 0/2 1/2 0/2");
    check(any(), &["x@25 x@52 x@55"], "2=1 1/1 0/1 0/1 1/0*");
    check(any(), &["x@25 x@54"], "2=1 1/1 0/1 0/1 1/0*"); // What happens at as_of is known,
    check(any(), &["x@55"], ""); // what comes later is not.
}

#[test]
fn measures() {
    let after = || RetentionRules { measure: Measure::OnOrAfter, ..rules() };
    check(after(), &["s@5"], "0=1 0/1 0/1 0/1 0/1");
    check(after(), &["s@5 r@25"], "0=1 1/1 1/1 1/1 0/1");
    check(after(), &["s@5 r@45"], "0=1 1/1 1/1 1/1 1/1"); // After the last cell is later than all.
    let streak = || RetentionRules { measure: Measure::Streak, ..rules() };
    check(streak(), &["b@5 r@15 r@35"], "0=1 1/1 1/1 0/1 0/1");
    check(streak(), &["s@5 r@15"], "0=1 0/1 0/1 0/1 0/1"); // The birth counts only as a return.
}

#[test]
fn brackets_and_absent_cells() {
    let brackets = || RetentionRules { intervals: Intervals::Calendar { edges: vec![1, 2, 5] }, ..rules() };
    check(brackets(), &["b@5 r@35"], "0=1 0/1 1/1");
    check(brackets(), &["b@15 r@45"], "1=1 0/1 1/0*"); // A bracket is over when its last interval is.
    check(brackets(), &["b@25 r@55"], "2=1 0/1"); // It would reach beyond the boundaries.
    check(RetentionRules { measure: Measure::OnOrAfter, ..brackets() }, &["b@25 r@54"], "2=1 1/1");
}

#[test]
fn rolling_retention() {
    let rolling =
        || RetentionRules { intervals: Intervals::Rolling { edges_us: vec![0, 10, 20, 40] }, ..rules() };
    check(rolling(), &["s@9 r@18"], "0=1 1/1 0/1 0/1"); // 9 later: still the first 24 hours, as it were,
    check(rolling(), &["s@9 r@19"], "0=1 0/1 1/1 0/1"); // half open.
    check(rolling(), &["s@9 r@30 r@48"], "0=1 0/1 0/1 1/1");
    check(rolling(), &["s@15 r@50"], "1=1 0/1 0/1 1/0*"); // 35 to 55 is not over at 54.
    check(rolling(), &["s@14 r@50"], "1=1 0/1 0/1 1/1");
    // Two clocks of one cohort: 12 after the one is day 1, 9 after the other day 0.
    check(rolling(), &["s@0 s@3 r@12"], "0=1 1/1 1/1 0/1");
    check(RetentionRules { first_time: true, ..rolling() }, &["s@0 s@3 r@12"], "0=1 0/1 1/1 0/1");
    let after = || RetentionRules { measure: Measure::OnOrAfter, ..rolling() };
    check(after(), &["s@0 r@54"], "0=1 1/1 1/1 1/1");
}

/// Days of New York around the change to summer time (2025-03-09 has 23 hours) and of Seoul (24 each):
/// cells follow the boundaries, so a return just before midnight is a day earlier than one just after.
#[test]
fn days_of_23_hours_are_days() {
    let york = [0, 24, 47, 71, 95].map(|hours| hours * HOUR_US).to_vec();
    let seoul = [0, 24, 48, 72, 96].map(|hours| hours * HOUR_US).to_vec();
    let at = |hours: i64| Row { person: 1, mask: 3, time_us: hours * HOUR_US, ..Row::default() };
    let columns = Columns::new(&[at(1), at(47)]);
    for (bounds_us, cell) in [(york, 2), (seoul, 1)] {
        let intervals = Intervals::Calendar { edges: (0..=3).collect() };
        let plan = RetentionPlan::new(RetentionRules {
            bounds_us,
            n_cohorts: 1,
            intervals,
            as_of_us: i64::MAX,
            ..rules()
        });
        let plan = plan.expect("valid");
        let answer = fold(rows_of(&columns), &plan).finish(&plan);
        let returned: Vec<usize> = (0..3).filter(|&at| answer.cohorts[0].cells[at].people > 0).collect();
        assert_eq!(returned, [0, cell]);
    }
}

#[test]
fn averages_take_complete_cells_only() {
    let plan = RetentionPlan::new(rules()).expect("valid");
    let answer = fold(rows_of(&columns(&["s@5 r@35", "s@5", "s@25 r@52"])), &plan).finish(&plan);
    let last = answer.averages[3];
    assert_eq!((last.n_had, last.people_had), (2, 1)); // The cohort at 20 has not had its cell 3.
    assert_eq!(last.share.map(|share| share.0), Some(0.5));
    let early = RetentionPlan::new(RetentionRules { as_of_us: 5, ..rules() }).expect("valid");
    let answer = fold(rows_of(&columns(&["s@5"])), &early).finish(&early);
    assert_eq!(answer.averages[0].share, None);
}

#[test]
fn wrong_plans_are_refused() {
    let of = |bounds_us: Vec<i64>, n_cohorts, intervals| {
        RetentionPlan::new(RetentionRules { bounds_us, n_cohorts, intervals, ..rules() }).err()
    };
    let cells = |n| Intervals::Calendar { edges: (0..=n).collect() };
    assert_eq!(of(vec![0], 1, cells(1)), Some(PlanError::Boundaries));
    assert_eq!(of(vec![0, 0], 1, cells(1)), Some(PlanError::Boundaries));
    assert_eq!(of(vec![0, 1], 2, cells(1)), Some(PlanError::Boundaries));
    assert_eq!(of(vec![0, 1], 0, cells(1)), Some(PlanError::Boundaries));
    assert_eq!(of(vec![0, 1], 1, cells(0)), Some(PlanError::Boundaries));
    assert_eq!(of(vec![0, 1], 1, Intervals::Rolling { edges_us: vec![-1, 1] }), Some(PlanError::Boundaries));
    let many = of((0..3000).collect(), 2000, cells(1000));
    assert_eq!(many, Some(PlanError::TableSize { got: 2_000_000 }));
}

fn plans() -> impl Strategy<Value = naive::Plan> {
    let ascending = |max: i64| {
        prop::collection::btree_set(0..max, 2..6).prop_map(|set| set.into_iter().collect::<Vec<i64>>())
    };
    let cells = (any::<bool>(), ascending(6)).prop_map(|(calendar, edges)| match calendar {
        true => naive::Cells::Calendar(edges.iter().map(|&edge| edge as usize).collect()),
        false => naive::Cells::Rolling(edges.iter().map(|&edge| edge * 2).collect()),
    });
    // Plain calendars come often, since they have a loop of their own.
    let plain = (1usize..6).prop_map(|n| naive::Cells::Calendar((0..=n).collect()));
    let measure =
        prop_oneof![Just(naive::Measure::On), Just(naive::Measure::OnOrAfter), Just(naive::Measure::Streak)];
    let flags = any::<(bool, bool, bool)>();
    (ascending(20), 1usize..5, prop_oneof![cells, plain], measure, flags, 0i64..26).prop_map(
        |(bounds_us, n_cohorts, cells, measure, (any_start, any_return, first_time), as_of_us)| {
            let n_cohorts = n_cohorts.min(bounds_us.len() - 1);
            naive::Plan { any_start, any_return, bounds_us, n_cohorts, cells, measure, first_time, as_of_us }
        },
    )
}

fn compiled(plan: &naive::Plan) -> RetentionPlan {
    let rules = RetentionRules {
        starts: (!plan.any_start).then_some(1),
        returns: (!plan.any_return).then_some(2),
        bounds_us: plan.bounds_us.clone(),
        n_cohorts: plan.n_cohorts,
        intervals: match &plan.cells {
            naive::Cells::Calendar(edges) => Intervals::Calendar { edges: edges.clone() },
            naive::Cells::Rolling(edges_us) => Intervals::Rolling { edges_us: edges_us.clone() },
        },
        measure: match plan.measure {
            naive::Measure::On => Measure::On,
            naive::Measure::OnOrAfter => Measure::OnOrAfter,
            naive::Measure::Streak => Measure::Streak,
        },
        first_time: plan.first_time,
        as_of_us: plan.as_of_us,
    };
    RetentionPlan::new(rules).expect("generated plans are valid")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_and_opens_its_people(plan in plans(), rows in rows(3, 20, 20, 0b11)) {
        let (columns, compiled) = (Columns::new(&rows), compiled(&plan));
        let rows_of_plan: Rows<'_> = rows_of(&columns);
        let answer = fold(rows_of_plan, &compiled).finish(&compiled);
        let (cohorts, cells) = naive::table(&plan, &rows);
        let people = |selector| -> Vec<u64> {
            select(rows_of_plan, &compiled, selector).iter().map(|one| one.person).collect()
        };
        for (cohort, row) in answer.cohorts.iter().enumerate() {
            let members = cohorts.get(&cohort).cloned().unwrap_or_default();
            prop_assert_eq!(row.people as usize, members.len());
            prop_assert_eq!(people(Selector::Cohort(cohort)), members.into_iter().collect::<Vec<_>>());
            let n_known = cells.keys().filter(|key| key.0 == cohort).count();
            prop_assert!(row.people == 0 || row.cells.len() == n_known);
            for (at, cell) in row.cells.iter().enumerate() {
                let want = cells.get(&(cohort, at)).cloned().unwrap_or_default();
                prop_assert_eq!(cell.people as usize, want.people.len(), "cohort {} cell {}", cohort, at);
                prop_assert_eq!(cell.n_had as usize, want.had.len());
                prop_assert_eq!(cell.people_had as usize, want.people_had.len());
                let returned = people(Selector::Returned { cohort, cell: at });
                prop_assert_eq!(returned, want.people.iter().copied().collect::<Vec<_>>());
                let lost: Vec<u64> = want.had.difference(&want.people_had).copied().collect();
                prop_assert_eq!(people(Selector::Lost { cohort, cell: at }), lost);
            }
        }
        for (at, average) in answer.averages.iter().enumerate() {
            let had: usize = cells.iter().filter(|(key, _)| key.1 == at).map(|(_, cell)| cell.had.len()).sum();
            prop_assert_eq!(average.n_had as usize, had);
        }
    }

    #[test]
    fn states_merge_in_any_order(plan in plans(), rows in rows(6, 30, 20, 0b11), salt in 0u64..8) {
        let plan = compiled(&plan);
        let whole = fold(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, RetentionState::merge);
        prop_assert_eq!(whole.clone().merge(RetentionState::empty(&plan)), whole);
    }
}
