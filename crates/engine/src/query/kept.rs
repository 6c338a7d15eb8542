//! States of folds, kept by bucket: when events come, only the buckets they fall into are folded again.
//!
//! Only folds may be kept whose state of a bucket follows from the question, the definitions and the rows of the bucket,
//! and from "now" in no other way than that later rows do not count.

use super::scope::{Ground, Resolved};
use crate::{Engine, EngineError};
use analysis::channels::ChannelState;
use analysis::funnel::FunnelState;
use analysis::transitions::TransitionState;
use analysis::trend::TrendState;
use serde::Serialize;
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Cancel, Columns, Contents, Rows, Snapshot};

/// Bytes of all states kept.
const BYTES_MAX: usize = 64 << 20;

/// What a fold leaves of a bucket.
pub(super) trait State: Clone + Send + Sync + 'static {
    /// About how much memory it takes.
    fn size_bytes(&self) -> usize;
}

/// One question over everything its states depend on but the rows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct FoldKey(String);

/// States by question and bucket; the question that was not asked for the longest time goes first.
pub(crate) struct States {
    bytes_max: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    questions: HashMap<FoldKey, Question>,
    n_bytes: usize,
    /// Counts questions: the time of this cache.
    now: u64,
}

struct Question {
    used: u64,
    n_bytes: usize,
    buckets: Arc<Vec<(Contents, Box<dyn Any + Send + Sync>)>>,
}

impl Default for States {
    fn default() -> Self {
        Self { bytes_max: BYTES_MAX, kept: Mutex::default() }
    }
}

impl States {
    /// Forgets all of them.
    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of each bucket that is still made up of the same.
    fn get<S: State>(&self, key: &FoldKey, snapshot: &Snapshot) -> Vec<Option<S>> {
        let buckets = {
            let mut kept = self.kept();
            kept.now += 1;
            let now = kept.now;
            kept.questions.get_mut(key).map(|question| {
                question.used = now;
                question.buckets.clone()
            })
        };
        let state = |bucket: usize| {
            let (contents, state) = buckets.as_ref()?.get(bucket)?;
            snapshot.has(bucket, contents).then(|| state.downcast_ref::<S>().cloned()).flatten()
        };
        (0..snapshot.n_buckets()).map(state).collect()
    }

    /// Keeps the states of all buckets if they fit; those of other questions may go for it.
    fn put<S: State>(&self, key: FoldKey, snapshot: &Snapshot, states: &[S]) {
        let n_bytes = states.iter().map(State::size_bytes).sum();
        if n_bytes > self.bytes_max {
            return;
        }
        let bucket = |(bucket, state): (usize, &S)| {
            let state: Box<dyn Any + Send + Sync> = Box::new(state.clone());
            (snapshot.contents(bucket), state)
        };
        let buckets = Arc::new(states.iter().enumerate().map(bucket).collect());
        let mut kept = self.kept();
        kept.now += 1;
        let used = kept.now;
        kept.remove(&key);
        while kept.n_bytes + n_bytes > self.bytes_max {
            let oldest = kept.questions.iter().min_by_key(|(_, question)| question.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            kept.remove(&oldest);
        }
        kept.n_bytes += n_bytes;
        kept.questions.insert(key, Question { used, n_bytes, buckets });
    }
}

impl Kept {
    fn remove(&mut self, key: &FoldKey) {
        if let Some(question) = self.questions.remove(key) {
            self.n_bytes -= question.n_bytes;
        }
    }
}

impl Engine {
    /// The key of a question; `kind` tells questions apart that are written alike.
    pub(super) fn fold_key(
        &self,
        (kind, ask): (&str, &impl Serialize),
        ground: &Ground,
        main: &Resolved,
    ) -> FoldKey {
        let names = ground.snapshot.names();
        let known = (names.events().len(), names.channels().len(), ground.snapshot.properties().all().len());
        // A segment may look back from now, and with rows in the future any moment may bring one into the past.
        let newest_us = ground.snapshot.time_range().map_or(i64::MIN, |(_, last_us)| last_us);
        let moves = !main.segments.is_empty() || newest_us > ground.as_of_us;
        let now_us = moves.then_some(ground.as_of_us);
        let ask = serde_json::to_string(ask).unwrap_or_default();
        FoldKey(format!("{kind} {ask} {:?} {known:?} {now_us:?} {}", main.period, self.cache.revision()))
    }

    /// As [`Engine::fold`], but of buckets that are made up of the same as when the question was last asked, the state
    /// of then is taken.
    pub(super) async fn fold_again<S: State>(
        &self,
        key: FoldKey,
        snapshot: &Snapshot,
        columns: Columns,
        cancel: &Cancel,
        fold: impl Fn(&Rows) -> S + Send + Sync + 'static,
    ) -> Result<Vec<S>, EngineError> {
        let (snapshot, cancel, threads, cache) =
            (snapshot.clone(), cancel.clone(), self.threads, self.cache.clone());
        let folded = tokio::task::spawn_blocking(move || {
            let mut states = cache.states.get::<S>(&key, &snapshot);
            let changed: Vec<usize> = (0..states.len()).filter(|bucket| states[*bucket].is_none()).collect();
            let folded = snapshot.fold_buckets(&changed, threads, &columns, &cancel, fold)?;
            changed.iter().zip(folded).for_each(|(bucket, state)| states[*bucket] = Some(state));
            let states: Vec<S> = states.into_iter().flatten().collect();
            if !changed.is_empty() {
                cache.states.put(key, &snapshot, &states);
            }
            Ok::<_, store::StoreError>(states)
        });
        Ok(folded.await.map_err(|error| EngineError::Internal(error.to_string()))??)
    }
}

impl State for FunnelState {
    fn size_bytes(&self) -> usize {
        self.size_bytes()
    }
}

impl State for TransitionState {
    fn size_bytes(&self) -> usize {
        self.size_bytes()
    }
}

impl State for ChannelState {
    fn size_bytes(&self) -> usize {
        self.size_bytes()
    }
}

impl State for TrendState {
    fn size_bytes(&self) -> usize {
        self.size_bytes()
    }
}

impl State for u64 {
    fn size_bytes(&self) -> usize {
        size_of::<Self>()
    }
}

impl State for Vec<String> {
    fn size_bytes(&self) -> usize {
        self.iter().map(|text| size_of::<String>() + text.capacity()).sum()
    }
}

impl<A: State, B: State> State for (A, B) {
    fn size_bytes(&self) -> usize {
        self.0.size_bytes() + self.1.size_bytes()
    }
}
