//! The store alone: scans, sizes, and what the memory gives.

use crate::EngineError;
use store::{Cancel, Columns, Snapshot};

/// Bytes of a column on disk.
#[derive(Debug, serde::Serialize)]
pub struct ColumnSize {
    name: String,
    bytes: u64,
    bytes_per_event: f64,
}

/// Reads `columns` of all events and looks at the last value of each bucket; returns the number of events.
pub fn scan_once(snapshot: &Snapshot, threads: usize, columns: &Columns) -> Result<u64, EngineError> {
    let sums = snapshot.fold(threads, columns, &Cancel::default(), |rows| {
        let last = rows.n_rows().checked_sub(1);
        let look = last.map_or(0, |row| rows.time_us[row] as u64 ^ u64::from(rows.event[row]));
        std::hint::black_box(look);
        rows.n_rows() as u64
    })?;
    Ok(sums.iter().sum())
}

/// Bytes on disk by column.
pub fn column_sizes(snapshot: &Snapshot) -> Result<Vec<ColumnSize>, EngineError> {
    let sizes = snapshot.column_sizes()?;
    let n_events = snapshot.n_events().max(1) as f64;
    let column = |(name, bytes)| ColumnSize { name, bytes, bytes_per_event: bytes as f64 / n_events };
    Ok(sizes.into_iter().map(column).collect())
}

/// Reads plain memory with all threads at once, as fast as additions allow; returns the bytes read.
pub fn sum_memory(memory: &[Vec<u64>]) -> usize {
    std::thread::scope(|scope| {
        for own in memory {
            scope.spawn(move || std::hint::black_box(sum(own)));
        }
    });
    memory.iter().map(|own| own.len() * 8).sum()
}

/// Eight sums at once, so that the additions are not what is waited for.
fn sum(words: &[u64]) -> u64 {
    let mut sums = [0_u64; 8];
    for eight in words.as_chunks::<8>().0 {
        sums.iter_mut().zip(eight).for_each(|(sum, word)| *sum = sum.wrapping_add(*word));
    }
    sums.iter().fold(0, |sum, own| sum.wrapping_add(*own))
}
