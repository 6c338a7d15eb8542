//! Every question about people is a fold: one pass over whole persons in time order into a small
//! state that merges. This crate holds the folds and nothing else.
//!
//! Pure: no I/O, no clock, no async, no randomness. `store` scans, `engine` compiles documents to
//! the numeric plans here, runs one fold per bucket and merges.
//!
//! The shape is the same everywhere:
//!
//! * a *plan* is validated by its constructor ([`PlanError`]), so that a fold cannot fail;
//! * `fold(rows, &plan) -> State` sees whole persons ([`Rows`]) and holds exact integers only;
//! * `State::merge` is associative and commutative, so buckets, threads and days may be merged in
//!   any order with the same answer;
//! * `State::finish(&plan) -> Answer` computes medians, shares and intervals once, at the end.
//!
//! Ties of the same person and time keep the order of the rows (the store orders them by event id).

mod activity;
pub mod attribution;
mod cases;
pub mod channels;
pub mod cohorts;
pub mod compare;
pub mod conformance;
pub mod drivers;
pub mod funnel;
mod grid;
pub mod interval;
pub mod lifecycle;
pub mod pairs;
pub mod paths;
pub mod people;
pub mod pick;
mod plan;
pub mod retention;
mod rows;
mod spread;
pub mod stages;
pub mod stickiness;
pub mod transitions;
pub mod trend;
pub mod variants;

#[cfg(test)]
mod columns;

pub use plan::{Period, PlanError};
pub use rows::{Amounts, NO_AMOUNT, NO_SCORE, Rows};
pub use spread::{Durations, Histogram, Sorted, Spread};
