//! Importing: events come one by one, are buffered, sorted, written and made visible all at once.

use std::sync::Arc;
use std::thread::JoinHandle;

use std::sync::atomic::Ordering;

use hashbrown::{HashMap, HashSet};
use meta::{CatalogueChange, IdKind, Import, ImportOutcome, ImportProgress, LinkRow, LinkState, Reroute};

use crate::chunk::{Cells, Chunk, PropertyValue};
use crate::encode::Stay;
use crate::identity::Links;
use crate::parallel::in_parallel;
use crate::part::Part;
use crate::rows::NO_CODE;
use crate::settle::{self, Overlays, Routing, Tiers, View};
use crate::spread::spread;
use crate::store::{NoImport, Shared, blocking};
use crate::{Names, Properties, PropertyId, PropertyKind, Result, StoreError};

/// A chunk is sorted and written when it has this many rows or takes this much memory. While it is being
/// written the next one fills, so twice this much is in memory at times.
const CHUNK_MAX_ROWS: usize = 500_000;
const CHUNK_MAX_BYTES: usize = 64 << 20;

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
    pub event: u16,
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
    /// Events of erased persons, left out.
    pub n_erased: u64,
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
    _importing: NoImport,
    /// Id its parts begin with.
    since: u64,
    source: String,
    import: Option<(i64, u64)>,
    names: Arc<Names>,
    properties: Arc<Properties>,
    chunk: Chunk,
    by_user: Vec<u64>,
    by_anonymous: Vec<u64>,
    /// User key an anonymous code was last seen with: most events repeat the pair before.
    paired_with: Vec<u64>,
    new_links: HashMap<u64, u64>,
    link_rows: Vec<LinkRow>,
    refused_seen: HashSet<(u64, u64)>,
    refused: Vec<LinkRow>,
    /// Its own parts.
    view: View,
    writing: Option<JoinHandle<Result<Written>>>,
    n_pushed: u64,
    /// Until when events of a person are left out. Nobody is erased while an import is at work.
    erased: HashMap<u64, i64>,
    n_erased: u64,
}

/// What a background write gives: new parts, and parts merged into one.
struct Written {
    parts: Vec<Part>,
    merged: Vec<(Vec<Arc<Part>>, Vec<Part>)>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, importing: NoImport, source: &str) -> Self {
        let (names, properties, erased) = {
            let live = shared.core.live();
            (Arc::clone(&live.names), Arc::clone(&live.properties), live.erased.clone())
        };
        Self {
            since: shared.core.next_part.load(Ordering::Relaxed),
            source: source.to_owned(),
            import: None,
            names,
            properties,
            chunk: Chunk::default(),
            by_user: Vec::new(),
            by_anonymous: Vec::new(),
            paired_with: Vec::new(),
            new_links: HashMap::new(),
            link_rows: Vec::new(),
            refused_seen: HashSet::new(),
            refused: Vec::new(),
            view: vec![Vec::new(); shared.core.n_buckets],
            writing: None,
            n_pushed: 0,
            erased,
            n_erased: 0,
            shared,
            _importing: importing,
        }
    }

    /// Ties the writer to a row of the ledger, which checkpoints and the end keep up to date.
    pub fn attach(&mut self, import: &Import) {
        self.import = Some((import.id, import.n_pushed));
    }

    /// Code of an event name, given out if new.
    ///
    /// Errors: [`StoreError::TooMany`] past 65,535 names.
    pub fn event_code(&mut self, name: &str) -> Result<u16> {
        if let Some(code) = self.names.event_code(name) {
            return Ok(code);
        }
        let mut live = self.shared.core.live();
        let code = live.names_mut().event(name);
        self.names = Arc::clone(&live.names);
        code.ok_or(StoreError::TooMany { what: "event names", limit: u64::from(u16::MAX) })
    }

    /// Code of a channel name, given out if new; the empty name is 0.
    ///
    /// Errors: [`StoreError::TooMany`] past 65,535 channels.
    pub fn channel_code(&mut self, name: &str) -> Result<u16> {
        if let Some(code) = self.names.channel_code(name) {
            return Ok(code);
        }
        let mut live = self.shared.core.live();
        let code = live.names_mut().channel(name);
        self.names = Arc::clone(&live.names);
        match code {
            0 => Err(StoreError::TooMany { what: "channels", limit: u64::from(u16::MAX) }),
            code => Ok(code),
        }
    }

    /// Id of a property, given out if new. The same key with two kinds is two properties.
    pub fn property(&mut self, key: &str, kind: PropertyKind) -> PropertyId {
        if let Some(id) = self.properties.find(key, kind) {
            return id;
        }
        let mut live = self.shared.core.live();
        let id = Arc::make_mut(&mut live.properties).add(key, kind);
        self.properties = Arc::clone(&live.properties);
        id
    }

    /// Events pushed so far, but for those of erased persons.
    #[must_use]
    pub fn n_pushed(&self) -> u64 {
        self.n_pushed
    }

    /// Adds an event, unless it is of somebody who was erased after it happened. Buffers grow, nothing else is allocated; when they are full they are handed to a
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
        if !self.erased.is_empty() && self.is_erased(user_id, anonymous_id, event.time_us) {
            self.n_erased += 1;
            return Ok(());
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
        let source = self.chunk.source(&self.source);
        self.chunk.push(Cells {
            source,
            user,
            anonymous,
            time_us: event.time_us,
            id: event.id,
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

    fn is_erased(&self, user_id: Option<&str>, anonymous_id: Option<&str>, time_us: i64) -> bool {
        let until = model::person_key(user_id, anonymous_id).and_then(|key| self.erased.get(&key));
        until.is_some_and(|&until| time_us <= until)
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
        if self.is_nothing_new(key, person) {
            return;
        }
        let row = LinkRow {
            id: 0,
            from_kind: IdKind::Anonymous,
            from_id: self.chunk.anonymous.get(anonymous).to_owned(),
            into_kind: IdKind::User,
            into_id: self.chunk.users.get(user).to_owned(),
            from_key: key,
            into_key: person,
            time_us,
            source: self.source.clone(),
            state: if holder.is_some() { LinkState::Refused } else { LinkState::InForce },
        };
        if row.state == LinkState::Refused {
            self.refused.push(row.clone());
        } else {
            self.new_links.insert(key, person);
        }
        self.link_rows.push(row);
    }

    /// What an anonymous identifier is linked to directly.
    fn linked(&self, anonymous_key: u64) -> Option<u64> {
        let own = self.new_links.get(&anonymous_key).copied();
        own.or_else(|| self.shared.core.live().identity.links.holder(anonymous_key))
    }

    /// Whether this very link was undone, or the two are one person already.
    fn is_nothing_new(&self, anonymous_key: u64, person: u64) -> bool {
        let live = self.shared.core.live();
        let links = &live.identity.links;
        links.is_undone(anonymous_key, person) || links.resolve(person) == anonymous_key
    }

    /// The links that count and those this import will bring.
    fn links(&self) -> Links {
        let mut links = self.shared.core.live().identity.links.clone();
        for (&from, &into) in &self.new_links {
            if links.holder(from).is_none() && links.resolve(into) != from {
                links.link(from, into);
            }
        }
        links
    }

    /// Hands the chunk to a background thread, after waiting for the one before.
    fn flush(&mut self) -> Result<()> {
        self.wait()?;
        if self.chunk.n_rows() == 0 {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.paired_with.clear();
        let links = self.links();
        let resolved = |keys: Vec<u64>| keys.into_iter().map(|key| links.resolve(key)).collect::<Vec<_>>();
        let by_user = resolved(std::mem::take(&mut self.by_user));
        let by_anonymous = resolved(std::mem::take(&mut self.by_anonymous));
        let groups: Vec<_> =
            self.view.iter().filter_map(|parts| settle::choose(parts, Tiers::IMPORTING)).collect();
        let (core, properties) = (Arc::clone(&self.shared.core), Arc::clone(&self.properties));
        self.writing = Some(std::thread::spawn(move || {
            let person = chunk.persons(&by_user, &by_anonymous);
            let block = chunk.into_block(person);
            let parts = spread(core.target(Stay::Scratch), &block, &properties)?;
            drop(block);
            let routing = Routing { links: &links, overlays: &Overlays::default() };
            let merged = in_parallel(groups.len(), |i| {
                settle::merge(core.target(Stay::Scratch), groups[i].clone(), &properties, routing)
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
        for (group, parts) in written.merged {
            settle::put(&mut self.view, &group, parts);
        }
        Ok(())
    }

    fn change(&self, progress: Progress) -> CatalogueChange {
        CatalogueChange {
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

    /// What is stored with this import's parts as they are now.
    fn whole(&self, visible: View) -> View {
        let mut view = visible;
        for (parts, own) in view.iter_mut().zip(&self.view) {
            parts.extend(own.iter().cloned());
            parts.sort_by_key(|part| part.row.id);
        }
        view
    }

    /// Makes everything pushed so far durable, with the ledger, in one transaction. Readers see it after
    /// [`Writer::finish`].
    pub async fn checkpoint(&mut self, progress: Progress) -> Result<()> {
        blocking(|| self.flush().and_then(|()| self.wait()))?;
        let shared = Arc::clone(&self.shared);
        let mut committed = shared.committed().await?;
        let view = self.whole(committed.visible());
        let hidden = self.view.iter().flatten().map(|part| part.row.id).collect();
        let (below, links) = {
            let mut live = shared.core.live();
            let taken = |link: &LinkRow| {
                let holder = live.identity.links.holder(link.from_key);
                link.state == LinkState::InForce && holder.is_some_and(|holder| holder != link.into_key)
            };
            // Somebody came first while the import ran.
            let links: Vec<LinkRow> = self.link_rows.iter().filter(|link| !taken(link)).cloned().collect();
            let own = links.iter().filter(|link| link.state == LinkState::InForce);
            let own: Vec<(u64, u64)> = own.map(|link| (link.from_key, link.into_key)).collect();
            live.reserved.extend(own);
            (shared.core.next_part.load(Ordering::Relaxed), links)
        };
        let reroute = |link: &LinkRow| Reroute { key: link.from_key, below };
        let change = CatalogueChange {
            reroutes: links.iter().map(reroute).collect(),
            links: links.clone(),
            unsettled: true,
            ..self.change(progress)
        };
        committed.commit(&shared.core, view, hidden, change, self.since).await?;
        committed.unapplied.extend(links);
        self.link_rows.clear();
        Ok(())
    }

    /// Stores the rest, moves rows of newly linked persons, merges small parts, counts, and makes all of it
    /// visible and durable in one transaction, the ledger's end (at `now_us`) included.
    pub async fn finish(mut self, progress: Progress, now_us: i64) -> Result<Summary> {
        blocking(|| self.flush().and_then(|()| self.wait()))?;
        let shared = Arc::clone(&self.shared);
        let mut committed = shared.committed().await?;
        let view = self.whole(committed.visible());
        let mut links = std::mem::take(&mut committed.unapplied);
        links.append(&mut self.link_rows);
        let (change, mut n_added) = (self.change(progress), 0);
        let import = self.import;
        let settled = committed.settle(&shared.core, view, self.since, links, |committed, counts| {
            n_added = committed.n_more(counts);
            let outcome =
                import.map(|(import_id, _)| ImportOutcome { import_id, n_added, done_us: Some(now_us) });
            CatalogueChange { outcome, ..change }
        });
        settled.await?;
        let n_refused = self.refused.len() as u64;
        self.refused.truncate(REFUSED_LISTED);
        Ok(Summary {
            n_pushed: self.n_pushed,
            n_added,
            n_duplicate: self.n_pushed.saturating_sub(n_added),
            n_erased: self.n_erased,
            n_links: self.new_links.len() as u64,
            n_refused,
            refused: std::mem::take(&mut self.refused),
        })
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
