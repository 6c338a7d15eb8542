//! How fast one may guess: after a few wrong tries each further one has to wait longer.
//!
//! Counted by (address, e-mail) and, more generously, by address alone, so that one visitor cannot try every
//! account. Nobody else can lock an owner out: another address has its own count.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Wrong tries of one address on one account that cost nothing.
const FREE_TRIES: u32 = 5;
/// Wrong tries of one address on any account that cost nothing.
const FREE_TRIES_OF_ADDRESS: u32 = 30;
/// Longest wait.
const WAIT_MAX_US: i64 = 15 * 60 * 1_000_000;
/// A count is forgotten this long after its last wrong try.
const FORGET_US: i64 = 60 * 60 * 1_000_000;
/// Counts kept at once; beyond it the forgotten ones are swept, then the oldest go.
const COUNTS_MAX: usize = 20_000;

/// Counts of wrong tries.
#[derive(Default)]
pub struct Guesses(Mutex<HashMap<(IpAddr, Option<String>), Count>>);

#[derive(Clone, Copy)]
struct Count {
    n_wrong: u32,
    last_us: i64,
}

impl Count {
    fn free_at_us(self, free_tries: u32) -> i64 {
        let Some(over) = self.n_wrong.checked_sub(free_tries) else { return self.last_us };
        let wait_us =
            1_000_000_i64.checked_shl(over).filter(|us| (1..=WAIT_MAX_US).contains(us) && over < 30);
        self.last_us + wait_us.unwrap_or(WAIT_MAX_US)
    }
}

impl Guesses {
    /// Seconds to wait before this address may try this e-mail again; `None`: at once.
    pub fn wait_s(&self, address: IpAddr, email: &str, now_us: i64) -> Option<u64> {
        let counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let of_account = counts.get(&(address, Some(email.to_lowercase())));
        let of_address = counts.get(&(address, None));
        let free_at_us = of_account
            .map_or(now_us, |count| count.free_at_us(FREE_TRIES))
            .max(of_address.map_or(now_us, |count| count.free_at_us(FREE_TRIES_OF_ADDRESS)));
        let wait_us = free_at_us - now_us;
        (wait_us > 0).then(|| (wait_us as u64).div_ceil(1_000_000))
    }

    /// Counts a try before its outcome is known, so that tries sent at once cannot slip through together.
    pub fn begin(&self, address: IpAddr, email: &str, now_us: i64) {
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if counts.len() >= COUNTS_MAX {
            counts.retain(|_, count| now_us - count.last_us < FORGET_US);
            if counts.len() >= COUNTS_MAX {
                let mut times: Vec<i64> = counts.values().map(|count| count.last_us).collect();
                let (_, middle, _) = times.select_nth_unstable(COUNTS_MAX / 2);
                let middle = *middle;
                counts.retain(|_, count| count.last_us > middle);
            }
        }
        for key in [(address, Some(email.to_lowercase())), (address, None)] {
            let count = counts.entry(key).or_insert(Count { n_wrong: 0, last_us: now_us });
            let n_before = if now_us - count.last_us >= FORGET_US { 0 } else { count.n_wrong };
            *count = Count { n_wrong: n_before.saturating_add(1), last_us: now_us };
        }
    }

    /// The try was right: the account's count starts anew, and the address gets its try back.
    pub fn right(&self, address: IpAddr, email: &str) {
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        counts.remove(&(address, Some(email.to_lowercase())));
        if let Some(count) = counts.get_mut(&(address, None)) {
            count.n_wrong = count.n_wrong.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

    #[test]
    fn waits_grow_and_end() {
        let guesses = Guesses::default();
        let waits: Vec<Option<u64>> = (0..18)
            .map(|_| {
                guesses.begin(HERE, "min@gilmok.kr", 0);
                guesses.wait_s(HERE, "MIN@gilmok.kr", 0)
            })
            .collect();
        assert_eq!(waits[..9], [None, None, None, None, Some(1), Some(2), Some(4), Some(8), Some(16)]);
        assert_eq!(waits[17], Some(900)); // Never longer than a quarter of an hour.
        assert_eq!(guesses.wait_s(THERE, "min@gilmok.kr", 0), None); // The owner elsewhere is not locked out.
        assert_eq!(guesses.wait_s(HERE, "min@gilmok.kr", 900_000_000), None);
        guesses.begin(HERE, "min@gilmok.kr", 900_000_000 + FORGET_US);
        assert_eq!(guesses.wait_s(HERE, "min@gilmok.kr", 900_000_000 + FORGET_US), None);
    }

    #[test]
    fn one_address_cannot_try_every_account() {
        let guesses = Guesses::default();
        for account in 0..31 {
            guesses.begin(HERE, &format!("{account}@gilmok.kr"), 0);
        }
        assert!(guesses.wait_s(HERE, "new@gilmok.kr", 0).is_some());
        for account in 0..10 {
            guesses.right(HERE, &format!("{account}@gilmok.kr"));
        }
        assert_eq!(guesses.wait_s(HERE, "new@gilmok.kr", 0), None);
    }

    #[test]
    fn counts_are_bounded() {
        let guesses = Guesses::default();
        for account in 0..(2 * COUNTS_MAX) {
            guesses.begin(HERE, &format!("{account}@gilmok.kr"), account as i64);
        }
        assert!(guesses.0.lock().unwrap().len() <= COUNTS_MAX + 2);
    }
}
