//! Paths. People of a number: [`Select::Paths`](crate::ask::Select) with the question and a point of it.

use super::About;
use serde::{Deserialize, Serialize};

/// Paths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PathsView {
    /// People with a path.
    pub n_people: u64,
    /// Sequences.
    pub n_sequences: u64,
    /// Nodes by step, most people first, those merged last.
    pub nodes: Vec<PathNodeView>,
    /// Edges by step, most people first.
    pub edges: Vec<PathEdgeView>,
    /// Share at each node and step.
    pub matrix: StepMatrixView,
    /// Distinct whole paths.
    pub n_paths: u64,
    /// The most frequent ones.
    pub paths: Vec<WholePathView>,
    /// About the answer.
    pub about: About,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PathNodeView {
    /// Step, from 0; of paths before an event counted backwards from it.
    pub step: usize,
    /// Its name; absent: all nodes merged at this step.
    pub node: Option<String>,
    /// People who came to it.
    pub n_people: u64,
    /// Sequences.
    pub n_sequences: u64,
    /// People whose path has no further node: the drop-off.
    pub ended_people: u64,
    /// Sequences.
    pub ended_sequences: u64,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PathEdgeView {
    /// Step of `node`.
    pub step: usize,
    /// Name of the node; absent: merged.
    pub node: Option<String>,
    /// Name of the node one step further; absent: merged.
    pub next: Option<String>,
    /// People who went along it.
    pub n_people: u64,
    /// Sequences.
    pub n_sequences: u64,
}

/// Share of all at each node and step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepMatrixView {
    /// Names of the lines; absent: merged.
    pub nodes: Vec<Option<String>>,
    /// By line, then step: share of sequences.
    pub shares: Vec<Vec<f64>>,
    /// By line, then step: share of people.
    pub people: Vec<Vec<f64>>,
    /// By step: share of sequences that ended before it.
    pub ended: Vec<f64>,
}

/// A whole path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WholePathView {
    /// Names by step.
    pub nodes: Vec<String>,
    /// People.
    pub n_people: u64,
    /// Sequences.
    pub n_sequences: u64,
}
