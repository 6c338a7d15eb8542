//! One import from its file to the ledger.

use super::{
    Progress,
    batch::Batch,
    compile::{self, Compiled, Context, Plan},
    feed::{Feed, Tally},
    group::Groups,
    input, inspect, problems,
    rejects::{Reason, Rejects},
    sink::{RowError, Sink},
};
use crate::{Engine, EngineError};
use meta::{Import, ImportState, NewImport};
use model::{
    Problem,
    limits::{CHANNELS_MAX, EVENT_NAMES_MAX, PROPERTIES_MAX},
    mapping::Mapping,
    workspace::Workspace,
};
use serde::Serialize;
use std::{
    io,
    path::PathBuf,
    sync::{Arc, mpsc},
};
use store::{EventRef, Names, Properties, PropertyId, PropertyKind, Writer};
use tokio::runtime::Handle;

/// A file to import.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// Where it lies. Lookups are found in the same folder.
    pub file: PathBuf,
    /// What people call it.
    pub name: String,
    /// How its rows become events.
    pub mapping: Mapping,
    /// Where rejected rows are written, if there are any. What lies there is replaced.
    pub rejects: Option<PathBuf>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Row of the ledger.
    pub import: i64,
    /// What people call the file.
    pub file: String,
    /// Key of the mapping.
    pub mapping: String,
    /// Whether this file was imported by this mapping before, so that nothing was done.
    pub already: bool,
    /// The line after which an interrupted import went on; 0 when it began at the start.
    pub resumed_after_line: u64,
    /// Rows of the file.
    pub n_rows: u64,
    /// Events that were not there before.
    pub n_added: u64,
    /// Events that were there already.
    pub n_duplicates: u64,
    /// Rows rejected.
    pub n_rejected: u64,
    /// Rows left out by the mapping's choice.
    pub n_skipped: u64,
    /// What became of each row.
    pub tally: Tally,
    /// Reasons of the rejected rows, the most frequent first.
    pub reasons: Vec<Reason>,
    /// Points of series written.
    pub n_points: u64,
    /// Anonymous identifiers that were linked to a user.
    pub n_links: u64,
    /// Where the rejected rows were written, if there are any.
    #[schema(value_type = Option<String>)]
    pub rejects: Option<PathBuf>,
    /// What to know before trusting it.
    pub warnings: Vec<Problem>,
}

/// What bounds an import; tests make it small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Rows between two checkpoints.
    pub(super) checkpoint_rows: u64,
    /// Bytes of groups in memory.
    pub(super) group_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { checkpoint_rows: 2_000_000, group_bytes: 96 << 20 }
    }
}

/// Imports a file. Nothing is visible before the end; an import that stops goes on from its last checkpoint when the
/// same file is imported by the same mapping again, and one that is done adds nothing.
///
/// Errors: [`EngineError::Problems`] for what the user can mend (nothing was stored, or what the problem says),
/// [`EngineError::Cancelled`], and failures of the store.
pub async fn run(
    engine: &Engine,
    request: ImportRequest,
    progress: &Progress,
) -> Result<ImportReport, EngineError> {
    run_within(engine, request, progress, Bounds::default()).await
}

pub(super) async fn run_within(
    engine: &Engine,
    request: ImportRequest,
    progress: &Progress,
    bounds: Bounds,
) -> Result<ImportReport, EngineError> {
    let workspace = engine.workspace().await?;
    let (engine, progress, handle) = (engine.clone(), progress.clone(), Handle::current());
    let work = move || Work { engine, request, progress, workspace, bounds, handle }.run();
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(EngineError::Internal(panic.to_string())))
}

/// The name under which a mapping's events are stored.
fn source_of(mapping: &Mapping) -> String {
    mapping.key.to_string()
}

struct Work {
    engine: Engine,
    request: ImportRequest,
    progress: Progress,
    workspace: Workspace,
    bounds: Bounds,
    handle: Handle,
}

impl Work {
    fn run(self) -> Result<ImportReport, EngineError> {
        let Self { request, engine, .. } = &self;
        let (file_hash, size_bytes) = input::hash(&request.file, &request.name)?;
        self.progress.start_bytes(size_bytes);
        let mut file = inspect::inspect(&request.file, &request.name, &request.mapping.file)?;
        let context = Context { path: &request.file, name: &request.name, zone: &self.workspace.zone };
        let compiled = compile::compile(&request.mapping, &mut file, &context)?;
        let identity = format!("{file_hash}:{}", self.mapping_hash()?);
        // Imports wait for each other here, so that the ledger is read after the import before has written it.
        let writer = self.handle.block_on(engine.store.writer(&source_of(&request.mapping)))?;
        let key = request.mapping.key.as_str();
        let known = self.handle.block_on(engine.meta.find_import(key, &identity))?;
        let import = match known {
            Some(import) if import.state == ImportState::Done => return Ok(self.already(&import)),
            Some(import) => self.handle.block_on(engine.meta.resume_import(import.id))?,
            None => {
                let new =
                    NewImport { mapping: key, file_name: &request.name, file_hash: &identity, size_bytes };
                self.handle.block_on(engine.meta.begin_import(new, engine.clock.now_us()))?
            }
        };
        let id = import.id;
        let done = self.import(compiled, &file.layout, writer, &import);
        if let Err(error) = &done {
            let reason = match error {
                EngineError::Cancelled => None,
                error => Some(error.to_string()),
            };
            self.handle.block_on(engine.meta.stop_import(id, reason.as_deref(), engine.clock.now_us()))?;
        }
        done
    }

    /// What besides the file decides what comes out: the mapping, the workspace's zone, the lookups' content.
    fn mapping_hash(&self) -> Result<String, EngineError> {
        let mapping = &self.request.mapping;
        let text =
            serde_json::to_string(mapping).map_err(|error| EngineError::Internal(error.to_string()))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(text.as_bytes());
        hasher.update(self.workspace.zone.as_bytes());
        for lookup in mapping.lookups.values() {
            let path = self.request.file.parent().unwrap_or("".as_ref()).join(&lookup.file);
            hasher.update(input::hash(&path, &lookup.file)?.0.as_bytes());
        }
        Ok(hasher.finalize().to_hex()[..16].to_owned())
    }

    fn already(&self, import: &Import) -> ImportReport {
        let warning = problems::already_imported(&self.request.name, import.id);
        ImportReport {
            already: true,
            n_rows: import.n_lines,
            n_duplicates: import.n_pushed,
            n_rejected: import.n_rejected,
            warnings: vec![warning],
            ..self.report(import)
        }
    }

    fn report(&self, import: &Import) -> ImportReport {
        ImportReport {
            import: import.id,
            file: self.request.name.clone(),
            mapping: self.request.mapping.key.to_string(),
            already: false,
            resumed_after_line: 0,
            n_rows: 0,
            n_added: 0,
            n_duplicates: 0,
            n_rejected: 0,
            n_skipped: 0,
            tally: Tally::default(),
            reasons: Vec::new(),
            n_points: 0,
            n_links: 0,
            rejects: None,
            warnings: Vec::new(),
        }
    }

    fn import(
        &self,
        compiled: Compiled,
        layout: &inspect::Layout,
        mut writer: Writer,
        import: &Import,
    ) -> Result<ImportReport, EngineError> {
        let request = &self.request;
        writer.attach(import);
        let resumable = compiled.group.is_none() && matches!(compiled.plan, Plan::Events(_));
        let resume_after = if resumable { import.checkpoint_line } else { 0 };
        let snapshot = self.engine.store.snapshot();
        let mut sink = StoreSink::new(writer, snapshot.names().clone(), snapshot.properties().clone());
        let rejects = Rejects::new(request.rejects.as_deref(), self.workspace.lang)?;
        let groups = Groups::new(&self.engine.dir.join("tmp"), self.bounds.group_bytes);
        let mut feed = Feed::new(compiled, rejects, Some(groups));
        let rows = inspect::rows(&request.file, &request.name, layout, &self.progress)?;
        let mut marks = Marks {
            kept_line: resume_after,
            resumable,
            resume_after,
            next_rows: self.bounds.checkpoint_rows,
        };
        let encoding =
            pipeline(rows, |batch| self.take(batch, &mut feed, &mut sink, &mut marks)).map_err(|stop| {
                match stop {
                    Stop::Read(error) => {
                        problems::broken_file(&request.name, &error, Some(marks.kept_line)).into()
                    }
                    Stop::Work(error) => error,
                }
            })?;
        feed.finish(&mut sink)?;
        let mut n_points = 0;
        if let Plan::Series(series) = &feed.compiled.plan {
            let points = series.points();
            n_points = points.len() as u64;
            self.handle.block_on(self.engine.meta.put_series(&points))?;
        }
        let Feed { compiled, tally, rejects, .. } = feed;
        let progress = store::Progress {
            n_lines: tally.lines,
            n_rejected: tally.rejected,
            checkpoint_line: marks.last_line(import),
        };
        let (reasons, rejects) = rejects.finish()?;
        let now_us = self.engine.clock.now_us();
        let summary = self.handle.block_on(sink.writer.finish(progress, now_us))?;
        let settled = self.handle.block_on(self.engine.meta.import(import.id))?;
        let (n_added, n_duplicates) =
            settled.map_or((summary.n_added, summary.n_duplicate), |row| (row.n_added, row.n_duplicate));
        let mut warnings = compiled.warnings;
        let left_out = (summary.n_refused, summary.n_erased);
        warnings.extend(problems::after_import(&request.name, encoding, &tally, now_us, left_out));
        Ok(ImportReport {
            resumed_after_line: resume_after,
            n_rows: tally.lines,
            n_added,
            n_duplicates,
            n_rejected: tally.rejected,
            n_skipped: tally.skipped,
            tally,
            reasons,
            n_points,
            n_links: summary.n_links,
            rejects,
            warnings,
            ..self.report(import)
        })
    }

    /// Maps the rows of one batch, and makes a checkpoint when it is time.
    fn take(
        &self,
        batch: &Batch,
        feed: &mut Feed,
        sink: &mut StoreSink,
        marks: &mut Marks,
    ) -> Result<(), EngineError> {
        if self.progress.cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        for row in batch.iter() {
            sink.muted = row.line() <= marks.resume_after;
            feed.row(row, sink)?;
        }
        self.progress.add_rows(batch.rows.len() as u64);
        let Some(line) = batch.rows.last().map(|row| row.line) else { return Ok(()) };
        if marks.resumable && feed.tally.lines >= marks.next_rows && line > marks.resume_after {
            marks.next_rows = feed.tally.lines + self.bounds.checkpoint_rows;
            let progress = store::Progress {
                n_lines: feed.tally.lines,
                n_rejected: feed.tally.rejected,
                checkpoint_line: line,
            };
            self.handle.block_on(sink.writer.checkpoint(progress))?;
            marks.kept_line = line;
        }
        Ok(())
    }
}

/// How far an import is.
struct Marks {
    /// Lines up to here are stored for good.
    kept_line: u64,
    /// Whether checkpoints can be made: a group is whole only at the end.
    resumable: bool,
    /// Lines up to here were stored by an earlier attempt: they are read again, for their counts and for what is
    /// remembered from row to row, and not pushed.
    resume_after: u64,
    next_rows: u64,
}

impl Marks {
    fn last_line(&self, import: &Import) -> u64 {
        self.kept_line.max(import.checkpoint_line)
    }
}

enum Stop {
    Read(io::Error),
    Work(EngineError),
}

/// Reads on one thread and works on this one, with a few batches between them. Returns the encoding found.
fn pipeline(
    mut rows: inspect::Rows,
    mut work: impl FnMut(&Batch) -> Result<(), EngineError>,
) -> Result<Option<&'static encoding_rs::Encoding>, Stop> {
    let (full, batches) = mpsc::sync_channel::<io::Result<Batch>>(3);
    let (empty, spare) = mpsc::channel::<Batch>();
    // Everything moves in, so that an early end closes the channels and frees the reader.
    std::thread::scope(move |scope| {
        let reader = scope.spawn(move || {
            loop {
                let mut batch = spare.try_recv().unwrap_or_default();
                let filled = rows.next(&mut batch);
                let (sent, over) = match filled {
                    Ok(false) => return rows.encoding(),
                    Ok(true) => (full.send(Ok(batch)), false),
                    Err(error) => (full.send(Err(error)), true),
                };
                // The worker has stopped, or there is nothing more to read.
                if over || sent.is_err() {
                    return rows.encoding();
                }
            }
        });
        for batch in batches {
            let batch = batch.map_err(Stop::Read)?;
            work(&batch).map_err(Stop::Work)?;
            // When the reader is done it takes no more buffers.
            let _ = empty.send(batch);
        }
        let encoding = reader.join();
        encoding.map_err(|_| Stop::Work(EngineError::Internal("the reading thread died".to_owned())))
    })
}

/// Pushes to the store, within the limits of a workspace.
struct StoreSink {
    writer: Writer,
    names: Arc<Names>,
    properties: Arc<Properties>,
    n_new_events: usize,
    n_new_channels: usize,
    n_new_properties: usize,
    /// Whether events are dropped, because an earlier attempt stored them.
    muted: bool,
}

impl StoreSink {
    fn new(writer: Writer, names: Arc<Names>, properties: Arc<Properties>) -> Self {
        Self {
            writer,
            names,
            properties,
            n_new_events: 0,
            n_new_channels: 0,
            n_new_properties: 0,
            muted: false,
        }
    }
}

/// Counts something new against its limit.
fn grow(n_known: usize, n_new: &mut usize, limit: usize, name: &str) -> Result<(), RowError> {
    if n_known + *n_new >= limit {
        let shown: String = name.chars().take(60).collect();
        return Err(RowError::Flaw(super::Flaw::TooManyNames(format!("`{shown}` ({limit})"))));
    }
    *n_new += 1;
    Ok(())
}

impl Sink for StoreSink {
    fn event_code(&mut self, name: &str) -> Result<u16, RowError> {
        if self.names.event_code(name).is_none() {
            grow(self.names.events().len(), &mut self.n_new_events, EVENT_NAMES_MAX, name)?;
        }
        Ok(self.writer.event_code(name)?)
    }

    fn channel_code(&mut self, name: &str) -> Result<u16, RowError> {
        if self.names.channel_code(name).is_none() {
            grow(self.names.channels().len(), &mut self.n_new_channels, CHANNELS_MAX, name)?;
        }
        Ok(self.writer.channel_code(name)?)
    }

    fn property(&mut self, key: &str, kind: PropertyKind) -> Result<PropertyId, RowError> {
        if self.properties.find(key, kind).is_none() {
            grow(self.properties.all().len(), &mut self.n_new_properties, PROPERTIES_MAX, key)?;
        }
        Ok(self.writer.property(key, kind))
    }

    fn push(&mut self, event: EventRef<'_>) -> Result<(), RowError> {
        if self.muted {
            return Ok(());
        }
        Ok(self.writer.push(event)?)
    }
}
