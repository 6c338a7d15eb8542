//! Cross-sell: which items (or events) the same people have within some time of each other.
//!
//! # Semantics
//!
//! An item is the label of a row that carries the item bits, inside the period. A person *has* a pair `{a, b}` if some
//! row of `a` and some row of `b` lie at most `within_us` apart (closed; the same row time too), or, with `ordered`, the
//! row of `b` strictly later. Everything counts people, not rows, over all `n` people with any item:
//!
//! * support `P(a, b)`; confidence `P(b | a)` = people of the pair / people of `a`, with its Wilson interval;
//! * lift `P(a, b) / (P(a)·P(b))`: 1 = no more than chance. Its interval is Katz's logarithmic one for the ratio of the
//!   proportions `n_ab / n_a` and `n_b / n` (D. Katz et al., Biometrics 34 (1978) 469–474), which takes the two as
//!   independent: a little too wide, as `a` is part of `n`.
//!
//! `ordered` pairs ask for more than having both, so their lift is below what it is unordered; compare like with like.

use rustc_hash::FxHashMap;

use crate::interval::{Interval, Z, wilson};
use crate::plan::{Period, PlanError, check_duration};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairPlan {
    item: u64,
    within_us: i64,
    period: Period,
    ordered: bool,
}

impl PairPlan {
    /// `item`: mask bits of the rows that are items.
    ///
    /// # Errors
    /// [`PlanError`] for a negative length or a reversed period.
    pub fn new(item: u64, within_us: i64, period: Period, ordered: bool) -> Result<Self, PlanError> {
        check_duration("within", Some(within_us))?;
        period.check()?;
        Ok(Self { item, within_us, period, ordered })
    }
}

/// Mergeable counts of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairState {
    people: u64,
    items: FxHashMap<u32, u64>,
    /// Unordered: the smaller label first.
    pairs: FxHashMap<(u32, u32), u64>,
}

/// One pair of the answer, read as "who has `item`, has `other`".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairRow {
    /// Label of the first.
    pub item: u32,
    /// Label of the second.
    pub other: u32,
    /// People with the pair.
    pub people: u64,
    /// People with the first.
    pub people_item: u64,
    /// People with the second.
    pub people_other: u64,
    /// Share of all people with any item.
    pub support: f64,
    /// Share of the people with the first.
    pub confidence: f64,
    /// 95 % Wilson interval of the confidence.
    pub confidence_interval: Interval,
    /// Times more often than by chance.
    pub lift: f64,
    /// 95 % Katz interval of the lift.
    pub lift_interval: Interval,
}

/// Counts whole persons. Needs mask; `labels` is parallel to the rows. O(item rows × distinct items of the person).
pub fn fold(rows: Rows<'_>, labels: &[u32], plan: &PairPlan) -> PairState {
    let mut state = PairState::default();
    walk(&rows, labels, plan, |_, items, pairs| {
        state.people += 1;
        items.iter().for_each(|item| *state.items.entry(item.label).or_default() += 1);
        pairs.iter().for_each(|&(a, b, _)| *state.pairs.entry((a, b)).or_default() += 1);
    });
    state
}

/// A distinct item of a person.
struct Item {
    label: u32,
    /// Last row, and the last strictly before the time of that row.
    last_us: i64,
    before_us: Option<i64>,
    /// Bit `i`: the pair with the `i`-th item of the person was found already. Items beyond 64 are found again and again,
    /// and taken out at the end.
    partners: u64,
}

/// Calls `person(who, distinct items, distinct pairs with the time they came about)` with everybody who has an item.
fn walk(
    rows: &Rows<'_>,
    labels: &[u32],
    plan: &PairPlan,
    mut person: impl FnMut(usize, &[Item], &[(u32, u32, i64)]),
) {
    rows.check(&[Column::Mask]);
    assert_eq!(labels.len(), rows.n_rows(), "one label per row");
    let (mut items, mut pairs): (Vec<Item>, Vec<(u32, u32, i64)>) = Default::default();
    for (who, own) in rows.persons() {
        items.clear();
        pairs.clear();
        for row in own {
            let time_us = rows.time_us[row];
            if rows.mask[row] & plan.item == 0 || !plan.period.contains(time_us) {
                continue;
            }
            let label = labels[row];
            let oldest_us = time_us.saturating_sub(plan.within_us);
            let known = items.iter().position(|item| item.label == label);
            let bit = 1u64.checked_shl(known.unwrap_or(items.len()) as u32).unwrap_or(0);
            for item in items.iter_mut().filter(|item| item.partners & bit == 0) {
                let strictly = if item.last_us < time_us { Some(item.last_us) } else { item.before_us };
                let there = if plan.ordered { strictly } else { Some(item.last_us) };
                if item.label != label && there.is_some_and(|there_us| there_us >= oldest_us) {
                    let ascending = plan.ordered || item.label < label;
                    let (a, b) = if ascending { (item.label, label) } else { (label, item.label) };
                    pairs.push((a, b, time_us));
                    item.partners |= bit;
                }
            }
            match known.map(|at| &mut items[at]) {
                None => items.push(Item { label, last_us: time_us, before_us: None, partners: 0 }),
                Some(item) => {
                    if item.last_us < time_us {
                        item.before_us = Some(item.last_us);
                    }
                    item.last_us = time_us;
                }
            }
        }
        if !items.is_empty() {
            pairs.sort_unstable();
            pairs.dedup_by_key(|pair| (pair.0, pair.1));
            person(who, &items, &pairs);
        }
    }
}

impl PairState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        self.items.len() * size_of::<(u32, u64)>() + self.pairs.len() * size_of::<((u32, u32), u64)>()
    }

    /// Joins the counts of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.people += other.people;
        other.items.into_iter().for_each(|(item, people)| *self.items.entry(item).or_default() += people);
        other.pairs.into_iter().for_each(|(pair, people)| *self.pairs.entry(pair).or_default() += people);
        self
    }

    /// People with any item.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// Pairs of at least `least` people (fewer say little), both directions of unordered ones; highest lower end of the lift
    /// first, then by label.
    pub fn finish(self, plan: &PairPlan, least: u64) -> Vec<PairRow> {
        let pairs = self.pairs.iter().filter(|(_, people)| **people >= least);
        let directed = pairs.flat_map(|(&(a, b), &people)| {
            let back = (!plan.ordered).then_some((b, a, people));
            std::iter::once((a, b, people)).chain(back)
        });
        let mut rows: Vec<PairRow> =
            directed.filter_map(|(item, other, people)| self.row(item, other, people)).collect();
        rows.sort_by(|a, b| {
            let by_lift = b.lift_interval.low.total_cmp(&a.lift_interval.low);
            by_lift.then_with(|| (a.item, a.other).cmp(&(b.item, b.other)))
        });
        rows
    }

    fn row(&self, item: u32, other: u32, people: u64) -> Option<PairRow> {
        let (people_item, people_other) = (*self.items.get(&item)?, *self.items.get(&other)?);
        let (n, n_ab) = (self.people as f64, people as f64);
        let (n_a, n_b) = (people_item as f64, people_other as f64);
        let lift = n_ab * n / (n_a * n_b);
        let doubt = Z * (1.0 / n_ab - 1.0 / n_a + 1.0 / n_b - 1.0 / n).max(0.0).sqrt();
        Some(PairRow {
            item,
            other,
            people,
            people_item,
            people_other,
            support: n_ab / n,
            confidence: n_ab / n_a,
            confidence_interval: wilson(people, people_item)?,
            lift,
            lift_interval: Interval { low: lift * (-doubt).exp(), high: lift * doubt.exp() },
        })
    }
}

/// One person with a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// When the pair first came about.
    pub time_us: i64,
}

/// The people of a pair, in row order; as many as its row counts. Needs person besides.
pub fn select(rows: Rows<'_>, labels: &[u32], plan: &PairPlan, item: u32, other: u32) -> Vec<Selected> {
    rows.check(&[Column::Person]);
    let wanted = if plan.ordered || item < other { (item, other) } else { (other, item) };
    let mut selected = Vec::new();
    walk(&rows, labels, plan, |who, _, pairs| {
        if let Some(pair) = pairs.iter().find(|pair| (pair.0, pair.1) == wanted) {
            selected.push(Selected { person: rows.persons[who], time_us: pair.2 });
        }
    });
    selected
}

#[cfg(test)]
mod tests;
