//! In which intervals of a calendar a person is active.

use std::ops::Range;

use crate::plan::bucket_of;
use crate::rows::Rows;

/// Hands every interval `[bounds[i], bounds[i + 1])` in which the rows `own` have one of `bits`
/// (`None` = any row) to `each`, ascending, once, with the first such row. Rows after `as_of_us` do
/// not exist. Times ascend: one comparison per row, one search per person.
#[inline]
pub(crate) fn intervals(
    rows: &Rows<'_>,
    own: Range<usize>,
    bounds_us: &[i64],
    bits: Option<u64>,
    as_of_us: i64,
    mut each: impl FnMut(usize, usize),
) {
    let last_us = bounds_us[bounds_us.len() - 1];
    let stop_us = last_us.min(as_of_us.saturating_add(1));
    // No interval yet: every row from the first boundary on begins one.
    let (mut interval, mut end_us) = (usize::MAX, bounds_us[0]);
    for row in own {
        let time_us = rows.time_us[row];
        if time_us < end_us || bits.is_some_and(|bits| rows.mask[row] & bits == 0) {
            continue;
        }
        if time_us >= stop_us {
            break;
        }
        interval = match interval {
            usize::MAX => match bucket_of(bounds_us, time_us) {
                Some(first) => first,
                None => continue,
            },
            mut at => {
                while bounds_us[at + 1] <= time_us {
                    at += 1;
                }
                at
            }
        };
        end_us = bounds_us[interval + 1];
        each(interval, row);
    }
}
