//! The columns a fold reads.

use std::ops::Range;

/// `Rows::amount` of a row that carries none.
pub const NO_AMOUNT: i64 = i64::MIN;

/// Amounts of rows, in one of a few shapes. Hundredths of the workspace currency, negative is a refund.
#[derive(Debug, Clone, Copy, Default)]
pub enum Amounts<'a> {
    /// The column was not read.
    #[default]
    Absent,
    /// One value per row, [`NO_AMOUNT`] where a row carries none.
    Dense(&'a [i64]),
    /// Only the values there are: few events carry one.
    Sparse {
        /// One bit per row: whether it carries an amount.
        present: &'a [u64],
        /// Per word of `present`: how many amounts come before its rows.
        ranks: &'a [u32],
        /// The amounts, in row order.
        values: &'a [i64],
    },
    /// As `Sparse`, for rows picked out of those it belongs to: row `i` here is row `rows[i]` there.
    Picked {
        /// By row here: the row there.
        rows: &'a [u32],
        /// As in `Sparse`.
        present: &'a [u64],
        /// As in `Sparse`.
        ranks: &'a [u32],
        /// As in `Sparse`.
        values: &'a [i64],
    },
}

#[inline]
fn sparse(present: &[u64], ranks: &[u32], values: &[i64], row: usize) -> Option<i64> {
    let (word, bit) = (present[row / 64], row % 64);
    let before = word & ((1 << bit) - 1);
    (word >> bit & 1 == 1).then(|| values[ranks[row / 64] as usize + before.count_ones() as usize])
}

impl Amounts<'_> {
    /// The amount of a row, if the column is there and the row carries one. O(1).
    #[inline]
    pub fn get(&self, row: usize) -> Option<i64> {
        match self {
            Self::Absent => None,
            Self::Dense(values) => Some(values[row]).filter(|&amount| amount != NO_AMOUNT),
            Self::Sparse { present, ranks, values } => sparse(present, ranks, values, row),
            Self::Picked { rows, present, ranks, values } => {
                sparse(present, ranks, values, rows[row] as usize)
            }
        }
    }
}

/// Score of a row that carries none.
pub const NO_SCORE: i32 = i32::MIN;

/// Events of whole persons as parallel columns, sorted by `(person, time_us, id)`.
///
/// * Shape: `time_us` has one value per row; every other row column has either as many or none at
///   all. A fold panics if a column it needs is absent: that is a bug of the caller.
/// * A row that matches nothing asked for may be left out, except where a fold says that it reads
///   every row.
/// * Build with `Rows { person_starts, time_us, mask, ..Rows::default() }`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows<'a> {
    /// First row of each person, and the number of rows at the end: `n_persons + 1` values.
    pub person_starts: &'a [usize],
    /// Key of each person, ascending: one per *person*.
    pub persons: &'a [u64],
    /// Microseconds since the Unix epoch, UTC.
    pub time_us: &'a [i64],
    /// Bit `i` is set where the row matches touchpoint, step or predicate `i` of the plan.
    pub mask: &'a [u64],
    /// Event code.
    pub event: &'a [u16],
    /// Channel code, 0 = none.
    pub channel: &'a [u16],
    /// Amounts.
    pub amount: Amounts<'a>,
    /// One flag per *person*: only these are counted. Empty = everybody. This is how a segment
    /// filters any fold without cutting a sequence.
    pub keep: &'a [bool],
}

impl Rows<'_> {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.time_us.len()
    }

    /// Number of persons, kept or not.
    pub fn n_persons(&self) -> usize {
        self.person_starts.len().saturating_sub(1)
    }

    /// Row ranges of the kept persons who have rows, with the 0-based index of the person.
    pub fn persons(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.all_persons().filter(|(_, own)| !own.is_empty())
    }

    /// As [`Rows::persons`], with those who have no rows.
    pub(crate) fn all_persons(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let ranges = self.person_starts.windows(2).map(|pair| pair[0]..pair[1]).enumerate();
        ranges.filter(|(who, _)| self.keep.get(*who).copied().unwrap_or(true))
    }

    /// The amount of a row, if the column is there and the row carries one.
    #[inline]
    pub(crate) fn amount_at(&self, row: usize) -> Option<i64> {
        self.amount.get(row)
    }

    /// The rows of a range that may carry an amount: exactly those where only these are kept, else all.
    pub(crate) fn rows_with_amounts(&self, own: Range<usize>) -> impl Iterator<Item = usize> {
        let present = match self.amount {
            Amounts::Sparse { present, .. } => present,
            _ => &[],
        };
        let all = if present.is_empty() { own.clone() } else { 0..0 };
        let words = if present.is_empty() { 0..0 } else { own.start / 64..own.end.div_ceil(64) };
        let kept = words.flat_map(move |word| {
            let first = word * 64;
            Ones { bits: present[word] & within(&own, first), first }
        });
        all.chain(kept)
    }

    /// Panics unless the columns fit each other and `needed` ones are present.
    pub(crate) fn check(&self, needed: &[Column]) {
        let n_rows = self.n_rows();
        let (first, last) = (self.person_starts.first(), self.person_starts.last());
        assert_eq!(first.copied().unwrap_or(0), 0, "the first person starts at row 0");
        assert_eq!(last.copied().unwrap_or(0), n_rows, "the persons end where the rows end");
        assert!(self.n_persons() < u32::MAX as usize, "a part holds fewer than 2^32 persons");
        let flags = self.keep.len();
        assert!(flags == 0 || flags == self.n_persons(), "keep has one flag per person");
        let persons = self.persons.len();
        let absent_is_fine = persons == 0 && !needed.contains(&Column::Person);
        assert!(persons == self.n_persons() || absent_is_fine, "one key per person");
        if let Amounts::Dense(values) = self.amount {
            assert_eq!(values.len(), n_rows, "one amount per row");
        }
        for (column, len) in [
            (Column::Mask, self.mask.len()),
            (Column::Event, self.event.len()),
            (Column::Channel, self.channel.len()),
        ] {
            let absent_is_fine = len == 0 && !needed.contains(&column);
            assert!(len == n_rows || absent_is_fine, "column {column:?} has {len} of {n_rows} rows");
        }
    }
}

/// The bits of a word of rows from `first` on that lie in a range, which it touches.
fn within(range: &Range<usize>, first: usize) -> u64 {
    let below = range.start.saturating_sub(first);
    let above = (first + 64).saturating_sub(range.end);
    if above >= 64 { 0 } else { u64::MAX >> above & u64::MAX << below }
}

/// Places of the ones in a word, ascending.
struct Ones {
    bits: u64,
    first: usize,
}

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let at = self.bits.trailing_zeros() as usize;
        (self.bits != 0).then(|| {
            self.bits &= self.bits - 1;
            self.first + at
        })
    }
}

/// Names of the optional columns, for [`Rows::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Person,
    Mask,
    Event,
    Channel,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_amounts_are_those_whose_bit_is_set() {
        let n_rows = 200_usize;
        let is_set = |row: &usize| row % 3 == 0 || (60..70).contains(row);
        let mut present = vec![0_u64; n_rows.div_ceil(64)];
        (0..n_rows).filter(is_set).for_each(|row| present[row / 64] |= 1 << (row % 64));
        let amount = Amounts::Sparse { present: &present, ranks: &[], values: &[] };
        let rows = Rows { amount, ..Rows::default() };
        for own in [0..0, 0..1, 1..3, 0..64, 63..65, 64..128, 5..199, 0..200, 128..192, 199..200] {
            let naive: Vec<usize> = own.clone().filter(is_set).collect();
            assert_eq!(rows.rows_with_amounts(own.clone()).collect::<Vec<_>>(), naive, "{own:?}");
            let all = Rows::default().rows_with_amounts(own.clone()).collect::<Vec<_>>();
            assert_eq!(all, own.collect::<Vec<_>>());
        }
    }
}
