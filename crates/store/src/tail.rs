//! The tail: what is in the log and not in parts yet, in memory, sorted like parts.
//!
//! One thread takes batches from the log in order, finds out whose events they are, and adds them as small
//! sorted blocks. Blocks of like size are merged, so that a row is copied a number of times logarithmic in the
//! size of the tail. Sealing freezes the blocks, writes them as parts and drops them when these are committed.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use meta::{CatalogueChange, DeadLetterRow, IdKind, LinkRow, LinkState, Replayed, Reroute, UntimedRow};
use model::limits::PROPERTIES_MAX;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::chunk::{Cells, Chunk};
use crate::identity::{Links, claim};
use crate::live::Live;
use crate::log::{LoggedEvent, Record, Sequenced};
use crate::merge::merge_blocks;
use crate::names::NO_EVENT;
use crate::rows::{Block, NO_CODE};
use crate::spread::spread_rows;
use crate::{Properties, PropertyKind, PropertyValue};

/// So many blocks of like size are merged into one.
const FAN_IN: usize = 4;

/// Blocks below this size are of like size.
const LEAST_ROWS: usize = 256;

/// Less than this is gathered for this long before it goes into the tail.
const GATHER_BYTES: usize = 1 << 20;
const GATHER: Duration = Duration::from_millis(40);

/// Untimed events whose time is remembered.
const UNTIMED_MAX: usize = 1_000_000;

/// The property that takes what no column is left for, as JSON text.
const MORE: &str = "more";

/// Batches on their way from the log to the tail.
#[derive(Default)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    ready: Condvar,
    idle: Condvar,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Sequenced>,
    n_bytes: usize,
    /// Batches were taken and are not in the tail yet.
    busy: bool,
    closed: bool,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds batches in the order of the log.
    pub(crate) fn add(&self, batches: Vec<Sequenced>) {
        let mut waiting = self.lock();
        waiting.n_bytes += batches.iter().map(|own| own.batch.size_bytes()).sum::<usize>();
        waiting.batches.extend(batches);
        self.ready.notify_one();
    }

    /// Takes what is there, up to `max_bytes`; waits for something. `None` when closed and empty.
    pub(crate) fn take(&self, max_bytes: usize) -> Option<Vec<Sequenced>> {
        let mut waiting = self.lock();
        while waiting.batches.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.n_bytes < GATHER_BYTES && !waiting.closed {
            // A trickle is gathered for a moment: larger blocks, fewer of them.
            let (later, _) = self.ready.wait_timeout(waiting, GATHER).unwrap_or_else(PoisonError::into_inner);
            waiting = later;
        }
        waiting.busy = true;
        let (mut taken, mut n_bytes) = (Vec::new(), 0);
        while n_bytes < max_bytes
            && let Some(own) = waiting.batches.pop_front()
        {
            n_bytes += own.batch.size_bytes();
            taken.push(own);
        }
        waiting.n_bytes -= n_bytes;
        Some(taken)
    }

    /// Says that what was taken is in the tail.
    pub(crate) fn taken(&self) {
        self.lock().busy = false;
        self.idle.notify_all();
    }

    /// Blocks until everything added before this call is in the tail.
    pub(crate) fn wait_until_taken(&self) {
        let mut waiting = self.lock();
        while !waiting.closed && (waiting.busy || !waiting.batches.is_empty()) {
            waiting = self.idle.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn is_taken(&self) -> bool {
        let waiting = self.lock();
        !waiting.busy && waiting.batches.is_empty()
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.lock().n_bytes
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
        self.idle.notify_all();
    }
}

/// What sealing has to put into the catalogue beside the parts.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub links: Vec<LinkRow>,
    pub reroutes: Vec<Reroute>,
    pub dead_letters: Vec<DeadLetterRow>,
    pub replayed: Vec<Replayed>,
    pub untimed: Vec<UntimedRow>,
}

impl Pending {
    pub(crate) fn change(&self, log_sequence: u64) -> CatalogueChange {
        CatalogueChange {
            links: self.links.clone(),
            reroutes: self.reroutes.clone(),
            dead_letters: self.dead_letters.clone(),
            replayed: self.replayed.clone(),
            untimed: self.untimed.clone(),
            log_sequence: Some(log_sequence),
            ..CatalogueChange::default()
        }
    }

    fn size_bytes(&self) -> usize {
        self.dead_letters.iter().map(|letter| letter.raw.len() + 100).sum::<usize>()
    }
}

/// Blocks of one bucket, the largest first.
pub(crate) type Blocks = Vec<Arc<Block>>;

/// A stretch of the log that is being sealed.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub buckets: Vec<Blocks>,
    pub pending: Pending,
    /// All records below are in it or in parts.
    pub sequence: u64,
    /// Ids for its parts, one per bucket, from here on.
    pub first_part: u64,
    pub n_rows: usize,
    pub n_bytes: usize,
}

/// The tail.
#[derive(Debug)]
pub(crate) struct Tail {
    pub fresh: Vec<Blocks>,
    pub pending: Pending,
    pub n_rows: usize,
    pub n_bytes: usize,
    pub frozen: Option<Frozen>,
    /// All records below were taken in.
    pub sequence: u64,
    /// All records below are in parts.
    pub sealed: u64,
    /// Events that belonged to persons who asked to be forgotten.
    pub n_erased: u64,
    untimed: HashMap<u64, i64>,
    untimed_order: VecDeque<u64>,
}

impl Tail {
    pub(crate) fn new(n_buckets: usize, sequence: u64, untimed: &[UntimedRow]) -> Self {
        Self {
            fresh: vec![Vec::new(); n_buckets],
            pending: Pending::default(),
            n_rows: 0,
            n_bytes: 0,
            frozen: None,
            sequence,
            sealed: sequence,
            n_erased: 0,
            untimed: untimed.iter().map(|row| (row.key, row.time_us)).collect(),
            untimed_order: untimed.iter().map(|row| row.key).collect(),
        }
    }

    /// Whether nothing waits to be sealed.
    pub(crate) fn is_sealed(&self) -> bool {
        self.frozen.is_none() && self.sequence == self.sealed
    }

    /// Rows and bytes in memory, the frozen ones too.
    pub(crate) fn size(&self) -> (usize, usize) {
        let (n_rows, n_bytes) = self.frozen.as_ref().map_or((0, 0), |own| (own.n_rows, own.n_bytes));
        (self.n_rows + n_rows, self.n_bytes + n_bytes + self.pending.size_bytes())
    }

    /// The blocks of a bucket, in the order in which their events came.
    pub(crate) fn blocks(&self, bucket: usize) -> impl Iterator<Item = &Arc<Block>> {
        let frozen = self.frozen.iter().flat_map(move |own| &own.buckets[bucket]);
        frozen.chain(&self.fresh[bucket])
    }

    /// Hands everything over to be sealed; the parts get the ids from `first_part` on.
    pub(crate) fn freeze(&mut self, first_part: u64) {
        let n_buckets = self.fresh.len();
        self.frozen = Some(Frozen {
            buckets: std::mem::replace(&mut self.fresh, vec![Vec::new(); n_buckets]),
            pending: std::mem::take(&mut self.pending),
            sequence: self.sequence,
            first_part,
            n_rows: std::mem::take(&mut self.n_rows),
            n_bytes: std::mem::take(&mut self.n_bytes),
        });
    }

    fn add(&mut self, block: Block, properties: &Properties) {
        self.n_rows += block.rows.n_rows();
        self.n_bytes += block.size_bytes();
        let blocks = &mut self.fresh[block.rows.bucket];
        blocks.push(Arc::new(block));
        let level = |block: &Arc<Block>| block.rows.n_rows().max(LEAST_ROWS).ilog(FAN_IN);
        while let Some(start) = blocks.len().checked_sub(FAN_IN)
            && blocks[start..].iter().all(|own| level(own) <= level(&blocks[blocks.len() - 1]))
        {
            let group = blocks[start..].iter().map(|own| Block::clone(own)).collect();
            let merged = Arc::new(merge_blocks(group, properties));
            blocks.truncate(start);
            blocks.push(merged);
        }
    }

    /// Routes the rows of these persons anew, in every block that has any.
    pub(crate) fn reroute(&mut self, keys: &HashSet<u64>, links: &Links) {
        let n_buckets = self.fresh.len();
        for buckets in [Some(&mut self.fresh), self.frozen.as_mut().map(|own| &mut own.buckets)] {
            let Some(buckets) = buckets else { continue };
            let mut moved = Vec::new();
            for blocks in buckets.iter_mut() {
                blocks.retain(|block| {
                    let stays = block.persons().all(|person| !keys.contains(&person));
                    if !stays {
                        let mut block = Block::clone(block);
                        block.rows.person = links.persons(&block);
                        moved.extend(spread_rows(&block, n_buckets));
                    }
                    stays
                });
            }
            for block in moved {
                buckets[block.rows.bucket].push(Arc::new(block));
            }
        }
    }

    /// The time of an event that came without one of its own, or with a corrected one: the first it was given.
    fn time_of(&mut self, key: u64, new_us: i64, sequence: u64) -> i64 {
        if let Some(&time_us) = self.untimed.get(&key) {
            return time_us;
        }
        if self.untimed_order.len() >= UNTIMED_MAX
            && let Some(oldest) = self.untimed_order.pop_front()
        {
            self.untimed.remove(&oldest);
        }
        self.untimed.insert(key, new_us);
        self.untimed_order.push_back(key);
        self.pending.untimed.push(UntimedRow { sequence, key, time_us: new_us });
        new_us
    }
}

/// Takes batches into the tail; afterwards they are part of what `live` shows.
pub(crate) fn take_in(live: &mut Live, batches: &[Sequenced], below: u64) {
    let mut taking = Taking::default();
    for own in batches {
        // After a crash the log may hold more of what is known already.
        if own.end() <= live.tail.sequence {
            continue;
        }
        for (sequence, record) in (own.first..).zip(own.batch.records()) {
            match record {
                Some(Record::Event(event)) => taking.event(live, &event, own, sequence),
                Some(Record::DeadLetter { code, raw, cut }) => {
                    live.tail.pending.dead_letters.push(DeadLetterRow {
                        id: sequence,
                        received_us: own.batch.received_us,
                        source: own.batch.source.clone(),
                        code: code.to_owned(),
                        raw: raw.to_vec(),
                        cut,
                        replayed_us: None,
                    })
                }
                Some(Record::Replayed(id)) => {
                    let replayed_us = own.batch.received_us;
                    live.tail.pending.replayed.push(Replayed { id, replayed_us });
                }
                // The checksum fits, so this is what we wrote.
                None => debug_assert!(false, "a record that cannot be read"),
            }
        }
        live.tail.sequence = own.end();
    }
    taking.finish(live, below);
}

/// A drain of the inbox on its way into blocks.
#[derive(Default)]
struct Taking {
    chunk: Chunk,
    by_user: Vec<u64>,
    by_anonymous: Vec<u64>,
    paired_with: Vec<u64>,
    linked: HashSet<u64>,
    more: String,
}

impl Taking {
    fn event(&mut self, live: &mut Live, event: &LoggedEvent<'_>, own: &Sequenced, sequence: u64) {
        let user = event.user_id.map_or(NO_CODE, |id| self.user(id));
        let anonymous = event.anonymous_id.map_or(NO_CODE, |id| self.anonymous(id));
        let known = self.by_user.get(user as usize).or_else(|| self.by_anonymous.get(anonymous as usize));
        let base = known.copied().unwrap_or_default();
        let mut time_us = event.time_us.unwrap_or(own.batch.received_us);
        if event.keeps_first_time {
            let key = xxh3_64_with_seed(&event.id.to_le_bytes(), base);
            time_us = live.tail.time_of(key, time_us, sequence);
        }
        if live.is_erased(base, time_us) {
            live.tail.n_erased += 1;
            return;
        }
        if let (Some(user_id), Some(anonymous_id)) = (event.user_id, event.anonymous_id) {
            let (from_key, into_key) = (self.by_anonymous[anonymous as usize], base);
            if std::mem::replace(&mut self.paired_with[anonymous as usize], into_key) != into_key {
                self.claim(live, (anonymous_id, from_key), (user_id, into_key), (time_us, &own.batch.source));
            }
        }
        let (code, channel) = (live.names_mut().event(event.event), live.names_mut().channel(event.channel));
        let source = self.chunk.source(&own.batch.source);
        self.chunk.push(Cells {
            user,
            anonymous,
            time_us,
            id: Some(event.id),
            // The door lets no more names in than there are codes.
            event: code.unwrap_or(NO_EVENT),
            channel,
            amount: event.amount,
            source,
        });
        self.properties(live, &event.properties);
    }

    fn properties(&mut self, live: &mut Live, properties: &[(&str, PropertyValue<'_>)]) {
        self.more.clear();
        for &(key, value) in properties {
            let kind = match value {
                PropertyValue::Str(_) => PropertyKind::String,
                PropertyValue::Num(_) => PropertyKind::Number,
                PropertyValue::Bool(_) => PropertyKind::Bool,
            };
            let known = live.properties.find(key, kind);
            let id = known.or_else(|| {
                let room = live.properties.all().len() < PROPERTIES_MAX;
                room.then(|| Arc::make_mut(&mut live.properties).add(key, kind))
            });
            match id {
                Some(id) => self.chunk.set(id, kind, value),
                None => self.put_more(key, value),
            }
        }
        if !self.more.is_empty() {
            self.more.push('}');
            let kind = PropertyKind::String;
            let id = Arc::make_mut(&mut live.properties).add(MORE, kind);
            self.chunk.set(id, kind, PropertyValue::Str(&self.more));
        }
    }

    fn put_more(&mut self, key: &str, value: PropertyValue<'_>) {
        let value = match value {
            PropertyValue::Str(text) => serde_json::Value::from(text),
            PropertyValue::Num(number) => serde_json::Value::from(number),
            PropertyValue::Bool(set) => serde_json::Value::from(set),
        };
        self.more.push(if self.more.is_empty() { '{' } else { ',' });
        self.more.push_str(&serde_json::Value::from(key).to_string());
        self.more.push(':');
        self.more.push_str(&value.to_string());
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
    fn claim(&mut self, live: &mut Live, from: (&str, u64), into: (&str, u64), seen: (i64, &str)) {
        if live.identity.links.holder(from.1) == Some(into.1) {
            return;
        }
        // An import at work may have been first.
        let reserved = live.reserved.get(&from.1).is_some_and(|&holder| holder != into.1);
        let row = LinkRow {
            id: 0,
            from_kind: IdKind::Anonymous,
            from_id: from.0.to_owned(),
            into_kind: IdKind::User,
            into_id: into.0.to_owned(),
            from_key: from.1,
            into_key: into.1,
            time_us: seen.0,
            source: seen.1.to_owned(),
            state: LinkState::InForce,
        };
        let Some(mut row) = claim(&live.identity.links, row) else { return };
        if reserved {
            row.state = LinkState::Refused;
        }
        if row.state == LinkState::InForce {
            live.identity.links.link(row.from_key, row.into_key);
            self.linked.insert(row.from_key);
        }
        live.tail.pending.links.push(row);
    }

    /// Makes blocks of what was taken, and moves what is there already of persons linked meanwhile.
    fn finish(self, live: &mut Live, below: u64) {
        if !self.linked.is_empty() {
            live.reroute(&self.linked, below);
            let reroutes = self.linked.iter().map(|&key| Reroute { key, below });
            live.tail.pending.reroutes.extend(reroutes);
        }
        if self.chunk.n_rows() == 0 {
            return;
        }
        let resolve =
            |keys: &[u64]| keys.iter().map(|&key| live.identity.links.resolve(key)).collect::<Vec<_>>();
        let person = self.chunk.persons(&resolve(&self.by_user), &resolve(&self.by_anonymous));
        let block = self.chunk.into_block(person);
        let n_buckets = live.tail.fresh.len();
        let properties = Arc::clone(&live.properties);
        for block in spread_rows(&block, n_buckets) {
            live.tail.add(block, &properties);
        }
    }
}
