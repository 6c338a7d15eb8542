//! Lifecycle and stickiness.

use super::answers::{Prepared, kept, plan_problem};
use super::asked::{Masks, Selecting, every, planned};
use super::compile::Compiler;
use super::scope::{Ground, Resolved, keep};
use super::selection::Listed;
use crate::{Engine, EngineError};
use analysis::lifecycle::{self, LifecyclePlan, LifecyclePoint, LifecycleState};
use analysis::stickiness::{self, StickinessPlan, StickinessSpan, StickinessState};
use model::ask::{AskLifecycle, AskStickiness, Phase};
use model::time::Grain;
use model::view::{LifecyclePointView, LifecycleView, StickinessSpanView, StickinessView};
use store::{Cancel, Rows};

impl Engine {
    pub(crate) async fn lifecycle_view(
        &self,
        ask: &AskLifecycle,
        cancel: &Cancel,
    ) -> Result<LifecycleView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let (masks, plan, bounds_us) = lifecycle_question(&mut compiler, &ground, &main, ask)?;
        let folding = plan.clone();
        let fold = move |rows: &Rows| {
            let (masks, keep) = (masks.all(rows), keep(&tests, rows));
            (lifecycle::fold(every(rows, &masks, &keep), &folding), kept(rows, &keep))
        };
        let key = self.fold_key(("lifecycle", ask), &ground, &main).and(&plan.n_begun());
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let states = buckets.into_iter().map(|(state, _)| state);
        let points = states.fold(LifecycleState::empty(&plan), LifecycleState::merge).finish(&plan);
        let point = |point: &LifecyclePoint| LifecyclePointView {
            new: point.new,
            returning: point.returning,
            resurrecting: point.resurrecting,
            dormant: point.dormant,
            quick_ratio: point.quick_ratio(),
            is_complete: point.is_complete,
        };
        Ok(LifecycleView {
            buckets: bounds_us[1..bounds_us.len() - 1].to_vec(),
            points: points.iter().map(point).collect(),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(super) fn select_lifecycle(
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        ask: &AskLifecycle,
        (bucket, phase): (usize, Phase),
    ) -> Result<Selecting, EngineError> {
        let (masks, plan, bounds_us) = lifecycle_question(compiler, ground, main, ask)?;
        let start_us = bounds_us.get(bucket + 1).copied().unwrap_or(0);
        let phase = match phase {
            Phase::New => lifecycle::Phase::New,
            Phase::Returning => lifecycle::Phase::Returning,
            Phase::Resurrecting => lifecycle::Phase::Resurrecting,
            Phase::Dormant => lifecycle::Phase::Dormant,
        };
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = masks.all(rows);
            let selected = lifecycle::select(every(rows, &masks, keep), &plan, bucket, phase);
            selected.into_iter().map(|person| listed(person, start_us)).collect()
        }))
    }

    pub(crate) async fn stickiness_view(
        &self,
        ask: &AskStickiness,
        cancel: &Cancel,
    ) -> Result<StickinessView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let (masks, plan, spans_us) = stickiness_question(&mut compiler, &ground, &main, ask)?;
        let folding = plan.clone();
        let fold = move |rows: &Rows| {
            let (masks, keep) = (masks.all(rows), keep(&tests, rows));
            (stickiness::fold(every(rows, &masks, &keep), &folding), kept(rows, &keep))
        };
        let key = self.fold_key(("stickiness", ask), &ground, &main);
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let states = buckets.into_iter().map(|(state, _)| state);
        let spans = states.fold(StickinessState::empty(&plan), StickinessState::merge).finish(&plan);
        let span = |(span, start_us): (StickinessSpan, &i64)| StickinessSpanView {
            start_us: *start_us,
            n_people: span.people,
            by_intervals: span.by_intervals,
            per_interval: span.per_interval,
            ratio: span.ratio,
            is_complete: span.is_complete,
        };
        Ok(StickinessView {
            spans: spans.into_iter().zip(&spans_us).map(span).collect(),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(super) fn select_stickiness(
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        ask: &AskStickiness,
        (span, n_intervals): (usize, usize),
    ) -> Result<Selecting, EngineError> {
        let (masks, plan, spans_us) = stickiness_question(compiler, ground, main, ask)?;
        let start_us = spans_us.get(span).copied().unwrap_or(0);
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = masks.all(rows);
            let selected = stickiness::select(every(rows, &masks, keep), &plan, span, n_intervals);
            selected.into_iter().map(|person| listed(person, start_us)).collect()
        }))
    }
}

fn listed(person: u64, at_us: i64) -> Listed {
    Listed { person, last_us: at_us, entered_us: Some(at_us) }
}

/// The intervals of the period with one before it.
fn lifecycle_question(
    compiler: &mut Compiler<'_>,
    ground: &Ground,
    main: &Resolved,
    ask: &AskLifecycle,
) -> Result<(Masks, LifecyclePlan, Vec<i64>), EngineError> {
    let grain = ask.grain.unwrap_or_else(|| Grain::for_days(main.days.n_days()));
    let before = match grain {
        Grain::Day => jiff::Span::new().days(1),
        Grain::Week => jiff::Span::new().weeks(1),
        Grain::Month => jiff::Span::new().months(1),
    };
    let mut bounds_us = vec![ground.calendar.start_of_day_us(main.days.from.saturating_sub(before))];
    bounds_us.extend(ground.calendar.boundaries_us(main.days, grain));
    let masks = Masks::of_anything(compiler, &[ask.active.as_ref()]);
    let plan = planned(LifecyclePlan::new(bounds_us.clone(), masks.bit(0), main.as_of_us))?;
    Ok((masks, plan, bounds_us))
}

fn stickiness_question(
    compiler: &mut Compiler<'_>,
    ground: &Ground,
    main: &Resolved,
    ask: &AskStickiness,
) -> Result<(Masks, StickinessPlan, Vec<i64>), EngineError> {
    let (grain, span) = (ask.grain.unwrap_or(Grain::Day), ask.span.unwrap_or(Grain::Month));
    if !matches!((grain, span), (Grain::Day, Grain::Week | Grain::Month) | (Grain::Week, Grain::Month)) {
        return Err(plan_problem("stickiness counts days of weeks, days of months or weeks of months"));
    }
    let bounds_us = ground.calendar.boundaries_us(main.days, grain);
    let mut spans_us = ground.calendar.boundaries_us(main.days, span);
    // A last month in which no week of the period starts holds nothing to count.
    let last_start_us = bounds_us[bounds_us.len() - 2];
    while spans_us.len() > 2 && spans_us[spans_us.len() - 2] > last_start_us {
        spans_us.remove(spans_us.len() - 2);
    }
    let masks = Masks::of_anything(compiler, &[ask.active.as_ref()]);
    let plan = planned(StickinessPlan::new(bounds_us, &spans_us, masks.bit(0), main.as_of_us))?;
    Ok((masks, plan, spans_us))
}
