//! Test columns as rows, and whole persons split in two.

use crate::rows::{Amounts, Rows};
use testkit::timeline::{Columns, Row};

/// All columns.
pub(crate) fn rows_of(columns: &Columns) -> Rows<'_> {
    Rows {
        person_starts: &columns.person_starts,
        persons: &columns.persons,
        time_us: &columns.time_us,
        mask: &columns.mask,
        event: &columns.event,
        channel: &columns.channel,
        amount: Amounts::Dense(&columns.amount),
        keep: &[],
    }
}

/// Splits whole persons in three by key, so that merging can be tried in any order.
pub(crate) fn thirds(rows: &[Row], salt: u64) -> [Columns; 3] {
    [0, 1, 2].map(|third| {
        let own = rows.iter().filter(|row| (row.person ^ salt) % 3 == third);
        Columns::new(&own.cloned().collect::<Vec<_>>())
    })
}

/// The merge law: both associations and the reverse order give `whole`.
pub(crate) fn assert_merges<S>(parts: [S; 3], whole: &S, merge: impl Fn(S, S) -> S)
where
    S: Clone + PartialEq + std::fmt::Debug,
{
    let [a, b, c] = parts;
    assert_eq!(&merge(merge(a.clone(), b.clone()), c.clone()), whole);
    assert_eq!(&merge(a.clone(), merge(b.clone(), c.clone())), whole);
    assert_eq!(&merge(c, merge(b, a)), whole);
}
