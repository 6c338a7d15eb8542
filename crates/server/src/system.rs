//! The outside world: wall clock, environment, randomness. Nothing else in the project reads them.

use argon2::password_hash::rand_core::{OsRng, RngCore};
use model::{Clock, Lang};

/// The clock of the machine.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn wall_clock() -> Clock {
    Clock::new(|| jiff::Timestamp::now().as_microsecond())
}

/// A stopwatch for progress reports and benchmarks; never for logic.
#[expect(clippy::disallowed_methods, reason = "durations told to people, not used in any answer")]
pub fn stopwatch() -> impl Fn() -> std::time::Duration {
    let start = std::time::Instant::now();
    move || start.elapsed()
}

/// The language of the terminal: Korean when the locale says so, else English.
#[expect(clippy::disallowed_methods, reason = "the environment is read here, once, at the start")]
pub fn terminal_lang() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    match set.into_iter().find(|value| !value.is_empty()) {
        Some(locale) if locale.starts_with("ko") => Lang::Ko,
        _ => Lang::En,
    }
}

/// The most memory this process has had; `None` where the system does not say.
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Bytes nobody can guess, from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}
