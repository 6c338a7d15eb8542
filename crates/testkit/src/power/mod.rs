//! Power cuts: what a disk may hold when the power goes.
//!
//! [`trace`] reads the system calls of a real process as `strace` recorded them; [`disk`] replays them and
//! builds states the disk may be in at any moment. The program under test then has to recover from each.
//!
//! The reading of POSIX is the strict one: what a file holds is certain after `fsync` or `fdatasync` of that
//! file and not before, and that it has a name after `fsync` of its folder and not before.

pub mod disk;
pub mod trace;

#[cfg(test)]
mod tests;
