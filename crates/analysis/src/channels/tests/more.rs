//! Where channels break, and where they work.

use super::*;
use crate::interval::wilson;
use testkit::relations::{End as NaiveEnd, effects, stays};

/// Gap 10, period 0..100, known up to 60. `channel@time`, `!` behind the channel is a goal. Answers as
/// `channel handed/finished/broken/open people broken`.
#[track_caller]
fn check_breaks(texts: &[&str], expected: &str) {
    let rows = (0u64..).zip(texts).flat_map(|(person, text)| {
        text.split_whitespace().map(move |word| {
            let (channel, time_us) = word.split_once('@').expect("channel@time");
            let (channel, mask) = channel.strip_suffix('!').map_or((channel, 0), |channel| (channel, 1));
            let (channel, time_us) = (channel.parse().expect("a channel"), time_us.parse().expect("a time"));
            Row { person, channel, time_us, mask, ..Row::default() }
        })
    });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    let channels = ChannelPlan::new(10, Period { from_us: 0, to_us: 100 }, None).expect("valid");
    let plan = BreakPlan::new(channels, 1, 60);
    let answer = fold_breaks(rows_of(&columns), &plan).finish();
    let lines = answer.iter().map(|(channel, c)| {
        format!("{channel} {}/{}/{}/{} {}", c.handed_over, c.finished, c.broken, c.open, c.people_broken)
    });
    assert_eq!(lines.collect::<Vec<_>>().join(", "), expected, "{texts:?}");
}

#[test]
fn break_rules() {
    check_breaks(&[], "");
    check_breaks(&["1@0"], "1 0/0/1/0 1");
    check_breaks(&["1@0 1@10"], "1 0/0/1/0 1"); // One stay: the gap is closed;
    check_breaks(&["1@0 1@11"], "1 0/0/2/0 1"); // two stays, one person.
    check_breaks(&["1@0 2@10"], "2 0/0/1/0 1, 1 1/0/0/0 0"); // Handed over,
    check_breaks(&["1@0 2@11"], "1 0/0/1/0 1, 2 0/0/1/0 1"); // or not.
    check_breaks(&["1@0 0@5 2@10"], "2 0/0/1/0 1, 1 1/0/0/0 0"); // No channel is passed over,
    check_breaks(&["1@0 0@5 2@11"], "1 0/0/1/0 1, 2 0/0/1/0 1"); // and renews nothing.
    check_breaks(&["1@0 2!@5"], "1 1/0/0/0 0, 2 0/1/0/0 0"); // The goal finishes the session,
    check_breaks(&["1!@0 2@5"], "1 1/0/0/0 0, 2 0/1/0/0 0"); // wherever in it,
    check_breaks(&["1@0 0!@10"], "1 0/1/0/0 0"); // of no channel too,
    check_breaks(&["1@0 0!@11"], "1 0/0/1/0 1"); // but within the gap.
    check_breaks(&["1!@0 1@11"], "1 0/1/1/0 1"); // The next session starts without.
    check_breaks(&["1@50"], "1 0/0/1/0 1"); // Up to 60 all is known,
    check_breaks(&["1@51"], "1 0/0/0/1 0"); // later than that a row may follow.
    check_breaks(&["1!@51"], "1 0/1/0/0 0");
    check_breaks(&["1@0 2@61"], "1 0/0/1/0 1"); // Unknown rows do not exist.
}

#[test]
fn break_rates_leave_out_what_is_open() {
    let counts = StayCounts { handed_over: 2, finished: 1, broken: 5, open: 3, people_broken: 4 };
    let (rate, interval) = counts.break_rate().expect("known stays");
    assert_eq!((rate, Some(interval)), (0.625, wilson(5, 8)));
    assert_eq!(StayCounts { open: 3, ..StayCounts::default() }.break_rate(), None);
}

#[test]
fn wrong_effect_plans_are_refused() {
    let of = |stages: Vec<u64>, window_us| EffectPlan::new(stages, 1, window_us, Period::ALL, 0).err();
    assert_eq!(of(vec![2], 0), None);
    assert_eq!(of(vec![], 0), Some(PlanError::StageCount { got: 0 }));
    assert_eq!(of(vec![2; 33], 0), Some(PlanError::StageCount { got: 33 }));
    assert_eq!(of(vec![2], -1), Some(PlanError::NegativeDuration { what: "window", got_us: -1 }));
}

#[test]
fn lift_is_against_the_whole_stage() {
    let story = |person, channel, converts: bool| {
        let touch = Row { person, channel, mask: 2, ..Row::default() };
        let end = Row { person, mask: u64::from(converts), time_us: 5, ..Row::default() };
        [touch, end]
    };
    let rows = [story(1, 1, true), story(2, 1, true), story(3, 2, false), story(4, 2, true)].concat();
    let plan = EffectPlan::new(vec![2], 1, 5, Period::ALL, 100).expect("valid");
    let answer = fold_effect(rows_of(&Columns::new(&rows)), &plan).finish();
    let got: Vec<_> = answer.iter().map(|row| (row.channel, row.lift)).collect();
    assert_eq!(got, [(None, Some(1.0)), (Some(1), Some(4.0 / 3.0)), (Some(2), Some(2.0 / 3.0))]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn breaks_equal_the_oracle_and_merge(
        rows in rows(6, 24, 20, 0b11),
        gap_us in 0i64..12,
        (from_us, length_us, as_of_us) in (0i64..6, 0i64..20, 0i64..26),
        include in any::<bool>(),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let channels = ChannelPlan::new(gap_us, period, include.then_some(0b10)).expect("valid");
        let plan = BreakPlan::new(channels, 1, as_of_us);
        let whole = fold_breaks(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold_breaks(rows_of(&part), &plan)), &whole, BreakState::merge);
        let horizon_us = period.to_us.min(as_of_us + 1);
        let known: Vec<Row> = rows.iter().filter(|row| row.time_us >= from_us && row.time_us < horizon_us).cloned().collect();
        let naive = stays(&known, gap_us, include, horizon_us);
        let columns = Columns::new(&rows);
        for (channel, counts) in whole.finish() {
            let own = |end: &dyn Fn(NaiveEnd) -> bool| naive.iter().filter(|stay| stay.1 == channel && end(stay.2)).count() as u64;
            prop_assert_eq!(counts.handed_over, own(&|end| matches!(end, NaiveEnd::To(_))));
            prop_assert_eq!(counts.finished, own(&|end| end == NaiveEnd::Finished));
            prop_assert_eq!(counts.broken, own(&|end| end == NaiveEnd::Broken));
            prop_assert_eq!(counts.open, own(&|end| end == NaiveEnd::Open));
            let people = select_breaks(rows_of(&columns), &plan, channel, |end| end == End::Broken);
            prop_assert_eq!(people.len() as u64, counts.people_broken);
            prop_assert_eq!(people.iter().map(|person| person.stays).sum::<u64>(), counts.broken);
        }
        if as_of_us >= period.to_us {
            // What is handed over from a channel are its hand-overs.
            let known: Vec<Row> = if include { rows.iter().filter(|row| row.has(1)).cloned().collect() } else { rows };
            let mix = fold(rows_of(&Columns::new(&known)), &channels).finish();
            for handover in mix.handovers {
                let end = NaiveEnd::To(handover.to);
                let n = naive.iter().filter(|stay| (stay.1, stay.2) == (handover.from, end)).count() as u64;
                prop_assert_eq!(n, handover.reach.events);
                let people = select_breaks(rows_of(&columns), &plan, handover.from, |end| end == End::HandedOver { to: handover.to });
                prop_assert_eq!(people.len() as u64, handover.reach.people);
            }
        }
    }

    #[test]
    fn effects_equal_the_oracle_and_merge(
        rows in rows(6, 24, 20, 0b111),
        window_us in 0i64..12,
        (from_us, length_us, as_of_us) in (0i64..6, 0i64..20, 0i64..26),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let plan = EffectPlan::new(vec![0b10, 0b100], 1, window_us, period, as_of_us).expect("valid");
        let whole = fold_effect(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold_effect(rows_of(&part), &plan)), &whole, EffectState::merge);
        let want = effects(&rows, window_us, (from_us, period.to_us), as_of_us);
        let answer = whole.finish();
        prop_assert_eq!(answer.len(), want.len());
        let columns = Columns::new(&rows);
        for row in answer {
            let EffectCounts { people, converted, open } = row.counts;
            prop_assert_eq!((people, converted, open), want[&(row.stage, row.channel)]);
            for (only_converted, n) in [(false, people), (true, converted)] {
                let selected = select_effect(rows_of(&columns), &plan, (row.stage, row.channel), only_converted);
                prop_assert_eq!(selected.len() as u64, n);
            }
        }
    }
}
