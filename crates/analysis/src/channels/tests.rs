//! Rules of channels. A story is `channel@time`, with `=amount` where there is one.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::stages::{Stage, StageRules, Start, Touchpoint};
use testkit::sequences;
use testkit::timeline::{Columns, Row, rows};

fn stories(stories: &[&str]) -> Columns {
    let rows = (0u64..).zip(stories).flat_map(|(person, text)| {
        text.split_whitespace().map(move |word| {
            let (channel, rest) = word.split_once('@').expect("channel@time");
            let (time_us, amount) = rest.split_once('=').unwrap_or((rest, ""));
            let channel = channel.parse().expect("a channel");
            // Channel 9 does not match the touchpoint.
            let mask = u64::from(channel != 9);
            let time_us = time_us.parse().expect("a time");
            Row { person, channel, mask, time_us, amount: amount.parse().ok(), ..Row::default() }
        })
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

fn tell(answer: &ChannelAnswer) -> String {
    let channels = answer.channels.iter().map(|row| {
        let (reach, paid) = (row.reach, row.people_with_amount);
        format!("{}: {}e {}p {} from {paid}p", row.channel, reach.events, reach.people, row.amount)
    });
    let handovers = answer
        .handovers
        .iter()
        .map(|h| format!("{}>{} {}e {}p", h.from, h.to, h.reach.events, h.reach.people));
    channels.chain(handovers).collect::<Vec<_>>().join(", ")
}

/// Gap 10, period 0..100.
#[track_caller]
fn check(texts: &[&str], expected: &str) {
    let plan = ChannelPlan::new(10, Period { from_us: 0, to_us: 100 }, None).expect("valid");
    let answer = fold(rows_of(&stories(texts)), &plan).finish();
    assert_eq!(tell(&answer), expected);
}

#[test]
fn channel_rules() {
    check(&[], "");
    check(&["1@0=5 1@1=-2 1@2", "1@0"], "1: 4e 2p 3 from 1p"); // Refunds subtract; no amount is no payer.
    check(&["1@0 2@10"], "1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p, 1>2 1e 1p"); // The gap is closed,
    check(&["1@0 2@11"], "1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p"); // and not one µs longer.
    check(&["1@0 1@5"], "1: 2e 1p 0 from 0p"); // Staying is no hand-over,
    check(&["1@0 1@8 2@15"], "1: 2e 1p 0 from 0p, 2: 1e 1p 0 from 0p, 1>2 1e 1p"); // but renews the session.
    check(&["1@0 0@5 2@8"], "0: 1e 1p 0 from 0p, 1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p, 1>2 1e 1p"); // No channel is passed over,
    check(&["1@0 0@5 2@12"], "0: 1e 1p 0 from 0p, 1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p"); // and renews nothing.
    check(&["1@0", "2@0"], "1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p"); // Never across people.
    check(&["1@-1 2@0 1@99 2@100"], "1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p"); // The period is half open.
}

#[test]
fn handovers_within_trips_ignore_gaps_and_stop_with_the_trip() {
    let rules = StageRules {
        touchpoints: vec![Touchpoint { stage: 0, enters: true, after: None, within_us: None }],
        stages: vec![Stage::default()],
        start: Start::FirstStage,
        window_us: 50,
        timeout_us: None,
        exits: 0,
        conversion_stage: 0,
        period: Period::ALL,
        as_of_us: 1000,
        bounds_us: vec![],
    };
    let plan = StagePlan::new(rules).expect("valid");
    let answer = fold_trips(rows_of(&stories(&["1@0 9@5 2@50 3@51"])), &plan).finish();
    assert_eq!(tell(&answer), "1: 1e 1p 0 from 0p, 2: 1e 1p 0 from 0p, 1>2 1e 1p");
}

#[test]
fn wrong_plans_are_refused() {
    let refused = ChannelPlan::new(-1, Period::ALL, None);
    assert_eq!(refused, Err(PlanError::NegativeDuration { what: "gap", got_us: -1 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_and_merges(
        rows in rows(6, 24, 20, 0b11),
        gap_us in 0i64..12,
        (from_us, length_us) in (0i64..6, 0i64..20),
        include in any::<bool>(),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let plan = ChannelPlan::new(gap_us, period, include.then_some(0b10)).expect("valid");
        let whole = fold(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, ChannelState::merge);
        let counted = |row: &&Row| period.contains(row.time_us) && (!include || row.has(1));
        let counted: Vec<Row> = rows.iter().filter(counted).cloned().collect();
        let channels = sequences::channels(&counted).into_iter();
        let mut channels: Vec<ChannelRow> = channels
            .map(|(channel, (events, people, amount, people_with_amount))| ChannelRow {
                channel,
                reach: Reach { people, events },
                amount,
                people_with_amount,
            })
            .collect();
        channels.sort_by_key(|row| std::cmp::Reverse(row.reach.events));
        let pairs = sequences::handovers(&counted, gap_us).into_iter();
        let mut handovers: Vec<Handover> = pairs
            .map(|((from, to), (events, people))| Handover { from, to, reach: Reach { people, events } })
            .collect();
        handovers.sort_by_key(|handover| std::cmp::Reverse(handover.reach.events));
        prop_assert_eq!(whole.finish(), ChannelAnswer { channels, handovers });
    }
}

mod more;
