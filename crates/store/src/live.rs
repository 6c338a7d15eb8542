//! What readers see: the parts that are visible, the tail, and everything that says whose rows are whose.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use meta::{BucketRow, Reroute};

use crate::cache::ColumnCache;
use crate::identity::{Identity, keys_for, overlay};
use crate::part::Part;
use crate::rows::Block;
use crate::settle::{Overlays, View};
use crate::snapshot::{Snapshot, SnapshotState};
use crate::tail::Tail;
use crate::{Names, Properties, Result};

/// The present, behind one lock; [`Snapshot`]s are taken from it.
pub(crate) struct Live {
    /// Version of the catalogue.
    pub version: u64,
    pub view: View,
    pub overlays: Overlays,
    /// Buckets that overlays took rows out of or brought some into since they were counted.
    pub uncounted: HashSet<usize>,
    pub names: Arc<Names>,
    pub properties: Arc<Properties>,
    pub counts: Vec<BucketRow>,
    pub identity: Identity,
    pub erased: HashMap<u64, i64>,
    /// Links of an import at work: they will count once it is done.
    pub reserved: HashMap<u64, u64>,
    pub tail: Tail,
    /// Changes of links so far: they change answers without a change of the catalogue.
    pub n_reroutes: u64,
    /// Decoded columns of parts.
    pub cache: Arc<ColumnCache>,
    /// What went wrong while stored rows were routed anew; the next try reports it to whoever asks.
    pub failed: Option<String>,
}

impl Live {
    pub(crate) fn names_mut(&mut self) -> NamesMut<'_> {
        NamesMut(&mut self.names)
    }

    /// Whether an event of this identifier and time is to be dropped. All identifiers of an erased person are
    /// noted; those linked to one of them later are not, whenever the event is looked at.
    pub(crate) fn is_erased(&self, key: u64, time_us: i64) -> bool {
        self.erased.get(&key).is_some_and(|&erased_us| time_us <= erased_us)
    }

    /// Moves the rows of these persons to whom they belong now: in the tail at once, in parts by overlays.
    /// `below` is the id the next part will get.
    pub(crate) fn reroute(&mut self, keys: &HashSet<u64>, below: u64) {
        self.tail.reroute(keys, &self.identity.links);
        self.identity.reroutes.extend(keys.iter().map(|&key| Reroute { key, below }));
        self.n_reroutes += 1;
        if let Err(error) = self.refresh_overlays(Some(keys)) {
            self.failed = Some(error.to_string());
        }
    }

    /// Shows another set of parts.
    pub(crate) fn show(&mut self, view: View, version: u64, counts: Vec<BucketRow>) -> Result<()> {
        let shown: HashSet<u64> = view.iter().flatten().map(|part| part.row.id).collect();
        self.overlays.retain(|part, _| shown.contains(part));
        self.cache.retain(&shown);
        let old: HashSet<u64> = self.view.iter().flatten().map(|part| part.row.id).collect();
        self.view = view;
        self.version = version;
        self.counts = counts;
        if let Some(least) = shown.iter().min() {
            self.identity.reroutes.retain(|reroute| reroute.below > *least);
        }
        if self.identity.reroutes.is_empty() {
            return Ok(());
        }
        let new: Vec<Arc<Part>> =
            self.view.iter().flatten().filter(|part| !old.contains(&part.row.id)).cloned().collect();
        self.lay_over(&new)
    }

    /// Makes the overlays of all parts anew; of those without one only if a person in `keys` is in it.
    fn refresh_overlays(&mut self, keys: Option<&HashSet<u64>>) -> Result<()> {
        let mut parts = Vec::new();
        for part in self.view.iter().flatten() {
            let touched = match keys {
                Some(keys) => {
                    self.overlays.contains_key(&part.row.id) || part.has_any(keys, self.view.len())?
                }
                None => true,
            };
            if touched {
                parts.push(Arc::clone(part));
            }
        }
        self.lay_over(&parts)
    }

    fn lay_over(&mut self, parts: &[Arc<Part>]) -> Result<()> {
        for part in parts {
            let keys = keys_for(&self.identity.reroutes, part.row.id);
            let new = overlay(part, &keys, &self.identity.links, self.view.len(), &self.properties)?;
            let old = match new.map(Arc::new) {
                Some(new) => {
                    self.overlays.insert(part.row.id, Arc::clone(&new)).into_iter().chain([new]).collect()
                }
                None => self.overlays.remove(&part.row.id).into_iter().collect::<Vec<_>>(),
            };
            for overlay in old {
                self.uncounted.insert(part.row.bucket as usize);
                self.uncounted.extend(overlay.moved.iter().map(|block| block.rows.bucket));
            }
        }
        Ok(())
    }

    /// Tries again what could not be routed anew before.
    pub(crate) fn mend(&mut self) -> Result<()> {
        if self.failed.is_some() {
            self.refresh_overlays(None)?;
            self.failed = None;
        }
        Ok(())
    }

    /// All of it as of now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut extra = moved(&self.overlays, self.view.len());
        for (bucket, extra) in extra.iter_mut().enumerate() {
            extra.extend(self.tail.blocks(bucket).cloned());
        }
        Snapshot(Arc::new(SnapshotState {
            version: self.version + self.tail.sequence + self.n_reroutes,
            view: self.view.clone(),
            overlays: self.overlays.clone(),
            extra,
            names: Arc::clone(&self.names),
            properties: Arc::clone(&self.properties),
            counts: self.counts.clone(),
            n_tail_rows: self.tail.size().0 as u64,
            statistics: std::sync::OnceLock::new(),
            cache: Arc::clone(&self.cache),
        }))
    }
}

/// By bucket: the rows that overlays took out of parts.
pub(crate) fn moved(overlays: &Overlays, n_buckets: usize) -> Vec<Vec<Arc<Block>>> {
    let mut moved: Vec<Vec<Arc<Block>>> = vec![Vec::new(); n_buckets];
    for block in overlays.values().flat_map(|overlay| &overlay.moved) {
        moved[block.rows.bucket].push(Arc::clone(block));
    }
    moved
}

/// Gives out codes of names.
pub(crate) struct NamesMut<'a>(&'a mut Arc<Names>);

impl NamesMut<'_> {
    /// The code of an event name, if there is one left.
    pub(crate) fn event(&mut self, name: &str) -> Option<u16> {
        self.0.event_code(name).or_else(|| Arc::make_mut(self.0).add_event(name))
    }

    /// The code of a channel; 0, which is none, once there is no code left.
    pub(crate) fn channel(&mut self, name: &str) -> u16 {
        self.0.channel_code(name).or_else(|| Arc::make_mut(self.0).add_channel(name)).unwrap_or(0)
    }
}
