//! Paths with what became of them.

use rustc_hash::FxHashMap;

/// What became of one sequence of labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathCounts {
    /// Conversions at its end.
    pub conversions: u64,
    /// Their amount, hundredths of the currency.
    pub amount: i128,
    /// How often it ended without one.
    pub nulls: u64,
}

impl PathCounts {
    fn merge(self, other: Self) -> Self {
        Self {
            conversions: self.conversions + other.conversions,
            amount: self.amount + other.amount,
            nulls: self.nulls + other.nulls,
        }
    }
}

/// Label sequences with their counts; mergeable. Also the form in which paths aggregated elsewhere come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathTable {
    paths: FxHashMap<Box<[u16]>, PathCounts>,
}

impl PathTable {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        let path =
            |(labels, _): (&Box<[u16]>, _)| size_of::<(Box<[u16]>, PathCounts)>() + size_of_val(&**labels);
        self.paths.iter().map(path).sum()
    }

    /// Adds to a path of at least one label; an empty one is ignored.
    pub fn add(&mut self, labels: &[u16], counts: PathCounts) {
        if labels.is_empty() {
            return;
        }
        match self.paths.get_mut(labels) {
            Some(own) => *own = own.merge(counts),
            None => drop(self.paths.insert(labels.into(), counts)),
        }
    }

    /// Joins the paths of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.paths.len() < other.paths.len() {
            std::mem::swap(&mut self, &mut other);
        }
        for (path, counts) in other.paths {
            let own = self.paths.entry(path).or_default();
            *own = own.merge(counts);
        }
        self
    }

    /// Number of distinct paths.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// All paths, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u16], PathCounts)> {
        self.paths.iter().map(|(path, counts)| (&**path, *counts))
    }

    /// All together.
    pub fn total(&self) -> PathCounts {
        self.paths.values().fold(PathCounts::default(), |sum, counts| sum.merge(*counts))
    }

    /// The `limit` paths with most conversions, then most amount, then by labels. O(paths).
    pub fn top(&self, limit: usize) -> Vec<(Vec<u16>, PathCounts)> {
        type Entry<'a> = (&'a [u16], PathCounts);
        let by_rank = |a: &Entry<'_>, b: &Entry<'_>| {
            let rank = |counts: PathCounts| (counts.conversions, counts.amount);
            rank(b.1).cmp(&rank(a.1)).then_with(|| a.0.cmp(b.0))
        };
        let mut all: Vec<Entry<'_>> = self.iter().filter(|(_, counts)| counts.conversions > 0).collect();
        if limit < all.len() {
            all.select_nth_unstable_by(limit, by_rank);
            all.truncate(limit);
        }
        all.sort_unstable_by(by_rank);
        all.into_iter().map(|(path, counts)| (path.to_vec(), counts)).collect()
    }
}
