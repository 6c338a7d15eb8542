//! A scan at work as others see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Asks a running scan to stop, and tells how far it is. Clones share one scan, or those of one question.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Scan>);

#[derive(Debug, Default)]
struct Scan {
    is_cancelled: AtomicBool,
    n_planned: AtomicUsize,
    n_done: AtomicUsize,
}

impl Cancel {
    /// Asks to stop; what runs ends with [`crate::StoreError::Cancelled`] at the next bucket.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed)
    }

    /// Buckets read, and buckets known by now to have to be read: a question that reads twice plans the second time later.
    #[must_use]
    pub fn buckets(&self) -> (usize, usize) {
        // In this order: what is done was planned before.
        let n_done = self.0.n_done.load(Ordering::Acquire);
        (n_done, self.0.n_planned.load(Ordering::Acquire))
    }

    /// A scan of so many buckets begins.
    pub(crate) fn plan(&self, n_buckets: usize) {
        self.0.n_planned.fetch_add(n_buckets, Ordering::Release);
    }

    /// A bucket is read.
    pub(crate) fn step(&self) {
        self.0.n_done.fetch_add(1, Ordering::Release);
    }
}
