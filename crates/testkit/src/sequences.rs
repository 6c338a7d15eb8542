//! Oracles of the folds that look at single events or neighbours.

use std::collections::{BTreeMap, BTreeSet};

use crate::timeline::{Row, by_person};

/// Events and distinct people.
pub type Count = (u64, u64);

/// Counts `(key, person)` pairs by key.
fn count<K: Ord + Copy>(pairs: &[(K, u64)]) -> BTreeMap<K, Count> {
    let keys: BTreeSet<K> = pairs.iter().map(|(key, _)| *key).collect();
    keys.into_iter()
        .map(|key| {
            let own = pairs.iter().filter(|(other, _)| *other == key);
            let people: BTreeSet<u64> = own.clone().map(|(_, person)| *person).collect();
            (key, (own.count() as u64, people.len() as u64))
        })
        .collect()
}

/// Pairs of neighbouring rows of one person at most `gap_us` apart, as `key` of the two.
fn neighbours<K: Ord + Copy>(
    rows: &[Row],
    gap_us: i64,
    key: impl Fn(&Row, &Row) -> Option<K>,
) -> BTreeMap<K, Count> {
    let mut pairs = Vec::new();
    for own in by_person(rows) {
        for i in 1..own.len() {
            let (a, b) = (&own[i - 1], &own[i]);
            if b.time_us - a.time_us <= gap_us {
                pairs.extend(key(a, b).map(|key| (key, a.person)));
            }
        }
    }
    count(&pairs)
}

/// `(event, next) → (events, people)`; the rows are those that count already.
pub fn transitions(rows: &[Row], gap_us: i64, collapse: bool) -> BTreeMap<(u16, u16), Count> {
    neighbours(rows, gap_us, |a, b| (!collapse || a.event != b.event).then_some((a.event, b.event)))
}

/// `(channel, next) → (events, people)`; the rows are those that count already.
pub fn handovers(rows: &[Row], gap_us: i64) -> BTreeMap<(u16, u16), Count> {
    let with_channel: Vec<Row> = rows.iter().filter(|row| row.channel != 0).cloned().collect();
    let key = |a: &Row, b: &Row| (a.channel != b.channel).then_some((a.channel, b.channel));
    neighbours(&with_channel, gap_us, key)
}

/// `(events, people, amount, people with an amount)` by channel.
pub fn channels(rows: &[Row]) -> BTreeMap<u16, (u64, u64, i128, u64)> {
    let keys = |with_amount: bool| {
        let wanted = rows.iter().filter(move |row| !with_amount || row.amount.is_some());
        wanted.map(|row| (row.channel, row.person)).collect::<Vec<_>>()
    };
    let paid = count(&keys(true));
    count(&keys(false))
        .into_iter()
        .map(|(channel, (events, people))| {
            let own = rows.iter().filter(|row| row.channel == channel);
            let amount = own.filter_map(|row| row.amount).map(i128::from).sum();
            (channel, (events, people, amount, paid.get(&channel).map_or(0, |count| count.1)))
        })
        .collect()
}

/// `(events, people, values, sum)` of rows: one point of a trend.
pub fn point<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> (u64, u64, u64, i128) {
    let people: BTreeSet<u64> = rows.clone().map(|row| row.person).collect();
    let values: Vec<i128> = rows.clone().filter_map(|row| row.amount).map(i128::from).collect();
    (rows.count() as u64, people.len() as u64, values.len() as u64, values.iter().sum())
}
