//! Conditions of a query that spare reading: people, event names, times, journeys.
//!
//! Pruning only ever leaves out rows that a condition refuses; DataFusion still applies every condition itself, so a
//! condition that is not understood here costs time, never truth.

use super::arrays::Picked;
use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use model::event::person_from_text;
use std::collections::BTreeSet;
use store::{Rows, Snapshot};

/// Which columns of a table conditions are understood on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Prunable {
    /// Person keys as text.
    pub person: Option<&'static str>,
    /// Event names.
    pub event: Option<&'static str>,
    /// Times of events.
    pub time: Option<&'static str>,
    /// Keys of documents.
    pub key: Option<&'static str>,
}

/// One condition that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    People(BTreeSet<u64>),
    Events(BTreeSet<String>),
    Keys(BTreeSet<String>),
    /// First and last instant that pass, both included.
    Time(i64, i64),
}

/// What a scan may leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prune {
    people: Option<BTreeSet<u64>>,
    events: Option<BTreeSet<String>>,
    keys: Option<BTreeSet<String>>,
    /// First instant wanted.
    from_us: i64,
    /// Last instant wanted.
    to_us: i64,
}

impl Prune {
    /// All conditions that are understood, together.
    pub fn new(filters: &[Expr], columns: Prunable) -> Self {
        let mut prune = Self { people: None, events: None, keys: None, from_us: i64::MIN, to_us: i64::MAX };
        for condition in filters.iter().filter_map(|filter| understand(filter, columns)) {
            match condition {
                Condition::People(people) => narrow(&mut prune.people, people),
                Condition::Events(events) => narrow(&mut prune.events, events),
                Condition::Keys(keys) => narrow(&mut prune.keys, keys),
                Condition::Time(from_us, to_us) => {
                    prune.from_us = prune.from_us.max(from_us);
                    prune.to_us = prune.to_us.min(to_us);
                }
            }
        }
        prune
    }

    /// Whether a condition is of use.
    pub fn understands(filter: &Expr, columns: Prunable) -> bool {
        understand(filter, columns).is_some()
    }

    /// Buckets that may hold wanted people.
    pub fn buckets(&self, snapshot: &Snapshot) -> Vec<usize> {
        match &self.people {
            None => (0..snapshot.n_buckets()).collect(),
            Some(people) => {
                let buckets: BTreeSet<usize> =
                    people.iter().map(|person| snapshot.bucket_of(*person)).collect();
                buckets.into_iter().collect()
            }
        }
    }

    /// Whether a document is wanted.
    pub fn wants_key(&self, key: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.contains(key))
    }

    /// Whether every row of a bucket is wanted.
    pub fn wants_all_rows(&self) -> bool {
        self.people.is_none() && self.events.is_none() && (self.from_us, self.to_us) == (i64::MIN, i64::MAX)
    }

    /// Whether a person is wanted.
    pub fn wants_person(&self, person: u64) -> bool {
        self.people.as_ref().is_none_or(|people| people.contains(&person))
    }

    /// The wanted rows of a bucket.
    pub fn pick(&self, snapshot: &Snapshot, rows: &Rows) -> Picked {
        if self.wants_all_rows() {
            return Picked::All(rows.n_rows());
        }
        let events = self.events.as_ref().map(|names| {
            let wanted = |name: &String| names.contains(name);
            snapshot.names().events().iter().map(wanted).collect::<Vec<bool>>()
        });
        let mut picked = Vec::new();
        for (&person, own) in rows.person_keys.iter().zip(rows.persons()) {
            if own.is_empty() || !self.wants_person(person) {
                continue;
            }
            // A person's rows are in the order of time.
            let times_us = &rows.time_us[own.clone()];
            let start = own.start + times_us.partition_point(|time_us| *time_us < self.from_us);
            let end = own.start + times_us.partition_point(|time_us| *time_us <= self.to_us);
            let named =
                |row: &usize| events.as_ref().is_none_or(|wanted| wanted[usize::from(rows.event[*row])]);
            picked.extend((start..end).filter(named).map(|row| row as u32));
        }
        Picked::Some(picked)
    }
}

fn narrow<T: Ord + Clone>(set: &mut Option<BTreeSet<T>>, by: BTreeSet<T>) {
    *set = Some(match set.take() {
        None => by,
        Some(own) => own.intersection(&by).cloned().collect(),
    });
}

fn understand(filter: &Expr, columns: Prunable) -> Option<Condition> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            either(understand(left, columns)?, understand(right, columns)?)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (&**left, &**right) {
            (Expr::Column(column), Expr::Literal(value, _)) => compare(column, *op, value, columns),
            (Expr::Literal(value, _), Expr::Column(column)) => compare(column, op.swap()?, value, columns),
            _ => None,
        },
        Expr::InList(list) if !list.negated => {
            let Expr::Column(column) = &*list.expr else { return None };
            let text = |item: &Expr| match item {
                Expr::Literal(value, _) => text_of(value),
                _ => None,
            };
            named(column, list.list.iter().map(text).collect::<Option<_>>()?, columns)
        }
        _ => None,
    }
}

/// A short `IN` reaches us as `a = 1 OR a = 2`.
fn either(one: Condition, other: Condition) -> Option<Condition> {
    Some(match (one, other) {
        (Condition::People(one), Condition::People(other)) => Condition::People(&one | &other),
        (Condition::Events(one), Condition::Events(other)) => Condition::Events(&one | &other),
        (Condition::Keys(one), Condition::Keys(other)) => Condition::Keys(&one | &other),
        _ => return None,
    })
}

fn compare(column: &Column, op: Operator, value: &ScalarValue, columns: Prunable) -> Option<Condition> {
    if op == Operator::Eq
        && let Some(text) = text_of(value)
    {
        return named(column, BTreeSet::from([text]), columns);
    }
    let ScalarValue::TimestampMicrosecond(Some(us), _) = *value else { return None };
    if columns.time != Some(column.name()) {
        return None;
    }
    let (all_from, all_to) = (i64::MIN, i64::MAX);
    Some(match op {
        Operator::Eq => Condition::Time(us, us),
        Operator::GtEq => Condition::Time(us, all_to),
        Operator::Gt => Condition::Time(us.saturating_add(1), all_to),
        Operator::LtEq => Condition::Time(all_from, us),
        Operator::Lt => Condition::Time(all_from, us.saturating_sub(1)),
        _ => return None,
    })
}

fn named(column: &Column, texts: BTreeSet<String>, columns: Prunable) -> Option<Condition> {
    let name = Some(column.name());
    if name == columns.person {
        // What is no person key equals none.
        Some(Condition::People(texts.iter().filter_map(|text| person_from_text(text)).collect()))
    } else if name == columns.event {
        Some(Condition::Events(texts))
    } else if name == columns.key {
        Some(Condition::Keys(texts))
    } else {
        None
    }
}

fn text_of(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::LargeUtf8(Some(text))
        | ScalarValue::Utf8View(Some(text)) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::prelude::{col, lit};

    const COLUMNS: Prunable =
        Prunable { person: Some("person"), event: Some("event"), time: Some("time"), key: Some("journey") };

    fn at(us: i64) -> Expr {
        Expr::Literal(ScalarValue::TimestampMicrosecond(Some(us), Some("UTC".into())), None)
    }

    #[test]
    fn times_keep_their_boundaries() {
        let range = |filters: &[Expr]| {
            let prune = Prune::new(filters, COLUMNS);
            (prune.from_us, prune.to_us)
        };
        assert_eq!(range(&[col("time").gt_eq(at(5)), col("time").lt(at(9))]), (5, 8));
        assert_eq!(range(&[col("time").gt(at(5)), col("time").lt_eq(at(9))]), (6, 9));
        assert_eq!(range(&[at(5).lt_eq(col("time")), at(9).gt(col("time"))]), (5, 8));
        assert_eq!(range(&[col("time").eq(at(7))]), (7, 7));
        assert_eq!(range(&[col("time").not_eq(at(7))]), (i64::MIN, i64::MAX));
        assert_eq!(range(&[col("entered_at").gt(at(7))]), (i64::MIN, i64::MAX));
    }

    #[test]
    fn names_are_collected() {
        let events = |filter: Expr| {
            Prune::new(&[filter], COLUMNS).events.map(|names| names.into_iter().collect::<Vec<_>>())
        };
        let both = Some(vec!["cart".to_owned(), "visit".to_owned()]);
        assert_eq!(events(col("event").eq(lit("visit")).or(col("event").eq(lit("cart")))), both);
        assert_eq!(events(col("event").in_list(vec![lit("visit"), lit("cart")], false)), both);
        assert_eq!(events(lit("visit").eq(col("event"))), Some(vec!["visit".to_owned()]));
        for other in [
            col("event").in_list(vec![lit("visit")], true),
            col("event").eq(lit("visit")).or(col("channel").eq(lit("web"))),
            col("event").eq(lit("visit")).or(col("person").eq(lit("0000000000000001"))),
            col("event").not_eq(lit("visit")),
            col("event").like(lit("vis%")),
        ] {
            assert_eq!(events(other.clone()), None, "{other}");
        }
        let two = [col("event").eq(lit("visit")), col("event").eq(lit("cart"))];
        assert_eq!(Prune::new(&two, COLUMNS).events, Some(BTreeSet::new())); // No event has two names.
    }
}
