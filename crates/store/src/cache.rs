//! Decoded columns of parts, kept in memory as far as they fit: a question asked again decodes nothing.
//!
//! Parts never change, so a column that was decoded and checked once stays right for as long as its part is there.
//! What was not used for the longest time goes first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{HashMap, HashSet};

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
}

/// A decoded column.
#[derive(Clone, Debug)]
pub(crate) enum Decoded {
    Persons(Persons),
    Times(Arc<Vec<i64>>),
    Codes(Arc<Vec<u16>>),
    Amounts(Arc<Amounts>),
    Property(Arc<PropertyColumn>),
}

impl Decoded {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Persons(persons) => (persons.keys.len() + persons.starts.len()) * 8,
            Self::Times(times) => times.len() * 8,
            Self::Codes(codes) => codes.len() * 2,
            Self::Amounts(amounts) => amounts.size_bytes(),
            Self::Property(column) => column.size_bytes(),
        }
    }
}

/// Decoded columns by part. Holds at most so many bytes; with 0 it holds nothing.
#[derive(Debug, Default)]
pub(crate) struct ColumnCache {
    max_bytes: usize,
    kept: Mutex<Kept>,
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
        Self { max_bytes, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, part: u64, key: ColumnKey) -> Option<Decoded> {
        let mut kept = self.kept();
        kept.now += 1;
        let now = kept.now;
        let entry = kept.columns.get_mut(&(part, key))?;
        entry.used = now;
        Some(entry.column.clone())
    }

    /// Keeps a column if it fits; others may go for it. O(columns kept) when one has to go.
    pub(crate) fn put(&self, part: u64, key: ColumnKey, column: Decoded) {
        let n_bytes = column.size_bytes();
        if n_bytes > self.max_bytes {
            return;
        }
        let mut kept = self.kept();
        kept.now += 1;
        let used = kept.now;
        kept.remove((part, key));
        while kept.n_bytes + n_bytes > self.max_bytes {
            let oldest = kept.columns.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            kept.remove(oldest);
        }
        kept.n_bytes += n_bytes;
        kept.columns.insert((part, key), Entry { column, n_bytes, used });
    }

    /// Forgets the columns of all other parts.
    pub(crate) fn retain(&self, parts: &HashSet<u64>) {
        let mut kept = self.kept();
        let gone: Vec<_> = kept.columns.keys().filter(|(part, _)| !parts.contains(part)).copied().collect();
        gone.into_iter().for_each(|key| kept.remove(key));
    }
}

impl Kept {
    fn remove(&mut self, key: (u64, ColumnKey)) {
        if let Some(entry) = self.columns.remove(&key) {
            self.n_bytes -= entry.n_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(n: usize) -> Decoded {
        Decoded::Codes(Arc::new(vec![7; n]))
    }

    #[test]
    fn what_was_not_used_goes_first_and_the_limit_holds() {
        let cache = ColumnCache::new(100);
        cache.put(1, ColumnKey::Event, codes(20)); // 40 bytes each.
        cache.put(2, ColumnKey::Event, codes(20));
        assert!(cache.get(1, ColumnKey::Event).is_some());
        cache.put(3, ColumnKey::Event, codes(20)); // Something has to go: part 2 was used before part 1.
        let there = [1, 2, 3].map(|part| cache.get(part, ColumnKey::Event).is_some());
        assert_eq!(there, [true, false, true]);
        assert_eq!(cache.kept().n_bytes, 80);
        cache.put(4, ColumnKey::Event, codes(51)); // Larger than all of it: not kept, and nothing goes for it.
        assert!(cache.get(4, ColumnKey::Event).is_none() && cache.get(1, ColumnKey::Event).is_some());
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
        assert!(cache.get(1, ColumnKey::Event).is_none());
    }
}
