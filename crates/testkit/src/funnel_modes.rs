//! Oracle of funnels with modes: plays every start by itself to the end, then chooses.

use std::cmp::Reverse;

use crate::timeline::Row;

/// Order of steps.
#[derive(Debug, Clone)]
pub enum Order {
    /// Others in between do not matter.
    Ordered,
    /// Nothing in between: universe bit, repeats.
    Strict(Option<usize>, bool),
    /// As they come; which are pinned.
    AnyOrder(Vec<bool>),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// People.
    Person,
    /// Sessions by gap.
    Session(i64),
    /// Attempts.
    Attempt,
}

/// The rules; step `i` is mask bit `i`.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Steps.
    pub n_steps: usize,
    /// Closed window.
    pub window_us: i64,
    /// Period of starts.
    pub from_us: i64,
    /// Its end.
    pub to_us: i64,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
    /// Order.
    pub order: Order,
    /// Which steps may be passed by.
    pub optional: Vec<bool>,
    /// Bit, from, to, whether it removes.
    pub exclusions: Vec<(usize, usize, usize, bool)>,
    /// Only the first start.
    pub first_entry: bool,
    /// What is counted.
    pub unit: Unit,
    /// Whether the channel (0 = none) must be equal.
    pub hold: bool,
}

/// An attempt played to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `(place, row)`.
    pub rows: Vec<(usize, usize)>,
    /// An exclusion that removes fell into it.
    pub tainted: bool,
    /// The row that ended it.
    over_at: Option<usize>,
}

impl Attempt {
    /// Furthest place.
    pub fn level(&self) -> usize {
        self.rows[self.rows.len() - 1].0
    }

    fn last_row(&self) -> usize {
        self.rows[self.rows.len() - 1].1
    }

    fn start_row(&self) -> usize {
        self.rows[0].1
    }
}

impl Plan {
    fn exists(&self, row: &Row) -> bool {
        row.time_us <= self.as_of_us
            && match &self.order {
                Order::Strict(Some(bit), _) => row.has(*bit),
                _ => true,
            }
    }

    fn may_stand(pinned: &[bool], step: usize, place: usize) -> bool {
        let between = step.min(place)..=step.max(place);
        step == place || !between.into_iter().any(|at| pinned[at])
    }

    fn starts(&self, row: &Row) -> Option<usize> {
        let fits = |step: &usize| match &self.order {
            Order::AnyOrder(pinned) => Self::may_stand(pinned, *step, 0),
            _ => *step == 0,
        };
        let inside = (self.from_us..self.to_us).contains(&row.time_us) && self.exists(row);
        let step = (0..self.n_steps).filter(fits).find(|&step| row.has(step));
        step.filter(|_| inside && (!self.hold || row.channel != 0))
    }

    /// The step and place a row takes an attempt to.
    fn next(&self, row: &Row, level: usize, done: &[usize]) -> Option<(usize, usize)> {
        if level + 1 == self.n_steps {
            return None;
        }
        match &self.order {
            Order::AnyOrder(pinned) => {
                let fits = |step: &usize| Self::may_stand(pinned, *step, level + 1) && !done.contains(step);
                let step = (0..self.n_steps).filter(fits).find(|&step| row.has(step))?;
                Some((step, level + 1))
            }
            _ => {
                let passable = |step: usize| (level + 1..step).all(|between| self.optional[between]);
                let steps = (level + 1..self.n_steps).filter(|&step| row.has(step) && passable(step));
                steps.max().map(|step| (step, step))
            }
        }
    }

    /// Plays the start at `start`; `ends`: whether every exclusion ends.
    fn play(&self, own: &[Row], start: usize, ends: bool) -> Option<Attempt> {
        let mut done = vec![self.starts(&own[start])?];
        let mut attempt = Attempt { rows: vec![(0, start)], tainted: false, over_at: None };
        for (at, row) in own.iter().enumerate().skip(start + 1).filter(|(_, row)| self.exists(row)) {
            let level = attempt.level();
            if level + 1 == self.n_steps {
                break;
            }
            if row.time_us - own[start].time_us > self.window_us {
                attempt.over_at = Some(at);
                break;
            }
            let same = !self.hold || row.channel == own[start].channel;
            let any_order = matches!(self.order, Order::AnyOrder(_));
            let hits = self.exclusions.iter().filter(|(bit, from, to, _)| {
                same && row.has(*bit) && (any_order || (*from..*to).contains(&level))
            });
            for (.., removes) in hits {
                if attempt.over_at.is_none() {
                    attempt.tainted |= *removes && !ends;
                    if !*removes || ends || self.unit == Unit::Attempt {
                        attempt.over_at = Some(at);
                    }
                }
            }
            if attempt.over_at.is_some() {
                break;
            }
            match self.next(row, level, &done) {
                Some((step, place)) if same => {
                    done.push(step);
                    attempt.rows.push((place, at));
                }
                _ => {
                    if let Order::Strict(_, repeats) = self.order
                        && !(same && repeats && row.has(level))
                    {
                        attempt.over_at = Some(at);
                        break;
                    }
                }
            }
        }
        Some(attempt)
    }

    fn best(&self, own: &[Row], ends: bool, latest: bool) -> Option<Attempt> {
        let mut played: Vec<Attempt> =
            (0..own.len()).filter_map(|start| self.play(own, start, ends)).collect();
        if self.first_entry {
            played.truncate(1);
        }
        played.into_iter().min_by_key(|attempt| {
            let last = if latest { 0 } else { attempt.last_row() };
            (Reverse(attempt.level()), last, Reverse(attempt.start_row()))
        })
    }

    fn of_unit(&self, own: &[Row]) -> Option<Attempt> {
        if !self.exclusions.iter().any(|exclusion| exclusion.3) {
            return self.best(own, true, false);
        }
        let clean = self.best(own, true, false).filter(|attempt| attempt.level() + 1 == self.n_steps);
        clean.or_else(|| self.best(own, false, true).filter(|attempt| !attempt.tainted))
    }

    fn by_value(&self, own: &[Row], offset: usize) -> Option<Attempt> {
        let strict = matches!(self.order, Order::Strict(..));
        let shifted = |mut attempt: Attempt, rows: &[usize]| {
            attempt.rows.iter_mut().for_each(|(_, row)| *row = offset + rows[*row]);
            attempt
        };
        if !self.hold || strict || self.first_entry {
            let all: Vec<usize> = (0..own.len()).collect();
            return self.of_unit(own).map(|attempt| shifted(attempt, &all));
        }
        let values = (1..=own.iter().map(|row| row.channel).max().unwrap_or(0)).filter_map(|value| {
            let rows: Vec<usize> = (0..own.len()).filter(|&at| own[at].channel == value).collect();
            let held: Vec<Row> = rows.iter().map(|&at| own[at].clone()).collect();
            self.of_unit(&held).map(|attempt| shifted(attempt, &rows))
        });
        values.min_by_key(|attempt| {
            (Reverse(attempt.level()), attempt.last_row(), Reverse(attempt.start_row()))
        })
    }
}

/// The attempts of a person that count, by start.
pub fn attempts(plan: &Plan, own: &[Row]) -> Vec<Attempt> {
    match plan.unit {
        Unit::Person => plan.by_value(own, 0).into_iter().collect(),
        Unit::Session(gap_us) => {
            let cuts = (1..own.len()).filter(|&i| own[i].time_us - own[i - 1].time_us > gap_us);
            let edges: Vec<usize> = [0].into_iter().chain(cuts).chain([own.len()]).collect();
            edges.windows(2).filter_map(|edge| plan.by_value(&own[edge[0]..edge[1]], edge[0])).collect()
        }
        Unit::Attempt => {
            let mut attempts = Vec::new();
            let mut from = 0;
            while let Some(attempt) = (from..own.len()).find_map(|start| plan.play(own, start, false)) {
                let converted = attempt.level() + 1 == plan.n_steps;
                from = if converted { attempt.last_row() + 1 } else { attempt.over_at.unwrap_or(own.len()) };
                attempts.push(attempt);
            }
            attempts.retain(|attempt| !attempt.tainted);
            attempts
        }
    }
}
