//! States of folds, kept by bucket: when events come, only the buckets they fall into are folded again.
//!
//! Only folds may be kept whose state of a bucket follows from the question, the definitions and the rows of the bucket,
//! and from "now" in no other way than that later rows do not count, or in one that their key names. Stages, hand-overs and
//! modes of funnels end what is silent for too long: they follow from "now" itself, and are folded anew.

use super::lru::Lru;
use super::scope::{Ground, Resolved};
use crate::{Engine, EngineError};
use analysis::attribution::AttributionState;
use analysis::channels::ChannelState;
use analysis::cohorts::CohortState;
use analysis::funnel::FunnelState;
use analysis::lifecycle::LifecycleState;
use analysis::pairs::PairState;
use analysis::paths::{PathState, WholeState};
use analysis::retention::RetentionState;
use analysis::stickiness::StickinessState;
use analysis::transitions::TransitionState;
use analysis::trend::TrendState;
use serde::Serialize;
use std::any::Any;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher as _};
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

impl FoldKey {
    /// A key that says all its states depend on.
    pub fn of(text: String) -> Self {
        Self(text)
    }

    /// With something more that the states depend on.
    pub fn and(mut self, more: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        more.hash(&mut hasher);
        let _ = write!(self.0, " {:x}", hasher.finish());
        self
    }
}

/// States by question and bucket; the question that was not asked for the longest time goes first.
pub(crate) struct States(Mutex<Lru<FoldKey, Arc<Buckets>>>);

/// By bucket: what it was made up of, and its state.
type Buckets = Vec<(Contents, Box<dyn Any + Send + Sync>)>;

impl Default for States {
    fn default() -> Self {
        Self(Mutex::new(Lru::new(BYTES_MAX)))
    }
}

impl States {
    /// Forgets all of them.
    pub fn clear(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> MutexGuard<'_, Lru<FoldKey, Arc<Buckets>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of each bucket that is still made up of the same.
    fn get<S: State>(&self, key: &FoldKey, snapshot: &Snapshot) -> Vec<Option<S>> {
        let buckets = self.kept().get(key).cloned();
        let state = |bucket: usize| {
            let (contents, state) = buckets.as_ref()?.get(bucket)?;
            snapshot.has(bucket, contents).then(|| state.downcast_ref::<S>().cloned()).flatten()
        };
        (0..snapshot.n_buckets()).map(state).collect()
    }

    /// Keeps the states of all buckets if they fit; those of other questions may go for it.
    fn put<S: State>(&self, key: FoldKey, snapshot: &Snapshot, states: &[S]) {
        let n_bytes = states.iter().map(State::size_bytes).sum();
        if n_bytes > BYTES_MAX {
            return; // Not even copied.
        }
        let bucket = |(bucket, state): (usize, &S)| {
            let state: Box<dyn Any + Send + Sync> = Box::new(state.clone());
            (snapshot.contents(bucket), state)
        };
        let buckets = Arc::new(states.iter().enumerate().map(bucket).collect());
        self.kept().put(key, buckets, n_bytes);
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
        // Who is behind a number may follow from all of the data: what else was merged with a node of a path, say.
        let of_all = main.segments.iter().any(|segment| !segment.rule.selected().is_empty());
        let version = of_all.then(|| ground.snapshot.version());
        let (ask, revision) = (serde_json::to_string(ask).unwrap_or_default(), self.cache.revision());
        FoldKey(format!("{kind} {ask} {:?} {known:?} {now_us:?} {version:?} {revision}", main.period))
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

/// States of `analysis` say themselves how large they are.
macro_rules! states {
    ($($state:ty),* $(,)?) => {$(
        impl State for $state {
            fn size_bytes(&self) -> usize {
                self.size_bytes()
            }
        }
    )*};
}

states!(
    AttributionState,
    ChannelState,
    CohortState,
    FunnelState,
    LifecycleState,
    PairState,
    PathState,
    RetentionState,
    StickinessState,
    TransitionState,
    TrendState,
    WholeState,
);

impl State for u64 {
    fn size_bytes(&self) -> usize {
        size_of::<Self>()
    }
}

impl State for String {
    fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.capacity()
    }
}

/// How often each text occurs.
#[derive(Clone, Default)]
pub(super) struct Counts(HashMap<String, u64>);

impl Counts {
    /// `n` more of a text.
    pub fn add(&mut self, text: &str, n: u64) {
        match self.0.get_mut(text) {
            Some(count) => *count += n,
            None => drop(self.0.insert(text.to_owned(), n)),
        }
    }

    /// Those of both.
    pub fn merge(mut self, other: Self) -> Self {
        if self.0.is_empty() {
            return other;
        }
        other.0.iter().for_each(|(text, n)| self.add(text, *n));
        self
    }

    /// At most `n_max` texts, the most frequent first; of equally frequent ones the first in the alphabet.
    pub fn most_frequent(self, n_max: usize) -> Vec<String> {
        let mut ranked: Vec<(String, u64)> = self.0.into_iter().collect();
        ranked.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked.into_iter().take(n_max).map(|(text, _)| text).collect()
    }
}

impl State for Counts {
    fn size_bytes(&self) -> usize {
        self.0.keys().map(|text| text.capacity() + size_of::<(String, u64)>()).sum()
    }
}

impl<S: State> State for Vec<S> {
    fn size_bytes(&self) -> usize {
        self.iter().map(State::size_bytes).sum()
    }
}

impl<A: State, B: State> State for (A, B) {
    fn size_bytes(&self) -> usize {
        self.0.size_bytes() + self.1.size_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Clock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use store::{EventRef, Progress};

    async fn push(engine: &Engine, people: impl Iterator<Item = usize>) {
        let mut writer = engine.store.writer("test").await.unwrap();
        let event = writer.event_code("visit").unwrap();
        for person in people {
            let told = EventRef {
                user_id: Some(&format!("person {person}")),
                anonymous_id: None,
                time_us: person as i64,
                id: Some(person as u64),
                event,
                channel: 0,
                amount: None,
                properties: &[],
            };
            writer.push(told).unwrap();
        }
        writer.finish(Progress::default(), 0).await.unwrap();
    }

    /// Rows by bucket, and how many buckets were folded for it.
    async fn counted(engine: &Engine, key: &str) -> (Vec<u64>, usize) {
        let snapshot = engine.store.snapshot();
        let n_folded = Arc::new(AtomicUsize::new(0));
        let counting = n_folded.clone();
        let fold = move |rows: &Rows| {
            counting.fetch_add(1, Ordering::Relaxed);
            rows.n_rows() as u64
        };
        let key = FoldKey(format!("{key} {}", engine.cache.revision()));
        let states =
            engine.fold_again(key, &snapshot, Columns::default(), &Cancel::default(), fold).await.unwrap();
        let cancel = Cancel::default();
        let fresh = engine.fold(&snapshot, Columns::default(), &cancel, |rows| rows.n_rows() as u64).await;
        assert_eq!(states, fresh.unwrap());
        (states, n_folded.load(Ordering::Relaxed))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_buckets_that_changed_are_folded_again() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(dir.path(), Clock::fixed(0), 2).await.unwrap();
        push(&engine, 0..200).await;
        let n_buckets = engine.store.snapshot().n_buckets();
        let (states, n_folded) = counted(&engine, "a").await;
        assert_eq!((states.iter().sum::<u64>(), n_folded), (200, n_buckets));
        assert_eq!(counted(&engine, "a").await.1, 0);
        assert_eq!(counted(&engine, "b").await.1, n_buckets, "another question has states of its own");
        push(&engine, std::iter::once(1_000)).await;
        let (states, n_folded) = counted(&engine, "a").await;
        assert_eq!((states.iter().sum::<u64>(), n_folded), (201, 1));
        engine.cache.clear();
        assert_eq!(counted(&engine, "a").await.1, n_buckets, "what is erased is in no state");
    }
}
