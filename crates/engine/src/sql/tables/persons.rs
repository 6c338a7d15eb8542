//! `persons`: one row per person, with the traits they have now.

use super::arrays::{
    count_field, counts, named, persons, property, property_fields, sum_field, sums, text_field, time_field,
    times,
};
use super::prune::{Prunable, Prune};
use super::table::{ReadBucket, Source};
use crate::EngineError;
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use async_trait::async_trait;
use model::event::IDENTIFY;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;
use store::{Columns, NO_CODE, PropertyColumn, PropertyId, Rows, Snapshot};

/// Columns every person has, before their traits.
const FIXED: [&str; 7] =
    ["person", "user_id", "n_anonymous_ids", "first_at", "last_at", "n_events", "amount"];

/// The people of a snapshot.
pub(super) struct Persons {
    snapshot: Snapshot,
    schema: SchemaRef,
    traits: Vec<PropertyId>,
}

impl Persons {
    /// `traits` are the properties that some `identify` event carries.
    pub fn new(snapshot: &Snapshot, traits: &BTreeSet<PropertyId>) -> Self {
        let [person, user_id, n_anonymous_ids, first_at, last_at, n_events, amount] = FIXED;
        let mut fields = vec![
            text_field(person, false),
            text_field(user_id, true),
            count_field(n_anonymous_ids),
            time_field(first_at, false),
            time_field(last_at, false),
            count_field(n_events),
            sum_field(amount),
        ];
        let found = property_fields(&fields, snapshot.properties(), |property| traits.contains(&property.id));
        let (own, traits): (Vec<Field>, Vec<PropertyId>) =
            found.into_iter().map(|(field, property)| (field, property.id)).unzip();
        fields.extend(own);
        Self { snapshot: snapshot.clone(), schema: Arc::new(Schema::new(fields)), traits }
    }
}

#[async_trait]
impl Source for Persons {
    const PRUNABLE: Prunable = Prunable { person: Some("person"), event: None, time: None, key: None };

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError> {
        let snapshot = self.snapshot.clone();
        let schema = Arc::new(self.schema.project(wanted).map_err(store::StoreError::from)?);
        let has = |name: &str| wanted.iter().any(|&i| FIXED.get(i) == Some(&name));
        let traits = wanted.iter().filter_map(|i| i.checked_sub(FIXED.len()));
        let columns = Columns {
            user_id: has("user_id"),
            anonymous_id: has("n_anonymous_ids"),
            amount: has("amount"),
            properties: traits.map(|i| self.traits[i]).collect(),
            ..Columns::default()
        };
        let identify = snapshot.names().event_code(IDENTIFY);
        let wanted = wanted.to_vec();
        let buckets = prune.buckets(&snapshot);
        let read = move |bucket: usize| -> Result<RecordBatch, EngineError> {
            let rows = snapshot.scan(bucket, &columns)?;
            let people: Vec<Range<usize>> = rows
                .persons()
                .zip(rows.person_keys.iter())
                .filter(|(own, person)| !own.is_empty() && prune.wants_person(**person))
                .map(|(own, _)| own)
                .collect();
            let mut next_trait = rows.properties.iter();
            let mut arrays = Vec::with_capacity(wanted.len());
            for index in &wanted {
                let array = match FIXED.get(*index) {
                    Some(name) => fixed(name, &rows, &people),
                    None => match next_trait.next() {
                        Some(column) => latest(column, &rows, &people, identify),
                        None => return Err(EngineError::Internal("a trait was not read".to_owned())),
                    },
                };
                arrays.push(array.map_err(store::StoreError::from)?);
            }
            let options = RecordBatchOptions::new().with_row_count(Some(people.len()));
            let batch = RecordBatch::try_new_with_options(schema.clone(), arrays, &options);
            Ok(batch.map_err(store::StoreError::from)?)
        };
        Ok((buckets, Arc::new(read)))
    }
}

fn fixed(name: &str, rows: &Rows, people: &[Range<usize>]) -> Result<ArrayRef, ArrowError> {
    Ok(match name {
        "person" => persons(people.iter().map(|own| rows.person_of(own.start)))?,
        "user_id" => {
            let codes = &rows.user_id.codes;
            let first =
                |own: &Range<usize>| own.clone().map(|row| codes.get(row)).find(|code| *code != NO_CODE);
            named(&rows.user_id.values, people.iter().map(first))?
        }
        "n_anonymous_ids" => {
            let mut seen: HashSet<u32> = HashSet::new();
            counts(people.iter().map(|own| {
                seen.clear();
                let codes = own.clone().map(|row| rows.anonymous_id.codes.get(row));
                seen.extend(codes.filter(|code| *code != NO_CODE));
                seen.len() as i64
            }))
        }
        "first_at" => times(people.iter().map(|own| Some(rows.time_us[own.start]))),
        "last_at" => times(people.iter().map(|own| Some(rows.time_us[own.end - 1]))),
        "n_events" => counts(people.iter().map(|own| own.len() as i64)),
        _ => sums(
            people.iter().map(|own| own.clone().filter_map(|row| rows.amount.get(row)).map(i128::from).sum()),
        )?,
    })
}

/// The last value that an `identify` event of each person carries.
fn latest(
    column: &PropertyColumn,
    rows: &Rows,
    people: &[Range<usize>],
    identify: Option<u16>,
) -> Result<ArrayRef, ArrowError> {
    let carries = |row: &usize| Some(rows.event[*row]) == identify && column.has(*row);
    property(column, people.iter().map(|own| own.clone().rev().find(carries)))
}
