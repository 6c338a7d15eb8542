//! Sealing: the tail becomes parts, and the log is cut, in one transaction of the catalogue.

use std::sync::{Arc, Weak};

use hashbrown::HashSet;
use meta::CatalogueChange;

use crate::committed::Committed;
use crate::encode::Stay;
use crate::merge::merge_blocks;
use crate::parallel::in_parallel;
use crate::part::Part;
use crate::rows::Block;
use crate::settle::{self, Overlays, Tiers};
use crate::store::{Core, Shared, blocking};
use crate::{Properties, Result, StoreError};

/// Seals and compacts as [`crate::Options`] say, for as long as the store is open.
pub(crate) async fn run(store: Weak<Shared>, core: Arc<Core>) {
    loop {
        let timer = tokio::time::sleep(core.options.seal_after);
        tokio::select! {
            () = timer => {}
            () = core.seal.notified() => {}
        }
        let Some(store) = store.upgrade() else { return };
        if let Err(error) = store.seal().await {
            store.sealing_failed(&error);
            continue;
        }
        if let Err(error) = store.compact(Tiers::SEALING).await {
            store.sealing_failed(&error);
        }
    }
}

impl Shared {
    /// What could not be sealed stays in the log and the tail, and is tried again. A flush that failed ends
    /// it all: nobody knows what is on disk.
    fn sealing_failed(&self, error: &StoreError) {
        tracing::error!(%error, "events could not be put into parts; they stay in the log");
        if let StoreError::Io { action: "flush", source, .. } = error
            && let Ok(log) = self.log()
        {
            log.stop(source);
        }
    }

    /// Puts the tail into parts.
    pub(crate) async fn seal(&self) -> Result<()> {
        let core = &self.core;
        let mut committed = self.committed().await?;
        let Some((buckets, change, sequence, first_part)) = self.freeze()? else { return Ok(()) };
        let properties = Arc::clone(&core.live().properties);
        let written = blocking(|| write(core, buckets, first_part, &properties))?;
        let mut view = committed.view.clone();
        settle::put(&mut view, &[], written);
        let counts = blocking(|| self.count(&committed, &view))?;
        let change = CatalogueChange {
            buckets: counts,
            unsettled: committed.unsettled,
            import_id: committed.unsettled_import,
            ..change
        };
        let hidden = committed.hidden.clone();
        committed.commit(core, view, hidden, change, first_part).await?;
        {
            let mut live = core.live();
            live.tail.frozen = None;
            live.tail.sealed = sequence;
            live.show(committed.visible(), committed.version, committed.counts.clone())?;
            core.publish(&live);
        }
        self.log()?.discard(sequence, false)
    }

    /// What is to be sealed: what was to be before, or all of the tail.
    #[allow(clippy::type_complexity, reason = "taken apart at once")]
    fn freeze(&self) -> Result<Option<(Vec<Vec<Arc<Block>>>, CatalogueChange, u64, u64)>> {
        let mut live = self.core.live();
        live.mend()?;
        if live.tail.is_sealed() {
            return Ok(None);
        }
        if live.tail.frozen.is_none() {
            let n_buckets = self.core.n_buckets as u64;
            let first_part = self.core.next_part.fetch_add(n_buckets, std::sync::atomic::Ordering::Relaxed);
            live.tail.freeze(first_part);
        }
        let frozen = live.tail.frozen.as_ref();
        Ok(frozen.map(|frozen| {
            (
                frozen.buckets.clone(),
                frozen.pending.change(frozen.sequence),
                frozen.sequence,
                frozen.first_part,
            )
        }))
    }

    /// Counts what changes: the buckets of new parts, and those whose rows were routed anew. Parts of an import
    /// at work are counted at its end.
    pub(crate) fn count(&self, committed: &Committed, view: &settle::View) -> Result<Vec<meta::BucketRow>> {
        let (overlays, uncounted): (Overlays, HashSet<usize>) = {
            let live = self.core.live();
            (live.overlays.clone(), live.uncounted.clone())
        };
        let mut touched = settle::overlaid(view, &overlays);
        uncounted.into_iter().for_each(|at| touched[at] = true);
        let old: HashSet<u64> = committed.view.iter().flatten().map(|part| part.row.id).collect();
        for part in view.iter().flatten().filter(|part| !old.contains(&part.row.id)) {
            touched[part.row.bucket as usize] = true;
        }
        let buckets: Vec<usize> = (0..view.len()).filter(|&at| touched[at]).collect();
        let shown = |part: &&Arc<Part>| !committed.hidden.contains(&part.row.id);
        let shown: settle::View =
            view.iter().map(|parts| parts.iter().filter(shown).cloned().collect()).collect();
        let properties = Arc::clone(&self.core.live().properties);
        settle::count(&shown, &overlays, &buckets, &properties)
    }

    /// Merges small parts.
    pub(crate) async fn compact(&self, tiers: Tiers) -> Result<()> {
        let core = &self.core;
        let mut committed = self.committed().await?;
        let since = core.next_part.load(std::sync::atomic::Ordering::Relaxed);
        let (identity, properties, uncounted) = {
            let live = core.live();
            (live.identity.clone(), Arc::clone(&live.properties), live.uncounted.clone())
        };
        let visible = committed.visible();
        let mut view = visible.clone();
        let counts = blocking(|| {
            settle::settle(
                core.target(Stay::Kept),
                &mut view,
                (Some(&visible), &uncounted),
                &identity,
                &properties,
                tiers,
            )
        })?;
        if counts.is_empty() {
            return Ok(());
        }
        // Parts of an import at work stay as they are.
        for part in committed.view.iter().flatten().filter(|part| committed.hidden.contains(&part.row.id)) {
            settle::replace(&mut view[part.row.bucket as usize], &[], Vec::new());
            view[part.row.bucket as usize].push(Arc::clone(part));
        }
        let change = CatalogueChange {
            buckets: counts,
            unsettled: committed.unsettled,
            import_id: committed.unsettled_import,
            ..CatalogueChange::default()
        };
        let hidden = committed.hidden.clone();
        committed.commit(core, view, hidden, change, since).await?;
        let mut live = core.live();
        live.show(committed.visible(), committed.version, committed.counts.clone())?;
        core.publish(&live);
        Ok(())
    }
}

/// Writes one part per bucket that has rows.
fn write(
    core: &Core,
    buckets: Vec<Vec<Arc<Block>>>,
    first_part: u64,
    properties: &Properties,
) -> Result<Vec<Part>> {
    let written = in_parallel(buckets.len(), |bucket| {
        let blocks: Vec<Block> = buckets[bucket].iter().map(|block| Block::clone(block)).collect();
        if blocks.is_empty() {
            return Ok(None);
        }
        let block = merge_blocks(blocks, properties);
        Part::write(&core.dir, first_part + bucket as u64, &block, properties, Stay::Kept).map(Some)
    })?;
    Ok(written.into_iter().flatten().collect())
}
