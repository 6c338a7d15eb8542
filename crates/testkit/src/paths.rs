//! Oracle of paths: sequences as lists, counts as sets.

use std::collections::{BTreeMap, BTreeSet};

use crate::timeline::{Row, by_person};

/// A bit of the mask and the node its rows show as.
pub type Anchor = (usize, u16);

/// Which rows make a sequence.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// Sessions by gap.
    Open(i64),
    /// From the first anchor, window.
    After(Anchor, i64),
    /// To the last anchor, window.
    Before(Anchor, i64),
    /// From the first of one to the last of the other, window.
    Between(Anchor, Anchor, i64),
}

/// The rules.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which rows.
    pub mode: Mode,
    /// Nodes counted.
    pub n_steps: usize,
    /// Whether repeats count once.
    pub collapse: bool,
    /// Node by event, `None` = hidden.
    pub nodes: Vec<Option<u16>>,
    /// Start of the period.
    pub from_us: i64,
    /// Its end, exclusive.
    pub to_us: i64,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
}

/// A sequence: its person, its counted nodes, and whether there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Whose.
    pub person: u64,
    /// Nodes by step.
    pub nodes: Vec<u16>,
    /// Whether it has more.
    pub goes_on: bool,
}

/// All sequences of all persons.
pub fn sequences(plan: &Plan, rows: &[Row]) -> Vec<Sequence> {
    by_person(rows).flat_map(|own| of_person(plan, own)).collect()
}

fn of_person(plan: &Plan, own: &[Row]) -> Vec<Sequence> {
    let known: Vec<&Row> = own.iter().filter(|row| row.time_us <= plan.as_of_us).collect();
    let inside = |row: &Row| (plan.from_us..plan.to_us).contains(&row.time_us);
    let node = |row: &Row| plan.nodes.get(usize::from(row.event)).copied().flatten();
    let anchors = |bit: usize| {
        let hits = known.iter().enumerate().filter(move |(_, row)| row.has(bit) && inside(row));
        hits.map(|(i, _)| i).collect::<Vec<_>>()
    };
    let mut walks: Vec<Vec<u16>> = Vec::new();
    match plan.mode {
        Mode::Open(gap_us) => {
            let in_period: Vec<&&Row> = known.iter().filter(|row| inside(row)).collect();
            let mut by_session: BTreeMap<usize, Vec<u16>> = BTreeMap::new();
            for (i, row) in in_period.iter().enumerate() {
                let cuts = (1..=i).filter(|&j| in_period[j].time_us - in_period[j - 1].time_us > gap_us);
                by_session.entry(cuts.count()).or_default().extend(node(row));
            }
            walks.extend(by_session.into_values());
        }
        Mode::After((bit, at), window_us) => {
            if let Some(&start) = anchors(bit).first() {
                let inside =
                    known[start + 1..].iter().filter(|row| row.time_us - known[start].time_us <= window_us);
                walks.push([at].into_iter().chain(inside.filter_map(|row| node(row))).collect());
            }
        }
        Mode::Before((bit, at), window_us) => {
            if let Some(&end) = anchors(bit).last() {
                let inside =
                    known[..end].iter().rev().filter(|row| known[end].time_us - row.time_us <= window_us);
                walks.push([at].into_iter().chain(inside.filter_map(|row| node(row))).collect());
            }
        }
        Mode::Between((bit, at), (last_bit, last_at), window_us) => {
            if let Some(&start) = anchors(bit).first() {
                let near = |i: &usize| known[*i].time_us - known[start].time_us <= window_us;
                let ends = (start + 1..known.len()).filter(|&i| known[i].has(last_bit)).filter(near);
                if let Some(end) = ends.max() {
                    let inside = known[start + 1..end].iter().filter_map(|row| node(row));
                    walks.push([at].into_iter().chain(inside).chain([last_at]).collect());
                }
            }
        }
    }
    let sequence = |mut nodes: Vec<u16>| {
        if plan.collapse {
            nodes.dedup();
        }
        let goes_on = nodes.len() > plan.n_steps;
        nodes.truncate(plan.n_steps);
        Sequence { person: own[0].person, nodes, goes_on }
    };
    walks.into_iter().filter(|nodes| !nodes.is_empty()).map(sequence).collect()
}

/// `(people, sequences)` by key.
pub type Counts<K> = BTreeMap<K, (u64, u64)>;

/// Counts whatever `keys` finds in a sequence.
pub fn count<K: Ord + Clone>(sequences: &[Sequence], keys: impl Fn(&Sequence) -> Vec<K>) -> Counts<K> {
    let mut by_key: BTreeMap<K, Vec<u64>> = BTreeMap::new();
    for sequence in sequences {
        for key in keys(sequence) {
            by_key.entry(key).or_default().push(sequence.person);
        }
    }
    let tally = |people: Vec<u64>| (people.iter().collect::<BTreeSet<_>>().len() as u64, people.len() as u64);
    by_key.into_iter().map(|(key, people)| (key, tally(people))).collect()
}
