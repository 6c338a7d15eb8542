//! A scan at work as others see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Asks a running scan to stop, and tells how far it is. Clones share one scan, or those of one question.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Scan>);

#[derive(Debug, Default)]
struct Scan {
    whole: Option<Cancel>,
    is_cancelled: AtomicBool,
    n_planned: AtomicUsize,
    n_done: AtomicUsize,
}

impl Cancel {
    /// A scan that is part of this one: it ends with it, may be asked to stop without it, and what it reads counts here.
    #[must_use]
    pub fn part(&self) -> Self {
        Self(Arc::new(Scan { whole: Some(self.clone()), ..Scan::default() }))
    }

    /// Asks to stop; what runs ends with [`crate::StoreError::Cancelled`] at the next bucket.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed) || self.0.whole.as_ref().is_some_and(Self::is_cancelled)
    }

    /// Buckets read, and buckets known by now to have to be read: a question that reads twice plans the second time later.
    #[must_use]
    pub fn buckets(&self) -> (usize, usize) {
        // In this order: what is done was planned before.
        let n_done = self.0.n_done.load(Ordering::Acquire);
        (n_done, self.0.n_planned.load(Ordering::Acquire))
    }

    /// A scan of so many buckets begins.
    pub fn plan(&self, n_buckets: usize) {
        self.0.n_planned.fetch_add(n_buckets, Ordering::Release);
        self.0.whole.iter().for_each(|whole| whole.plan(n_buckets));
    }

    /// A bucket is read.
    pub fn step(&self) {
        self.0.n_done.fetch_add(1, Ordering::Release);
        self.0.whole.iter().for_each(Self::step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_counts_for_the_whole_and_stops_with_it_or_alone() {
        let whole = Cancel::default();
        let (one, other) = (whole.part(), whole.part());
        one.plan(3);
        other.plan(2);
        one.step();
        assert_eq!((whole.buckets(), one.buckets(), other.buckets()), ((1, 5), (1, 3), (0, 2)));
        one.cancel();
        assert_eq!([&whole, &one, &other].map(Cancel::is_cancelled), [false, true, false]);
        whole.cancel();
        assert!(other.is_cancelled());
    }
}
