//! Oracle of cases: lists of nodes, and what is wrong with one.

use std::collections::BTreeSet;

use crate::timeline::{Row, by_person};

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Whose.
    pub person: u64,
    /// Its nodes.
    pub nodes: Vec<u16>,
    /// Time of the first.
    pub start_us: i64,
    /// Time of the last.
    pub end_us: i64,
}

/// All cases; the rows are those that count already.
pub fn cases(rows: &[Row], gap_us: Option<i64>, collapse: bool, nodes: &[Option<u16>]) -> Vec<Case> {
    let mut cases = Vec::new();
    for own in by_person(rows) {
        let together = |a: &Row, b: &Row| gap_us.is_none_or(|gap_us| b.time_us - a.time_us <= gap_us);
        for session in own.chunk_by(together) {
            let seen: Vec<(u16, i64)> = session
                .iter()
                .filter_map(|row| Some((nodes[usize::from(row.event)]?, row.time_us)))
                .collect();
            let (Some(first), Some(last)) = (seen.first(), seen.last()) else { continue };
            let mut own: Vec<u16> = seen.iter().map(|(node, _)| *node).collect();
            if collapse {
                own.dedup();
            }
            cases.push(Case { person: session[0].person, nodes: own, start_us: first.1, end_us: last.1 });
        }
    }
    cases
}

/// How a case differs from a design.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deviations {
    /// Places of the design passed by, with a later one done.
    pub skipped: BTreeSet<usize>,
    /// Nodes that are not in the design.
    pub extra: BTreeSet<u16>,
    /// Places first done after a later one.
    pub late: BTreeSet<usize>,
    /// Places done again where that is not allowed.
    pub looped: BTreeSet<usize>,
    /// All needed places are done.
    pub finished: bool,
}

/// `design`: node, needed, may repeat in a row.
pub fn deviations(nodes: &[u16], design: &[(u16, bool, bool)]) -> Deviations {
    let hits = |place: usize| -> Vec<usize> {
        (0..nodes.len()).filter(|&at| nodes[at] == design[place].0).collect()
    };
    let done: Vec<usize> = (0..design.len()).filter(|&place| !hits(place).is_empty()).collect();
    let furthest = done.last().copied();
    let loops = |place: &usize| {
        let hits = hits(*place);
        let apart = hits.windows(2).any(|pair| pair[1] > pair[0] + 1);
        apart || (hits.len() > 1 && !design[*place].2)
    };
    let late = |place: &usize| done.iter().any(|later| later > place && hits(*later)[0] < hits(*place)[0]);
    Deviations {
        skipped: (0..design.len())
            .filter(|place| design[*place].1 && !done.contains(place) && furthest > Some(*place))
            .collect(),
        extra: nodes.iter().copied().filter(|node| design.iter().all(|place| place.0 != *node)).collect(),
        late: done.iter().copied().filter(late).collect(),
        looped: done.iter().copied().filter(loops).collect(),
        finished: (0..design.len()).all(|place| !design[place].1 || done.contains(&place)),
    }
}
