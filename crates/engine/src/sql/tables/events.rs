//! `events`: every stored event, as it was sent.

use super::arrays::{
    Picked, amounts, channels, events_of, persons_of, property, property_fields, text_field, texts,
    time_field, times,
};
use super::prune::{Prunable, Prune};
use super::table::{ReadBucket, Source};
use crate::EngineError;
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use async_trait::async_trait;
use model::event::person_text;
use std::sync::Arc;
use store::{Columns, PropertyId, Rows, Snapshot};

/// Columns every event has, before its properties.
const FIXED: [(&str, Fixed); 9] = [
    ("person", Fixed::Person),
    ("time", Fixed::Time),
    ("event", Fixed::Event),
    ("channel", Fixed::Channel),
    ("amount", Fixed::Amount),
    ("user_id", Fixed::UserId),
    ("anonymous_id", Fixed::AnonymousId),
    ("source", Fixed::Source),
    ("event_id", Fixed::EventId),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    Person,
    Time,
    Event,
    Channel,
    Amount,
    UserId,
    AnonymousId,
    Source,
    EventId,
}

/// The events of a snapshot.
pub(super) struct Events {
    snapshot: Snapshot,
    schema: SchemaRef,
    properties: Vec<PropertyId>,
}

impl Events {
    pub fn new(snapshot: &Snapshot) -> Self {
        let mut fields: Vec<Field> = FIXED
            .iter()
            .map(|(name, column)| match column {
                Fixed::Person | Fixed::Event | Fixed::EventId => text_field(name, false),
                Fixed::Time => time_field(name, false),
                Fixed::Amount => Field::new(*name, DataType::Decimal128(18, 2), true),
                _ => text_field(name, true),
            })
            .collect();
        let found = property_fields(&fields, snapshot.properties(), |_| true);
        let (own, properties): (Vec<Field>, Vec<PropertyId>) =
            found.into_iter().map(|(field, property)| (field, property.id)).unzip();
        fields.extend(own);
        Self { snapshot: snapshot.clone(), schema: Arc::new(Schema::new(fields)), properties }
    }
}

#[async_trait]
impl Source for Events {
    const PRUNABLE: Prunable =
        Prunable { person: Some("person"), event: Some("event"), time: Some("time"), key: None };

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError> {
        let snapshot = self.snapshot.clone();
        let schema = Arc::new(self.schema.project(wanted).map_err(store::StoreError::from)?);
        let has = |column: Fixed| wanted.iter().any(|&i| FIXED.get(i).is_some_and(|f| f.1 == column));
        let properties = wanted.iter().filter_map(|i| i.checked_sub(FIXED.len()));
        let columns = Columns {
            id: has(Fixed::EventId),
            user_id: has(Fixed::UserId),
            anonymous_id: has(Fixed::AnonymousId),
            amount: has(Fixed::Amount),
            channel: has(Fixed::Channel),
            source: has(Fixed::Source),
            properties: properties.map(|i| self.properties[i]).collect(),
        };
        let wanted = wanted.to_vec();
        let buckets = prune.buckets(&snapshot);
        let read = move |bucket: usize| -> Result<RecordBatch, EngineError> {
            // Rows are picked by three columns; the others are read only where some row is wanted.
            if !prune.wants_all_rows() && columns != Columns::default() {
                let keys = snapshot.scan(bucket, &Columns::default())?;
                if prune.pick(&snapshot, &keys).len() == 0 {
                    return Ok(RecordBatch::new_empty(schema.clone()));
                }
            }
            let rows = snapshot.scan(bucket, &columns)?;
            let picked = prune.pick(&snapshot, &rows);
            let mut arrays = Vec::with_capacity(wanted.len());
            let mut next_property = rows.properties.iter();
            for index in &wanted {
                let array = match FIXED.get(*index) {
                    Some((_, column)) => fixed(&snapshot, *column, &rows, &picked),
                    // A scan gives one column per property asked for, in this order.
                    None => match next_property.next() {
                        Some(column) => property(column, picked.rows().map(Some)),
                        None => return Err(EngineError::Internal("a property was not read".to_owned())),
                    },
                };
                arrays.push(array.map_err(store::StoreError::from)?);
            }
            let options = RecordBatchOptions::new().with_row_count(Some(picked.len()));
            let batch = RecordBatch::try_new_with_options(schema.clone(), arrays, &options);
            Ok(batch.map_err(store::StoreError::from)?)
        };
        Ok((buckets, Arc::new(read)))
    }
}

fn fixed(
    snapshot: &Snapshot,
    column: Fixed,
    rows: &Rows,
    picked: &Picked,
) -> Result<ArrayRef, ArrowError> {
    match column {
        Fixed::Person => persons_of(rows, picked),
        Fixed::Time => Ok(times(picked.rows().map(|row| Some(rows.time_us[row])))),
        Fixed::Event => events_of(snapshot.names().events(), rows, picked),
        Fixed::Channel => {
            channels(snapshot.names().channels(), picked.rows().map(|row| rows.channel[row]))
        }
        Fixed::Amount => amounts(&rows.amount, picked),
        Fixed::UserId => texts(&rows.user_id, picked),
        Fixed::AnonymousId => texts(&rows.anonymous_id, picked),
        Fixed::Source => texts(&rows.source, picked),
        // An event id is written like a person key: 16 hexadecimal digits.
        Fixed::EventId => {
            let ids = picked.rows().map(|row| person_text(rows.id[row]));
            Ok(Arc::new(arrow::array::StringViewArray::from_iter_values(ids)))
        }
    }
}
