//! Oracles of the folds that ask in which intervals people are active.

use std::collections::BTreeSet;

use crate::timeline::{Row, by_person};

fn counts(row: &Row, by_mask: bool, as_of_us: i64) -> bool {
    (!by_mask || row.has(0)) && row.time_us <= as_of_us
}

/// People who are new, returning, resurrecting, dormant in interval `at` of the boundaries, at least 1.
pub fn lifecycle(rows: &[Row], bounds_us: &[i64], by_mask: bool, as_of_us: i64, at: usize) -> [Vec<u64>; 4] {
    let mut people: [Vec<u64>; 4] = Default::default();
    if bounds_us[at] > as_of_us {
        return people;
    }
    for own in by_person(rows) {
        let inside = |row: &&Row, at: usize| (bounds_us[at]..bounds_us[at + 1]).contains(&row.time_us);
        let active = |at: usize| own.iter().any(|row| counts(row, by_mask, as_of_us) && inside(&row, at));
        let first_here =
            own.iter().all(|row| row.time_us >= bounds_us[at]) && own.iter().any(|row| inside(&row, at));
        let phase = match (active(at), first_here, active(at - 1)) {
            (true, true, _) => 0,
            (true, false, true) => 1,
            (true, false, false) => 2,
            (false, _, true) => 3,
            (false, _, false) => continue,
        };
        people[phase].push(own[0].person);
    }
    people
}

/// People active in exactly `n` of the days.
pub fn active_in(rows: &[Row], days: &[(i64, i64)], by_mask: bool, as_of_us: i64, n: usize) -> Vec<u64> {
    let active_days = |own: &[Row]| {
        let known = own.iter().filter(|row| counts(row, by_mask, as_of_us));
        let day = |row: &Row| days.iter().position(|day| (day.0..day.1).contains(&row.time_us));
        known.filter_map(day).collect::<BTreeSet<usize>>().len()
    };
    by_person(rows).filter(|own| active_days(own) == n).map(|own| own[0].person).collect()
}

/// `(cohort, interval after it) → (people, rows, amount)` of rows with bit 1, by the first row with bit 0.
pub fn cohort(
    rows: &[Row],
    bounds_us: &[i64],
    as_of_us: i64,
    cohort: usize,
    after: usize,
) -> (u64, u64, i128) {
    let inside = |row: &&Row, at: usize| (bounds_us[at]..bounds_us[at + 1]).contains(&row.time_us);
    let mut cell = (0, 0, 0);
    for own in by_person(rows) {
        let known: Vec<&Row> = own.iter().filter(|row| row.time_us <= as_of_us).collect();
        let Some(start) = known.iter().position(|row| row.has(0)) else { continue };
        if !inside(&known[start], cohort) {
            continue;
        }
        let hits = known[start..].iter().filter(|row| row.has(1) && inside(row, cohort + after));
        let hits: Vec<&&Row> = hits.collect();
        cell.0 += u64::from(!hits.is_empty());
        cell.1 += hits.len() as u64;
        cell.2 += hits.iter().filter_map(|row| row.amount).map(i128::from).sum::<i128>();
    }
    cell
}
