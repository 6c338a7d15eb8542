//! Answers a person can judge.

use super::super::*;
use super::{rules, story, with_silence};
use crate::columns::rows_of;
use crate::spread::Spread;
use testkit::timeline::{Columns, Row};

/// Several stories, one person each; `with` may set amounts, channels and scores.
fn people(stories: &[&str], with: impl Fn(&mut Row)) -> Columns {
    let rows = (1u64..).zip(stories).flat_map(|(person, text)| {
        let own = story(text).into_iter();
        own.map(move |row| Row { person, ..row })
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.iter_mut().for_each(with);
    Columns::new(&rows)
}

fn table(answer: &StageAnswer) -> String {
    let time =
        |spread: Option<Spread>| spread.map_or("-".into(), |s| format!("{}/{}", s.median_us, s.p90_us));
    let convert = time(answer.time_to_convert);
    let mut text = format!(
        "{} people, {} converted in {convert}, {} may yet",
        answer.people, answer.converted, answer.open_window
    );
    for (k, row) in answer.stages.iter().enumerate() {
        text += &format!(
            "\n{k}: {} in = {} on + {} here + {} dropped + {} finished + {} back",
            row.entered, row.moved_on, row.here, row.dropped, row.finished, row.back
        );
        text += &format!(
            "; further {} silent {} skipped {} went back {}; time {} to further {}",
            row.went_further,
            row.fell_silent,
            row.skipped,
            row.went_back,
            time(row.time_in_stage),
            time(row.time_to_go_further)
        );
    }
    text
}

#[test]
fn a_small_shop() {
    let mut rules = rules();
    with_silence(&mut rules);
    rules.as_of_us = 60;
    let plan = StagePlan::new(rules).expect("valid");
    let stories = [
        "v0 c10 b20 b40", // Buys again and stands there.
        "v0 b12 v35",     // Skips the cart, goes back to looking, still there.
        "v0 c5",          // Falls silent.
        "v0 c3 x9",       // Leaves.
        "v0 c20 v45 b50", // Thinks twice, then buys.
        "v59",            // Has just come.
        "c7 b8",          // Never started.
    ];
    let answer = fold(rows_of(&people(&stories, |_| ())), &plan).finish(&plan);
    insta::assert_snapshot!(table(&answer), @r"
    6 people, 3 converted in 20/50, 2 may yet
    0: 6 in = 4 on + 2 here + 0 dropped + 0 finished + 0 back; further 5 silent 0 skipped 0 went back 0; time 10/20 to further 10/20
    1: 4 in = 3 on + 0 here + 1 dropped + 0 finished + 0 back; further 2 silent 1 skipped 1 went back 1; time 30/30 to further 10/30
    2: 3 in = 1 on + 1 here + 0 dropped + 0 finished + 1 back; further 1 silent 0 skipped 0 went back 1; time 20/20 to further 20/20
    3: 1 in = 0 on + 1 here + 0 dropped + 0 finished + 0 back; further 0 silent 0 skipped 0 went back 0; time - to further -
    4: 1 in = 0 on + 1 here + 0 dropped + 0 finished + 0 back; further 0 silent 0 skipped 0 went back 0; time - to further -
    ");
}

#[test]
fn amounts_channels_touchpoints_and_scores_go_to_the_stage_of_the_touch() {
    let mut rules = rules();
    rules.as_of_us = 90;
    let plan = StagePlan::new(rules).expect("valid");
    // The time tells them apart: amounts at even times, scores at times that 5 divides.
    let columns = people(&["v0 m1 c2 z5 b10 b20 z25", "v1 c4 c6 z130", "b2 z5"], |row| {
        row.channel = (row.time_us % 3) as u16;
        row.amount = (row.time_us % 2 == 0).then_some(row.time_us * 100);
        row.score = (row.time_us % 5 == 0).then_some(row.time_us as i32 * 10 - 100);
    });
    let answer = fold_with_scores(rows_of(&columns), &columns.score, &plan).finish(&plan);
    let mut text = String::new();
    for (k, row) in answer.stages.iter().enumerate() {
        let channels =
            row.channels.iter().map(|c| format!(" {}:{}p{}e", c.channel, c.reach.people, c.reach.events));
        let channels: String = channels.collect();
        let score = row.score.map_or("-".into(), |s| format!("{} of {}", s.mean, s.n));
        text += &format!(
            "{k}: {} touches, {} from {} people, {} after; channels{channels}; score {score}\n",
            row.touches, row.amount, row.people_with_amount, row.amount_after
        );
    }
    let touched = answer.touchpoints.iter().map(|t| format!(" {}p{}e", t.people, t.events));
    text += &format!("touchpoints{}", touched.collect::<String>());
    insta::assert_snapshot!(text, @r"
    0: 2 touches, 0 from 1 people, 4200 after; channels 0:1p1e 1:1p1e; score -100 of 1
    1: 4 touches, 1200 from 2 people, 3000 after; channels 0:1p1e 1:2p2e 2:1p1e; score -50 of 1
    2: 1 touches, 1000 from 1 people, 2000 after; channels 1:1p1e; score 0 of 1
    3: 1 touches, 2000 from 1 people, 0 after; channels 2:1p1e; score 125 of 2
    4: 0 touches, 0 from 0 people, 0 after; channels; score -
    touchpoints 2p2e 2p3e 1p2e 1p1e 1p1e
    ");
}

#[test]
fn nobody_and_nothing() {
    let plan = StagePlan::new(rules()).expect("valid");
    let nobody = fold(crate::Rows::default(), &plan);
    assert_eq!(nobody, StageState::empty(&plan));
    let answer = nobody.finish(&plan);
    assert_eq!((answer.people, answer.time_to_convert, answer.trend.len()), (0, None, 0));
    assert_eq!(answer.stages[0].amount_after_per_person, None);
}

#[test]
fn the_trend_counts_by_start() {
    let mut rules = rules();
    rules.bounds_us = vec![0, 10, 20];
    let plan = StagePlan::new(rules).expect("valid");
    let columns = people(&["v0 b15", "v9", "v10 b11", "v20 b21"], |_| ());
    let answer = fold(rows_of(&columns), &plan).finish(&plan);
    let row = |started, converted| TrendRow { started, converted };
    assert_eq!(answer.trend, [row(2, 1), row(1, 1)]); // 20 lies outside; the buy at 15 belongs to its start.
    assert_eq!((answer.people, answer.converted), (4, 3));
}

#[test]
fn only_open_unconverted_windows_are_censored() {
    let censored = |text: &str, change: &dyn Fn(&mut StageRules)| {
        let mut rules = rules();
        rules.as_of_us = 50;
        change(&mut rules);
        let plan = StagePlan::new(rules).expect("valid");
        fold(rows_of(&people(&[text], |_| ())), &plan).finish(&plan).open_window
    };
    assert_eq!(censored("v0", &|_| ()), 1);
    assert_eq!(censored("v0 b3", &|_| ()), 0); // Converted.
    assert_eq!(censored("v0 x3", &|_| ()), 0); // Over: nothing more can come.
    assert_eq!(censored("v0", &|r| r.timeout_us = Some(9)), 0);
    assert_eq!(censored("v0", &|r| r.window_us = 51), 1);
    assert_eq!(censored("v0", &|r| r.window_us = 50), 0); // The whole closed window has been seen.
}

#[test]
fn only_touches_skip_and_nobody_skips_a_silence() {
    let skipped = |text: &str| {
        let mut rules = rules();
        rules.stages[1].silence_us = Some(30);
        rules.stages[4].silence_us = Some(40);
        let plan = StagePlan::new(rules).expect("valid");
        let answer = fold(rows_of(&people(&[text], |_| ())), &plan).finish(&plan);
        answer.stages.iter().map(|row| row.skipped).collect::<Vec<_>>()
    };
    assert_eq!(skipped("v0"), [0, 0, 0, 0, 0]); // Falling silent from 0 to 4 skips nothing.
    assert_eq!(skipped("v0 b5"), [0, 0, 0, 0, 0]); // Nobody is asked to have been silent.
    assert_eq!(skipped("vb0"), [1, 0, 0, 0, 0]); // A trip may start beyond its start stage.
}

#[test]
fn whom_a_selection_names() {
    let mut rules = rules();
    rules.as_of_us = 90;
    let plan = StagePlan::new(rules).expect("valid");
    let columns = people(&["v0 b12 v20", "v0 c5 b6"], |_| ());
    let of = |selector| select(rows_of(&columns), &plan, selector);
    let row = |person, entry_us, last_touch_us| Selected { person, start_us: 0, entry_us, last_touch_us };
    assert_eq!(of(Selector::Entered(2)), [row(1, 12, 20), row(2, 6, 6)]);
    assert_eq!(of(Selector::Skipped(1)), [row(1, 12, 20)]);
    assert_eq!(of(Selector::Here(0)), [row(1, 0, 20)]);
    assert_eq!(of(Selector::Transition(0, 1)), [row(2, 5, 6)]);
    assert_eq!(of(Selector::Touched(1)), [row(2, 5, 6)]);
    assert_eq!(of(Selector::Touched(200)), []); // Unknown numbers select nobody,
    assert_eq!(of(Selector::Entered(200)), []); // and do not panic.
    assert_eq!(of(Selector::Skipped(200)), []);
    let mut silent = super::rules();
    with_silence(&mut silent);
    let plan = StagePlan::new(silent).expect("valid");
    let columns = people(&["v0 b31"], |_| ());
    assert_eq!(select(rows_of(&columns), &plan, Selector::Skipped(1)), [row(1, 31, 31)]); // Not the silence at 30.
}
