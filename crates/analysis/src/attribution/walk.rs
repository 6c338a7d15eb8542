//! From the rows of a person to the paths of its conversions.

use super::plan::{AttributionPlan, Container, Reuse};
use crate::rows::Rows;

/// A row is a conversion.
pub(super) const CONVERSION: u8 = 1;
/// A row is a touch.
pub(super) const TOUCH: u8 = 2;

/// Touches in time order, parallel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    pub labels: &'a [u16],
    pub times_us: &'a [i64],
}

/// Who takes the paths as they come.
pub(super) trait Sink {
    /// A counted conversion with the touches that led to it, perhaps none.
    fn conversion(&mut self, who: usize, row: usize, path: Path<'_>);
    /// Touches, at least one, that led nowhere.
    fn lost(&mut self, labels: &[u16]);
    /// All of the person was seen.
    fn person_done(&mut self, who: usize);
}

/// Touches of the container so far; buffers live over all persons.
#[derive(Default)]
struct Touches {
    /// As long as the person has rows; `len` are in use.
    labels: Vec<u16>,
    times_us: Vec<i64>,
    len: usize,
    /// First touch that may still earn.
    start: usize,
    /// First touch at or after the last conversion.
    tail: usize,
}

impl Touches {
    /// Room for a person or session of up to `n_rows`.
    fn clear(&mut self, n_rows: usize) {
        if self.labels.len() < n_rows {
            self.labels.resize(n_rows, 0);
            self.times_us.resize(n_rows, 0);
        }
        (self.len, self.start, self.tail) = (0, 0, 0);
    }

    /// Writes always, keeps it if it is a touch: what a row is, is a coin toss to the processor.
    #[inline]
    fn push(&mut self, label: u16, time_us: i64, is_touch: bool) {
        self.labels[self.len] = label;
        self.times_us[self.len] = time_us;
        self.len += usize::from(is_touch);
    }

    /// Cuts the path of a conversion at `time_us` and moves the starts on.
    #[inline]
    fn convert(&mut self, time_us: i64, plan: &AttributionPlan) -> std::ops::Range<usize> {
        let mut end = self.len;
        while end > self.start && self.times_us[end - 1] == time_us {
            end -= 1;
        }
        let oldest_us = time_us.saturating_sub(plan.rules.lookback_us);
        while self.start < end && self.times_us[self.start] < oldest_us {
            self.start += 1;
        }
        let path = self.start..end;
        self.tail = end;
        if plan.rules.reuse == Reuse::Fresh {
            self.start = end;
        }
        path
    }

    fn lost(&self, plan: &AttributionPlan, sink: &mut impl Sink) {
        let Some(&last_us) = self.times_us[..self.len].last() else { return };
        let oldest_us = last_us.saturating_sub(plan.rules.lookback_us).max(plan.rules.period.from_us);
        let old = self.times_us[self.tail..self.len].partition_point(|&time_us| time_us < oldest_us);
        let labels = &self.labels[self.tail + old..self.len];
        if !labels.is_empty() {
            sink.lost(labels);
        }
    }
}

/// Walks whole persons. `role` says what a row is, as bits. O(rows) and the lengths of the paths.
#[inline]
pub(super) fn walk(
    rows: &Rows<'_>,
    labels: &[u16],
    plan: &AttributionPlan,
    role: impl Fn(usize) -> u8,
    sink: &mut impl Sink,
) {
    assert_eq!(labels.len(), rows.n_rows(), "one label per row");
    let gap_us = match plan.rules.container {
        Container::Person => None,
        Container::Session { gap_us } => Some(gap_us),
    };
    let (period, wants_lost) = (plan.rules.period, plan.needs_paths());
    let mut touches = Touches::default();
    for (who, own) in rows.persons() {
        touches.clear(own.len());
        let mut last_us = i64::MAX;
        for row in own {
            let role = role(row);
            let time_us = rows.time_us[row];
            if time_us >= period.to_us {
                break;
            }
            if let Some(gap_us) = gap_us {
                if time_us > last_us.saturating_add(gap_us) {
                    if wants_lost {
                        touches.lost(plan, sink);
                    }
                    touches.clear(0);
                }
                last_us = time_us;
            }
            if role & CONVERSION != 0 {
                let path = touches.convert(time_us, plan);
                if time_us >= period.from_us {
                    let path =
                        Path { labels: &touches.labels[path.clone()], times_us: &touches.times_us[path] };
                    sink.conversion(who, row, path);
                }
            }
            touches.push(labels[row], time_us, role & TOUCH != 0);
        }
        if wants_lost {
            touches.lost(plan, sink);
        }
        sink.person_done(who);
    }
}

/// What a row is by its mask.
#[inline]
pub(super) fn role_of_mask(mask: u64, plan: &AttributionPlan) -> u8 {
    let (conversion, touch) = (mask & plan.rules.conversion != 0, mask & plan.rules.touch != 0);
    u8::from(conversion) * CONVERSION + u8::from(touch) * TOUCH
}
