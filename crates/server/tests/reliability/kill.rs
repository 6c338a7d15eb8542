//! `kill -9` at random moments under load: a third at any time, a third while events are sealed into parts and parts
//! are merged, a third while the server recovers from the kill before.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::Rng;

use crate::ledger::Ledger;
use crate::load::{Access, Load, Plan};
use crate::process::{Server, binary};
use crate::trials::{self, a_while, below, now, quantile};

/// Kills in one folder before the next trial takes a new one.
const KILLS_PER_FOLDER: usize = 25;

/// When to kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    AnyTime,
    Sealing,
    Recovery,
}

/// Settings of the server under trial: small tails, so that sealing and merging never stop.
pub const BUSY_SEALING: [&str; 4] = ["--seal-rows", "2000", "--seal-seconds", "1"];

const LOAD: Plan = Plan { n_clients: 4, n_events: 50, bad_every: 7 };

#[test]
fn acknowledged_events_survive_kill_9() {
    let (mut rng, n_kills) = (trials::rng(2), trials::count(20, 300));
    let (mut n_done, mut ready, mut told) = (0, Vec::new(), Told::default());
    while n_done < n_kills {
        let n = KILLS_PER_FOLDER.min(n_kills - n_done);
        one_folder(n, n_done, &mut rng, &mut ready, &mut told);
        n_done += n;
    }
    println!(
        "kill -9: {n_kills} kills, {} events acknowledged, {} sent, 0 lost, 0 duplicated, {} sent again; \
         ready after {:?} in the median, {:?} at most",
        told.n_acknowledged,
        told.n_sent,
        told.n_again,
        quantile(&mut ready, 0.5),
        quantile(&mut ready, 1.0),
    );
}

#[derive(Default)]
struct Told {
    n_acknowledged: u64,
    n_sent: u64,
    n_again: usize,
}

fn one_folder(n: usize, n_before: usize, rng: &mut Rng, ready: &mut Vec<Duration>, told: &mut Told) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut server = start(&data);
    let access = Access::make(&server);
    for kill in 0..n {
        let when = [When::AnyTime, When::Sealing, When::Recovery][(n_before + kill) % 3];
        // A client that got no answer asks again; half of the time it is gone for good.
        let again = if rng.chance(0.5) { ledger.lock().unwrap().open() } else { Vec::new() };
        told.n_again += again.len();
        let load = Load::start(&server, &access, &ledger, LOAD, again);
        let watch = load.watch(&server, &access);
        match when {
            When::Sealing => wait_for_parts(&data, rng),
            When::AnyTime | When::Recovery => std::thread::sleep(a_while(rng, Duration::from_millis(1500))),
        }
        server.kill();
        let met = load.join();
        assert_eq!(met.odd, Vec::<String>::new(), "kill {kill}, {when:?}");
        assert_eq!(watch.join().unwrap(), None, "before kill {kill}");
        if when == When::Recovery {
            for _ in 0..=below(rng, 3) {
                let recovering = Server::begin(binary(), &data, &BUSY_SEALING);
                std::thread::sleep(a_while(rng, Duration::from_millis(300)));
                recovering.kill();
            }
        }
        server = start(&data);
        ready.push(server.ready_after);
        let (stored, ledger) = (access.stored(&server), ledger.lock().unwrap());
        let mut faults = ledger.faults(&stored);
        faults.extend(ledger.letter_faults(access.n_letters(&server)));
        assert!(faults.is_empty(), "kill {kill} of {}, {when:?}:\n{}", data.display(), faults.join("\n"));
    }
    let ledger = ledger.lock().unwrap();
    told.n_acknowledged += ledger.n_acknowledged();
    told.n_sent += ledger.n_sent();
}

fn start(data: &Path) -> Server {
    Server::start(binary(), data, &BUSY_SEALING)
        .unwrap_or_else(|ended| panic!("{}: {ended:?}", data.display()))
}

/// Waits until a part is being written, and a little longer.
fn wait_for_parts(data: &Path, rng: &mut Rng) {
    let parts = || -> Vec<_> {
        let folders = std::fs::read_dir(data.join("parts")).into_iter().flatten().flatten();
        let files = folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok()).flatten().flatten();
        files.map(|file| file.file_name()).collect()
    };
    std::thread::sleep(a_while(rng, Duration::from_millis(500)));
    let (before, deadline) = (parts(), now() + Duration::from_secs(5));
    while parts().iter().all(|file| before.contains(file)) && now() < deadline {
        std::thread::yield_now();
    }
    std::thread::sleep(a_while(rng, Duration::from_millis(60)));
}
