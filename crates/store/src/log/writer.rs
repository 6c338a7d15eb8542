//! The one thread that writes the log.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::block;
use super::record::Batch;
use super::segments::{self, Segment};
use crate::store::sync_dir;
use crate::{Result, StoreError};

/// Content of one block: what is gathered while the disk is busy with the block before.
const BLOCK_MAX_BYTES: usize = 4 << 20;

/// A file of the log is closed at this size.
const SEGMENT_MAX_BYTES: u64 = 64 << 20;

/// Space the log leaves free, besides what sealing takes: enough for the database to note what was done.
const SPARE_BYTES: u64 = 8 << 20;

/// A batch with the sequence number of its first record.
#[derive(Clone, Debug)]
pub(crate) struct Sequenced {
    pub first: u64,
    pub batch: Batch,
}

impl Sequenced {
    pub(crate) fn end(&self) -> u64 {
        self.first + u64::from(self.batch.n_records)
    }
}

/// What the log can do at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogState {
    /// It takes events.
    Ok,
    /// The disk is full: events are refused until there is space again.
    Full,
    /// A flush failed. Nothing more is taken; the process must end.
    Stopped,
}

enum Request {
    Append(Batch, oneshot::Sender<Result<()>>),
    /// Delete files that hold nothing at or above this number; with `true` the current one too.
    Discard(u64, bool, mpsc::Sender<Result<()>>),
}

/// Readable by everyone.
pub(crate) struct Figures {
    state: AtomicU8,
    pub size_bytes: AtomicU64,
    pub n_events: AtomicU64,
    pub last_us: AtomicU64,
}

/// The log, open for writing. Dropping it waits for what is under way.
pub(crate) struct Log {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    pub figures: Arc<Figures>,
}

impl Log {
    /// Starts the thread. `next` is the first free sequence number; `deliver` gets every batch that is on
    /// disk, in order, before its sender hears of it.
    pub(crate) fn start(
        dir: &Path,
        next: u64,
        segments: Vec<Segment>,
        deliver: impl FnMut(Vec<Sequenced>) + Send + 'static,
    ) -> Result<Self> {
        let figures = Arc::new(Figures {
            state: AtomicU8::new(0),
            size_bytes: AtomicU64::new(segments.iter().map(|segment| segment.size_bytes).sum()),
            n_events: AtomicU64::new(0),
            last_us: AtomicU64::new(0),
        });
        let files = Files {
            dir: dir.to_owned(),
            current: None,
            closed: segments,
            next,
            skipped: 0,
            figures: Arc::clone(&figures),
        };
        let (requests, inbox) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || run(&inbox, files, deliver))
            .map_err(StoreError::io("start a thread for", dir))?;
        Ok(Self { requests: Some(requests), thread: Some(thread), figures })
    }

    /// Puts a batch on disk. `Ok` means that it is there.
    pub(crate) async fn append(&self, batch: Batch) -> Result<()> {
        let (done, answer) = oneshot::channel();
        self.send(Request::Append(batch, done))?;
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Deletes what is in parts: files with nothing at or above `below`. With `all` the current file is
    /// closed first, so that nothing below stays in it.
    pub(crate) fn discard(&self, below: u64, all: bool) -> Result<()> {
        let (done, answer) = mpsc::channel();
        self.send(Request::Discard(below, all, done))?;
        answer.recv().unwrap_or(Err(StoreError::Stopped))
    }

    /// Takes nothing more, for good.
    pub(crate) fn stop(&self, error: &std::io::Error) {
        stop(&self.figures, error);
    }

    pub(crate) fn state(&self) -> LogState {
        match self.figures.state.load(Ordering::Acquire) {
            0 => LogState::Ok,
            1 => LogState::Full,
            _ => LogState::Stopped,
        }
    }

    fn send(&self, request: Request) -> Result<()> {
        self.requests.as_ref().and_then(|requests| requests.send(request).ok()).ok_or(StoreError::Stopped)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(inbox: &mpsc::Receiver<Request>, mut files: Files, mut deliver: impl FnMut(Vec<Sequenced>)) {
    let mut waiting = None;
    while let Some(request) = waiting.take().or_else(|| inbox.recv().ok()) {
        match request {
            Request::Discard(below, all, done) => {
                let _ = done.send(files.discard(below, all));
            }
            Request::Append(batch, done) => {
                let (mut batches, mut senders) = (vec![batch], vec![done]);
                let mut n_bytes = batches[0].size_bytes();
                while n_bytes < BLOCK_MAX_BYTES {
                    match inbox.try_recv() {
                        Ok(Request::Append(batch, done)) => {
                            n_bytes += batch.size_bytes();
                            batches.push(batch);
                            senders.push(done);
                        }
                        Ok(other) => {
                            waiting = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                let written = files.append(&batches);
                if let Ok(first) = written {
                    deliver(numbered(batches, first));
                }
                for sender in senders {
                    // A sender that no longer waits is fine: its events are stored, it will send them again.
                    let _ = sender.send(match &written {
                        Ok(_) => Ok(()),
                        Err(refusal) => Err(refusal.to_error()),
                    });
                }
            }
        }
    }
}

fn numbered(batches: Vec<Batch>, mut first: u64) -> Vec<Sequenced> {
    let number = |batch: Batch| {
        let sequenced = Sequenced { first, batch };
        first = sequenced.end();
        sequenced
    };
    batches.into_iter().map(number).collect()
}

/// Why a block was not written.
enum Refusal {
    Full,
    Stopped,
}

impl Refusal {
    fn to_error(&self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Stopped => StoreError::Stopped,
        }
    }
}

struct Files {
    dir: PathBuf,
    current: Option<(File, Segment)>,
    closed: Vec<Segment>,
    next: u64,
    /// Numbers given to a block that may or may not be on disk.
    skipped: u64,
    figures: Arc<Figures>,
}

impl Files {
    /// Writes one block and flushes it; the sequence number of its first record.
    fn append(&mut self, batches: &[Batch]) -> Result<u64, Refusal> {
        if self.figures.state.load(Ordering::Acquire) >= 2 {
            return Err(Refusal::Stopped);
        }
        let n_records: u64 = batches.iter().map(|batch| u64::from(batch.n_records)).sum();
        let mut bytes = Vec::new();
        block::put(&mut bytes, batches, self.next, self.skipped);
        if !self.has_space(bytes.len() as u64) {
            return Err(self.full());
        }
        match self.write(&bytes, n_records) {
            Ok(()) => {}
            Err(Failure::NotWritten) => return Err(self.full()),
            Err(Failure::Unknown(error)) => return Err(self.stop(&error)),
        }
        let first = self.next;
        self.next += n_records;
        self.skipped = 0;
        let n_events: u64 = batches.iter().map(|batch| u64::from(batch.n_events)).sum();
        let last_us = batches.iter().map(|batch| batch.received_us).max().unwrap_or(0);
        let figures = &self.figures;
        figures.state.store(0, Ordering::Release);
        figures.size_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        figures.n_events.fetch_add(n_events, Ordering::Relaxed);
        figures.last_us.store(last_us.cast_unsigned(), Ordering::Relaxed);
        if self.current.as_ref().is_some_and(|(_, segment)| segment.size_bytes >= SEGMENT_MAX_BYTES) {
            self.close();
        }
        Ok(first)
    }

    /// Whether the disk holds this block and, after it, the parts that the log will become.
    fn has_space(&self, n_bytes: u64) -> bool {
        let Ok(disk) = rustix::fs::statvfs(&self.dir) else { return true };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let log = self.figures.size_bytes.load(Ordering::Relaxed);
        free > n_bytes + log + SPARE_BYTES
    }

    fn write(&mut self, bytes: &[u8], n_records: u64) -> Result<(), Failure> {
        if self.current.is_none() {
            self.current = Some(self.create()?);
        }
        let Some((file, segment)) = &mut self.current else { return Err(Failure::NotWritten) };
        if let Err(error) = file.write_all_at(bytes, segment.size_bytes) {
            // What is there of the block is cut off; if not even that works, the file ends here and the
            // numbers are not used again, so that the block, should it be whole after all, stays apart.
            if file.set_len(segment.size_bytes).is_err() {
                self.skipped += n_records;
                self.next += n_records;
            }
            self.close();
            return Err(if is_full(&error) { Failure::NotWritten } else { Failure::Unknown(error) });
        }
        file.sync_data().map_err(Failure::Unknown)?;
        segment.size_bytes += bytes.len() as u64;
        Ok(())
    }

    fn create(&mut self) -> Result<(File, Segment), Failure> {
        let path = self.dir.join(segments::name(self.next));
        // A file of this name holds no whole block: what a crash, or damage, left of the first one.
        if let Some(at) = self.closed.iter().position(|segment| segment.path == path)
            && self.closed.swap_remove(at).damaged
        {
            keep_aside(&self.dir, &path).map_err(|error| Failure::Unknown(std::io::Error::other(error)))?;
        }
        let file = File::options().create(true).truncate(true).write(true).open(&path);
        let file = file.map_err(|error| match is_full(&error) {
            true => Failure::NotWritten,
            false => Failure::Unknown(error),
        })?;
        sync_dir(&self.dir).map_err(|error| Failure::Unknown(std::io::Error::other(error)))?;
        let noted = segments::note_newest(&self.dir, &segments::name(self.next));
        noted.map_err(|error| if is_full(&error) { Failure::NotWritten } else { Failure::Unknown(error) })?;
        Ok((file, Segment { path, end: self.next, size_bytes: 0, damaged: false }))
    }

    fn close(&mut self) {
        if let Some((_, mut segment)) = self.current.take() {
            segment.end = self.next;
            self.closed.push(segment);
        }
    }

    fn full(&self) -> Refusal {
        self.figures.state.store(1, Ordering::Release);
        Refusal::Full
    }

    fn stop(&self, error: &std::io::Error) -> Refusal {
        stop(&self.figures, error);
        Refusal::Stopped
    }

    fn discard(&mut self, below: u64, all: bool) -> Result<()> {
        let big = self.current.as_ref().is_some_and(|(_, own)| own.size_bytes >= SEGMENT_MAX_BYTES / 16);
        if all || (big && self.next <= below) {
            self.close();
        }
        let (gone, kept): (Vec<Segment>, _) = self.closed.drain(..).partition(|own| own.end <= below);
        self.closed = kept;
        if !gone.is_empty()
            && segments::newest(&self.dir).is_some_and(|newest| gone.iter().any(|own| own.path == newest))
        {
            segments::forget_newest(&self.dir)?;
        }
        for segment in gone {
            self.figures.size_bytes.fetch_sub(segment.size_bytes, Ordering::Relaxed);
            if segment.damaged {
                keep_aside(&self.dir, &segment.path)?;
            } else {
                match std::fs::remove_file(&segment.path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(StoreError::io("remove", &segment.path)(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn stop(figures: &Figures, error: &std::io::Error) {
    figures.state.store(2, Ordering::Release);
    tracing::error!(%error, "a flush failed: the event log stops, the process must end");
}

/// Moves a damaged file to where nobody reads it and a person may look at it.
fn keep_aside(dir: &Path, path: &Path) -> Result<()> {
    let aside = dir.join("damaged");
    std::fs::create_dir_all(&aside).map_err(StoreError::io("create", &aside))?;
    let name = path.file_name().unwrap_or_default();
    std::fs::rename(path, aside.join(name)).map_err(StoreError::io("move", path))
}

enum Failure {
    /// Nothing of it counts; it may be tried again.
    NotWritten,
    /// Nobody knows what is on disk.
    Unknown(std::io::Error),
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
