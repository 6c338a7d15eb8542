//! The fold against the oracle, the merge law, and counts against selections, on generated people.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::super::*;
use crate::channels;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::interval::Moments;
use crate::plan::Period;
use crate::spread::Durations;
use testkit::sequences;
use testkit::stages as naive;
use testkit::timeline::{Columns, Row, by_person, rows};

const EXIT_BIT: usize = 7;
const BITS: u64 = 0xbf;

/// Rules for both: the same journey in the plan's and in the oracle's words.
fn journeys() -> impl Strategy<Value = (StageRules, naive::Plan)> {
    let touchpoint = (0usize..4, any::<bool>(), option::weighted(0.4, 0usize..4), option::of(0i64..12));
    let silence = option::weighted(0.3, 0i64..10);
    let times = (0i64..30, option::weighted(0.5, 0i64..12), 0i64..15, 0i64..30, 5i64..40);
    let shape = (vec(touchpoint, 1..=6), vec(silence, 1..=4), any::<bool>(), 0usize..4, times);
    shape.prop_map(|(mut touchpoints, silences_us, any_start, conversion, times)| {
        let n_stages = silences_us.len();
        touchpoints[0] = (0, true, None, None); // Some trip must be able to start.
        let (window_us, timeout_us, from_us, length_us, as_of_us) = times;
        let touchpoints = touchpoints.into_iter().map(|(stage, enters, after, within_us)| {
            let within_us = within_us.filter(|_| after.is_some());
            let after = after.map(|after| after % n_stages);
            naive::Touchpoint { stage: stage % n_stages, enters, after, within_us }
        });
        let plan = naive::Plan {
            touchpoints: touchpoints.collect(),
            silences_us,
            any_start,
            window_us,
            timeout_us,
            exit_bit: EXIT_BIT,
            conversion: conversion % n_stages,
            from_us,
            to_us: from_us + length_us,
            as_of_us,
        };
        (rules_of(&plan), plan)
    })
}

fn rules_of(plan: &naive::Plan) -> StageRules {
    let touchpoint = |t: &naive::Touchpoint| Touchpoint {
        stage: t.stage as u8,
        enters: t.enters,
        after: t.after.map(|after| after as u8),
        within_us: t.within_us,
    };
    StageRules {
        touchpoints: plan.touchpoints.iter().map(touchpoint).collect(),
        stages: plan.silences_us.iter().map(|&silence_us| Stage { silence_us }).collect(),
        start: if plan.any_start { Start::AnyStage } else { Start::FirstStage },
        window_us: plan.window_us,
        timeout_us: plan.timeout_us,
        exits: 1 << EXIT_BIT,
        conversion_stage: plan.conversion as u8,
        period: Period { from_us: plan.from_us, to_us: plan.to_us },
        as_of_us: plan.as_of_us,
        bounds_us: vec![2, 9, 10, 20],
    }
}

/// The trips of everybody, with the rows of their person.
type Trips<'a> = Vec<(naive::Trip, &'a [Row])>;

fn trips<'a>(plan: &naive::Plan, rows: &'a [Row]) -> Trips<'a> {
    by_person(rows).filter_map(|own| Some((naive::trip(plan, own)?, own))).collect()
}

fn people(trips: &Trips<'_>, holds: impl Fn(&naive::Trip) -> bool) -> u64 {
    trips.iter().filter(|(trip, _)| holds(trip)).count() as u64
}

fn spread(trips: &Trips<'_>, of: impl Fn(&naive::Trip) -> Option<i64>) -> Option<crate::Spread> {
    trips.iter().filter_map(|(trip, _)| of(trip)).collect::<Durations>().spread()
}

/// One stage of the answer, computed the slow way.
fn naive_row(plan: &naive::Plan, trips: &Trips<'_>, k: usize) -> StageRow {
    let touches = || {
        trips.iter().flat_map(move |(trip, own)| {
            trip.touches.iter().filter(move |touch| touch.stage == k).map(move |touch| &own[touch.row])
        })
    };
    let distinct = |holds: &dyn Fn(&Row) -> bool| {
        let mut people: Vec<u64> = touches().filter(|row| holds(row)).map(|row| row.person).collect();
        people.dedup();
        people.len() as u64
    };
    let ended = people(trips, |trip| trip.ended(k));
    let is_last = k + 1 == plan.silences_us.len();
    let went_further = people(trips, |trip| trip.went_further(k).is_some());
    let amount_after: i128 = trips.iter().map(|(trip, own)| i128::from(trip.amount_after(k, own))).sum();
    let channels = (0u16..4).map(|channel| {
        let events = touches().filter(|row| row.channel == channel).count() as u64;
        ChannelCount { channel, reach: Reach { people: distinct(&|row| row.channel == channel), events } }
    });
    let mut score = Moments::default();
    let scores = trips.iter().flat_map(|(trip, _)| &trip.scores);
    scores.filter(|(stage, _)| *stage == k).for_each(|(_, value)| score.push(*value));
    StageRow {
        entered: people(trips, |trip| trip.entered(k).is_some()),
        started_here: people(trips, |trip| trip.entries[0].stage == k),
        moved_on: people(trips, |trip| trip.moved_on(k)),
        here: people(trips, |trip| trip.here(k)),
        dropped: if is_last { 0 } else { ended },
        finished: if is_last { ended } else { 0 },
        back: people(trips, |trip| trip.back(k)),
        went_further,
        fell_silent: people(trips, |trip| trip.fell_silent(k)),
        skipped: people(trips, |trip| trip.skipped(plan, k).is_some()),
        went_back: people(trips, |trip| trip.went_back(k)),
        touches: touches().count() as u64,
        amount: touches().filter_map(|row| row.amount).map(i128::from).sum(),
        people_with_amount: distinct(&|row| row.amount.is_some()),
        amount_after,
        amount_after_per_person: (went_further > 0).then(|| amount_after as f64 / went_further as f64),
        channels: channels.filter(|count| count.reach.events > 0).collect(),
        time_in_stage: spread(trips, |trip| trip.time_in_stage(k)),
        time_to_go_further: spread(trips, |trip| trip.went_further(k)),
        score: score.mean(),
    }
}

fn naive_answer(plan: &naive::Plan, rules: &StageRules, trips: &Trips<'_>) -> StageAnswer {
    let n_stages = plan.silences_us.len();
    let converted = |trip: &naive::Trip| trip.entered(plan.conversion);
    let touchpoints = (0..plan.touchpoints.len()).map(|i| {
        let hits = |trip: &naive::Trip| trip.touches.iter().filter(|t| t.touchpoints.contains(&i)).count();
        let events = trips.iter().map(|(trip, _)| hits(trip) as u64).sum();
        Reach { people: people(trips, |trip| hits(trip) > 0), events }
    });
    let hops = |from| (0..n_stages).map(move |to| people(trips, |trip| trip.transition(from, to).is_some()));
    let trend = rules.bounds_us.windows(2).map(|bucket| {
        let inside = |trip: &naive::Trip| (bucket[0]..bucket[1]).contains(&trip.start_us);
        TrendRow {
            started: people(trips, inside),
            converted: people(trips, |trip| inside(trip) && converted(trip).is_some()),
        }
    });
    StageAnswer {
        people: trips.len() as u64,
        converted: people(trips, |trip| converted(trip).is_some()),
        open_window: people(trips, |trip| trip.is_censored(plan)),
        time_to_convert: spread(trips, |trip| Some(converted(trip)? - trip.start_us)),
        stages: (0..n_stages).map(|k| naive_row(plan, trips, k)).collect(),
        touchpoints: touchpoints.collect(),
        transitions: (0..n_stages).map(|from| hops(from).collect()).collect(),
        trend: trend.collect(),
    }
}

/// Selections of one generated case: each must have as many people as the answer counts, and the
/// oracle's moments.
struct Selections<'a> {
    compiled: &'a StagePlan,
    columns: &'a Columns,
    trips: &'a Trips<'a>,
}

impl Selections<'_> {
    fn check(
        &self,
        selector: Selector,
        count: u64,
        moment: impl Fn(&naive::Trip, &[Row]) -> Option<i64>,
    ) -> Result<(), TestCaseError> {
        let got = select(rows_of(self.columns), self.compiled, selector);
        let want = self.trips.iter().filter_map(|(trip, own)| {
            let entry_us = moment(trip, own)?;
            let last_touch_us = trip.touches.last()?.time_us;
            Some(Selected { person: trip.person, start_us: trip.start_us, entry_us, last_touch_us })
        });
        prop_assert_eq!(got.len() as u64, count, "{:?}", selector);
        prop_assert_eq!(got, want.collect::<Vec<_>>(), "{:?}", selector);
        Ok(())
    }

    fn check_stage(&self, plan: &naive::Plan, k: usize, answer: &StageAnswer) -> Result<(), TestCaseError> {
        let (row, stage) = (&answer.stages[k], k as u8);
        let entered = |holds: bool, trip: &naive::Trip| trip.entered(k).filter(|_| holds);
        self.check(Selector::Entered(stage), row.entered, |t, _| t.entered(k))?;
        self.check(Selector::MovedOn(stage), row.moved_on, |t, _| entered(t.moved_on(k), t))?;
        self.check(Selector::Here(stage), row.here, |t, _| entered(t.here(k), t))?;
        self.check(Selector::Dropped(stage), row.dropped + row.finished, |t, _| entered(t.ended(k), t))?;
        self.check(Selector::Back(stage), row.back, |t, _| entered(t.back(k), t))?;
        let further = |t: &naive::Trip, _: &[Row]| entered(t.went_further(k).is_some(), t);
        self.check(Selector::WentFurther(stage), row.went_further, further)?;
        self.check(Selector::FellSilent(stage), row.fell_silent, |t, _| entered(t.fell_silent(k), t))?;
        self.check(Selector::Skipped(stage), row.skipped, |t, _| t.skipped(plan, k))?;
        self.check(Selector::WentBack(stage), row.went_back, |t, _| entered(t.went_back(k), t))?;
        for (to, &count) in answer.transitions[k].iter().enumerate() {
            self.check(Selector::Transition(stage, to as u8), count, |t, _| t.transition(k, to))?;
        }
        for count in &row.channels {
            let first = |t: &naive::Trip, own: &[Row]| {
                let mut touches = t.touches.iter();
                let hit = touches.find(|t| t.stage == k && own[t.row].channel == count.channel)?;
                Some(hit.time_us)
            };
            self.check(Selector::Channel { stage, channel: count.channel }, count.reach.people, first)?;
        }
        Ok(())
    }

    fn check_all(&self, plan: &naive::Plan, answer: &StageAnswer) -> Result<(), TestCaseError> {
        for k in 0..answer.stages.len() {
            self.check_stage(plan, k, answer)?;
        }
        for (i, reach) in answer.touchpoints.iter().enumerate() {
            let hit = |t: &naive::Trip| {
                let first = t.touches.iter().find(|touch| touch.touchpoints.contains(&i));
                first.map(|touch| touch.time_us)
            };
            self.check(Selector::Touched(i as u8), reach.people, |t, _| hit(t))?;
        }
        let converted = |t: &naive::Trip| t.entered(plan.conversion);
        let not_converted = |t: &naive::Trip| converted(t).is_none().then_some(t.start_us);
        self.check(Selector::Started, answer.people, |t, _| Some(t.start_us))?;
        self.check(Selector::Converted, answer.converted, |t, _| converted(t))?;
        self.check(Selector::NotConverted, answer.people - answer.converted, |t, _| not_converted(t))?;
        let censored = |t: &naive::Trip| t.is_censored(plan).then_some(t.start_us);
        self.check(Selector::OpenWindow, answer.open_window, |t, _| censored(t))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle((rules, plan) in journeys(), rows in rows(3, 24, 32, BITS)) {
        let compiled = StagePlan::new(rules.clone()).expect("generated rules are valid");
        let columns = Columns::new(&rows);
        let answer = fold_with_scores(rows_of(&columns), &columns.score, &compiled).finish(&compiled);
        prop_assert_eq!(answer, naive_answer(&plan, &rules, &trips(&plan, &rows)));
    }

    #[test]
    fn every_count_opens_its_people((rules, plan) in journeys(), rows in rows(3, 24, 32, BITS)) {
        let compiled = StagePlan::new(rules).expect("generated rules are valid");
        let columns = Columns::new(&rows);
        let answer = fold(rows_of(&columns), &compiled).finish(&compiled);
        let trips = trips(&plan, &rows);
        Selections { compiled: &compiled, columns: &columns, trips: &trips }.check_all(&plan, &answer)?;
    }

    #[test]
    fn everybody_stands_somewhere_once((rules, _) in journeys(), rows in rows(4, 30, 32, BITS)) {
        let plan = StagePlan::new(rules).expect("generated rules are valid");
        let answer = fold(rows_of(&Columns::new(&rows)), &plan).finish(&plan);
        for row in &answer.stages {
            prop_assert_eq!(row.entered, row.moved_on + row.here + row.dropped + row.finished + row.back);
            prop_assert!(row.fell_silent <= row.moved_on && row.moved_on - row.fell_silent <= row.went_further);
        }
        let standing: u64 = answer.stages.iter().map(|row| row.here + row.dropped + row.finished).sum();
        let started: u64 = answer.stages.iter().map(|row| row.started_here).sum();
        prop_assert_eq!((standing, started), (answer.people, answer.people));
    }

    #[test]
    fn a_state_holds_as_long_as_it_says((rules, _) in journeys(), rows in rows(3, 24, 32, BITS), share in 0.0..1.0) {
        let columns = Columns::new(&rows);
        let at = |as_of_us| {
            let plan = StagePlan::new(StageRules { as_of_us, ..rules.clone() }).expect("generated rules are valid");
            let state = fold_with_scores(rows_of(&columns), &columns.score, &plan);
            (state.holds_us(), state.finish(&plan))
        };
        let (holds_us, answer) = at(rules.as_of_us);
        prop_assert!(holds_us >= 1);
        let last_us = holds_us.min(200) - 1;
        for later_us in [last_us, (last_us as f64 * share) as i64] {
            let (holds_then_us, later) = at(rules.as_of_us + later_us);
            prop_assert_eq!(&later, &answer);
            // Conservative, but the end it names comes no nearer.
            prop_assert!(holds_us == i64::MAX || holds_then_us >= holds_us - later_us);
        }
    }

    #[test]
    fn states_merge_in_any_order((rules, _) in journeys(), rows in rows(6, 30, 32, BITS), salt in 0u64..8) {
        let plan = StagePlan::new(rules).expect("generated rules are valid");
        let count = |columns: &Columns| fold_with_scores(rows_of(columns), &columns.score, &plan);
        let whole = count(&Columns::new(&rows));
        assert_merges(thirds(&rows, salt).map(|part| count(&part)), &whole, StageState::merge);
        prop_assert_eq!(whole.clone().merge(StageState::empty(&plan)), whole);
    }

    #[test]
    fn keeping_some_people_is_dropping_the_others((rules, _) in journeys(), rows in rows(4, 24, 32, BITS)) {
        let plan = StagePlan::new(rules).expect("generated rules are valid");
        let columns = Columns::new(&rows);
        let keeps = |row: &Row| row.person & 1 == 0;
        let keep: Vec<bool> = by_person(&rows).map(|own| keeps(&own[0])).collect();
        let kept = Columns::new(&rows.iter().filter(|row| keeps(row)).cloned().collect::<Vec<_>>());
        let flagged = fold(crate::Rows { keep: &keep, ..rows_of(&columns) }, &plan);
        prop_assert_eq!(flagged, fold(rows_of(&kept), &plan));
    }

    #[test]
    fn handovers_within_trips_are_those_of_the_touches((rules, plan) in journeys(), rows in rows(3, 24, 32, BITS)) {
        let compiled = StagePlan::new(rules).expect("generated rules are valid");
        let answer = channels::fold_trips(rows_of(&Columns::new(&rows)), &compiled).finish();
        let trips = trips(&plan, &rows);
        let touched = trips.iter().flat_map(|(trip, own)| trip.touches.iter().map(|touch| own[touch.row].clone()));
        let touched: Vec<Row> = touched.collect();
        let handovers = answer.handovers.iter().map(|h| ((h.from, h.to), (h.reach.events, h.reach.people)));
        prop_assert_eq!(handovers.collect::<BTreeMap<_, _>>(), sequences::handovers(&touched, i64::MAX));
        let mix = answer.channels.iter().map(|row| {
            (row.channel, (row.reach.events, row.reach.people, row.amount, row.people_with_amount))
        });
        prop_assert_eq!(mix.collect::<BTreeMap<_, _>>(), sequences::channels(&touched));
    }
}
