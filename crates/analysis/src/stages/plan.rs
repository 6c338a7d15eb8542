//! The rules of a journey in numbers, validated.

use crate::plan::{Period, PlanError, check_bounds, check_duration};

/// One touchpoint: bit `i` of the mask is the `i`-th in [`StageRules::touchpoints`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touchpoint {
    /// 0-based stage it belongs to.
    pub stage: u8,
    /// Whether it enters its stage, or is only counted there.
    pub enters: bool,
    /// Holds only after a row that entered this stage or a later one, in the same trip.
    pub after: Option<u8>,
    /// And only if the last such row is at most this long ago (closed).
    pub within_us: Option<i64>,
}

/// One stage, in the order of the journey.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stage {
    /// Entered by itself when no touch came for strictly longer than this.
    pub silence_us: Option<i64>,
}

/// Where a trip may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Only in stage 0.
    FirstStage,
    /// In any stage.
    AnyStage,
}

/// What [`StagePlan::new`] checks.
#[derive(Debug, Clone)]
pub struct StageRules {
    /// At most 64; bit `i` of the mask is touchpoint `i`.
    pub touchpoints: Vec<Touchpoint>,
    /// 1 to 32.
    pub stages: Vec<Stage>,
    /// Where a trip may start.
    pub start: Start,
    /// Longest trip, measured from its start, closed. `i64::MAX` = no limit.
    pub window_us: i64,
    /// A gap between touches strictly longer than this ends the trip; `None` = never.
    pub timeout_us: Option<i64>,
    /// Mask bits that end a trip; none may be a touchpoint's bit.
    pub exits: u64,
    /// Entering this stage is converting.
    pub conversion_stage: u8,
    /// Trips that start in it are counted.
    pub period: Period,
    /// Rows later than this are ignored, and this is the "now" of `Here`.
    pub as_of_us: i64,
    /// Boundaries of the trend's buckets, strictly ascending; empty = no trend. Starts outside all
    /// buckets are counted everywhere but in the trend.
    pub bounds_us: Vec<i64>,
}

/// A valid plan of the stage flow.
#[derive(Debug, Clone)]
pub struct StagePlan {
    pub(super) rules: StageRules,
    pub(super) touch_bits: u64,
    pub(super) conditional_bits: u64,
    pub(super) start_bits: u64,
    /// `(silence_us, stage)` of the stages entered by silence, shortest first.
    pub(super) silences: Vec<(i64, u8)>,
    pub(super) silence_stages: u32,
    pub(super) timeout_us: i64,
}

impl StagePlan {
    /// Checks the rules.
    ///
    /// # Errors
    /// One [`PlanError`] naming the first rule that cannot be.
    pub fn new(rules: StageRules) -> Result<Self, PlanError> {
        let n_stages = rules.stages.len();
        if !(1..=32).contains(&n_stages) {
            return Err(PlanError::StageCount { got: n_stages });
        }
        if rules.touchpoints.len() > 64 {
            return Err(PlanError::TouchpointCount { got: rules.touchpoints.len() });
        }
        let touch_bits = low_bits_64(rules.touchpoints.len());
        if rules.exits & touch_bits != 0 {
            return Err(PlanError::ExitIsTouchpoint { bits: rules.exits & touch_bits });
        }
        check_stage(rules.conversion_stage, n_stages)?;
        for (i, touchpoint) in rules.touchpoints.iter().enumerate() {
            check_stage(touchpoint.stage, n_stages)?;
            check_stage(touchpoint.after.unwrap_or(0), n_stages)?;
            check_duration("within", touchpoint.within_us)?;
            if touchpoint.after.is_none() && touchpoint.within_us.is_some() {
                return Err(PlanError::WithinWithoutAfter { touchpoint: i });
            }
        }
        check_duration("window", Some(rules.window_us))?;
        check_duration("timeout", rules.timeout_us)?;
        for stage in &rules.stages {
            check_duration("silence", stage.silence_us)?;
        }
        rules.period.check()?;
        check_bounds(&rules.bounds_us)?;
        let bits_where = |holds: &dyn Fn(&Touchpoint) -> bool| {
            let matching = rules.touchpoints.iter().enumerate().filter(|(_, t)| holds(t));
            matching.fold(0u64, |bits, (i, _)| bits | 1 << i)
        };
        let start_bits = bits_where(&|t| {
            t.enters && t.after.is_none() && (rules.start == Start::AnyStage || t.stage == 0)
        });
        if start_bits == 0 {
            return Err(PlanError::NoStart);
        }
        let conditional_bits = bits_where(&|t| t.after.is_some());
        let by_stage = (0u8..).zip(&rules.stages);
        let mut silences: Vec<(i64, u8)> =
            by_stage.filter_map(|(stage, rule)| Some((rule.silence_us?, stage))).collect();
        silences.sort_unstable();
        let silence_stages = silences.iter().fold(0, |bits, &(_, stage)| bits | 1u32 << stage);
        let timeout_us = rules.timeout_us.unwrap_or(i64::MAX);
        Ok(Self { rules, touch_bits, conditional_bits, start_bits, silences, silence_stages, timeout_us })
    }

    /// Number of stages.
    pub fn n_stages(&self) -> usize {
        self.rules.stages.len()
    }

    /// Number of touchpoints.
    pub fn n_touchpoints(&self) -> usize {
        self.rules.touchpoints.len()
    }

    /// The rules the plan was made from.
    pub fn rules(&self) -> &StageRules {
        &self.rules
    }

    /// The stage of a touch on these touchpoints, and whether it enters it.
    pub(super) fn stage_of(&self, touchpoints: u64) -> (u8, bool) {
        let mut best = (0, false);
        for i in bits_64(touchpoints) {
            let touchpoint = &self.rules.touchpoints[i];
            let candidate = (touchpoint.stage, touchpoint.enters);
            // Entering outranks merely touching; among equals the later stage wins.
            if (candidate.1, candidate.0) >= (best.1, best.0) {
                best = candidate;
            }
        }
        best
    }
}

fn check_stage(stage: u8, n_stages: usize) -> Result<(), PlanError> {
    if usize::from(stage) < n_stages { Ok(()) } else { Err(PlanError::UnknownStage { stage, n_stages }) }
}

fn low_bits_64(n: usize) -> u64 {
    if n == 64 { u64::MAX } else { (1 << n) - 1 }
}

/// Positions of the set bits, lowest first.
pub(super) fn bits_64(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}

/// Positions of the set bits, lowest first.
pub(super) fn bits_32(mask: u32) -> impl Iterator<Item = usize> {
    bits_64(u64::from(mask))
}
