//! Funnel, transitions, channels and trend: each one scan.

use super::asked::{Masks, every, planned};
use super::compile::Compiler;
use super::figures;
use super::funnel::step_times;
use super::matched::Matched;
use super::scope::{Ground, Resolved, SegmentTest, keep, view};
use super::texts::Texts;
use crate::{Engine, EngineError};
use analysis::channels::{self, ChannelPlan, ChannelState};
use analysis::funnel::{self, FunnelPlan, FunnelState, FunnelStep};
use analysis::transitions::{self, TransitionPlan, TransitionState};
use analysis::trend::{self, Series, TrendColumns, TrendPlan, TrendState};
use model::Problem;
use model::ask::{
    AskChannels, AskFunnel, AskTransitions, AskTrend, BreakdownAt, FunnelEntry, Scope, TrendBreakdown,
};
use model::rule::EventRule;
use model::time::{Duration, Grain, SESSION_GAP_US};
use model::view::{
    ChannelRow, ChannelsView, FunnelLine, FunnelView, TransitionRow, TransitionsView, TrendLine, TrendView,
};
use std::collections::BTreeMap;
use store::{Cancel, PropertyColumn, Rows};

/// Lines of a trend or breakdown; the rest is an honest “other”.
const LINES_MAX: usize = 12;

/// A scope and a compiler for a question with no definition but its own.
pub(super) struct Prepared<'g> {
    pub main: Resolved,
    pub keep: Vec<SegmentTest>,
    pub compiler: Compiler<'g>,
}

impl Engine {
    pub(super) async fn prepare<'g>(
        &self,
        ground: &'g Ground,
        scope: &Scope,
        cancel: &Cancel,
    ) -> Result<Prepared<'g>, EngineError> {
        let main = self.resolve(ground, scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let keep = self.tests(&mut compiler, &main.segments, ground, cancel).await?;
        Ok(Prepared { main, keep, compiler })
    }

    pub(crate) async fn funnel_view(
        &self,
        ask: &AskFunnel,
        cancel: &Cancel,
    ) -> Result<FunnelView, EngineError> {
        if !ask.is_plain() {
            return self.mode_funnel_view(ask, cancel).await;
        }
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let steps: Vec<&[EventRule]> = ask.steps.iter().take(64).map(std::slice::from_ref).collect();
        let n_steps = ask.steps.len();
        if !(2..=32).contains(&n_steps) {
            return Err(plan_problem(&format!("a funnel has 2 to 32 steps, got {n_steps}")));
        }
        let rules = compiler.rules(&steps);
        let labels = ask.breakdown.as_deref().map(|property| Texts::new(&mut compiler, property));
        let plan = planned(FunnelPlan::new(n_steps, ask.window.us, main.period, ground.as_of_us))?;
        let plan = if ask.entry == FunnelEntry::First { plan.with_first_entry() } else { plan };
        let (by_entry, period) = (ask.breakdown_at == BreakdownAt::Entry, main.period);
        let columns = compiler.columns.clone();
        let names = ground.snapshot.names().clone();
        let fold = move |rows: &Rows| {
            let (matched, keep) = (Matched::new(&[&rules], rows), keep(&tests, rows));
            let view = matched.view(rows, 0, &keep);
            let Some(labels) = &labels else { return (funnel::fold(view, &[], &plan), Vec::new()) };
            if !by_entry {
                let (labels, texts) = labels.at(rows, &matched.rows, &names);
                return (funnel::fold(view, &labels, &plan), texts);
            }
            // One label per person; those who never start have one that is not looked at.
            let starts = funnel::first_starts(&view, period);
            let starts = starts.into_iter().map(|start| start.map_or(0, |start| matched.rows[start]));
            let (labels, texts) = labels.at(rows, &starts.collect::<Vec<_>>(), &names);
            (funnel::fold_by_person(view, &labels, &plan), texts)
        };
        let key = self.fold_key(("funnel", ask), &ground, &main);
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        // Label codes mean something within their bucket only, so labels merge by their text.
        let mut by_text: BTreeMap<Option<String>, FunnelState> = BTreeMap::new();
        let mut all = FunnelState::default();
        for (state, texts) in buckets {
            if ask.breakdown.is_none() {
                all = all.merge(state);
                continue;
            }
            for (code, own) in state.split() {
                let text = texts.get(code as usize).cloned();
                let merged = by_text.remove(&text).unwrap_or_default().merge(own);
                by_text.insert(text, merged);
            }
        }
        all = by_text.values().cloned().fold(all, FunnelState::merge);
        let mut lines = vec![funnel_line(None, &all.finish(&plan).steps)];
        let mut broken: Vec<FunnelLine> =
            by_text.into_iter().map(|(text, state)| funnel_line(text, &state.finish(&plan).steps)).collect();
        broken.sort_by(|a, b| b.reached.cmp(&a.reached).then_with(|| a.label.cmp(&b.label)));
        let n_people = lines[0].reached.first().copied().unwrap_or(0);
        let mut about = ground.about(&main, &compiler, n_people);
        if broken.len() > LINES_MAX * 4 {
            about.warnings.push(cut_warning(broken.len() - LINES_MAX * 4));
            broken.truncate(LINES_MAX * 4);
        }
        lines.append(&mut broken);
        Ok(FunnelView { lines, compared: None, buckets: Vec::new(), about })
    }

    pub(crate) async fn transitions_view(
        &self,
        ask: &AskTransitions,
        cancel: &Cancel,
    ) -> Result<TransitionsView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let masks = Masks::of_anything(&mut compiler, &[None]);
        let gap_us = ask.gap.map_or(SESSION_GAP_US, |gap: Duration| gap.us);
        let plan = planned(TransitionPlan::new(gap_us, main.period, masks.bit(0), false))?;
        let fold = move |rows: &Rows| {
            let (masks, keep) = (masks.all(rows), keep(&tests, rows));
            (transitions::fold(every(rows, &masks, &keep), &plan), kept(rows, &keep))
        };
        let key = self.fold_key(("transitions", ask), &ground, &main);
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let (state, n_people) = merged(buckets, TransitionState::merge);
        let names = ground.snapshot.names();
        let all = state.finish();
        let limit = ask.limit.unwrap_or(100).min(10_000);
        let n_other = all.iter().skip(limit).map(|row| row.reach.events).sum();
        let rows = all.iter().take(limit).map(|row| TransitionRow {
            event: names.event_name(row.event).to_owned(),
            next: names.event_name(row.next).to_owned(),
            count: row.reach.events,
            n_people: row.reach.people,
        });
        Ok(TransitionsView { rows: rows.collect(), n_other, about: ground.about(&main, &compiler, n_people) })
    }

    pub(crate) async fn channels_view(
        &self,
        ask: &AskChannels,
        cancel: &Cancel,
    ) -> Result<ChannelsView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        compiler.columns.channel = true;
        compiler.columns.amount = true;
        let plan = planned(ChannelPlan::new(SESSION_GAP_US, main.period, None))?;
        let fold = move |rows: &Rows| {
            let keep = keep(&tests, rows);
            (channels::fold(view(rows, &keep), &plan), kept(rows, &keep))
        };
        let key = self.fold_key(("channels", ask), &ground, &main);
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let (state, n_people) = merged(buckets, ChannelState::merge);
        let names = ground.snapshot.names();
        let mut rows: Vec<ChannelRow> = state
            .finish()
            .channels
            .iter()
            .map(|row| ChannelRow {
                channel: (row.channel != 0).then(|| names.channel_name(row.channel).to_owned()),
                n_events: row.reach.events,
                n_people: row.reach.people,
                amount: row.amount as f64 / 100.0,
            })
            .collect();
        rows.sort_by(|a, b| b.n_people.cmp(&a.n_people).then_with(|| a.channel.cmp(&b.channel)));
        Ok(ChannelsView { rows, about: ground.about(&main, &compiler, n_people) })
    }

    pub(crate) async fn trend_view(&self, ask: &AskTrend, cancel: &Cancel) -> Result<TrendView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        compiler.columns.amount = true;
        compiler.columns.channel |= ask.breakdown == Some(TrendBreakdown::Channel);
        let rules = ask.when.as_ref().map(|rule| compiler.rules(&[std::slice::from_ref(rule)]));
        let grain = ask.grain.unwrap_or_else(|| Grain::for_days(main.days.n_days()));
        let bounds = ground.calendar.boundaries_us(main.days, grain);
        let plan = planned(TrendPlan::new(bounds.clone(), rules.is_some().then_some(1)))?;
        let (breakdown, folding) = (ask.breakdown, plan.clone());
        let fold = move |rows: &Rows| {
            let keep = keep(&tests, rows);
            let matched = rules.as_ref().map(|rules| Matched::new(&[rules], rows));
            let view = match &matched {
                Some(matched) => matched.view(rows, 0, &keep),
                None => view(rows, &keep),
            };
            let state = match (breakdown, &matched) {
                (None, _) => trend::fold(view, TrendColumns::default(), &folding),
                (Some(TrendBreakdown::Channel), _) => trend::fold_by_code(view, view.channel, &folding),
                (Some(TrendBreakdown::Event), None) => trend::fold_by_code(view, view.event, &folding),
                (Some(TrendBreakdown::Event), Some(matched)) => {
                    trend::fold_by_code(view, &matched.events(rows), &folding)
                }
            };
            (state, kept(rows, &keep))
        };
        let key = self.fold_key(("trend", ask), &ground, &main);
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let state = buckets.into_iter().map(|(state, _)| state);
        let answer = state.fold(TrendState::empty(&plan), TrendState::merge).finish();
        let mut about = ground.about(&main, &compiler, n_people);
        let mut lines = vec![trend_line(None, &answer.all)];
        let mut by_label = answer.by_label;
        by_label.sort_by_key(|(_, series)| std::cmp::Reverse(series.total.events));
        if by_label.len() > LINES_MAX {
            about.warnings.push(cut_warning(by_label.len() - LINES_MAX));
        }
        let names = ground.snapshot.names();
        lines.extend(by_label.iter().take(LINES_MAX).map(|(code, series)| {
            let label = match ask.breakdown {
                Some(TrendBreakdown::Channel) => names.channel_name(*code as u16),
                _ => names.event_name(*code as u16),
            };
            trend_line(Some(label.to_owned()), series)
        }));
        let buckets = bounds.split_last().map(|(_, starts)| starts.to_vec()).unwrap_or_default();
        Ok(TrendView { buckets, lines, series: Vec::new(), about })
    }
}

/// A property of a row as text.
pub(super) fn text_of(column: &PropertyColumn, row: usize) -> Option<String> {
    match column {
        PropertyColumn::Str(texts) => texts.get(row).map(str::to_owned),
        PropertyColumn::Num(values) => Some(values[row]).filter(|v| !v.is_nan()).map(|v| v.to_string()),
        PropertyColumn::Bool(values) => match values[row] {
            0 => Some("false".to_owned()),
            1 => Some("true".to_owned()),
            _ => None,
        },
    }
}

/// Persons of the bucket who are kept.
pub(super) fn kept(rows: &Rows, keep: &[bool]) -> u64 {
    if keep.is_empty() { rows.n_persons() as u64 } else { keep.iter().filter(|keep| **keep).count() as u64 }
}

fn merged<T: Default>(buckets: Vec<(T, u64)>, merge: fn(T, T) -> T) -> (T, u64) {
    buckets.into_iter().fold((T::default(), 0), |(all, n_all), (one, n)| (merge(all, one), n_all + n))
}

fn funnel_line(label: Option<String>, steps: &[FunnelStep]) -> FunnelLine {
    let reached: Vec<u64> = steps.iter().map(|step| step.people).collect();
    let (first, last) = (reached.first().copied().unwrap_or(0), reached.last().copied().unwrap_or(0));
    let spread = steps.last().and_then(|step| step.from_start);
    FunnelLine {
        label,
        conversion: figures::share("funnel.conversion", last, first, None, None),
        median_time: figures::seconds("funnel.median_time", spread, None, |spread| spread.median_us),
        p90_time: figures::seconds("funnel.p90_time", spread, None, |spread| spread.p90_us),
        reached,
        step_times: step_times(steps.iter().map(|step| step.from_previous)),
        ..FunnelLine::default()
    }
}

fn trend_line(label: Option<String>, series: &Series) -> TrendLine {
    TrendLine {
        label,
        n_events: series.points.iter().map(|point| point.events).collect(),
        n_people: series.points.iter().map(|point| point.people).collect(),
        amount: series.points.iter().map(|point| point.sum as f64 / 100.0).collect(),
    }
}

pub(super) fn plan_problem(reason: &str) -> EngineError {
    Problem::error(
        "ask.invalid",
        (format!("이 질문에는 답할 수 없습니다: {reason}."), format!("This cannot be answered: {reason}.")),
        ("질문 문서를 고치세요.", "Correct the question document."),
    )
    .into()
}

pub(super) fn cut_warning(n_more: usize) -> Problem {
    Problem::error(
        "answer.lines_cut",
        (format!("{n_more}줄을 더 보이지 않았습니다."), format!("{n_more} more lines are not shown.")),
        ("조건을 좁혀 보세요.", "Narrow the question to see them."),
    )
    .warning()
}
