//! The rows of a bucket that some rule may match, and which do: folds then look at these alone.
//!
//! A rule that needs nothing but the event's name is decided by a table. Filters are looked at only for rows whose
//! event asks for them, and texts once per distinct text.

use super::compile::RuleSet;
use store::Rows;

/// Amount of a row without one, as [`analysis::Amounts::Dense`] has it.
use analysis::NO_AMOUNT;

/// Rows that some rule may match, in order; a row may match none. Columns have one entry per matched row.
pub(crate) struct Matched {
    /// First matched row of each person of the bucket, and the number of them at the end.
    pub starts: Vec<usize>,
    /// Row in the bucket.
    pub rows: Vec<u32>,
    /// Per set of rules: the bits of the rules that match.
    pub masks: Vec<Vec<u64>>,
    time_us: Vec<i64>,
    channel: Vec<u16>,
    amount: Vec<i64>,
}

impl Matched {
    /// Looks for the rules of `sets`. Costs about a nanosecond a row, and a few for each row that matches.
    pub fn new(sets: &[&RuleSet], rows: &Rows) -> Self {
        let found = find(&wanted(sets), &rows.event);
        let starts = starts(&found, &rows.person_starts);
        let pick = |from: &[u16]| match from {
            [] => Vec::new(),
            from => found.iter().map(|&row| from[row as usize]).collect(),
        };
        let amount = if rows.amount.is_empty() {
            Vec::new()
        } else {
            found.iter().map(|&row| rows.amount.get(row as usize).unwrap_or(NO_AMOUNT)).collect()
        };
        Self {
            starts,
            masks: sets.iter().map(|set| set.masks_at(rows, &found)).collect(),
            time_us: found.iter().map(|&row| rows.time_us[row as usize]).collect(),
            channel: pick(&rows.channel),
            amount,
            rows: found,
        }
    }

    /// As the folds read them, with the masks of one set. `rows` are those of the bucket.
    pub fn view<'a>(&'a self, rows: &'a Rows, set: usize, keep: &'a [bool]) -> analysis::Rows<'a> {
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
                analysis::Amounts::Dense(&self.amount)
            },
            keep,
        }
    }
}

/// One flag for every code there can be, so that looking one up needs no check of bounds.
type Wanted = [bool; 1 << 16];

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

/// Rows whose event is wanted. Without branches: which row is wanted next cannot be foreseen.
fn find(wanted: &Wanted, events: &[u16]) -> Vec<u32> {
    let mut found = vec![0_u32; events.len()];
    let mut n_found = 0;
    for (row, &event) in events.iter().enumerate() {
        // There is room for every row; the last one written is overwritten unless it was wanted.
        found[n_found] = row as u32;
        n_found += usize::from(wanted[usize::from(event)]);
    }
    found.truncate(n_found);
    found
}

/// The first of `found` that lies in or after each start.
fn starts(found: &[u32], person_starts: &[usize]) -> Vec<usize> {
    let mut at = 0;
    let start = |&start: &usize| {
        while found.get(at).is_some_and(|&row| (row as usize) < start) {
            at += 1;
        }
        at
    };
    person_starts.iter().map(start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_rows_are_found_and_stay_with_their_person() {
        let mut wanted = Box::new([false; 1 << 16]);
        (wanted[1], wanted[3], wanted[65_535]) = (true, true, true);
        let events = [0, 1, 3, 2, 9, 65_535, 0];
        let found = find(&wanted, &events);
        assert_eq!(found, [1, 2, 5]);
        // Persons with two rows, one, none that is wanted, and two.
        assert_eq!(starts(&found, &[0, 2, 3, 5, 7]), [0, 1, 2, 2, 3]);
        assert_eq!(starts(&[], &[0, 3]), [0, 0]);
    }
}
