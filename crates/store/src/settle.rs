//! What happens to written parts before readers see them: rows of anonymous persons who turned out to be
//! users move to those users, small parts are merged, distinct events and persons are counted.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use meta::BucketRow;

use crate::merge::{Keys, Plan, merge_blocks, plan};
use crate::part::Part;
use crate::spread::{Target, bucket_of, in_parallel, spread};
use crate::store::Shared;
use crate::{Properties, Result};

/// Parts per bucket, in order of their ids.
pub(crate) type View = Vec<Vec<Arc<Part>>>;

/// Links of anonymous person keys to the keys of users.
pub(crate) type Links = hashbrown::HashMap<u64, u64>;

/// Parts grow by merging up to this size, so that a merge fits in memory several times over.
const PART_MAX_ROWS: u64 = 1_000_000;
const PART_MAX_DECODED_BYTES: u64 = 48 << 20;

/// Below this size parts are merged whatever they are merged with.
const TINY_ROWS: u64 = 4096;

/// A part is merged with smaller ones once these add up to a quarter of it: every row is then rewritten
/// a number of times logarithmic in the size of its bucket.
const TIER_RATIO: u64 = 4;

/// Merges above this size are done one at a time, to bound memory.
const HEAVY_DECODED_BYTES: u64 = 8 << 20;

/// Keys compared at a time while counting: 16 bytes each.
const SLICE_ROWS: usize = 2_000_000;

static HEAVY: Mutex<()> = Mutex::new(());

/// Chooses parts to merge: the smallest ones, each next one at most [`TIER_RATIO`] times what is gathered.
pub(crate) fn choose(parts: &[Arc<Part>], min_fan_in: usize) -> Option<Vec<Arc<Part>>> {
    let mut by_size: Vec<&Arc<Part>> = parts.iter().collect();
    by_size.sort_by_key(|part| part.row.n_rows);
    let mut start = 0;
    while start < by_size.len() {
        let (mut n_rows, mut n_bytes) = (0, 0);
        let mut group = Vec::new();
        for part in &by_size[start..] {
            let row = &part.row;
            let near = n_rows == 0 || row.n_rows <= TINY_ROWS || row.n_rows <= n_rows * TIER_RATIO;
            n_rows += row.n_rows;
            n_bytes += row.decoded_bytes;
            if !near || n_rows > PART_MAX_ROWS || n_bytes > PART_MAX_DECODED_BYTES {
                break;
            }
            group.push(Arc::clone(part));
        }
        if group.len() >= min_fan_in {
            return Some(group);
        }
        start += 1;
    }
    None
}

/// Merges parts of one bucket into one. Of duplicates the row of the part written first is kept.
pub(crate) fn merge(target: Target<'_>, mut group: Vec<Arc<Part>>, properties: &Properties) -> Result<Part> {
    let n_bytes: u64 = group.iter().map(|part| part.row.decoded_bytes).sum();
    let _one_at_a_time = (n_bytes > HEAVY_DECODED_BYTES)
        .then(|| HEAVY.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    group.sort_by_key(|part| part.row.id);
    let blocks = group.iter().map(|part| part.read_block(properties)).collect::<Result<Vec<_>>>()?;
    target.write(&merge_blocks(blocks, properties), properties)
}

/// Makes written parts ready for readers: `view` against `settled`, what readers see now. Returns the counts
/// of the buckets that changed.
pub(crate) fn settle(
    shared: &Shared,
    view: &mut View,
    settled: &View,
    links: &Links,
    properties: &Properties,
) -> Result<Vec<BucketRow>> {
    let target = shared.target();
    let ids = |parts: &[Arc<Part>]| parts.iter().map(|part| part.row.id).collect::<Vec<_>>();
    let mut touched: Vec<bool> = view.iter().zip(settled).map(|(new, old)| ids(new) != ids(old)).collect();
    reroute(target, view, links, properties, &mut touched)?;
    let buckets: Vec<usize> = (0..view.len()).filter(|&bucket| touched[bucket]).collect();
    compact(target, view, &buckets, properties)?;
    count(view, &buckets, properties)
}

/// Takes `group` out of a bucket's parts and puts `merged` in.
pub(crate) fn replace(parts: &mut Vec<Arc<Part>>, group: &[Arc<Part>], merged: Vec<Part>) {
    parts.retain(|part| group.iter().all(|gone| gone.row.id != part.row.id));
    parts.extend(merged.into_iter().map(Arc::new));
    parts.sort_by_key(|part| part.row.id);
}

/// Merges what is worth merging in the given buckets, until nothing is.
pub(crate) fn compact(
    target: Target<'_>,
    view: &mut View,
    buckets: &[usize],
    properties: &Properties,
) -> Result<()> {
    let done = in_parallel(buckets.len(), |i| {
        let mut parts = view[buckets[i]].clone();
        while let Some(group) = choose(&parts, 2) {
            let merged = merge(target, group.clone(), properties)?;
            replace(&mut parts, &group, vec![merged]);
        }
        Ok(parts)
    })?;
    for (&bucket, parts) in buckets.iter().zip(done) {
        view[bucket] = parts;
    }
    Ok(())
}

/// Moves stored rows of linked anonymous persons to their users; marks the buckets changed in `touched`.
pub(crate) fn reroute(
    target: Target<'_>,
    view: &mut View,
    links: &Links,
    properties: &Properties,
    touched: &mut [bool],
) -> Result<()> {
    let mut sought: Vec<Vec<u64>> = vec![Vec::new(); view.len()];
    for &anonymous in links.keys() {
        sought[bucket_of(anonymous, view.len())].push(anonymous);
    }
    for (bucket, mut sought) in sought.into_iter().enumerate() {
        sought.sort_unstable();
        for part in view[bucket].clone() {
            let (persons, _) = part.person_runs()?;
            if !sought.is_empty() && any_in_common(&persons, &sought) {
                let (kept, moved) = split(target, &part, links, properties)?;
                replace(&mut view[bucket], &[part], kept);
                touched[bucket] = true;
                for part in moved {
                    let to = part.row.bucket as usize;
                    touched[to] = true;
                    replace(&mut view[to], &[], vec![part]);
                }
            }
        }
    }
    Ok(())
}

/// Whether two ascending lists share an element.
fn any_in_common(long: &[u64], short: &[u64]) -> bool {
    short.iter().any(|key| long.binary_search(key).is_ok())
}

/// Rewrites a part without the rows of linked persons (nothing, if all are), and those rows elsewhere.
fn split(
    target: Target<'_>,
    part: &Part,
    links: &Links,
    properties: &Properties,
) -> Result<(Vec<Part>, Vec<Part>)> {
    let block = part.read_block(properties)?;
    let n_rows = block.rows.n_rows() as u32;
    let (moved, kept): (Vec<u32>, Vec<u32>) =
        (0..n_rows).partition(|&row| links.contains_key(&block.rows.person[row as usize]));
    let bucket = block.rows.bucket;
    let mut kept_parts = Vec::new();
    if !kept.is_empty() {
        kept_parts.push(target.write(&block.gather(bucket, &kept), properties)?);
    }
    let mut moved = block.gather(bucket, &moved);
    for person in &mut moved.rows.person {
        *person = links[person];
    }
    Ok((kept_parts, spread(target, &moved, properties)?))
}

/// Counts distinct events and persons of the given buckets, exactly.
pub(crate) fn count(view: &View, buckets: &[usize], properties: &Properties) -> Result<Vec<BucketRow>> {
    in_parallel(buckets.len(), |i| {
        let parts = &view[buckets[i]];
        let runs = parts.iter().map(|part| part.person_runs()).collect::<Result<Vec<_>>>()?;
        let mut persons: Vec<u64> = runs.iter().flat_map(|(persons, _)| persons.iter().copied()).collect();
        persons.sort_unstable();
        persons.dedup();
        let mut n_events = 0;
        for group in overlapping(parts) {
            n_events += match group.as_slice() {
                [only] => parts[*only].row.n_rows,
                several => count_events(parts, &runs, several, SLICE_ROWS, properties)?,
            };
        }
        Ok(BucketRow { bucket: buckets[i] as u32, n_events, n_persons: persons.len() as u64 })
    })
}

/// Groups of parts whose times overlap, directly or through others. Duplicates have the same time, so they
/// never lie in two groups; parts written day after day are groups of their own and need no comparison.
fn overlapping(parts: &[Arc<Part>]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&i| parts[i].row.min_time_us);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut end = i64::MIN;
    for i in order {
        match groups.last_mut() {
            Some(group) if parts[i].row.min_time_us <= end => group.push(i),
            _ => groups.push(vec![i]),
        }
        end = end.max(parts[i].row.max_time_us);
    }
    groups
}

pub(crate) type PersonRuns = (Vec<u64>, Vec<usize>);

/// Counts distinct events of several parts, slice by slice of the person keys.
pub(crate) fn count_events(
    parts: &[Arc<Part>],
    runs: &[PersonRuns],
    several: &[usize],
    slice_rows: usize,
    properties: &Properties,
) -> Result<u64> {
    let n_rows: usize = several.iter().map(|&i| parts[i].n_rows()).sum();
    let n_slices = n_rows / slice_rows + 1;
    let bound = |slice: usize| ((slice as u128) << 64) / n_slices as u128;
    let mut n_events = 0;
    for slice in 0..n_slices {
        let keys = several
            .iter()
            .map(|&i| OwnedKeys::read(&parts[i], &runs[i], bound(slice)..bound(slice + 1)))
            .collect::<Result<Vec<_>>>()?;
        let first_rows: Vec<usize> = keys.iter().map(|keys| keys.first_row).collect();
        let keys: Vec<Keys<'_>> = keys.iter().map(OwnedKeys::borrow).collect();
        let plan: Plan = plan(&keys, |i, ranges| {
            let first = first_rows[i];
            let ranges: Vec<_> = ranges.iter().map(|range| range.start + first..range.end + first).collect();
            parts[several[i]].read_ids(&ranges, properties)
        })?;
        n_events += plan.n_rows() as u64;
    }
    Ok(n_events)
}

struct OwnedKeys<'a> {
    persons: &'a [u64],
    starts: Vec<usize>,
    time_us: Vec<i64>,
    first_row: usize,
}

impl<'a> OwnedKeys<'a> {
    /// Reads the keys of the persons in a range.
    fn read(part: &Part, (persons, starts): &'a PersonRuns, range: Range<u128>) -> Result<Self> {
        let first = persons.partition_point(|&person| u128::from(person) < range.start);
        let last = persons.partition_point(|&person| u128::from(person) < range.end);
        let rows = starts[first]..starts[last];
        let time_us = part.read_times(&rows)?;
        let starts = starts[first..=last].iter().map(|start| start - rows.start).collect();
        Ok(Self { persons: &persons[first..last], starts, time_us, first_row: rows.start })
    }

    fn borrow(&self) -> Keys<'_> {
        Keys { persons: self.persons, starts: &self.starts, time_us: &self.time_us }
    }
}
