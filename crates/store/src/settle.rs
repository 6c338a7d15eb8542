//! What happens to written parts before readers see them: rows of persons who turned out to be others move to
//! these, small parts are merged, distinct events and persons are counted.

use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use meta::BucketRow;

use crate::identity::{Identity, Links, Overlay};
use crate::merge::{Keys, Plan, merge_blocks, plan};
use crate::parallel::in_parallel;
use crate::part::Part;
use crate::rows::Block;
use crate::snapshot::Snapshot;
use crate::spread::{Target, spread_rows};
use crate::{Columns, Properties, Result};

/// Parts per bucket, in order of their ids.
pub(crate) type View = Vec<Vec<Arc<Part>>>;

/// By part: whose rows not to take from it.
pub(crate) type Overlays = hashbrown::HashMap<u64, Arc<Overlay>>;

/// A part is rewritten once more than one in so many of its rows belongs to somebody else.
const SQUASH_SHARE: u64 = 16;

/// Parts grow by merging up to this size, so that a merge fits in memory several times over.
const PART_MAX_ROWS: u64 = 4_000_000;
const PART_MAX_DECODED_BYTES: u64 = 256 << 20;

/// Below this size parts are merged whatever they are merged with.
const TINY_ROWS: u64 = 4096;

/// When parts of a bucket are merged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiers {
    /// Parts merged at least.
    pub fan_in: usize,
    /// Parts merged at most.
    pub fan_in_max: usize,
    /// A part is merged with smaller ones once it is at most so many times what these add up to: every row is then
    /// rewritten a number of times logarithmic in the size of its bucket.
    pub ratio: u64,
    /// Whether scratch parts are merged whatever their size: they are written anew in any case.
    pub scratch: bool,
}

impl Tiers {
    /// While an import runs, only many at once, and not again what was merged: its end merges once more.
    pub const IMPORTING: Self = Self { fan_in: 64, fan_in_max: 64, ratio: 4, scratch: false };
    /// While events come in.
    pub const SEALING: Self = Self { fan_in: 4, fan_in_max: usize::MAX, ratio: 4, scratch: false };
    /// When an import ends: a bucket of one part is read without merging, which is worth writing sixteen times what came.
    pub const IMPORTED: Self = Self { fan_in: 2, fan_in_max: usize::MAX, ratio: 16, scratch: true };
}

/// What merges at work may decode together.
const MERGING_BYTES: u64 = 384 << 20;

/// Keys compared at a time while counting: 16 bytes each.
const SLICE_ROWS: usize = 2_000_000;

/// Memory that merges share, of all stores of the process.
static MERGING: Budget = Budget { taken: Mutex::new(0), freed: Condvar::new() };

struct Budget {
    taken: Mutex<u64>,
    freed: Condvar,
}

/// Given back when dropped.
struct Share(u64);

impl Budget {
    /// Waits until there is room. What alone is more than all of it goes alone.
    fn take(&self, n_bytes: u64) -> Share {
        let n_bytes = n_bytes.min(MERGING_BYTES);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |taken: &mut u64| *taken + n_bytes > MERGING_BYTES;
        *self.freed.wait_while(taken, full).unwrap_or_else(PoisonError::into_inner) += n_bytes;
        Share(n_bytes)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        *MERGING.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
        MERGING.freed.notify_all();
    }
}

/// Chooses parts to merge: the smallest ones, each next one not too large for what is gathered.
pub(crate) fn choose(parts: &[Arc<Part>], tiers: Tiers) -> Option<Vec<Arc<Part>>> {
    let mut by_size: Vec<&Arc<Part>> = parts.iter().collect();
    by_size.sort_by_key(|part| part.row.n_rows);
    let mut start = 0;
    while start < by_size.len() {
        let (mut n_rows, mut n_bytes) = (0, 0);
        let mut group = Vec::new();
        for part in by_size[start..].iter().take(tiers.fan_in_max) {
            let row = &part.row;
            let free = row.n_rows <= TINY_ROWS || (tiers.scratch && part.is_scratch());
            let near = n_rows == 0 || free || row.n_rows <= n_rows * tiers.ratio;
            n_rows += row.n_rows;
            n_bytes += row.decoded_bytes;
            if !near || n_rows > PART_MAX_ROWS || n_bytes > PART_MAX_DECODED_BYTES {
                break;
            }
            group.push(Arc::clone(part));
        }
        if group.len() >= tiers.fan_in {
            return Some(group);
        }
        start += 1;
    }
    None
}

/// Whose rows are whose, for parts that are rewritten.
#[derive(Clone, Copy)]
pub(crate) struct Routing<'a> {
    pub links: &'a Links,
    /// Parts with rows that may belong to somebody else by now.
    pub overlays: &'a Overlays,
}

impl Routing<'_> {
    /// Reads a part: its rows as they belong to its bucket, and those that belong elsewhere.
    pub(crate) fn read(
        &self,
        part: &Part,
        n_buckets: usize,
        properties: &Properties,
    ) -> Result<(Option<Block>, Vec<Block>)> {
        let mut block = part.read_block(properties)?;
        if !self.overlays.contains_key(&part.row.id) {
            return Ok((Some(block), Vec::new()));
        }
        block.rows.person = self.links.persons(&block);
        let bucket = part.row.bucket as usize;
        let (own, strays): (Vec<Block>, Vec<Block>) =
            spread_rows(&block, n_buckets).into_iter().partition(|block| block.rows.bucket == bucket);
        Ok((own.into_iter().next(), strays))
    }
}

/// Merges parts of one bucket into one, and into small ones what belongs to other buckets by now. Of
/// duplicates the row of the part written first is kept.
pub(crate) fn merge(
    target: Target<'_>,
    mut group: Vec<Arc<Part>>,
    properties: &Properties,
    routing: Routing<'_>,
) -> Result<Vec<Part>> {
    let n_bytes: u64 = group.iter().map(|part| part.row.decoded_bytes).sum();
    let _share = MERGING.take(n_bytes);
    group.sort_by_key(|part| part.row.id);
    let (mut own, mut strays) = (Vec::new(), Vec::new());
    for part in &group {
        let (block, elsewhere) = routing.read(part, target.n_buckets, properties)?;
        own.extend(block);
        strays.extend(elsewhere);
    }
    let mut written = Vec::new();
    if !own.is_empty() {
        written.push(target.write(&merge_blocks(own, properties), properties)?);
    }
    for block in strays {
        written.push(target.write(&block, properties)?);
    }
    Ok(written)
}

/// Makes written parts ready for readers: `view` against `settled`, what readers see now; `None` if nobody knows, and
/// then all buckets are counted. Those `uncounted` are counted too if anything is. Parts of which much
/// belongs to others by now are rewritten, small parts are merged. Returns the counts of the buckets that
/// changed.
pub(crate) fn settle(
    target: Target<'_>,
    view: &mut View,
    (settled, uncounted): (Option<&View>, &hashbrown::HashSet<usize>),
    identity: &Identity,
    properties: &Properties,
    tiers: Tiers,
) -> Result<Vec<BucketRow>> {
    let ids = |parts: &[Arc<Part>]| parts.iter().map(|part| part.row.id).collect::<Vec<_>>();
    let overlays = identity.overlays(view, properties)?;
    let routing = Routing { links: &identity.links, overlays: &overlays };
    let before = overlaid(view, &overlays);
    for part in view.clone().into_iter().flatten() {
        let much = |overlay: &Arc<Overlay>| overlay.n_rows() as u64 * SQUASH_SHARE > part.row.n_rows;
        if overlays.get(&part.row.id).is_some_and(much) {
            let written = merge(target, vec![Arc::clone(&part)], properties, routing)?;
            put(view, &[part], written);
        }
    }
    let all: Vec<usize> = (0..view.len()).collect();
    compact(target, view, &all, properties, routing, tiers)?;
    let left: Vec<Arc<Part>> = view.iter().flatten().filter(|part| part.is_scratch()).cloned().collect();
    let rewritten =
        in_parallel(left.len(), |i| merge(target, vec![Arc::clone(&left[i])], properties, routing))?;
    left.iter().zip(rewritten).for_each(|(part, written)| put(view, std::slice::from_ref(part), written));
    let changed = |at: usize| settled.is_none_or(|settled| ids(&view[at]) != ids(&settled[at]));
    let mut touched: Vec<bool> = (0..view.len()).map(changed).collect();
    if !touched.contains(&true) {
        return Ok(Vec::new());
    }
    let overlays = identity.overlays(view, properties)?;
    for ((touched, before), after) in touched.iter_mut().zip(before).zip(overlaid(view, &overlays)) {
        *touched |= before || after;
    }
    uncounted.iter().for_each(|&at| touched[at] = true);
    let buckets: Vec<usize> = (0..view.len()).filter(|&at| touched[at]).collect();
    count(view, &overlays, &buckets, properties)
}

/// Takes `group` out of the view and puts `written` in.
pub(crate) fn put(view: &mut View, group: &[Arc<Part>], written: Vec<Part>) {
    for part in group {
        replace(&mut view[part.row.bucket as usize], std::slice::from_ref(part), Vec::new());
    }
    for part in written {
        let bucket = part.row.bucket as usize;
        replace(&mut view[bucket], &[], vec![part]);
    }
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
    routing: Routing<'_>,
    tiers: Tiers,
) -> Result<()> {
    let done = in_parallel(buckets.len(), |i| {
        let mut parts = view[buckets[i]].clone();
        let mut strays = Vec::new();
        while let Some(group) = choose(&parts, tiers) {
            let written = merge(target, group.clone(), properties, routing)?;
            let (own, elsewhere) =
                written.into_iter().partition(|part| part.row.bucket as usize == buckets[i]);
            strays.extend::<Vec<Part>>(elsewhere);
            replace(&mut parts, &group, own);
        }
        Ok((parts, strays))
    })?;
    for (&bucket, (parts, _)) in buckets.iter().zip(&done) {
        view[bucket] = parts.clone();
    }
    for (_, strays) in done {
        put(view, &[], strays);
    }
    Ok(())
}

/// By bucket: whether overlays take rows out of its parts or bring some in.
pub(crate) fn overlaid(view: &View, overlays: &Overlays) -> Vec<bool> {
    let mut overlaid = vec![false; view.len()];
    for block in overlays.values().flat_map(|overlay| &overlay.moved) {
        overlaid[block.rows.bucket] = true;
    }
    for part in view.iter().flatten().filter(|part| overlays.contains_key(&part.row.id)) {
        overlaid[part.row.bucket as usize] = true;
    }
    overlaid
}

/// Counts distinct events and persons of the given buckets, exactly.
pub(crate) fn count(
    view: &View,
    overlays: &Overlays,
    buckets: &[usize],
    properties: &Properties,
) -> Result<Vec<BucketRow>> {
    let overlaid = overlaid(view, overlays);
    let snapshot = (!overlays.is_empty()).then(|| Snapshot::of_parts(view.clone(), overlays, properties));
    in_parallel(buckets.len(), |i| {
        let parts = &view[buckets[i]];
        if let Some(snapshot) = snapshot.as_ref().filter(|_| overlaid[buckets[i]]) {
            let rows = snapshot.scan(buckets[i], &Columns { id: true, ..Columns::default() })?;
            return Ok(BucketRow {
                bucket: buckets[i] as u32,
                n_events: rows.n_rows() as u64,
                n_persons: rows.n_persons() as u64,
            });
        }
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
        Keys { persons: self.persons, starts: &self.starts, time_us: &self.time_us, hidden: &[] }
    }
}
