//! Rules of the stage flow, one line per case. A case is written as a story: letters are what
//! happened, numbers when. `v` view enters stage 0, `c` cart stage 1, `b` buy enters stage 2 and, within
//! 60 of a buy, stage 3 (again); `m` mail belongs to stage 1 but does not enter; `x` is the exit, `z` is
//! nothing. Letters written together happen in one row.

use super::*;
use crate::columns::rows_of;
use crate::plan::{Period, PlanError};
use testkit::timeline::{Columns, Row};

mod answer;
mod laws;

fn rules() -> StageRules {
    let entering = |stage| Touchpoint { stage, enters: true, after: None, within_us: None };
    StageRules {
        touchpoints: vec![
            entering(0),
            entering(1),
            entering(2),
            Touchpoint { stage: 3, enters: true, after: Some(2), within_us: Some(60) },
            Touchpoint { enters: false, ..entering(1) },
        ],
        stages: vec![Stage::default(); 5],
        start: Start::FirstStage,
        window_us: 100,
        timeout_us: None,
        exits: 1 << 10,
        conversion_stage: 2,
        period: Period { from_us: 0, to_us: 1000 },
        as_of_us: 1000,
        bounds_us: vec![],
    }
}

/// Stage 4 is "lapsed", entered after 30 of silence.
fn with_silence(rules: &mut StageRules) {
    rules.stages[4].silence_us = Some(30);
}

fn story(text: &str) -> Vec<Row> {
    let rows = text.split_whitespace().map(|word| {
        let at = word.find(|c: char| c == '-' || c.is_ascii_digit()).expect("a time");
        let bit = |letter| match letter {
            'v' => 1,
            'c' => 1 << 1,
            'b' => 0b1100,
            'm' => 1 << 4,
            'x' => 1 << 10,
            _ => 1 << 20,
        };
        let mask = word[..at].chars().fold(0, |mask, letter| mask | bit(letter));
        Row { person: 1, mask, time_us: word[at..].parse().expect("a number"), ..Row::default() }
    });
    rows.collect()
}

#[test]
fn a_state_says_how_long_it_holds() {
    let holds = |text: &str, as_of_us: i64, change: fn(&mut StageRules)| {
        let mut rules = StageRules { as_of_us, ..rules() };
        change(&mut rules);
        let plan = StagePlan::new(rules).expect("valid");
        fold(rows_of(&Columns::new(&story(text))), &plan).holds_us()
    };
    let (as_it_is, forever) = (|_: &mut StageRules| {}, i64::MAX);
    assert_eq!(holds("", 50, as_it_is), forever);
    assert_eq!(
        holds("v0", 50, as_it_is),
        50,
        "at 100 the window is over, and who has not converted will not"
    );
    assert_eq!(holds("v0", 100, as_it_is), 1, "at 101 the trip has ended");
    assert_eq!(holds("v0", 101, as_it_is), forever);
    assert_eq!(holds("v0 x20", 50, as_it_is), forever, "ended by a row");
    assert_eq!(holds("c0", 50, as_it_is), forever, "nothing has started");
    assert_eq!(holds("v0 x20 c70", 50, as_it_is), forever, "what comes after the end changes nothing");
    assert_eq!(holds("v0 c70", 50, as_it_is), 20, "a row that is known then");
    assert_eq!(holds("v0", 50, |rules| rules.timeout_us = Some(60)), 11);
    assert_eq!(holds("v0", 10, with_silence), 21, "strictly longer than 30");
    assert_eq!(holds("v0", 40, with_silence), 60, "silent already");
}

/// Entries as `stage@time` (`~` = by silence), the end, and the outcome of each stage entered.
fn tell(trip: &Trip, n_stages: usize) -> String {
    let entries = trip.entries.iter().map(|entry| {
        let by = if entry.by_touch { "" } else { "~" };
        format!("{by}{}@{}", entry.stage, entry.time_us)
    });
    let end = match trip.end {
        None => "open",
        Some(End::Exit) => "exit",
        Some(End::Timeout) => "timeout",
        Some(End::Window) => "window",
    };
    let outcomes = (0..n_stages as u8).filter_map(|stage| {
        let word = match trip.outcome(stage)? {
            Outcome::Here => "here",
            Outcome::Dropped => "dropped",
            Outcome::MovedOn => "on",
            Outcome::Back => "back",
        };
        Some(format!("{stage} {word}"))
    });
    let join = |words: Vec<String>, by| words.join(by);
    format!("{} {end} | {}", join(entries.collect(), " "), join(outcomes.collect(), ", "))
}

#[track_caller]
fn check(change: impl Fn(&mut StageRules), text: &str, expected: &str) {
    let mut rules = rules();
    change(&mut rules);
    let plan = StagePlan::new(rules).expect("the rules are valid");
    let columns = Columns::new(&story(text));
    let trip = walk(rows_of(&columns), 0..columns.time_us.len(), &plan);
    let told = trip.map_or_else(|| "nothing".into(), |trip| tell(&trip, plan.n_stages()));
    assert_eq!(told, expected, "{text}");
}

#[test]
fn a_trip_starts_in_a_start_stage_and_in_the_period() {
    let any = |rules: &mut StageRules| rules.start = Start::AnyStage;
    let early = |rules: &mut StageRules| rules.as_of_us = 50;
    check(early, "", "nothing");
    check(early, "z0 m1 c2", "nothing"); // The first stage is a must,
    check(any, "c2", "1@2 window | 1 dropped"); // unless any may start;
    check(any, "m2", "nothing"); // but a touchpoint that does not enter starts nothing,
    check(any, "m2 c3", "1@3 window | 1 dropped");
    check(early, "v0", "0@0 open | 0 here"); // One row is a trip.
    check(early, "v-1 c1", "nothing"); // Started before the period: it is open, so nothing else starts,
    check(early, "v-1 v1", "nothing");
    check(|r| r.period.to_us = 20, "v-200 v19", "0@19 window | 0 dropped"); // until it is over.
    check(|r| r.period.to_us = 20, "v20", "nothing"); // The period is half open.
    check(|r| r.period.from_us = 20, "v20", "0@20 window | 0 dropped");
    check(|r| r.period.from_us = 20, "v19", "nothing");
    check(|r| r.window_us = 5, "v0 c2 v10 b11", "0@0 1@2 window | 0 on, 1 dropped"); // Only the first counts.
}

#[test]
fn each_row_belongs_to_one_stage() {
    let early = |rules: &mut StageRules| rules.as_of_us = 90;
    check(early, "vc0", "1@0 open | 1 here"); // The highest that enters wins, even at the start.
    check(early, "v0 vcb5", "0@0 2@5 open | 0 on, 2 here");
    check(early, "v0 m5", "0@0 open | 0 here"); // Not entering, so the position stays.
    check(early, "v0 mv5", "0@0 0@5 open | 0 here"); // Entering outranks a higher mere touch.
    check(early, "v0 v1 v2", "0@0 0@1 0@2 open | 0 here"); // Repeats are entries, not moves.
}

#[test]
fn after_needs_an_earlier_row_and_within_is_closed() {
    let early = |rules: &mut StageRules| rules.as_of_us = 99;
    check(early, "v0 b1", "0@0 2@1 open | 0 on, 2 here"); // A first buy is no buy again.
    check(early, "v0 b1 b61", "0@0 2@1 3@61 open | 0 on, 2 on, 3 here"); // Exactly 60 later,
    check(early, "v0 b1 b62", "0@0 2@1 2@62 open | 0 on, 2 here"); // and not 61.
    check(early, "v0 b1 b40 b99", "0@0 2@1 3@40 3@99 open | 0 on, 2 on, 3 here"); // The last one counts,
    check(early, "v0 b1 c40 b62", "0@0 2@1 1@40 2@62 open | 0 on, 1 on, 2 here"); // of that stage or later.
    check(early, "v0 b1 b1", "0@0 2@1 3@1 open | 0 on, 2 on, 3 here"); // Same time, later row.
    check(early, "b0 v1 b2", "0@1 2@2 open | 0 on, 2 here"); // Before the trip does not count.
    let no_within = |rules: &mut StageRules| {
        early(rules);
        rules.touchpoints[3].within_us = None;
    };
    check(no_within, "v0 b1 b99", "0@0 2@1 3@99 open | 0 on, 2 on, 3 here");
}

#[test]
fn a_row_of_an_earlier_trip_satisfies_no_condition() {
    let short = |rules: &mut StageRules| (rules.window_us, rules.period.from_us) = (10, 15);
    check(short, "v0 b1 v20 b25", "0@20 2@25 window | 0 on, 2 dropped");
}

#[test]
fn the_window_is_closed_and_measured_from_the_start() {
    check(|_| (), "v0 c100", "0@0 1@100 window | 0 on, 1 dropped");
    check(|_| (), "v0 c101", "0@0 window | 0 dropped"); // One µs longer is too late.
    check(|_| (), "v0 v60 c101", "0@0 0@60 window | 0 dropped"); // Not from the last touch.
    check(|r| r.as_of_us = 100, "v0", "0@0 open | 0 here"); // Open up to the edge,
    check(|r| r.as_of_us = 101, "v0", "0@0 window | 0 dropped"); // over by time alone beyond.
    check(|r| r.window_us = 0, "v5 c5 b6", "0@5 1@5 window | 0 on, 1 dropped");
    check(|r| r.window_us = i64::MAX, "v5 c900", "0@5 1@900 open | 0 on, 1 here");
    // The touch that is too late may start the next trip, which counts if the first was too early.
    check(|r| r.period.from_us = 50, "v0 v101", "0@101 window | 0 dropped");
    check(|r| r.period.from_us = 50, "v0 v100", "nothing");
}

#[test]
fn only_a_gap_longer_than_the_timeout_ends_a_trip() {
    let timeout = |rules: &mut StageRules| (rules.timeout_us, rules.as_of_us) = (Some(20), 60);
    check(timeout, "v0 c20", "0@0 1@20 timeout | 0 on, 1 dropped");
    check(timeout, "v0 c21", "0@0 timeout | 0 dropped");
    check(timeout, "v0 m20 c40", "0@0 1@40 open | 0 on, 1 here"); // A touch that enters nothing is a touch,
    check(timeout, "v0 z20 c40", "0@0 timeout | 0 dropped"); // any other row is none.
    check(timeout, "v40", "0@40 open | 0 here"); // as_of exactly at the time-out,
    check(timeout, "v39", "0@39 timeout | 0 dropped"); // and 1 later.
    let late = |rules: &mut StageRules| (timeout(rules), rules.period.from_us = 10).1;
    check(late, "v0 v21 c30", "0@21 1@30 timeout | 0 on, 1 dropped"); // The touch after the gap starts anew.
    let both = |rules: &mut StageRules| (rules.window_us, rules.timeout_us) = (20, Some(20));
    check(both, "v0", "0@0 window | 0 dropped"); // Both at once: the window is named.
    check(both, "v0 c1", "0@0 1@1 window | 0 on, 1 dropped");
}

#[test]
fn an_exit_ends_the_trip_and_is_no_touch() {
    let early = |rules: &mut StageRules| rules.as_of_us = 50;
    check(early, "v0 x1", "0@0 exit | 0 dropped");
    check(early, "v0 x1 c2", "0@0 exit | 0 dropped");
    check(early, "v0 cx1", "0@0 exit | 0 dropped"); // Even if it matches a touchpoint,
    check(early, "vx0 c1", "nothing"); // and it starts nothing.
    check(early, "x0 v1", "0@1 open | 0 here"); // Without a trip it ends nothing.
    check(early, "v0 x0 c0", "0@0 exit | 0 dropped"); // Same time: the order of the rows.
    check(early, "v0 c0 x0", "0@0 1@0 exit | 0 on, 1 dropped");
    check(|r| r.period.from_us = 5, "v0 x1 v6", "0@6 window | 0 dropped"); // The next trip may count.
}

#[test]
fn rows_after_as_of_do_not_exist() {
    check(|r| r.as_of_us = 5, "v0 c5", "0@0 1@5 open | 0 on, 1 here");
    check(|r| r.as_of_us = 5, "v0 c6", "0@0 open | 0 here");
    check(|r| r.as_of_us = 5, "v0 x6", "0@0 open | 0 here");
    check(|r| r.as_of_us = 5, "v6", "nothing");
}

#[test]
fn silence_enters_its_stage_and_the_person_may_come_back() {
    let silent = |rules: &mut StageRules| (with_silence(rules), rules.as_of_us = 60).1;
    check(silent, "v0 c30", "0@0 1@30 open | 0 on, 1 here"); // Exactly 30 is not yet silence; as_of 60 too.
    check(silent, "v0 c29", "0@0 1@29 ~4@59 open | 0 on, 1 on, 4 here"); // as_of finds it.
    check(silent, "v0 c31", "0@0 ~4@30 1@31 open | 0 on, 1 here, 4 back"); // So does the next touch.
    check(silent, "v0 m31", "0@0 ~4@30 open | 0 on, 4 here"); // A mere touch does not lead back,
    check(silent, "v0 m29 c50", "0@0 1@50 open | 0 on, 1 here"); // but it breaks the silence.
    check(silent, "v0 z29 c50", "0@0 ~4@30 1@50 open | 0 on, 1 here, 4 back");
    check(silent, "v0 x31", "0@0 ~4@30 exit | 0 on, 4 dropped"); // Silent before the exit,
    check(silent, "v0 x30", "0@0 exit | 0 dropped"); // or not quite.
    let twice = |rules: &mut StageRules| (with_silence(rules), rules.as_of_us = 95).1;
    check(twice, "v0 c31 c65", "0@0 ~4@30 1@31 ~4@61 1@65 open | 0 on, 1 here, 4 back");
    check(|r| (with_silence(r), r.window_us = 30).1, "v0", "0@0 ~4@30 window | 0 on, 4 dropped"); // In the window,
    check(|r| (with_silence(r), r.window_us = 29).1, "v0", "0@0 window | 0 dropped"); // or never.
}

#[test]
fn silence_comes_before_a_timeout_that_is_not_shorter() {
    let with = |timeout_us| {
        move |rules: &mut StageRules| {
            with_silence(rules);
            (rules.timeout_us, rules.as_of_us) = (Some(timeout_us), 90);
        }
    };
    check(with(29), "v0", "0@0 timeout | 0 dropped");
    check(with(30), "v0", "0@0 ~4@30 timeout | 0 on, 4 dropped");
    check(with(40), "v0 c41", "0@0 ~4@30 timeout | 0 on, 4 dropped"); // Silence does not delay the time-out.
    check(with(40), "v0 c40", "0@0 ~4@30 1@40 ~4@70 timeout | 0 on, 1 on, 4 dropped");
    check(with(60), "v0 c40", "0@0 ~4@30 1@40 ~4@70 open | 0 on, 1 on, 4 here");
}

#[test]
fn several_silences_follow_by_length() {
    let two = |rules: &mut StageRules| {
        rules.stages[3].silence_us = Some(50);
        rules.stages[4].silence_us = Some(30);
    };
    check(two, "v0 c60", "0@0 ~4@30 ~3@50 1@60 ~4@90 window | 0 on, 1 on, 3 on, 4 dropped");
    check(two, "v0 c40", "0@0 ~4@30 1@40 ~4@70 ~3@90 window | 0 on, 1 on, 3 dropped, 4 back");
}

#[test]
fn going_back_and_on_again() {
    let early = |rules: &mut StageRules| rules.as_of_us = 90;
    check(early, "v0 b1 v2", "0@0 2@1 0@2 open | 0 here, 2 back"); // Stands in 0, though once further.
    check(early, "v0 b1 v2 c3", "0@0 2@1 0@2 1@3 open | 0 on, 1 here, 2 back");
    check(early, "v0 c1 v2 b3", "0@0 1@1 0@2 2@3 open | 0 on, 1 on, 2 here");
}

fn refused(change: impl Fn(&mut StageRules)) -> PlanError {
    let mut rules = rules();
    change(&mut rules);
    StagePlan::new(rules).expect_err("the rules are wrong")
}

#[test]
fn wrong_rules_are_refused() {
    let entering = Touchpoint { stage: 0, enters: true, after: None, within_us: None };
    assert_eq!(refused(|r| r.stages.clear()), PlanError::StageCount { got: 0 });
    assert_eq!(refused(|r| r.stages = vec![Stage::default(); 33]), PlanError::StageCount { got: 33 });
    assert_eq!(refused(|r| r.touchpoints = vec![entering; 65]), PlanError::TouchpointCount { got: 65 });
    assert_eq!(refused(|r| r.exits = 0b110), PlanError::ExitIsTouchpoint { bits: 0b110 });
    assert_eq!(refused(|r| r.conversion_stage = 5), PlanError::UnknownStage { stage: 5, n_stages: 5 });
    assert_eq!(refused(|r| r.touchpoints[0].stage = 9), PlanError::UnknownStage { stage: 9, n_stages: 5 });
    assert_eq!(
        refused(|r| r.touchpoints[0].after = Some(7)),
        PlanError::UnknownStage { stage: 7, n_stages: 5 }
    );
    let without = PlanError::WithinWithoutAfter { touchpoint: 1 };
    assert_eq!(refused(|r| r.touchpoints[1].within_us = Some(1)), without);
    assert_eq!(refused(|r| r.touchpoints[0].enters = false), PlanError::NoStart);
    assert_eq!(refused(|r| r.touchpoints[0].after = Some(0)), PlanError::NoStart);
    assert_eq!(refused(|r| r.window_us = -1), PlanError::NegativeDuration { what: "window", got_us: -1 });
    let timeout = PlanError::NegativeDuration { what: "timeout", got_us: -2 };
    assert_eq!(refused(|r| r.timeout_us = Some(-2)), timeout);
    let silence = PlanError::NegativeDuration { what: "silence", got_us: -3 };
    assert_eq!(refused(|r| r.stages[4].silence_us = Some(-3)), silence);
    let within = PlanError::NegativeDuration { what: "within", got_us: -4 };
    assert_eq!(refused(|r| r.touchpoints[3].within_us = Some(-4)), within);
    let reversed = PlanError::PeriodReversed { from_us: 2, to_us: 1 };
    assert_eq!(refused(|r| r.period = Period { from_us: 2, to_us: 1 }), reversed);
    assert_eq!(refused(|r| r.bounds_us = vec![1]), PlanError::Boundaries);
    assert_eq!(refused(|r| r.bounds_us = vec![1, 1]), PlanError::Boundaries);
}
