//! Per-person summaries for lists of people, and segments: who satisfies a rule.

use crate::plan::{Period, PlanError};
use crate::rows::{Column, Rows};

/// One person in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonRow {
    /// Person key.
    pub person: u64,
    /// Events in the period, at least 1.
    pub n_events: u64,
    /// Time of the first of them.
    pub first_us: i64,
    /// Time of the last of them.
    pub last_us: i64,
    /// Sum of the amounts, hundredths of the currency.
    pub amount: i128,
}

/// Summaries of people; merging joins the lists.
#[derive(Debug, Clone, Default)]
pub struct PeopleState {
    people: Vec<PersonRow>,
}

/// Order of a list of people; ties by person key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeopleOrder {
    /// Last event, newest first.
    LastSeen,
    /// Most events first.
    Events,
    /// Highest amount first.
    Amount,
}

/// Summarises each kept person with an event in the period. Needs person; sums amounts if the column
/// is there. O(rows).
pub fn fold(rows: Rows<'_>, period: Period) -> PeopleState {
    rows.check(&[Column::Person]);
    let mut people = Vec::new();
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        let mut summary: Option<PersonRow> = None;
        for row in own {
            let time_us = rows.time_us[row];
            if !period.contains(time_us) {
                continue;
            }
            let fresh = PersonRow { person, n_events: 0, first_us: time_us, last_us: time_us, amount: 0 };
            let own = summary.get_or_insert(fresh);
            own.n_events += 1;
            own.last_us = time_us;
            own.amount += i128::from(rows.amount_at(row).unwrap_or(0));
        }
        people.extend(summary);
    }
    PeopleState { people }
}

impl PeopleState {
    /// Joins the lists of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        self.people.append(&mut other.people);
        self
    }

    /// The number of people, and the first `limit` of them after `skip`, in order. O(people).
    pub fn finish(self, order: PeopleOrder, skip: usize, limit: usize) -> (u64, Vec<PersonRow>) {
        let mut people = self.people;
        let n_people = people.len() as u64;
        let rank = |row: &PersonRow| {
            let key = match order {
                PeopleOrder::LastSeen => i128::from(row.last_us),
                PeopleOrder::Events => i128::from(row.n_events),
                PeopleOrder::Amount => row.amount,
            };
            (std::cmp::Reverse(key), row.person)
        };
        let end = skip.saturating_add(limit).min(people.len());
        if end < people.len() {
            people.select_nth_unstable_by_key(end, rank);
            people.truncate(end);
        }
        people.sort_unstable_by_key(rank);
        people.drain(..skip.min(end));
        (n_people, people)
    }
}

/// A rule about one person's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// All hold; of none: true.
    All(Vec<Rule>),
    /// At least one holds; of none: false.
    Any(Vec<Rule>),
    /// Does not hold.
    Not(Box<Rule>),
    /// The number of rows with the bit at the time named lies in `at_least..=at_most`.
    Did {
        /// Mask bit.
        bit: u8,
        /// Fewest rows.
        at_least: u32,
        /// Most rows; `None` = any number.
        at_most: Option<u32>,
        /// When.
        when: When,
    },
    /// The last row that carries the trait satisfies the condition; false for people without such a row.
    LastTrait {
        /// Mask bit: the row carries the trait.
        row_bit: u8,
        /// Mask bit: the value it carries satisfies the condition.
        true_bit: u8,
    },
    /// Whether the person is among those found before: a place in the flags that [`matches`] is given.
    Found(usize),
}

/// The rows that count for [`Rule::Did`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Those in a period.
    In(Period),
    /// Those of so many last microseconds, closed.
    Last(i64),
}

/// Who satisfies a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matches {
    /// One flag per person of the rows; empty may stand for everybody.
    pub flags: Vec<bool>,
    /// How long that is so if no row comes: at any `as_of` less than this after the one of now the flags are the same. At
    /// least 1.
    pub holds_us: i64,
}

/// A valid rule, with its leaves numbered so that one pass over a person answers all of them.
#[derive(Debug, Clone)]
pub struct SegmentPlan {
    root: Node,
    as_of_us: i64,
    /// Bits any leaf looks at; other rows are passed over.
    wanted: u64,
    dids: Vec<(u64, Period, Rolls)>,
    traits: Vec<(u64, u64)>,
}

/// Whether a period moves with time.
type Rolls = bool;

/// A rule whose leaves name their place in the plan.
#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Did { leaf: usize, at_least: u32, at_most: Option<u32> },
    LastTrait { leaf: usize },
    Found(usize),
}

impl SegmentPlan {
    /// Checks a rule. Rows later than `as_of_us` are ignored.
    ///
    /// # Errors
    /// [`PlanError`] for a mask bit of 64 or more or a reversed period.
    pub fn new(rule: Rule, as_of_us: i64) -> Result<Self, PlanError> {
        let mut plan = Self { root: Node::All(vec![]), as_of_us, wanted: 0, dids: vec![], traits: vec![] };
        plan.root = plan.compile(rule)?;
        Ok(plan)
    }

    fn compile(&mut self, rule: Rule) -> Result<Node, PlanError> {
        Ok(match rule {
            Rule::All(rules) => Node::All(self.compile_all(rules)?),
            Rule::Any(rules) => Node::Any(self.compile_all(rules)?),
            Rule::Not(rule) => Node::Not(Box::new(self.compile(*rule)?)),
            Rule::Did { bit, at_least, at_most, when } => {
                let (period, rolls) = match when {
                    When::In(period) => (period, false),
                    When::Last(last_us) => {
                        let from_us = self.as_of_us.saturating_sub(last_us);
                        (Period { from_us, to_us: i64::MAX }, true)
                    }
                };
                period.check()?;
                let mask = self.want(bit)?;
                self.dids.push((mask, period, rolls));
                Node::Did { leaf: self.dids.len() - 1, at_least, at_most }
            }
            Rule::LastTrait { row_bit, true_bit } => {
                let row_mask = self.want(row_bit)?;
                self.traits.push((row_mask, mask_of(true_bit)?));
                Node::LastTrait { leaf: self.traits.len() - 1 }
            }
            Rule::Found(place) => Node::Found(place),
        })
    }

    fn compile_all(&mut self, rules: Vec<Rule>) -> Result<Vec<Node>, PlanError> {
        rules.into_iter().map(|rule| self.compile(rule)).collect()
    }

    fn want(&mut self, bit: u8) -> Result<u64, PlanError> {
        let mask = mask_of(bit)?;
        self.wanted |= mask;
        Ok(mask)
    }
}

fn mask_of(bit: u8) -> Result<u64, PlanError> {
    1u64.checked_shl(u32::from(bit)).ok_or(PlanError::UnknownBit { bit })
}

/// What one person's rows say about the leaves.
struct Evidence {
    counts: Vec<u32>,
    last_true: Vec<bool>,
}

/// Who satisfies a rule: one flag per person of the rows, kept or not (people not kept are `false`); ready to be
/// [`Rows::keep`] of another fold over the same persons. A person without rows did nothing, which may
/// well satisfy a rule. `found` has, for each [`Rule::Found`], one flag per person.
///
/// Needs mask. O(rows × leaves), no allocation per person.
///
/// # Panics
/// If a place of [`Rule::Found`] has no flags.
pub fn matches(rows: Rows<'_>, plan: &SegmentPlan, found: &[Vec<bool>]) -> Matches {
    rows.check(&[Column::Mask]);
    let mut flags = vec![false; rows.n_persons()];
    let mut holds_us = i64::MAX;
    let mut evidence =
        Evidence { counts: vec![0; plan.dids.len()], last_true: vec![false; plan.traits.len()] };
    for (who, own) in rows.all_persons() {
        evidence.counts.fill(0);
        evidence.last_true.fill(false);
        for row in own {
            let (mask, time_us) = (rows.mask[row], rows.time_us[row]);
            if time_us > plan.as_of_us {
                holds_us = holds_us.min(time_us.saturating_sub(plan.as_of_us));
                break;
            }
            if mask & plan.wanted == 0 {
                continue;
            }
            for (count, (bit, period, rolls)) in evidence.counts.iter_mut().zip(&plan.dids) {
                if mask & bit != 0 && period.contains(time_us) {
                    *count = count.saturating_add(1);
                    if *rolls {
                        holds_us = holds_us.min((time_us - period.from_us).saturating_add(1));
                    }
                }
            }
            for (last_true, (row_bit, true_bit)) in evidence.last_true.iter_mut().zip(&plan.traits) {
                if mask & row_bit != 0 {
                    *last_true = mask & true_bit != 0;
                }
            }
        }
        flags[who] = plan.root.holds(&evidence, &|place| found[place][who]);
    }
    Matches { flags, holds_us }
}

impl Node {
    fn holds(&self, evidence: &Evidence, found: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(evidence, found)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(evidence, found)),
            Self::Not(node) => !node.holds(evidence, found),
            Self::Did { leaf, at_least, at_most } => {
                let count = evidence.counts[*leaf];
                count >= *at_least && at_most.is_none_or(|most| count <= most)
            }
            Self::LastTrait { leaf } => evidence.last_true[*leaf],
            Self::Found(place) => found(*place),
        }
    }
}

#[cfg(test)]
mod tests;
