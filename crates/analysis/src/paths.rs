//! Paths: what people do after, before or between things, step by step.
//!
//! # Nodes
//!
//! A row shows as the *node* that [`PathRules::nodes`] gives its event code: several events with one
//! node are a group, and [`HIDDEN`] events are no steps of a path. (To tell rows apart by more than
//! their event, a page for example, pass a column of finer codes as `Rows::event`.) With `collapse`, a
//! node right after the same node is no step.
//!
//! # Sequences
//!
//! * **Open**: the rows of a person in the period are cut into sessions where the gap between two
//!   rows, hidden or not, *exceeds* `gap_us`; each session is a sequence. Hiding noise never cuts a
//!   session.
//! * **After**: one sequence per person, from the first anchor row in the period on.
//! * **Before**: one sequence per person that ends in the last anchor row in the period. It is counted
//!   backwards: step 0 is the anchor, step 1 what came before it.
//! * **Between**: from the first row of the one anchor in the period to the last row of the other that
//!   is later and inside the window; nobody without both.
//!
//! An anchored sequence keeps the rows at most `window_us` from its first anchor (closed), not later
//! than `as_of_us`; they may lie outside the period, as the later steps of a funnel may. An anchor row
//! shows as [`Anchor::node`], whatever its event, so that step 0 is one node.
//!
//! The first `n_steps` nodes of a sequence are counted. One that has more *goes on*; every other one
//! ends at its last node (counted backwards: it begins there). So for each step and node
//! `sequences = Σ edges out + ended`, and at the last step `sequences = gone on + ended`.
//!
//! # Other
//!
//! [`Shown`] keeps the most frequent nodes of each step and merges the rest. People cannot be added
//! up, so it is chosen from the whole answer of a first fold and given to a second one, which counts
//! a person with two merged nodes once. Sequences are cut and collapsed before nodes are merged: the
//! numbers of the nodes shown are the same in both.
//!
//! Same timestamp: rows keep their order.

mod count;
mod cut;
mod plan;
mod select;
mod whole;

#[cfg(test)]
mod tests;

pub use count::{PathAnswer, PathEdge, PathNode, PathState, StepMatrix, Tally, fold};
pub use plan::{Anchor, HIDDEN, MAX_STEPS, OTHER, PathMode, PathPlan, PathRules, Shown};
pub use select::{Selected, Selector, select};
pub use whole::{WholePath, WholePaths, WholeState, fold_whole};
