//! What tests share: generated timelines, naive oracles, and a disk that loses its power.
//!
//! An oracle is obvious and slow, and shares no code with what it checks: quantifiers over indices
//! instead of running state, sets instead of stamps, brute force instead of dynamic programming.
//! Development only; no crate depends on it outside tests.

pub mod activity;
pub mod attribution;
pub mod cases;
pub mod funnel;
pub mod funnel_modes;
pub mod paths;
pub mod power;
pub mod relations;
pub mod retention;
pub mod sequences;
pub mod stages;
pub mod timeline;
