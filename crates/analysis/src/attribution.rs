//! Attribution: which labelled touches deserve how much of a conversion.
//!
//! # Semantics
//!
//! * A *touch* is a row with one of the touch bits; its *label* (channel, campaign, touchpoint) comes from a
//!   column of the caller. A *conversion* is a row with one of the conversion bits inside the period; every one
//!   counts, with its amount. Rows from the end of the period on do not exist.
//! * The *path* of a conversion: the touches of the same person and container **strictly earlier** than the
//!   conversion and at most `lookback_us` before it (closed). They may lie before the period. A touch at the very
//!   time of the conversion did not cause it, whatever the order of the rows. A row may be both: it is never a
//!   touch of itself.
//! * After a conversion its touches may earn again ([`Reuse::Again`]: a click may lead to three purchases), or each path
//!   starts anew ([`Reuse::Fresh`]): it holds the touches from the time of the conversion before on, that time
//!   included. Conversions before the period end paths too, though they are not counted.
//! * The container is the person, or the session: a gap of more than `gap_us` between two rows starts a new one
//!   (exactly `gap_us` does not). For sessions no row may be left out of [`Rows`](crate::Rows).
//! * A conversion without a path is credited to no label: the explicit row `None`.
//! * A path that did *not* convert (needed by Markov models) holds the touches inside the period that follow the last
//!   conversion of the container, at most the look-back before the last of them.
//!
//! # Models
//!
//! Rule models ([`Model`]) split each conversion by itself, in units of 1/[`UNIT`] conversion: exact integers, so
//! that merging is exactly associative; every path of up to 24 touches is split without any rounding, longer ones by
//! largest remainder, so that credits of one conversion always add up to one conversion and its amount. Amounts of
//! the answer are rounded to hundredths once, at the end, so that they add up to the cent.
//!
//! * *Position* 40/20/40 (U), 20/20/60 (J), 60/20/20 (inverse J) or own weights: the middle share is split evenly over
//!   the touches between; of two touches the first and last shares are normalised (U 50/50, J 25/75).
//! * *Time decay* `2^(−age / half-life)`, normalised per conversion.
//! * *Last non-direct*: the last touch that is not of a direct label; of direct touches only, the last.
//! * *Participation*: the whole conversion to each distinct label, so that its sum exceeds the conversions.
//! * *Shapley*: the game `v(S)` = conversions whose labels all lie in `S`. `v` is a sum of unanimity games, one
//!   for each conversion on its set of labels, and the Shapley value of a unanimity game shares equally among the
//!   members of its set (L. S. Shapley 1953; the coefficients are the Harsanyi dividends). As the value is additive,
//!   it is exactly: each conversion equally to its distinct labels, for any number of labels, in one pass.
//!   (The naive definition over all orders of labels is the oracle of the tests.)
//! * *Markov* of order 1 to 3 (Anderl et al. 2016): see [`markov`].
//!
//! # Intervals
//!
//! Poisson bootstrap over persons (Chamandy et al. 2012): replicate `b` counts each person `w` times, `w` Poisson of
//! mean 1 by a hash of person, replicate and seed. Nothing random: the same seed gives the same interval, and replicates
//! merge like the counts themselves.

mod answer;
mod bootstrap;
mod credit;
mod fold;
pub mod markov;
mod paths;
mod plan;
mod select;
mod walk;

pub use answer::{AttributionAnswer, Estimate, LabelCost, LabelRow, ModelAnswer};
pub use credit::UNIT;
pub use fold::{AttributionState, fold, fold_events};
pub use paths::{PathCounts, PathTable};
pub use plan::{AttributionPlan, AttributionRules, Bootstrap, Container, Model, Position, Reuse};
pub use select::{Selected, Selector, select};

#[cfg(test)]
mod tests;
