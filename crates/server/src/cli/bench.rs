//! `gilmok bench`: the journey benchmark, timed.

use super::open::Folder;
use super::table;
use super::terminal::Terminal;
use crate::failure::{Failure, Result};
use crate::system;
use clap::Args;
use engine::bench::{self, ColumnSize};
use engine::{Engine, EngineError};
use model::workspace::{WeekStart, Workspace};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use store::{Columns, Snapshot};

/// Times each question is asked again once it was answered.
const N_HOT: usize = 5;

/// Times each scan runs.
const N_SCANS: usize = 7;

/// Words a thread reads to measure the memory: much more than caches hold.
const MEMORY_WORDS: usize = 64 << 20;

/// Characters of an answer that are shown.
const HEAD_CHARS: usize = 200;

/// Arguments of `gilmok bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
The file needs the columns person, time, event, channel, amount, device and country. It is loaded into a temporary
folder, which is removed at the end, or into the one that --keep names. Each question is asked once after loading (cold: the operating system has the
files in memory, nothing is decoded yet that an earlier question did not need) and five times more (hot: the median);
answers kept from before are never used. Weeks start on Monday, days are those of UTC.")]
pub struct BenchArgs {
    /// Events as Parquet.
    #[arg(value_name = "EVENTS.parquet")]
    file: PathBuf,
    /// Measure the store too: bytes by column, scans without memory of earlier ones, the speed of the memory.
    #[arg(long)]
    store: bool,
    /// Only these questions.
    #[arg(long, value_name = "QUESTION", value_parser = clap::builder::PossibleValuesParser::new(bench::QUESTIONS))]
    only: Vec<String>,
    /// Load into this folder and leave it there; one that holds events already is asked as it is.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Memory for decoded columns, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 1280)]
    cache_mib: usize,
}

/// What was measured.
#[derive(Serialize)]
struct Measured {
    system: &'static str,
    threads: usize,
    load_s: f64,
    bytes: u64,
    n_events: u64,
    n_people: u64,
    peak_memory_bytes: Option<u64>,
    questions: BTreeMap<String, Timing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<StoreMeasured>,
}

#[derive(Serialize)]
struct Timing {
    cold_s: f64,
    hot_s: f64,
    digest: String,
    head: String,
}

#[derive(Serialize)]
struct StoreMeasured {
    columns: Vec<ColumnSize>,
    scans: Vec<Scan>,
    memory_gb_per_s: f64,
}

/// A scan of the whole store that decodes everything.
#[derive(Serialize)]
struct Scan {
    name: &'static str,
    best_s: f64,
    median_s: f64,
    million_rows_per_s: f64,
}

/// Measures.
pub async fn bench(args: BenchArgs, threads: usize, terminal: Terminal) -> Result<()> {
    let temporary = tempfile::tempdir().map_err(|error| Failure::io(&std::env::temp_dir(), &error))?;
    let dir = args.keep.as_deref().unwrap_or(temporary.path());
    let folder = Folder::new(dir.to_owned(), Some(threads));
    let cached = store::Options { cache_max_bytes: args.cache_mib << 20, ..store::Options::default() };
    let engine = folder.open_or_make_with(cached).await?;
    let utc = Workspace { zone: "UTC".to_owned(), week_start: WeekStart::Monday, ..Workspace::default() };
    engine.set_workspace(&utc).await?;
    let load = system::stopwatch();
    if engine.store.snapshot().n_events() == 0 {
        bench::load(&engine.store, &args.file).await?;
    }
    let load_s = load().as_secs_f64();
    let snapshot = engine.store.snapshot();
    let mut measured = Measured {
        system: "gilmok",
        threads,
        load_s,
        bytes: snapshot.size_bytes(),
        n_events: snapshot.n_events(),
        n_people: snapshot.n_persons(),
        peak_memory_bytes: None,
        questions: questions(&engine, &args.only, threads, terminal).await?,
        store: None,
    };
    measured.peak_memory_bytes = system::peak_memory_bytes();
    drop((snapshot, engine));
    folder.close().await;
    if args.store {
        measured.store = Some(store_alone(dir, threads).await?);
    }
    tell(&measured, terminal)
}

async fn questions(
    engine: &Engine,
    only: &[String],
    threads: usize,
    terminal: Terminal,
) -> Result<BTreeMap<String, Timing>> {
    let people = bench::busiest(&engine.store.snapshot(), threads)?;
    let mut timings = BTreeMap::new();
    for id in bench::QUESTIONS {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == id) {
            continue;
        }
        let (mut seconds, mut answer) = (Vec::new(), String::new());
        for _ in 0..=N_HOT {
            let elapsed = system::stopwatch();
            answer = bench::question(engine, id, &people).await?;
            seconds.push(elapsed().as_secs_f64());
        }
        let (cold_s, hot_s) = (seconds[0], median(&mut seconds[1..]));
        terminal.say(format!("{id}: {cold_s:.4} {hot_s:.4}초"), format!("{id}: {cold_s:.4} {hot_s:.4} s"));
        let digest = Sha256::digest(answer.as_bytes());
        let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let head = answer.chars().take(HEAD_CHARS).collect();
        timings.insert(id.to_owned(), Timing { cold_s, hot_s, digest, head });
    }
    Ok(timings)
}

fn median(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or(0.0)
}

/// Scans of a store that keeps nothing in memory.
async fn store_alone(dir: &std::path::Path, threads: usize) -> Result<StoreMeasured> {
    let folder = Folder::new(dir.to_owned(), Some(threads));
    let nothing_kept = store::Options { cache_max_bytes: 0, ..store::Options::default() };
    let engine = folder.open_or_make_with(nothing_kept).await?;
    let snapshot = engine.store.snapshot();
    let more = Columns { channel: true, amount: true, ..Columns::default() };
    let scans = [("person, time, event", Columns::default()), ("with channel, amount", more)];
    let scans = scans.map(|(name, columns)| scan(&snapshot, threads, name, &columns));
    let memory: Vec<Vec<u64>> = (0..threads).map(|thread| vec![thread as u64 + 1; MEMORY_WORDS]).collect();
    let rate = |_: usize| {
        let elapsed = system::stopwatch();
        bench::sum_memory(&memory) as f64 / elapsed().as_secs_f64().max(1e-9) / 1e9
    };
    let measured = StoreMeasured {
        columns: bench::column_sizes(&snapshot)?,
        scans: scans.into_iter().collect::<Result<_>>()?,
        memory_gb_per_s: (0..3).map(rate).fold(0.0, f64::max),
    };
    folder.close().await;
    Ok(measured)
}

fn scan(snapshot: &Snapshot, threads: usize, name: &'static str, columns: &Columns) -> Result<Scan> {
    let mut seconds = Vec::new();
    for _ in 0..N_SCANS {
        let elapsed = system::stopwatch();
        let n_rows = bench::scan_once(snapshot, threads, columns)?;
        seconds.push(elapsed().as_secs_f64());
        if n_rows != snapshot.n_events() {
            return Err(EngineError::Internal("the scan did not give all events".to_owned()).into());
        }
    }
    let median_s = median(&mut seconds);
    let million_rows_per_s = snapshot.n_events() as f64 / median_s.max(1e-9) / 1e6;
    Ok(Scan { name, best_s: seconds[0], median_s, million_rows_per_s })
}

fn tell(measured: &Measured, terminal: Terminal) -> Result<()> {
    if terminal.json {
        let line = serde_json::to_string(measured).map_err(Failure::internal)?;
        return terminal.print(&format!("{line}\n"));
    }
    let seconds = |s: f64| format!("{s:.4}");
    let mut rows = vec![vec!["load".to_owned(), seconds(measured.load_s), String::new(), String::new()]];
    for (id, timing) in &measured.questions {
        rows.push(vec![id.clone(), seconds(timing.cold_s), seconds(timing.hot_s), timing.digest.clone()]);
    }
    for scan in measured.store.iter().flat_map(|store| &store.scans) {
        rows.push(vec![scan.name.to_owned(), String::new(), seconds(scan.median_s), String::new()]);
    }
    let head = terminal.choose(
        ["질문", "처음(초)", "다시(초)", "답의 지문"],
        ["question", "cold (s)", "hot (s)", "answer's digest"],
    );
    terminal.print(&table::layout(&head, &rows))?;
    let Measured { n_events, n_people, bytes, load_s, .. } = measured;
    let rate = *n_events as f64 / load_s.max(1e-9);
    terminal.print(&terminal.choose(
        format!("이벤트 {n_events}개, {n_people}명, {bytes}바이트, 초당 {rate:.0}개 적재\n"),
        format!("{n_events} events, {n_people} people, {bytes} bytes, {rate:.0} events loaded a second\n"),
    ))
}
