//! `sessions`: what one person did without a pause of more than half an hour.

use super::arrays::{
    channels, count_field, counts, named, persons, sum_field, sums, text_field, time_field, times,
};
use super::prune::{Prunable, Prune};
use super::table::{ReadBucket, Source};
use crate::EngineError;
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use model::event::IDENTIFY;
use model::time::SESSION_GAP_US;
use std::sync::Arc;
use store::{Columns, Rows, Snapshot};

/// The columns, in order.
const COLUMNS: [&str; 9] = [
    "person",
    "session",
    "started_at",
    "ended_at",
    "n_events",
    "entry_event",
    "exit_event",
    "channel",
    "amount",
];

/// The sessions of a snapshot.
pub(super) struct Sessions {
    snapshot: Snapshot,
    schema: SchemaRef,
}

impl Sessions {
    pub fn new(snapshot: &Snapshot) -> Self {
        let field = |name: &str| match name {
            "session" | "n_events" => count_field(name),
            "started_at" | "ended_at" => time_field(name, false),
            "channel" => text_field(name, true),
            "amount" => sum_field(name),
            _ => text_field(name, false),
        };
        let schema = Arc::new(Schema::new(COLUMNS.map(field).to_vec()));
        Self { snapshot: snapshot.clone(), schema }
    }
}

#[async_trait]
impl Source for Sessions {
    const PRUNABLE: Prunable = Prunable { person: Some("person"), event: None, time: None, key: None };

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError> {
        let snapshot = self.snapshot.clone();
        let schema = Arc::new(self.schema.project(wanted).map_err(store::StoreError::from)?);
        let has = |name: &str| wanted.iter().any(|&i| COLUMNS[i] == name);
        let columns = Columns { channel: has("channel"), amount: has("amount"), ..Columns::default() };
        let identify = snapshot.names().event_code(IDENTIFY);
        let wanted = wanted.to_vec();
        let buckets = prune.buckets(&snapshot);
        let read = move |bucket: usize| -> Result<RecordBatch, EngineError> {
            let rows = snapshot.scan(bucket, &columns)?;
            let sessions = sessions(&rows, &prune, identify);
            let (events, names) = (snapshot.names().events(), snapshot.names().channels());
            let all = || sessions.iter();
            let arrays = wanted.iter().map(|&index| {
                Ok(match COLUMNS[index] {
                    "person" => persons(all().map(|session| session.person))?,
                    "session" => counts(all().map(|session| session.number)),
                    "started_at" => times(all().map(|session| Some(session.started_us))),
                    "ended_at" => times(all().map(|session| Some(session.ended_us))),
                    "n_events" => counts(all().map(|session| session.n_events)),
                    "entry_event" => named(events, all().map(|session| Some(u32::from(session.entry))))?,
                    "exit_event" => named(events, all().map(|session| Some(u32::from(session.exit))))?,
                    "channel" => channels(names, all().map(|session| session.channel))?,
                    _ => sums(all().map(|session| session.amount))?,
                })
            });
            let arrays = arrays.collect::<Result<_, arrow::error::ArrowError>>();
            let options = RecordBatchOptions::new().with_row_count(Some(sessions.len()));
            let batch =
                arrays.and_then(|arrays| RecordBatch::try_new_with_options(schema.clone(), arrays, &options));
            Ok(batch.map_err(store::StoreError::from)?)
        };
        Ok((buckets, Arc::new(read)))
    }
}

struct Session {
    person: u64,
    /// 1 is the person's first.
    number: i64,
    started_us: i64,
    ended_us: i64,
    n_events: i64,
    entry: u16,
    exit: u16,
    /// Of the first event that came by one.
    channel: u16,
    amount: i128,
}

/// The sessions of one bucket. `identify` says who somebody is; it is no visit and neither begins nor prolongs one.
fn sessions(rows: &Rows, prune: &Prune, identify: Option<u16>) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    for (&person, own) in rows.person_keys.iter().zip(rows.persons()) {
        if own.is_empty() || !prune.wants_person(person) {
            continue;
        }
        let n_before = sessions.len();
        for row in own {
            let (time_us, event) = (rows.time_us[row], rows.event[row]);
            if Some(event) == identify {
                continue;
            }
            let open = sessions[n_before..].last().map(|session| session.ended_us);
            if open.is_none_or(|last_us| time_us > last_us.saturating_add(SESSION_GAP_US)) {
                sessions.push(Session {
                    person,
                    number: (sessions.len() - n_before) as i64 + 1,
                    started_us: time_us,
                    ended_us: time_us,
                    n_events: 0,
                    entry: event,
                    exit: event,
                    channel: 0,
                    amount: 0,
                });
            }
            let Some(session) = sessions.last_mut() else { continue };
            session.ended_us = time_us;
            session.n_events += 1;
            session.exit = event;
            if session.channel == 0 {
                session.channel = rows.channel.get(row).copied().unwrap_or(0);
            }
            session.amount += rows.amount.get(row).map_or(0, i128::from);
        }
    }
    sessions
}
