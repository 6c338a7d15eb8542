//! Counts of attempts by step, label and start, and the people behind them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::first_start;
use super::attempt::Attempt;
use super::plan::{LabelOf, ModePlan};
use super::walk::Walker;
use crate::plan::bucket_of;
use crate::rows::{Column, Rows};
use crate::spread::{Durations, Histogram, Spread, spreads};

/// Columns parallel to the rows that a funnel may read beside them; empty = absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ModeColumns<'a> {
    /// Label of each row, for the breakdown.
    pub labels: &'a [u32],
    /// Value of the property held constant, `u32::MAX` where a row has none.
    pub hold: &'a [u32],
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct StepCounts {
    people: u64,
    stopped: u64,
    units: u64,
    from_start: Durations,
    from_previous: Durations,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct LineCounts {
    steps: Vec<StepCounts>,
    between: Durations,
    /// By bucket, then step.
    trend: Vec<u64>,
}

/// Mergeable counts: everybody, and by label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeState {
    all: LineCounts,
    by_label: BTreeMap<u32, LineCounts>,
}

/// One step of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeStep {
    /// Distinct people with an attempt that did this step (in any order: so many steps).
    pub people: u64,
    /// Distinct people with an attempt whose furthest step this is.
    pub stopped: u64,
    /// Units (people, sessions or attempts) that did it.
    pub units: u64,
    /// Time from the first step; `None` at it and where nobody came.
    pub from_start: Option<Spread>,
    /// Time from the step done before.
    pub from_previous: Option<Spread>,
}

/// Time to convert between the two steps of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// Units that did both.
    pub n: u64,
    /// Nearest-rank 10th, 25th, 50th, 75th and 90th percentile, microseconds.
    pub quantiles_us: [i64; 5],
    /// Up to 20 bins of equal width.
    pub histogram: Histogram,
}

/// One line of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeLine {
    /// One per step.
    pub steps: Vec<ModeStep>,
    /// `None` where no unit did both steps.
    pub conversion: Option<Conversion>,
    /// By bucket of the start: units per step.
    pub trend: Vec<Vec<u64>>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeAnswer {
    /// Everybody.
    pub all: ModeLine,
    /// In label order.
    pub by_label: Vec<(u32, ModeLine)>,
}

/// A line with the last person counted at each step.
struct Counting {
    counts: LineCounts,
    reached: Vec<usize>,
    stopped: Vec<usize>,
}

impl Counting {
    fn new(plan: &ModePlan) -> Self {
        let nobody = vec![usize::MAX; plan.n_steps()];
        Self { counts: LineCounts::empty(plan), reached: nobody.clone(), stopped: nobody }
    }

    fn add(&mut self, rows: &Rows<'_>, attempt: &Attempt, who: usize, plan: &ModePlan) {
        let start_us = rows.time_us[attempt.start_row()];
        let bucket = bucket_of(&plan.rules.bounds_us, start_us);
        let mut before_us = start_us;
        for (place, row) in attempt.rows() {
            let time_us = rows.time_us[row];
            let step = &mut self.counts.steps[place];
            step.units += 1;
            step.people += u64::from(std::mem::replace(&mut self.reached[place], who) != who);
            if place > 0 {
                step.from_start.push(time_us - start_us);
                step.from_previous.push(time_us - before_us);
            }
            before_us = time_us;
            if let Some(bucket) = bucket {
                self.counts.trend[bucket * plan.n_steps() + place] += 1;
            }
        }
        let at = attempt.furthest();
        self.counts.steps[at].stopped += u64::from(std::mem::replace(&mut self.stopped[at], who) != who);
        let (from, to) = plan.rules.between.unwrap_or((0, plan.n_steps() - 1));
        if let (Some(from), Some(to)) = (attempt.row(from), attempt.row(to)) {
            self.counts.between.push(rows.time_us[to] - rows.time_us[from]);
        }
    }
}

/// Hands the labels of an attempt to `each`, every one once; `entry` is the row the person entered at.
fn labels_of(
    attempt: &Attempt,
    labels: &[u32],
    (label_of, entry): (LabelOf, Option<usize>),
    mut each: impl FnMut(u32),
) {
    match label_of {
        LabelOf::First => each(labels[attempt.start_row()]),
        LabelOf::Entry => each(labels[entry.unwrap_or(attempt.start_row())]),
        LabelOf::Last => each(labels[attempt.last_row()]),
        LabelOf::Step(step) => attempt.row(step).into_iter().for_each(|row| each(labels[row])),
        LabelOf::Any => {
            for (place, row) in attempt.rows() {
                let label = labels[row];
                if attempt.rows().take_while(|(at, _)| *at < place).all(|(_, row)| labels[row] != label) {
                    each(label);
                }
            }
        }
    }
}

/// The row a person entered at, where attempts are labelled by it.
fn entry_of(rows: &Rows<'_>, own: Range<usize>, plan: &ModePlan) -> Option<usize> {
    let is_labelled_by_it = plan.rules.label_of == LabelOf::Entry;
    if is_labelled_by_it { first_start(rows, own, plan.rules.period) } else { None }
}

fn check(rows: &Rows<'_>, columns: ModeColumns<'_>, plan: &ModePlan) {
    rows.check(&[Column::Mask]);
    for column in [columns.labels, columns.hold] {
        assert!(column.is_empty() || column.len() == rows.n_rows(), "one value per row");
    }
    assert!(plan.rules.n_steps > 0, "a plan has steps");
}

/// Counts whole persons.
///
/// Needs mask. Rows of no step and no exclusion may be left out, but of a strict funnel whose universe
/// they are in, and of one by session. O(rows × steps); a property held constant costs a sort of each
/// person's matching rows.
pub fn fold(rows: Rows<'_>, columns: ModeColumns<'_>, plan: &ModePlan) -> ModeState {
    check(&rows, columns, plan);
    let mut all = Counting::new(plan);
    let mut by_label: BTreeMap<u32, Counting> = BTreeMap::new();
    let mut walker = Walker::new(rows, columns.hold, plan);
    for (who, own) in rows.persons() {
        let entry = entry_of(&rows, own.clone(), plan);
        walker.attempts(own, |attempt| {
            all.add(&rows, attempt, who, plan);
            if !columns.labels.is_empty() {
                labels_of(attempt, columns.labels, (plan.rules.label_of, entry), |label| {
                    let line = by_label.entry(label).or_insert_with(|| Counting::new(plan));
                    line.add(&rows, attempt, who, plan);
                });
            }
        });
    }
    let by_label = by_label.into_iter().map(|(label, line)| (label, line.counts)).collect();
    ModeState { all: all.counts, by_label }
}

impl LineCounts {
    fn empty(plan: &ModePlan) -> Self {
        Self {
            steps: vec![StepCounts::default(); plan.n_steps()],
            between: Durations::default(),
            trend: vec![0; plan.n_steps() * plan.n_buckets()],
        }
    }

    fn merge(self, other: Self) -> Self {
        let step = |(a, b): (StepCounts, StepCounts)| StepCounts {
            people: a.people + b.people,
            stopped: a.stopped + b.stopped,
            units: a.units + b.units,
            from_start: a.from_start.merge(b.from_start),
            from_previous: a.from_previous.merge(b.from_previous),
        };
        Self {
            steps: self.steps.into_iter().zip(other.steps).map(step).collect(),
            between: self.between.merge(other.between),
            trend: self.trend.into_iter().zip(other.trend).map(|(a, b)| a + b).collect(),
        }
    }

    fn finish(self, plan: &ModePlan) -> ModeLine {
        let (mut steps, mut durations) = (Vec::new(), Vec::new());
        for StepCounts { people, stopped, units, from_start, from_previous } in self.steps {
            steps.push(ModeStep { people, stopped, units, from_start: None, from_previous: None });
            durations.extend([from_start, from_previous]);
        }
        for (step, spreads) in steps.iter_mut().zip(spreads(durations).chunks(2)) {
            (step.from_start, step.from_previous) = (spreads[0], spreads[1]);
        }
        let n = self.between.len() as u64;
        let conversion = self.between.histogram(20).map(|(sorted, histogram)| Conversion {
            n,
            quantiles_us: [0.1, 0.25, 0.5, 0.75, 0.9].map(|share| sorted.quantile(share)),
            histogram,
        });
        let trend = self.trend.chunks(plan.n_steps()).map(<[u64]>::to_vec).collect();
        ModeLine { steps, conversion, trend }
    }
}

impl ModeState {
    /// The counts of nobody; neutral in [`ModeState::merge`].
    pub fn empty(plan: &ModePlan) -> Self {
        Self { all: LineCounts::empty(plan), by_label: BTreeMap::new() }
    }

    /// Joins the counts of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (label, line) in other.by_label {
            let merged = match self.by_label.remove(&label) {
                None => line,
                Some(own) => own.merge(line),
            };
            self.by_label.insert(label, merged);
        }
        Self { all: self.all.merge(other.all), by_label: self.by_label }
    }

    /// The same state with the labels renamed by `code`, lines of one new code joined: for callers whose
    /// codes mean something within one call only.
    #[must_use]
    pub fn relabelled(self, mut code: impl FnMut(u32) -> u32) -> Self {
        let mut by_label: BTreeMap<u32, LineCounts> = BTreeMap::new();
        for (label, line) in self.by_label {
            let code = code(label);
            let merged = match by_label.remove(&code) {
                None => line,
                Some(own) => own.merge(line),
            };
            by_label.insert(code, merged);
        }
        Self { all: self.all, by_label }
    }

    /// The answer.
    pub fn finish(self, plan: &ModePlan) -> ModeAnswer {
        let by_label = self.by_label.into_iter().map(|(label, line)| (label, line.finish(plan)));
        ModeAnswer { all: self.all.finish(plan), by_label: by_label.collect() }
    }
}

/// How people stand towards a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stood {
    /// `people` of the step.
    Reached(usize),
    /// `stopped` of the step.
    StoppedAt(usize),
}

/// Whom to select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Selector {
    /// Towards which step.
    pub stood: Stood,
    /// Of one line of the breakdown.
    pub label: Option<u32>,
    /// Of one bucket of the trend.
    pub bucket: Option<usize>,
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Start of the first attempt that counts.
    pub start_us: i64,
    /// Furthest step of the last one.
    pub last_step_us: i64,
    /// Attempts that count.
    pub n_units: u64,
}

/// The people of one number, in row order; as many as [`fold`] counts. Needs person and mask.
pub fn select(
    rows: Rows<'_>,
    columns: ModeColumns<'_>,
    plan: &ModePlan,
    selector: Selector,
) -> Vec<Selected> {
    check(&rows, columns, plan);
    rows.check(&[Column::Person]);
    let mut selected: Vec<Selected> = Vec::new();
    let mut walker = Walker::new(rows, columns.hold, plan);
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        let entry = entry_of(&rows, own.clone(), plan);
        walker.attempts(own, |attempt| {
            let start_us = rows.time_us[attempt.start_row()];
            let last_step_us = rows.time_us[attempt.last_row()];
            let stood = match selector.stood {
                Stood::Reached(step) => attempt.row(step).is_some(),
                Stood::StoppedAt(step) => attempt.furthest() == step,
            };
            let bucket =
                selector.bucket.is_none_or(|at| bucket_of(&plan.rules.bounds_us, start_us) == Some(at));
            let mut labelled = selector.label.is_none();
            if let Some(wanted) = selector.label.filter(|_| !columns.labels.is_empty()) {
                let by = (plan.rules.label_of, entry);
                labels_of(attempt, columns.labels, by, |label| labelled |= label == wanted);
            }
            if !(stood && bucket && labelled) {
                return;
            }
            match selected.last_mut().filter(|last| last.person == person) {
                Some(last) => (last.last_step_us, last.n_units) = (last_step_us, last.n_units + 1),
                None => selected.push(Selected { person, start_us, last_step_us, n_units: 1 }),
            }
        });
    }
    selected
}
