//! What the plans share: the errors of their constructors and the period.

/// Why a plan is not valid. A plan is compiled from a document, so each variant names the part of
/// the document that has to be mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The mask column has 64 bits.
    #[error("at most 64 touchpoints fit one plan, got {got}")]
    TouchpointCount {
        /// Touchpoints asked for.
        got: usize,
    },
    /// A journey without stages, or with too many.
    #[error("a journey has 1 to 32 stages, got {got}")]
    StageCount {
        /// Stages asked for.
        got: usize,
    },
    /// A funnel without steps, or with too many.
    #[error("a funnel has 1 to 32 steps, got {got}")]
    StepCount {
        /// Steps asked for.
        got: usize,
    },
    /// A touchpoint, a condition or the conversion names a stage that is not there.
    #[error("stage {stage} does not exist, the journey has {n_stages}")]
    UnknownStage {
        /// The 0-based stage named.
        stage: u8,
        /// Stages of the journey.
        n_stages: usize,
    },
    /// `within` limits the time since `after`; alone it has no meaning.
    #[error("touchpoint {touchpoint} has `within` without `after`")]
    WithinWithoutAfter {
        /// 0-based index of the touchpoint.
        touchpoint: usize,
    },
    /// An exit bit below the number of touchpoints would be both.
    #[error("exit bits {bits:#x} are touchpoints too")]
    ExitIsTouchpoint {
        /// The bits in both sets.
        bits: u64,
    },
    /// No touchpoint of the start stages enters without a condition, so no trip can ever start.
    #[error("no touchpoint can start a trip: a start stage needs one that enters without `after`")]
    NoStart,
    /// A length of time below zero.
    #[error("{what} is negative: {got_us} µs")]
    NegativeDuration {
        /// Which length: `window`, `timeout`, `silence`, `within` or `gap`.
        what: &'static str,
        /// The length given.
        got_us: i64,
    },
    /// `to` before `from`.
    #[error("the period ends ({to_us} µs) before it starts ({from_us} µs)")]
    PeriodReversed {
        /// Start of the period.
        from_us: i64,
        /// End of the period.
        to_us: i64,
    },
    /// Bucket boundaries have to ascend strictly, and one boundary makes no bucket.
    #[error("bucket boundaries must be two or more, strictly ascending")]
    Boundaries,
    /// An attribution without models, or with too many.
    #[error("an attribution compares 1 to 16 models, got {got}")]
    ModelCount {
        /// Models asked for.
        got: usize,
    },
    /// A model whose numbers make no sense: weights that add up to nothing, an order that is not 1 to 3.
    #[error("attribution model {model}: {why}")]
    Model {
        /// 0-based index of the model.
        model: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More resamples than memory should hold.
    #[error("at most 1000 bootstrap replicates, got {got}")]
    ReplicateCount {
        /// Replicates asked for.
        got: usize,
    },
    /// A path with too few or too many steps.
    #[error("a path has 2 to 20 steps, got {got}")]
    PathSteps {
        /// Steps asked for.
        got: usize,
    },
    /// The highest node codes mean "hidden" and "other".
    #[error("node codes 65534 and 65535 are reserved")]
    ReservedNode,
    /// A table of cohorts and intervals too large to be of use.
    #[error("a table has at most a million cells, got {got}")]
    TableSize {
        /// Cells asked for.
        got: usize,
    },
    /// The first and the last step are needed, and in any order all of them.
    #[error("the first and last step cannot be optional, and none in any order (bits {bits:#x})")]
    OptionalStep {
        /// The optional steps asked for.
        bits: u32,
    },
    /// An exclusion lies between a step and a later one.
    #[error("an exclusion between steps {from} and {to} is none")]
    ExclusionSteps {
        /// 0-based step from which on.
        from: usize,
        /// 0-based step up to which.
        to: usize,
    },
    /// A step that is not there, or not later than the one it belongs to.
    #[error("step {step} does not exist or is not later, the funnel has {n_steps}")]
    UnknownStep {
        /// The 0-based step named.
        step: usize,
        /// Steps of the funnel.
        n_steps: usize,
    },
    /// A design without places, or with too many.
    #[error("a design has 1 to 64 places, got {got}")]
    DesignPlaces {
        /// Places asked for.
        got: usize,
    },
    /// A node twice in one design: it could not be told which of the two a row is.
    #[error("node {node} stands twice in the design")]
    DesignRepeats {
        /// The node.
        node: u16,
    },
    /// A mask bit of 64 or more.
    #[error("mask bit {bit} does not exist, there are 64")]
    UnknownBit {
        /// The bit named.
        bit: u8,
    },
}

/// Half-open span of time `[from_us, to_us)`, microseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// First instant inside.
    pub from_us: i64,
    /// First instant after.
    pub to_us: i64,
}

impl Period {
    /// All of time (but its very last microsecond).
    pub const ALL: Self = Self { from_us: i64::MIN, to_us: i64::MAX };

    /// Whether `time_us` lies inside.
    pub fn contains(self, time_us: i64) -> bool {
        (self.from_us..self.to_us).contains(&time_us)
    }

    pub(crate) fn check(self) -> Result<(), PlanError> {
        if self.to_us < self.from_us {
            return Err(PlanError::PeriodReversed { from_us: self.from_us, to_us: self.to_us });
        }
        Ok(())
    }
}

pub(crate) fn check_duration(what: &'static str, got_us: Option<i64>) -> Result<(), PlanError> {
    match got_us {
        Some(got_us) if got_us < 0 => Err(PlanError::NegativeDuration { what, got_us }),
        _ => Ok(()),
    }
}

/// Boundaries are either absent (no trend wanted) or make at least one bucket.
pub(crate) fn check_bounds(bounds_us: &[i64]) -> Result<(), PlanError> {
    let ascending = bounds_us.windows(2).all(|pair| pair[0] < pair[1]);
    if bounds_us.len() == 1 || !ascending {
        return Err(PlanError::Boundaries);
    }
    Ok(())
}

/// Index of the bucket `[bounds[i], bounds[i + 1])` that holds `time_us`.
pub(crate) fn bucket_of(bounds_us: &[i64], time_us: i64) -> Option<usize> {
    let after = bounds_us.partition_point(|&bound| bound <= time_us);
    (after > 0 && after < bounds_us.len()).then(|| after - 1)
}
