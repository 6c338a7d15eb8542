//! The demo company 길목상점: an omnichannel Korean retailer with a year of events, made from one seed.
//!
//! The generator is pure: [`generate()`] gives events to a callback, and the same [`DemoSize`] gives the same
//! events for ever. What causes what is written in [`causes`] and told in `docs/demo.md`; the tests measure
//! each of these truths on the events themselves.

pub mod causes;

mod bots;
mod company;
mod costs;
mod documents;
mod event;
mod generate;
mod install;
mod life;
mod messages;
mod orders;
mod person;
mod season;
mod session;
mod timeline;
mod words;

#[cfg(test)]
mod tests;

/// Key of the map a demo opens on.
pub const HOME_MAP: &str = "gift-purchase";

pub use costs::DemoPoint;
pub use documents::documents;
pub use event::{Channel, DemoEvent, DemoValue, Name, Property};
pub use generate::{DemoMade, DemoSize, END_US, SEED, generate};
pub use install::{DemoReport, install};
