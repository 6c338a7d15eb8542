//! Puts the demo company into a data folder.

use super::event::{Channel, DemoEvent, DemoValue, Name, Property};
use super::generate::{DemoMade, DemoSize, generate};
use super::{DemoPoint, documents};
use crate::documents::ApplyOptions;
use crate::import::Progress;
use crate::{Engine, EngineError};
use meta::SeriesPoint;
use model::event::ValueKind;
use model::workspace::Workspace;
use model::{Kind, Lang};
use serde::Serialize;
use std::collections::HashSet;
use store::{EventRef, PropertyId, PropertyKind, PropertyValue, Writer};

/// Events of the whole company, about: the total of the progress bar.
const FULL_EVENTS: f64 = 1_030_000.0;
/// Events between two looks at the progress and the wish to stop.
const STRIDE: u64 = 8_192;
/// The source of the events, and the author of the documents.
const SOURCE: &str = "demo";

/// What installing the demo company did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoReport {
    /// Events handed to the store, those sent twice included.
    pub n_pushed: u64,
    /// Events the store did not have.
    pub n_added: u64,
    /// People it knows now.
    pub n_people: u64,
    /// Points of the cost series that are new.
    pub n_points: u64,
    /// Documents that were not there before.
    pub n_documents: usize,
}

/// Writes the company's events, its costs, and those of its documents that do not exist yet. Doing it again adds
/// nothing. An untouched workspace takes the company's name, zone and currency; one with settings keeps them.
///
/// # Errors
/// Those of the store and of the documents; [`EngineError::Cancelled`] when `progress.cancel` was set, and then
/// no event was added.
pub async fn install(
    engine: &Engine,
    size: &DemoSize,
    progress: &Progress,
) -> Result<DemoReport, EngineError> {
    if engine.workspace().await? == Workspace::default() {
        engine.set_workspace(&company()).await?;
    }
    progress.expect_rows((FULL_EVENTS * size.factor) as u64);
    let writer = engine.store.writer(SOURCE).await?;
    let (task_size, task_progress) = (*size, progress.clone());
    let written = tokio::task::spawn_blocking(move || write(writer, &task_size, &task_progress)).await;
    let (writer, made) = written.map_err(|error| EngineError::Internal(error.to_string()))??;
    let summary = writer.finish(store::Progress::default(), engine.clock.now_us()).await?;
    let n_points = engine.meta.put_series(&points(&made.series)).await?;
    let n_documents = apply_missing(engine).await?;
    progress.expect_rows(progress.rows_done());
    Ok(DemoReport {
        n_pushed: summary.n_pushed,
        n_added: summary.n_added,
        n_people: engine.store.snapshot().n_persons(),
        n_points,
        n_documents,
    })
}

fn company() -> Workspace {
    Workspace { name: "길목상점".to_owned(), lang: Lang::Ko, ..Workspace::default() }
}

/// Codes of everything the generator may say, by the position in its lists.
struct Codes {
    events: Vec<u16>,
    channels: Vec<u16>,
    properties: Vec<PropertyId>,
}

impl Codes {
    fn new(writer: &mut Writer) -> Result<Self, EngineError> {
        let mut events = Vec::new();
        for name in Name::ALL {
            events.push(writer.event_code(name.as_str())?);
        }
        let mut channels = Vec::new();
        for channel in Channel::ALL {
            channels.push(writer.channel_code(channel.as_str())?);
        }
        let property = |property: &Property| {
            let kind = match property.kind() {
                ValueKind::Text => PropertyKind::String,
                ValueKind::Number => PropertyKind::Number,
                ValueKind::Bool => PropertyKind::Bool,
            };
            writer.property(property.as_str(), kind)
        };
        Ok(Self { events, channels, properties: Property::ALL.iter().map(property).collect() })
    }
}

/// Makes the year and pushes it. The writer comes back unfinished.
fn write(
    mut writer: Writer,
    size: &DemoSize,
    progress: &Progress,
) -> Result<(Writer, DemoMade), EngineError> {
    let codes = Codes::new(&mut writer)?;
    let mut n_pushed = 0u64;
    let made = generate(size, |event| {
        push(&mut writer, &codes, &event)?;
        n_pushed += 1;
        if n_pushed.is_multiple_of(STRIDE) {
            progress.add_rows(STRIDE);
            if progress.cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
        }
        Ok(())
    })?;
    progress.add_rows(n_pushed % STRIDE);
    Ok((writer, made))
}

fn push(writer: &mut Writer, codes: &Codes, event: &DemoEvent<'_>) -> Result<(), EngineError> {
    // An event of ours has a dozen properties at most: no allocation for each.
    let mut values = [(PropertyId(0), PropertyValue::Bool(false)); 16];
    for (slot, (key, value)) in values.iter_mut().zip(event.properties) {
        let value = match *value {
            DemoValue::Text(text) => PropertyValue::Str(text),
            DemoValue::Number(number) => PropertyValue::Num(number),
            DemoValue::Bool(flag) => PropertyValue::Bool(flag),
        };
        *slot = (codes.properties[*key as usize], value);
    }
    writer.push(EventRef {
        user_id: event.user_id,
        anonymous_id: event.anonymous_id,
        time_us: event.time_us,
        id: Some(event.id),
        event: codes.events[event.event as usize],
        channel: event.channel.map_or(0, |channel| codes.channels[channel as usize]),
        amount: event.amount,
        properties: &values[..event.properties.len()],
    })?;
    Ok(())
}

fn points(series: &[DemoPoint]) -> Vec<SeriesPoint> {
    let point = |point: &DemoPoint| SeriesPoint {
        name: point.name.to_owned(),
        day: point.day,
        channel: point.channel.as_str().to_owned(),
        campaign: point.campaign.to_owned(),
        value: point.value,
    };
    series.iter().map(point).collect()
}

/// Applies the documents whose keys are free: what a person changed since stays. Returns how many.
async fn apply_missing(engine: &Engine) -> Result<usize, EngineError> {
    let mut taken = HashSet::new();
    for kind in Kind::ALL {
        for document in engine.documents(kind).await? {
            taken.insert((kind, document.body.key().clone()));
        }
    }
    let mut bodies = documents()?;
    bodies.retain(|body| !taken.contains(&(body.kind(), body.key().clone())));
    engine.apply(&bodies, SOURCE, ApplyOptions::default()).await?;
    Ok(bodies.len())
}
