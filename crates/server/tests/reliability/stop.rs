//! Ends in order: `SIGTERM` under load, as a service manager stops and restarts a server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::kill::BUSY_SEALING;
use crate::ledger::Ledger;
use crate::load::{Access, Load, Plan};
use crate::process::{Server, binary};
use crate::trials::{self, a_while};

const LOAD: Plan = Plan { n_clients: 4, n_events: 100, bad_every: 9 };
/// A service manager's patience is longer; ours is the promise.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn a_server_told_to_end_drains() {
    let (mut rng, n_stops) = (trials::rng(5), trials::count(10, 200));
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let start = || Server::start(binary(), &data, &BUSY_SEALING).unwrap_or_else(|ended| panic!("{ended:?}"));
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let (mut access, mut waits) = (None, Vec::new());
    for stop in 0..n_stops {
        let server = start();
        let access = access.get_or_insert_with(|| Access::make(&server));
        let stored = access.stored(&server);
        let faults = ledger.lock().unwrap().faults(&stored);
        assert!(faults.is_empty(), "after {stop} stops:\n{}", faults.join("\n"));
        // A client whose request was cut off sends it again.
        let again = ledger.lock().unwrap().open();
        let load = Load::start(&server, access, &ledger, LOAD, again);
        std::thread::sleep(a_while(&mut rng, Duration::from_millis(800)));
        let (code, wait) = server.terminate();
        let met = load.join();
        assert_eq!((code, met.odd), (Some(0), Vec::new()), "stop {stop}");
        assert!(wait <= ENDS_WITHIN, "stop {stop} took {wait:?}");
        waits.push(wait);
    }
    let server = start();
    let access = access.expect("there was a stop");
    let again = ledger.lock().unwrap().open();
    let n_open = again.len();
    let load = Load::start(&server, &access, &ledger, LOAD, again);
    while !ledger.lock().unwrap().open().is_empty() && load.is_at_work() {
        load.no_more();
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(load.end().odd, Vec::<String>::new());
    let ledger = ledger.lock().unwrap();
    let faults = ledger.faults_if(&access.stored(&server), |_| true);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!(
        "SIGTERM: {n_stops} stops under load, {} events, all there once; {n_open} batches cut off by the last one; \
         ended after {:?} in the median, {:?} at most",
        ledger.n_sent(),
        trials::quantile(&mut waits, 0.5),
        trials::quantile(&mut waits, 1.0),
    );
}
