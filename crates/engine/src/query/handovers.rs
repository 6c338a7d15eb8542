//! Channels across sessions: which follows which, where journeys break, what works at which stage.

use super::answers::{Prepared, kept, plan_problem};
use super::asked::{Selecting, every, every_row, planned};
use super::compile::{Compiler, RuleSet};
use super::figures;
use super::matched::Matched;
use super::scope::{Ground, Resolved, keep};
use super::selection::{Listed, missing};
use crate::{Engine, EngineError};
use analysis::channels::{
    self, BreakPlan, BreakState, ChannelPlan, ChannelState, EffectPlan, EffectState, End,
};
use model::ask::{AskHandovers, HandoverPoint, StayEnd};
use model::journey::Journey;
use model::metric::Direction;
use model::rule::EventRule;
use model::time::{LOOKBACK_US, SESSION_GAP_US};
use model::view::{EffectRow, Figure, HandoverRow, HandoversView, StayRow};
use std::sync::Arc;
use store::{Cancel, Rows};

/// Channels across sessions, ready for a scan.
struct HandoverQuestion {
    goal: Option<RuleSet>,
    channels: ChannelPlan,
    breaks: BreakPlan,
    /// The journey whose stages the channels are measured at.
    effect: Option<(Journey, RuleSet, EffectPlan)>,
}

impl HandoverQuestion {
    /// One mask for each row: bit 0 is the goal. Every row is looked at, since any may have a channel.
    fn masks(&self, rows: &Rows) -> Vec<u64> {
        self.goal.as_ref().map(|goal| goal.masks_at(rows, &every_row(rows))).unwrap_or_default()
    }

    fn fold(&self, rows: &Rows, keep: &[bool]) -> (ChannelState, BreakState, EffectState, u64) {
        let masks = self.masks(rows);
        let all = every(rows, &masks, keep);
        let effects = self.effect.as_ref().map(|(_, rules, plan)| {
            channels::fold_effect(Matched::new(&[rules], rows).view(rows, 0, keep), plan)
        });
        let (mix, breaks) = (channels::fold(all, &self.channels), channels::fold_breaks(all, &self.breaks));
        (mix, breaks, effects.unwrap_or_default(), kept(rows, keep))
    }
}

impl Engine {
    async fn handover_question(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        ask: &AskHandovers,
    ) -> Result<HandoverQuestion, EngineError> {
        compiler.columns.channel = true;
        let gap_us = ask.gap.map_or(SESSION_GAP_US, |gap| gap.us);
        // Nothing later is known to the stays, so the hand-overs do not count it either.
        let known_us = ground.as_of_us.saturating_add(1).max(main.period.from_us);
        let period = analysis::Period { to_us: main.period.to_us.min(known_us), ..main.period };
        let channels = planned(ChannelPlan::new(gap_us, period, None))?;
        let goal = ask.goal.as_ref().map(std::slice::from_ref);
        let journey = match &ask.journey {
            Some(key) => Some(self.journey(key).await?),
            None => None,
        };
        Ok(HandoverQuestion {
            goal: goal.map(|goal| compiler.rules(&[goal])),
            channels,
            breaks: BreakPlan::new(channels, u64::from(goal.is_some()), ground.as_of_us),
            effect: match (journey, goal) {
                (Some(journey), Some(goal)) => {
                    let (rules, plan) = effect(compiler, &journey, goal, ask, main, ground)?;
                    Some((journey, rules, plan))
                }
                _ => None,
            },
        })
    }

    pub(crate) async fn handovers_view(
        &self,
        ask: &AskHandovers,
        cancel: &Cancel,
    ) -> Result<HandoversView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let question = Arc::new(self.handover_question(&mut compiler, &ground, &main, ask).await?);
        let folding = question.clone();
        let fold = move |rows: &Rows| folding.fold(rows, &keep(&tests, rows));
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
        let stays = breaks.finish().into_iter().map(|(code, counts)| stay_row(channel(code), counts));
        let journey = question.effect.as_ref().map(|(journey, ..)| journey);
        Ok(HandoversView {
            handovers: mix.finish().handovers.iter().map(handover).collect(),
            channels: stays.collect(),
            effects: effect_rows(journey, effects, channel),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    /// The people of a number of an answer on hand-overs.
    pub(super) async fn select_handovers(
        &self,
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        (ask, at): (&AskHandovers, &HandoverPoint),
    ) -> Result<Selecting, EngineError> {
        let question = self.handover_question(compiler, ground, main, ask).await?;
        let names = ground.snapshot.names();
        let code = |channel: &String| {
            let code = if channel.is_empty() { Some(0) } else { names.channel_code(channel) };
            code.ok_or_else(|| missing("channel", channel))
        };
        let (channel, ends): (u16, Box<dyn Fn(End) -> bool + Send + Sync>) = match at {
            HandoverPoint::Handover { from, to } => {
                let to = code(to)?;
                (code(from)?, Box::new(move |end| end == End::HandedOver { to }))
            }
            HandoverPoint::Stay { channel, end } => {
                let wanted = *end;
                (code(channel)?, Box::new(move |end| wanted.is_none_or(|wanted| wanted == ended(end))))
            }
            HandoverPoint::Effect { stage, channel, converted } => {
                let Some((journey, rules, plan)) = question.effect else {
                    return Err(plan_problem("channels are measured at the stages of a journey, by a goal"));
                };
                let index = journey.stage_index(stage);
                let stage = index.ok_or_else(|| missing("stage", stage.as_str()))? as u8;
                let (cell, converted) = ((stage, channel.as_ref().map(code).transpose()?), *converted);
                return Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
                    let matched = Matched::new(&[&rules], rows);
                    let touched =
                        channels::select_effect(matched.view(rows, 0, keep), &plan, cell, converted);
                    let listed = |one: channels::Touched| Listed {
                        person: one.person,
                        last_us: one.converted_us.unwrap_or(one.touched_us),
                        entered_us: Some(one.touched_us),
                    };
                    touched.into_iter().map(listed).collect()
                }));
            }
        };
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = question.masks(rows);
            let stayed = channels::select_breaks(every(rows, &masks, keep), &question.breaks, channel, &ends);
            let listed = |one: channels::Selected| Listed {
                person: one.person,
                last_us: one.last_us,
                entered_us: Some(one.first_us),
            };
            stayed.into_iter().map(listed).collect()
        }))
    }
}

/// The word for how a stay ended.
fn ended(end: End) -> StayEnd {
    match end {
        End::HandedOver { .. } => StayEnd::HandedOver,
        End::Finished => StayEnd::Finished,
        End::Broken => StayEnd::Broken,
        End::Open => StayEnd::Open,
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
) -> Result<(RuleSet, EffectPlan), EngineError> {
    let mut any_of: Vec<&[EventRule]> = Vec::new();
    let mut stages = vec![0u64; journey.stages.len()];
    for (bit, (stage, touchpoint)) in journey.touchpoints().enumerate() {
        stages[stage] |= 1 << bit;
        any_of.push(touchpoint.when.as_slice());
    }
    let conversion = 1u64 << any_of.len();
    any_of.push(goal);
    let window_us = ask.within.map_or(LOOKBACK_US, |within| within.us);
    let plan = planned(EffectPlan::new(stages, conversion, window_us, main.period, ground.as_of_us))?;
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
