//! The people behind a label's credit.

use super::credit::Splitter;
use super::plan::AttributionPlan;
use super::walk::{Path, Sink, role_of_mask, walk};
use crate::rows::{Column, Rows};

/// Whom to select: the people of one row of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Selector {
    /// 0-based model of the plan; of one that is not there nobody is selected.
    pub model: usize,
    /// The label; `None` = people with a conversion that has no path.
    pub label: Option<u16>,
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// First conversion with credit for the label.
    pub first_us: i64,
    /// Last one.
    pub last_us: i64,
    /// How many.
    pub conversions: u64,
}

struct Finder<'a> {
    rows: Rows<'a>,
    plan: &'a AttributionPlan,
    selector: Selector,
    splitter: Splitter,
    current: Option<Selected>,
    selected: Vec<Selected>,
}

/// The people of a row, in row order; as many as [`super::fold`] counts. Needs person and mask; labels as there.
pub fn select(rows: Rows<'_>, labels: &[u16], plan: &AttributionPlan, selector: Selector) -> Vec<Selected> {
    rows.check(&[Column::Person, Column::Mask]);
    let (splitter, selected) = (Splitter::default(), Vec::new());
    let mut finder = Finder { rows, plan, selector, splitter, current: None, selected };
    walk(&rows, labels, plan, |row| role_of_mask(rows.mask[row], plan), &mut finder);
    finder.selected
}

impl Sink for Finder<'_> {
    fn conversion(&mut self, who: usize, row: usize, path: Path<'_>) {
        let Some(&model) = self.plan.models().get(self.selector.model) else { return };
        let time_us = self.rows.time_us[row];
        let earned = match self.selector.label {
            None => path.labels.is_empty(),
            Some(_) if path.labels.is_empty() => false,
            Some(label) => {
                self.splitter.split(self.plan, model, path, time_us);
                let mut credits = self.splitter.credits.iter();
                credits.any(|&(own, units)| own == label && (units > 0 || model.is_data_driven()))
            }
        };
        if earned {
            let person = self.rows.persons[who];
            let fresh = Selected { person, first_us: time_us, last_us: time_us, conversions: 0 };
            let own = self.current.get_or_insert(fresh);
            own.last_us = time_us;
            own.conversions += 1;
        }
    }

    fn lost(&mut self, _: &[u16]) {}

    fn person_done(&mut self, _: usize) {
        self.selected.extend(self.current.take());
    }
}
