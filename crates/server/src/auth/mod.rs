//! Accounts: passwords, sessions, and how fast one may guess.

pub mod session;
