//! What `gilmok bench` measures of the store alone: loading, scanning, sizes.

use crate::failure::{Failure, Result};
use crate::system;
use serde::Serialize;
use std::path::Path;
use store::parquet::{Cell, ParquetReader};
use store::{Cancel, Columns, EventRef, PropertyKind, PropertyValue, Snapshot, Store};

/// Times each scan runs.
const N_RUNS: usize = 7;

/// Persons looked up.
const N_PERSONS: usize = 50;

/// Words a thread reads to measure the memory: much more than caches hold.
const MEMORY_WORDS: usize = 64 << 20;

/// Bytes of a column on disk.
#[derive(Serialize)]
pub struct ColumnSize {
    name: String,
    bytes: u64,
    bytes_per_event: f64,
}

/// A scan of the whole store.
#[derive(Serialize)]
pub struct Scan {
    pub name: &'static str,
    pub best_s: f64,
    pub median_s: f64,
    million_rows_per_s: f64,
    best_million_rows_per_s: f64,
}

/// Loads a file with the columns person, time, event, channel, amount, device and country.
pub async fn load(store: &Store, file: &Path) -> Result<()> {
    let mut reader = ParquetReader::open(file).map_err(engine::EngineError::from)?;
    let wrong = |what: String| Failure::internal(format!("{}: {what}", file.display()));
    let place = |name: &str| {
        let found = reader.columns().iter().position(|column| column == name);
        found.ok_or_else(|| wrong(format!("there is no column {name}")))
    };
    let (person, time, event, channel) =
        (place("person")?, place("time")?, place("event")?, place("channel")?);
    let (amount, device, country) = (place("amount")?, place("device")?, place("country")?);
    let mut writer = store.writer("bench").await.map_err(engine::EngineError::from)?;
    let device = (device, writer.property("device", PropertyKind::String));
    let country = (country, writer.property("country", PropertyKind::String));
    while let Some(row) = reader.next_row().map_err(engine::EngineError::from)? {
        let text = |column: usize| match row.cell(column) {
            Cell::Str(text) => text,
            _ => "",
        };
        let user = match row.cell(person) {
            Cell::Int(number) => number.to_string(),
            _ => text(person).to_owned(),
        };
        let Cell::TimeUs(time_us) = row.cell(time) else {
            return Err(wrong("an event without time".to_owned()));
        };
        let amount = match row.cell(amount) {
            Cell::Float(amount) => Some((amount * 100.0).round() as i64),
            _ => None,
        };
        let properties = [device, country].map(|(column, id)| (id, PropertyValue::Str(text(column))));
        let event = EventRef {
            user_id: Some(&user),
            anonymous_id: None,
            time_us,
            id: None,
            event: writer.event_code(text(event)).map_err(engine::EngineError::from)?,
            channel: writer.channel_code(text(channel)).map_err(engine::EngineError::from)?,
            amount,
            properties: &properties,
        };
        writer.push(event).map_err(engine::EngineError::from)?;
    }
    writer.finish(store::Progress::default(), 0).await.map_err(engine::EngineError::from)?;
    Ok(())
}

/// Scans the store several times with few and with more columns.
pub fn scans(snapshot: &Snapshot, threads: usize) -> Result<Vec<Scan>> {
    let mut scans = Vec::new();
    let keys = Columns::default();
    let more = Columns { channel: true, amount: true, ..Columns::default() };
    let cancel = Cancel::default();
    for (name, columns) in [("person, time, event", &keys), ("with channel, amount", &more)] {
        let mut times = Vec::new();
        for _ in 0..N_RUNS {
            let elapsed = system::stopwatch();
            // A look at each column, so that none is left out.
            let sums = snapshot.fold(threads, columns, &cancel, |rows| {
                let last = |row: usize| rows.time_us[row] as u64 ^ u64::from(rows.event[row]);
                (rows.n_rows() as u64, rows.n_rows().checked_sub(1).map_or(0, last))
            });
            let sums = sums.map_err(engine::EngineError::from)?;
            times.push(elapsed().as_secs_f64());
            std::hint::black_box(&sums);
            if sums.iter().map(|(n_rows, _)| n_rows).sum::<u64>() != snapshot.n_events() {
                return Err(Failure::internal("the scan did not give all events"));
            }
        }
        times.sort_by(f64::total_cmp);
        let rate = |seconds: f64| snapshot.n_events() as f64 / seconds.max(1e-9) / 1e6;
        let (best_s, median_s) = (times[0], times[times.len() / 2]);
        scans.push(Scan {
            name,
            best_s,
            median_s,
            million_rows_per_s: rate(median_s),
            best_million_rows_per_s: rate(best_s),
        });
    }
    Ok(scans)
}

/// Milliseconds the timeline of one person takes, in the middle of some.
pub fn person_ms(snapshot: &Snapshot) -> Result<f64> {
    let rows = snapshot.scan(0, &Columns::default()).map_err(engine::EngineError::from)?;
    let n_persons = rows.n_persons();
    let mut times = Vec::new();
    for index in 0..N_PERSONS.min(n_persons) {
        let person = rows.person_keys[index * n_persons / N_PERSONS.min(n_persons)];
        let elapsed = system::stopwatch();
        std::hint::black_box(snapshot.person(person).map_err(engine::EngineError::from)?);
        times.push(elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(times.len() / 2).copied().unwrap_or(0.0))
}

/// Bytes on disk by column.
pub fn column_sizes(snapshot: &Snapshot) -> Result<Vec<ColumnSize>> {
    let sizes = snapshot.column_sizes().map_err(engine::EngineError::from)?;
    let n_events = snapshot.n_events().max(1) as f64;
    let column = |(name, bytes)| ColumnSize { name, bytes, bytes_per_event: bytes as f64 / n_events };
    Ok(sizes.into_iter().map(column).collect())
}

/// How fast the threads together read plain memory, in 10⁹ bytes a second; the best of three.
pub fn memory_gb_per_s(threads: usize) -> f64 {
    let memory: Vec<Vec<u64>> = (0..threads).map(|thread| vec![thread as u64 + 1; MEMORY_WORDS]).collect();
    let mut best: f64 = 0.0;
    for _ in 0..3 {
        let elapsed = system::stopwatch();
        std::thread::scope(|scope| {
            for own in &memory {
                scope.spawn(move || std::hint::black_box(sum(own)));
            }
        });
        best = best.max((threads * MEMORY_WORDS * 8) as f64 / elapsed().as_secs_f64().max(1e-9) / 1e9);
    }
    best
}

/// Eight sums at once, so that the additions are not what is waited for.
fn sum(words: &[u64]) -> u64 {
    let mut sums = [0_u64; 8];
    for eight in words.as_chunks::<8>().0 {
        sums.iter_mut().zip(eight).for_each(|(sum, word)| *sum = sum.wrapping_add(*word));
    }
    sums.iter().fold(0, |sum, own| sum.wrapping_add(*own))
}
