//! Drivers: which events go together with converting.
//!
//! # Semantics
//!
//! * People enter with their first row of the start bits inside the period (without start bits: their first row inside).
//!   They *succeed* if a conversion row follows, in row order, at most `window_us` later (closed) and not after `as_of_us`.
//! * A person is *exposed* to an event that occurs at least `at_least` times after the entry and before the conversion; for
//!   those who fail, until the window or the data ends. The entry and the conversion themselves do not count.
//! * Odds ratio with a prior count of 1 in each cell (PostHog): `(s₁+1)(f₀+1) / ((f₁+1)(s₀+1))`, where `s₁` succeeded with
//!   the event, `s₀` without it, and so on. Phi is the correlation of the two yes-or-no facts, −1…1; its p-value is that
//!   of `χ² = n·φ²`, two-sided, corrected for the number of events tested by Benjamini and Hochberg (JRSS B 57 (1995)).
//! * Events of fewer than 25 people, or 2 % of them if that is less, are not tested: they would mislead.
//!
//! Going together is not causing: people who will buy anyway look at prices too.

use std::collections::BTreeMap;

use crate::plan::{Period, PlanError, check_duration};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverPlan {
    start: Option<u64>,
    conversion: u64,
    window_us: i64,
    at_least: u32,
    period: Period,
    as_of_us: i64,
}

/// What [`DriverPlan::new`] checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverRules {
    /// Mask bits by which people enter; `None` = any row.
    pub start: Option<u64>,
    /// Mask bits of a conversion.
    pub conversion: u64,
    /// From the entry, closed.
    pub window_us: i64,
    /// How often an event has to occur; 0 is taken as 1.
    pub at_least: u32,
    /// The entry lies here.
    pub period: Period,
    /// Later rows are not known.
    pub as_of_us: i64,
}

impl DriverPlan {
    /// Checks the rules.
    ///
    /// # Errors
    /// [`PlanError`] for a negative window or a reversed period.
    pub fn new(rules: DriverRules) -> Result<Self, PlanError> {
        let DriverRules { start, conversion, window_us, at_least, period, as_of_us } = rules;
        check_duration("window", Some(window_us))?;
        period.check()?;
        Ok(Self { start, conversion, window_us, at_least: at_least.max(1), period, as_of_us })
    }
}

/// Mergeable counts of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriverState {
    succeeded: u64,
    failed: u64,
    /// By event code: exposed people who succeeded and failed.
    exposed: BTreeMap<u16, (u64, u64)>,
}

/// One event of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriverRow {
    /// Event code.
    pub event: u16,
    /// Exposed people who converted.
    pub succeeded: u64,
    /// Exposed people who did not.
    pub failed: u64,
    /// With prior 1; above 1 goes with converting.
    pub odds_ratio: f64,
    /// Correlation, −1…1; 0 where one of the two never varies.
    pub phi: f64,
    /// Corrected p-value: the share of false finds among all with one as low.
    pub q: f64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverAnswer {
    /// People who converted.
    pub succeeded: u64,
    /// People who did not.
    pub failed: u64,
    /// Whether successes and failures stand beyond 10:1 or 1:10, so that the ratios lean on few people.
    pub is_lopsided: bool,
    /// Events not tested for want of people.
    pub n_rare: usize,
    /// Highest odds ratio first, then by code.
    pub rows: Vec<DriverRow>,
}

/// Who to select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Selector {
    /// Exposed to this event; `None` = everybody who entered.
    pub event: Option<u16>,
    /// Who succeeded, or failed.
    pub succeeded: bool,
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Entry.
    pub start_us: i64,
    /// Conversion.
    pub converted_us: Option<i64>,
}

/// What one person did.
struct Case<'a> {
    who: usize,
    start_us: i64,
    converted_us: Option<i64>,
    /// Events the person is exposed to.
    exposed: &'a [u16],
}

/// Counts whole persons. Needs event and mask. O(rows).
pub fn fold(rows: Rows<'_>, plan: &DriverPlan) -> DriverState {
    let mut state = DriverState::default();
    let mut exposed: Vec<(u64, u64)> = Vec::new();
    walk(&rows, plan, |case| {
        let (succeeded, failed) =
            (u64::from(case.converted_us.is_some()), u64::from(case.converted_us.is_none()));
        state.succeeded += succeeded;
        state.failed += failed;
        for &event in case.exposed {
            let at = usize::from(event);
            if exposed.len() <= at {
                exposed.resize(at + 1, (0, 0));
            }
            exposed[at] = (exposed[at].0 + succeeded, exposed[at].1 + failed);
        }
    });
    let seen = exposed.into_iter().enumerate().filter(|(_, counts)| *counts != (0, 0));
    state.exposed = seen.map(|(event, counts)| (event as u16, counts)).collect();
    state
}

/// The people of a number, in row order; as many as [`fold`] counts. Needs person besides.
pub fn select(rows: Rows<'_>, plan: &DriverPlan, selector: Selector) -> Vec<Selected> {
    rows.check(&[Column::Person]);
    let mut selected = Vec::new();
    walk(&rows, plan, |case| {
        let Case { who, start_us, converted_us, exposed } = case;
        let is_exposed = selector.event.is_none_or(|event| exposed.contains(&event));
        if is_exposed && converted_us.is_some() == selector.succeeded {
            selected.push(Selected { person: rows.persons[who], start_us, converted_us });
        }
    });
    selected
}

fn walk(rows: &Rows<'_>, plan: &DriverPlan, mut person: impl FnMut(Case<'_>)) {
    rows.check(&[Column::Event, Column::Mask]);
    let n_codes = rows.event.iter().max().map_or(0, |&largest| usize::from(largest) + 1);
    // `(last person, plus 1, times)` by event code.
    let mut times: Vec<(u32, u32)> = vec![(0, 0); n_codes];
    let mut exposed: Vec<u16> = Vec::new();
    for (who, own) in rows.persons() {
        let enters = |row: &usize| {
            plan.period.contains(rows.time_us[*row])
                && plan.start.is_none_or(|bits| rows.mask[*row] & bits != 0)
                && rows.time_us[*row] <= plan.as_of_us
        };
        let Some(start) = own.clone().find(enters) else { continue };
        let start_us = rows.time_us[start];
        let end_us = start_us.saturating_add(plan.window_us).min(plan.as_of_us);
        let later = start + 1..own.end;
        let length = rows.time_us[later.clone()].partition_point(|&time_us| time_us <= end_us);
        let later = later.start..later.start + length;
        let converted = later.clone().find(|&row| rows.mask[row] & plan.conversion != 0);
        exposed.clear();
        for row in later.start..converted.unwrap_or(later.end) {
            let event = rows.event[row];
            let (last, n) = &mut times[usize::from(event)];
            if *last != who as u32 + 1 {
                (*last, *n) = (who as u32 + 1, 0);
            }
            *n += 1;
            if *n == plan.at_least {
                exposed.push(event);
            }
        }
        let converted_us = converted.map(|row| rows.time_us[row]);
        person(Case { who, start_us, converted_us, exposed: &exposed });
    }
}

impl DriverState {
    /// Joins the counts of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        for (event, (succeeded, failed)) in other.exposed {
            let own = self.exposed.entry(event).or_default();
            *own = (own.0 + succeeded, own.1 + failed);
        }
        self
    }

    /// Ratios and corrected p-values.
    pub fn finish(self) -> DriverAnswer {
        let (succeeded, failed) = (self.succeeded, self.failed);
        let least = 25.min((succeeded + failed).div_ceil(50));
        let tested = self.exposed.iter().filter(|(_, counts)| counts.0 + counts.1 >= least);
        let mut rows: Vec<DriverRow> = tested
            .map(|(&event, &(s1, f1))| {
                let table = [s1, succeeded - s1, f1, failed - f1].map(|n| n as f64);
                let [odds, phi] = [odds_ratio(table), phi(table)];
                let q = two_sided_p(phi * ((succeeded + failed) as f64).sqrt());
                DriverRow { event, succeeded: s1, failed: f1, odds_ratio: odds, phi, q }
            })
            .collect();
        correct(&mut rows);
        rows.sort_by(|a, b| b.odds_ratio.total_cmp(&a.odds_ratio).then(a.event.cmp(&b.event)));
        let is_lopsided = succeeded.max(failed) > 10 * succeeded.min(failed);
        DriverAnswer { succeeded, failed, is_lopsided, n_rare: self.exposed.len() - rows.len(), rows }
    }
}

/// `[s₁, s₀, f₁, f₀]`.
fn odds_ratio([s1, s0, f1, f0]: [f64; 4]) -> f64 {
    (s1 + 1.0) * (f0 + 1.0) / ((f1 + 1.0) * (s0 + 1.0))
}

fn phi([s1, s0, f1, f0]: [f64; 4]) -> f64 {
    let margins = (s1 + s0) * (f1 + f0) * (s1 + f1) * (s0 + f0);
    if margins == 0.0 { 0.0 } else { (s1 * f0 - s0 * f1) / margins.sqrt() }
}

/// P(|Z| ≥ |z|) of a standard normal Z, relative error below 1.2e-7 (Press et al., Numerical Recipes, `erfcc`).
fn two_sided_p(z: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let series = COEFFICIENTS.iter().fold(0.0, |sum, coefficient| sum * t + coefficient);
    (t * (series - x * x).exp()).min(1.0)
}

/// Benjamini–Hochberg: `q` of rank `i` is the least of `p·n/j` over ranks `j ≥ i`.
fn correct(rows: &mut [DriverRow]) {
    let n = rows.len() as f64;
    rows.sort_by(|a, b| a.q.total_cmp(&b.q));
    let mut least = 1.0f64;
    for (rank, row) in rows.iter_mut().enumerate().rev() {
        least = least.min(row.q * n / (rank + 1) as f64);
        row.q = least;
    }
}

#[cfg(test)]
mod tests;
