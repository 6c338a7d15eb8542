//! The catalogue of events seen: volumes, people, channels, properties and their examples.

use super::kept::{FoldKey, State};
use crate::{Engine, EngineError};
use model::event::{Value, ValueKind};
use model::view::{EventView, PropertyView};
use std::collections::HashMap;
use store::{Cancel, Columns, PropertyColumn, PropertyKind, Rows, Snapshot};

/// Buckets of an event's history.
const BUCKETS: usize = 24;
const HOUR_US: i64 = 3_600_000_000;
/// Examples of a property's values.
const EXAMPLES: usize = 5;

/// What one scan bucket says of one event name.
#[derive(Default, Clone)]
struct Seen {
    n_events: u64,
    n_people: u64,
    first_us: i64,
    last_us: i64,
    history: Vec<u64>,
    channels: HashMap<u16, u64>,
    /// By position in the scanned properties.
    properties: HashMap<usize, (u64, Vec<Value>)>,
}

impl State for Vec<Seen> {
    fn size_bytes(&self) -> usize {
        // Examples are short texts.
        let property = EXAMPLES * (size_of::<Value>() + 24);
        let own = |seen: &Seen| {
            (seen.history.len() + seen.channels.len() * 2) * 8 + seen.properties.len() * property
        };
        self.iter().map(|seen| size_of::<Seen>() + own(seen)).sum()
    }
}

impl Engine {
    /// Every event name with its figures, most events first. One scan of all columns; when events come, only of the
    /// buckets they fall into.
    pub async fn events(&self, cancel: &Cancel) -> Result<Vec<EventView>, EngineError> {
        let ground = self.ground().await?;
        let snapshot = &ground.snapshot;
        let Some((first_us, last_us)) = snapshot.time_range() else { return Ok(Vec::new()) };
        let columns = Columns {
            channel: true,
            properties: snapshot.properties().all().iter().map(|property| property.id).collect(),
            ..Columns::default()
        };
        let n_names = snapshot.names().events().len();
        // Whole hours, so that an event more does not move every bar.
        let span_us = ((last_us - first_us).max(0) / BUCKETS as i64 / HOUR_US + 1) * HOUR_US;
        let fold = move |rows: &Rows| seen(rows, n_names, first_us, span_us);
        let key = FoldKey::of(format!("events {n_names} {} {first_us} {span_us}", columns.properties.len()));
        let buckets = self.fold_again(key, &ground, columns.clone(), cancel, fold).await?;
        let mut all = vec![Seen::default(); n_names];
        for bucket in buckets {
            all.iter_mut().zip(bucket).for_each(|(all, one)| all.merge(one));
        }
        let mut views: Vec<EventView> = all
            .into_iter()
            .enumerate()
            .filter(|(_, seen)| seen.n_events > 0)
            .map(|(code, seen)| event_view(snapshot, &columns, code as u16, seen))
            .collect();
        views.sort_by(|a, b| b.n_events.cmp(&a.n_events).then_with(|| a.name.cmp(&b.name)));
        Ok(views)
    }
}

fn seen(rows: &Rows, n_names: usize, first_us: i64, span_us: i64) -> Vec<Seen> {
    let mut all = vec![Seen::default(); n_names];
    let mut stamps = vec![usize::MAX; n_names];
    for (who, own) in rows.persons().enumerate() {
        for row in own {
            let code = usize::from(rows.event[row]);
            let (seen, time_us) = (&mut all[code], rows.time_us[row]);
            if seen.n_events == 0 {
                (seen.first_us, seen.last_us) = (time_us, time_us);
                seen.history = vec![0; BUCKETS];
            }
            seen.n_events += 1;
            seen.n_people += u64::from(stamps[code] != who);
            stamps[code] = who;
            seen.first_us = seen.first_us.min(time_us);
            seen.last_us = seen.last_us.max(time_us);
            seen.history[(((time_us - first_us) / span_us).max(0) as usize).min(BUCKETS - 1)] += 1;
            if rows.channel[row] != 0 {
                *seen.channels.entry(rows.channel[row]).or_default() += 1;
            }
        }
    }
    for (slot, column) in rows.properties.iter().enumerate() {
        for row in 0..rows.n_rows() {
            if column.has(row) {
                let (n, examples) = all[usize::from(rows.event[row])].properties.entry(slot).or_default();
                *n += 1;
                if examples.len() < EXAMPLES {
                    remember(examples, column, row);
                }
            }
        }
    }
    all
}

fn remember(examples: &mut Vec<Value>, column: &PropertyColumn, row: usize) {
    let value = match column {
        PropertyColumn::Num(values) => Value::Number(values[row]),
        PropertyColumn::Bool(values) => Value::Bool(values[row] == 1),
        PropertyColumn::Str(texts) => {
            Value::Text(texts.get(row).unwrap_or_default().chars().take(80).collect())
        }
    };
    if !examples.contains(&value) {
        examples.push(value);
    }
}

impl Seen {
    fn merge(&mut self, other: Self) {
        if self.n_events == 0 {
            *self = other;
            return;
        }
        if other.n_events == 0 {
            return;
        }
        self.n_events += other.n_events;
        self.n_people += other.n_people;
        self.first_us = self.first_us.min(other.first_us);
        self.last_us = self.last_us.max(other.last_us);
        self.history.iter_mut().zip(other.history).for_each(|(all, one)| *all += one);
        for (channel, n) in other.channels {
            *self.channels.entry(channel).or_default() += n;
        }
        for (slot, (n, examples)) in other.properties {
            let (n_all, all) = self.properties.entry(slot).or_default();
            *n_all += n;
            for example in examples {
                if all.len() < EXAMPLES && !all.contains(&example) {
                    all.push(example);
                }
            }
        }
    }
}

fn event_view(snapshot: &Snapshot, columns: &Columns, code: u16, seen: Seen) -> EventView {
    let names = snapshot.names();
    let mut channels: Vec<(u16, u64)> = seen.channels.into_iter().collect();
    channels.sort_by_key(|(channel, n)| (std::cmp::Reverse(*n), *channel));
    let mut properties: Vec<PropertyView> = seen
        .properties
        .into_iter()
        .filter_map(|(slot, (n_events, examples))| {
            let property = snapshot.properties().get(columns.properties[slot])?;
            let kind = match property.kind {
                PropertyKind::String => ValueKind::Text,
                PropertyKind::Number => ValueKind::Number,
                PropertyKind::Bool => ValueKind::Bool,
            };
            Some(PropertyView { key: property.key.clone(), kind, n_events, examples })
        })
        .collect();
    properties.sort_by(|a, b| b.n_events.cmp(&a.n_events).then_with(|| a.key.cmp(&b.key)));
    EventView {
        name: names.event_name(code).to_owned(),
        n_events: seen.n_events,
        n_people: seen.n_people,
        first_us: seen.first_us,
        last_us: seen.last_us,
        channels: channels.iter().map(|(channel, _)| names.channel_name(*channel).to_owned()).collect(),
        properties,
        history: seen.history,
    }
}
