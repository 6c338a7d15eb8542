//! Credits → the answer: rounded to the cent, with intervals, cost and return.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::bootstrap::percentiles;
use super::credit::UNIT;
use super::fold::{AttributionState, Credit, ModelState};
use super::markov::{RemovalEffect, TooManyStates, removal_effects, solve, totals};
use super::paths::PathTable;
use super::plan::{AttributionPlan, Model};
use crate::interval::Interval;

/// Work (states³ × replicates) up to which Markov models get intervals; beyond it they would take many seconds.
const INTERVAL_WORK_MAX: f64 = 5e9;

/// A figure with the doubt of its sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// 95 % percentile interval of the bootstrap; `None` without (enough) replicates.
    pub interval: Option<Interval>,
}

/// What a label cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelCost {
    /// The label.
    pub label: u16,
    /// Hundredths of the currency, above 0 to be of use.
    pub cost: i64,
}

/// One label under one model.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRow {
    /// The label; `None` = conversions without a path.
    pub label: Option<u16>,
    /// Distinct people with a conversion that credits it (data-driven models: whose path holds it).
    pub people: u64,
    /// Conversions credited.
    pub conversions: Estimate,
    /// Amount credited, hundredths; the rows of a model (but participation) add up to the amount of all conversions.
    pub amount: i128,
    /// Its interval, hundredths.
    pub amount_interval: Option<Interval>,
    /// Share of conversions lost without the label, of Markov models.
    pub removal_effect: Option<f64>,
    /// Its cost, if given.
    pub cost: Option<i64>,
    /// CPA: cost per conversion, hundredths; `None` without cost or conversions.
    pub cost_per_conversion: Option<Estimate>,
    /// ROAS: amount per cost; `None` without cost.
    pub return_on_cost: Option<Estimate>,
}

/// One model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelAnswer {
    /// The model.
    pub model: Model,
    /// Most conversions first, then by label; `None` is always there and last.
    pub rows: Vec<LabelRow>,
    /// Why a Markov model has no rows but `None`.
    pub too_many_states: Option<TooManyStates>,
    /// Whether a Markov model was solved once, but not for each replicate, so that it has no intervals.
    pub has_no_intervals: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributionAnswer {
    /// Conversions.
    pub conversions: u64,
    /// Their amount, hundredths.
    pub amount: i128,
    /// Distinct people who converted.
    pub people: u64,
    /// In the order of the plan.
    pub models: Vec<ModelAnswer>,
}

/// Conversions and amount of each label in each replicate.
type Samples = BTreeMap<Option<u16>, (Vec<f64>, Vec<f64>)>;

/// A row before cost and interval.
struct Earned {
    label: Option<u16>,
    people: u64,
    conversions: f64,
    amount: i128,
    removal_effect: Option<f64>,
}

impl AttributionState {
    /// The answer. `costs` of labels without any conversion show up too: money spent for nothing.
    pub fn finish(mut self, plan: &AttributionPlan, costs: &[LabelCost]) -> AttributionAnswer {
        self.models.resize_with(plan.models().len(), ModelState::default);
        let mut costs_by_label: BTreeMap<u16, i64> = BTreeMap::new();
        for cost in costs {
            *costs_by_label.entry(cost.label).or_default() += cost.cost;
        }
        let (paths, n) = (&self.paths, plan.n_replicates());
        let models = plan.models().iter().zip(&self.models).map(|(&model, state)| {
            let (earned, samples, too_many_states) = match model {
                Model::Markov { order } => match removal_effects(paths, order) {
                    Ok(effects) => (markov_rows(state, paths, &effects), markov_samples(state, n), None),
                    Err(error) => (markov_rows(state, paths, &[]), Some(Samples::new()), Some(error)),
                },
                _ => (rule_rows(state), Some(rule_samples(state, n)), None),
            };
            let has_no_intervals = samples.is_none();
            let rows = finish_rows(earned, &samples.unwrap_or_default(), &costs_by_label);
            ModelAnswer { model, rows, too_many_states, has_no_intervals }
        });
        let models = models.collect();
        AttributionAnswer {
            conversions: self.conversions,
            amount: self.amount,
            people: self.converters,
            models,
        }
    }
}

fn rule_rows(state: &ModelState) -> Vec<Earned> {
    let unit = i128::from(UNIT);
    let parts: Vec<(i128, i128)> = state
        .credits
        .values()
        .map(|credit| (credit.amount.div_euclid(unit), credit.amount.rem_euclid(unit)))
        .collect();
    let left = parts.iter().map(|part| part.1).sum::<i128>() / unit;
    let amounts = round_largest(&parts, left);
    let rows = state.credits.iter().zip(amounts).map(|((&label, credit), amount)| Earned {
        label,
        people: credit.people,
        conversions: credit.units as f64 / UNIT as f64,
        amount,
        removal_effect: None,
    });
    rows.collect()
}

fn rule_samples(state: &ModelState, n_replicates: usize) -> Samples {
    if n_replicates == 0 {
        return Samples::new();
    }
    let unit = UNIT as f64;
    let samples = state.replicates.iter().map(|(&label, replicates)| {
        let of =
            |part: fn(&(i128, i128)) -> i128| replicates.iter().map(move |sums| part(sums) as f64 / unit);
        (label, (of(|sums| sums.0).collect(), of(|sums| sums.1).collect()))
    });
    samples.collect()
}

/// Shares by effect. Effects on the amount cannot share it where refunds make some of them negative.
fn shares(effects: &[RemovalEffect]) -> (Vec<f64>, Vec<f64>) {
    let normal = |of: fn(&RemovalEffect) -> f64| {
        let sum: f64 = effects.iter().map(of).sum();
        let fits = sum > 0.0 && effects.iter().all(|effect| of(effect) >= 0.0);
        fits.then(|| effects.iter().map(|effect| of(effect) / sum).collect::<Vec<f64>>())
    };
    let conversions = normal(|effect| effect.conversions).unwrap_or_else(|| vec![0.0; effects.len()]);
    let amounts = normal(|effect| effect.amount).unwrap_or_else(|| conversions.clone());
    (conversions, amounts)
}

fn markov_rows(state: &ModelState, paths: &PathTable, effects: &[RemovalEffect]) -> Vec<Earned> {
    let total = paths.total();
    let (conversions, amounts) = shares(effects);
    // 40 binary digits of the share are far below a cent; whole numbers add up.
    let weights: Vec<i128> = amounts.iter().map(|share| (share * (1u64 << 40) as f64) as i128).collect();
    let sum = weights.iter().sum::<i128>().max(1);
    let part =
        |weight: &i128| ((total.amount * weight).div_euclid(sum), (total.amount * weight).rem_euclid(sum));
    let parts: Vec<(i128, i128)> = weights.iter().map(part).collect();
    let left = parts.iter().map(|part| part.1).sum::<i128>() / sum;
    let amounts = round_largest(&parts, left);
    let people = |label| state.credits.get(&label).copied().unwrap_or_default();
    let rows = effects.iter().zip(conversions.iter().zip(amounts)).map(|(effect, (share, amount))| Earned {
        label: Some(effect.label),
        people: people(Some(effect.label)).people,
        conversions: share * total.conversions as f64,
        amount,
        removal_effect: Some(effect.conversions),
    });
    let Credit { units, amount, people } = people(None);
    let unit = i128::from(UNIT);
    let (conversions, amount) = ((units / unit) as f64, amount / unit);
    rows.chain([Earned { label: None, people, conversions, amount, removal_effect: None }]).collect()
}

/// Solves the chain of each replicate; `None` where that would take too long.
fn markov_samples(state: &ModelState, n_replicates: usize) -> Option<Samples> {
    let n_states: BTreeSet<u64> = state.edges.keys().map(|edge| edge.0).collect();
    if (n_states.len() as f64).powi(3) * n_replicates as f64 > INTERVAL_WORK_MAX {
        return None;
    }
    let mut samples = rule_samples(state, n_replicates);
    samples.retain(|label, _| label.is_none());
    for replicate in 0..n_replicates {
        let edges = state.edges.iter().map(|(&edge, walks)| (edge, walks[replicate]));
        let total = totals(edges.clone());
        let effects = solve(edges).ok()?;
        let (conversions, amounts) = shares(&effects);
        for (effect, (conversions, amount)) in effects.iter().zip(conversions.iter().zip(amounts)) {
            let zeros = || (vec![0.0; n_replicates], vec![0.0; n_replicates]);
            let own = samples.entry(Some(effect.label)).or_insert_with(zeros);
            own.0[replicate] = conversions * total.conversions as f64;
            own.1[replicate] = amount * total.amount as f64;
        }
    }
    Some(samples)
}

fn finish_rows(earned: Vec<Earned>, samples: &Samples, costs: &BTreeMap<u16, i64>) -> Vec<LabelRow> {
    let known: BTreeSet<Option<u16>> = earned.iter().map(|row| row.label).collect();
    let wasted = costs.keys().map(|&label| Some(label)).chain([None]).filter(|label| !known.contains(label));
    let wasted =
        wasted.map(|label| Earned { label, people: 0, conversions: 0.0, amount: 0, removal_effect: None });
    let wasted: Vec<Earned> = wasted.collect();
    let mut rows: Vec<LabelRow> = earned
        .into_iter()
        .chain(wasted)
        .map(|row| {
            let own = samples.get(&row.label);
            let interval = |values: Option<&Vec<f64>>| values.cloned().and_then(percentiles);
            let (conversions, amount) = (interval(own.map(|own| &own.0)), interval(own.map(|own| &own.1)));
            let cost = row.label.and_then(|label| costs.get(&label).copied());
            priced(&row, conversions, amount, cost)
        })
        .collect();
    rows.sort_by(|a, b| {
        let last = (a.label.is_none(), b.label.is_none());
        last.0
            .cmp(&last.1)
            .then(b.conversions.value.total_cmp(&a.conversions.value))
            .then(a.label.cmp(&b.label))
    });
    rows
}

/// Adds what the cost says. The cost itself is known, so its ratios take over the ends of the intervals.
fn priced(
    row: &Earned,
    conversions: Option<Interval>,
    amount_interval: Option<Interval>,
    cost: Option<i64>,
) -> LabelRow {
    let spent = cost.filter(|&cost| cost > 0).map(|cost| cost as f64);
    let cost_per_conversion = spent.filter(|_| row.conversions > 0.0).map(|cost| Estimate {
        value: cost / row.conversions,
        // No conversion in a replicate would cost without limit: then there is no upper end to tell.
        interval: conversions
            .filter(|interval| interval.low > 0.0)
            .map(|interval| Interval { low: cost / interval.high, high: cost / interval.low }),
    });
    let return_on_cost = spent.map(|cost| Estimate {
        value: row.amount as f64 / cost,
        interval: amount_interval
            .map(|interval| Interval { low: interval.low / cost, high: interval.high / cost }),
    });
    LabelRow {
        label: row.label,
        people: row.people,
        conversions: Estimate { value: row.conversions, interval: conversions },
        amount: row.amount,
        amount_interval,
        removal_effect: row.removal_effect,
        cost,
        cost_per_conversion,
        return_on_cost,
    }
}

/// Largest remainder: `left` of the `(whole, remainder)` parts are rounded up, of equal remainders the earlier.
fn round_largest(parts: &[(i128, i128)], left: i128) -> Vec<i128> {
    let mut amounts: Vec<i128> = parts.iter().map(|part| part.0).collect();
    let mut ranked: Vec<usize> = (0..parts.len()).collect();
    ranked.sort_by_key(|&at| (Reverse(parts[at].1), at));
    for &at in ranked.iter().take(usize::try_from(left).unwrap_or(0)) {
        amounts[at] += 1;
    }
    amounts
}
