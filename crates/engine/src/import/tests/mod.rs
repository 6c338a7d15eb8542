//! Imports as a whole: a file, a mapping, a store, and what stands there afterwards.

mod files;
mod formats;
mod mappings;
mod real;
mod repeat;
mod round_trip;

use super::{
    ImportReport, ImportRequest, Progress,
    preview::{self, Preview},
    run::{Bounds, run_within},
};
use crate::{Engine, EngineError};
use model::{Clock, DocumentBody, mapping::Mapping};
use std::path::{Path, PathBuf};
use store::{Columns, PropertyColumn, PropertyKind};
use tempfile::TempDir;

/// 2026-01-01, so that no test's times lie ahead.
const NOW_US: i64 = 1_767_225_600_000_000;

/// A data folder, an engine on it and a place for files.
struct Bench {
    dir: TempDir,
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let store = dir.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let engine = runtime.block_on(Engine::open(&store, Clock::fixed(NOW_US), 2)).unwrap();
        Self { dir, engine, runtime }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, file: &Path, mapping: &str) -> Result<ImportReport, EngineError> {
        self.import_within(file, mapping, &Progress::default(), Bounds::default())
    }

    fn import_within(
        &self,
        file: &Path,
        mapping: &str,
        progress: &Progress,
        bounds: Bounds,
    ) -> Result<ImportReport, EngineError> {
        let request = ImportRequest {
            file: file.to_owned(),
            name: file.file_name().unwrap().to_string_lossy().into_owned(),
            mapping: read(mapping),
            rejects: Some(self.rejects()),
        };
        self.runtime.block_on(run_within(&self.engine, request, progress, bounds))
    }

    fn preview(&self, file: &Path, mapping: Option<&str>) -> Result<Preview, EngineError> {
        let name = file.file_name().unwrap().to_string_lossy();
        preview::look(file, &name, mapping.map(read), "Asia/Seoul", self.dir.path())
    }

    fn rejects(&self) -> PathBuf {
        self.dir.path().join("rejects.csv")
    }

    fn rejected(&self) -> String {
        let text = std::fs::read_to_string(self.rejects()).unwrap_or_default();
        text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n")
    }

    /// Every stored event in words, sorted by time.
    fn events(&self) -> Vec<String> {
        let snapshot = self.engine.store.snapshot();
        let all = snapshot.properties().all().to_vec();
        let columns = Columns {
            id: true,
            user_id: true,
            anonymous_id: true,
            amount: true,
            channel: true,
            source: true,
            properties: all.iter().map(|property| property.id).collect(),
        };
        let mut events = Vec::new();
        for bucket in 0..snapshot.n_buckets() {
            let rows = snapshot.scan(bucket, &columns).unwrap();
            for row in 0..rows.n_rows() {
                let at = jiff::Timestamp::from_microsecond(rows.time_us[row]).unwrap();
                let mut words = vec![at.to_string()];
                words.push(rows.user_id.get(row).unwrap_or("-").to_owned());
                words.extend(rows.anonymous_id.get(row).map(|id| format!("~{id}")));
                words.push(snapshot.names().event_name(rows.event[row]).to_owned());
                words.extend(match snapshot.names().channel_name(rows.channel[row]) {
                    "" => None,
                    channel => Some(format!("#{channel}")),
                });
                words.extend(rows.amount.get(row).map(|amount| format!("{amount}¢")));
                let properties = all.iter().zip(&rows.properties).filter(|(_, column)| column.has(row));
                let mut properties: Vec<String> = properties
                    .map(|(property, column)| value_text(&property.key, property.kind, column, row))
                    .collect();
                properties.sort();
                words.extend(properties);
                events.push(words.join(" "));
            }
        }
        events.sort();
        events
    }

    fn n_persons(&self) -> u64 {
        self.engine.store.snapshot().n_persons()
    }
}

fn value_text(key: &str, kind: PropertyKind, column: &PropertyColumn, row: usize) -> String {
    let value = match column {
        PropertyColumn::Str(texts) => format!("{:?}", texts.get(row).unwrap_or_default()),
        PropertyColumn::Num(numbers) => numbers[row].to_string(),
        PropertyColumn::Bool(flags) => (flags[row] == 1).to_string(),
    };
    let mark = if kind == PropertyKind::String { "=" } else { ":" };
    format!("{key}{mark}{value}")
}

fn read(mapping: &str) -> Mapping {
    match model::read_yaml(mapping, None).unwrap().remove(0) {
        DocumentBody::Mapping(mapping) => mapping,
        other => panic!("a mapping, not {other:?}"),
    }
}

/// The codes of the problems an import failed with.
fn codes(done: Result<ImportReport, EngineError>) -> Vec<String> {
    match done {
        Err(EngineError::Problems(problems)) => problems.0.into_iter().map(|problem| problem.code).collect(),
        other => panic!("problems, not {other:?}"),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The plain mapping most tests use.
const PLAIN: &str = "
kind: mapping
key: plain
events:
  person: {user_id: who}
  time: {column: at, zone: UTC}
  event: what
  properties: {note: note}
";
