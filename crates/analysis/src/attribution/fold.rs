//! Paths → credits that merge.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::bootstrap::weight;
use super::credit::{Splitter, UNIT};
use super::markov::{Edge, for_each_edge};
use super::paths::{PathCounts, PathTable};
use super::plan::{AttributionPlan, Model};
use super::walk::{Path, Sink, role_of_mask, walk};
use crate::rows::{Column, Rows};

/// Credit of one label: units of 1/[`UNIT`] conversion, and of 1/[`UNIT`] hundredth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Credit {
    pub units: i128,
    pub amount: i128,
    /// Distinct people behind it.
    pub people: u64,
}

/// Credit of one label in each replicate, `(units, amount)`.
pub(super) type Replicates = Vec<(i128, i128)>;

/// What one model has earned so far. `None` is the label of conversions without a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ModelState {
    pub credits: BTreeMap<Option<u16>, Credit>,
    pub replicates: BTreeMap<Option<u16>, Replicates>,
    /// Data-driven models: walks of each edge of the chain in each replicate.
    pub edges: FxHashMap<Edge, Vec<i128>>,
}

/// Mergeable credits: exact integers, the default is neutral.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributionState {
    pub(super) conversions: u64,
    pub(super) amount: i128,
    pub(super) converters: u64,
    pub(super) models: Vec<ModelState>,
    /// Filled if a model is data-driven.
    pub(super) paths: PathTable,
}

/// Credits the conversions of whole persons.
///
/// * Needs mask, and person for bootstrap; `labels` is parallel to the rows. Sums amounts if the column is there.
/// * Rows that are neither may be left out, but not with session containers.
/// * Cost: O(rows + lengths of the paths of conversions); bootstrap adds O(replicates) per person who converts,
///   with Markov models per step of every path.
pub fn fold(rows: Rows<'_>, labels: &[u16], plan: &AttributionPlan) -> AttributionState {
    rows.check(&needed(plan, Column::Mask));
    let mut counter = Counter::new(rows, plan);
    walk(&rows, labels, plan, |row| role_of_mask(rows.mask[row], plan), &mut counter);
    counter.into_state()
}

/// As [`fold`], when an event's name alone says what it is: needs event instead of mask, a quarter of its bytes. Bit 0 of
/// `roles[code]` says that the event is a conversion, bit 1 that it is a touch; codes beyond are neither.
pub fn fold_events(rows: Rows<'_>, labels: &[u16], roles: &[u8], plan: &AttributionPlan) -> AttributionState {
    rows.check(&needed(plan, Column::Event));
    let mut counter = Counter::new(rows, plan);
    let role = |row: usize| roles.get(usize::from(rows.event[row])).copied().unwrap_or(0);
    walk(&rows, labels, plan, role, &mut counter);
    counter.into_state()
}

fn needed(plan: &AttributionPlan, column: Column) -> Vec<Column> {
    let person = (plan.n_replicates() > 0).then_some(Column::Person);
    std::iter::once(column).chain(person).collect()
}

/// A cell of a dense table by label; slot 0 is no label, label `l` is slot `l + 1`.
#[derive(Clone, Copy, Default)]
struct Cell {
    credit: Credit,
    /// The last person who came here, plus 1, so that people are distinct without a set.
    last: u32,
}

/// What one person did, to be counted by each replicate.
#[derive(Default)]
struct Own {
    credits: Vec<(usize, usize, u64, i128)>,
    edges: Vec<(usize, Edge, i128)>,
}

struct Counter<'a> {
    rows: Rows<'a>,
    plan: &'a AttributionPlan,
    splitter: Splitter,
    cells: Vec<Vec<Cell>>,
    /// By model and slot.
    replicates: Vec<Vec<Replicates>>,
    edges: Vec<FxHashMap<Edge, Vec<i128>>>,
    own: Own,
    paths: PathTable,
    conversions: u64,
    amount: i128,
    converters: u64,
    has_converted: bool,
}

impl<'a> Counter<'a> {
    fn new(rows: Rows<'a>, plan: &'a AttributionPlan) -> Self {
        let n = plan.models().len();
        Self {
            rows,
            plan,
            splitter: Splitter::default(),
            cells: vec![Vec::new(); n],
            replicates: vec![Vec::new(); n],
            edges: vec![FxHashMap::default(); n],
            own: Own::default(),
            paths: PathTable::default(),
            conversions: 0,
            amount: 0,
            converters: 0,
            has_converted: false,
        }
    }

    #[inline]
    fn add(&mut self, model: usize, slot: usize, units: u64, amount: i64, who: usize) {
        let cells = &mut self.cells[model];
        if cells.len() <= slot {
            cells.resize(slot + 1, Cell::default());
        }
        let cell = &mut cells[slot];
        let amount = i128::from(amount) * i128::from(units);
        cell.credit.units += i128::from(units);
        cell.credit.amount += amount;
        let stamp = who as u32 + 1;
        cell.credit.people += u64::from(cell.last != stamp);
        cell.last = stamp;
        if self.plan.n_replicates() > 0 {
            self.own.credits.push((model, slot, units, amount));
        }
    }

    fn walk_edges(&mut self, labels: &[u16], counts: PathCounts) {
        if self.plan.n_replicates() == 0 {
            return;
        }
        for (model, rule) in self.plan.models().iter().enumerate() {
            if let Model::Markov { order } = *rule {
                let edges = &mut self.own.edges;
                for_each_edge(labels, counts, order, |edge, weight| edges.push((model, edge, weight)));
            }
        }
    }

    fn into_state(self) -> AttributionState {
        let label = |slot: usize| slot.checked_sub(1).map(|label| label as u16);
        let models = self.cells.into_iter().zip(self.replicates).zip(self.edges);
        let models = models.map(|((cells, replicates), edges)| {
            let cells = cells.into_iter().enumerate().filter(|(_, cell)| cell.credit.people > 0);
            let replicates = replicates.into_iter().enumerate().filter(|(_, all)| !all.is_empty());
            ModelState {
                credits: cells.map(|(slot, cell)| (label(slot), cell.credit)).collect(),
                replicates: replicates.map(|(slot, all)| (label(slot), all)).collect(),
                edges,
            }
        });
        AttributionState {
            conversions: self.conversions,
            amount: self.amount,
            converters: self.converters,
            models: models.collect(),
            paths: self.paths,
        }
    }
}

impl Sink for Counter<'_> {
    #[inline]
    fn conversion(&mut self, who: usize, row: usize, path: Path<'_>) {
        let amount = self.rows.amount_at(row).unwrap_or(0);
        self.conversions += 1;
        self.amount += i128::from(amount);
        self.has_converted = true;
        for model in 0..self.plan.models().len() {
            if path.labels.is_empty() {
                self.add(model, 0, UNIT, amount, who);
                continue;
            }
            let rule = self.plan.models()[model];
            self.splitter.split(self.plan, rule, path, self.rows.time_us[row]);
            for at in 0..self.splitter.credits.len() {
                let (label, units) = self.splitter.credits[at];
                if units > 0 || rule.is_data_driven() {
                    self.add(model, usize::from(label) + 1, units, amount, who);
                }
            }
        }
        if self.plan.needs_paths() {
            let counts = PathCounts { conversions: 1, amount: i128::from(amount), nulls: 0 };
            self.paths.add(path.labels, counts);
            if !path.labels.is_empty() {
                self.walk_edges(path.labels, counts);
            }
        }
    }

    fn lost(&mut self, labels: &[u16]) {
        let counts = PathCounts { nulls: 1, ..PathCounts::default() };
        self.paths.add(labels, counts);
        self.walk_edges(labels, counts);
    }

    #[inline]
    fn person_done(&mut self, who: usize) {
        self.converters += u64::from(std::mem::take(&mut self.has_converted));
        if self.own.credits.is_empty() && self.own.edges.is_empty() {
            return;
        }
        let (n, seed) = (self.plan.n_replicates(), self.plan.rules.bootstrap.seed);
        for &(model, slot, ..) in &self.own.credits {
            let table = &mut self.replicates[model];
            if table.len() <= slot {
                table.resize(slot + 1, Vec::new());
            }
            table[slot].resize(n, (0, 0));
        }
        for &(model, edge, _) in &self.own.edges {
            self.edges[model].entry(edge).or_insert_with(|| vec![0; n]);
        }
        for replicate in 0..n {
            let times = i128::from(weight(self.rows.persons[who], replicate, seed));
            if times == 0 {
                continue;
            }
            for &(model, slot, units, amount) in &self.own.credits {
                let sums = &mut self.replicates[model][slot][replicate];
                *sums = (sums.0 + times * i128::from(units), sums.1 + times * amount);
            }
            for (model, edge, weight) in &self.own.edges {
                if let Some(sums) = self.edges[*model].get_mut(edge) {
                    sums[replicate] += times * weight;
                }
            }
        }
        self.own.credits.clear();
        self.own.edges.clear();
    }
}

impl AttributionState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        let model = |model: &ModelState| {
            let replicates =
                |(_, sums): (_, &Replicates)| size_of::<Replicates>() + size_of_val(sums.as_slice());
            let edge = |(_, sums): (&Edge, &Vec<i128>)| size_of::<Edge>() + size_of_val(sums.as_slice());
            model.credits.len() * size_of::<(Option<u16>, Credit)>()
                + model.replicates.iter().map(replicates).sum::<usize>()
                + model.edges.iter().map(edge).sum::<usize>()
        };
        self.models.iter().map(model).sum::<usize>() + self.paths.size_bytes()
    }

    /// Joins the credits of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        if self.models.len() < other.models.len() {
            self.models.resize_with(other.models.len(), ModelState::default);
        }
        for (own, other) in self.models.iter_mut().zip(other.models) {
            own.merge(other);
        }
        Self {
            conversions: self.conversions + other.conversions,
            amount: self.amount + other.amount,
            converters: self.converters + other.converters,
            models: self.models,
            paths: self.paths.merge(other.paths),
        }
    }

    /// The paths; empty unless a model is data-driven.
    pub fn paths(&self) -> &PathTable {
        &self.paths
    }
}

impl ModelState {
    fn merge(&mut self, other: Self) {
        for (label, credit) in other.credits {
            let own = self.credits.entry(label).or_default();
            own.units += credit.units;
            own.amount += credit.amount;
            own.people += credit.people;
        }
        for (label, replicates) in other.replicates {
            let own = self.replicates.entry(label).or_insert_with(|| vec![(0, 0); replicates.len()]);
            for (sums, (units, amount)) in own.iter_mut().zip(replicates) {
                *sums = (sums.0 + units, sums.1 + amount);
            }
        }
        for (edge, replicates) in other.edges {
            let own = self.edges.entry(edge).or_insert_with(|| vec![0; replicates.len()]);
            own.iter_mut().zip(replicates).for_each(|(sum, walks)| *sum += walks);
        }
    }
}
