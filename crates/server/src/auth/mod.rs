//! Accounts: passwords, sessions, who is calling, and how fast one may guess.

pub mod caller;
pub mod guess;
pub mod links;
pub mod password;
pub mod session;
