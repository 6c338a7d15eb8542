//! Rules of the ordered funnel. A story is `steps@time`: "0@0 1@10"; "01@5" matches both steps.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::funnel as naive;
use testkit::timeline::{Columns, Row, by_person, rows};

fn story(text: &str) -> Columns {
    let rows = text.split_whitespace().map(|word| {
        let (steps, time_us) = word.split_once('@').expect("steps@time");
        let mask = steps.bytes().fold(0, |mask, step| mask | 1 << (step - b'0'));
        Row { person: 1, mask, time_us: time_us.parse().expect("a number"), ..Row::default() }
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

/// A funnel of three steps, window 10, step 0 in 0..50, seen at 55. Expects the times of the steps.
#[track_caller]
fn check(text: &str, times_us: &[i64]) {
    let plan = FunnelPlan::new(3, 10, Period { from_us: 0, to_us: 50 }, 55).expect("valid");
    let columns = story(text);
    let mut walker = Walker::new(&plan);
    let attempt = walker.walk(&rows_of(&columns), 0..columns.time_us.len());
    assert_eq!(attempt.map_or(&[][..], |attempt| attempt.times_us), times_us, "{text}");
}

#[test]
fn funnel_rules() {
    check("", &[]);
    check("1@0 2@1", &[]); // Without step 0 there is no attempt.
    check("0@0", &[0]);
    check("0@0 1@3 2@10", &[0, 3, 10]); // The window is closed,
    check("0@0 1@3 2@11", &[0, 3]); // not one µs longer,
    check("0@0 1@9 2@12", &[0, 9]); // and measured from step 0.
    check("1@0 0@1", &[1]); // Order matters.
    check("0@0 2@1 1@2", &[0, 2]);
    check("0@0 1@0 2@0", &[0, 0, 0]); // Same time: the order of the rows.
    check("2@0 1@0 0@0", &[0]);
    check("0@0 7@1 1@2 7@3 2@4", &[0, 2, 4]); // Other rows in between do not matter.
    check("0@0 0@9 1@12 2@19", &[9, 12, 19]); // A restart may convert,
    check("0@0 1@1 0@5 2@6", &[0, 1, 6]); // but does not undo what was reached.
    check("0@0 1@1 1@8 2@9", &[0, 1, 9]); // A repeated step keeps its first time.
    check("0@0 1@1 0@20 1@21", &[0, 1]); // The first attempt that got furthest counts.
    check("012@0", &[0]); // One row never fills two steps,
    check("01@0 01@1", &[0, 1]); // equal steps need rows of their own,
    check("01@0 01@1 2@2", &[0, 1, 2]);
    check("012@0 012@1 012@2", &[0, 1, 2]);
    check("0@-1 1@0", &[]); // Step 0 lies in the period, half open:
    check("0@50 1@51", &[]);
    check("0@49 1@51 2@55", &[49, 51, 55]); // later steps may lie beyond it,
    check("0@49 1@51 2@56", &[49, 51]); // but not beyond as_of.
}

#[test]
fn wrong_funnels_are_refused() {
    let of = |n_steps, window_us, period| FunnelPlan::new(n_steps, window_us, period, 0);
    assert_eq!(of(0, 1, Period::ALL), Err(PlanError::StepCount { got: 0 }));
    assert_eq!(of(33, 1, Period::ALL), Err(PlanError::StepCount { got: 33 }));
    assert!(of(32, 0, Period::ALL).is_ok());
    assert_eq!(of(2, -1, Period::ALL), Err(PlanError::NegativeDuration { what: "window", got_us: -1 }));
    let reversed = PlanError::PeriodReversed { from_us: 1, to_us: 0 };
    assert_eq!(of(2, 1, Period { from_us: 1, to_us: 0 }), Err(reversed));
}

#[test]
fn the_last_of_32_steps_counts_and_saturating_windows_do_not_wrap() {
    let plan = FunnelPlan::new(32, i64::MAX, Period::ALL, i64::MAX).expect("valid");
    let rows: Vec<Row> = (0..32).map(|k| Row { mask: 1 << k, time_us: k, ..Row::default() }).collect();
    let columns = Columns::new(&rows);
    let mut walker = Walker::new(&plan);
    assert_eq!(walker.walk(&rows_of(&columns), 0..32).map(|attempt| attempt.n_reached()), Some(32));
}

fn plans() -> impl Strategy<Value = naive::Plan> {
    (1usize..=4, 0i64..14, 0i64..8, 0i64..20, 4i64..26).prop_map(
        |(n_steps, window_us, from_us, length_us, as_of_us)| naive::Plan {
            n_steps,
            window_us,
            from_us,
            to_us: from_us + length_us,
            as_of_us,
        },
    )
}

fn compiled(plan: &naive::Plan) -> FunnelPlan {
    let period = Period { from_us: plan.from_us, to_us: plan.to_us };
    FunnelPlan::new(plan.n_steps, plan.window_us, period, plan.as_of_us).expect("generated plans are valid")
}

/// Label of step 0 and times of each person's attempt.
fn naive_attempts(plan: &naive::Plan, rows: &[Row]) -> Vec<(u64, u32, Vec<i64>)> {
    let attempts = by_person(rows).filter_map(|own| {
        let chosen = naive::attempt(plan, own)?;
        let times_us = chosen.iter().map(|&row| own[row].time_us).collect();
        Some((own[0].person, own[chosen[0]].label, times_us))
    });
    attempts.collect()
}

fn naive_steps(plan: &naive::Plan, attempts: &[&Vec<i64>]) -> Vec<FunnelStep> {
    let step = |k: usize| {
        let reached = || attempts.iter().filter(move |times| times.len() > k);
        let spread = |from: &dyn Fn(&Vec<i64>) -> i64| {
            let durations: Durations =
                reached().filter(|_| k > 0).map(|times| times[k] - from(times)).collect();
            durations.spread()
        };
        FunnelStep {
            people: reached().count() as u64,
            from_start: spread(&|times| times[0]),
            from_previous: spread(&|times| times[k - 1]),
        }
    };
    (0..plan.n_steps).map(step).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle(plan in plans(), rows in rows(3, 16, 20, 0b1111)) {
        let columns = Columns::new(&rows);
        let answer = fold(rows_of(&columns), &columns.label, &compiled(&plan)).finish(&compiled(&plan));
        let attempts = naive_attempts(&plan, &rows);
        let all: Vec<&Vec<i64>> = attempts.iter().map(|(_, _, times)| times).collect();
        prop_assert_eq!(&answer.steps, &naive_steps(&plan, &all));
        for label in 0..3 {
            let of_label = attempts.iter().filter(|(_, own, _)| *own == label);
            let own: Vec<&Vec<i64>> = of_label.map(|(_, _, times)| times).collect();
            let got = answer.by_label.iter().find(|(got, _)| *got == label);
            prop_assert_eq!(got.map(|(_, steps)| steps.clone()), (!own.is_empty()).then(|| naive_steps(&plan, &own)));
        }
    }

    #[test]
    fn every_count_opens_its_people(plan in plans(), rows in rows(3, 16, 20, 0b1111)) {
        let columns = Columns::new(&rows);
        let attempts = naive_attempts(&plan, &rows);
        let answer = fold(rows_of(&columns), &[], &compiled(&plan)).finish(&compiled(&plan));
        for k in 0..plan.n_steps {
            let reached = select(rows_of(&columns), &compiled(&plan), Selector::Reached(k));
            prop_assert_eq!(reached.len() as u64, answer.steps[k].people);
            let want = attempts.iter().filter(|(_, _, times)| times.len() > k).map(|(person, _, times)| Selected {
                person: *person,
                start_us: times[0],
                last_step_us: times[times.len() - 1],
                n_reached: times.len(),
            });
            prop_assert_eq!(reached, want.collect::<Vec<_>>());
            let next = answer.steps.get(k + 1).map_or(0, |step| step.people);
            let stopped = select(rows_of(&columns), &compiled(&plan), Selector::StoppedAt(k));
            prop_assert_eq!(stopped.len() as u64, answer.steps[k].people - next);
        }
    }

    #[test]
    fn states_merge_in_any_order(plan in plans(), rows in rows(6, 24, 20, 0b1111), salt in 0u64..8) {
        let count = |columns: &Columns| fold(rows_of(columns), &columns.label, &compiled(&plan));
        let whole = count(&Columns::new(&rows));
        assert_merges(thirds(&rows, salt).map(|part| count(&part)), &whole, FunnelState::merge);
        prop_assert_eq!(whole.clone().merge(FunnelState::default()), whole);
    }
}
