//! Channels across sessions, pairs of items, drivers of a conversion.

use super::answers::plan_problem;
use super::compile::Compiler;
use super::figures;
use super::matched::Matched;
use super::scope::{Ground, Resolved, keep, tests, view};
use crate::{Engine, EngineError};
use analysis::channels::{self, BreakPlan, BreakState, ChannelPlan, ChannelState, EffectPlan, EffectState};
use analysis::drivers::{self, DriverPlan, DriverRules, DriverState};
use analysis::pairs::{self, PairPlan, PairState};
use model::Problem;
use model::ask::{AskCrossSell, AskDrivers, AskHandovers};
use model::journey::Journey;
use model::metric::{Direction, Unit};
use model::rule::EventRule;
use model::view::{
    CrossSellView, DriverRow, DriversView, EffectRow, Figure, HandoverRow, HandoversView, PairRow, StayRow,
};
use std::sync::Arc;
use store::{Cancel, Rows};

const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 86_400_000_000;
/// Rows of a list at most.
const ROWS_MAX: usize = 1_000;

impl Engine {
    pub(crate) async fn handovers_view(
        &self,
        ask: &AskHandovers,
        cancel: &Cancel,
    ) -> Result<HandoversView, EngineError> {
        let ground = self.ground().await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let tests = tests(&mut compiler, &main.segments, &ground)?;
        compiler.columns.channel = true;
        let gap_us = ask.gap.map_or(30 * MINUTE_US, |gap| gap.us);
        let channel_plan =
            ChannelPlan::new(gap_us, main.period, None).map_err(|e| plan_problem(&e.to_string()))?;
        let goal = ask.goal.as_ref().map(std::slice::from_ref);
        let goal_rules = goal.map(|goal| compiler.rules(&[goal]));
        let break_plan = BreakPlan::new(channel_plan, u64::from(goal.is_some()), ground.as_of_us);
        let journey = match &ask.journey {
            Some(key) => Some(self.journey(key).await?),
            None => None,
        };
        let effect = match (&journey, goal) {
            (Some(journey), Some(goal)) => Some(effect(&mut compiler, journey, goal, ask, &main, &ground)?),
            _ => None,
        };
        let fold = move |rows: &Rows| {
            let keep = keep(&tests, rows);
            let all: Vec<u32> = (0..rows.n_rows() as u32).collect();
            let masks = goal_rules.as_ref().map(|rules| rules.masks_at(rows, &all)).unwrap_or_default();
            let every = analysis::Rows { mask: &masks, ..view(rows, &keep) };
            let effects = effect.as_ref().map(|(rules, plan)| {
                channels::fold_effect(Matched::new(&[rules], rows).view(rows, 0, &keep), plan)
            });
            let n_people = keep.iter().filter(|keep| **keep).count() as u64;
            let n_people = if keep.is_empty() { rows.n_persons() as u64 } else { n_people };
            let (mix, breaks) =
                (channels::fold(every, &channel_plan), channels::fold_breaks(every, &break_plan));
            (mix, breaks, effects.unwrap_or_default(), n_people)
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let empty = (ChannelState::default(), BreakState::default(), EffectState::default(), 0);
        let (mix, breaks, effects, n_people) = buckets.into_iter().fold(empty, |all, one| {
            (all.0.merge(one.0), all.1.merge(one.1), all.2.merge(one.2), all.3 + one.3)
        });
        let names = ground.snapshot.names();
        let channel = |code: u16| names.channel_name(code).to_owned();
        let handover = |h: &channels::Handover| HandoverRow {
            from: channel(h.from),
            to: channel(h.to),
            count: h.reach.events,
            n_people: h.reach.people,
        };
        Ok(HandoversView {
            handovers: mix.finish().handovers.iter().map(handover).collect(),
            channels: breaks
                .finish()
                .into_iter()
                .map(|(code, counts)| stay_row(channel(code), counts))
                .collect(),
            effects: effect_rows(journey.as_ref(), effects, channel),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(crate) async fn cross_sell_view(
        &self,
        ask: &AskCrossSell,
        cancel: &Cancel,
    ) -> Result<CrossSellView, EngineError> {
        let ground = self.ground().await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let tests = tests(&mut compiler, &main.segments, &ground)?;
        let rules = compiler.rules(&[&ask.items]);
        let labels = Arc::new(self.labels(&mut compiler, &ground, &ask.by, &rules, cancel).await?);
        let within_us = ask.within.map_or(i64::MAX, |within| within.us);
        let plan = PairPlan::new(1, within_us, main.period, ask.ordered)
            .map_err(|e| plan_problem(&e.to_string()))?;
        let folding = labels.clone();
        let fold = move |rows: &Rows| {
            let (matched, keep) = (Matched::new(&[&rules], rows), keep(&tests, rows));
            let codes: Vec<u32> = folding.codes(rows, &matched.rows).into_iter().map(u32::from).collect();
            pairs::fold(matched.view(rows, 0, &keep), &codes, &plan)
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let state = buckets.into_iter().fold(PairState::default(), PairState::merge);
        let n_people = state.people();
        let found = state.finish(&plan, ask.least.unwrap_or(5).max(1));
        let limit = ask.limit.unwrap_or(100).min(ROWS_MAX);
        let mut about = ground.about(&main, &compiler, n_people);
        if found.len() > limit {
            about.warnings.push(cut(found.len() - limit));
        }
        let text = |code: u32| labels.text(code as u16, ground.snapshot.names()).to_owned();
        let rows = found.iter().take(limit).map(|row| PairRow {
            item: text(row.item),
            other: text(row.other),
            n_people: row.people,
            n_item: row.people_item,
            n_other: row.people_other,
            support: row.support,
            confidence: figures::share("pair.confidence", row.people, row.people_item, None, None),
            lift: Figure {
                value: Some(row.lift),
                unit: Unit::Number,
                good: Direction::None,
                n: row.people,
                low: Some(row.lift_interval.low),
                high: Some(row.lift_interval.high),
                define: "pair.lift".to_owned(),
                ..Figure::default()
            },
        });
        Ok(CrossSellView { rows: rows.collect(), n_people, about })
    }

    pub(crate) async fn drivers_view(
        &self,
        ask: &AskDrivers,
        cancel: &Cancel,
    ) -> Result<DriversView, EngineError> {
        let ground = self.ground().await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let tests = tests(&mut compiler, &main.segments, &ground)?;
        let conversion = std::slice::from_ref(&ask.conversion);
        let start = ask.start.as_ref().map(std::slice::from_ref).unwrap_or_default();
        let rules = compiler.rules(&[conversion, start]);
        let plan = DriverPlan::new(DriverRules {
            start: ask.start.is_some().then_some(0b10),
            conversion: 0b01,
            window_us: ask.within.map_or(30 * DAY_US, |within| within.us),
            at_least: ask.at_least.unwrap_or(1),
            period: main.period,
            as_of_us: ground.as_of_us,
        });
        let plan = plan.map_err(|error| plan_problem(&error.to_string()))?;
        let fold = move |rows: &Rows| {
            let keep = keep(&tests, rows);
            // Exposure is to any event, so every row is read.
            let all: Vec<u32> = (0..rows.n_rows() as u32).collect();
            let masks = rules.masks_at(rows, &all);
            drivers::fold(analysis::Rows { mask: &masks, ..view(rows, &keep) }, &plan)
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let answer = buckets.into_iter().fold(DriverState::default(), DriverState::merge).finish();
        let mut about = ground.about(&main, &compiler, answer.succeeded + answer.failed);
        if answer.is_lopsided {
            about.warnings.push(lopsided(answer.succeeded, answer.failed));
        }
        let names = ground.snapshot.names();
        let row = |row: &drivers::DriverRow| DriverRow {
            event: names.event_name(row.event).to_owned(),
            n_succeeded: row.succeeded,
            n_failed: row.failed,
            odds_ratio: row.odds_ratio,
            phi: row.phi,
            q: row.q,
        };
        let limit = ask.limit.unwrap_or(10).min(ROWS_MAX);
        let positive = answer.rows.iter().filter(|row| row.odds_ratio > 1.0).take(limit);
        let negative = answer.rows.iter().rev().filter(|row| row.odds_ratio < 1.0).take(limit);
        Ok(DriversView {
            n_succeeded: answer.succeeded,
            n_failed: answer.failed,
            positive: positive.map(row).collect(),
            negative: negative.map(row).collect(),
            n_rare: answer.n_rare,
            about,
        })
    }
}

/// Rules and plan of the channels at the stages of a journey: bit `i` is touchpoint `i`, the one after them the goal.
fn effect(
    compiler: &mut Compiler<'_>,
    journey: &Journey,
    goal: &[EventRule],
    ask: &AskHandovers,
    main: &Resolved,
    ground: &Ground,
) -> Result<(super::compile::RuleSet, EffectPlan), EngineError> {
    let mut any_of: Vec<&[EventRule]> = Vec::new();
    let mut stages = vec![0u64; journey.stages.len()];
    for (bit, (stage, touchpoint)) in journey.touchpoints().enumerate() {
        stages[stage] |= 1 << bit;
        any_of.push(touchpoint.when.as_slice());
    }
    let conversion = 1u64 << any_of.len();
    any_of.push(goal);
    let window_us = ask.within.map_or(30 * DAY_US, |within| within.us);
    let plan = EffectPlan::new(stages, conversion, window_us, main.period, ground.as_of_us)
        .map_err(|error| plan_problem(&error.to_string()))?;
    Ok((compiler.rules(&any_of), plan))
}

fn effect_rows(
    journey: Option<&Journey>,
    effects: EffectState,
    channel: impl Fn(u16) -> String,
) -> Vec<EffectRow> {
    let Some(journey) = journey else { return Vec::new() };
    let row = |row: channels::EffectRow| {
        let stage = journey.stages.get(usize::from(row.stage))?;
        Some(EffectRow {
            stage: stage.key.clone(),
            name: stage.name.clone(),
            channel: row.channel.map(&channel),
            n_people: row.counts.people,
            open: row.counts.open,
            rate: figures::share("effect.rate", row.counts.converted, row.counts.people, None, None),
            lift: row.lift,
        })
    };
    effects.finish().into_iter().filter_map(row).collect()
}

fn stay_row(channel: String, counts: channels::StayCounts) -> StayRow {
    let known = counts.stays() - counts.open;
    let rate = figures::share("channel.break_rate", counts.broken, known, None, None);
    StayRow {
        channel,
        n_stays: counts.stays(),
        handed_over: counts.handed_over,
        finished: counts.finished,
        broken: counts.broken,
        open: counts.open,
        break_rate: Figure { good: Direction::Down, ..rate },
    }
}

fn lopsided(succeeded: u64, failed: u64) -> Problem {
    Problem::error(
        "drivers.lopsided",
        (
            format!("전환한 사람 {succeeded}명과 아닌 사람 {failed}명이 10배 넘게 차이 납니다."),
            format!("{succeeded} people converted and {failed} did not: more than ten to one."),
        ),
        (
            "적은 쪽의 몇 사람이 비율을 좌우합니다. 기간이나 전환을 바꿔 보세요.",
            "A few people of the smaller side decide the ratios. Try another period or conversion.",
        ),
    )
    .warning()
}

fn cut(n_more: usize) -> Problem {
    Problem::error(
        "answer.lines_cut",
        (format!("{n_more}줄을 더 보이지 않았습니다."), format!("{n_more} more lines are not shown.")),
        ("조건을 좁혀 보세요.", "Narrow the question to see them."),
    )
    .warning()
}
