//! Rows per second of each fold, one thread: `cargo bench -p gilmok-analysis --profile dev`.
//!
//! 10,000 rows are a small site, 1 M the demo company, 20 M a big shop's part.

use std::sync::OnceLock;

use analysis::attribution::{
    AttributionPlan, AttributionRules, Bootstrap, Container, Model, Position, Reuse,
};
use analysis::conformance::{self, ConformancePlan, Place};
use analysis::drivers::{DriverPlan, DriverRules};
use analysis::funnel::modes;
use analysis::paths::{PathMode, PathPlan, PathRules};
use analysis::people::{Rule, SegmentPlan};
use analysis::retention::{Intervals, Measure, RetentionPlan, RetentionRules};
use analysis::stages::{Stage, StagePlan, StageRules, Start, Touchpoint};
use analysis::stickiness::StickinessPlan;
use analysis::trend::{TrendColumns, TrendPlan};
use analysis::variants::{self, CaseOf, CasePlan, CaseRules};
use analysis::{
    Amounts, Period, Rows, attribution, channels, cohorts, drivers, funnel, lifecycle, pairs, paths, people,
    retention, stages, stickiness, transitions, trend,
};
use divan::Bencher;
use divan::counter::ItemsCount;

const SIZES: [usize; 3] = [10_000, 1_000_000, 20_000_000];
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
const YEAR: Period = Period { from_us: 0, to_us: 365 * DAY_US };

fn main() {
    divan::main();
}

struct Part {
    person_starts: Vec<usize>,
    persons: Vec<u64>,
    time_us: Vec<i64>,
    mask: Vec<u64>,
    event: Vec<u16>,
    channel: Vec<u16>,
    amount: Vec<i64>,
}

impl Part {
    /// People with 1 to 99 events, some hours apart; early steps are common, late ones rare.
    fn new(n_rows: usize) -> Self {
        let mut part = Self {
            person_starts: vec![0],
            persons: Vec::new(),
            time_us: Vec::with_capacity(n_rows),
            mask: Vec::with_capacity(n_rows),
            event: Vec::with_capacity(n_rows),
            channel: Vec::with_capacity(n_rows),
            amount: Vec::with_capacity(n_rows),
        };
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random >> 11
        };
        while part.time_us.len() < n_rows {
            part.persons.push(next());
            let mut time_us = (next() % (300 * DAY_US as u64)) as i64;
            let n_events = 1 + next() as usize % 99;
            for _ in 0..n_events.min(n_rows - part.time_us.len()) {
                time_us += (next() % (40 * HOUR_US as u64)) as i64;
                // Codes 0 to 6, each half as frequent as the one before.
                let event = ((next() % 64).leading_zeros() - 58) as u16;
                let is_buy = event == 3;
                part.time_us.push(time_us);
                part.mask.push([1, 1 << 4, 1 << 1, 0b1100, 0, 0, 1 << 20][event as usize]);
                part.event.push(event);
                part.channel.push((next() % 6) as u16);
                part.amount.push(if is_buy { (next() % 100_000) as i64 } else { analysis::NO_AMOUNT });
            }
            part.person_starts.push(part.time_us.len());
        }
        part
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            person_starts: &self.person_starts,
            persons: &self.persons,
            time_us: &self.time_us,
            mask: &self.mask,
            event: &self.event,
            channel: &self.channel,
            amount: Amounts::Dense(&self.amount),
            keep: &[],
        }
    }
}

/// Built once per size.
fn part(n_rows: usize) -> &'static Part {
    static PARTS: [OnceLock<Part>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    let i = SIZES.iter().position(|&size| size == n_rows).expect("one of the sizes");
    PARTS[i].get_or_init(|| Part::new(n_rows))
}

/// Five stages with a repeat within 60 days, silence and time-out.
fn journey() -> StagePlan {
    let entering = |stage| Touchpoint { stage, enters: true, after: None, within_us: None };
    let again = Touchpoint { stage: 3, enters: true, after: Some(2), within_us: Some(60 * DAY_US) };
    let mut stages = vec![Stage::default(); 5];
    stages[4].silence_us = Some(60 * DAY_US);
    let rules = StageRules {
        touchpoints: vec![
            entering(0),
            entering(1),
            entering(2),
            again,
            Touchpoint { enters: false, ..entering(0) },
        ],
        stages,
        start: Start::FirstStage,
        window_us: 180 * DAY_US,
        timeout_us: Some(90 * DAY_US),
        exits: 1 << 20,
        conversion_stage: 2,
        period: YEAR,
        as_of_us: 365 * DAY_US,
        bounds_us: (0..=52).map(|week| week * 7 * DAY_US).collect(),
    };
    StagePlan::new(rules).expect("a valid journey")
}

#[divan::bench(args = SIZES, max_time = 2)]
fn stage_flow(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), journey());
    bencher.counter(ItemsCount::new(n_rows)).bench(|| stages::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn stage_flow_bare(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), journey());
    let rows = Rows { amount: Amounts::Absent, channel: &[], ..part.rows() };
    bencher.counter(ItemsCount::new(n_rows)).bench(|| stages::fold(rows, &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn stage_selection(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), journey());
    let selector = stages::Selector::Dropped(1);
    bencher.counter(ItemsCount::new(n_rows)).bench(|| stages::select(part.rows(), &plan, selector));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn ordered_funnel(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = funnel::FunnelPlan::new(4, 30 * DAY_US, YEAR, i64::MAX).expect("a valid funnel");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| funnel::fold(part.rows(), &[], &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn event_transitions(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = transitions::TransitionPlan::new(DAY_US, YEAR, None, false).expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| transitions::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn channel_mix(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = channels::ChannelPlan::new(DAY_US, YEAR, None).expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| channels::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn weekly_trend_by_event(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let bounds_us = (0..=52).map(|week| week * 7 * DAY_US).collect();
    let plan = TrendPlan::new(bounds_us, None).expect("a valid plan");
    let labels: Vec<u32> = part.event.iter().map(|&event| u32::from(event)).collect();
    let columns = TrendColumns { labels: &labels, ..TrendColumns::default() };
    bencher.counter(ItemsCount::new(n_rows)).bench(|| trend::fold(part.rows(), columns, &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn segment_of_three_rules(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let did = |bit, at_least| Rule::Did { bit, at_least, at_most: None, when: people::When::In(YEAR) };
    let rule = Rule::All(vec![did(0, 3), did(2, 1), Rule::Not(Box::new(did(20, 1)))]);
    let plan = SegmentPlan::new(rule, i64::MAX).expect("a valid rule");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| people::matches(part.rows(), &plan, &[]));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn daily_trend_by_channel(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = TrendPlan::new((0..=90).map(|day| day * DAY_US).collect(), None).expect("a valid plan");
    let rows = Rows { amount: Amounts::Absent, ..part.rows() };
    bencher.counter(ItemsCount::new(n_rows)).bench(|| trend::fold_by_code(rows, &part.channel, &plan));
}

/// Buys (1 of 16 events) and visits, searches (3 of 4) within 30 days.
fn attribution_plan(models: Vec<Model>) -> AttributionPlan {
    let rules = AttributionRules {
        models,
        conversion: 1 << 2,
        touch: 1 | 1 << 4,
        lookback_us: 30 * DAY_US,
        container: Container::Person,
        reuse: Reuse::Again,
        direct: vec![0],
        period: YEAR,
        bootstrap: Bootstrap::default(),
    };
    AttributionPlan::new(rules).expect("a valid plan")
}

#[divan::bench(args = SIZES, max_time = 2)]
fn last_touch(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), attribution_plan(vec![Model::Last]));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| attribution::fold(part.rows(), &part.channel, &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn last_touch_by_event(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), attribution_plan(vec![Model::Last]));
    let run = || attribution::fold_events(part.rows(), &part.channel, &[2, 2, 0, 1, 0, 0, 0], &plan);
    bencher.counter(ItemsCount::new(n_rows)).bench(run);
}

#[divan::bench(args = SIZES, max_time = 2)]
fn eight_attribution_models(bencher: Bencher, n_rows: usize) {
    let models = [Model::First, Model::Last, Model::LastNonDirect, Model::Linear, Model::Participation];
    let half_life_us = Model::HALF_LIFE_US;
    let more = [Model::Position(Position::U), Model::TimeDecay { half_life_us }, Model::Shapley];
    let (part, plan) = (part(n_rows), attribution_plan([&models[..], &more].concat()));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| attribution::fold(part.rows(), &part.channel, &plan));
}

#[divan::bench(args = [SIZES[0], SIZES[1]], max_time = 2)]
fn markov_attribution(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), attribution_plan(vec![Model::Markov { order: 1 }]));
    let run = || attribution::fold(part.rows(), &part.channel, &plan).finish(&plan, &[]);
    bencher.counter(ItemsCount::new(n_rows)).bench(run);
}

#[divan::bench(args = SIZES, max_time = 2)]
fn channel_breaks(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let channel_plan = channels::ChannelPlan::new(DAY_US, YEAR, None).expect("a valid plan");
    let plan = channels::BreakPlan::new(channel_plan, 1 << 2, i64::MAX);
    bencher.counter(ItemsCount::new(n_rows)).bench(|| channels::fold_breaks(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn channel_effect(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = channels::EffectPlan::new(vec![1, 1 << 4, 1 << 1], 1 << 2, 30 * DAY_US, YEAR, i64::MAX);
    let plan = plan.expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| channels::fold_effect(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn pairs_of_events(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = pairs::PairPlan::new(u64::MAX, 30 * DAY_US, YEAR, false).expect("a valid plan");
    let labels: Vec<u32> = part.event.iter().map(|&event| u32::from(event)).collect();
    bencher.counter(ItemsCount::new(n_rows)).bench(|| pairs::fold(part.rows(), &labels, &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn drivers_of_buying(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let (window_us, at_least, as_of_us) = (30 * DAY_US, 1, i64::MAX);
    let rules =
        DriverRules { start: Some(1), conversion: 1 << 2, window_us, at_least, period: YEAR, as_of_us };
    let plan = DriverPlan::new(rules).expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| drivers::fold(part.rows(), &plan));
}

/// Sessions by hours, since the rows of a part are hours apart: two events each.
fn session_paths(n_steps: usize) -> PathPlan {
    let mode = PathMode::Open { gap_us: 30 * HOUR_US };
    let nodes = (0..7).collect();
    let rules = PathRules { mode, n_steps, collapse: true, nodes, period: Period::ALL, as_of_us: i64::MAX };
    PathPlan::new(rules).expect("a valid plan")
}

#[divan::bench(args = SIZES, max_time = 2)]
fn path_steps(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), session_paths(5));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| paths::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn whole_paths(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), session_paths(4));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| paths::fold_whole(part.rows(), &plan));
}

fn weekly_retention(bits: Option<u64>, first_time: bool) -> RetentionPlan {
    let rules = RetentionRules {
        starts: bits,
        returns: bits,
        bounds_us: (0..=60).map(|week| week * 7 * DAY_US).collect(),
        n_cohorts: 52,
        intervals: Intervals::Calendar { edges: (0..=60).collect() },
        measure: Measure::On,
        first_time,
        as_of_us: i64::MAX,
    };
    RetentionPlan::new(rules).expect("a valid plan")
}

#[divan::bench(args = SIZES, max_time = 2)]
fn retention_of_any_event(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), weekly_retention(None, true));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| retention::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn retention_recurring(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), weekly_retention(Some(0b10), false));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| retention::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn weekly_lifecycle(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let bounds_us = (0..=52).map(|week| week * 7 * DAY_US).collect();
    let plan = lifecycle::LifecyclePlan::new(bounds_us, None, i64::MAX).expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| lifecycle::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn days_per_week(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let days = (0..=364).map(|day| day * DAY_US).collect();
    let weeks: Vec<i64> = (0..=52).map(|week| week * 7 * DAY_US).collect();
    let plan = StickinessPlan::new(days, &weeks, None, i64::MAX).expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| stickiness::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn weekly_cohorts(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let bounds_us = (0..=52).map(|week| week * 7 * DAY_US).collect();
    let plan = cohorts::CohortPlan::new(bounds_us, 52, None, Some(0b1000), i64::MAX).expect("a valid plan");
    bencher.counter(ItemsCount::new(n_rows)).bench(|| cohorts::fold(part.rows(), &plan));
}

fn funnel_mode(order: modes::Order) -> modes::ModePlan {
    let rules = modes::ModeRules {
        n_steps: 4,
        window_us: 30 * DAY_US,
        period: YEAR,
        as_of_us: i64::MAX,
        order,
        optional: 0,
        exclusions: Vec::new(),
        entry: modes::Entry::Any,
        unit: modes::Unit::Person,
        label_of: modes::LabelOf::First,
        between: None,
        bounds_us: Vec::new(),
    };
    modes::ModePlan::new(rules).expect("a valid funnel")
}

#[divan::bench(args = SIZES, max_time = 2)]
fn strict_funnel(bencher: Bencher, n_rows: usize) {
    let part = part(n_rows);
    let plan = funnel_mode(modes::Order::Strict { universe: None, repeats: false });
    let columns = modes::ModeColumns::default();
    bencher.counter(ItemsCount::new(n_rows)).bench(|| modes::fold(part.rows(), columns, &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn any_order_funnel(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), funnel_mode(modes::Order::AnyOrder { pinned: 0 }));
    let columns = modes::ModeColumns::default();
    bencher.counter(ItemsCount::new(n_rows)).bench(|| modes::fold(part.rows(), columns, &plan));
}

/// Sessions of two events or so: short variants, as of a web site.
fn session_cases() -> CasePlan {
    let of = CaseOf::Session { gap_us: 30 * HOUR_US };
    let rules = CaseRules { of, collapse: true, nodes: (0..7).collect(), period: Period::ALL };
    CasePlan::new(rules).expect("a valid plan")
}

#[divan::bench(args = SIZES, max_time = 2)]
fn session_variants(bencher: Bencher, n_rows: usize) {
    let (part, plan) = (part(n_rows), session_cases());
    bencher.counter(ItemsCount::new(n_rows)).bench(|| variants::fold(part.rows(), &plan));
}

#[divan::bench(args = SIZES, max_time = 2)]
fn session_conformance(bencher: Bencher, n_rows: usize) {
    let place = |node| Place { node, optional: false, repeats: true };
    let design = [place(0), place(1), place(2), place(3)];
    let (part, plan) = (part(n_rows), ConformancePlan::new(session_cases(), &design).expect("a valid plan"));
    bencher.counter(ItemsCount::new(n_rows)).bench(|| conformance::fold(part.rows(), &plan));
}
