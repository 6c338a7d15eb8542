//! The store: its folder, its catalogue, and who may write.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use meta::{BucketRow, Catalogue, CatalogueChange, ImportOutcome, Meta, PartRow};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Mutex;

use crate::part::Part;
use crate::settle::{self, Links, View};
use crate::snapshot::{Snapshot, SnapshotState};
use crate::spread::{Target, in_parallel};
use crate::writer::Writer;
use crate::{Names, Properties, Result, StoreError};

/// Buckets of a new store. Sixteen keep two to sixteen threads busy and cost little where there is little.
const N_BUCKETS: u32 = 16;

/// The event store of one workspace. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    dir: PathBuf,
    meta: Meta,
    n_buckets: usize,
    next_part: AtomicU64,
    published: RwLock<Snapshot>,
    committed: Arc<Mutex<Committed>>,
    /// Held while the store is open; the lock goes with it.
    _lock: File,
}

/// What the catalogue holds, which may be ahead of what readers see while an import is under way.
pub(crate) struct Committed {
    pub version: u64,
    pub view: View,
    pub names: Arc<Names>,
    pub properties: Arc<Properties>,
    pub counts: Vec<BucketRow>,
    pub links: Links,
    unsettled: bool,
    unsettled_import: Option<i64>,
    /// A commit failed or was abandoned: nobody knows whether it took place. Read the catalogue again.
    in_doubt: bool,
}

/// What a commit makes the new state.
pub(crate) struct Next<'a> {
    pub view: View,
    pub names: Arc<Names>,
    pub properties: Arc<Properties>,
    pub links: &'a Links,
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
}

impl Store {
    /// Opens the store in `dir`, making it if there is none; its catalogue is in `meta`.
    ///
    /// Files the catalogue does not know (of an import that was interrupted) are removed. If an import was
    /// interrupted after a checkpoint, what it stored is settled now and becomes visible.
    ///
    /// Errors: [`StoreError::Locked`] if the folder is open already, here or in another process.
    pub async fn open(dir: &Path, meta: Meta) -> Result<Self> {
        let parts = dir.join("parts");
        std::fs::create_dir_all(&parts).map_err(StoreError::io("create", &parts))?;
        let lock = lock(dir)?;
        let catalogue = meta.catalogue(N_BUCKETS).await?;
        let n_buckets = catalogue.n_buckets as usize;
        for bucket in 0..n_buckets {
            let folder = parts.join(format!("{bucket:03}"));
            std::fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
        }
        remove_orphans(dir, &catalogue.parts)?;
        sync_dir(&parts)?;
        sync_dir(dir)?; // The name `parts` itself, without which none of its files is found after a power cut.
        let next_part = catalogue.parts.iter().map(|part| part.id + 1).max().unwrap_or(1);
        let committed = Committed::load(dir, &meta, catalogue).await?;
        let shared = Shared {
            dir: dir.to_owned(),
            n_buckets,
            next_part: AtomicU64::new(next_part),
            published: RwLock::new(committed.snapshot()),
            committed: Arc::new(Mutex::new(committed)),
            meta,
            _lock: lock,
        };
        let store = Self { shared: Arc::new(shared) };
        store.ready().await?;
        Ok(store)
    }

    /// The catalogue's database.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.shared.meta
    }

    /// Names of events and channels as of now.
    #[must_use]
    pub fn names(&self) -> Arc<Names> {
        Arc::clone(self.snapshot().names())
    }

    /// What is stored as of now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.published()
    }

    /// Begins an import. Waits until no other writer is at work. `source` names where the events come from.
    pub async fn writer(&self, source: &str) -> Result<Writer> {
        let committed = self.ready().await?;
        Ok(Writer::new(Arc::clone(&self.shared), committed, source))
    }

    /// Merges small parts as an import does at its end. Rarely needed: imports see to it.
    pub async fn compact(&self) -> Result<()> {
        let mut committed = self.ready().await?;
        let mut view = committed.view.clone();
        let properties = Arc::clone(&committed.properties);
        let all: Vec<usize> = (0..view.len()).collect();
        blocking(|| settle::compact(self.shared.target(), &mut view, &all, &properties))?;
        let next = Next { view, names: Arc::clone(&committed.names), properties, links: &Links::default() };
        committed.commit(&self.shared, next, CatalogueChange::default()).await?;
        self.shared.publish(&committed);
        Ok(())
    }

    /// Reads every file and compares it with its BLAKE3 checksum in the catalogue. Blocks on the disk.
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
        })
    }

    /// Takes the right to write, with the state known and settled.
    async fn ready(&self) -> Result<tokio::sync::OwnedMutexGuard<Committed>> {
        let mut committed = Arc::clone(&self.shared.committed).lock_owned().await;
        if committed.in_doubt {
            let catalogue = self.shared.meta.catalogue(N_BUCKETS).await?;
            *committed = Committed::load(&self.shared.dir, &self.shared.meta, catalogue).await?;
        }
        if committed.unsettled {
            committed.settle(&self.shared).await?;
        }
        self.shared.publish(&committed);
        Ok(committed)
    }
}

impl Shared {
    pub(crate) fn target(&self) -> Target<'_> {
        Target { dir: &self.dir, n_buckets: self.n_buckets, next_part: &self.next_part }
    }

    pub(crate) fn published(&self) -> Snapshot {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows readers what is committed, if they do not see it yet.
    pub(crate) fn publish(&self, committed: &Committed) {
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        if published.version() != committed.version {
            *published = committed.snapshot();
        }
    }
}

impl Committed {
    async fn load(dir: &Path, meta: &Meta, catalogue: Catalogue) -> Result<Self> {
        let links = meta.link_claims().await?;
        let mut view: View = vec![Vec::new(); catalogue.n_buckets as usize];
        for row in catalogue.parts {
            let bucket = row.bucket as usize;
            view[bucket].push(Arc::new(Part::stored(dir, row)));
        }
        Ok(Self {
            version: catalogue.version,
            view,
            names: Arc::new(Names::from_rows(&catalogue.names)),
            properties: Arc::new(Properties::from_rows(&catalogue.properties)),
            counts: catalogue.buckets,
            links: links.into_iter().map(|link| (link.anonymous_key, link.person_key)).collect(),
            unsettled: catalogue.unsettled,
            unsettled_import: catalogue.unsettled_import,
            in_doubt: false,
        })
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot(Arc::new(SnapshotState {
            version: self.version,
            view: self.view.clone(),
            names: Arc::clone(&self.names),
            properties: Arc::clone(&self.properties),
            counts: self.counts.clone(),
            statistics: OnceLock::new(),
        }))
    }

    /// How many more events there are with these counts. Moving rows of a linked person can uncover
    /// duplicates among what was stored before; the number then stops at zero.
    pub(crate) fn n_more(&self, counts: &[BucketRow]) -> u64 {
        let before: u64 = self.counts.iter().map(|count| count.n_events).sum();
        let after: u64 = merged_counts(&self.counts, counts).iter().map(|count| count.n_events).sum();
        after.saturating_sub(before)
    }

    /// Settles what an interrupted import left.
    async fn settle(&mut self, shared: &Shared) -> Result<()> {
        let mut view = self.view.clone();
        let properties = Arc::clone(&self.properties);
        let nothing: View = vec![Vec::new(); view.len()];
        let links = std::mem::take(&mut self.links);
        let settled = blocking(|| settle::settle(shared, &mut view, &nothing, &links, &properties));
        self.links = links;
        let buckets = settled?;
        let n_added = self.n_more(&buckets);
        let outcome = |import_id| ImportOutcome { import_id, n_added, done_us: None };
        let change = CatalogueChange {
            buckets,
            outcome: self.unsettled_import.map(outcome),
            ..CatalogueChange::default()
        };
        let next = Next { view, names: Arc::clone(&self.names), properties, links: &Links::default() };
        self.commit(shared, next, change).await
    }

    /// Writes the difference between this state and `next` to the catalogue, with `change`, in one
    /// transaction; then `next` is the state.
    pub(crate) async fn commit(
        &mut self,
        shared: &Shared,
        next: Next<'_>,
        mut change: CatalogueChange,
    ) -> Result<()> {
        let old: hashbrown::HashSet<u64> = self.view.iter().flatten().map(|part| part.row.id).collect();
        let new: hashbrown::HashSet<u64> = next.view.iter().flatten().map(|part| part.row.id).collect();
        let added: Vec<&Arc<Part>> =
            next.view.iter().flatten().filter(|part| !old.contains(&part.row.id)).collect();
        change.add = added.iter().map(|part| part.row.clone()).collect();
        change.remove = old.difference(&new).copied().collect();
        blocking(|| sync_folders(&shared.dir, &change.add))?;
        // From here on the new files may be in the catalogue, whatever we get to hear of it: they must
        // outlive this process. Those that are not are removed when the store is opened again.
        added.iter().for_each(|part| part.set_stored(true));
        self.in_doubt = true;
        let version = shared.meta.change_catalogue(&change).await?;
        self.in_doubt = false;
        let gone = self.view.iter().flatten().filter(|part| !new.contains(&part.row.id));
        gone.for_each(|part| part.set_stored(false));
        self.version = version;
        self.view = next.view;
        self.names = next.names;
        self.properties = next.properties;
        self.counts = merged_counts(&self.counts, &change.buckets);
        self.links.extend(next.links);
        self.unsettled = change.unsettled;
        self.unsettled_import = change.import_id.filter(|_| change.unsettled);
        Ok(())
    }
}

fn merged_counts(old: &[BucketRow], new: &[BucketRow]) -> Vec<BucketRow> {
    let kept = old.iter().filter(|old| new.iter().all(|new| new.bucket != old.bucket));
    let mut counts: Vec<BucketRow> = kept.chain(new).copied().collect();
    counts.sort_by_key(|count| count.bucket);
    counts
}

/// Runs blocking work without holding up other tasks, where the runtime has threads to move them to.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StoreError::Io { action: "lock", path, source }),
    }
}

/// Removes files below `parts` that the catalogue does not know.
fn remove_orphans(dir: &Path, parts: &[PartRow]) -> Result<()> {
    let known: hashbrown::HashSet<PathBuf> = parts.iter().map(|part| dir.join(&part.file)).collect();
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

/// Makes the names of new files durable; their contents are already.
fn sync_folders(dir: &Path, added: &[PartRow]) -> Result<()> {
    let mut folders: Vec<PathBuf> =
        added.iter().filter_map(|part| dir.join(&part.file).parent().map(Path::to_owned)).collect();
    folders.sort();
    folders.dedup();
    folders.iter().try_for_each(|folder| sync_dir(folder))
}

fn sync_dir(dir: &Path) -> Result<()> {
    let folder = File::open(dir).map_err(StoreError::io("open", dir))?;
    folder.sync_all().map_err(StoreError::io("flush", dir))
}
