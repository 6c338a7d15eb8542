//! One attempt: which steps it took in which rows.

use super::plan::MAX_STEPS;

/// An attempt. Places are steps in an ordered or strict funnel, and 1st, 2nd, … done in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// First row of the person the offsets below are counted from.
    base: usize,
    offsets: [u32; MAX_STEPS],
    places: u32,
    /// Steps done, as bits; differs from the places in any order.
    pub(super) done: u32,
    /// Furthest place.
    pub(super) level: usize,
    /// An exclusion that removes the person fell into it.
    pub(super) tainted: bool,
}

impl Attempt {
    pub(super) fn new(base: usize, row: usize, step: u32) -> Self {
        let mut offsets = [0; MAX_STEPS];
        offsets[0] = (row - base) as u32;
        Self { base, offsets, places: 1, done: 1 << step, level: 0, tainted: false }
    }

    pub(super) fn take(&mut self, place: usize, step: u32, row: usize) {
        self.offsets[place] = (row - self.base) as u32;
        self.places |= 1 << place;
        self.done |= 1 << step;
        self.level = place;
    }

    /// Row of its first step.
    pub fn start_row(&self) -> usize {
        self.base + self.offsets[0] as usize
    }

    /// Row of its furthest place.
    pub fn last_row(&self) -> usize {
        self.base + self.offsets[self.level] as usize
    }

    /// Furthest place, 0-based.
    pub fn furthest(&self) -> usize {
        self.level
    }

    /// Row of a place; `None` where it was not reached or passed by.
    pub fn row(&self, place: usize) -> Option<usize> {
        let done = place < MAX_STEPS && self.places >> place & 1 == 1;
        done.then(|| self.base + self.offsets[place] as usize)
    }

    /// `(place, row)` of what it did, ascending.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..=self.level).filter_map(|place| Some((place, self.row(place)?)))
    }
}
