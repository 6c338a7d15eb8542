//! `gilmok load`: made-up events as fast as they are taken, timed; over HTTP or through the door in this process.
//!
//! With `--witness FILE` it is the witness of a crash test: `S id` stands in the file before an event is sent, `A id`
//! after it was acknowledged, each flushed to disk.

mod client;
mod events;

use super::open::Folder;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
use crate::http::ingest::new_write_key;
use crate::system;
use clap::Args;
use client::{Connection, Reply};
use engine::{Engine, EngineError};
use events::Maker;
use serde::Serialize;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a server may be away with `--keep-going`.
const AWAY_MAX: Duration = Duration::from_secs(120);
/// Time between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// Arguments of `gilmok load`.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// The server, such as http://localhost:7070.
    #[arg(long, value_name = "URL", required_unless_present = "in_process")]
    url: Option<String>,
    /// The write key of a source.
    #[arg(long, value_name = "KEY", default_value = "")]
    key: String,
    /// Without a server: decode and append in this process, in a temporary folder.
    #[arg(long, conflicts_with_all = ["url", "witness"])]
    in_process: bool,
    /// How many events.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    events: u64,
    /// Events of one request.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    batch: u64,
    /// Requests under way at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=4096))]
    connections: u64,
    /// Write every id sent (`S id`) and acknowledged (`A id`) here, flushed to disk.
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
    /// The same seed makes the same events.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Send a request again until it is acknowledged, for two minutes without an answer at most.
    #[arg(long)]
    keep_going: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    n_events: u64,
    n_accepted: u64,
    n_rejected: u64,
    n_requests: u64,
    /// Requests sent again after no answer, or an answer to wait.
    n_retries: u64,
    n_bytes: u64,
    elapsed_s: f64,
    events_per_s: f64,
    ack_p50_ms: f64,
    ack_p99_ms: f64,
    ack_max_ms: f64,
}

/// What all connections share.
struct Run {
    maker: Maker,
    n_events: u64,
    n_batch: u64,
    next: AtomicU64,
    keep_going: bool,
    witness: Option<Mutex<File>>,
    path: PathBuf,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    ack_us: Vec<u64>,
    n_accepted: u64,
    n_rejected: u64,
    n_retries: u64,
    n_bytes: u64,
}

impl Run {
    fn new(args: &LoadArgs) -> Result<Self> {
        let path = args.witness.clone().unwrap_or_default();
        let witness = match &args.witness {
            Some(path) => {
                let file = File::options().create(true).append(true).open(path);
                Some(Mutex::new(file.map_err(|error| Failure::io(path, &error))?))
            }
            None => None,
        };
        Ok(Self {
            maker: Maker::new(args.seed, args.events),
            n_events: args.events,
            n_batch: args.batch,
            next: AtomicU64::new(0),
            keep_going: args.keep_going,
            witness,
            path,
        })
    }

    /// The next events to send.
    fn take(&self) -> Option<std::ops::Range<u64>> {
        let from = self.next.fetch_add(self.n_batch, Ordering::Relaxed);
        (from < self.n_events).then(|| from..(from + self.n_batch).min(self.n_events))
    }

    /// Notes ids in the file, on disk when this returns.
    fn note(&self, what: char, events: std::ops::Range<u64>) -> Result<()> {
        let Some(witness) = &self.witness else { return Ok(()) };
        let lines: String = events.map(|n| format!("{what} {}\n", self.maker.id(n))).collect();
        let mut file = witness.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
        written.map_err(|error| Failure::io(&self.path, &error))
    }
}

/// Sends and measures.
pub async fn load(args: LoadArgs, threads: usize, terminal: Terminal) -> Result<()> {
    let run = Arc::new(Run::new(&args)?);
    let (seen, elapsed) = match &args.url {
        Some(url) => over_http(&args, url, run).await?,
        None => in_process(&args, threads, run).await?,
    };
    terminal.print_json(&measure(seen, elapsed))
}

async fn over_http(args: &LoadArgs, url: &str, run: Arc<Run>) -> Result<(Seen, Duration)> {
    let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').to_owned());
    let authority = authority.ok_or_else(|| wrong_url(url))?;
    let mut tasks = JoinSet::new();
    let elapsed = system::stopwatch();
    for _ in 0..args.connections {
        let (run, connection) = (run.clone(), Connection::new(&authority, &args.key));
        tasks.spawn(send(run, connection));
    }
    let seen = join(tasks).await?;
    Ok((seen, elapsed()))
}

/// One connection: batch after batch, each when the one before was acknowledged.
async fn send(run: Arc<Run>, mut connection: Connection) -> Result<Seen> {
    let mut seen = Seen::default();
    while let Some(events) = run.take() {
        let body = run.maker.body(events.clone());
        seen.n_bytes += body.len() as u64;
        run.note('S', events.clone())?;
        let away = system::stopwatch();
        let counts = loop {
            let answer_time = system::stopwatch();
            let (wait, failure) = match connection.send(&body).await {
                Ok(Reply::Taken { n_accepted, n_rejected }) => {
                    seen.ack_us.push(answer_time().as_micros() as u64);
                    break (n_accepted, n_rejected);
                }
                Ok(Reply::Wait { status, seconds }) => {
                    (Duration::from_secs(seconds).max(TRY_AGAIN), refused(status, ""))
                }
                Ok(Reply::Refused { status, body }) => return Err(refused(status, &body)),
                Err(error) => (TRY_AGAIN, no_answer(&error)),
            };
            if !run.keep_going || away() > AWAY_MAX {
                return Err(failure);
            }
            seen.n_retries += 1;
            tokio::time::sleep(wait).await;
        };
        run.note('A', events)?;
        seen.n_accepted += counts.0;
        seen.n_rejected += counts.1;
    }
    Ok(seen)
}

async fn in_process(args: &LoadArgs, threads: usize, run: Arc<Run>) -> Result<(Seen, Duration)> {
    let temporary = tempfile::tempdir().map_err(|error| Failure::io(Path::new("."), &error))?;
    let folder = Folder::new(temporary.path().to_owned(), Some(threads));
    let engine = folder.open_or_make().await?;
    let key = engine.create_source("load", "web", "gilmok load", new_write_key()).await?.key;
    let source = engine.source_of_key(&key).await?.ok_or_else(|| Failure::internal("no source"))?;
    // Bodies are made beforehand: only what a server does is timed.
    let bodies: Vec<Vec<u8>> =
        std::iter::from_fn(|| run.take()).map(|events| run.maker.body(events)).collect();
    let bodies = Arc::new(Mutex::new(bodies));
    let mut tasks = JoinSet::new();
    let elapsed = system::stopwatch();
    for _ in 0..args.connections {
        let (engine, source, bodies): (Engine, _, _) = (engine.clone(), source.clone(), bodies.clone());
        tasks.spawn(async move {
            let mut seen = Seen::default();
            loop {
                let body = bodies.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let Some(body) = body else { return Ok(seen) };
                seen.n_bytes += body.len() as u64;
                let answer_time = system::stopwatch();
                let receipt = engine.ingest(&source, body).await?;
                seen.ack_us.push(answer_time().as_micros() as u64);
                seen.n_accepted += receipt.accepted;
                seen.n_rejected += receipt.rejected;
            }
        });
    }
    let seen = join(tasks).await?;
    let elapsed = elapsed();
    // Nothing is at work in the folder any more when it goes.
    engine.store.close().await.map_err(EngineError::from)?;
    Ok((seen, elapsed))
}

async fn join(mut tasks: JoinSet<Result<Seen>>) -> Result<Seen> {
    let mut all = Seen::default();
    while let Some(done) = tasks.join_next().await {
        let seen = done.map_err(Failure::internal)??;
        all.ack_us.extend(seen.ack_us);
        all.n_accepted += seen.n_accepted;
        all.n_rejected += seen.n_rejected;
        all.n_retries += seen.n_retries;
        all.n_bytes += seen.n_bytes;
    }
    Ok(all)
}

fn measure(mut seen: Seen, elapsed: Duration) -> Measured {
    seen.ack_us.sort_unstable();
    let quantile = |per_mille: usize| {
        let at = (seen.ack_us.len() * per_mille).div_ceil(1_000).saturating_sub(1);
        seen.ack_us.get(at).map_or(0.0, |us| *us as f64 / 1e3)
    };
    let (n_events, elapsed_s) = (seen.n_accepted + seen.n_rejected, elapsed.as_secs_f64());
    Measured {
        n_events,
        n_accepted: seen.n_accepted,
        n_rejected: seen.n_rejected,
        n_requests: seen.ack_us.len() as u64,
        n_retries: seen.n_retries,
        n_bytes: seen.n_bytes,
        elapsed_s,
        events_per_s: n_events as f64 / elapsed_s.max(1e-9),
        ack_p50_ms: quantile(500),
        ack_p99_ms: quantile(990),
        ack_max_ms: quantile(1_000),
    }
}

fn wrong_url(url: &str) -> Failure {
    Failure::say(
        Class::Invalid,
        "load.url",
        (format!("`{url}`은(는) http:// 주소가 아닙니다."), format!("`{url}` is no address with http://.")),
        ("`http://localhost:7070`처럼 쓰세요.", "Write it as `http://localhost:7070`."),
    )
}

fn refused(status: u16, body: &str) -> Failure {
    Failure::say(
        Class::Invalid,
        "load.refused",
        (
            format!("서버가 {status}(으)로 거절했습니다: {body}"),
            format!("The server refused with {status}: {body}"),
        ),
        ("키와 주소를 확인하세요.", "Check the key and the address."),
    )
}

fn no_answer(error: &std::io::Error) -> Failure {
    Failure::say(
        Class::Busy,
        "load.no_answer",
        (format!("서버가 답하지 않습니다: {error}."), format!("The server does not answer: {error}.")),
        (
            "서버가 돌고 있는지 확인하세요. `--keep-going`은 다시 시도합니다.",
            "Check that it runs. `--keep-going` tries again.",
        ),
    )
}
