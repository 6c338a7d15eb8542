//! One query from its text to its rows.

use super::SqlLimits;
use super::tables::Tables;
use crate::{Engine, EngineError};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider};
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use futures::future::BoxFuture;
use model::Problem;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::{Cancel, Snapshot};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// Name of the database in `information_schema`.
pub(super) const CATALOG: &str = "gilmok";
/// Name of the schema of our tables.
pub(super) const SCHEMA: &str = "public";
/// Batches made ahead of the reader.
const BATCHES_AHEAD: usize = 2;
/// How often a query looks whether it was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(50);

enum Message {
    Head(SchemaRef),
    Rows(RecordBatch),
}

/// The rows of a query as they are made. Dropping it ends the query.
pub struct SqlStream {
    schema: SchemaRef,
    data_version: u64,
    messages: mpsc::Receiver<Result<Message, EngineError>>,
}

impl SqlStream {
    /// Columns of the answer.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Version of the data that is read.
    pub fn data_version(&self) -> u64 {
        self.data_version
    }

    /// The next rows; `None` after the last. With [`SqlLimits::cut`], one row more than the limit tells that there
    /// are more.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, EngineError>> {
        loop {
            match self.messages.recv().await? {
                Ok(Message::Rows(batch)) => return Some(Ok(batch)),
                Ok(Message::Head(_)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The threads of all queries. Apart from those of the server: a query computes for long between two waits.
pub(super) fn runtime(threads: usize) -> Result<&'static Runtime, EngineError> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let make = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads).thread_name("sql").enable_all().build().ok()
    };
    let runtime = RUNTIME.get_or_init(make).as_ref();
    runtime.ok_or_else(|| EngineError::Internal("no threads for SQL could be started".to_owned()))
}

impl Engine {
    /// Runs one read-only query. Its rows come as they are made, on threads of its own.
    ///
    /// Errors: as [`Engine::sql`]'s; those of making rows come with the rows.
    pub async fn sql_stream(
        &self,
        query: &str,
        limits: SqlLimits,
        cancel: &Cancel,
    ) -> Result<SqlStream, EngineError> {
        self.open_stream(query.to_owned(), limits, cancel).await
    }

    // Boxed, so that what a query is made of is compiled once, here, and not in every crate that asks one.
    fn open_stream<'a>(
        &'a self,
        query: String,
        limits: SqlLimits,
        cancel: &'a Cancel,
    ) -> BoxFuture<'a, Result<SqlStream, EngineError>> {
        let (snapshot, threads) = (self.store.snapshot(), self.threads);
        let plan = move |tables| async move {
            let context = session(tables, threads, limits)?;
            context.sql_with_options(&query, read_only()).await.map_err(sql_error)
        };
        Box::pin(self.start(snapshot, limits, cancel, plan))
    }

    /// Runs what `plan` makes of the tables of a snapshot, and waits until it is planned.
    pub(super) async fn start<F>(
        &self,
        snapshot: Snapshot,
        limits: SqlLimits,
        cancel: &Cancel,
        plan: impl FnOnce(Tables) -> F + Send + 'static,
    ) -> Result<SqlStream, EngineError>
    where
        F: Future<Output = Result<DataFrame, EngineError>> + Send,
    {
        let data_version = snapshot.version();
        let (sender, mut messages) = mpsc::channel(BATCHES_AHEAD);
        let (engine, cancel) = (self.clone(), cancel.clone());
        let work = StopOnDrop(cancel.part());
        runtime(self.threads)?.spawn(async move {
            let answer = async {
                let tables = Tables::new(&engine, Some(snapshot), &work.0);
                send(plan(tables).await?, limits, &sender).await
            };
            let outcome = tokio::select! {
                outcome = tokio::time::timeout(limits.time_max, answer) => {
                    outcome.unwrap_or_else(|_| Err(too_long(limits)))
                }
                () = sender.closed() => return,
                () = stopped(&cancel) => Err(EngineError::Cancelled),
            };
            if let Err(error) = outcome {
                // Nobody waits for it any more: then nobody misses it.
                drop(sender.send(Err(explain(error, limits))).await);
            }
        });
        match messages.recv().await {
            Some(Ok(Message::Head(schema))) => Ok(SqlStream { schema, data_version, messages }),
            Some(Err(error)) => Err(error),
            Some(Ok(Message::Rows(_))) | None => {
                Err(EngineError::Internal("a query ended without a word".to_owned()))
            }
        }
    }
}

/// Tells the readers of buckets that nobody waits for them.
struct StopOnDrop(Cancel);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn stopped(cancel: &Cancel) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// No tables made, no rows written, no settings changed.
pub(super) fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

/// A session that sees our tables and nothing else: no files, no network, no space on the disk.
fn session(tables: Tables, threads: usize, limits: SqlLimits) -> Result<SessionContext, EngineError> {
    let mut config = SessionConfig::new()
        .with_information_schema(true)
        .with_target_partitions(threads)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, SCHEMA);
    config.options_mut().sql_parser.collect_spans = true;
    let context = SessionContext::new_with_config_rt(config, memory(limits)?);
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(SCHEMA, Arc::new(tables)).map_err(sql_error)?;
    context.register_catalog(CATALOG, Arc::new(catalog));
    Ok(context)
}

/// The memory of one query. What does not fit is an error: nothing is written to the disk.
pub(super) fn memory(limits: SqlLimits) -> Result<Arc<RuntimeEnv>, EngineError> {
    let no_disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let memory = RuntimeEnvBuilder::new()
        .with_memory_limit(limits.memory_bytes_max, 1.0)
        .with_disk_manager_builder(no_disk);
    memory.build_arc().map_err(sql_error)
}

async fn send(
    frame: DataFrame,
    limits: SqlLimits,
    sender: &mpsc::Sender<Result<Message, EngineError>>,
) -> Result<(), EngineError> {
    // One row more tells whether there are more; knowing the limit, a sort keeps only so many.
    let is_query = !matches!(
        frame.logical_plan(),
        LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_)
    );
    let frame = match is_query {
        true => frame.limit(0, Some(limits.rows_max.saturating_add(1))).map_err(sql_error)?,
        false => frame,
    };
    let mut rows = frame.execute_stream().await.map_err(sql_error)?;
    if sender.send(Ok(Message::Head(rows.schema()))).await.is_err() {
        return Ok(());
    }
    let mut n_rows = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(sql_error)?;
        n_rows += batch.num_rows();
        if n_rows > limits.rows_max && !limits.cut {
            return Err(too_many(limits));
        }
        if batch.num_rows() > 0 && sender.send(Ok(Message::Rows(batch))).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Our own error inside, or what DataFusion says and where.
pub(super) fn sql_error(error: DataFusionError) -> EngineError {
    match error {
        DataFusionError::External(inner) => match inner.downcast::<EngineError>() {
            Ok(own) => *own,
            Err(other) => EngineError::Sql(other.to_string()),
        },
        DataFusionError::Context(_, inner) if is_own(&inner) => sql_error(*inner),
        DataFusionError::Shared(inner) => match Arc::try_unwrap(inner) {
            Ok(inner) => sql_error(inner),
            Err(shared) => shared_error(&shared),
        },
        error => EngineError::Sql(words(&error)),
    }
}

fn is_own(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::External(inner) if inner.is::<EngineError>())
}

/// An error that several streams hold: its words remain.
fn shared_error(error: &DataFusionError) -> EngineError {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<EngineError>() {
            Some(EngineError::Cancelled) => EngineError::Cancelled,
            Some(own) => EngineError::Problems(own.problems()),
            None => EngineError::Sql(inner.to_string()),
        },
        _ => EngineError::Sql(words(error)),
    }
}

/// What and, if known, where: `line 1, column 8`.
fn words(error: &DataFusionError) -> String {
    if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) {
        return format!("{OUT_OF_MEMORY}{error}");
    }
    let text = error.strip_backtrace();
    let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    match span.map(|span| span.start) {
        Some(at) if at.line > 0 => format!("{text} (line {}, column {})", at.line, at.column),
        _ => text,
    }
}

/// Marks an error that says that memory ran out, until the limit is known to say it in words.
const OUT_OF_MEMORY: &str = "out of memory: ";

fn explain(error: EngineError, limits: SqlLimits) -> EngineError {
    match error {
        EngineError::Sql(reason) if reason.starts_with(OUT_OF_MEMORY) => too_large(limits),
        error => error,
    }
}

fn too_long(limits: SqlLimits) -> EngineError {
    let seconds = limits.time_max.as_secs();
    Problem::error(
        "sql.too_long",
        (
            format!("질의가 {seconds}초 안에 끝나지 않아 멈추었습니다."),
            format!("The query ran longer than {seconds} s and was stopped."),
        ),
        (
            "기간이나 이벤트를 `WHERE`로 좁히거나, 먼저 묶은 뒤 합치세요.",
            "Narrow times or events with `WHERE`, or group before joining.",
        ),
    )
    .into()
}

fn too_large(limits: SqlLimits) -> EngineError {
    let mib = limits.memory_bytes_max >> 20;
    Problem::error(
        "sql.too_large",
        (
            format!("질의에 메모리가 {mib} MiB보다 많이 필요합니다."),
            format!("The query needs more than {mib} MiB of memory."),
        ),
        (
            "열과 행을 줄이고, 정렬이나 조인 전에 묶으세요.",
            "Ask for fewer columns and rows, and group before sorting or joining.",
        ),
    )
    .into()
}

fn too_many(limits: SqlLimits) -> EngineError {
    let rows = limits.rows_max;
    Problem::error(
        "sql.too_many_rows",
        (format!("답이 {rows}행을 넘습니다."), format!("The answer has more than {rows} rows.")),
        ("`WHERE`나 `LIMIT`로 나누어 받으세요.", "Take it in parts with `WHERE` or `LIMIT`."),
    )
    .into()
}
