//! What was used last stays.

use std::collections::HashMap;
use std::hash::Hash;

/// Values of a size each, up to a size of all; the one that was not looked at for the longest time goes first.
///
/// Cost: a look-up; making room looks at every value, so it is meant for few and large ones.
pub(super) struct Lru<K, V> {
    size_max: usize,
    size: usize,
    /// Counts looks: the time in here.
    now: u64,
    kept: HashMap<K, Kept<V>>,
}

struct Kept<V> {
    used: u64,
    size: usize,
    value: V,
}

impl<K: Clone + Eq + Hash, V> Lru<K, V> {
    pub fn new(size_max: usize) -> Self {
        Self { size_max, size: 0, now: 0, kept: HashMap::new() }
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        self.now += 1;
        let kept = self.kept.get_mut(key)?;
        kept.used = self.now;
        Some(&kept.value)
    }

    /// Keeps a value in place of the one its key had; not at all if it is larger than everything may be.
    pub fn put(&mut self, key: K, value: V, size: usize) {
        if size > self.size_max {
            return;
        }
        self.remove(&key);
        while self.size + size > self.size_max {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            self.remove(&oldest);
        }
        self.now += 1;
        self.size += size;
        self.kept.insert(key, Kept { used: self.now, size, value });
    }

    pub fn clear(&mut self) {
        self.kept.clear();
        self.size = 0;
    }

    fn remove(&mut self, key: &K) {
        if let Some(kept) = self.kept.remove(key) {
            self.size -= kept.size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_and_what_was_not_looked_at_goes_first() {
        fn held(lru: &mut Lru<char, i32>, keys: &str) -> Vec<Option<i32>> {
            keys.chars().map(|key| lru.get(&key).copied()).collect()
        }
        let mut lru = Lru::new(4);
        lru.put('a', 1, 2);
        lru.put('b', 2, 2);
        assert_eq!(held(&mut lru, "a"), [Some(1)]);
        lru.put('c', 3, 1);
        assert_eq!(held(&mut lru, "abc"), [Some(1), None, Some(3)]);
        lru.put('d', 4, 5);
        assert_eq!((held(&mut lru, "d"), lru.size), (vec![None], 3), "too large: nothing goes for it");
        lru.put('a', 5, 4);
        assert_eq!((held(&mut lru, "ac"), lru.size), (vec![Some(5), None], 4));
        lru.clear();
        assert_eq!((held(&mut lru, "a"), lru.size), (vec![None], 0));
    }
}
