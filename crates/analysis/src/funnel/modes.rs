//! Funnels with rules beyond the plain ordered one: strict and any order, optional steps, exclusions,
//! a property held constant, and counting by person, session or attempt.
//!
//! # Attempts
//!
//! An *attempt* starts at a row of the first step (any order: of any step of the first block) in the
//! period and takes one step per row at most, as soon as it can. The window is closed and measured
//! from its first row. Rows later than `as_of_us` do not exist. Same timestamp: rows keep their order.
//!
//! * [`Order::Ordered`]: other rows in between do not matter. A step may be *optional*: an attempt may
//!   pass it by, and then it counts for those who did it only.
//! * [`Order::Strict`]: the next row must be the next step. Which rows there are is the universe: all
//!   rows given, or those with one of `universe` bits. With `repeats`, rows of the step just done do
//!   not break it. (So a path with its hidden nodes left out and its repeats collapsed is a funnel.)
//! * [`Order::AnyOrder`]: steps in any order; of several that a row could fill it fills the lowest. The
//!   window runs from the oldest step held to the newest. A *pinned* step stands at its place: those
//!   before it come before, those after it after; so pinned steps cut the others into blocks. "Step `k`"
//!   of the answer means `k + 1` steps done.
//!
//! # Entry
//!
//! * [`Entry::Any`]: every start is an attempt; the one that gets furthest counts, of equal ones the
//!   first to get there, of those the latest start.
//! * [`Entry::First`]: only the first start counts; later ones do not reset the clock.
//!
//! # Units
//!
//! * [`Unit::Person`]: one attempt per person. [`Unit::Session`]: one per session, wholly inside it.
//! * [`Unit::Attempt`] (totals): an attempt runs until it converts, times out, is excluded or (strict)
//!   broken; only then may the next start. Each row belongs to one attempt.
//!
//! # Exclusions
//!
//! An exclusion row inside the window of an attempt that stands between steps `from` and `to` either
//! *ends the attempt* (Mixpanel: the person stays as a drop-off where they stood, and a later attempt
//! may convert), or *removes the person* (PostHog: the attempt is tainted; of the attempts that got
//! furthest the latest start decides, unless a clean one converts. Per session it removes the session, in
//! totals the attempt). In any order an exclusion clears whatever is held, whatever its steps. A row
//! that is exclusion and step is an exclusion first.
//!
//! # Holding a property constant
//!
//! With `hold`, only rows with the value of the attempt's first row take steps in it or exclude it;
//! rows without a value are in no attempt. In a strict funnel rows of other values break it.
//!
//! # Breakdown
//!
//! By the label of the attempt's first or last row or of its `n`-th step (attempts without that step
//! are in no line), or by all labels met on its steps: then a person is in several lines, which do not
//! add up. The sequence itself is never cut by label.

mod attempt;
mod count;
mod plan;
mod walk;

#[cfg(test)]
mod tests;

pub use attempt::Attempt;
pub use count::{
    Conversion, ModeAnswer, ModeColumns, ModeLine, ModeState, ModeStep, Selected, Selector, Stood, fold,
    select,
};
pub use plan::{Entry, Exclusion, ExclusionMode, LabelOf, ModePlan, ModeRules, Order, Unit};
