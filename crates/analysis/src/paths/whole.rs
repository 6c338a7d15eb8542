//! Whole paths with their counts.

use std::cmp::Reverse;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHashMap;

use super::count::{Stamped, Tally};
use super::cut::{Sequence, check, open_rows, sequences};
use super::plan::{HIDDEN, PathMode, PathPlan};
use crate::rows::Rows;

/// A path packed into `W` words of four nodes; a node takes 16 bits as its code + 1, absent nodes 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Packed<const W: usize>([u64; W]);

impl<const W: usize> Packed<W> {
    #[inline]
    fn of(nodes: &[u16]) -> Self {
        let mut words = [0; W];
        for (step, &node) in nodes.iter().enumerate() {
            words[step / 4] |= (u64::from(node) + 1) << (step % 4 * 16);
        }
        Self(words)
    }

    fn nodes(&self) -> Vec<u16> {
        let lanes = self.0.iter().flat_map(|word| (0..4).map(move |lane| word >> (lane * 16) & 0xffff));
        lanes.take_while(|&lane| lane != 0).map(|lane| (lane - 1) as u16).collect()
    }
}

impl<const W: usize> Hash for Packed<W> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|&word| state.write_u64(word));
    }
}

/// Mergeable counts per whole path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WholeState {
    all: Tally,
    /// Paths of up to four counted nodes.
    short: FxHashMap<Packed<1>, Tally>,
    /// Those that may have up to 20.
    long: FxHashMap<Packed<5>, Tally>,
}

/// One path of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholePath {
    /// Node codes by step: the counted part of the sequences.
    pub nodes: Vec<u16>,
    /// Whose path it is.
    pub reach: Tally,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholePaths {
    /// All people with a sequence, and all sequences.
    pub all: Tally,
    /// Distinct paths.
    pub n_paths: usize,
    /// The most frequent by sequences, then people, then by node codes.
    pub top: Vec<WholePath>,
}

/// Counts the whole paths of whole persons.
///
/// A path is the counted part of a sequence (the first `n_steps` nodes), whether or not it goes on;
/// merged nodes count as they are. Needs event, and mask for anchored paths. O(rows) and one look-up
/// per sequence; memory O(distinct paths): 16 bytes key and count up to four steps, 56 beyond.
pub fn fold_whole(rows: Rows<'_>, plan: &PathPlan) -> WholeState {
    check(&rows, plan);
    let (short, long) = (FxHashMap::default(), FxHashMap::default());
    match plan.rules.mode {
        PathMode::Open { gap_us } if plan.n_steps() <= 4 => {
            let (all, short) = count_sessions(&rows, plan, gap_us);
            WholeState { all, short, long }
        }
        _ if plan.n_steps() <= 4 => {
            let (all, short) = count(&rows, plan);
            WholeState { all, short, long }
        }
        _ => {
            let (all, long) = count(&rows, plan);
            WholeState { all, short, long }
        }
    }
}

/// Paths of up to four nodes by session: the path grows in a register, and the only branch that data
/// decides is the end of a session.
fn count_sessions(rows: &Rows<'_>, plan: &PathPlan, gap_us: i64) -> (Tally, FxHashMap<Packed<1>, Tally>) {
    let mut paths = ShortPaths::new();
    let mut all = Stamped::EMPTY;
    let (nodes, collapse, full) = (&plan.rules.nodes[..], plan.rules.collapse, plan.n_steps() as u32 * 16);
    for (who, own) in rows.persons() {
        let own = open_rows(rows, own, plan);
        let mut add = |path: u64| {
            if path != 0 {
                all.add(who as u32);
                paths.add(path, who as u32);
            }
        };
        let (mut path, mut shift, mut last, mut latest_us) = (0u64, 0u32, HIDDEN, i64::MAX);
        for (&time_us, &event) in rows.time_us[own.clone()].iter().zip(&rows.event[own]) {
            if time_us > latest_us {
                add(path);
                (path, shift, last) = (0, 0, HIDDEN);
            }
            latest_us = time_us.saturating_add(gap_us);
            let node = nodes.get(usize::from(event)).copied().unwrap_or(HIDDEN);
            let is_step = (node != HIDDEN) & !(collapse & (node == last)) & (shift < full);
            // A hidden node is 0 here, and so is one beyond the steps.
            path |= (u64::from(node.wrapping_add(1)) * u64::from(is_step)).wrapping_shl(shift);
            shift += 16 * u32::from(is_step);
            last = if node == HIDDEN { last } else { node };
        }
        add(path);
    }
    (all.tally, paths.into_tallies())
}

/// Packed paths with their counts: a flat table at most half full, so that a path is mostly found at the
/// first look. Path 0 is no path.
struct ShortPaths {
    slots: Vec<(u64, Stamped)>,
    n_paths: usize,
    /// 64 - log2 of the number of slots.
    shift: u32,
}

impl ShortPaths {
    fn new() -> Self {
        Self { slots: vec![(0, Stamped::EMPTY); 1 << 10], n_paths: 0, shift: 64 - 10 }
    }

    /// Where the path is, or the free slot where it belongs.
    #[inline]
    fn slot(&self, path: u64) -> usize {
        let last = self.slots.len() - 1;
        // The highest bits of the product are the ones that depend on every node.
        let mut at = (path.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize & last;
        while self.slots[at].0 != path && self.slots[at].0 != 0 {
            at = (at + 1) & last;
        }
        at
    }

    #[inline]
    fn add(&mut self, path: u64, who: u32) {
        let at = self.slot(path);
        if self.slots[at].0 == 0 {
            self.insert(path, who);
        } else {
            self.slots[at].1.add(who);
        }
    }

    #[cold]
    fn insert(&mut self, path: u64, who: u32) {
        self.n_paths += 1;
        if self.n_paths * 2 > self.slots.len() {
            let larger = vec![(0, Stamped::EMPTY); self.slots.len() * 4];
            self.shift -= 2;
            for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| slot.0 != 0) {
                let at = self.slot(slot.0);
                self.slots[at] = slot;
            }
        }
        let at = self.slot(path);
        self.slots[at].0 = path;
        self.slots[at].1.add(who);
    }

    fn into_tallies(self) -> FxHashMap<Packed<1>, Tally> {
        let taken = self.slots.into_iter().filter(|slot| slot.0 != 0);
        taken.map(|(path, stamped)| (Packed([path]), stamped.tally)).collect()
    }
}

fn unstamped<const W: usize>(paths: FxHashMap<Packed<W>, Stamped>) -> FxHashMap<Packed<W>, Tally> {
    paths.into_iter().map(|(path, stamped)| (path, stamped.tally)).collect()
}

fn count<const W: usize>(rows: &Rows<'_>, plan: &PathPlan) -> (Tally, FxHashMap<Packed<W>, Tally>) {
    let mut paths: FxHashMap<Packed<W>, Stamped> = FxHashMap::default();
    let mut all = Stamped::EMPTY;
    for (who, own) in rows.persons() {
        let who = who as u32;
        sequences(rows, own, plan, &mut |sequence: &Sequence| {
            all.add(who);
            paths.entry(Packed::of(sequence.nodes())).or_insert(Stamped::EMPTY).add(who);
        });
    }
    (all.tally, unstamped(paths))
}

fn join<K: Eq + Hash>(mut own: FxHashMap<K, Tally>, other: FxHashMap<K, Tally>) -> FxHashMap<K, Tally> {
    // The larger one stays, so that merging many buckets moves each path rarely.
    let mut other = other;
    if own.len() < other.len() {
        std::mem::swap(&mut own, &mut other);
    }
    for (path, reach) in other {
        let sum = own.entry(path).or_default();
        *sum = sum.merge(reach);
    }
    own
}

impl WholeState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        self.short.len() * size_of::<(Packed<1>, Tally)>() + self.long.len() * size_of::<(Packed<5>, Tally)>()
    }

    /// Joins the counts of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            all: self.all.merge(other.all),
            short: join(self.short, other.short),
            long: join(self.long, other.long),
        }
    }

    /// The `limit` most frequent paths. O(distinct paths).
    pub fn finish(self, limit: usize) -> WholePaths {
        let n_paths = self.short.len() + self.long.len();
        let short = self.short.into_iter().map(|(path, reach)| (Packed([path.0[0], 0, 0, 0, 0]), reach));
        let mut all: Vec<(Packed<5>, Tally)> = short.chain(self.long).collect();
        // Only those as frequent as the last one shown have to be sorted.
        if limit > 0 && all.len() > limit {
            let (_, last, _) = all.select_nth_unstable_by_key(limit - 1, |(_, reach)| rank(*reach));
            let last = rank(last.1);
            all.retain(|(_, reach)| rank(*reach) <= last);
        }
        let paths = all.into_iter().map(|(path, reach)| (reach, path.nodes()));
        let mut reaches: Vec<(Tally, Vec<u16>)> = paths.collect();
        reaches.sort_unstable_by(|a, b| (rank(a.0), &a.1).cmp(&(rank(b.0), &b.1)));
        reaches.truncate(limit);
        let top = reaches.into_iter().map(|(reach, nodes)| WholePath { nodes, reach });
        WholePaths { all: self.all, n_paths, top: top.collect() }
    }
}

fn rank(reach: Tally) -> (Reverse<u64>, Reverse<u64>) {
    (Reverse(reach.sequences), Reverse(reach.people))
}
