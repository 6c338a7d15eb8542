//! What is attributed to what, and how.

use crate::plan::{Period, PlanError, check_duration};

const MODELS_MAX: usize = 16;
const REPLICATES_MAX: usize = 1000;

/// Weights of the first touch, all touches between, and the last, in any unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Of the first touch.
    pub first: u32,
    /// Of all touches between together.
    pub middle: u32,
    /// Of the last touch.
    pub last: u32,
}

impl Position {
    /// 40/20/40: first and last.
    pub const U: Self = Self { first: 40, middle: 20, last: 40 };
    /// 20/20/60: mostly the last.
    pub const J: Self = Self { first: 20, middle: 20, last: 60 };
    /// 60/20/20: mostly the first.
    pub const INVERSE_J: Self = Self { first: 60, middle: 20, last: 20 };
}

/// How a conversion is divided among the touches of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// All to the last touch whose label is not direct; to the last if all are.
    LastNonDirect,
    /// Equally to each touch.
    Linear,
    /// By position.
    Position(Position),
    /// Halved with every half-life before the conversion; 7 days is usual.
    TimeDecay {
        /// Above 0.
        half_life_us: i64,
    },
    /// All to each distinct label.
    Participation,
    /// Equally to each distinct label, which is the Shapley value.
    Shapley,
    /// By removal effect in a Markov chain.
    Markov {
        /// Touches that make a state, 1 to 3.
        order: u8,
    },
}

impl Model {
    /// Half-life of time decay when none is given: 7 days.
    pub const HALF_LIFE_US: i64 = 7 * 86_400_000_000;

    /// Whether the credit follows from all paths together and not from each conversion alone.
    pub fn is_data_driven(self) -> bool {
        matches!(self, Self::Markov { .. })
    }

    fn check(self) -> Result<(), &'static str> {
        match self {
            Self::Position(Position { first: 0, middle: 0, last: 0 }) => Err("the weights add up to nothing"),
            // Paths of one or two touches have no middle.
            Self::Position(Position { first: 0, last: 0, .. }) => Err("first and last weigh nothing"),
            Self::TimeDecay { half_life_us } if half_life_us <= 0 => Err("the half-life is not above zero"),
            Self::Markov { order } if !(1..=3).contains(&order) => Err("the order is not 1 to 3"),
            _ => Ok(()),
        }
    }
}

/// Within what a touch may lead to a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Container {
    /// The person, for as long as the look-back.
    #[default]
    Person,
    /// The session, besides the look-back.
    Session {
        /// The longest time between two rows of a session, closed.
        gap_us: i64,
    },
}

/// What becomes of touches after a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reuse {
    /// They may earn again.
    #[default]
    Again,
    /// Each path starts anew after a conversion.
    Fresh,
}

/// Resampling for intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bootstrap {
    /// Replicates; 0 = no intervals, 200 are usual.
    pub replicates: usize,
    /// Seed of the resampling.
    pub seed: u64,
}

/// What [`AttributionPlan::new`] checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributionRules {
    /// 1 to 16 models, all answered from one scan.
    pub models: Vec<Model>,
    /// Mask bits of a conversion.
    pub conversion: u64,
    /// Mask bits of a touch.
    pub touch: u64,
    /// Longest age of a touch at the conversion, closed.
    pub lookback_us: i64,
    /// Within what.
    pub container: Container,
    /// What becomes of touches after a conversion.
    pub reuse: Reuse,
    /// Labels that are direct, for [`Model::LastNonDirect`].
    pub direct: Vec<u16>,
    /// Conversions must lie here.
    pub period: Period,
    /// Intervals.
    pub bootstrap: Bootstrap,
}

/// A valid attribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributionPlan {
    pub(super) rules: AttributionRules,
    /// One bit per label that is direct.
    direct: Vec<u64>,
}

impl AttributionPlan {
    /// Checks the rules.
    ///
    /// # Errors
    /// [`PlanError`] for too few or many models, a model with senseless numbers, a negative look-back or gap, a reversed
    /// period or too many replicates.
    pub fn new(rules: AttributionRules) -> Result<Self, PlanError> {
        if !(1..=MODELS_MAX).contains(&rules.models.len()) {
            return Err(PlanError::ModelCount { got: rules.models.len() });
        }
        for (model, rule) in rules.models.iter().enumerate() {
            rule.check().map_err(|why| PlanError::Model { model, why })?;
        }
        check_duration("lookback", Some(rules.lookback_us))?;
        if let Container::Session { gap_us } = rules.container {
            check_duration("gap", Some(gap_us))?;
        }
        rules.period.check()?;
        if rules.bootstrap.replicates > REPLICATES_MAX {
            return Err(PlanError::ReplicateCount { got: rules.bootstrap.replicates });
        }
        let words = rules.direct.iter().max().map_or(0, |&label| usize::from(label) / 64 + 1);
        let mut direct = vec![0u64; words];
        for &label in &rules.direct {
            direct[usize::from(label) / 64] |= 1 << (label % 64);
        }
        Ok(Self { rules, direct })
    }

    /// The models, in the order asked for.
    pub fn models(&self) -> &[Model] {
        &self.rules.models
    }

    pub(super) fn is_direct(&self, label: u16) -> bool {
        self.direct.get(usize::from(label) / 64).is_some_and(|word| word >> (label % 64) & 1 == 1)
    }

    /// Whether a model needs the paths themselves.
    pub(super) fn needs_paths(&self) -> bool {
        self.rules.models.iter().any(|model| model.is_data_driven())
    }

    pub(super) fn n_replicates(&self) -> usize {
        self.rules.bootstrap.replicates
    }
}
