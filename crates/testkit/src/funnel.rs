//! Oracle of the ordered funnel: tries every choice of rows.

use crate::timeline::Row;

/// The rules of a funnel; step `i` is mask bit `i`.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Steps.
    pub n_steps: usize,
    /// Closed window from step 0.
    pub window_us: i64,
    /// Start of the period of step 0.
    pub from_us: i64,
    /// Its end, exclusive.
    pub to_us: i64,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
}

/// Row indices of the attempt that counts for a person: of all choices that get furthest, those whose
/// last row comes first; of those the latest step 0; of those the earliest rows in between.
pub fn attempt(plan: &Plan, own: &[Row]) -> Option<Vec<usize>> {
    let known: Vec<&Row> = own.iter().filter(|row| row.time_us <= plan.as_of_us).collect();
    let mut choices = vec![Vec::new()];
    let mut best: Option<Vec<usize>> = None;
    for step in 0..plan.n_steps {
        choices = choices.iter().flat_map(|chosen| extensions(plan, &known, chosen, step)).collect();
        let rank = |chosen: &&Vec<usize>| (chosen[step], std::cmp::Reverse(chosen[0]), (*chosen).clone());
        match choices.iter().min_by_key(rank) {
            Some(chosen) => best = Some(chosen.clone()),
            None => break,
        }
    }
    best
}

fn extensions(plan: &Plan, rows: &[&Row], chosen: &[usize], step: usize) -> Vec<Vec<usize>> {
    let fits = |&row: &usize| {
        let time_us = rows[row].time_us;
        rows[row].has(step)
            && match chosen.first() {
                None => (plan.from_us..plan.to_us).contains(&time_us),
                Some(&first) => time_us - rows[first].time_us <= plan.window_us,
            }
    };
    let next = chosen.last().map_or(0, |last| last + 1);
    let extended = |row: usize| chosen.iter().copied().chain([row]).collect();
    (next..rows.len()).filter(fits).map(extended).collect()
}
