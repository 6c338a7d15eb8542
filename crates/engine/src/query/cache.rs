//! Answers in memory, by question, data version and revision of the definitions.

use super::kept::States;
use super::lru::Lru;
use model::ask::Ask;
use model::view::Answer;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Answers kept at most.
const ANSWERS_MAX: usize = 256;

pub(crate) type CacheKey = (String, u64, u64);

pub(crate) struct Cache {
    /// What folds left of buckets.
    pub states: States,
    revision: AtomicU64,
    answers: Mutex<Lru<CacheKey, Arc<Answer>>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            states: States::default(),
            revision: AtomicU64::default(),
            answers: Mutex::new(Lru::new(ANSWERS_MAX)),
        }
    }
}

impl Cache {
    /// Every definition may have changed: answers so far are never found again.
    pub fn definitions_changed(&self) {
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    /// Forgets all answers.
    pub fn clear(&self) {
        self.definitions_changed(); // An answer at work now is kept where nobody finds it, and goes with the others.
        self.states.clear();
        self.answers().clear();
    }

    /// The key under which the answer of now is kept.
    pub fn key(&self, ask: &Ask, data_version: u64) -> CacheKey {
        let ask = serde_json::to_string(ask).unwrap_or_default();
        (ask, data_version, self.revision())
    }

    /// Grows with every change of a definition.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    pub fn get(&self, key: &CacheKey) -> Option<Arc<Answer>> {
        self.answers().get(key).cloned()
    }

    pub fn put(&self, key: CacheKey, answer: Arc<Answer>) {
        self.answers().put(key, answer, 1);
    }

    fn answers(&self) -> MutexGuard<'_, Lru<CacheKey, Arc<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
