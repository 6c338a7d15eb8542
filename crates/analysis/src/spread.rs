//! Exact durations, kept whole so that the median is the median.

/// A multiset of durations in microseconds. Merging joins them; nothing is approximated.
///
/// Memory: 8 bytes per duration.
#[derive(Debug, Clone, Default)]
pub struct Durations(Vec<i64>);

/// The middle of a set of durations, microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Durations measured.
    pub n: u64,
    /// Lower middle value: the one of rank `⌈n / 2⌉`, always a duration that occurred.
    pub median_us: i64,
    /// Nearest-rank 90th percentile: the one of rank `⌈0.9 n⌉`.
    pub p90_us: i64,
}

impl Durations {
    /// Adds one duration.
    pub fn push(&mut self, duration_us: i64) {
        self.0.push(duration_us);
    }

    /// Joins two sets.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        // The longer one stays in place, so that merging many buckets copies each value rarely.
        if self.0.len() < other.0.len() {
            std::mem::swap(&mut self.0, &mut other.0);
        }
        self.0.append(&mut other.0);
        self
    }

    /// Number of durations.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Median and p90; `None` of an empty set. O(n).
    pub fn spread(mut self) -> Option<Spread> {
        let n = self.0.len();
        if n == 0 {
            return None;
        }
        let (_, median, above) = self.0.select_nth_unstable((n - 1) / 2);
        let median_us = *median;
        let p90_rank = (9 * n).div_ceil(10);
        let p90_us = match p90_rank - n.div_ceil(2) {
            0 => median_us,
            steps => *above.select_nth_unstable(steps - 1).1,
        };
        Some(Spread { n: n as u64, median_us, p90_us })
    }
}

/// Durations that are ranked faster than a thread is started.
const RANKED_ALONE_MAX: usize = 20_000;

/// The spread of each set. Every second long one is ranked on a thread of its own: of a whole base they are millions.
pub(crate) fn spreads(sets: Vec<Durations>) -> Vec<Option<Spread>> {
    std::thread::scope(|scope| {
        let mut is_beside = false;
        let ranked = sets.into_iter().map(|set| {
            if set.len() > RANKED_ALONE_MAX {
                is_beside = !is_beside;
                if is_beside {
                    return Err(scope.spawn(move || set.spread()));
                }
            }
            Ok(set.spread())
        });
        let ranked: Vec<Result<_, std::thread::ScopedJoinHandle<'_, _>>> = ranked.collect();
        let spread = |ranking: std::thread::ScopedJoinHandle<'_, _>| {
            ranking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        ranked.into_iter().map(|one| one.unwrap_or_else(spread)).collect()
    })
}

/// Durations in ascending order, one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted(Vec<i64>);

impl Sorted {
    /// Nearest-rank quantile, `0 < share ≤ 1`: always a duration that occurred.
    pub fn quantile(&self, share: f64) -> i64 {
        let n = self.0.len();
        // A share such as 0.1 is a little above its decimal: without the slack 0.1 of 10 would be rank 2.
        let rank = (share * n as f64 - 1e-9).ceil().max(1.0) as usize;
        self.0[rank.min(n) - 1]
    }
}

/// Durations in bins of equal width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Lower edge of the first bin, which is the shortest duration.
    pub from_us: i64,
    /// Width of a bin, at least 1 µs.
    pub width_us: i64,
    /// Durations per bin `[from + i × width, from + (i + 1) × width)`.
    pub counts: Vec<u64>,
}

impl Durations {
    /// Sorts, and counts into at most `n_bins` bins from the shortest to the longest; `None` of an empty
    /// set. O(n log n).
    pub fn histogram(mut self, n_bins: usize) -> Option<(Sorted, Histogram)> {
        self.0.sort_unstable();
        let (&from_us, &to_us) = (self.0.first()?, self.0.last()?);
        let n_bins = n_bins.max(1);
        let width_us = ((to_us - from_us) / n_bins as i64 + 1).max(1);
        let mut counts = vec![0; ((to_us - from_us) / width_us + 1) as usize];
        self.0.iter().for_each(|duration_us| counts[((duration_us - from_us) / width_us) as usize] += 1);
        Some((Sorted(self.0), Histogram { from_us, width_us, counts }))
    }
}

/// Order does not matter: two sets are equal if they hold the same durations as often.
impl PartialEq for Durations {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |set: &Self| {
            let mut all = set.0.clone();
            all.sort_unstable();
            all
        };
        self.len() == other.len() && sorted(self) == sorted(other)
    }
}

impl Eq for Durations {}

impl Extend<i64> for Durations {
    fn extend<T: IntoIterator<Item = i64>>(&mut self, durations_us: T) {
        self.0.extend(durations_us);
    }
}

impl FromIterator<i64> for Durations {
    fn from_iter<T: IntoIterator<Item = i64>>(durations_us: T) -> Self {
        Self(durations_us.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(durations_us: &[i64], median_and_p90: Option<(i64, i64)>) {
        let spread = durations_us.iter().copied().collect::<Durations>().spread();
        let n = durations_us.len() as u64;
        assert_eq!(spread, median_and_p90.map(|(median_us, p90_us)| Spread { n, median_us, p90_us }));
    }

    #[test]
    fn median_is_the_lower_middle_and_p90_the_nearest_rank() {
        check(&[], None);
        check(&[7], Some((7, 7)));
        check(&[9, 1], Some((1, 9)));
        check(&[3, 1, 2], Some((2, 3)));
        check(&[10, 1, 2, 3, 4, 5, 6, 7, 8, 9], Some((5, 9))); // Rank 9 of 10, not the maximum.
        check(&[11, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9], Some((6, 10))); // ⌈9.9⌉ = 10.
        check(&[5, 5, 5, 1], Some((5, 5)));
    }

    #[test]
    fn histograms_hold_every_duration_once() {
        let set = |values: &[i64]| values.iter().copied().collect::<Durations>();
        assert_eq!(set(&[]).histogram(4), None);
        let (sorted, histogram) = set(&[9, 0, 3, 4]).histogram(3).expect("some");
        assert_eq!(histogram, Histogram { from_us: 0, width_us: 4, counts: vec![2, 1, 1] });
        assert_eq!([0.1, 0.25, 0.26, 0.5, 0.9, 1.0].map(|share| sorted.quantile(share)), [0, 0, 3, 3, 9, 9]);
        let (_, one) = set(&[5, 5]).histogram(20).expect("some");
        assert_eq!(one, Histogram { from_us: 5, width_us: 1, counts: vec![2] });
        let ten = set(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).histogram(1).expect("some").0;
        assert_eq!((ten.quantile(0.1), ten.quantile(0.9)), (1, 9));
    }

    #[test]
    fn equality_ignores_order_but_not_repeats() {
        let set = |values: &[i64]| values.iter().copied().collect::<Durations>();
        assert_eq!(set(&[1, 2, 2]), set(&[2, 1, 2]));
        assert_ne!(set(&[1, 1, 2]), set(&[1, 2, 2]));
        assert_eq!(set(&[1]).merge(set(&[2, 3])), set(&[3, 1, 2]));
    }
}
