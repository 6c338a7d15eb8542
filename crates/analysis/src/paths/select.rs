//! The people behind a number of a path.

use super::cut::{Sequence, check, sequences};
use super::plan::PathPlan;
use crate::rows::{Column, Rows};

/// Whom to select. Nodes as the plan shows them, but in paths.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Everybody with a sequence.
    All,
    /// `reach` of a node.
    Node {
        /// 0-based step.
        step: usize,
        /// Node code.
        node: u16,
    },
    /// `reach` of an edge.
    Edge {
        /// 0-based step of `node`.
        step: usize,
        /// Node code.
        node: u16,
        /// Node code one step further.
        next: u16,
    },
    /// `ended` of a node.
    Ended {
        /// 0-based step.
        step: usize,
        /// Node code.
        node: u16,
    },
    /// `reach` of a whole path.
    Path(Vec<u16>),
    /// Sequences that start with these nodes.
    Prefix(Vec<u16>),
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Time of the first node of the first sequence that counts.
    pub start_us: i64,
    /// Time of the last counted node of the last one.
    pub end_us: i64,
    /// Sequences that count.
    pub n_sequences: u64,
}

/// The people of one number, in row order; as many as are counted. Needs person and what counting
/// needs.
pub fn select(rows: Rows<'_>, plan: &PathPlan, selector: &Selector) -> Vec<Selected> {
    check(&rows, plan);
    rows.check(&[Column::Person]);
    let mut selected: Vec<Selected> = Vec::new();
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        sequences(&rows, own, plan, &mut |sequence: &Sequence| {
            if !matches(sequence, plan, selector) {
                return;
            }
            let (start_us, end_us) = (sequence.start_us, sequence.end_us);
            match selected.last_mut().filter(|last| last.person == person) {
                Some(last) => (last.end_us, last.n_sequences) = (end_us, last.n_sequences + 1),
                None => selected.push(Selected { person, start_us, end_us, n_sequences: 1 }),
            }
        });
    }
    selected
}

fn matches(sequence: &Sequence, plan: &PathPlan, selector: &Selector) -> bool {
    let path = sequence.nodes();
    let at = |step: usize| path.get(step).map(|&node| plan.shown(step, node));
    match selector {
        Selector::All => true,
        Selector::Node { step, node } => at(*step) == Some(*node),
        Selector::Edge { step, node, next } => at(*step) == Some(*node) && at(step + 1) == Some(*next),
        Selector::Ended { step, node } => {
            at(*step) == Some(*node) && path.len() == step + 1 && !sequence.goes_on
        }
        Selector::Path(nodes) => path == nodes,
        Selector::Prefix(nodes) => path.starts_with(nodes),
    }
}
