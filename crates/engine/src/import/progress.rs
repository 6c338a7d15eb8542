//! How far an import is, for progress bars, and the way to stop it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use store::Cancel;

/// Counters that the work moves and anybody may read. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    counts: Arc<Counts>,
    /// Set it to stop the work at the next block; what the last checkpoint stored stays.
    pub cancel: Cancel,
}

#[derive(Debug, Default)]
struct Counts {
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
    rows_done: AtomicU64,
    rows_total: AtomicU64,
}

impl Progress {
    /// Bytes of the file read so far, compressed as they lie on the disk.
    pub fn bytes_done(&self) -> u64 {
        self.counts.bytes_done.load(Ordering::Relaxed)
    }

    /// Bytes of the file, 0 while unknown.
    pub fn bytes_total(&self) -> u64 {
        self.counts.bytes_total.load(Ordering::Relaxed)
    }

    /// Rows read or made so far.
    pub fn rows_done(&self) -> u64 {
        self.counts.rows_done.load(Ordering::Relaxed)
    }

    /// Rows in all, 0 while unknown.
    pub fn rows_total(&self) -> u64 {
        self.counts.rows_total.load(Ordering::Relaxed)
    }

    /// 0–1 by rows where their number is known, else by bytes.
    pub fn share(&self) -> f64 {
        let (done, total) = match (self.rows_total(), self.bytes_total()) {
            (0, total) => (self.bytes_done(), total),
            (total, _) => (self.rows_done(), total),
        };
        if total == 0 { 0.0 } else { (done as f64 / total as f64).min(1.0) }
    }

    /// Adds bytes read.
    pub fn add_bytes(&self, n_bytes: u64) {
        self.counts.bytes_done.fetch_add(n_bytes, Ordering::Relaxed);
    }

    /// Adds rows read or made.
    pub fn add_rows(&self, n_rows: u64) {
        self.counts.rows_done.fetch_add(n_rows, Ordering::Relaxed);
    }

    /// Says how many bytes there are, and starts counting them anew.
    pub fn start_bytes(&self, total: u64) {
        self.counts.bytes_done.store(0, Ordering::Relaxed);
        self.counts.bytes_total.store(total, Ordering::Relaxed);
    }

    /// Says how many rows there will be.
    pub fn expect_rows(&self, total: u64) {
        self.counts.rows_total.store(total, Ordering::Relaxed);
    }
}
