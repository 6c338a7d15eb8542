//! The rows of a bucket that some rule may match, and which do: folds then look at these alone.
//!
//! A rule that needs nothing but the event's name is decided by a table. Filters are looked at only for rows whose
//! event asks for them, and texts once per distinct text.

use super::compile::RuleSet;
use analysis::pick::{self, Wanted};
use store::Rows;

/// Rows that some rule may match, in order; a row may match none. Columns have one entry per matched row.
pub(crate) struct Matched {
    /// First matched row of each person of the bucket, and the number of them at the end.
    pub starts: Vec<usize>,
    /// Row in the bucket.
    pub rows: Vec<u32>,
    /// Per set of rules: the bits of the rules that match.
    pub masks: Vec<Vec<u64>>,
    channel: Vec<u16>,
    time_us: Vec<i64>,
}

impl Matched {
    /// Looks for the rules of `sets`. Costs about a nanosecond a row, and a few for each row that matches.
    pub fn new(sets: &[&RuleSet], rows: &Rows) -> Self {
        let (found, starts) = pick::find(&wanted(sets), &rows.event, &rows.person_starts);
        Self {
            starts,
            masks: sets.iter().map(|set| set.masks_at(rows, &found)).collect(),
            time_us: pick::times(&rows.time_us, &found),
            channel: pick::codes(&rows.channel, &found),
            rows: found,
        }
    }

    /// The masks of the first set for every row of the bucket.
    pub fn masks_of_all(&self, rows: &Rows) -> Vec<u64> {
        let mut masks = vec![0; rows.n_rows()];
        for (row, mask) in self.rows.iter().zip(&self.masks[0]) {
            masks[*row as usize] = *mask;
        }
        masks
    }

    /// Event codes of the matched rows.
    pub fn events(&self, rows: &Rows) -> Vec<u16> {
        pick::codes(&rows.event, &self.rows)
    }

    /// As the folds read them, with the masks of one set. `rows` are those of the bucket.
    pub fn view<'a>(&'a self, rows: &'a Rows, set: usize, keep: &'a [bool]) -> analysis::Rows<'a> {
        let (present, ranks, values) = rows.amount.parts();
        analysis::Rows {
            person_starts: &self.starts,
            persons: &rows.person_keys,
            time_us: &self.time_us,
            mask: &self.masks[set],
            event: &[],
            channel: &self.channel,
            amount: if rows.amount.is_empty() {
                analysis::Amounts::Absent
            } else {
                // Few matched rows are asked for theirs.
                analysis::Amounts::Picked { rows: &self.rows, present, ranks, values }
            },
            keep,
        }
    }
}

fn wanted(sets: &[&RuleSet]) -> Box<Wanted> {
    let mut wanted = Box::new([false; 1 << 16]);
    for set in sets {
        wanted
            .iter_mut()
            .take(set.n_events())
            .enumerate()
            .for_each(|(event, flag)| *flag |= set.wants(event));
    }
    wanted
}
