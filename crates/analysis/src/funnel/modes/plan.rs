//! What such a funnel asks, validated.

use crate::plan::{Period, PlanError, check_bounds, check_duration};

pub(super) const MAX_STEPS: usize = 32;

/// In which order steps count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// One after the other.
    Ordered,
    /// One directly after the other.
    Strict {
        /// Rows there are: those with one of these mask bits; `None` = all rows.
        universe: Option<u64>,
        /// Whether rows of the step just done are passed over.
        repeats: bool,
    },
    /// As they come.
    AnyOrder {
        /// Bits of steps that stand at their place.
        pinned: u32,
    },
}

/// Which attempts of a person are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// All.
    Any,
    /// The first.
    First,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// People.
    Person,
    /// Sessions.
    Session {
        /// A longer gap between two rows starts the next session.
        gap_us: i64,
    },
    /// Attempts one after the other.
    Attempt,
}

/// What an exclusion does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExclusionMode {
    /// The attempt is over; the person stays as a drop-off.
    EndsAttempt,
    /// The person does not count at all.
    RemovesPerson,
}

/// Rows that must not come between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exclusion {
    /// Mask bit, not one of a step.
    pub bit: u8,
    /// The step from which on.
    pub from: usize,
    /// The step up to which, later than `from`.
    pub to: usize,
    /// What it does.
    pub mode: ExclusionMode,
}

/// Which row of an attempt labels it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelOf {
    /// The first.
    First,
    /// The last step's.
    Last,
    /// Every step's.
    Any,
    /// That of one step, 0-based.
    Step(usize),
    /// None of its own, but the person's first row of step 0 in the period, whether it begins an attempt that counts or
    /// not; the first of the attempt where there is none.
    Entry,
}

/// A funnel before validation: bit `i` of the mask is step `i`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeRules {
    /// 1 to 32.
    pub n_steps: usize,
    /// Closed window from the first row of an attempt.
    pub window_us: i64,
    /// The first row of an attempt lies in here.
    pub period: Period,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
    /// In which order.
    pub order: Order,
    /// Bits of steps that may be passed by: not the first, not the last, not in any order.
    pub optional: u32,
    /// What must not come between.
    pub exclusions: Vec<Exclusion>,
    /// Which attempts.
    pub entry: Entry,
    /// What is counted.
    pub unit: Unit,
    /// What labels an attempt.
    pub label_of: LabelOf,
    /// Steps between which the time to convert is measured; `None` = first and last.
    pub between: Option<(usize, usize)>,
    /// Boundaries of the trend by the start of attempts; empty without one.
    pub bounds_us: Vec<i64>,
}

/// A valid funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModePlan {
    pub(super) rules: ModeRules,
    pub(super) steps: u64,
    pub(super) exclusion_bits: u64,
    /// By level: the steps an attempt there may take next.
    pub(super) next: Vec<u32>,
    /// Steps that start an attempt.
    pub(super) first: u32,
    pub(super) removes: bool,
}

impl ModePlan {
    /// Whether the fold has to see rows of no step and no exclusion too: they stand between steps, or keep a session going.
    pub fn needs_all_rows(&self) -> bool {
        let is_strict = matches!(self.rules.order, Order::Strict { .. });
        is_strict || matches!(self.rules.unit, Unit::Session { .. })
    }

    /// # Errors
    /// [`PlanError`] naming the part that is wrong.
    pub fn new(rules: ModeRules) -> Result<Self, PlanError> {
        let n = rules.n_steps;
        if !(1..=MAX_STEPS).contains(&n) {
            return Err(PlanError::StepCount { got: n });
        }
        check_duration("window", Some(rules.window_us))?;
        if let Unit::Session { gap_us } = rules.unit {
            check_duration("gap", Some(gap_us))?;
        }
        rules.period.check()?;
        check_bounds(&rules.bounds_us)?;
        let all = u32::MAX >> (MAX_STEPS - n);
        let any_order = matches!(rules.order, Order::AnyOrder { .. });
        let ends = 1 | 1 << (n - 1);
        if rules.optional & (ends | !all) != 0 || (any_order && rules.optional != 0) {
            return Err(PlanError::OptionalStep { bits: rules.optional });
        }
        for exclusion in &rules.exclusions {
            if exclusion.from >= exclusion.to || exclusion.to >= n {
                return Err(PlanError::ExclusionSteps { from: exclusion.from, to: exclusion.to });
            }
            if usize::from(exclusion.bit) < n || exclusion.bit > 63 {
                return Err(PlanError::UnknownBit { bit: exclusion.bit });
            }
        }
        let named = rules.between.map(|(a, b)| (a, b)).into_iter();
        let wrong = named.filter(|(a, b)| a >= b || *b >= n).map(|(_, b)| b).next();
        let label_step = match rules.label_of {
            LabelOf::Step(step) if step >= n => Some(step),
            _ => None,
        };
        if let Some(step) = wrong.or(label_step) {
            return Err(PlanError::UnknownStep { step, n_steps: n });
        }
        let next = (0..n).map(|level| next_steps(&rules, level)).collect();
        let first = match rules.order {
            Order::AnyOrder { pinned } => block(pinned, n, 0),
            _ => 1,
        };
        let exclusion_bits = rules.exclusions.iter().fold(0, |bits, exclusion| bits | 1 << exclusion.bit);
        let removes = rules.exclusions.iter().any(|exclusion| exclusion.mode == ExclusionMode::RemovesPerson);
        Ok(Self { steps: u64::from(all), exclusion_bits, next, first, removes, rules })
    }

    /// Number of steps.
    pub fn n_steps(&self) -> usize {
        self.rules.n_steps
    }

    /// Number of buckets of the trend.
    pub fn n_buckets(&self) -> usize {
        self.rules.bounds_us.len().saturating_sub(1)
    }
}

/// Steps that may follow an attempt at `level`: in order the furthest step done, in any order the
/// number of steps done - 1 (steps done already still have to be left out).
fn next_steps(rules: &ModeRules, level: usize) -> u32 {
    let n = rules.n_steps;
    if level + 1 == n {
        return 0;
    }
    match rules.order {
        Order::AnyOrder { pinned } => block(pinned, n, level + 1),
        _ => {
            let required = (level + 1..n).find(|&step| rules.optional >> step & 1 == 0).unwrap_or(n - 1);
            (level + 1..=required).fold(0, |bits, step| bits | 1 << step)
        }
    }
}

/// The steps that may stand at `place`: itself if pinned, else the run of free ones around it.
fn block(pinned: u32, n: usize, place: usize) -> u32 {
    let is_pinned = |step: usize| pinned >> step & 1 == 1;
    if is_pinned(place) {
        return 1 << place;
    }
    let from = (0..place).rev().find(|&step| is_pinned(step)).map_or(0, |step| step + 1);
    let to = (place..n).find(|&step| is_pinned(step)).unwrap_or(n);
    (from..to).fold(0, |bits, step| bits | 1 << step)
}
