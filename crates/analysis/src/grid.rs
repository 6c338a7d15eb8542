//! Nearly even boundaries: which interval a time lies in, without a search.

/// Boundaries whose interval an even grid guesses to within one.
///
/// Days, weeks and months are nearly even (daylight saving, lengths of months), so a multiplication finds
/// the interval or a neighbour, and two comparisons correct it: no branch that data could mislead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grid {
    /// Intervals per microsecond, times 2^64.
    per_us: u64,
}

impl Grid {
    /// `None` where the guess would be off by more than one, or there is just one interval. `bounds_us`
    /// ascend.
    pub fn new(bounds_us: &[i64]) -> Option<Self> {
        let (n, first, last) = (bounds_us.len().checked_sub(1)?, *bounds_us.first()?, *bounds_us.last()?);
        let width = last.checked_sub(first)?.unsigned_abs() / n.max(1) as u64;
        if n < 2 || width < 2 {
            return None;
        }
        let grid = Self { per_us: u64::MAX / width };
        // The guess never falls with time, so the ends of every interval decide for all of it.
        let near = |(at, pair): (usize, &[i64])| {
            [pair[0], pair[1] - 1].iter().all(|&time_us| grid.guess(bounds_us, time_us).abs_diff(at) <= 1)
        };
        bounds_us.windows(2).enumerate().all(near).then_some(grid)
    }

    #[inline]
    fn guess(&self, bounds_us: &[i64], time_us: i64) -> usize {
        let after_us = time_us.wrapping_sub(bounds_us[0]) as u64;
        let guess = (u128::from(after_us) * u128::from(self.per_us) >> 64) as usize;
        guess.min(bounds_us.len() - 2)
    }

    /// The interval of a time within the boundaries the grid was made of.
    #[inline]
    pub fn interval(&self, bounds_us: &[i64], time_us: i64) -> usize {
        let guess = self.guess(bounds_us, time_us);
        let after = usize::from(time_us >= bounds_us[guess + 1]);
        guess + after - usize::from(time_us < bounds_us[guess])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::bucket_of;
    use proptest::prelude::*;

    #[test]
    fn calendars_are_nearly_even_and_wild_boundaries_are_not() {
        let day_us = 86_400_000_000;
        let months: Vec<i64> = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            .iter()
            .scan(0, |sum, days| Some(std::mem::replace(sum, *sum + days * day_us)))
            .collect();
        assert!(Grid::new(&months).is_some());
        assert!(Grid::new(&[0, 1_000, 1_001, 1_002, 1_003]).is_none());
        assert!(Grid::new(&[0, 9]).is_none());
        assert!(Grid::new(&[i64::MIN, 0, i64::MAX]).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_guess_is_the_search(
            from_us in -1_000_000i64..1_000_000,
            widths in prop::collection::vec(80i64..120, 2..400),
        ) {
            let mut bounds_us = vec![from_us];
            for width in widths {
                bounds_us.push(bounds_us[bounds_us.len() - 1] + width);
            }
            if let Some(grid) = Grid::new(&bounds_us) {
                for &bound_us in &bounds_us {
                    for time_us in bound_us - 1..=bound_us + 1 {
                        if let Some(interval) = bucket_of(&bounds_us, time_us) {
                            prop_assert_eq!(grid.interval(&bounds_us, time_us), interval);
                        }
                    }
                }
            }
        }
    }
}
