//! Oracles of channels that break or work, of pairs and of drivers.

use std::collections::{BTreeMap, BTreeSet};

use crate::timeline::{Row, by_person};

/// How a stay ended: the channel it was handed over to, or one of three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// To another channel.
    To(u16),
    /// The session reached the goal.
    Finished,
    /// It did not.
    Broken,
    /// Not known yet.
    Open,
}

/// `(person, channel, end)` of every stay. Rows with a channel that count are those with bit 1 if `include`; bit 0 is
/// the goal. `rows` are those before the horizon and in the period.
pub fn stays(rows: &[Row], gap_us: i64, include: bool, horizon_us: i64) -> Vec<(u64, u16, End)> {
    let mut all = Vec::new();
    for own in by_person(rows) {
        let touches: Vec<usize> =
            (0..own.len()).filter(|&i| own[i].channel != 0 && (!include || own[i].has(1))).collect();
        // Sessions: runs of touches with small gaps; stays: runs of one channel within them.
        for session in touches.chunk_by(|&a, &b| own[b].time_us - own[a].time_us <= gap_us) {
            // A goal counts within the gap of the touch before it.
            let reached = |goal: usize| {
                own[goal].has(0)
                    && session
                        .iter()
                        .rfind(|&&touch| touch <= goal)
                        .is_some_and(|&touch| own[goal].time_us - own[touch].time_us <= gap_us)
            };
            let next_session = touches.iter().find(|&&touch| touch > session[session.len() - 1]);
            let ends = next_session.copied().unwrap_or(own.len());
            let finished = (session[0]..ends).any(reached);
            let stays: Vec<&[usize]> = session.chunk_by(|&a, &b| own[a].channel == own[b].channel).collect();
            for (at, stay) in stays.iter().enumerate() {
                let end = match stays.get(at + 1) {
                    Some(next) => End::To(own[next[0]].channel),
                    None if finished => End::Finished,
                    None if own[stay[stay.len() - 1]].time_us + gap_us >= horizon_us => End::Open,
                    None => End::Broken,
                };
                all.push((own[0].person, own[stay[0]].channel, end));
            }
        }
    }
    all
}

/// `(stage, channel or all) → people, converted, open`; bits 1 and 2 are stages 0 and 1, bit 0 the conversion.
pub fn effects(
    rows: &[Row],
    window_us: i64,
    (from_us, to_us): (i64, i64),
    as_of_us: i64,
) -> BTreeMap<(u8, Option<u16>), (u64, u64, u64)> {
    let mut cells: BTreeMap<(u8, Option<u16>), (u64, u64, u64)> = BTreeMap::new();
    let known: Vec<Row> = rows.iter().filter(|row| row.time_us <= as_of_us).cloned().collect();
    for own in by_person(&known) {
        for stage in 0..2u8 {
            let channels: BTreeSet<Option<u16>> =
                own.iter().map(|row| Some(row.channel)).chain([None]).collect();
            for channel in channels {
                let touches = own.iter().filter(|row| {
                    row.has(usize::from(stage) + 1)
                        && channel.is_none_or(|channel| row.channel == channel)
                        && (from_us..to_us).contains(&row.time_us)
                });
                let Some(first_us) = touches.map(|row| row.time_us).min() else { continue };
                let works =
                    |row: &Row| row.has(0) && row.time_us > first_us && row.time_us - first_us <= window_us;
                let converted = own.iter().any(works);
                let cell = cells.entry((stage, channel)).or_default();
                cell.0 += 1;
                cell.1 += u64::from(converted);
                cell.2 += u64::from(!converted && first_us + window_us > as_of_us);
            }
        }
    }
    cells
}

/// People with any item, by item and by pair (unordered: the smaller label first). The rows are items in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    /// With any item.
    pub people: u64,
    /// By item.
    pub items: BTreeMap<u32, u64>,
    /// By pair.
    pub pairs: BTreeMap<(u32, u32), u64>,
}

/// Counts pairs by trying all of them.
pub fn pairs(rows: &[Row], within_us: i64, ordered: bool) -> Pairs {
    let labels: BTreeSet<u32> = rows.iter().map(|row| row.label).collect();
    let people = |has: &dyn Fn(&[Row]) -> bool| by_person(rows).filter(|own| has(own)).count() as u64;
    let items = labels.iter().map(|&label| (label, people(&|own| own.iter().any(|row| row.label == label))));
    let mut pairs = BTreeMap::new();
    for &a in &labels {
        for &b in labels.iter().filter(|&&b| b != a && (ordered || b > a)) {
            let fits = |first: &Row, second: &Row| {
                let later_us = second.time_us - first.time_us;
                let in_time = if ordered { later_us > 0 } else { true } && later_us.abs() <= within_us;
                first.label == a && second.label == b && in_time
            };
            let n = people(&|own| own.iter().any(|first| own.iter().any(|second| fits(first, second))));
            if n > 0 {
                pairs.insert((a, b), n);
            }
        }
    }
    Pairs { people: by_person(rows).count() as u64, items: items.collect(), pairs }
}

/// One person of a driver question: key, success, events exposed to.
pub type Case = (u64, bool, BTreeSet<u16>);

/// Bit 0 is the conversion, bit 1 the start if `start`.
pub fn cases(
    rows: &[Row],
    start: bool,
    window_us: i64,
    at_least: usize,
    (from_us, to_us): (i64, i64),
    as_of_us: i64,
) -> Vec<Case> {
    let known: Vec<Row> = rows.iter().filter(|row| row.time_us <= as_of_us).cloned().collect();
    let case = |own: &[Row]| {
        let enters = |row: &Row| (from_us..to_us).contains(&row.time_us) && (!start || row.has(1));
        let first = (0..own.len()).find(|&i| enters(&own[i]))?;
        let inside: Vec<usize> =
            (first + 1..own.len()).filter(|&i| own[i].time_us - own[first].time_us <= window_us).collect();
        let converted = inside.iter().find(|&&i| own[i].has(0)).copied();
        let before: Vec<u16> =
            inside.iter().filter(|&&i| converted.is_none_or(|end| i < end)).map(|&i| own[i].event).collect();
        let often = |event: &&u16| before.iter().filter(|other| other == event).count() >= at_least;
        Some((own[0].person, converted.is_some(), before.iter().filter(often).copied().collect()))
    };
    by_person(&known).filter_map(case).collect()
}
