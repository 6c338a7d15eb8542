//! The store: its folder, its catalogue, its log, and who may write.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use meta::{Catalogue, ImportOutcome, Meta, PartRow};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use crate::cache::ColumnCache;
use crate::committed::Committed;
use crate::encode::Stay;
use crate::identity::{Identity, Links};
use crate::live::Live;
use crate::log::{Batch, Damage, Log, LogState, recover};
use crate::parallel::in_parallel;
use crate::part::Part;
use crate::seal;
use crate::settle::{Overlays, Tiers, View};
use crate::snapshot::Snapshot;
use crate::spread::Target;
use crate::tail::{Inbox, Tail, take_in};
use crate::verify::{FolderLock, lock_folder};
use crate::writer::Writer;
use crate::{Names, Properties, Result, StoreError};

/// Buckets of a new store: what a thread works on at a time, and what a new event makes one read again.
pub(crate) const N_BUCKETS: u32 = 32;

/// Log content taken into the tail at a time.
const TAKE_BYTES: usize = 8 << 20;

/// When the tail is sealed, and how large it may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Rows in the tail that are worth parts of their own.
    pub seal_rows: usize,
    /// Time after which they are sealed in any case.
    pub seal_after: Duration,
    /// Memory of the tail beyond which no more events are taken.
    pub tail_max_bytes: usize,
    /// Memory for decoded columns.
    pub cache_max_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seal_rows: 500_000,
            seal_after: Duration::from_secs(60),
            tail_max_bytes: 768 << 20,
            cache_max_bytes: 1280 << 20,
        }
    }
}

/// As long as this lives no import is at work, and none begins.
pub struct NoImport {
    _importing: OwnedMutexGuard<()>,
}

/// The event store of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
}

/// What the threads of a store share with it. It does not hold the folder's lock.
pub(crate) struct Core {
    pub dir: PathBuf,
    pub meta: Meta,
    pub n_buckets: usize,
    pub next_part: AtomicU64,
    pub options: Options,
    pub inbox: Inbox,
    /// Wakes the sealer.
    pub seal: Notify,
    tail_bytes: AtomicUsize,
    live: std::sync::Mutex<Live>,
    published: RwLock<Snapshot>,
}

pub(crate) struct Shared {
    pub core: Arc<Core>,
    pub committed: Arc<Mutex<Committed>>,
    /// One import at a time.
    importing: Arc<Mutex<()>>,
    log: Option<Log>,
    consumer: Option<JoinHandle<()>>,
    sealer: Option<tokio::task::JoinHandle<()>>,
    damage: Vec<Damage>,
    /// Held while the store is open; the lock goes with it.
    _lock: FolderLock,
}

/// What [`Store::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Files read.
    pub n_parts: u64,
    /// Rows in them, duplicates included.
    pub n_rows: u64,
    /// Bytes read.
    pub size_bytes: u64,
    /// Files that are not what was written, with the reason.
    pub damaged: Vec<(PathBuf, String)>,
    /// What in the log is not what was written.
    pub log: Vec<Damage>,
}

/// How the log and the tail are doing. Counts are since the store was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngestStats {
    /// What the log can do at the moment.
    pub state: LogState,
    /// Events that were acknowledged.
    pub n_events: u64,
    /// Events of persons who asked to be forgotten: dropped.
    pub n_erased: u64,
    /// Size of the log.
    pub log_bytes: u64,
    /// Rows of the tail: not in parts yet.
    pub tail_rows: u64,
    /// Memory they take, with what waits to be put in order.
    pub tail_bytes: u64,
    /// When something came last, microseconds UTC; 0 for never.
    pub last_us: i64,
}

impl Store {
    /// Opens the store in `dir`, making it if there is none; its catalogue is in `meta`.
    ///
    /// Files the catalogue does not know (of an import that was interrupted) are removed. If an import was
    /// interrupted after a checkpoint, what it stored is settled now and becomes visible. What the log holds
    /// beyond the parts is read back.
    ///
    /// Errors: [`StoreError::Locked`] if the folder is open already, here or in another process.
    pub async fn open(dir: &Path, meta: Meta) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(StoreError::io("create", dir))?;
        Self::open_with(lock_folder(dir)?, meta, Options::default()).await
    }

    /// As [`Store::open`] in a folder that is taken already, with other limits of the tail.
    pub async fn open_with(lock: FolderLock, meta: Meta, options: Options) -> Result<Self> {
        let dir = &lock.dir().to_owned();
        let (parts, logs) = (dir.join("parts"), dir.join("log"));
        for folder in [&parts, &logs] {
            std::fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        }
        let catalogue = meta.catalogue(N_BUCKETS).await?;
        let n_buckets = catalogue.n_buckets as usize;
        for bucket in 0..n_buckets {
            let folder = parts.join(format!("{bucket:03}"));
            std::fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
        }
        remove_orphans(dir, &catalogue.parts)?;
        sync_dir(&parts)?;
        sync_dir(dir)?;
        let next_part = catalogue.parts.iter().map(|part| part.id + 1).max().unwrap_or(1);
        let recovered = recover(&logs, catalogue.log_sequence)?;
        let cache = Arc::new(ColumnCache::new(options.cache_max_bytes));
        let committed = Committed::load(dir, catalogue.clone());
        let live = load_live(&meta, &catalogue, committed.visible(), cache).await?;
        let core = Arc::new(Core {
            dir: dir.to_owned(),
            n_buckets,
            next_part: AtomicU64::new(next_part),
            options,
            inbox: Inbox::default(),
            seal: Notify::new(),
            tail_bytes: AtomicUsize::new(0),
            published: RwLock::new(live.snapshot()),
            live: std::sync::Mutex::new(live),
            meta,
        });
        let mut shared = Shared {
            committed: Arc::new(Mutex::new(committed)),
            importing: Arc::default(),
            log: None,
            consumer: None,
            sealer: None,
            damage: recovered.damage,
            core: Arc::clone(&core),
            _lock: lock,
        };
        shared.settle_import().await?;
        blocking(|| core.take_in(&recovered.batches));
        let inbox = Arc::clone(&core);
        let deliver = move |batches| inbox.inbox.add(batches);
        shared.log = Some(Log::start(&logs, recovered.next, recovered.segments, deliver)?);
        shared.consumer = Some(consumer(Arc::clone(&core), dir)?);
        let shared = Arc::new_cyclic(|weak| {
            shared.sealer = Some(tokio::spawn(seal::run(weak.clone(), core)));
            shared
        });
        Ok(Self { shared })
    }

    /// The catalogue's database.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.shared.core.meta
    }

    /// Names of events and channels as of now.
    #[must_use]
    pub fn names(&self) -> Arc<Names> {
        Arc::clone(self.snapshot().names())
    }

    /// What is stored as of now, the tail included.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.core.published()
    }

    /// Begins an import. Waits until no other import is at work. `source` names where the events come from.
    pub async fn writer(&self, source: &str) -> Result<Writer> {
        let importing = self.no_import().await?;
        Ok(Writer::new(Arc::clone(&self.shared), importing, source))
    }

    /// Waits until no import is at work, and lets none begin before what is given is dropped. What an interrupted one
    /// left is visible then.
    pub async fn no_import(&self) -> Result<NoImport> {
        let importing = Arc::clone(&self.shared.importing).lock_owned().await;
        self.shared.settle_import().await?;
        Ok(NoImport { _importing: importing })
    }

    /// Puts a batch into the log. When this returns `Ok` all of it is on disk; its events become visible to
    /// new snapshots within a fraction of a second.
    ///
    /// Errors: [`StoreError::Full`] and [`StoreError::Overloaded`], nothing was stored, try again later;
    /// [`StoreError::Stopped`], the process must end.
    pub async fn append(&self, batch: Batch) -> Result<()> {
        let core = &self.shared.core;
        let waiting = core.tail_bytes.load(Ordering::Relaxed) + core.inbox.n_bytes();
        if waiting > core.options.tail_max_bytes {
            core.seal.notify_one();
            return Err(StoreError::Overloaded);
        }
        self.shared.log()?.append(batch).await
    }

    /// How the log and the tail are doing.
    #[must_use]
    pub fn ingest_stats(&self) -> IngestStats {
        let (core, log) = (&self.shared.core, self.shared.log.as_ref());
        let (tail_rows, n_erased) = {
            let live = core.live();
            (live.tail.size().0 as u64, live.tail.n_erased)
        };
        let figure = |of: fn(&crate::log::Figures) -> &AtomicU64| {
            log.map_or(0, |log| of(&log.figures).load(Ordering::Relaxed))
        };
        IngestStats {
            state: log.map_or(LogState::Stopped, Log::state),
            n_events: figure(|figures| &figures.n_events),
            n_erased,
            log_bytes: figure(|figures| &figures.size_bytes),
            tail_rows,
            tail_bytes: (core.tail_bytes.load(Ordering::Relaxed) + core.inbox.n_bytes()) as u64,
            last_us: figure(|figures| &figures.last_us).cast_signed(),
        }
    }

    /// Whether everything appended so far is visible to new snapshots.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.shared.core.inbox.is_taken()
    }

    /// What in the log could not be read when the store was opened.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.shared.damage
    }

    /// Puts everything appended so far into parts. Done by itself as [`Options`] say.
    pub async fn seal(&self) -> Result<()> {
        self.shared.drain().await;
        self.shared.seal().await
    }

    /// Merges small parts. Done by itself after sealing and at the end of an import.
    pub async fn compact(&self) -> Result<()> {
        self.shared.compact(Tiers::IMPORTED).await
    }

    /// Seals what is in the log, for a quick start the next time. Stop appending before.
    pub async fn close(&self) -> Result<()> {
        self.seal().await
    }

    /// Reads every file and compares it with its checksums. Blocks on the disk.
    pub fn verify(&self) -> Result<Verification> {
        let snapshot = self.snapshot();
        let parts: Vec<&Arc<Part>> = snapshot.0.view.iter().flatten().collect();
        let found = in_parallel(parts.len(), |i| match parts[i].verify() {
            Ok(()) => Ok(None),
            Err(StoreError::Corrupt { file, reason }) => Ok(Some((file, reason))),
            Err(error) => Err(error),
        })?;
        Ok(Verification {
            n_parts: parts.len() as u64,
            n_rows: parts.iter().map(|part| part.row.n_rows).sum(),
            size_bytes: parts.iter().map(|part| part.row.size_bytes).sum(),
            damaged: found.into_iter().flatten().collect(),
            log: self.shared.damage.clone(),
        })
    }
}

/// Reads the log of a store that is closed, or of a copy of one, for what is not as it was written, and for what is
/// missing from `log_sequence` of its catalogue on.
pub fn check_log(dir: &Path, log_sequence: u64) -> Result<Vec<Damage>> {
    crate::log::check(&dir.join("log"), log_sequence)
}

impl Core {
    pub(crate) fn target(&self, stay: Stay) -> Target<'_> {
        Target { dir: &self.dir, n_buckets: self.n_buckets, next_part: &self.next_part, stay }
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn published(&self) -> Snapshot {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows readers what is live.
    pub(crate) fn publish(&self, live: &Live) {
        self.tail_bytes.store(live.tail.size().1, Ordering::Relaxed);
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = live.snapshot();
    }

    fn take_in(&self, batches: &[crate::log::Sequenced]) {
        let mut live = self.live();
        take_in(&mut live, batches, self.next_part.load(Ordering::Relaxed));
        self.publish(&live);
        if live.tail.n_rows >= self.options.seal_rows || live.tail.size().1 > self.options.tail_max_bytes / 2
        {
            self.seal.notify_one();
        }
    }
}

/// The thread that takes what is logged into the tail.
fn consumer(core: Arc<Core>, dir: &Path) -> Result<JoinHandle<()>> {
    let work = move || {
        while let Some(batches) = core.inbox.take(TAKE_BYTES) {
            core.take_in(&batches);
            core.inbox.taken();
        }
    };
    std::thread::Builder::new()
        .name("tail".to_owned())
        .spawn(work)
        .map_err(StoreError::io("start a thread for", dir))
}

impl Shared {
    pub(crate) fn log(&self) -> Result<&Log> {
        self.log.as_ref().ok_or(StoreError::Stopped)
    }

    /// Waits until what was appended so far is in the tail.
    pub(crate) async fn drain(&self) {
        let core = Arc::clone(&self.core);
        let _ = tokio::task::spawn_blocking(move || core.inbox.wait_until_taken()).await;
    }

    /// Takes the right to change the catalogue, with its state known.
    pub(crate) async fn committed(&self) -> Result<OwnedMutexGuard<Committed>> {
        let mut committed = Arc::clone(&self.committed).lock_owned().await;
        if committed.in_doubt {
            let catalogue = self.core.meta.catalogue(N_BUCKETS).await?;
            committed.reload(&self.core, catalogue).await?;
        }
        Ok(committed)
    }

    /// Settles what an interrupted import left.
    async fn settle_import(&self) -> Result<()> {
        let mut committed = self.committed().await?;
        if !committed.unsettled {
            return Ok(());
        }
        let outcome = committed.unsettled_import;
        let links = std::mem::take(&mut committed.unapplied);
        let view = committed.view.clone();
        // Its parts were written with the links of their time: all re-routed since then are so in them.
        let since = committed.hidden.iter().min().copied().unwrap_or(u64::MAX);
        let settled = committed.settle(&self.core, view, since, links, |committed, counts| {
            let n_added = committed.n_more(counts);
            meta::CatalogueChange {
                outcome: outcome.map(|import_id| ImportOutcome { import_id, n_added, done_us: None }),
                ..meta::CatalogueChange::default()
            }
        });
        settled.await
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(sealer) = self.sealer.take() {
            sealer.abort();
        }
        self.log = None;
        self.core.inbox.close();
        if let Some(consumer) = self.consumer.take() {
            let _ = consumer.join();
        }
    }
}

/// The present as the database has it.
async fn load_live(meta: &Meta, catalogue: &Catalogue, view: View, cache: Arc<ColumnCache>) -> Result<Live> {
    let n_buckets = catalogue.n_buckets as usize;
    let identity = Identity {
        links: Links::from_keys(&meta.link_keys().await?),
        reroutes: meta.reroutes().await?.into_iter().collect::<HashSet<_>>(),
    };
    let untimed = meta.untimed().await?;
    let erased: HashMap<u64, i64> =
        meta.erased().await?.into_iter().map(|row| (row.key, row.erased_us)).collect();
    let mut live = Live {
        version: 0,
        view: vec![Vec::new(); n_buckets],
        overlays: Overlays::default(),
        uncounted: HashSet::default(),
        names: Arc::new(Names::from_rows(&catalogue.names)),
        properties: Arc::new(Properties::from_rows(&catalogue.properties)),
        counts: Vec::new(),
        identity,
        erased,
        reserved: HashMap::default(),
        tail: Tail::new(n_buckets, catalogue.log_sequence, &untimed),
        n_reroutes: 0,
        cache,
        failed: None,
    };
    // A part that cannot be read says so when it is asked for; the rest of the store is there.
    if let Err(error) = live.show(view, catalogue.version, catalogue.buckets.clone()) {
        live.failed = Some(error.to_string());
    }
    Ok(live)
}

/// Runs blocking work without holding up other tasks, where the runtime has threads to move them to.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Removes files below `parts` that the catalogue does not know.
fn remove_orphans(dir: &Path, parts: &[PartRow]) -> Result<()> {
    let known: HashSet<PathBuf> = parts.iter().map(|part| dir.join(&part.file)).collect();
    let root = dir.join("parts");
    let list = |folder: &Path| -> Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder).map_err(StoreError::io("list", folder))?;
        entries.map(|entry| entry.map(|entry| entry.path()).map_err(StoreError::io("list", folder))).collect()
    };
    for folder in list(&root)?.into_iter().filter(|path| path.is_dir()) {
        for file in list(&folder)?.into_iter().filter(|file| !known.contains(file)) {
            std::fs::remove_file(&file).map_err(StoreError::io("remove", &file))?;
        }
    }
    Ok(())
}

/// Makes new parts durable: what the files hold, then their names.
pub(crate) fn make_durable(dir: &Path, added: &[&Arc<Part>]) -> Result<()> {
    in_parallel(added.len(), |at| added[at].sync())?;
    let mut folders: Vec<PathBuf> =
        added.iter().filter_map(|part| dir.join(&part.row.file).parent().map(Path::to_owned)).collect();
    folders.sort();
    folders.dedup();
    folders.iter().try_for_each(|folder| sync_dir(folder))
}

pub(crate) fn sync_dir(dir: &Path) -> Result<()> {
    let folder = File::open(dir).map_err(StoreError::io("open", dir))?;
    folder.sync_all().map_err(StoreError::io("flush", dir))
}
