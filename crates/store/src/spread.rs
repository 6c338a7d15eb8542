//! Rows in any order → sorted parts, one per bucket they touch.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::encode::Stay;
use crate::parallel::in_parallel;
use crate::part::Part;
use crate::rows::Block;
use crate::{Properties, Result};

/// The bucket of a person. Keys are hashes already; they are mixed once more, since parts are sorted by the
/// key and a bucket must not be a range of it (a slice of the key space then cuts every bucket alike).
pub(crate) fn bucket_of(person: u64, n_buckets: usize) -> usize {
    let mixed = person.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((u128::from(mixed) * n_buckets as u128) >> 64) as usize
}

/// Where parts are written and how they are numbered.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub dir: &'a Path,
    pub n_buckets: usize,
    pub next_part: &'a AtomicU64,
    /// How long the parts are to stay.
    pub stay: Stay,
}

impl Target<'_> {
    /// Writes one sorted block of one bucket.
    pub(crate) fn write(&self, block: &Block, properties: &Properties) -> Result<Part> {
        let id = self.next_part.fetch_add(1, Ordering::Relaxed);
        Part::write(self.dir, id, block, properties, self.stay)
    }
}

/// Sorts the rows of a block into one block per bucket they touch, exact duplicates within it taken out.
/// Of duplicates the first row is kept.
pub(crate) fn spread_rows(block: &Block, n_buckets: usize) -> Vec<Block> {
    let work = orders(block, n_buckets);
    work.into_iter()
        .map(|(bucket, mut order)| {
            sort_rows(block, &mut order);
            block.gather(bucket, &order)
        })
        .collect()
}

/// As [`spread_rows`], each block written as a part.
pub(crate) fn spread(target: Target<'_>, block: &Block, properties: &Properties) -> Result<Vec<Part>> {
    let work: Vec<(usize, Mutex<Vec<u32>>)> = orders(block, target.n_buckets)
        .into_iter()
        .map(|(bucket, order)| (bucket, Mutex::new(order)))
        .collect();
    in_parallel(work.len(), |i| {
        let (bucket, order) = &work[i];
        let mut order = std::mem::take(&mut *order.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        sort_rows(block, &mut order);
        target.write(&block.gather(*bucket, &order), properties)
    })
}

/// The rows of each bucket that has any.
fn orders(block: &Block, n_buckets: usize) -> Vec<(usize, Vec<u32>)> {
    let mut orders: Vec<Vec<u32>> = vec![Vec::new(); n_buckets];
    for (row, &person) in block.rows.person.iter().enumerate() {
        orders[bucket_of(person, n_buckets)].push(row as u32);
    }
    orders.into_iter().enumerate().filter(|(_, order)| !order.is_empty()).collect()
}

/// Sorts row numbers by (person, time, id, row) and drops all but the first of equal keys.
fn sort_rows(block: &Block, order: &mut Vec<u32>) {
    let mut keyed: Vec<((u64, i64, u64), u32)> =
        order.iter().map(|&row| (block.rows.key(row as usize), row)).collect();
    keyed.sort_unstable();
    keyed.dedup_by_key(|(key, _)| *key);
    order.clear();
    order.extend(keyed.iter().map(|(_, row)| row));
}
