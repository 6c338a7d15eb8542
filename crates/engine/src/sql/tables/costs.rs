//! `costs`: daily numbers that belong to nobody, such as spend and impressions.

use super::arrays::{named, text_field};
use super::prune::{Prunable, Prune};
use super::table::{ReadBucket, Source};
use crate::{Engine, EngineError};
use arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use meta::SeriesPoint;
use std::sync::Arc;

/// The columns, in order.
const COLUMNS: [&str; 5] = ["name", "day", "channel", "campaign", "value"];

/// The series of the workspace.
pub(super) struct Costs {
    engine: Engine,
    schema: SchemaRef,
}

impl Costs {
    pub fn new(engine: &Engine) -> Self {
        let field = |name: &str| match name {
            "name" => text_field(name, false),
            "day" => Field::new(name, DataType::Date32, false),
            "value" => Field::new(name, DataType::Float64, false),
            _ => text_field(name, true),
        };
        Self { engine: engine.clone(), schema: Arc::new(Schema::new(COLUMNS.map(field).to_vec())) }
    }
}

#[async_trait]
impl Source for Costs {
    const PRUNABLE: Prunable = Prunable { person: None, event: None, time: None, key: Some("name") };

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError> {
        let schema = Arc::new(self.schema.project(wanted).map_err(store::StoreError::from)?);
        let mut points: Vec<SeriesPoint> = Vec::new();
        for (name, ..) in self.engine.meta.series_names().await? {
            if prune.wants_key(&name) {
                points.extend(self.engine.meta.series(&name, i32::MIN, i32::MAX).await?);
            }
        }
        let wanted = wanted.to_vec();
        // All points lie in one bucket: they are few, a row per day, channel and campaign.
        let read = move |_bucket: usize| -> Result<RecordBatch, EngineError> {
            let arrays = wanted.iter().map(|&index| array(COLUMNS[index], &points));
            let arrays = arrays.collect::<Result<_, arrow::error::ArrowError>>();
            let options = RecordBatchOptions::new().with_row_count(Some(points.len()));
            let batch = arrays
                .and_then(|arrays| RecordBatch::try_new_with_options(schema.clone(), arrays, &options));
            Ok(batch.map_err(store::StoreError::from)?)
        };
        Ok((vec![0], Arc::new(read)))
    }
}

fn array(column: &str, points: &[SeriesPoint]) -> Result<ArrayRef, arrow::error::ArrowError> {
    let texts = |text: &dyn Fn(&SeriesPoint) -> String| {
        let values: Vec<String> = points.iter().map(text).collect();
        let code = |(at, value): (usize, &String)| (!value.is_empty()).then_some(at as u32);
        named(&values, values.iter().enumerate().map(code))
    };
    Ok(match column {
        "name" => texts(&|point| point.name.clone())?,
        "day" => Arc::new(points.iter().map(|point| Some(point.day)).collect::<Date32Array>()),
        "channel" => texts(&|point| point.channel.clone())?,
        "campaign" => texts(&|point| point.campaign.clone())?,
        _ => Arc::new(points.iter().map(|point| Some(point.value)).collect::<Float64Array>()),
    })
}
