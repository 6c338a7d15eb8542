//! Jobs on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::Result;

/// Threads that write parts. Encoding is bound by the processor, and the reader of the file needs one too.
pub(crate) const WRITE_THREADS: usize = 2;

/// Pools that wait for work. Each call has one of its own, so that a short question does not wait behind a long one;
/// and it is not made anew, because a new thread brings no memory: a fifth of a scan went into clearing pages for it.
static IDLE: Mutex<Vec<ThreadPool>> = Mutex::new(Vec::new());

/// Pools kept for later.
const IDLE_MAX: usize = 8;

/// Runs `n` jobs on [`WRITE_THREADS`] threads; results come in the order of the jobs. The first error stops
/// the rest.
pub(crate) fn in_parallel<T: Send>(n: usize, job: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    run_parallel(WRITE_THREADS, n, job)
}

/// As [`in_parallel`], on a given number of threads.
pub(crate) fn run_parallel<T: Send>(
    n_threads: usize,
    n: usize,
    job: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let pool = if n_threads > 1 && n > 1 { take(n_threads) } else { None };
    let Some(pool) = pool else { return (0..n).map(job).collect() };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= n {
                return Ok(done);
            }
            match job(i) {
                Ok(result) => done.push((i, result)),
                Err(error) => {
                    next.store(n, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    };
    let outcomes: Vec<Result<Vec<(usize, T)>>> = pool.broadcast(|_| work());
    give_back(pool);
    let mut all = Vec::with_capacity(n);
    for done in outcomes {
        all.extend(done?);
    }
    all.sort_unstable_by_key(|(i, _)| *i);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

/// A pool of so many threads; `None` if the system has none left.
fn take(n_threads: usize) -> Option<ThreadPool> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = idle.iter().position(|pool| pool.current_num_threads() == n_threads) {
        return Some(idle.swap_remove(at));
    }
    drop(idle);
    ThreadPoolBuilder::new().num_threads(n_threads).thread_name(|_| "scan".to_owned()).build().ok()
}

fn give_back(pool: ThreadPool) {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if idle.len() < IDLE_MAX {
        idle.push(pool);
    }
}
