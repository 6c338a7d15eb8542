//! States of folds, kept by bucket: when events come, only the buckets they fall into are folded again.
//!
//! Only folds may be kept whose state of a bucket follows from the question, the definitions and the rows of the bucket,
//! and from "now" in no other way than that later rows do not count, or in one that their key names, or for as long as the
//! state itself says: stages end what is silent for too long, and know when that will be. Hand-overs and modes of funnels
//! follow from "now" too, without knowing how long; they are folded anew.

use super::lru::Lru;
use super::scope::{Ground, Resolved, SegmentTest};
use crate::{Engine, EngineError};
use analysis::attribution::AttributionState;
use analysis::channels::ChannelState;
use analysis::cohorts::CohortState;
use analysis::funnel::FunnelState;
use analysis::lifecycle::LifecycleState;
use analysis::pairs::PairState;
use analysis::paths::{PathState, WholeState};
use analysis::retention::RetentionState;
use analysis::stages::StageState;
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
pub(crate) trait State: Clone + Send + Sync + 'static {
    /// About how much memory it takes.
    fn size_bytes(&self) -> usize;

    /// How long it is right if no row comes.
    fn holds_us(&self) -> i64 {
        i64::MAX
    }
}

/// A state that is right for some time only: less than this after the “now” it was folded at.
#[derive(Clone)]
pub(crate) struct Lasting<S> {
    pub state: S,
    pub holds_us: i64,
}

/// One question over everything its states depend on but the rows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct FoldKey(String);

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

/// The states of one question.
type Buckets = Vec<Bucket>;

struct Bucket {
    /// What it was made up of.
    contents: Contents,
    /// “Now” when it was folded, and for how long its state is right.
    as_of_us: i64,
    holds_us: i64,
    state: Box<dyn Any + Send + Sync>,
}

impl Bucket {
    fn holds_at(&self, as_of_us: i64) -> bool {
        self.holds_us == i64::MAX || (0..self.holds_us).contains(&as_of_us.saturating_sub(self.as_of_us))
    }
}

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

    /// The state of each bucket that is still made up of the same, and right.
    fn get<S: State>(&self, key: &FoldKey, snapshot: &Snapshot, as_of_us: i64) -> Vec<Option<(S, i64)>> {
        let buckets = self.kept().get(key).cloned();
        let state = |at: usize| {
            let bucket = buckets.as_ref()?.get(at)?;
            let is_right = bucket.holds_at(as_of_us) && snapshot.has(at, &bucket.contents);
            let state = bucket.state.downcast_ref::<S>().filter(|_| is_right)?;
            Some((state.clone(), bucket.as_of_us))
        };
        (0..snapshot.n_buckets()).map(state).collect()
    }

    /// Keeps the states of all buckets if they fit; those of other questions may go for it.
    fn put<S: State>(&self, key: FoldKey, snapshot: &Snapshot, states: &[(S, i64)]) {
        let n_bytes = states.iter().map(|(state, _)| state.size_bytes()).sum();
        if n_bytes > BYTES_MAX {
            return; // Not even copied.
        }
        let bucket = |(at, (state, as_of_us)): (usize, &(S, i64))| Bucket {
            contents: snapshot.contents(at),
            as_of_us: *as_of_us,
            holds_us: state.holds_us(),
            state: Box::new(state.clone()),
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
        // A segment may look back from now, and with rows in the future any moment may bring one into the past.
        let newest_us = ground.snapshot.time_range().map_or(i64::MIN, |(_, last_us)| last_us);
        let moves = !main.segments.is_empty() || newest_us > ground.as_of_us;
        let now_us = moves.then_some(ground.as_of_us);
        // Who is behind a number may follow from all of the data: what else was merged with a node of a path, say.
        let of_all = main.segments.iter().any(|segment| !segment.rule.selected().is_empty());
        let version = of_all.then(|| ground.snapshot.version());
        self.any_key((kind, ask), ground).and(&(main.period.from_us, main.period.to_us, now_us, version))
    }

    /// As [`Engine::fold_key`], of a question whose states say themselves how long they are right. `tests` are all that the
    /// fold looks at.
    pub(crate) fn lasting_key<'a>(
        &self,
        (kind, ask): (&str, &impl Serialize),
        ground: &Ground,
        scopes: [Option<&Resolved>; 2],
        mut tests: impl Iterator<Item = &'a SegmentTest>,
    ) -> FoldKey {
        let bounds = scopes.map(|scope| scope.map(|scope| (scope.period.from_us, scope.period.to_us)));
        let version = tests.any(SegmentTest::looks_at_all).then(|| ground.snapshot.version());
        self.any_key((kind, ask), ground).and(&(bounds, version))
    }

    /// What all states depend on.
    fn any_key(&self, (kind, ask): (&str, &impl Serialize), ground: &Ground) -> FoldKey {
        let names = ground.snapshot.names();
        let known = (names.events().len(), names.channels().len(), ground.snapshot.properties().all().len());
        let (ask, revision) = (serde_json::to_string(ask).unwrap_or_default(), self.cache.revision());
        FoldKey(format!("{kind} {ask} {known:?} {revision}"))
    }

    /// As [`Engine::fold`], but of buckets that are made up of the same as when the question was last asked, the state
    /// of then is taken while it is right.
    pub(crate) async fn fold_again<S: State>(
        &self,
        key: FoldKey,
        ground: &Ground,
        columns: Columns,
        cancel: &Cancel,
        fold: impl Fn(&Rows) -> S + Send + Sync + 'static,
    ) -> Result<Vec<S>, EngineError> {
        let (snapshot, as_of_us) = (ground.snapshot.clone(), ground.as_of_us);
        let (cancel, threads, cache) = (cancel.clone(), self.threads, self.cache.clone());
        let folded = tokio::task::spawn_blocking(move || {
            let mut states = cache.states.get::<S>(&key, &snapshot, as_of_us);
            let changed: Vec<usize> = (0..states.len()).filter(|bucket| states[*bucket].is_none()).collect();
            let folded = snapshot.fold_buckets(&changed, threads, &columns, &cancel, fold)?;
            changed.iter().zip(folded).for_each(|(bucket, state)| states[*bucket] = Some((state, as_of_us)));
            let states: Vec<(S, i64)> = states.into_iter().flatten().collect();
            if !changed.is_empty() {
                cache.states.put(key, &snapshot, &states);
            }
            Ok::<_, store::StoreError>(states.into_iter().map(|(state, _)| state).collect())
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
    StageState,
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

impl<S: State> State for Lasting<S> {
    fn size_bytes(&self) -> usize {
        self.state.size_bytes()
    }

    fn holds_us(&self) -> i64 {
        self.holds_us
    }
}

impl<S: State> State for Vec<S> {
    fn size_bytes(&self) -> usize {
        self.iter().map(State::size_bytes).sum()
    }

    fn holds_us(&self) -> i64 {
        self.iter().map(State::holds_us).min().unwrap_or(i64::MAX)
    }
}

impl<A: State, B: State> State for (A, B) {
    fn size_bytes(&self) -> usize {
        self.0.size_bytes() + self.1.size_bytes()
    }

    fn holds_us(&self) -> i64 {
        self.0.holds_us().min(self.1.holds_us())
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
        let ground = engine.ground().await.unwrap();
        let n_folded = Arc::new(AtomicUsize::new(0));
        let counting = n_folded.clone();
        let fold = move |rows: &Rows| {
            counting.fetch_add(1, Ordering::Relaxed);
            rows.n_rows() as u64
        };
        let key = FoldKey(format!("{key} {}", engine.cache.revision()));
        let states =
            engine.fold_again(key, &ground, Columns::default(), &Cancel::default(), fold).await.unwrap();
        let cancel = Cancel::default();
        let fresh =
            engine.fold(&ground.snapshot, Columns::default(), &cancel, |rows| rows.n_rows() as u64).await;
        assert_eq!(states, fresh.unwrap());
        (states, n_folded.load(Ordering::Relaxed))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_state_is_taken_as_long_as_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(dir.path(), Clock::fixed(0), 2).await.unwrap();
        push(&engine, 0..200).await;
        let mut ground = engine.ground().await.unwrap();
        let (n_buckets, start_us) = (ground.snapshot.n_buckets(), ground.as_of_us);
        let n_folded = Arc::new(AtomicUsize::new(0));
        // At each time the buckets folded: the first holds for 10, the others for ever.
        for (later_us, wanted) in [(0, n_buckets), (9, 0), (10, 1), (19, 0), (20, 1), (15, 1), (24, 0)] {
            ground.as_of_us = start_us + later_us;
            let counting = n_folded.clone();
            let fold = move |rows: &Rows| {
                counting.fetch_add(1, Ordering::Relaxed);
                Lasting { state: 1_u64, holds_us: if rows.bucket == 0 { 10 } else { i64::MAX } }
            };
            let key = FoldKey("lasting".to_owned());
            let states =
                engine.fold_again(key, &ground, Columns::default(), &Cancel::default(), fold).await.unwrap();
            assert_eq!(states.iter().map(|state| state.state).sum::<u64>(), n_buckets as u64);
            assert_eq!(n_folded.swap(0, Ordering::Relaxed), wanted, "{later_us} later");
        }
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
