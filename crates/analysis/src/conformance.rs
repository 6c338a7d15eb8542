//! Designed against actual: which cases follow an expected sequence of nodes, and how the others differ.
//!
//! # Semantics
//!
//! The design is a list of distinct nodes; each *place* may be optional, and may repeat in a row. Of a
//! case (person, session or trip, see [`crate::variants`]; do not collapse repeats if they matter):
//!
//! * **skipped**: a needed place that never occurs although a later one does. Places after the furthest
//!   one are not skipped: the case is not there yet;
//! * **extra**: a node that is not in the design;
//! * **out of order**: a place that first occurs after a later place did;
//! * **looped**: a place that occurs again, after anything else or, where it may not repeat, right away.
//!
//! A case *fits* when it shows none of these, and is *finished* when all needed places occur. A case may
//! deviate in several ways and counts in each; people count once in each.

use std::collections::BTreeMap;

use crate::cases::{CasePlan, Cutter};
use crate::interval::{Interval, wilson};
use crate::plan::PlanError;
use crate::rows::{Column, Rows};
use crate::variants::{Selected, select_if};

const MAX_PLACES: usize = 64;
const NO_PLACE: u8 = u8::MAX;

/// One place of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Node code.
    pub node: u16,
    /// Whether a case may do without.
    pub optional: bool,
    /// Whether the node may come again right after itself.
    pub repeats: bool,
}

/// A valid design with what a case is.
#[derive(Debug, Clone)]
pub struct ConformancePlan {
    cases: CasePlan,
    n_places: usize,
    /// Place by node code.
    place_of: Vec<u8>,
    needed: u64,
    repeats: u64,
}

impl ConformancePlan {
    /// 1 to 64 places of distinct nodes.
    ///
    /// # Errors
    /// [`PlanError::DesignPlaces`], [`PlanError::DesignRepeats`].
    pub fn new(cases: CasePlan, design: &[Place]) -> Result<Self, PlanError> {
        if !(1..=MAX_PLACES).contains(&design.len()) {
            return Err(PlanError::DesignPlaces { got: design.len() });
        }
        let n_nodes = design.iter().map(|place| usize::from(place.node) + 1).max().unwrap_or(0);
        let (mut place_of, mut needed, mut repeats) = (vec![NO_PLACE; n_nodes], 0, 0);
        for (at, place) in design.iter().enumerate() {
            let slot = &mut place_of[usize::from(place.node)];
            if *slot != NO_PLACE {
                return Err(PlanError::DesignRepeats { node: place.node });
            }
            *slot = at as u8;
            needed |= u64::from(!place.optional) << at;
            repeats |= u64::from(place.repeats) << at;
        }
        Ok(Self { cases, n_places: design.len(), place_of, needed, repeats })
    }

    /// Number of places.
    pub fn n_places(&self) -> usize {
        self.n_places
    }
}

/// How a case differs; bit `i` is place `i`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Deviations {
    skipped: u64,
    late: u64,
    looped: u64,
    n_extra: u64,
    finished: bool,
}

impl Deviations {
    fn fits(&self) -> bool {
        self.skipped | self.late | self.looped == 0 && self.n_extra == 0
    }

    /// What is wrong with `nodes`; every extra node is handed to `extra`. O(nodes).
    fn of(nodes: &[u16], plan: &ConformancePlan, mut extra: impl FnMut(u16)) -> Self {
        let mut found = Self::default();
        let (mut seen, mut before) = (0u64, NO_PLACE);
        for &node in nodes {
            let place = plan.place_of.get(usize::from(node)).copied().unwrap_or(NO_PLACE);
            if place == NO_PLACE {
                found.n_extra += 1;
                extra(node);
            } else {
                let bit = 1 << place;
                if seen & bit != 0 {
                    if before != place || plan.repeats & bit == 0 {
                        found.looped |= bit;
                    }
                } else if seen >> place != 0 {
                    found.late |= bit;
                }
                seen |= bit;
            }
            before = place;
        }
        // All places below the furthest one.
        let below = seen.checked_ilog2().map_or(0, |furthest| (1 << furthest) - 1);
        found.skipped = plan.needed & below & !seen;
        found.finished = plan.needed & !seen == 0;
        found
    }
}

/// Cases and distinct people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaseReach {
    /// Cases.
    pub cases: u64,
    /// Distinct people among them.
    pub people: u64,
}

impl CaseReach {
    fn merge(self, other: Self) -> Self {
        Self { cases: self.cases + other.cases, people: self.people + other.people }
    }
}

#[derive(Debug, Clone, Copy)]
struct Stamped {
    reach: CaseReach,
    last: u32,
}

impl Stamped {
    const EMPTY: Self = Self { reach: CaseReach { cases: 0, people: 0 }, last: u32::MAX };

    fn add(&mut self, who: u32) {
        self.reach.cases += 1;
        self.reach.people += u64::from(self.last != who);
        self.last = who;
    }
}

/// A way in which a case stands towards the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Every case.
    All,
    /// No deviation.
    Fits,
    /// No deviation, and all needed places done.
    FitsFinished,
    /// Any place skipped.
    Skipped,
    /// Any extra node.
    Extra,
    /// Any place out of order.
    OutOfOrder,
    /// Any loop.
    Looped,
    /// This place skipped.
    SkippedPlace(u8),
    /// This extra node.
    ExtraNode(u16),
    /// This place out of order.
    OutOfOrderPlace(u8),
    /// This place looped.
    LoopedPlace(u8),
}

/// Mergeable counts by standing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConformanceState(BTreeMap<Standing, CaseReach>);

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ConformanceAnswer {
    /// By standing, in the order of [`Standing`]; standings of nobody are absent.
    pub reaches: Vec<(Standing, CaseReach)>,
    /// Share of cases that fit, with its 95 % interval; `None` without cases.
    pub fit: Option<(f64, Interval)>,
}

impl ConformanceAnswer {
    /// How many stand like this.
    pub fn reach(&self, standing: Standing) -> CaseReach {
        let found = self.reaches.iter().find(|(own, _)| *own == standing);
        found.map_or_else(CaseReach::default, |(_, reach)| *reach)
    }
}

/// Counts whole persons. Needs event, and mask for trips. O(rows + deviations).
pub fn fold(rows: Rows<'_>, plan: &ConformancePlan) -> ConformanceState {
    rows.check(if plan.cases.reads_mask() { &[Column::Event, Column::Mask] } else { &[Column::Event] });
    let mut counts = Counts::new(plan.n_places);
    let mut cutter = Cutter::new(&plan.cases);
    let mut extras: Vec<u16> = Vec::new();
    for (who, own) in rows.persons() {
        cutter.cases(&rows, own, |case| {
            extras.clear();
            let found = Deviations::of(case.nodes, plan, |node| extras.push(node));
            counts.add(&found, &mut extras, who as u32);
        });
    }
    counts.into_state()
}

/// Counts with the last person of each.
struct Counts {
    kinds: [Stamped; 7],
    /// By place: skipped, late, looped.
    places: Vec<[Stamped; 3]>,
    extras: BTreeMap<u16, Stamped>,
}

impl Counts {
    fn new(n_places: usize) -> Self {
        Self {
            kinds: [Stamped::EMPTY; 7],
            places: vec![[Stamped::EMPTY; 3]; n_places],
            extras: BTreeMap::new(),
        }
    }

    fn add(&mut self, found: &Deviations, extras: &mut Vec<u16>, who: u32) {
        let kinds = [
            true,
            found.fits(),
            found.fits() && found.finished,
            found.skipped != 0,
            found.n_extra != 0,
            found.late != 0,
            found.looped != 0,
        ];
        self.kinds.iter_mut().zip(kinds).filter(|(_, is)| *is).for_each(|(kind, _)| kind.add(who));
        for (kind, mut bits) in [found.skipped, found.late, found.looped].into_iter().enumerate() {
            while bits != 0 {
                self.places[bits.trailing_zeros() as usize][kind].add(who);
                bits &= bits - 1;
            }
        }
        extras.sort_unstable();
        extras.dedup();
        extras.iter().for_each(|node| self.extras.entry(*node).or_insert(Stamped::EMPTY).add(who));
    }

    fn into_state(self) -> ConformanceState {
        let kinds = [
            Standing::All,
            Standing::Fits,
            Standing::FitsFinished,
            Standing::Skipped,
            Standing::Extra,
            Standing::OutOfOrder,
            Standing::Looped,
        ];
        let kinds = kinds.into_iter().zip(self.kinds);
        let places = self.places.into_iter().enumerate().flat_map(|(place, [skipped, late, looped])| {
            let place = place as u8;
            [
                (Standing::SkippedPlace(place), skipped),
                (Standing::OutOfOrderPlace(place), late),
                (Standing::LoopedPlace(place), looped),
            ]
        });
        let extras = self.extras.into_iter().map(|(node, stamped)| (Standing::ExtraNode(node), stamped));
        let all = kinds.chain(places).chain(extras).map(|(standing, stamped)| (standing, stamped.reach));
        ConformanceState(all.filter(|(_, reach)| reach.cases > 0).collect())
    }
}

impl ConformanceState {
    /// Joins the counts of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (standing, reach) in other.0 {
            let own = self.0.entry(standing).or_default();
            *own = own.merge(reach);
        }
        self
    }

    /// The answer.
    pub fn finish(self) -> ConformanceAnswer {
        let cases = |standing: Standing| self.0.get(&standing).map_or(0, |reach| reach.cases);
        let (fits, all) = (cases(Standing::Fits), cases(Standing::All));
        let fit = wilson(fits, all).map(|interval| (fits as f64 / all as f64, interval));
        ConformanceAnswer { reaches: self.0.into_iter().collect(), fit }
    }
}

/// The people with a case that stands like this, in row order; as many as counted. Needs person and what
/// counting needs.
pub fn select(rows: Rows<'_>, plan: &ConformancePlan, standing: Standing) -> Vec<Selected> {
    select_if(rows, &plan.cases, |nodes| {
        let mut has_extra = false;
        let found = Deviations::of(nodes, plan, |node| has_extra |= standing == Standing::ExtraNode(node));
        let at = |bits: u64, place: u8| bits.checked_shr(u32::from(place)).unwrap_or(0) & 1 == 1;
        match standing {
            Standing::All => true,
            Standing::Fits => found.fits(),
            Standing::FitsFinished => found.fits() && found.finished,
            Standing::Skipped => found.skipped != 0,
            Standing::Extra => found.n_extra != 0,
            Standing::OutOfOrder => found.late != 0,
            Standing::Looped => found.looped != 0,
            Standing::SkippedPlace(place) => at(found.skipped, place),
            Standing::ExtraNode(_) => has_extra,
            Standing::OutOfOrderPlace(place) => at(found.late, place),
            Standing::LoopedPlace(place) => at(found.looped, place),
        }
    })
}

#[cfg(test)]
mod tests;
