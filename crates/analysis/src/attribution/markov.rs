//! Markov attribution: what would be lost without a label.
//!
//! Every path is a walk from a start state over states to one of two ends, conversion or nothing. A state is the
//! last `order` labels of the path (fewer at its beginning). The transition probabilities are the shares observed.
//!
//! The *removal effect* of a label is the share of conversions lost if every step to it led to nothing:
//! `1 − P(convert without ever visiting it) / P(convert)`. With `S` the states that end in the label, that is
//! `Σ f(s)·x(s) / x(start)`, where `x` is the probability to convert from a state and `f(s)` that `s` is the first
//! state of `S` visited. Both follow from `N = (I − Q)⁻¹`, the expected visits: `x = N·r`, and `f = N[start,S]·N[S,S]⁻¹`.
//! The effect on the amount is the same with the expected amount of a step in place of the probability `r`.
//!
//! Exact linear algebra (LU with partial pivoting), no simulation. Sources: E. Anderl, I. Becker, F. von Wangenheim,
//! J. H. Schumann, "Mapping the customer journey", IJRM 33 (2016); J. G. Kemeny, J. L. Snell, Finite Markov Chains (1960), ch. 3.

mod lu;

use rustc_hash::FxHashMap;

use super::paths::{PathCounts, PathTable};
use lu::Lu;

/// Most states of a chain: a dense solve of as many takes some seconds.
pub const STATES_MAX: usize = 1500;

/// A chain with more states than can be solved; a lower order or fewer labels help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Markov chain has {got} states, at most {STATES_MAX} can be solved: lower the order or group labels"
)]
pub struct TooManyStates {
    /// States of the chain.
    pub got: usize,
}

/// What each label is needed for, ascending by label.
#[derive(Debug, Clone, PartialEq)]
pub struct RemovalEffect {
    /// The label.
    pub label: u16,
    /// Share of conversions lost without it, 0…1.
    pub conversions: f64,
    /// Share of the amount lost without it.
    pub amount: f64,
}

/// Removal effects of all labels, order 1 to 3.
///
/// # Errors
/// [`TooManyStates`]. Cost: O(states³).
pub fn removal_effects(paths: &PathTable, order: u8) -> Result<Vec<RemovalEffect>, TooManyStates> {
    let mut edges = Edges::default();
    for (path, counts) in paths.iter() {
        for_each_edge(path, counts, order, |edge, weight| *edges.entry(edge).or_default() += weight);
    }
    solve(edges.into_iter())
}

/// A transition: packed state to packed state or end.
pub(super) type Edge = (u64, u64);
type Edges = FxHashMap<Edge, i128>;

const LABEL_BITS: u32 = 17;
const START: u64 = 0;
const CONVERSION: u64 = u64::MAX;
const NOTHING: u64 = u64::MAX - 1;
/// Not an end: the amount of the conversions from a state.
const AMOUNT: u64 = u64::MAX - 2;

/// Calls `add` with each edge of a path and how often it was walked.
pub(super) fn for_each_edge(path: &[u16], counts: PathCounts, order: u8, mut add: impl FnMut(Edge, i128)) {
    let kept = (1u64 << (LABEL_BITS * u32::from(order))) - 1;
    let walks = i128::from(counts.conversions) + i128::from(counts.nulls);
    let mut state = START;
    for &label in path {
        let next = (state << LABEL_BITS | (u64::from(label) + 1)) & kept;
        add((state, next), walks);
        state = next;
    }
    let (conversions, nulls) = (i128::from(counts.conversions), i128::from(counts.nulls));
    for (end, weight) in [(CONVERSION, conversions), (NOTHING, nulls), (AMOUNT, counts.amount)] {
        if weight != 0 {
            add((state, end), weight);
        }
    }
}

/// What all paths together became of, read from the edges to the ends.
pub(super) fn totals(edges: impl Iterator<Item = (Edge, i128)>) -> PathCounts {
    let mut total = PathCounts::default();
    for ((_, to), weight) in edges {
        match to {
            CONVERSION => total.conversions += weight as u64,
            NOTHING => total.nulls += weight as u64,
            AMOUNT => total.amount += weight,
            _ => {}
        }
    }
    total
}

fn newest_label(state: u64) -> Option<u16> {
    (state & ((1 << LABEL_BITS) - 1)).checked_sub(1).map(|label| label as u16)
}

/// The chain in numbers.
struct Chain {
    /// Transient states, ascending; the start is the first.
    states: Vec<u64>,
    /// I − Q, row-major.
    matrix: Vec<f64>,
    /// Probability of conversion as the next step.
    converts: Vec<f64>,
    /// Expected amount of the next step.
    earns: Vec<f64>,
}

impl Chain {
    fn new(edges: impl Iterator<Item = (Edge, i128)>) -> Result<Self, TooManyStates> {
        let mut edges: Vec<(Edge, i128)> = edges.filter(|(_, weight)| *weight != 0).collect();
        edges.sort_unstable(); // Sums of floats must not depend on the order of a hash map.
        let mut states: Vec<u64> = edges.iter().map(|((from, _), _)| *from).collect();
        states.dedup();
        let n = states.len();
        if n > STATES_MAX {
            return Err(TooManyStates { got: n });
        }
        let at = |state: u64| states.binary_search(&state);
        let mut walks = vec![0i128; n];
        for ((from, to), weight) in &edges {
            if let (Ok(row), true) = (at(*from), *to != AMOUNT) {
                walks[row] += weight;
            }
        }
        let (mut matrix, mut converts, mut earns) = (vec![0.0; n * n], vec![0.0; n], vec![0.0; n]);
        (0..n).for_each(|row| matrix[row * n + row] = 1.0);
        for ((from, to), weight) in edges {
            let Ok(row) = at(from) else { continue };
            let share = weight as f64 / walks[row] as f64;
            match to {
                CONVERSION => converts[row] += share,
                AMOUNT => earns[row] += share,
                NOTHING => {}
                _ => {
                    if let Ok(column) = at(to) {
                        matrix[row * n + column] -= share;
                    }
                }
            }
        }
        Ok(Self { states, matrix, converts, earns })
    }
}

pub(super) fn solve(edges: impl Iterator<Item = (Edge, i128)>) -> Result<Vec<RemovalEffect>, TooManyStates> {
    let Chain { states, matrix, converts, earns } = Chain::new(edges)?;
    let n = states.len();
    if n == 0 {
        return Ok(Vec::new());
    }
    // Every state was left at least once, to an end at last: the matrix is regular.
    let lu = Lu::new(matrix, n);
    let (x, y) = (lu.solve(&converts), lu.solve(&earns));
    let visits = lu.solve_transposed({
        let mut start = vec![0.0; n];
        start[0] = 1.0;
        start
    });
    let mut by_label: std::collections::BTreeMap<u16, Vec<usize>> = std::collections::BTreeMap::new();
    for (at, &state) in states.iter().enumerate() {
        if let Some(label) = newest_label(state) {
            by_label.entry(label).or_default().push(at);
        }
    }
    let share = |lost: f64, all: f64| if all == 0.0 { 0.0 } else { lost / all };
    let effects = by_label.into_iter().map(|(label, own)| {
        let first_visits = first_visits(&lu, &visits, &own);
        let lost = |of: &[f64]| own.iter().zip(&first_visits).map(|(&at, f)| f * of[at]).sum::<f64>();
        RemovalEffect { label, conversions: share(lost(&x), x[0]), amount: share(lost(&y), y[0]) }
    });
    Ok(effects.collect())
}

/// The probability of each of `own` to be the first of them that is visited.
fn first_visits(lu: &Lu, visits: &[f64], own: &[usize]) -> Vec<f64> {
    let (n, size) = (visits.len(), own.len());
    let mut among = vec![0.0; size * size];
    for (column, &at) in own.iter().enumerate() {
        let mut unit = vec![0.0; n];
        unit[at] = 1.0;
        let expected = lu.solve(&unit);
        for (row, &from) in own.iter().enumerate() {
            among[row * size + column] = expected[from];
        }
    }
    Lu::new(among, size).solve_transposed(own.iter().map(|&at| visits[at]).collect())
}

#[cfg(test)]
mod tests;
