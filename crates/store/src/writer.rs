//! Importing: events come one by one, are buffered, sorted, written and made visible all at once.

use std::sync::Arc;
use std::thread::JoinHandle;

use meta::{CatalogueChange, Import, ImportOutcome, ImportProgress, LinkRow, NameRow, PropertyRow};
use tokio::sync::OwnedMutexGuard;

use crate::chunk::{Cells, Chunk, PropertyValue};
use crate::part::Part;
use crate::rows::NO_CODE;
use crate::settle::{self, Links, View};
use crate::spread::{in_parallel, spread};
use crate::store::{Committed, Next, Shared, blocking};
use crate::{Names, Properties, PropertyId, PropertyKind, Result, StoreError, ids};

/// A chunk is sorted and written when it has this many rows or takes this much memory. While it is being
/// written the next one fills, so twice this much is in memory at times.
const CHUNK_MAX_ROWS: usize = 500_000;
const CHUNK_MAX_BYTES: usize = 64 << 20;

/// While an import runs, parts are merged only by the handful, so that a long import rewrites little.
const RUNNING_FAN_IN: usize = 8;

/// Refused links listed in a summary; all of them are in the audit.
const REFUSED_LISTED: usize = 100;

/// One event to store.
#[derive(Clone, Copy, Debug)]
pub struct EventRef<'a> {
    /// Who, as known after login. Empty counts as missing.
    pub user_id: Option<&'a str>,
    /// Who, as known before: a cookie, a device, a receipt. Empty counts as missing.
    pub anonymous_id: Option<&'a str>,
    /// When, microseconds UTC.
    pub time_us: i64,
    /// Tells events of one person at one time apart; a second one with the same id is a duplicate. `None`:
    /// the content does (event, channel, amount and properties), and no id takes up space.
    pub id: Option<u64>,
    /// Code from [`Writer::event_code`].
    pub event: u32,
    /// Code from [`Writer::channel_code`], 0 for none.
    pub channel: u16,
    /// Hundredths of the workspace's currency.
    pub amount: Option<i64>,
    /// Values of the properties it has; ids from [`Writer::property`], values of the declared kind.
    pub properties: &'a [(PropertyId, PropertyValue<'a>)],
}

/// How far the reader of the file is, for the ledger. Totals, earlier attempts included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines read.
    pub n_lines: u64,
    /// Lines refused.
    pub n_rejected: u64,
    /// The last line whose event was pushed or refused: a resumed import continues after it.
    pub checkpoint_line: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events pushed by this writer.
    pub n_pushed: u64,
    /// Events the store did not have.
    pub n_added: u64,
    /// Events it had, or that were pushed twice.
    pub n_duplicate: u64,
    /// Anonymous identifiers that were linked to a user.
    pub n_links: u64,
    /// Claims refused because another user had claimed the identifier before.
    pub n_refused: u64,
    /// The first hundred of them.
    pub refused: Vec<LinkRow>,
}

/// One import at work. Dropping it without [`Writer::finish`] leaves what the last checkpoint stored,
/// which becomes visible when the next writer starts or the store is opened again.
pub struct Writer {
    shared: Arc<Shared>,
    committed: OwnedMutexGuard<Committed>,
    source: String,
    import: Option<(i64, u64)>,
    names: Names,
    properties: Arc<Properties>,
    added_names: Vec<NameRow>,
    added_properties: Vec<PropertyRow>,
    chunk: Chunk,
    by_user: Vec<u64>,
    by_anonymous: Vec<u64>,
    /// User key an anonymous code was last seen with: most events repeat the pair before.
    paired_with: Vec<u64>,
    new_links: Links,
    link_rows: Vec<LinkRow>,
    refused_seen: hashbrown::HashSet<(u64, u64)>,
    refused: Vec<LinkRow>,
    view: View,
    writing: Option<JoinHandle<Result<Written>>>,
    n_pushed: u64,
}

/// What a background write gives: new parts, and parts merged into one.
struct Written {
    parts: Vec<Part>,
    merged: Vec<(Vec<Arc<Part>>, Part)>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, committed: OwnedMutexGuard<Committed>, source: &str) -> Self {
        Self {
            source: source.to_owned(),
            import: None,
            names: committed.names.as_ref().clone(),
            properties: Arc::clone(&committed.properties),
            added_names: Vec::new(),
            added_properties: Vec::new(),
            chunk: Chunk::default(),
            by_user: Vec::new(),
            by_anonymous: Vec::new(),
            paired_with: Vec::new(),
            new_links: Links::default(),
            link_rows: Vec::new(),
            refused_seen: hashbrown::HashSet::new(),
            refused: Vec::new(),
            view: committed.view.clone(),
            writing: None,
            n_pushed: 0,
            shared,
            committed,
        }
    }

    /// Ties the writer to a row of the ledger, which checkpoints and the end keep up to date.
    pub fn attach(&mut self, import: &Import) {
        self.import = Some((import.id, import.n_pushed));
    }

    /// Code of an event name, given out if new.
    pub fn event_code(&mut self, name: &str) -> Result<u32> {
        self.names.add_event(name, &mut self.added_names)
    }

    /// Code of a channel name, given out if new; the empty name is 0.
    ///
    /// Errors: [`StoreError::TooMany`] past 65,535 channels.
    pub fn channel_code(&mut self, name: &str) -> Result<u16> {
        self.names.add_channel(name, &mut self.added_names)
    }

    /// Id of a property, given out if new. The same key with two kinds is two properties.
    pub fn property(&mut self, key: &str, kind: PropertyKind) -> PropertyId {
        if let Some(id) = self.properties.find(key, kind) {
            return id;
        }
        Arc::make_mut(&mut self.properties).add(key, kind, &mut self.added_properties)
    }

    /// Events pushed so far.
    #[must_use]
    pub fn n_pushed(&self) -> u64 {
        self.n_pushed
    }

    /// Adds an event. Buffers grow, nothing else is allocated; when they are full they are handed to a
    /// background thread, which may mean waiting for the one before.
    ///
    /// Errors: [`StoreError::Nobody`] if both identifiers are missing: reject the line and go on. Others
    /// are of the disk and end the import.
    pub fn push(&mut self, event: EventRef<'_>) -> Result<()> {
        let user_id = event.user_id.filter(|id| !id.is_empty());
        let anonymous_id = event.anonymous_id.filter(|id| !id.is_empty());
        if user_id.is_none() && anonymous_id.is_none() {
            return Err(StoreError::Nobody);
        }
        let user = user_id.map_or(NO_CODE, |id| self.user(id));
        let anonymous = anonymous_id.map_or(NO_CODE, |id| self.anonymous(id));
        if user != NO_CODE && anonymous != NO_CODE {
            let key = self.by_user[user as usize];
            if self.paired_with[anonymous as usize] != key {
                self.paired_with[anonymous as usize] = key;
                self.claim(user, anonymous, event.time_us);
            }
        }
        self.chunk.push(Cells {
            user,
            anonymous,
            time_us: event.time_us,
            id: event.id.unwrap_or_else(|| ids::of_event(&event)),
            event: event.event,
            channel: event.channel,
            amount: event.amount,
        });
        for &(id, value) in event.properties {
            let kind = self.properties.get(id).map_or(PropertyKind::String, |property| property.kind);
            self.chunk.set(id, kind, value);
        }
        self.n_pushed += 1;
        if self.chunk.n_rows() >= CHUNK_MAX_ROWS || self.chunk.size_bytes() >= CHUNK_MAX_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn user(&mut self, id: &str) -> u32 {
        let (code, new) = self.chunk.user(id);
        if new {
            self.by_user.push(model::person_key(Some(id), None).unwrap_or_default());
        }
        code
    }

    fn anonymous(&mut self, id: &str) -> u32 {
        let (code, new) = self.chunk.anonymous(id);
        if new {
            self.by_anonymous.push(model::person_key(None, Some(id)).unwrap_or_default());
            self.paired_with.push(0);
        }
        code
    }

    /// Notes that a user and an anonymous identifier came together. The first user keeps it.
    fn claim(&mut self, user: u32, anonymous: u32, time_us: i64) {
        let (key, person) = (self.by_anonymous[anonymous as usize], self.by_user[user as usize]);
        let holder = self.linked(key);
        if holder == Some(person) || (holder.is_some() && !self.refused_seen.insert((key, person))) {
            return;
        }
        let row = LinkRow {
            anonymous_id: self.chunk.anonymous.get(anonymous).to_owned(),
            user_id: self.chunk.users.get(user).to_owned(),
            anonymous_key: key,
            person_key: person,
            time_us,
            source: self.source.clone(),
            refused: holder.is_some(),
        };
        if row.refused {
            self.refused.push(row.clone());
        } else {
            self.new_links.insert(key, person);
        }
        self.link_rows.push(row);
    }

    fn linked(&self, anonymous_key: u64) -> Option<u64> {
        self.new_links.get(&anonymous_key).or_else(|| self.committed.links.get(&anonymous_key)).copied()
    }

    /// Hands the chunk to a background thread, after waiting for the one before.
    fn flush(&mut self) -> Result<()> {
        self.wait()?;
        if self.chunk.n_rows() == 0 {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.paired_with.clear();
        let by_user = std::mem::take(&mut self.by_user);
        let mut by_anonymous = std::mem::take(&mut self.by_anonymous);
        for key in &mut by_anonymous {
            *key = self.linked(*key).unwrap_or(*key);
        }
        let groups: Vec<_> =
            self.view.iter().filter_map(|parts| settle::choose(parts, RUNNING_FAN_IN)).collect();
        let (shared, properties) = (Arc::clone(&self.shared), Arc::clone(&self.properties));
        let source = self.source.clone();
        self.writing = Some(std::thread::spawn(move || {
            let person = chunk.persons(&by_user, &by_anonymous);
            let block = chunk.into_block(&source, person);
            let parts = spread(shared.target(), &block, &properties)?;
            drop(block);
            let merged = in_parallel(groups.len(), |i| {
                settle::merge(shared.target(), groups[i].clone(), &properties)
            })?;
            Ok(Written { parts, merged: groups.into_iter().zip(merged).collect() })
        }));
        Ok(())
    }

    /// Waits for the background write and takes its parts into the view.
    fn wait(&mut self) -> Result<()> {
        let Some(writing) = self.writing.take() else {
            return Ok(());
        };
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        for part in written.parts {
            let bucket = part.row.bucket as usize;
            settle::replace(&mut self.view[bucket], &[], vec![part]);
        }
        for (group, part) in written.merged {
            let bucket = part.row.bucket as usize;
            settle::replace(&mut self.view[bucket], &group, vec![part]);
        }
        Ok(())
    }

    fn take_change(&mut self, progress: Progress) -> CatalogueChange {
        CatalogueChange {
            names: std::mem::take(&mut self.added_names),
            properties: std::mem::take(&mut self.added_properties),
            links: std::mem::take(&mut self.link_rows),
            import_id: self.import.map(|(id, _)| id),
            progress: self.import.map(|(import_id, n_before)| ImportProgress {
                import_id,
                n_lines: progress.n_lines,
                n_pushed: n_before + self.n_pushed,
                n_rejected: progress.n_rejected,
                checkpoint_line: progress.checkpoint_line,
            }),
            ..CatalogueChange::default()
        }
    }

    /// Makes everything pushed so far durable, with the ledger, in one transaction. Readers see it after
    /// [`Writer::finish`].
    pub async fn checkpoint(&mut self, progress: Progress) -> Result<()> {
        blocking(|| self.flush().and_then(|()| self.wait()))?;
        let change = CatalogueChange { unsettled: true, ..self.take_change(progress) };
        self.commit(change).await
    }

    /// Stores the rest, moves rows of newly linked persons, merges small parts, counts, and makes all of it
    /// visible and durable in one transaction, the ledger's end (at `now_us`) included.
    pub async fn finish(mut self, progress: Progress, now_us: i64) -> Result<Summary> {
        let buckets = blocking(|| {
            self.flush()?;
            self.wait()?;
            let settled = self.shared.published();
            settle::settle(&self.shared, &mut self.view, &settled.0.view, &self.new_links, &self.properties)
        })?;
        let n_added = self.committed.n_more(&buckets);
        let outcome =
            self.import.map(|(import_id, _)| ImportOutcome { import_id, n_added, done_us: Some(now_us) });
        let change = CatalogueChange { buckets, outcome, ..self.take_change(progress) };
        self.commit(change).await?;
        self.shared.publish(&self.committed);
        let n_refused = self.refused.len() as u64;
        self.refused.truncate(REFUSED_LISTED);
        Ok(Summary {
            n_pushed: self.n_pushed,
            n_added,
            n_duplicate: self.n_pushed.saturating_sub(n_added),
            n_links: self.new_links.len() as u64,
            n_refused,
            refused: std::mem::take(&mut self.refused),
        })
    }

    async fn commit(&mut self, change: CatalogueChange) -> Result<()> {
        let next = Next {
            view: self.view.clone(),
            names: Arc::new(self.names.clone()),
            properties: Arc::clone(&self.properties),
            links: &self.new_links,
        };
        self.committed.commit(&self.shared, next, change).await
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Its parts belong to nobody: they remove their files when dropped.
        if let Some(writing) = self.writing.take() {
            let _ = writing.join();
        }
    }
}
