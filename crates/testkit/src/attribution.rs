//! Oracle of attribution: paths by quantifiers over indices, the Shapley value by all orders of players, removal
//! effects by walking the chain step by step until nobody is left.

use std::collections::{BTreeMap, BTreeSet};

use crate::timeline::{Row, by_person};

/// A question: bit 0 of a row's mask is a conversion, bit 1 a touch; the label is the channel.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Closed.
    pub lookback_us: i64,
    /// Longest gap within a session; `None`: the person.
    pub gap_us: Option<i64>,
    /// Whether each path starts anew after a conversion.
    pub fresh: bool,
    /// Period, half open.
    pub from_us: i64,
    /// Its end.
    pub to_us: i64,
}

/// A conversion with its path, as `(label, age)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// Who.
    pub person: u64,
    /// When.
    pub time_us: i64,
    /// How much.
    pub amount: i64,
    /// Touches, oldest first: label and time before the conversion.
    pub path: Vec<(u16, i64)>,
}

/// All conversions in row order, and the labels of the paths that led nowhere.
pub fn paths(plan: &Plan, rows: &[Row]) -> (Vec<Conversion>, Vec<Vec<u16>>) {
    let known: Vec<Row> = rows.iter().filter(|row| row.time_us < plan.to_us).cloned().collect();
    let (mut conversions, mut lost) = (Vec::new(), Vec::new());
    for own in by_person(&known) {
        for session in sessions(plan, own) {
            for (at, row) in session.iter().enumerate().filter(|(_, row)| row.has(0)) {
                let earlier = session[..at].iter().filter(|other| other.has(0));
                let since_us = earlier.map(|other| other.time_us).max().filter(|_| plan.fresh);
                let leads = |touch: &&Row| {
                    touch.has(1)
                        && touch.time_us < row.time_us
                        && touch.time_us >= row.time_us - plan.lookback_us
                        && since_us.is_none_or(|since_us| touch.time_us >= since_us)
                };
                let path = session.iter().filter(leads);
                let path = path.map(|touch| (touch.channel, row.time_us - touch.time_us)).collect();
                let (person, time_us, amount) = (row.person, row.time_us, row.amount.unwrap_or(0));
                if time_us >= plan.from_us {
                    conversions.push(Conversion { person, time_us, amount, path });
                }
            }
            let converted_us = session.iter().filter(|row| row.has(0)).map(|row| row.time_us).max();
            let after = |row: &&Row| row.has(1) && converted_us.is_none_or(|time_us| row.time_us >= time_us);
            let last_us = session.iter().filter(after).map(|row| row.time_us).max().unwrap_or(0);
            let recent =
                |row: &&Row| row.time_us >= plan.from_us && row.time_us >= last_us - plan.lookback_us;
            let tail: Vec<u16> = session.iter().filter(after).filter(recent).map(|row| row.channel).collect();
            if !tail.is_empty() {
                lost.push(tail);
            }
        }
    }
    (conversions, lost)
}

fn sessions<'a>(plan: &Plan, own: &'a [Row]) -> Vec<&'a [Row]> {
    match plan.gap_us {
        None => vec![own],
        Some(gap_us) => own.chunk_by(|a, b| b.time_us - a.time_us <= gap_us).collect(),
    }
}

/// Shapley value of the game `v(S)` = conversions whose labels all lie in `S`: the mean, over all orders in which labels
/// may arrive, of what each adds. `(label, numerator)` over the factorial of the number of labels, which comes last.
pub fn shapley(conversions: &[(BTreeSet<u16>, i128)]) -> (BTreeMap<u16, i128>, i128) {
    let labels: Vec<u16> =
        conversions.iter().flat_map(|(set, _)| set).copied().collect::<BTreeSet<_>>().into_iter().collect();
    let value = |of: &BTreeSet<u16>| {
        conversions.iter().filter(|(set, _)| set.is_subset(of)).map(|(_, n)| n).sum::<i128>()
    };
    let mut sums: BTreeMap<u16, i128> = labels.iter().map(|&label| (label, 0)).collect();
    let orders = orders(&labels);
    for order in &orders {
        let mut present = BTreeSet::new();
        for &label in order {
            let before = value(&present);
            present.insert(label);
            *sums.entry(label).or_default() += value(&present) - before;
        }
    }
    (sums, orders.len() as i128)
}

fn orders(labels: &[u16]) -> Vec<Vec<u16>> {
    if labels.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |at: usize| {
        let mut rest = labels.to_vec();
        let first = rest.remove(at);
        orders(&rest).into_iter().map(move |mut order| {
            order.insert(0, first);
            order
        })
    };
    (0..labels.len()).flat_map(with_first).collect()
}

/// Next state or none at an end, conversions, amount, how often.
type Step = (Option<Vec<u16>>, f64, f64, f64);

/// Probability to convert, and expected amount, of walks over states of up to `order` labels, where every step to a state
/// that ends in `removed` leads to nothing. Paths are `(labels, conversions, amount, nulls)`.
pub fn absorb(paths: &[(Vec<u16>, u64, i64, u64)], order: usize, removed: Option<u16>) -> (f64, f64) {
    let state = |path: &[u16], seen: usize| path[seen.saturating_sub(order)..seen].to_vec();
    // What happens next from each state.
    let mut steps: BTreeMap<Vec<u16>, Vec<Step>> = BTreeMap::new();
    for (path, conversions, amount, nulls) in paths {
        let walks = (conversions + nulls) as f64;
        for seen in 0..path.len() {
            let next = Some(state(path, seen + 1));
            steps.entry(state(path, seen)).or_default().push((next, 0.0, 0.0, walks));
        }
        let end = (None, *conversions as f64, *amount as f64, walks);
        steps.entry(state(path, path.len())).or_default().push(end);
    }
    let mut present: BTreeMap<Vec<u16>, f64> = BTreeMap::from([(Vec::new(), 1.0)]);
    let (mut converted, mut earned) = (0.0, 0.0);
    // Nearly everybody has come to an end long before.
    for _ in 0..20_000 {
        let mut moved: BTreeMap<Vec<u16>, f64> = BTreeMap::new();
        for (from, share) in &present {
            let options = &steps[from];
            let all: f64 = options.iter().map(|step| step.3).sum();
            for (next, conversions, amount, walks) in options {
                match next {
                    None => {
                        converted += share * conversions / all;
                        earned += share * amount / all;
                    }
                    Some(next) if next.last().copied() == removed => {}
                    Some(next) => *moved.entry(next.clone()).or_default() += share * walks / all,
                }
            }
        }
        present = moved;
        if present.values().sum::<f64>() < 1e-15 {
            break;
        }
    }
    (converted, earned)
}
