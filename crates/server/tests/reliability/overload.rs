//! Ten times more than the server can take: it says so, and its memory stays bounded.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::ledger::{EVENTS_MAX, Ledger};
use crate::load::{Access, Load, Plan};
use crate::process::{Server, binary};
use crate::trials::{self, now};

/// Each client sends its next batch the moment the last one is answered.
const LOAD: Plan = Plan { n_clients: 40, n_events: EVENTS_MAX, bad_every: 0 };
/// More than this and something grows with the load.
const MEMORY_MAX_MB: u64 = 1024;

#[test]
fn memory_is_bounded_under_overload() {
    let seconds = trials::count(8, 60) as u64;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(binary(), &data, &["--tail-mib", "64"]).unwrap();
    let access = Access::make(&server);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let load = Load::start(&server, &access, &ledger, LOAD, Vec::new());
    let until = now() + Duration::from_secs(seconds);
    let mut read_waits = Vec::new();
    while now() < until {
        std::thread::sleep(Duration::from_millis(500));
        let began = now();
        let answer = access.owner(&server).get("/api/v1/workspace").unwrap();
        assert_eq!(answer.status, 200);
        read_waits.push(began.elapsed());
    }
    let mut met = load.end();
    assert_eq!(met.odd, Vec::<String>::new());
    let peak_mb = peak_memory_mb(server.pid());
    let ledger = ledger.lock().unwrap();
    let faults = ledger.faults(&access.stored(&server));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let acknowledged_within = met.wait(0.99);
    println!(
        "overload: {} clients for {seconds} s, {} events acknowledged ({} a second), {} batches told to wait, 99 % \
         acknowledged within {:?}; another page within {:?} at most; peak memory {peak_mb} MB",
        LOAD.n_clients,
        ledger.n_acknowledged(),
        ledger.n_acknowledged() / seconds,
        met.n_busy,
        acknowledged_within,
        trials::quantile(&mut read_waits, 1.0),
    );
    assert!(peak_mb <= MEMORY_MAX_MB, "{peak_mb} MB");
}

/// The most memory a process ever had resident.
fn peak_memory_mb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap() / 1024
}
