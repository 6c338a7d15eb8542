//! How many trials, with which seed, and how long things took.

use std::time::{Duration, Instant};

use model::Rng;

/// Whether all trials are asked for.
#[expect(clippy::disallowed_methods, reason = "how long the tests may run is for who runs them to say")]
fn is_long() -> bool {
    std::env::var("GILMOK_LONG").is_ok_and(|value| value == "1")
}

/// The number of trials: a few, or as many as the promise is stated for.
pub fn count(few: usize, many: usize) -> usize {
    if is_long() { many } else { few }
}

/// Where the trials' randomness comes from.
#[expect(clippy::disallowed_methods, reason = "which trials to repeat is for who runs them to say")]
pub fn rng(tier: u64) -> Rng {
    let seed = std::env::var("GILMOK_SEED").ok().and_then(|value| value.parse().ok()).unwrap_or(1);
    Rng::new(seed).fork(tier)
}

/// A moment, for deadlines and for figures.
#[expect(clippy::disallowed_methods, reason = "the trials measure the real program in real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// A random time up to `longest`.
pub fn a_while(rng: &mut Rng, longest: Duration) -> Duration {
    longest.mul_f64(rng.unit())
}

/// A random index below `end`.
pub fn below(rng: &mut Rng, end: usize) -> usize {
    rng.below(end as u64) as usize
}

/// The value below which a share of the values lie; zero of none.
pub fn quantile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// Runs numbered jobs on two threads; panics if one did.
pub fn in_parallel(n: usize, job: impl Fn(usize) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if i >= n {
                        return;
                    }
                    job(i);
                }
            });
        }
    });
}
