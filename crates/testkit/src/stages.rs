//! Oracle of the stage flow: trips cut by scanning, numbers read off by quantifiers.

use crate::timeline::Row;

/// One touchpoint; touchpoint `i` is mask bit `i`.
#[derive(Debug, Clone)]
pub struct Touchpoint {
    /// Stage.
    pub stage: usize,
    /// Whether it enters it.
    pub enters: bool,
    /// Needs an earlier entering row of this stage or a later one.
    pub after: Option<usize>,
    /// At most that long ago.
    pub within_us: Option<i64>,
}

/// The rules of a journey.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Touchpoints.
    pub touchpoints: Vec<Touchpoint>,
    /// Silence of each stage.
    pub silences_us: Vec<Option<i64>>,
    /// Start in any stage, or only in the first.
    pub any_start: bool,
    /// Closed window from the start.
    pub window_us: i64,
    /// Longest gap.
    pub timeout_us: Option<i64>,
    /// Exit bit.
    pub exit_bit: usize,
    /// Conversion stage.
    pub conversion: usize,
    /// Start of the period.
    pub from_us: i64,
    /// End of the period, exclusive.
    pub to_us: i64,
    /// Now.
    pub as_of_us: i64,
}

/// One entry into a stage.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Stage.
    pub stage: usize,
    /// When.
    pub time_us: i64,
    /// Row of the touch; `None` = by silence.
    pub row: Option<usize>,
}

/// One touch.
#[derive(Debug, Clone)]
pub struct Touch {
    /// Index within the person's rows.
    pub row: usize,
    /// When.
    pub time_us: i64,
    /// Its one stage.
    pub stage: usize,
    /// Whether it enters the stage.
    pub enters: bool,
    /// Touchpoints matched.
    pub touchpoints: Vec<usize>,
}

/// The counted trip of one person.
#[derive(Debug, Clone)]
pub struct Trip {
    /// Person key.
    pub person: u64,
    /// Start.
    pub start_us: i64,
    /// Entries in order.
    pub entries: Vec<Entry>,
    /// Touches in order.
    pub touches: Vec<Touch>,
    /// Still open now.
    pub is_open: bool,
    /// Stage and score of each score given.
    pub scores: Vec<(usize, i32)>,
}

/// A trip before it is judged: its touches, its exit row, and where the search goes on.
struct Cut {
    touches: Vec<Touch>,
    exit: Option<usize>,
    /// First row that does not belong to the trip.
    end: usize,
}

/// The counted trip of a person, if any.
pub fn trip(plan: &Plan, own: &[Row]) -> Option<Trip> {
    let n_known = own.iter().filter(|row| row.time_us <= plan.as_of_us).count();
    let known = &own[..n_known];
    let mut from = 0;
    while let Some(start) = (from..n_known).find(|&i| can_start(plan, &known[i])) {
        let cut = cut(plan, known, start);
        if (plan.from_us..plan.to_us).contains(&known[start].time_us) {
            return Some(judge(plan, known, &cut));
        }
        from = cut.end;
    }
    None
}

fn can_start(plan: &Plan, row: &Row) -> bool {
    let starts = |t: &Touchpoint| t.enters && t.after.is_none() && (plan.any_start || t.stage == 0);
    !row.has(plan.exit_bit) && plan.touchpoints.iter().enumerate().any(|(i, t)| row.has(i) && starts(t))
}

fn touch(plan: &Plan, rows: &[Row], earlier: &[Touch], row: usize) -> Option<Touch> {
    let now_us = rows[row].time_us;
    let holds = |t: &Touchpoint| {
        let Some(after) = t.after else { return true };
        let last = earlier.iter().rfind(|touch| touch.enters && touch.stage >= after);
        last.is_some_and(|last| t.within_us.is_none_or(|within| now_us - last.time_us <= within))
    };
    let matched: Vec<usize> =
        (0..plan.touchpoints.len()).filter(|&i| rows[row].has(i) && holds(&plan.touchpoints[i])).collect();
    let stages = |enters: bool| {
        let of_kind = matched.iter().filter(move |&&i| plan.touchpoints[i].enters == enters);
        of_kind.map(|&i| plan.touchpoints[i].stage).max()
    };
    let (stage, enters) = match (stages(true), stages(false)) {
        (Some(stage), _) => (stage, true),
        (None, Some(stage)) => (stage, false),
        (None, None) => return None,
    };
    Some(Touch { row, time_us: now_us, stage, enters, touchpoints: matched })
}

fn cut(plan: &Plan, rows: &[Row], start: usize) -> Cut {
    let mut touches: Vec<Touch> = touch(plan, rows, &[], start).into_iter().collect();
    for row in start + 1..rows.len() {
        let since_start_us = rows[row].time_us - rows[start].time_us;
        let gap_us = rows[row].time_us - touches[touches.len() - 1].time_us;
        if since_start_us > plan.window_us || plan.timeout_us.is_some_and(|timeout| gap_us > timeout) {
            return Cut { touches, exit: None, end: row };
        }
        if rows[row].has(plan.exit_bit) {
            return Cut { touches, exit: Some(row), end: row + 1 };
        }
        touches.extend(touch(plan, rows, &touches, row));
    }
    Cut { touches, exit: None, end: rows.len() }
}

fn judge(plan: &Plan, rows: &[Row], cut: &Cut) -> Trip {
    let first = &cut.touches[0];
    let last_us = cut.touches[cut.touches.len() - 1].time_us;
    let horizon_us = cut.exit.map_or(plan.as_of_us, |row| rows[row].time_us);
    let window_end_us = first.time_us + plan.window_us;
    let mut entries = Vec::new();
    for (i, touch) in cut.touches.iter().enumerate() {
        if touch.enters {
            entries.push(Entry { stage: touch.stage, time_us: touch.time_us, row: Some(touch.row) });
        }
        let next_us = cut.touches.get(i + 1).map_or(horizon_us, |next| next.time_us);
        let mut due: Vec<(i64, usize)> = (0..plan.silences_us.len())
            .filter_map(|stage| Some((touch.time_us + plan.silences_us[stage]?, stage)))
            .filter(|&(due_us, _)| due_us < next_us && due_us <= window_end_us)
            .filter(|&(due_us, _)| plan.timeout_us.is_none_or(|timeout| due_us <= touch.time_us + timeout))
            .collect();
        due.sort_unstable();
        entries.extend(due.into_iter().map(|(time_us, stage)| Entry { stage, time_us, row: None }));
    }
    let timed_out = plan.timeout_us.is_some_and(|timeout| plan.as_of_us - last_us > timeout);
    let is_open = cut.exit.is_none() && plan.as_of_us <= window_end_us && !timed_out;
    let scores = scores(rows, cut, &entries);
    let person = rows[0].person;
    Trip { person, start_us: first.time_us, entries, touches: cut.touches.clone(), is_open, scores }
}

fn scores(rows: &[Row], cut: &Cut, entries: &[Entry]) -> Vec<(usize, i32)> {
    let mut scores = Vec::new();
    for (i, row) in rows.iter().enumerate().take(cut.end).skip(cut.touches[0].row) {
        let Some(score) = row.score else { continue };
        let by_touch = cut.touches.iter().find(|touch| touch.row == i).map(|touch| touch.stage);
        let before = |entry: &&Entry| match entry.row {
            Some(entered) => entered < i,
            None => entry.time_us < row.time_us,
        };
        let current = entries.iter().rfind(before).map(|entry| entry.stage);
        scores.push((by_touch.or(current).expect("the first touch enters"), score));
    }
    scores
}

impl Trip {
    fn first(&self, k: usize) -> Option<usize> {
        self.entries.iter().position(|entry| entry.stage == k)
    }

    fn later(&self, k: usize, by_touch: bool) -> Option<&Entry> {
        let counts = |entry: &&Entry| entry.stage > k && (entry.row.is_some() || !by_touch);
        self.entries[self.first(k)?..].iter().find(counts)
    }

    /// First entry time of a stage.
    pub fn entered(&self, k: usize) -> Option<i64> {
        self.first(k).map(|i| self.entries[i].time_us)
    }

    /// Stage of the last entry.
    pub fn position(&self) -> usize {
        self.entries[self.entries.len() - 1].stage
    }

    /// Stands in the stage.
    pub fn here(&self, k: usize) -> bool {
        self.position() == k && self.is_open
    }

    /// Ended in the stage.
    pub fn ended(&self, k: usize) -> bool {
        self.position() == k && !self.is_open
    }

    /// Moved on from the stage to stand or end elsewhere.
    pub fn moved_on(&self, k: usize) -> bool {
        self.position() != k && self.later(k, false).is_some()
    }

    /// Was in the stage, is in an earlier one, was never later.
    pub fn back(&self, k: usize) -> bool {
        self.first(k).is_some() && self.position() < k && self.later(k, false).is_none()
    }

    /// Entered a later stage by a touch: how long it took.
    pub fn went_further(&self, k: usize) -> Option<i64> {
        Some(self.later(k, true)?.time_us - self.entered(k)?)
    }

    /// How long until any later stage was entered.
    pub fn time_in_stage(&self, k: usize) -> Option<i64> {
        Some(self.later(k, false)?.time_us - self.entered(k)?)
    }

    /// Moved on by silence alone.
    pub fn fell_silent(&self, k: usize) -> bool {
        self.moved_on(k) && self.later(k, true).is_none()
    }

    /// Entry that skipped the stage.
    pub fn skipped(&self, plan: &Plan, k: usize) -> Option<i64> {
        let skips = |i: &usize| {
            let entry = &self.entries[*i];
            let been = self.entries[..*i].iter().any(|earlier| earlier.stage == k);
            entry.row.is_some() && entry.stage > k && !been
        };
        let i = (0..self.entries.len()).find(skips).filter(|_| plan.silences_us[k].is_none())?;
        Some(self.entries[i].time_us)
    }

    /// Entered an earlier stage later.
    pub fn went_back(&self, k: usize) -> bool {
        self.first(k).is_some_and(|i| self.entries[i..].iter().any(|entry| entry.stage < k))
    }

    /// First consecutive entries from one stage to another.
    pub fn transition(&self, from: usize, to: usize) -> Option<i64> {
        let mut hops = self.entries.windows(2);
        let hop = hops.find(|hop| hop[0].stage == from && hop[1].stage == to);
        hop.filter(|_| from != to).map(|hop| hop[1].time_us)
    }

    /// Amounts from the touch on that went further.
    pub fn amount_after(&self, k: usize, own: &[Row]) -> i64 {
        let Some(row) = self.later(k, true).and_then(|entry| entry.row) else { return 0 };
        let after = self.touches.iter().filter(|touch| touch.row >= row);
        after.filter_map(|touch| own[touch.row].amount).sum()
    }

    /// Neither converted nor over, and the window is not used up.
    pub fn is_censored(&self, plan: &Plan) -> bool {
        let may_convert = self.is_open && self.start_us + plan.window_us > plan.as_of_us;
        self.entered(plan.conversion).is_none() && may_convert
    }
}
