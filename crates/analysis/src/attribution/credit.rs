//! The rule models: one conversion divided among the touches of its path, in exact integers.

use super::plan::{AttributionPlan, Model, Position};
use super::walk::Path;

/// Parts of one conversion. Divisible by 5·n for every n up to 24, so that an equal or a 40/20/40 split of a path of
/// up to 24 touches is exact.
pub const UNIT: u64 = 26_771_144_400;

/// Touch weights are fixed-point numbers with this many binary digits.
const WEIGHT_BITS: i32 = 40;

/// Credit of each touch of one path; the buffers live over all conversions.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// `(label, units)`, a label perhaps more than once; adds up to [`UNIT`] (participation: to more).
    pub credits: Vec<(u16, u64)>,
    weights: Vec<u64>,
    remainders: Vec<(u64, usize)>,
}

impl Splitter {
    /// Splits a conversion at `time_us` over a path of at least one touch. Data-driven models name the distinct labels
    /// with 0 units: their credit is known only when all paths are.
    pub fn split(&mut self, plan: &AttributionPlan, model: Model, path: Path<'_>, time_us: i64) {
        self.credits.clear();
        let labels = path.labels;
        let (first, last) = (labels[0], labels[labels.len() - 1]);
        match model {
            Model::First => self.credits.push((first, UNIT)),
            Model::Last => self.credits.push((last, UNIT)),
            Model::LastNonDirect => {
                let earned = labels.iter().rev().find(|&&label| !plan.is_direct(label));
                self.credits.push((*earned.unwrap_or(&last), UNIT));
            }
            Model::Linear => {
                self.each(labels);
                self.equally();
            }
            Model::Position(position) => {
                self.each(labels);
                position.weigh(labels.len(), &mut self.weights);
                self.by_weight();
            }
            Model::TimeDecay { half_life_us } => {
                self.each(labels);
                self.decay(path.times_us, time_us, half_life_us);
                self.by_weight();
            }
            Model::Participation => self.distinct(labels, UNIT),
            Model::Markov { .. } => self.distinct(labels, 0),
            Model::Shapley => {
                self.distinct(labels, 0);
                self.equally();
            }
        }
    }

    fn each(&mut self, labels: &[u16]) {
        self.credits.extend(labels.iter().map(|&label| (label, 0)));
    }

    /// Each distinct label once, ascending.
    fn distinct(&mut self, labels: &[u16], units: u64) {
        self.credits.extend(labels.iter().map(|&label| (label, units)));
        self.credits.sort_unstable();
        self.credits.dedup_by_key(|credit| credit.0);
    }

    fn equally(&mut self) {
        self.weights.clear();
        self.weights.resize(self.credits.len(), 1);
        self.by_weight();
    }

    /// Largest remainder (Hamilton): whole units by weight, what is left one by one to the largest remainders, of
    /// equal ones to the earlier touch.
    fn by_weight(&mut self) {
        let total: u128 = self.weights.iter().map(|&weight| u128::from(weight)).sum();
        let mut left = UNIT;
        self.remainders.clear();
        for (at, (credit, &weight)) in self.credits.iter_mut().zip(&self.weights).enumerate() {
            let share = u128::from(UNIT) * u128::from(weight);
            let units = (share / total) as u64;
            left -= units;
            credit.1 = units;
            self.remainders.push(((share % total) as u64, at));
        }
        if left > 0 {
            self.remainders.sort_unstable_by_key(|&(remainder, at)| (std::cmp::Reverse(remainder), at));
            for &(_, at) in &self.remainders[..left as usize] {
                self.credits[at].1 += 1;
            }
        }
    }

    /// Weights by age, relative to the last touch: the scale cancels, and nothing underflows where it matters.
    fn decay(&mut self, times_us: &[i64], time_us: i64, half_life_us: i64) {
        let youngest = times_us.last().map_or(0, |&last| time_us.abs_diff(last));
        self.weights.clear();
        self.weights.extend(times_us.iter().map(|&touch_us| {
            let half_lives = (time_us.abs_diff(touch_us) - youngest) as f64 / half_life_us as f64;
            ((WEIGHT_BITS as f64 - half_lives).exp2()).round() as u64
        }));
    }
}

impl Position {
    /// Integer weights of `n` touches. The middle is scaled up instead of divided, so that nothing is rounded.
    fn weigh(self, n: usize, weights: &mut Vec<u64>) {
        let (first, middle, last) = (u64::from(self.first), u64::from(self.middle), u64::from(self.last));
        weights.clear();
        match n {
            1 => weights.push(1),
            2 => weights.extend([first, last]),
            _ => {
                let between = n as u64 - 2;
                weights.push(first * between);
                weights.extend(std::iter::repeat_n(middle, n - 2));
                weights.push(last * between);
            }
        }
    }
}
