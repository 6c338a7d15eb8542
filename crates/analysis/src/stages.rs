//! Stage flow: who enters which stage of a journey, moves on, stands there now, drops or goes back.
//!
//! # Semantics
//!
//! A row *matches* touchpoint `i` if bit `i` of its mask is set and the touchpoint's condition holds:
//! with `after = a`, an earlier row of the same trip entered stage `a` or a later one by a touch, and
//! with `within`, the last such row is at most that long ago (closed). A matching row is a *touch*.
//! Each touch belongs to exactly one stage: the highest among its touchpoints that enter, otherwise
//! the highest of its touchpoints.
//!
//! **Trips.** A person's timeline is cut into trips, over all of history up to `as_of`:
//!
//! * a trip starts, when none is open, at a row that matches an entering touchpoint of a start stage;
//! * it ends at an exit row (which is itself no touch and starts nothing), by a gap between touches
//!   strictly longer than the time-out, or when start + window has passed. Window and time-out are
//!   closed: a touch exactly then still belongs. A touch after the end may start the next trip;
//! * time alone ends a trip too: a trip is *open* at `as_of` only if neither limit has passed by then;
//! * of each person only the first trip that *starts* in the period is counted, or none.
//!
//! **Silence.** A stage with `silence` is entered at last touch + silence if that long passed strictly
//! without a touch, while the trip was open (within the window, and not after the time-out). It does
//! not count as a touch: the time-out runs on, and the person may come back.
//!
//! **Outcome.** The *position* of a person is the stage last entered. Every stage `k` that a person
//! entered has exactly one [`Outcome`], decided in this order:
//!
//! 1. `Here`: the position is `k` and the trip is open; `Dropped`: the position is `k` and the trip
//!    has ended (in the last stage that is called *finished*);
//! 2. `MovedOn`: a later stage was entered after `k` was first entered;
//! 3. `Back`: the position is an earlier stage and none later was entered.
//!
//! So for every stage `entered = moved_on + here + dropped + finished + back`, and summed over stages
//! `here + dropped + finished = people`: everybody stands or ended somewhere, once.
//!
//! Deciding by position first matters for people who move on and come back: they stand where they
//! stand. [`StageRow::went_further`] counts all who ever entered a later stage by a touch, wherever
//! they are now; it is the numerator of a stage's conversion.
//!
//! Same timestamp: rows keep their order, and "earlier" means earlier in that order.

mod count;
mod plan;
mod select;
mod walk;

#[cfg(test)]
mod tests;

pub use count::{ChannelCount, Reach, StageAnswer, StageRow, StageState, TrendRow, fold, fold_with_scores};
pub use plan::{Stage, StagePlan, StageRules, Start, Touchpoint};
pub use select::{Selected, Selector, select};
pub use walk::{End, Entry, Outcome, Touch, Trip, Walker, walk};
