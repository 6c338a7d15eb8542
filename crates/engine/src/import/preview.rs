//! What a file looks like before it is imported: its columns, a mapping, the first events, and what is wrong.

use super::{
    Compression,
    compile::{self, Context},
    feed::Feed,
    group::Groups,
    inspect, problems,
    rejects::Rejects,
    sink::{RowError, Sink},
    suggest,
};
use crate::{Engine, EngineError};
use model::{
    Problem,
    mapping::{Format, Mapping},
};
use serde::Serialize;
use std::path::Path;
use store::{EventRef, PropertyId, PropertyKind, PropertyValue};

/// Events shown.
const EVENTS_MAX: usize = 20;

/// What a file looks like and would become.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// Kind of file.
    pub format: Format,
    /// `gzip` or `zstd`.
    pub compression: Option<String>,
    /// Encoding of text files.
    pub encoding: Option<String>,
    /// Character between cells.
    pub delimiter: Option<String>,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// Its columns.
    pub columns: Vec<PreviewColumn>,
    /// The mapping as given, or a guess.
    pub mapping: Mapping,
    /// The first rows as events.
    pub events: Vec<PreviewEvent>,
    /// Rows looked at.
    pub n_rows: u64,
    /// What would be refused or is doubtful.
    pub problems: Vec<Problem>,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PreviewColumn {
    /// Its name.
    pub name: String,
    /// What its values look like: `text`, `number`, `bool`, `time`.
    pub kind: String,
    /// Some of its values.
    pub samples: Vec<String>,
    /// What it may be, such as `user_id`, `time`, `event`, `amount`.
    pub suggestion: Option<String>,
}

/// A row as the event it would become.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PreviewEvent {
    /// 1-based line.
    pub line: u64,
    /// When, microseconds.
    pub time_us: Option<i64>,
    /// Known identifier.
    pub user_id: Option<String>,
    /// Identifier before one is known.
    pub anonymous_id: Option<String>,
    /// Event name.
    pub event: String,
    /// Channel.
    pub channel: Option<String>,
    /// Amount in whole currency units.
    pub amount: Option<f64>,
    /// Properties.
    pub properties: serde_json::Map<String, serde_json::Value>,
}

/// Looks at the first block of a file, whatever its size. Without a mapping one is guessed. Stores nothing.
///
/// Errors: [`EngineError::Problems`] only when the file itself cannot be read; what is wrong with the mapping or with
/// rows stands in [`Preview::problems`].
pub async fn preview(
    engine: &Engine,
    file: &Path,
    name: &str,
    mapping: Option<Mapping>,
) -> Result<Preview, EngineError> {
    let zone = engine.workspace().await?.zone;
    let (file, name, dir) = (file.to_owned(), name.to_owned(), engine.dir.join("tmp"));
    let work = move || look(&file, &name, mapping, &zone, &dir);
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(EngineError::Internal(panic.to_string())))
}

pub(super) fn look(
    path: &Path,
    name: &str,
    mapping: Option<Mapping>,
    zone: &str,
    dir: &Path,
) -> Result<Preview, EngineError> {
    let stated = mapping.as_ref().map(|mapping| mapping.file.clone()).unwrap_or_default();
    let mut file = inspect::inspect(path, name, &stated)?;
    let views = suggest::describe(&file.layout.columns, &file.sample, &stated.missing);
    let mapping = mapping.unwrap_or_else(|| suggest::suggest(name, &views));
    let context = Context { path, name, zone };
    let mut sink = PreviewSink::default();
    let (events, n_rows, found) = match compile::compile(&mapping, &mut file, &context) {
        Ok(mut compiled) => {
            let mut found = std::mem::take(&mut compiled.warnings);
            let rejects = Rejects::new(None, model::Lang::Ko)?;
            let mut feed = Feed::new(compiled, rejects, Some(Groups::new(dir, usize::MAX)));
            for row in file.sample.iter() {
                sink.line = row.line();
                feed.row(row, &mut sink)?;
            }
            sink.line = 0;
            feed.finish(&mut sink)?;
            let n_rows = feed.tally.lines;
            found.extend(
                feed.rejects.reasons.iter().map(|reason| problems::rejected_rows(name, reason, n_rows)),
            );
            (sink.events, n_rows, found)
        }
        Err(found) => (Vec::new(), file.sample.rows.len() as u64, found.0),
    };
    let layout = &file.layout;
    let is_table = matches!(layout.format, Format::Csv | Format::Tsv);
    let column = |view: suggest::ColumnView| PreviewColumn {
        name: view.name,
        kind: view.kind.to_owned(),
        samples: view.samples,
        suggestion: view.role.map(str::to_owned),
    };
    Ok(Preview {
        format: layout.format,
        compression: match layout.compression {
            Compression::None => None,
            Compression::Gzip => Some("gzip".to_owned()),
            Compression::Zstd => Some("zstd".to_owned()),
        },
        encoding: (layout.format != Format::Parquet)
            .then(|| file.encoding.unwrap_or(encoding_rs::UTF_8).name().to_lowercase()),
        delimiter: is_table.then(|| char::from(layout.delimiter).to_string()),
        size_bytes: file.size_bytes,
        columns: views.into_iter().map(column).collect(),
        mapping,
        events,
        n_rows,
        problems: found,
    })
}

/// Keeps the first events in words.
#[derive(Default)]
struct PreviewSink {
    line: u64,
    events: Vec<PreviewEvent>,
    event_names: Vec<String>,
    channels: Vec<String>,
    properties: Vec<String>,
}

fn code_of(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

impl Sink for PreviewSink {
    fn event_code(&mut self, name: &str) -> Result<u16, RowError> {
        Ok(code_of(&mut self.event_names, name) as u16)
    }

    fn channel_code(&mut self, name: &str) -> Result<u16, RowError> {
        // Code 0 means none.
        Ok(code_of(&mut self.channels, name) as u16 + 1)
    }

    fn property(&mut self, key: &str, _kind: PropertyKind) -> Result<PropertyId, RowError> {
        Ok(PropertyId(code_of(&mut self.properties, key) as u32))
    }

    fn push(&mut self, event: EventRef<'_>) -> Result<(), RowError> {
        if self.events.len() >= EVENTS_MAX {
            return Ok(());
        }
        let properties = event.properties.iter().map(|(id, value)| {
            let value = match value {
                PropertyValue::Str(text) => (*text).into(),
                PropertyValue::Num(number) => (*number).into(),
                PropertyValue::Bool(flag) => (*flag).into(),
            };
            (self.properties[id.0 as usize].clone(), value)
        });
        let channel = usize::from(event.channel).checked_sub(1);
        self.events.push(PreviewEvent {
            line: self.line,
            time_us: Some(event.time_us),
            user_id: event.user_id.map(str::to_owned),
            anonymous_id: event.anonymous_id.map(str::to_owned),
            event: self.event_names[usize::from(event.event)].clone(),
            channel: channel.map(|index| self.channels[index].clone()),
            amount: event.amount.map(|hundredths| hundredths as f64 / 100.0),
            properties: properties.collect(),
        });
        Ok(())
    }
}
