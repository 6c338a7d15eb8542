//! Decoded columns of parts, kept in memory as far as they fit: a question asked again decodes nothing.
//!
//! Parts never change, so a column that was decoded and checked once stays right for as long as its part is there.
//! What was not used for the longest time goes first, and only if it is long enough: were what is kept exchanged all the
//! time by scans that need a little more than fits, none of it would ever serve.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{HashMap, HashSet};

use crate::merged::Order;
use crate::scan::{Amounts, Persons};
use crate::{PropertyColumn, PropertyId};

/// A column of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ColumnKey {
    Persons,
    Time,
    Event,
    Channel,
    Amount,
    Property(PropertyId),
    /// Of a bucket, not of a part: how the rows of its sources go.
    Order,
}

/// Ids of buckets and of merged rows begin here, beyond those of parts.
const BUCKETS: u64 = 1 << 62;
const MERGED: u64 = 1 << 63;

/// A decoded column.
#[derive(Clone, Debug)]
pub(crate) enum Decoded {
    Persons(Persons),
    Times(Arc<Vec<i64>>),
    Codes(Arc<Vec<u16>>),
    Amounts(Arc<Amounts>),
    Property(Arc<PropertyColumn>),
    Order(Arc<Order>),
}

impl Decoded {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Persons(persons) => persons.size_bytes(),
            Self::Times(times) => times.len() * 8,
            Self::Codes(codes) => codes.len() * 2,
            Self::Amounts(amounts) => amounts.size_bytes(),
            Self::Property(column) => column.size_bytes(),
            Self::Order(order) => order.size_bytes(),
        }
    }
}

/// What can be kept, as one kind of [`Decoded`].
pub(crate) trait Column: Clone {
    fn wrap(self) -> Decoded;
    /// `None` of another kind.
    fn unwrap(decoded: &Decoded) -> Option<Self>;
}

macro_rules! columns {
    ($($kind:ident: $column:ty,)*) => {$(
        impl Column for $column {
            fn wrap(self) -> Decoded {
                Decoded::$kind(self)
            }

            fn unwrap(decoded: &Decoded) -> Option<Self> {
                if let Decoded::$kind(column) = decoded { Some(column.clone()) } else { None }
            }
        }
    )*};
}

columns! {
    Persons: Persons,
    Times: Arc<Vec<i64>>,
    Codes: Arc<Vec<u16>>,
    Amounts: Arc<Amounts>,
    Property: Arc<PropertyColumn>,
    Order: Arc<Order>,
}

/// Decoded columns by part, and merged ones by bucket. Holds at most so many bytes; with 0 it holds nothing.
#[derive(Debug, Default)]
pub(crate) struct ColumnCache {
    max_bytes: usize,
    kept: Mutex<Kept>,
    n_ids: AtomicU64,
}

#[derive(Debug, Default)]
struct Kept {
    columns: HashMap<(u64, ColumnKey), Entry>,
    n_bytes: usize,
    /// Counts looks: the time of this cache.
    now: u64,
}

#[derive(Debug)]
struct Entry {
    column: Decoded,
    n_bytes: usize,
    used: u64,
}

impl ColumnCache {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, ..Self::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get<C: Column>(&self, part: u64, key: ColumnKey) -> Option<C> {
        let mut kept = self.kept();
        kept.now += 1;
        let now = kept.now;
        let entry = kept.columns.get_mut(&(part, key))?;
        entry.used = now;
        C::unwrap(&entry.column)
    }

    /// Keeps a column if it fits; others may go for it that nobody looked at for twice as many looks as there are
    /// columns. O(columns kept) when one has to go.
    pub(crate) fn put(&self, part: u64, key: ColumnKey, column: impl Column) {
        let column = column.wrap();
        let n_bytes = column.size_bytes();
        if n_bytes > self.max_bytes {
            return;
        }
        let mut kept = self.kept();
        kept.now += 1;
        let used = kept.now;
        kept.remove((part, key));
        while kept.n_bytes + n_bytes > self.max_bytes {
            let oldest = kept.columns.iter().min_by_key(|(_, entry)| entry.used);
            let Some((&oldest, entry)) = oldest else { break };
            if used - entry.used < 2 * kept.columns.len() as u64 {
                return;
            }
            kept.remove(oldest);
        }
        kept.n_bytes += n_bytes;
        kept.columns.insert((part, key), Entry { column, n_bytes, used });
    }

    /// An id for merged rows.
    pub(crate) fn new_id(&self) -> u64 {
        MERGED | self.n_ids.fetch_add(1, Ordering::Relaxed)
    }

    /// How the rows of a bucket went when they were last merged.
    pub(crate) fn order(&self, bucket: usize) -> Option<Arc<Order>> {
        self.get(BUCKETS | bucket as u64, ColumnKey::Order)
    }

    /// Keeps how the rows of a bucket go now, and forgets what was merged before.
    pub(crate) fn put_order(&self, bucket: usize, order: Arc<Order>) -> Arc<Order> {
        if let Some(before) = self.order(bucket) {
            self.kept().forget(|id| id == before.id());
        }
        self.put(BUCKETS | bucket as u64, ColumnKey::Order, Arc::clone(&order));
        order
    }

    /// Forgets the columns of all other parts, and all that was merged.
    pub(crate) fn retain(&self, parts: &HashSet<u64>) {
        self.kept().forget(|id| !parts.contains(&id));
    }
}

impl Kept {
    fn forget(&mut self, is_gone: impl Fn(u64) -> bool) {
        let gone: Vec<_> = self.columns.keys().filter(|(id, _)| is_gone(*id)).copied().collect();
        gone.into_iter().for_each(|key| self.remove(key));
    }

    fn remove(&mut self, key: (u64, ColumnKey)) {
        if let Some(entry) = self.columns.remove(&key) {
            self.n_bytes -= entry.n_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(n: usize) -> Arc<Vec<u16>> {
        Arc::new(vec![7; n])
    }

    fn has(cache: &ColumnCache, part: u64) -> bool {
        cache.get::<Arc<Vec<u16>>>(part, ColumnKey::Event).is_some()
    }

    #[test]
    fn what_was_not_used_goes_first_and_the_limit_holds() {
        let cache = ColumnCache::new(100);
        cache.put(1, ColumnKey::Event, codes(20)); // 40 bytes each.
        cache.put(2, ColumnKey::Event, codes(20));
        cache.put(3, ColumnKey::Event, codes(20)); // Both were used just now: neither goes.
        assert!(!has(&cache, 3) && has(&cache, 1));
        cache.put(3, ColumnKey::Event, codes(20)); // By now part 2 was not used for long.
        let there = [1, 2, 3].map(|part| has(&cache, part));
        assert_eq!(there, [true, false, true]);
        assert_eq!(cache.kept().n_bytes, 80);
        cache.put(4, ColumnKey::Event, codes(51)); // Larger than all of it: not kept, and nothing goes for it.
        assert!(!has(&cache, 4) && has(&cache, 1));
        cache.put(1, ColumnKey::Event, codes(30)); // Put again, it counts once.
        assert_eq!(cache.kept().n_bytes, 100);
        cache.retain(&HashSet::from([1]));
        let kept = cache.kept();
        assert_eq!((kept.n_bytes, kept.columns.len()), (60, 1));
    }

    #[test]
    fn without_memory_nothing_is_kept() {
        let cache = ColumnCache::default();
        cache.put(1, ColumnKey::Event, codes(1));
        assert!(!has(&cache, 1));
    }
}
