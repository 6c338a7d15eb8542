//! `gilmok bench`: how long an import and a few questions take here.

use super::bench_store;
use super::open::Folder;
use super::table;
use super::terminal::Terminal;
use crate::failure::{Failure, Result};
use crate::system;
use clap::Args;
use engine::Engine;
use engine::import::{ImportRequest, Progress};
use model::DocumentBody;
use model::ask::Ask;
use serde::Serialize;
use std::path::PathBuf;
use store::Cancel;

/// Arguments of `gilmok bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
The file needs the columns person, time, event and channel; amount, device and country are used where present.
It is imported into a temporary folder, which is removed at the end. Each question is asked once on freshly imported
data (the operating system still has the files in memory), then again, when the answer comes from the cache of
answers. Memory and peers are not measured. The larger journey benchmark with checked answers is later work.")]
pub struct BenchArgs {
    /// Events as Parquet.
    #[arg(value_name = "EVENTS.parquet")]
    file: PathBuf,
    /// Load straight into the store, without a mapping; the content of an event is then its id.
    #[arg(long)]
    straight: bool,
}

/// How the file's columns become events.
const MAPPING: &str = "
kind: mapping
key: bench
events:
  person: {user_id: person}
  time: {column: time}
  event: event
  channel: channel
  amount: amount
  properties: {device: device, country: country}
";

/// The questions, by name.
const QUESTIONS: [(&str, &str); 4] = [
    (
        "funnel",
        r#"{"ask": "funnel", "window": "7d", "steps": [{"event": "view_item"}, {"event": "add_to_cart"},
            {"event": "begin_checkout"}, {"event": "purchase"}]}"#,
    ),
    ("transitions", r#"{"ask": "transitions", "gap": "30m"}"#),
    ("channels", r#"{"ask": "channels"}"#),
    ("trend", r#"{"ask": "trend", "grain": "day", "breakdown": "channel"}"#),
];

/// What was measured.
#[derive(Serialize)]
struct Measured {
    file: String,
    threads: usize,
    n_events: u64,
    n_people: u64,
    import_s: f64,
    import_events_per_s: f64,
    stored_bytes: u64,
    columns: Vec<bench_store::ColumnSize>,
    scans: Vec<bench_store::Scan>,
    memory_gb_per_s: f64,
    person_ms: f64,
    questions: Vec<Timing>,
}

#[derive(Serialize)]
struct Timing {
    name: &'static str,
    first_s: f64,
    cached_s: f64,
}

/// Measures.
pub async fn bench(args: BenchArgs, threads: usize, terminal: Terminal) -> Result<()> {
    let temporary = tempfile::tempdir().map_err(|error| Failure::io(&std::env::temp_dir(), &error))?;
    let folder = Folder::new(temporary.path().to_owned(), Some(threads));
    let engine = folder.open_or_make().await?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(DocumentBody::Mapping(mapping)) = model::read_yaml(MAPPING, None)?.pop() else {
        return Err(Failure::internal("the benchmark's mapping is none"));
    };
    let progress = Progress::default();
    let import = system::stopwatch();
    if args.straight {
        bench_store::load(&engine.store, &args.file).await?;
    } else {
        let request = ImportRequest { file: args.file, name: name.clone(), mapping, rejects: None };
        terminal.watch(&name, &progress, engine::import::run(&engine, request, &progress)).await?;
    }
    let import_s = import().as_secs_f64();
    let snapshot = engine.store.snapshot();
    let scans = bench_store::scans(&snapshot, threads)?;
    let person_ms = bench_store::person_ms(&snapshot)?;
    let columns = bench_store::column_sizes(&snapshot)?;
    let mut questions = Vec::new();
    for (name, text) in QUESTIONS {
        let question: Ask = model::read_json(text, None)?;
        let (first_s, cached_s) = (timed(&engine, &question).await?, timed(&engine, &question).await?);
        questions.push(Timing { name, first_s, cached_s });
    }
    let store = engine.store.clone();
    let stored = tokio::task::spawn_blocking(move || store.verify()).await.map_err(Failure::internal)?;
    let measured = Measured {
        file: name,
        threads,
        n_events: snapshot.n_events(),
        n_people: snapshot.n_persons(),
        import_s,
        import_events_per_s: snapshot.n_events() as f64 / import_s.max(1e-9),
        stored_bytes: stored.map_err(engine::EngineError::from)?.size_bytes,
        columns,
        scans,
        memory_gb_per_s: bench_store::memory_gb_per_s(threads),
        person_ms,
        questions,
    };
    tell(&measured, terminal)
}

async fn timed(engine: &Engine, question: &Ask) -> Result<f64> {
    let elapsed = system::stopwatch();
    engine.ask(question, &Cancel::default()).await?;
    Ok(elapsed().as_secs_f64())
}

fn tell(measured: &Measured, terminal: Terminal) -> Result<()> {
    if terminal.json {
        return terminal.print_json(measured);
    }
    let seconds = |s: f64| format!("{s:.4}");
    let mut rows = vec![vec!["import".to_owned(), seconds(measured.import_s), String::new()]];
    for timing in &measured.questions {
        rows.push(vec![timing.name.to_owned(), seconds(timing.first_s), seconds(timing.cached_s)]);
    }
    for scan in &measured.scans {
        rows.push(vec![format!("scan: {}", scan.name), seconds(scan.median_s), String::new()]);
    }
    let head = terminal.choose(["일", "처음(초)", "캐시(초)"], ["work", "first (s)", "cached (s)"]);
    terminal.print(&table::layout(&head, &rows))?;
    let (n_events, n_people, rate) = (measured.n_events, measured.n_people, measured.import_events_per_s);
    let bytes = measured.stored_bytes;
    terminal.print(&terminal.choose(
        format!("이벤트 {n_events}개, {n_people}명, {bytes}바이트, 초당 {rate:.0}개 가져옴\n"),
        format!("{n_events} events, {n_people} people, {bytes} bytes, {rate:.0} events imported a second\n"),
    ))
}
