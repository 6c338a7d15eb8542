//! What the catalogue holds, which may be ahead of what readers see while an import is under way.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hashbrown::{HashMap, HashSet};
use meta::{BucketRow, Catalogue, CatalogueChange, LinkRow, LinkState, Reroute};

use crate::Result;
use crate::encode::Stay;
use crate::identity::claim;
use crate::part::Part;
use crate::settle::{self, Tiers, View};
use crate::store::{Core, blocking, make_durable};

/// The state of the catalogue; whoever holds it may change it.
pub(crate) struct Committed {
    pub version: u64,
    pub view: View,
    pub counts: Vec<BucketRow>,
    /// Parts of an import at work: stored, not shown.
    pub hidden: HashSet<u64>,
    /// Links of an import at work: stored, not applied.
    pub unapplied: Vec<LinkRow>,
    pub unsettled: bool,
    pub unsettled_import: Option<i64>,
    /// A commit failed or was abandoned: nobody knows whether it took place. Read the catalogue again.
    pub in_doubt: bool,
    n_events: usize,
    n_channels: usize,
    n_properties: usize,
}

impl Committed {
    pub(crate) fn load(dir: &Path, catalogue: Catalogue) -> Self {
        let names = crate::Names::from_rows(&catalogue.names);
        let mut view: View = vec![Vec::new(); catalogue.n_buckets as usize];
        for row in catalogue.parts {
            let bucket = row.bucket as usize;
            view[bucket].push(Arc::new(Part::stored(dir, row)));
        }
        Self {
            version: catalogue.version,
            view,
            counts: catalogue.buckets,
            hidden: HashSet::default(),
            unapplied: Vec::new(),
            unsettled: catalogue.unsettled,
            unsettled_import: catalogue.unsettled_import,
            in_doubt: false,
            n_events: names.events().len(),
            n_channels: names.channels().len(),
            n_properties: catalogue.properties.len(),
        }
    }

    /// Reads the state again after a commit of which nobody knows whether it took place.
    pub(crate) async fn reload(&mut self, core: &Core, catalogue: Catalogue) -> Result<()> {
        let sequence = catalogue.log_sequence;
        let (hidden, unapplied) = (std::mem::take(&mut self.hidden), std::mem::take(&mut self.unapplied));
        // A part that is known stays the same one: its file goes with its last reader.
        let known: HashMap<u64, Arc<Part>> =
            self.view.iter().flatten().map(|part| (part.row.id, Arc::clone(part))).collect();
        *self = Self::load(&core.dir, catalogue);
        for part in self.view.iter_mut().flatten() {
            if let Some(known) = known.get(&part.row.id) {
                known.set_stored(true);
                *part = Arc::clone(known);
            }
        }
        if self.unsettled {
            (self.hidden, self.unapplied) = (hidden, unapplied);
        }
        let mut live = core.live();
        if live.tail.frozen.as_ref().is_some_and(|frozen| frozen.sequence <= sequence) {
            // It did take place: the rows are in parts.
            live.tail.frozen = None;
            live.tail.sealed = sequence;
        }
        live.show(self.visible(), self.version, self.counts.clone())?;
        core.publish(&live);
        Ok(())
    }

    /// The parts readers see.
    pub(crate) fn visible(&self) -> View {
        let shown = |part: &&Arc<Part>| !self.hidden.contains(&part.row.id);
        self.view.iter().map(|parts| parts.iter().filter(shown).cloned().collect()).collect()
    }

    /// How many more events there are with these counts. Moving rows of a linked person can uncover
    /// duplicates among what was stored before; the number then stops at zero.
    pub(crate) fn n_more(&self, counts: &[BucketRow]) -> u64 {
        let before: u64 = self.counts.iter().map(|count| count.n_events).sum();
        let after: u64 = merged_counts(&self.counts, counts).iter().map(|count| count.n_events).sum();
        after.saturating_sub(before)
    }

    /// Makes all of `view` visible: applies links, merges small parts, counts, and commits what `change`
    /// adds, given the counts. `since` is as in [`Self::commit`].
    pub(crate) async fn settle(
        &mut self,
        core: &Core,
        view: View,
        since: u64,
        links: Vec<LinkRow>,
        change: impl FnOnce(&Self, &[BucketRow]) -> CatalogueChange,
    ) -> Result<()> {
        let (reroutes, links) = apply(core, links);
        let (identity, properties, uncounted) = {
            let live = core.live();
            (live.identity.clone(), Arc::clone(&live.properties), live.uncounted.clone())
        };
        // After a restart nobody knows which parts are the import's: then all is counted.
        let unknown = self.unsettled && self.hidden.is_empty();
        let settled = (!unknown).then(|| self.visible());
        let mut view = view;
        let counts = blocking(|| {
            settle::settle(
                core.target(Stay::Kept),
                &mut view,
                (settled.as_ref(), &uncounted),
                &identity,
                &properties,
                Tiers::IMPORTED,
            )
        })?;
        let more = change(self, &counts);
        let change = CatalogueChange {
            buckets: counts,
            links: more.links.into_iter().chain(links).collect(),
            reroutes,
            unsettled: false,
            ..more
        };
        self.commit(core, view, HashSet::default(), change, since).await?;
        let mut live = core.live();
        live.reserved.clear();
        live.show(self.visible(), self.version, self.counts.clone())?;
        core.publish(&live);
        Ok(())
    }

    /// Writes the difference between this state and `view` to the catalogue, with `change` and all new names,
    /// in one transaction; then `view` is the state. `since` is the id parts began with that were written
    /// for it: whoever was re-routed meanwhile is so in these parts too.
    pub(crate) async fn commit(
        &mut self,
        core: &Core,
        view: View,
        hidden: HashSet<u64>,
        mut change: CatalogueChange,
        since: u64,
    ) -> Result<()> {
        let old: HashSet<u64> = self.view.iter().flatten().map(|part| part.row.id).collect();
        let new: HashSet<u64> = view.iter().flatten().map(|part| part.row.id).collect();
        let added: Vec<&Arc<Part>> =
            view.iter().flatten().filter(|part| !old.contains(&part.row.id)).collect();
        change.add = added.iter().map(|part| part.row.clone()).collect();
        change.remove = old.difference(&new).copied().collect();
        let (names, properties) = {
            let mut live = core.live();
            let below = core.next_part.load(Ordering::Relaxed);
            let late = live.identity.reroutes.iter().filter(|reroute| reroute.below > since);
            let late: Vec<Reroute> = late.map(|reroute| Reroute { key: reroute.key, below }).collect();
            live.identity.reroutes.extend(late.iter().copied());
            change.reroutes.extend(late);
            (Arc::clone(&live.names), Arc::clone(&live.properties))
        };
        change.names = names.rows_after(self.n_events, self.n_channels);
        change.properties = properties.rows_after(self.n_properties);
        blocking(|| make_durable(&core.dir, &added))?;
        // From here on the new files may be in the catalogue, whatever we get to hear of it: they must
        // outlive this process. Those that are not are removed when the store is opened again.
        added.iter().for_each(|part| part.set_stored(true));
        self.in_doubt = true;
        let version = core.meta.change_catalogue(&change).await?;
        self.in_doubt = false;
        core.live().uncounted.retain(|&at| change.buckets.iter().all(|row| row.bucket as usize != at));
        let gone = self.view.iter().flatten().filter(|part| !new.contains(&part.row.id));
        gone.for_each(|part| part.set_stored(false));
        self.version = version;
        self.view = view;
        self.hidden = hidden;
        self.counts = merged_counts(&self.counts, &change.buckets);
        self.unsettled = change.unsettled;
        self.unsettled_import = change.import_id.filter(|_| change.unsettled);
        (self.n_events, self.n_channels) = (names.events().len(), names.channels().len());
        self.n_properties = properties.all().len();
        Ok(())
    }
}

/// Makes links count, with what is stored already. Returns who must be re-routed in parts written so far, and
/// the links as they turned out: of two claims on one identifier the first stays.
pub(crate) fn apply(core: &Core, links: Vec<LinkRow>) -> (Vec<Reroute>, Vec<LinkRow>) {
    let mut live = core.live();
    let below = core.next_part.load(Ordering::Relaxed);
    let mut keys = HashSet::new();
    let mut outcome = Vec::with_capacity(links.len());
    for row in links {
        if row.state != LinkState::InForce {
            outcome.push(row);
            continue;
        }
        if live.identity.links.holder(row.from_key) == Some(row.into_key) {
            continue;
        }
        match claim(&live.identity.links, row.clone()) {
            Some(row) if row.state == LinkState::InForce => {
                live.identity.links.link(row.from_key, row.into_key);
                keys.insert(row.from_key);
                outcome.push(row);
            }
            // Somebody else was first after all: what was stored by this claim goes to them.
            lost => {
                keys.insert(live.identity.links.resolve(row.into_key));
                keys.insert(row.from_key);
                outcome.extend(lost);
            }
        }
    }
    if !keys.is_empty() {
        live.reroute(&keys, below);
    }
    (keys.into_iter().map(|key| Reroute { key, below }).collect(), outcome)
}

fn merged_counts(old: &[BucketRow], new: &[BucketRow]) -> Vec<BucketRow> {
    let kept = old.iter().filter(|old| new.iter().all(|new| new.bucket != old.bucket));
    let mut counts: Vec<BucketRow> = kept.chain(new).copied().collect();
    counts.sort_by_key(|count| count.bucket);
    counts
}
