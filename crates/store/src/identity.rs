//! Who an identifier is: links from identifiers to persons, and the rows that must move when links change.
//!
//! An event keeps its identifiers; the person it is stored under follows from them and from the links. When a
//! link is made or undone, stored rows are not rewritten at once: the person is noted as *re-routed* in the
//! parts written so far, an [`Overlay`] takes their rows out of those parts for every reader and holds them,
//! routed anew, in memory. Merging parts applies the overlay for good.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use meta::{LinkKeys, LinkRow, LinkState, Reroute};

use crate::part::Part;
use crate::rows::Block;
use crate::settle::{Overlays, View};
use crate::spread::{bucket_of, spread_rows};
use crate::{Properties, Result};

/// Steps followed from link to link. Merges refuse to close a circle, so that few are ever needed.
const HOPS_MAX: usize = 32;

/// All links that count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    into: HashMap<u64, u64>,
    undone: HashSet<(u64, u64)>,
}

impl Links {
    pub(crate) fn from_keys(keys: &[LinkKeys]) -> Self {
        let mut links = Self::default();
        for link in keys {
            match link.state {
                LinkState::InForce => links.link(link.from_key, link.into_key),
                LinkState::Undone => links.unlink(link.from_key, link.into_key),
                LinkState::Refused => {}
            }
        }
        links
    }

    /// What an identifier is linked to directly.
    pub(crate) fn holder(&self, from: u64) -> Option<u64> {
        self.into.get(&from).copied()
    }

    /// Whether someone undid this very link: an event does not bring it again.
    pub(crate) fn is_undone(&self, from: u64, into: u64) -> bool {
        self.undone.contains(&(from, into))
    }

    pub(crate) fn link(&mut self, from: u64, into: u64) {
        self.undone.remove(&(from, into));
        self.into.insert(from, into);
    }

    pub(crate) fn unlink(&mut self, from: u64, into: u64) {
        if self.into.get(&from) == Some(&into) {
            self.into.remove(&from);
        }
        self.undone.insert((from, into));
    }

    /// The identifiers that are linked, directly or not, to one of these persons.
    pub(crate) fn all_into(&self, persons: &HashSet<u64>) -> Vec<u64> {
        self.into.keys().copied().filter(|&key| persons.contains(&self.resolve(key))).collect()
    }

    /// Forgets everything about these persons.
    pub(crate) fn forget(&mut self, persons: &HashSet<u64>) {
        self.into.retain(|from, into| !persons.contains(from) && !persons.contains(into));
        self.undone.retain(|(from, into)| !persons.contains(from) && !persons.contains(into));
    }

    /// The person an identifier's key stands for.
    pub(crate) fn resolve(&self, key: u64) -> u64 {
        let mut person = key;
        for _ in 0..HOPS_MAX {
            match self.into.get(&person) {
                Some(&into) => person = into,
                None => break,
            }
        }
        person
    }

    /// The person of every row, from its identifiers.
    pub(crate) fn persons(&self, block: &Block) -> Vec<u64> {
        let rows = &block.rows;
        let key = |id: &String, user: bool| {
            let key =
                if user { model::person_key(Some(id), None) } else { model::person_key(None, Some(id)) };
            self.resolve(key.unwrap_or_default())
        };
        let users: Vec<u64> = rows.user_id.values.iter().map(|id| key(id, true)).collect();
        let anonymous: Vec<u64> = rows.anonymous_id.values.iter().map(|id| key(id, false)).collect();
        let codes = rows.user_id.codes.iter().zip(rows.anonymous_id.codes.iter()).zip(&rows.person);
        codes
            .map(|((user, unknown), &person)| {
                let known = users.get(user as usize).or_else(|| anonymous.get(unknown as usize));
                known.copied().unwrap_or(person)
            })
            .collect()
    }
}

/// A claim found in an event that carries both identifiers: a link, a refused one, or nothing new.
pub(crate) fn claim(links: &Links, row: LinkRow) -> Option<LinkRow> {
    match links.holder(row.from_key) {
        Some(holder) if holder == row.into_key => None,
        Some(_) => Some(LinkRow { state: LinkState::Refused, ..row }),
        None if links.is_undone(row.from_key, row.into_key) => None,
        // They are one person already, the other way round.
        None if links.resolve(row.into_key) == row.from_key => None,
        None => Some(row),
    }
}

/// Rows of a part that readers must not take from it, and where they are instead.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// Persons whose rows in the part do not count, ascending.
    pub hidden: Vec<u64>,
    /// Those rows, routed anew, each block of one bucket.
    pub moved: Vec<Arc<Block>>,
}

impl Overlay {
    pub(crate) fn n_rows(&self) -> usize {
        self.moved.iter().map(|block| block.rows.n_rows()).sum()
    }
}

/// The overlay a part needs, if it needs one: `keys` are the persons re-routed since it was written.
pub(crate) fn overlay(
    part: &Part,
    keys: &HashSet<u64>,
    links: &Links,
    n_buckets: usize,
    properties: &Properties,
) -> Result<Option<Overlay>> {
    let bucket = part.row.bucket as usize;
    let mut sought: Vec<u64> =
        keys.iter().copied().filter(|&key| bucket_of(key, n_buckets) == bucket).collect();
    if sought.is_empty() {
        return Ok(None);
    }
    sought.sort_unstable();
    let (persons, starts) = part.person_runs()?;
    let mut ranges = Vec::new();
    sought.retain(|key| match persons.binary_search(key) {
        Ok(at) => {
            ranges.push(starts[at]..starts[at + 1]);
            true
        }
        Err(_) => false,
    });
    if sought.is_empty() {
        return Ok(None);
    }
    let mut block = part.read_ranges(&ranges, properties)?;
    block.rows.person = links.persons(&block);
    let moved = spread_rows(&block, n_buckets).into_iter().map(Arc::new).collect();
    Ok(Some(Overlay { hidden: sought, moved }))
}

/// All that says whose rows are whose, at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub links: Links,
    pub reroutes: HashSet<Reroute>,
}

impl Identity {
    /// The overlays of the parts that need one.
    pub(crate) fn overlays(&self, view: &View, properties: &Properties) -> Result<Overlays> {
        let mut overlays = Overlays::default();
        if self.reroutes.is_empty() {
            return Ok(overlays);
        }
        for part in view.iter().flatten() {
            let keys = keys_for(&self.reroutes, part.row.id);
            if let Some(overlay) = overlay(part, &keys, &self.links, view.len(), properties)? {
                overlays.insert(part.row.id, Arc::new(overlay));
            }
        }
        Ok(overlays)
    }
}

/// Persons re-routed in parts below a given id.
pub(crate) fn keys_for(reroutes: &HashSet<Reroute>, part: u64) -> HashSet<u64> {
    reroutes.iter().filter(|reroute| part < reroute.below).map(|reroute| reroute.key).collect()
}
