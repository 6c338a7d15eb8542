//! Counts by step, node and edge.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::cut::{Sequence, check, sequences};
use super::plan::{OTHER, PathPlan};
use crate::rows::Rows;

/// How many came along: distinct people, and sequences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Distinct people.
    pub people: u64,
    /// Sequences.
    pub sequences: u64,
}

impl Tally {
    pub(super) fn merge(self, other: Self) -> Self {
        Self { people: self.people + other.people, sequences: self.sequences + other.sequences }
    }
}

/// A tally that knows the last person it counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamped {
    pub tally: Tally,
    last: u32,
}

impl Stamped {
    pub const EMPTY: Self = Self { tally: Tally { people: 0, sequences: 0 }, last: u32::MAX };

    #[inline]
    pub fn add(&mut self, who: u32) {
        self.tally.sequences += 1;
        self.tally.people += u64::from(self.last != who);
        self.last = who;
    }
}

/// Largest number of keys for which a table by key is kept instead of a map.
const DENSE_MAX: usize = 1 << 18;

/// Cells by key. Few possible keys: one look-up in a table; many: a map. Only keys that occur have a
/// cell, so that the cells in use stay close together.
struct Cells<T> {
    cells: Vec<(usize, T)>,
    dense: Vec<u32>,
    sparse: FxHashMap<usize, u32>,
    empty: T,
}

impl<T: Copy> Cells<T> {
    fn new(n_keys: usize, empty: T) -> Self {
        let dense = if n_keys <= DENSE_MAX { vec![u32::MAX; n_keys] } else { Vec::new() };
        Self { cells: Vec::new(), dense, sparse: FxHashMap::default(), empty }
    }

    #[inline]
    fn at(&mut self, key: usize) -> &mut T {
        let next = self.cells.len() as u32;
        let slot = match self.dense.get_mut(key) {
            Some(slot) => slot,
            None => self.sparse.entry(key).or_insert(u32::MAX),
        };
        if *slot == u32::MAX {
            *slot = next;
            self.cells.push((key, self.empty));
        }
        &mut self.cells[*slot as usize].1
    }
}

/// Mergeable counts of paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathState {
    all: Tally,
    /// By (step, node): who came, and who ended there.
    nodes: FxHashMap<(u8, u16), (Tally, Tally)>,
    /// By (step, node, next node).
    edges: FxHashMap<(u8, u16, u16), Tally>,
}

/// One node of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathNode {
    /// 0-based step.
    pub step: usize,
    /// Node code, or [`OTHER`].
    pub node: u16,
    /// Who came to it at this step.
    pub reach: Tally,
    /// Whose sequence has no further node: the drop-off. Counted backwards: who began here.
    pub ended: Tally,
}

/// One edge of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathEdge {
    /// Step of `node`; `next` is one further.
    pub step: usize,
    /// Node code, or [`OTHER`].
    pub node: u16,
    /// Node at the next step. Counted backwards: what came before.
    pub next: u16,
    /// Who went along it.
    pub reach: Tally,
}

/// The answer: nodes and edges by step, most people first, then most sequences, then by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathAnswer {
    /// All people with a sequence, and all sequences.
    pub all: Tally,
    /// Nodes that occur.
    pub nodes: Vec<PathNode>,
    /// Edges that occur.
    pub edges: Vec<PathEdge>,
}

/// Share of all at each node and step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepMatrix {
    /// Node codes of the lines, in order of code.
    pub nodes: Vec<u16>,
    /// `shares[line][step]`: sequences that are at the node, of all sequences.
    pub shares: Vec<Vec<f64>>,
    /// `people[line][step]`: people who are there in any of their sequences, of all people.
    pub people: Vec<Vec<f64>>,
    /// `ended[step]`: sequences that ended before this step. With the shares of a step it makes 1.
    pub ended: Vec<f64>,
}

/// Counts whole persons.
///
/// Needs event, and mask for anchored paths. O(rows + counted nodes); memory by the nodes and edges
/// that occur.
pub fn fold(rows: Rows<'_>, plan: &PathPlan) -> PathState {
    check(&rows, plan);
    let (n_steps, width) = (plan.n_steps(), plan.n_nodes + 1);
    let mut nodes = Cells::new(n_steps * width, (Stamped::EMPTY, Stamped::EMPTY));
    let mut edges = Cells::new((n_steps - 1) * width * width, Stamped::EMPTY);
    let mut all = Stamped::EMPTY;
    let index = |step: usize, node: u16| match plan.shown(step, node) {
        OTHER => plan.n_nodes,
        node => usize::from(node),
    };
    for (who, own) in rows.persons() {
        let who = who as u32;
        let mut count = |sequence: &Sequence| {
            all.add(who);
            let path = sequence.nodes();
            let mut before = index(0, path[0]);
            nodes.at(before).0.add(who);
            for (step, &node) in path.iter().enumerate().skip(1) {
                let here = index(step, node);
                nodes.at(step * width + here).0.add(who);
                edges.at(((step - 1) * width + before) * width + here).add(who);
                before = here;
            }
            if !sequence.goes_on {
                nodes.at((path.len() - 1) * width + before).1.add(who);
            }
        };
        sequences(&rows, own, plan, &mut count);
    }
    let code = |index: usize| if index == plan.n_nodes { OTHER } else { index as u16 };
    let node = |(key, (reach, ended)): (usize, (Stamped, Stamped))| {
        (((key / width) as u8, code(key % width)), (reach.tally, ended.tally))
    };
    let edge = |(key, reach): (usize, Stamped)| {
        let (from, to) = (key / width, key % width);
        (((from / width) as u8, code(from % width), code(to)), reach.tally)
    };
    PathState {
        all: all.tally,
        nodes: nodes.cells.into_iter().map(node).collect(),
        edges: edges.cells.into_iter().map(edge).collect(),
    }
}

impl PathState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        self.nodes.len() * size_of::<((u8, u16), (Tally, Tally))>()
            + self.edges.len() * size_of::<((u8, u16, u16), Tally)>()
    }

    /// Joins the counts of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.all = self.all.merge(other.all);
        for (key, (reach, ended)) in other.nodes {
            let own = self.nodes.entry(key).or_default();
            *own = (own.0.merge(reach), own.1.merge(ended));
        }
        for (key, reach) in other.edges {
            let own = self.edges.entry(key).or_default();
            *own = own.merge(reach);
        }
        self
    }

    /// The answer, sorted.
    pub fn finish(self) -> PathAnswer {
        let rank = |reach: Tally| (Reverse(reach.people), Reverse(reach.sequences));
        let node = |((step, node), (reach, ended))| PathNode { step: usize::from(step), node, reach, ended };
        let mut nodes: Vec<PathNode> = self.nodes.into_iter().map(node).collect();
        nodes.sort_unstable_by_key(|node| (node.step, rank(node.reach), node.node));
        let edge = |((step, node, next), reach)| PathEdge { step: usize::from(step), node, next, reach };
        let mut edges: Vec<PathEdge> = self.edges.into_iter().map(edge).collect();
        edges.sort_unstable_by_key(|edge| (edge.step, rank(edge.reach), edge.node, edge.next));
        PathAnswer { all: self.all, nodes, edges }
    }
}

impl PathAnswer {
    /// The step matrix of retentioneering, from the same counts.
    pub fn matrix(&self, plan: &PathPlan) -> StepMatrix {
        let n_steps = plan.n_steps();
        let mut codes: Vec<u16> = self.nodes.iter().map(|node| node.node).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut shares = vec![vec![0.0; n_steps]; codes.len()];
        let mut people = shares.clone();
        let mut present = vec![0; n_steps];
        for node in &self.nodes {
            let line = codes.partition_point(|&code| code < node.node);
            shares[line][node.step] = node.reach.sequences as f64 / self.all.sequences as f64;
            people[line][node.step] = node.reach.people as f64 / self.all.people as f64;
            present[node.step] += node.reach.sequences;
        }
        let n = self.all.sequences;
        let gone = |present: u64| if n == 0 { 0.0 } else { (n - present) as f64 / n as f64 };
        StepMatrix { nodes: codes, shares, people, ended: present.into_iter().map(gone).collect() }
    }
}
