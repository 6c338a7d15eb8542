//! What the questions without a definition of their own share: rows with masks, nodes, and lists of people.

use super::answers::plan_problem;
use super::compile::{Compiler, RuleSet};
use super::matched::Matched;
use super::scope::view;
use super::selection::Listed;
use crate::EngineError;
use analysis::PlanError;
use analysis::paths::HIDDEN;
use model::ask::{Nodes, name_matches};
use model::event::IDENTIFY;
use model::rule::{EventRule, OneOrMany};
use model::time::{Grain, Period};
use std::collections::HashMap;
use store::Rows;

/// Lists the wanted people of one bucket, given one flag per person who is in the scope.
pub(super) type Selecting = Box<dyn Fn(&Rows, &[bool]) -> Vec<Listed> + Send + Sync>;

/// Masks of rules that may be absent.
pub(super) struct Masks {
    set: Option<RuleSet>,
    /// Rules that have a bit.
    bits: u64,
}

impl Masks {
    /// Bit `i` of a row is rule `i`; without any rule there are no masks.
    pub fn new(compiler: &mut Compiler<'_>, rules: &[Option<&EventRule>]) -> Self {
        if rules.iter().all(Option::is_none) {
            return Self { set: None, bits: 0 };
        }
        let any_of: Vec<&[EventRule]> =
            rules.iter().map(|rule| rule.map(std::slice::from_ref).unwrap_or_default()).collect();
        let has = |(at, rule): (usize, &Option<&EventRule>)| u64::from(rule.is_some()) << at;
        Self { bits: rules.iter().enumerate().map(has).sum(), set: Some(compiler.rules(&any_of)) }
    }

    /// As [`Masks::new`], an absent rule being anything a person may do. Who somebody is, is nothing they did.
    pub fn of_anything(compiler: &mut Compiler<'_>, rules: &[Option<&EventRule>]) -> Self {
        let names = compiler.snapshot.names().clone();
        if names.event_code(IDENTIFY).is_none() {
            return Self::new(compiler, rules);
        }
        let done = names.events().iter().filter(|name| *name != IDENTIFY).cloned();
        let anything =
            EventRule { event: OneOrMany::Many(done.collect()), channel: None, filters: Vec::new() };
        let rules: Vec<_> = rules.iter().map(|rule| Some(rule.unwrap_or(&anything))).collect();
        Self::new(compiler, &rules)
    }

    /// Those of a set.
    pub fn of(set: RuleSet) -> Self {
        Self { set: Some(set), bits: u64::MAX }
    }

    /// The mask bit of a rule; `None` of one that every row passes.
    pub fn bit(&self, rule: u8) -> Option<u64> {
        let bit = 1 << rule;
        (self.bits & bit != 0).then_some(bit)
    }

    /// One mask for every row of the bucket; empty without rules.
    pub fn all(&self, rows: &Rows) -> Vec<u64> {
        self.set.as_ref().map(|set| Matched::new(&[set], rows).masks_of_all(rows)).unwrap_or_default()
    }
}

/// All rows of a bucket with their masks, as the folds read them.
pub(super) fn every<'a>(rows: &'a Rows, masks: &'a [u64], keep: &'a [bool]) -> analysis::Rows<'a> {
    analysis::Rows { mask: masks, ..view(rows, keep) }
}

/// The numbers of all rows of a bucket.
pub(super) fn every_row(rows: &Rows) -> Vec<u32> {
    (0..rows.n_rows() as u32).collect()
}

/// As [`every`], with the node of each row as its code where nodes are split.
pub(super) fn every_node<'a>(
    rows: &'a Rows,
    masks: &'a [u64],
    codes: &'a [u16],
    keep: &'a [bool],
) -> analysis::Rows<'a> {
    let all = every(rows, masks, keep);
    if codes.is_empty() { all } else { analysis::Rows { event: codes, ..all } }
}

/// A plan or the problem with it.
pub(super) fn planned<T>(plan: Result<T, PlanError>) -> Result<T, EngineError> {
    plan.map_err(|error| plan_problem(&error.to_string()))
}

/// The days of a period and at least `n` more buckets.
pub(super) fn extended(days: Period, grain: Grain, n: usize) -> Period {
    let n_days = match grain {
        Grain::Day => 1,
        Grain::Week => 7,
        Grain::Month => 31,
    };
    let more = jiff::Span::new().days((n as i64 * n_days).min(150_000));
    Period { from: days.from, to: days.to.saturating_add(more) }
}

/// Nodes by event code, with their names.
#[derive(Debug, Clone)]
pub(super) struct NodeTable {
    /// Node of each event code.
    pub of_event: Vec<u16>,
    /// Rows bring their node as their code, since the event alone does not decide it.
    pub is_split: bool,
    names: Vec<String>,
    by_name: HashMap<String, u16>,
}

impl NodeTable {
    /// Groups first, then events in order of their codes.
    pub fn new(nodes: &Nodes, events: &[String]) -> Self {
        let mut table = Self {
            of_event: Vec::with_capacity(events.len()),
            is_split: false,
            names: Vec::new(),
            by_name: HashMap::new(),
        };
        let groups: Vec<u16> = nodes.groups.iter().map(|group| table.add(&group.name)).collect();
        for event in events {
            let matches = |pattern: &String| name_matches(pattern, event);
            let group = nodes.groups.iter().position(|group| group.event.as_slice().iter().any(matches));
            let node = match group {
                Some(group) => groups[group],
                // Who somebody is, is nothing they did; a group may name it all the same.
                None if event == IDENTIFY || nodes.hide.iter().any(matches) => HIDDEN,
                None => table.add(event),
            };
            table.of_event.push(node);
        }
        table
    }

    /// Names by node. With splits they follow from all of the data.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The node of an event code.
    pub fn node_of(&self, event: u16) -> u16 {
        self.of_event.get(usize::from(event)).copied().unwrap_or(HIDDEN)
    }

    /// The table for a plan: by event code, or by node where rows bring theirs (beyond it all is hidden).
    pub fn for_plan(&self) -> Vec<u16> {
        if self.is_split { (0..self.names.len() as u16).collect() } else { self.of_event.clone() }
    }

    /// The node of this name, a new one if there is none.
    pub fn add(&mut self, name: &str) -> u16 {
        self.code(name).unwrap_or_else(|| {
            let code = self.names.len() as u16;
            self.names.push(name.to_owned());
            self.by_name.insert(name.to_owned(), code);
            code
        })
    }

    /// The node an anchor shows as: that of its events if they have one in common, else one of its own.
    pub fn anchor(&mut self, rule: &EventRule, events: &[String]) -> u16 {
        let wanted = rule.event.as_slice();
        let mut nodes: Vec<u16> = (0..events.len())
            .filter(|code| wanted.contains(&events[*code]))
            .map(|code| self.of_event[code])
            .collect();
        nodes.dedup();
        match nodes.as_slice() {
            [only] if *only != HIDDEN => *only,
            _ => self.add(&wanted.join(" / ")),
        }
    }

    /// The code of a name.
    pub fn code(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// The codes of names that a question brings back.
    pub fn codes(&self, names: &[String]) -> Result<Vec<u16>, EngineError> {
        names.iter().map(|name| self.known(name)).collect()
    }

    /// The code of a name that must be there.
    pub fn known(&self, name: &str) -> Result<u16, EngineError> {
        self.code(name).ok_or_else(|| EngineError::NotFound { kind: "node", key: name.to_owned() })
    }

    /// The name of a node; `None` for what is merged.
    pub fn name(&self, code: u16) -> Option<String> {
        self.names.get(usize::from(code)).cloned()
    }

    /// The names of a path.
    pub fn path(&self, codes: &[u16]) -> Vec<String> {
        codes.iter().filter_map(|code| self.name(*code)).collect()
    }
}
