//! The columns a fold reads.

use std::ops::Range;

/// `Rows::amount` of a row that carries none.
pub const NO_AMOUNT: i64 = i64::MIN;

/// Amounts of rows, in one of two shapes. Hundredths of the workspace currency, negative is a refund.
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
}

impl Amounts<'_> {
    /// The amount of a row, if the column is there and the row carries one. O(1).
    #[inline]
    pub fn get(&self, row: usize) -> Option<i64> {
        match self {
            Self::Absent => None,
            Self::Dense(values) => Some(values[row]).filter(|&amount| amount != NO_AMOUNT),
            Self::Sparse { present, ranks, values } => {
                let (word, bit) = (present[row / 64], row % 64);
                let before = word & ((1 << bit) - 1);
                (word >> bit & 1 == 1)
                    .then(|| values[ranks[row / 64] as usize + before.count_ones() as usize])
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

/// Names of the optional columns, for [`Rows::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Person,
    Mask,
    Event,
    Channel,
}
