//! `journeys`: the trip that counts of every person in every journey. The same walk as the map's, so that counting
//! rows gives the map's numbers over all days.

use super::arrays::{counts, named, persons, text_field, time_field, times};
use super::prune::{Prunable, Prune};
use super::table::{ReadBucket, Source};
use crate::query::compile::Compiler;
use crate::query::scope::Ground;
use crate::query::stages::{JourneyFold, JourneyScope, stage_plan};
use crate::{Engine, EngineError};
use analysis::stages::{End, Trip, Walker};
use arrow::array::{ArrayRef, ListBuilder, RecordBatch, RecordBatchOptions, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use model::ask::Scope;
use model::journey::Journey;
use model::{DocumentBody, Kind};
use std::sync::Arc;
use store::{Cancel, Columns, Rows, Snapshot};

/// The columns, in order.
const COLUMNS: [&str; 13] = [
    "journey",
    "person",
    "entered_at",
    "stage",
    "stage_number",
    "furthest_stage",
    "furthest_stage_number",
    "stages",
    "n_touches",
    "last_touch_at",
    "outcome",
    "ended_by",
    "converted_at",
];

/// The trips of a snapshot.
pub(super) struct Journeys {
    engine: Engine,
    snapshot: Snapshot,
    schema: SchemaRef,
}

impl Journeys {
    pub fn new(engine: &Engine, snapshot: &Snapshot) -> Self {
        let field = |name: &str| match name {
            "entered_at" | "last_touch_at" => time_field(name, false),
            "converted_at" => time_field(name, true),
            "stage_number" | "furthest_stage_number" | "n_touches" => {
                Field::new(name, DataType::Int64, false)
            }
            "stages" => {
                Field::new(name, DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))), false)
            }
            "ended_by" => text_field(name, true),
            _ => text_field(name, false),
        };
        let schema = Arc::new(Schema::new(COLUMNS.map(field).to_vec()));
        Self { engine: engine.clone(), snapshot: snapshot.clone(), schema }
    }
}

#[async_trait]
impl Source for Journeys {
    const PRUNABLE: Prunable =
        Prunable { person: Some("person"), event: None, time: None, key: Some("journey") };

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError> {
        let snapshot = self.snapshot.clone();
        let schema = Arc::new(self.schema.project(wanted).map_err(store::StoreError::from)?);
        let ground = self.engine.ground_of(snapshot.clone()).await?;
        let mut walks = Vec::new();
        let mut columns = Columns::default();
        for document in self.engine.documents(Kind::Journey).await? {
            let DocumentBody::Journey(journey) = document.body else { continue };
            if prune.wants_key(journey.key.as_str()) {
                columns = walk_plan(&self.engine, &ground, journey, columns, &mut walks).await?;
            }
        }
        let wanted = wanted.to_vec();
        let buckets = if walks.is_empty() { Vec::new() } else { prune.buckets(&snapshot) };
        let read = move |bucket: usize| -> Result<RecordBatch, EngineError> {
            let rows = snapshot.scan(bucket, &columns)?;
            let mut trips = Vec::new();
            for (at, (journey, fold)) in walks.iter().enumerate() {
                trips_of(&rows, at, journey, fold, &prune, &mut trips);
            }
            let arrays = wanted.iter().map(|&index| array(COLUMNS[index], &walks, &trips));
            let arrays = arrays.collect::<Result<_, arrow::error::ArrowError>>();
            let options = RecordBatchOptions::new().with_row_count(Some(trips.len()));
            let batch =
                arrays.and_then(|arrays| RecordBatch::try_new_with_options(schema.clone(), arrays, &options));
            Ok(batch.map_err(store::StoreError::from)?)
        };
        Ok((buckets, Arc::new(read)))
    }
}

/// Compiles one journey over all days and everybody; gives the columns that all so far need.
async fn walk_plan(
    engine: &Engine,
    ground: &Ground,
    journey: Journey,
    columns: Columns,
    walks: &mut Vec<(Journey, JourneyFold)>,
) -> Result<Columns, EngineError> {
    let scope = engine.resolve(ground, &Scope::default()).await?;
    let mut compiler = Compiler::with_columns(&ground.snapshot, columns);
    // What is cancelled is the scan.
    let cancel = Cancel::default();
    let rules = engine.journey_rules(&mut compiler, &journey, ground, &cancel).await?;
    let keep = engine.tests(&mut compiler, &scope.segments, ground, &cancel).await?;
    let plan = stage_plan(&journey, &scope, Vec::new())?;
    walks.push((journey, JourneyFold { rules, scopes: vec![JourneyScope { keep, plan }] }));
    Ok(compiler.columns)
}

/// A trip with what of it is shown.
struct TripRow {
    /// Position of the journey among those read.
    journey: usize,
    person: u64,
    entered_us: i64,
    stage: u8,
    /// Bit `k`: stage `k` was entered.
    entered: u32,
    n_touches: i64,
    last_touch_us: i64,
    end: Option<End>,
    converted_us: Option<i64>,
}

impl TripRow {
    fn furthest(&self) -> u8 {
        31 - self.entered.leading_zeros().min(31) as u8
    }
}

fn trips_of(
    rows: &Rows,
    at: usize,
    journey: &Journey,
    fold: &JourneyFold,
    prune: &Prune,
    trips: &mut Vec<TripRow>,
) {
    let scope = &fold.scopes[0];
    let (matched, keep) = (fold.matched(rows), fold.keep(scope, rows));
    let rows = matched.view(rows, 0, &keep.flags);
    let mut walker = Walker::new(&scope.plan);
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        if !prune.wants_person(person) {
            continue;
        }
        let Some(trip) = walker.walk(&rows, &[], own) else { continue };
        trips.push(trip_row(at, person, trip, journey.conversion_index() as u8));
    }
}

fn trip_row(journey: usize, person: u64, trip: &Trip, conversion: u8) -> TripRow {
    TripRow {
        journey,
        person,
        entered_us: trip.start_us,
        stage: trip.position(),
        entered: trip.entered,
        n_touches: trip.touches.len() as i64,
        last_touch_us: trip.last_touch_us(),
        end: trip.end,
        converted_us: trip.first_entry_us(conversion),
    }
}

fn array(
    column: &str,
    walks: &[(Journey, JourneyFold)],
    trips: &[TripRow],
) -> Result<ArrayRef, arrow::error::ArrowError> {
    let all = || trips.iter();
    let key = |trip: &TripRow, stage: u8| walks[trip.journey].0.stages[usize::from(stage)].key.as_str();
    let keys = |stage: &dyn Fn(&TripRow) -> u8| {
        let values: Vec<&str> = all().map(|trip| key(trip, stage(trip))).collect();
        named(&values, (0..values.len() as u32).map(Some))
    };
    Ok(match column {
        "journey" => {
            let values: Vec<&str> = walks.iter().map(|(journey, _)| journey.key.as_str()).collect();
            named(&values, all().map(|trip| Some(trip.journey as u32)))?
        }
        "person" => persons(all().map(|trip| trip.person))?,
        "entered_at" => times(all().map(|trip| Some(trip.entered_us))),
        "stage" => keys(&|trip| trip.stage)?,
        "stage_number" => counts(all().map(|trip| i64::from(trip.stage) + 1)),
        "furthest_stage" => keys(&TripRow::furthest)?,
        "furthest_stage_number" => counts(all().map(|trip| i64::from(trip.furthest()) + 1)),
        "stages" => {
            let mut stages = ListBuilder::new(StringBuilder::new());
            for trip in trips {
                for stage in (0..32).filter(|stage| trip.entered >> stage & 1 == 1) {
                    stages.values().append_value(key(trip, stage));
                }
                stages.append(true);
            }
            Arc::new(stages.finish())
        }
        "n_touches" => counts(all().map(|trip| trip.n_touches)),
        "last_touch_at" => times(all().map(|trip| Some(trip.last_touch_us))),
        "outcome" => {
            let outcome = |trip: &TripRow| match (trip.converted_us, trip.end) {
                (Some(_), _) => 0,
                (None, None) => 1,
                (None, Some(_)) => 2,
            };
            named(&["converted", "open", "dropped"], all().map(|trip| Some(outcome(trip))))?
        }
        "ended_by" => {
            let end = |trip: &TripRow| {
                trip.end.map(|end| match end {
                    End::Exit => 0,
                    End::Timeout => 1,
                    End::Window => 2,
                })
            };
            named(&["exit", "timeout", "window"], all().map(end))?
        }
        _ => times(all().map(|trip| trip.converted_us)),
    })
}
