//! The lanes of a map: cards as written, measured lanes filled.

use super::Measured;
use crate::query::figures;
use analysis::stages::{Reach, StageAnswer};
use model::ask::{Outcome, Select};
use model::journey::{Journey, Touchpoint};
use model::map::{Lane, LaneKind, Map};
use model::metric::Direction;
use model::rule::EventRule;
use model::view::{Cell, ChannelView, EmotionView, LaneView, MetricView, TouchpointView};
use model::{Key, Lang};
use std::collections::BTreeMap;
use store::Names;

/// Every lane with one cell per stage.
pub(super) fn lanes(
    map: &Map,
    journey: &Journey,
    measured: &Measured,
    metrics: &BTreeMap<Key, MetricView>,
    names: &Names,
) -> Vec<LaneView> {
    let view = |lane: &Lane| LaneView {
        key: lane.key.clone(),
        kind: lane.kind,
        name: lane.name.clone(),
        cells: (0..journey.stages.len())
            .map(|stage| cell(map, lane, journey, stage, measured, metrics, names))
            .collect(),
    };
    map.lanes.iter().map(view).collect()
}

#[allow(clippy::too_many_arguments, reason = "a cell is where everything of a map meets")]
fn cell(
    map: &Map,
    lane: &Lane,
    journey: &Journey,
    stage: usize,
    measured: &Measured,
    metrics: &BTreeMap<Key, MetricView>,
    names: &Names,
) -> Cell {
    let key = &journey.stages[stage].key;
    let mut cell = Cell::default();
    match lane.kind {
        LaneKind::Touchpoints => {
            cell.touchpoints = touchpoints(journey, stage, measured, names);
            cell.channels = channels(&measured.answer, stage, names);
        }
        LaneKind::Emotion => {
            let previous = measured.previous.as_ref().and_then(|previous| previous.stages[stage].score);
            cell.emotion = Some(EmotionView {
                assumed: map.assumed_emotion.get(key).copied(),
                measured: figures::mean("emotion.measured", measured.answer.stages[stage].score, previous),
            });
        }
        LaneKind::Kpi => {
            let kpis = journey.stages[stage].kpis.iter();
            cell.metrics = kpis.filter_map(|key| metrics.get(key).cloned()).collect();
        }
        LaneKind::Volumes => {}
        _ => {}
    }
    if !lane.kind.is_measured() {
        cell.cards = lane.cards.iter().filter(|card| card.stage == *key).cloned().collect();
    }
    cell
}

fn touchpoints(journey: &Journey, stage: usize, measured: &Measured, names: &Names) -> Vec<TouchpointView> {
    let reach = |answer: &StageAnswer, index: usize| -> Reach { answer.touchpoints[index] };
    let own = journey.touchpoints().enumerate().filter(|(_, (of, _))| *of == stage);
    let mut views: Vec<TouchpointView> = own
        .map(|(index, (_, touchpoint))| {
            let now = reach(&measured.answer, index);
            let before = measured.previous.as_ref().map(|previous| reach(previous, index).people);
            let outcome = Outcome::Touched { touchpoint: touchpoint.key.clone() };
            let select = Select::Journey { journey: journey.key.clone(), outcome };
            TouchpointView {
                key: touchpoint.key.clone(),
                name: touchpoint.name.clone(),
                channel: channel_of(touchpoint, &measured.answer, stage, names),
                people: figures::people("touchpoint.people", now.people, before, Direction::Up, Some(select)),
                n_events: now.events,
            }
        })
        .collect();
    views.sort_by(|a, b| {
        b.people.n.cmp(&a.people.n).then_with(|| a.name.get(Lang::En).cmp(b.name.get(Lang::En)))
    });
    views
}

/// The touchpoint's own channel, the only one its rules name, or else the busiest of its stage.
fn channel_of(touchpoint: &Touchpoint, answer: &StageAnswer, stage: usize, names: &Names) -> Option<String> {
    if touchpoint.channel.is_some() {
        return touchpoint.channel.clone();
    }
    let named = |rule: &EventRule| rule.channel.as_ref()?.as_slice().first().cloned();
    let busiest = || {
        let channels = answer.stages[stage].channels.iter().filter(|count| count.channel != 0);
        let busiest = channels.max_by_key(|count| count.reach.events)?;
        Some(names.channel_name(busiest.channel).to_owned())
    };
    touchpoint.when.as_slice().iter().find_map(named).or_else(busiest)
}

fn channels(answer: &StageAnswer, stage: usize, names: &Names) -> Vec<ChannelView> {
    let channels = answer.stages[stage].channels.iter().filter(|count| count.channel != 0);
    let mut views: Vec<ChannelView> = channels
        .map(|count| ChannelView {
            channel: names.channel_name(count.channel).to_owned(),
            n_people: count.reach.people,
            n_events: count.reach.events,
        })
        .collect();
    views.sort_by(|a, b| b.n_people.cmp(&a.n_people).then_with(|| a.channel.cmp(&b.channel)));
    views
}
