//! Variants: which whole sequences of nodes there are, and how many cases follow each.
//!
//! A *case* is a person, a session or a trip ([`CaseOf`]); its variant is the whole sequence of its
//! nodes, of any length. Its duration runs from the first to the last row that is a node, collapsed ones
//! too. Cases without any node do not count.
//!
//! Variants are found by a 128-bit hash, and every one keeps its sequence: equal hashes of different
//! sequences stay two variants.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use crate::cases::Cutter;
pub use crate::cases::{CaseOf, CasePlan, CaseRules};
use crate::rows::{Column, Rows};
use crate::spread::{Durations, Spread};

#[derive(Debug, Clone, PartialEq, Eq)]
struct VariantCounts {
    nodes: Box<[u16]>,
    people: u64,
    durations: Durations,
    last: u32,
}

/// Mergeable counts per variant.
#[derive(Debug, Clone, Default)]
pub struct VariantState {
    people: u64,
    /// By hash; more than one variant under a hash is a collision.
    by_hash: FxHashMap<u128, Vec<VariantCounts>>,
}

/// One variant of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Node codes.
    pub nodes: Vec<u16>,
    /// Cases that follow it.
    pub cases: u64,
    /// Distinct people among them.
    pub people: u64,
    /// How long they took.
    pub duration: Spread,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantAnswer {
    /// All cases.
    pub cases: u64,
    /// Distinct people with a case.
    pub people: u64,
    /// Distinct variants.
    pub n_variants: usize,
    /// The most frequent, then by node codes.
    pub top: Vec<Variant>,
}

/// Two independent multiplicative hashes of the nodes, with their number mixed in.
fn hash(nodes: &[u16]) -> u128 {
    let (mut a, mut b) = (0x243f_6a88_85a3_08d3_u64, nodes.len() as u64);
    for &node in nodes {
        let word = u64::from(node) + 1;
        a = (a ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        b = (b.rotate_left(7) ^ word).wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    u128::from(a ^ a >> 32) << 64 | u128::from(b ^ b >> 29)
}

fn check(rows: &Rows<'_>, plan: &CasePlan) {
    rows.check(if plan.reads_mask() { &[Column::Event, Column::Mask] } else { &[Column::Event] });
}

/// Counts whole persons. Needs event, and mask for trips. O(rows), one look-up per case; memory O(nodes
/// of distinct variants + cases).
pub fn fold(rows: Rows<'_>, plan: &CasePlan) -> VariantState {
    fold_by(rows, plan, hash)
}

fn fold_by(rows: Rows<'_>, plan: &CasePlan, hash: fn(&[u16]) -> u128) -> VariantState {
    check(&rows, plan);
    let mut state = VariantState::default();
    let mut cutter = Cutter::new(plan);
    for (who, own) in rows.persons() {
        let who = who as u32;
        let mut counted = false;
        cutter.cases(&rows, own, |case| {
            let same_hash = state.by_hash.entry(hash(case.nodes)).or_default();
            let at = same_hash.iter().position(|variant| *variant.nodes == *case.nodes);
            let at = at.unwrap_or_else(|| {
                let (nodes, durations) = (case.nodes.into(), Durations::default());
                same_hash.push(VariantCounts { nodes, people: 0, durations, last: u32::MAX });
                same_hash.len() - 1
            });
            let variant = &mut same_hash[at];
            variant.people += u64::from(variant.last != who);
            variant.last = who;
            variant.durations.push(case.end_us - case.start_us);
            counted = true;
        });
        state.people += u64::from(counted);
    }
    state
}

impl VariantState {
    /// Joins the counts of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.people += other.people;
        for (hash, variants) in other.by_hash {
            let same_hash = self.by_hash.entry(hash).or_default();
            for variant in variants {
                match same_hash.iter_mut().find(|own| own.nodes == variant.nodes) {
                    None => same_hash.push(variant),
                    Some(own) => {
                        own.people += variant.people;
                        own.durations = std::mem::take(&mut own.durations).merge(variant.durations);
                    }
                }
            }
        }
        self
    }

    fn variants(&self) -> impl Iterator<Item = &VariantCounts> {
        self.by_hash.values().flatten()
    }

    /// The `limit` most frequent variants. O(cases).
    pub fn finish(self, limit: usize) -> VariantAnswer {
        let cases = self.variants().map(|variant| variant.durations.len() as u64).sum();
        let mut all: Vec<VariantCounts> = self.by_hash.into_values().flatten().collect();
        let n_variants = all.len();
        all.sort_unstable_by(|a, b| {
            (Reverse(a.durations.len()), &a.nodes).cmp(&(Reverse(b.durations.len()), &b.nodes))
        });
        all.truncate(limit);
        let variant = |counts: VariantCounts| {
            let (nodes, people) = (counts.nodes.into_vec(), counts.people);
            let duration = counts.durations.spread()?;
            Some(Variant { nodes, cases: duration.n, people, duration })
        };
        VariantAnswer {
            cases,
            people: self.people,
            n_variants,
            top: all.into_iter().filter_map(variant).collect(),
        }
    }
}

/// Neither the order of variants under one hash nor the last person counted is part of a state.
impl PartialEq for VariantState {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |state: &Self| {
            let counts = state.variants().map(|v| (v.nodes.clone(), v.people, v.durations.clone()));
            let mut all: Vec<_> = counts.collect();
            all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            all
        };
        self.people == other.people && sorted(self) == sorted(other)
    }
}

impl Eq for VariantState {}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Start of the first case.
    pub start_us: i64,
    /// End of the last one.
    pub end_us: i64,
    /// Cases.
    pub n_cases: u64,
}

/// The people of one variant, in row order; as many as counted. Needs person and what counting needs.
pub fn select(rows: Rows<'_>, plan: &CasePlan, nodes: &[u16]) -> Vec<Selected> {
    select_if(rows, plan, |case| case == nodes)
}

/// The people with a case for which `wanted` holds.
pub(crate) fn select_if(
    rows: Rows<'_>,
    plan: &CasePlan,
    mut wanted: impl FnMut(&[u16]) -> bool,
) -> Vec<Selected> {
    check(&rows, plan);
    rows.check(&[Column::Person]);
    let mut selected: Vec<Selected> = Vec::new();
    let mut cutter = Cutter::new(plan);
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        cutter.cases(&rows, own, |case| {
            if !wanted(case.nodes) {
                return;
            }
            let (start_us, end_us) = (case.start_us, case.end_us);
            match selected.last_mut().filter(|last| last.person == person) {
                Some(last) => (last.end_us, last.n_cases) = (end_us, last.n_cases + 1),
                None => selected.push(Selected { person, start_us, end_us, n_cases: 1 }),
            }
        });
    }
    selected
}

#[cfg(test)]
mod tests;
