//! Changes of who is who, and what must not be kept: merges and un-merges by hand, erasure, retention.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hashbrown::HashSet;
use meta::{CatalogueChange, ErasedRow, IdKind, LinkRow, LinkState, Reroute};

use crate::committed::Committed;
use crate::encode::Stay;
use crate::identity::Links;
use crate::parallel::in_parallel;
use crate::part::Part;
use crate::rows::Block;
use crate::settle::{self, Routing, View};
use crate::store::{NoImport, Store, blocking};
use crate::{Result, StoreError};

/// An identifier of a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// Known after login.
    User(String),
    /// A cookie, a device, a receipt.
    Anonymous(String),
}

impl Identifier {
    /// The person key of this identifier alone; 0 for an empty one, which names nobody.
    #[must_use]
    pub fn key(&self) -> u64 {
        let key = match self {
            Self::User(id) => model::person_key(Some(id), None),
            Self::Anonymous(id) => model::person_key(None, Some(id)),
        };
        key.unwrap_or_default()
    }

    fn parts(&self) -> (IdKind, &str) {
        match self {
            Self::User(id) => (IdKind::User, id),
            Self::Anonymous(id) => (IdKind::Anonymous, id),
        }
    }
}

/// What was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Rows that are gone, duplicates included.
    pub n_rows: u64,
    /// Files that were written anew or removed.
    pub n_parts: u64,
}

impl Store {
    /// The person an identifier belongs to, links followed.
    #[must_use]
    pub fn person_of(&self, id: &Identifier) -> u64 {
        self.shared.core.live().identity.links.resolve(id.key())
    }

    /// Makes `from` the same person as `into`, from now on and for all of history. Returns the id of the link,
    /// by which [`Store::unmerge`] takes it back.
    ///
    /// Errors: [`StoreError::Linked`] if `from` is linked to somebody, or `into` is the same person already;
    /// [`StoreError::Nobody`] if one of them is empty.
    pub async fn merge(&self, from: &Identifier, into: &Identifier, by: &str, now_us: i64) -> Result<i64> {
        let (from_key, into_key) = (from.key(), into.key());
        if from_key == 0 || into_key == 0 {
            return Err(StoreError::Nobody);
        }
        let shared = &self.shared;
        let mut committed = shared.committed().await?;
        // Links found in events and not in the catalogue yet come before this one there too.
        let below = {
            let live = shared.core.live();
            let links = &live.identity.links;
            let reserved = live.reserved.contains_key(&from_key);
            // The person of `from` would become part of itself.
            let same = links.resolve(into_key) == links.resolve(from_key);
            if links.holder(from_key).is_some() || reserved || same {
                return Err(StoreError::Linked { id: from.parts().1.to_owned() });
            }
            shared.core.next_part.load(Ordering::Relaxed)
        };
        let ((from_kind, from_id), (into_kind, into_id)) = (from.parts(), into.parts());
        let row = LinkRow {
            id: 0,
            from_kind,
            from_id: from_id.to_owned(),
            into_kind,
            into_id: into_id.to_owned(),
            from_key,
            into_key,
            time_us: now_us,
            source: by.to_owned(),
            state: LinkState::InForce,
        };
        let id = shared.core.meta.make_link(&row, Reroute { key: from_key, below }).await?;
        self.reroute(&mut committed, from_key, |links| links.link(from_key, into_key)).await?;
        Ok(id)
    }

    /// Takes a link back, one made by hand or one found in events: the identifier is a person of its own again,
    /// from now on and for all of history. Events do not bring the link again.
    ///
    /// Errors: the catalogue's `NotFound` if no such link is in force.
    pub async fn unmerge(&self, link: i64, by: &str, now_us: i64) -> Result<()> {
        // A link found in the tail has no id before it is sealed.
        let shared = &self.shared;
        let mut committed = shared.committed().await?;
        let row = shared.core.meta.link(link).await?;
        let (person, below) = {
            let live = shared.core.live();
            (live.identity.links.resolve(row.into_key), shared.core.next_part.load(Ordering::Relaxed))
        };
        shared.core.meta.undo_link(link, by, now_us, Reroute { key: person, below }).await?;
        self.reroute(&mut committed, person, |links| links.unlink(row.from_key, row.into_key)).await
    }

    async fn reroute(
        &self,
        committed: &mut Committed,
        person: u64,
        change: impl FnOnce(&mut Links),
    ) -> Result<()> {
        let core = &self.shared.core;
        {
            let mut live = core.live();
            change(&mut live.identity.links);
            // Parts that were begun meanwhile have a smaller id than the next one.
            let below = core.next_part.load(Ordering::Relaxed);
            live.reroute(&HashSet::from_iter([person]), below);
            core.publish(&live);
        }
        let view = committed.view.clone();
        let buckets = blocking(|| self.shared.count(committed, &view))?;
        let change = CatalogueChange {
            buckets,
            unsettled: committed.unsettled,
            import_id: committed.unsettled_import,
            ..CatalogueChange::default()
        };
        let hidden = committed.hidden.clone();
        committed.commit(core, view, hidden, change, u64::MAX).await?;
        let mut live = core.live();
        live.show(committed.visible(), committed.version, committed.counts.clone())?;
        core.publish(&live);
        Ok(())
    }

    /// Removes everything stored about these persons: from the tail, the log, the parts and the links. Events
    /// of theirs up to `now_us` that come later, by import too, are dropped. Files that open snapshots still read go
    /// with the last of these.
    ///
    /// Cost: rewrites every part that holds one of them.
    pub async fn erase(&self, _quiet: &NoImport, persons: &[u64], now_us: i64) -> Result<Removed> {
        let shared = &self.shared;
        let (persons, erased) = {
            let mut live = shared.core.live();
            let known: HashSet<u64> =
                persons.iter().flat_map(|&key| [key, live.identity.links.resolve(key)]).collect();
            // All identifiers of a person are that person.
            let linked = live.identity.links.all_into(&known);
            let persons: HashSet<u64> = known.into_iter().chain(linked).collect();
            for &key in &persons {
                let until = live.erased.entry(key).or_insert(now_us);
                *until = now_us.max(*until);
            }
            let rows = persons.iter().map(|&key| ErasedRow { key, erased_us: now_us });
            (persons.clone(), rows.collect::<Vec<_>>())
        };
        self.seal_all().await?;
        let change = CatalogueChange { erased, ..CatalogueChange::default() };
        let concerns = |part: &Part| part.has_any(&persons, shared.core.n_buckets);
        let keep = |block: &Block, row: usize| !persons.contains(&block.rows.person[row]);
        let removed = self.rewrite(change, &concerns, &keep).await?;
        {
            let mut live = shared.core.live();
            live.identity.links.forget(&persons);
            shared.core.publish(&live);
        }
        self.discard_log()?;
        Ok(removed)
    }

    /// Removes events before a time: from the tail, the log and the parts. A part is written anew only where at least
    /// some of it is older.
    pub async fn retain(&self, _quiet: &NoImport, cutoff_us: i64) -> Result<Removed> {
        self.seal_all().await?;
        let old = |part: &Part| Ok(part.row.min_time_us < cutoff_us);
        let change = CatalogueChange::default();
        let removed = self.rewrite(change, &old, &|block, row| block.rows.time_us[row] >= cutoff_us).await?;
        self.discard_log()?;
        Ok(removed)
    }

    /// Puts everything into parts, and what was logged so far into files that [`Self::discard_log`] can take away.
    async fn seal_all(&self) -> Result<()> {
        self.shared.log()?.discard(0, true)?;
        self.seal().await
    }

    /// Takes away the files of the log with nothing that is not in parts.
    fn discard_log(&self) -> Result<()> {
        let sealed = self.shared.core.live().tail.sealed;
        self.shared.log()?.discard(sealed, false)
    }

    /// Writes parts anew without the rows that are not to be kept, and commits that with `change`.
    async fn rewrite(
        &self,
        change: CatalogueChange,
        concerns: &(dyn Fn(&Part) -> Result<bool> + Sync),
        keep: &(dyn Fn(&Block, usize) -> bool + Sync),
    ) -> Result<Removed> {
        let core = &self.shared.core;
        let mut committed = self.shared.committed().await?;
        let since = core.next_part.load(Ordering::Relaxed);
        let (links, overlays, properties) = {
            let live = core.live();
            (live.identity.links.clone(), live.overlays.clone(), Arc::clone(&live.properties))
        };
        let routing = Routing { links: &links, overlays: &overlays };
        let parts: Vec<Arc<Part>> = committed.view.iter().flatten().cloned().collect();
        let written = blocking(|| {
            in_parallel(parts.len(), |at| {
                let part = &parts[at];
                if !overlays.contains_key(&part.row.id) && !concerns(part)? {
                    return Ok(None);
                }
                let (own, strays) = routing.read(part, core.n_buckets, &properties)?;
                let (mut new, mut n_kept) = (Vec::new(), 0);
                for block in own.into_iter().chain(strays) {
                    let n_rows = block.rows.n_rows();
                    let order: Vec<u32> =
                        (0..n_rows).filter(|&row| keep(&block, row)).map(|row| row as u32).collect();
                    n_kept += order.len() as u64;
                    if !order.is_empty() {
                        new.push(
                            core.target(Stay::Kept)
                                .write(&block.gather(block.rows.bucket, &order), &properties)?,
                        );
                    }
                }
                Ok(Some((Arc::clone(part), new, n_kept)))
            })
        })?;
        let mut view: View = committed.view.clone();
        let mut removed = Removed::default();
        // Rows that overlays moved are in parts now, or gone.
        let mut touched = settle::overlaid(&view, &overlays);
        core.live().uncounted.iter().for_each(|&at| touched[at] = true);
        for (part, new, n_kept) in written.into_iter().flatten() {
            removed.n_rows += part.row.n_rows.saturating_sub(n_kept);
            removed.n_parts += 1;
            touched[part.row.bucket as usize] = true;
            new.iter().for_each(|part| touched[part.row.bucket as usize] = true);
            settle::put(&mut view, &[part], new);
        }
        let buckets: Vec<usize> = (0..view.len()).filter(|&at| touched[at]).collect();
        let counts = blocking(|| settle::count(&view, &settle::Overlays::default(), &buckets, &properties))?;
        let change = CatalogueChange {
            buckets: counts,
            unsettled: committed.unsettled,
            import_id: committed.unsettled_import,
            ..change
        };
        let hidden = committed.hidden.clone();
        committed.commit(core, view, hidden, change, since).await?;
        let mut live = core.live();
        live.show(committed.visible(), committed.version, committed.counts.clone())?;
        core.publish(&live);
        Ok(removed)
    }
}
