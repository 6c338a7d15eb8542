//! Reliability: the real binary is killed, loses its power, meets a failing and a full disk, and finds its files
//! altered. What it acknowledged must be there, once; what it shows must be right. `docs/reliability.md` says what
//! each tier can and cannot show.
//!
//! A few trials of each tier run by default; `GILMOK_LONG=1` runs as many as the promises are stated for.
//! `GILMOK_SEED=n` chooses other ones. Figures are printed, see them with `--nocapture`.

mod client;
mod faults;
mod imports;
mod kill;
mod ledger;
mod load;
mod overload;
mod power;
mod process;
mod rot;
mod stop;
mod trials;
