//! `feedback`: events that carry an opinion, as a score or in words.
//!
//! An event is one if it has a number under one of [`SCORES`], or a text that is not blank under one of [`WORDS`].
//! Its kind is what its property `kind` says (such as `nps`, `csat`); else the key of the score; else `text`.

use super::arrays::{Picked, channels, events_of, named, persons_of, text_field, time_field, times};
use super::prune::{Prunable, Prune};
use super::table::{ReadBucket, Source};
use crate::EngineError;
use crate::query::compile::{Compiler, Numbers};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, RecordBatchOptions, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use model::event::IDENTIFY;
use std::sync::Arc;
use store::{Columns, PropertyColumn, Rows, Snapshot};

/// Properties that hold a score; the first that an event has counts.
const SCORES: [&str; 6] = ["score", "rating", "nps", "csat", "stars", "satisfaction"];
/// Properties that hold words; the first that an event has counts.
const WORDS: [&str; 5] = ["comment", "text", "review", "feedback", "opinion"];
/// The property that says what was asked.
const KIND: &str = "kind";

/// The columns, in order.
const COLUMNS: [&str; 7] = ["person", "time", "event", "channel", "kind", "score", "text"];

/// The opinions of a snapshot.
pub(super) struct Feedback {
    snapshot: Snapshot,
    schema: SchemaRef,
}

impl Feedback {
    pub fn new(snapshot: &Snapshot) -> Self {
        let field = |name: &str| match name {
            "time" => time_field(name, false),
            "score" => Field::new(name, DataType::Float64, true),
            "channel" | "text" => text_field(name, true),
            _ => text_field(name, false),
        };
        let schema = Arc::new(Schema::new(COLUMNS.map(field).to_vec()));
        Self { snapshot: snapshot.clone(), schema }
    }
}

/// Where the properties lie among those read.
struct Slots {
    scores: Vec<(&'static str, Vec<usize>)>,
    words: Vec<usize>,
    kind: Vec<usize>,
}

#[async_trait]
impl Source for Feedback {
    const PRUNABLE: Prunable =
        Prunable { person: Some("person"), event: Some("event"), time: Some("time"), key: None };

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError> {
        let snapshot = self.snapshot.clone();
        let schema = Arc::new(self.schema.project(wanted).map_err(store::StoreError::from)?);
        let mut compiler = Compiler::new(&snapshot);
        let slots = Slots {
            scores: SCORES.iter().map(|key| (*key, compiler.property(key))).collect(),
            words: WORDS.iter().flat_map(|key| compiler.property(key)).collect(),
            kind: compiler.property(KIND),
        };
        let channel = wanted.iter().any(|&i| COLUMNS[i] == "channel");
        let columns = Columns { channel, ..compiler.columns };
        let identify = snapshot.names().event_code(IDENTIFY);
        let wanted = wanted.to_vec();
        let buckets = prune.buckets(&snapshot);
        let read = move |bucket: usize| -> Result<RecordBatch, EngineError> {
            let rows = snapshot.scan(bucket, &columns)?;
            let opinions = opinions(&rows, &slots, &prune.pick(&snapshot, &rows), identify);
            let picked = Picked::Some(opinions.iter().map(|opinion| opinion.row as u32).collect());
            let all = || opinions.iter();
            let arrays = wanted.iter().map(|&index| {
                Ok(match COLUMNS[index] {
                    "person" => persons_of(&rows, &picked)?,
                    "time" => times(all().map(|opinion| Some(rows.time_us[opinion.row]))),
                    "event" => events_of(snapshot.names().events(), &rows, &picked)?,
                    "channel" => {
                        channels(snapshot.names().channels(), all().map(|opinion| rows.channel[opinion.row]))?
                    }
                    "kind" => Arc::new(StringViewArray::from_iter_values(all().map(|opinion| opinion.kind))),
                    "score" => {
                        Arc::new(all().map(|opinion| opinion.score).collect::<Float64Array>()) as ArrayRef
                    }
                    _ => words(all().map(|opinion| opinion.text))?,
                })
            });
            let arrays = arrays.collect::<Result<_, arrow::error::ArrowError>>();
            let options = RecordBatchOptions::new().with_row_count(Some(opinions.len()));
            let batch =
                arrays.and_then(|arrays| RecordBatch::try_new_with_options(schema.clone(), arrays, &options));
            Ok(batch.map_err(store::StoreError::from)?)
        };
        Ok((buckets, Arc::new(read)))
    }
}

struct Opinion<'r> {
    row: usize,
    kind: &'r str,
    score: Option<f64>,
    text: Option<&'r str>,
}

fn words<'r>(texts: impl Iterator<Item = Option<&'r str>>) -> Result<ArrayRef, arrow::error::ArrowError> {
    let texts: Vec<Option<&str>> = texts.collect();
    let values: Vec<&str> = texts.iter().map(|text| text.unwrap_or_default()).collect();
    named(&values, texts.iter().enumerate().map(|(at, text)| text.map(|_| at as u32)))
}

fn opinions<'r>(rows: &'r Rows, slots: &Slots, picked: &Picked, identify: Option<u16>) -> Vec<Opinion<'r>> {
    let scores: Vec<(&str, Numbers<'r>)> =
        slots.scores.iter().map(|(key, slots)| (*key, Numbers::new(rows, slots))).collect();
    let text = |slots: &[usize], row: usize| {
        let mut texts = slots.iter().filter_map(|slot| match &*rows.properties[*slot] {
            PropertyColumn::Str(column) => column.get(row).filter(|text| !text.trim().is_empty()),
            _ => None,
        });
        texts.next()
    };
    let opinion = |row: usize| {
        if Some(rows.event[row]) == identify {
            return None;
        }
        let score = scores.iter().find_map(|(key, numbers)| Some((*key, numbers.get(row)?)));
        let words = text(&slots.words, row);
        if score.is_none() && words.is_none() {
            return None;
        }
        let kind = score.map_or("text", |(key, _)| text(&slots.kind, row).unwrap_or(key));
        Some(Opinion { row, kind, score: score.map(|(_, score)| score), text: words })
    };
    picked.rows().filter_map(opinion).collect()
}
