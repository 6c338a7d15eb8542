//! Clients that send batches as fast as they are answered, and keep the books.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Connection;
use crate::ledger::{self, Batch, Ledger};
use crate::process::Server;
use crate::trials::{now, quantile};

/// How soon an acknowledged event is seen by those who ask, on a machine that is busy with other tests too.
const VISIBLE_WITHIN: Duration = Duration::from_secs(10);

/// What a client needs to be let in; made once for a folder.
#[derive(Debug, Clone)]
pub struct Access {
    cookie: String,
    key: String,
}

impl Access {
    /// Makes the owner's account and a source on a new folder.
    pub fn make(server: &Server) -> Self {
        let mut connection = Connection::open(server.address).unwrap();
        let owner = json!({"name": "min", "email": "min@gilmok.kr", "password": "a hill with a view of the sea",
            "workspace": "trial", "lang": "en"});
        let answer = connection.post("/api/v1/auth/setup", &owner.to_string()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        connection.headers.push(("Cookie".to_owned(), cookie.clone()));
        let answer = connection.post("/api/v1/sources", r#"{"name": "trial"}"#).unwrap();
        assert!(answer.status / 100 == 2, "{answer:?}");
        let key = answer.json()["key"].as_str().unwrap().to_owned();
        Self { cookie, key }
    }

    /// A connection of the owner's browser.
    pub fn owner(&self, server: &Server) -> Connection {
        let mut connection = Connection::open(server.address).unwrap();
        connection.headers.push(("Cookie".to_owned(), self.cookie.clone()));
        connection
    }

    /// A connection of a source.
    fn source(&self, address: SocketAddr) -> std::io::Result<Connection> {
        let mut connection = Connection::open(address)?;
        connection.headers.push(("Authorization".to_owned(), format!("Bearer {}", self.key)));
        Ok(connection)
    }

    /// Sends one small batch of its own and gives the status of the answer.
    pub fn batch_status(&self, server: &Server, ledger: &Mutex<Ledger>) -> u16 {
        let batch = ledger.lock().unwrap().send(1, 0);
        let answer = self.source(server.address).unwrap().post("/v1/batch", &batch.body()).unwrap();
        match answer.status {
            200 => ledger.lock().unwrap().acknowledge(batch.number),
            503 => assert!(answer.header("retry-after").is_some(), "{answer:?}"),
            _ => panic!("{answer:?}"),
        }
        answer.status
    }

    /// What is wrong with what the running server shows, by the books. What was acknowledged a moment ago may take
    /// until [`VISIBLE_WITHIN`] to be seen: a look that began before says nothing of it, however long it took.
    pub fn faults(&self, server: &Server, ledger: &Ledger, must: impl Fn(u64) -> bool) -> Vec<String> {
        let deadline = now() + VISIBLE_WITHIN;
        loop {
            let began = now();
            let faults = ledger.faults_if(&self.stored(server), &must);
            if faults.is_empty() || began > deadline {
                return faults;
            }
        }
    }

    /// How many dead letters the running server lists.
    pub fn n_letters(&self, server: &Server) -> u64 {
        let answer = self.owner(server).get("/api/v1/dead-letters?limit=1").unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        let counts = answer.json()["counts"].as_array().cloned().unwrap_or_default();
        let of = |kind: &Value| kind["n_waiting"].as_u64().unwrap() + kind["n_replayed"].as_u64().unwrap();
        counts.iter().map(of).sum()
    }

    /// How many events the running server counts; `None` if it is gone.
    fn n_events(&self, server: SocketAddr) -> Option<u64> {
        let mut owner = Connection::open(server).ok()?;
        owner.headers.push(("Cookie".to_owned(), self.cookie.clone()));
        let answer = owner.post("/api/v1/sql", r#"{"query": "SELECT count(*) FROM events"}"#).ok()?;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["rows"][0][0].as_u64()
    }

    /// What the running server says is stored.
    pub fn stored(&self, server: &Server) -> std::collections::BTreeMap<u64, ledger::Stored> {
        let mut owner = self.owner(server);
        let mut rows: Vec<Value> = Vec::new();
        loop {
            let ask = json!({"query": format!("{} LIMIT 10000 OFFSET {}", ledger::QUERY, rows.len()), "limit": 10_000});
            let answer = owner.post("/api/v1/sql", &ask.to_string()).unwrap();
            if rows.is_empty() && answer.body.contains("No field named batch") {
                return Default::default(); // No event with a batch has come yet: there is no such column.
            }
            assert_eq!(answer.status, 200, "{answer:?}");
            let Value::Array(page) = answer.json()["rows"].take() else { panic!("no rows: {answer:?}") };
            let n_page = page.len();
            rows.extend(page);
            if n_page < 10_000 {
                return ledger::stored(&rows);
            }
        }
    }
}

/// How much to send.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub n_clients: usize,
    /// Good events per batch.
    pub n_events: u64,
    /// Every so many batches hold one event that belongs to the dead letters; 0 is none.
    pub bad_every: u64,
}

/// What the clients met.
#[derive(Debug, Default)]
pub struct Met {
    /// Time until a batch was acknowledged.
    pub waits: Vec<Duration>,
    /// Answers 503 with a `Retry-After`.
    pub n_busy: u64,
    /// Anything that should not be: other answers, verdicts that do not fit.
    pub odd: Vec<String>,
    /// Batches in the order in which their answers came, per connection by its port.
    pub answered: Vec<(u16, Vec<u64>)>,
}

impl Met {
    /// The time below which this share of acknowledgements came.
    pub fn wait(&mut self, share: f64) -> Duration {
        quantile(&mut self.waits, share)
    }

    fn add(&mut self, other: Self) {
        self.waits.extend(other.waits);
        self.n_busy += other.n_busy;
        self.odd.extend(other.odd);
        self.answered.extend(other.answered);
    }
}

/// Clients at work.
pub struct Load {
    stop: Arc<AtomicBool>,
    /// Nothing new: only what has to be sent again.
    no_more: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Met>>,
}

impl Load {
    /// Starts clients; what they send is in `ledger` before it is sent. Batches of `again` are sent first.
    pub fn start(
        server: &Server,
        access: &Access,
        ledger: &Arc<Mutex<Ledger>>,
        plan: Plan,
        again: Vec<Batch>,
    ) -> Self {
        let (stop, no_more) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let again = Arc::new(Mutex::new(again));
        let clients = (0..plan.n_clients)
            .map(|_| {
                let (access, address, stop) = (access.clone(), server.address, Arc::clone(&stop));
                let (ledger, again, no_more) = (Arc::clone(ledger), Arc::clone(&again), Arc::clone(&no_more));
                std::thread::spawn(move || {
                    let mut met = Met::default();
                    if let Ok(connection) = access.source(address) {
                        let left = Left { again: &again, no_more: &no_more };
                        client(connection, &ledger, &left, plan, &stop, &mut met);
                    }
                    met
                })
            })
            .collect();
        Self { stop, no_more, clients }
    }

    /// From now on only what has to be sent again is sent; the clients end when nothing of it is left.
    pub fn no_more(&self) {
        self.no_more.store(true, Ordering::Relaxed);
    }

    /// Whether a client is still at work.
    pub fn is_at_work(&self) -> bool {
        self.clients.iter().any(|client| !client.is_finished())
    }

    /// Reads along until the server is gone: events never vanish, not even for a moment while they are sealed.
    pub fn watch(&self, server: &Server, access: &Access) -> JoinHandle<Option<String>> {
        let (address, access, stop) = (server.address, access.clone(), Arc::clone(&self.stop));
        std::thread::spawn(move || {
            let mut most = 0;
            while !stop.load(Ordering::Relaxed) {
                let n_events = access.n_events(address)?;
                if n_events < most {
                    return Some(format!("{most} events were shown, then {n_events}"));
                }
                most = n_events;
            }
            None
        })
    }

    /// Ends the clients (those whose server is gone have ended already) and tells what they met.
    pub fn end(self) -> Met {
        self.stop.store(true, Ordering::Relaxed);
        self.join()
    }

    /// Waits until the clients end because their server does.
    pub fn join(self) -> Met {
        let mut met = Met::default();
        self.clients.into_iter().for_each(|client| met.add(client.join().unwrap()));
        met
    }
}

/// What there is still to send.
struct Left<'a> {
    again: &'a Mutex<Vec<Batch>>,
    no_more: &'a AtomicBool,
}

/// Sends until told to stop or the connection breaks.
fn client(
    mut connection: Connection,
    ledger: &Mutex<Ledger>,
    left: &Left<'_>,
    plan: Plan,
    stop: &AtomicBool,
    met: &mut Met,
) {
    let mut answered = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let repeated = left.again.lock().unwrap().pop();
        if repeated.is_none() && left.no_more.load(Ordering::Relaxed) {
            break;
        }
        let batch = repeated.unwrap_or_else(|| {
            let mut ledger = ledger.lock().unwrap();
            let next = ledger.batches.len() as u64 + 1;
            ledger.send(plan.n_events, u64::from(plan.bad_every > 0 && next % plan.bad_every == 0))
        });
        ledger.lock().unwrap().n_bad_sent += batch.n_bad;
        let began = now();
        let Ok(answer) = connection.post("/v1/batch", &batch.body()) else { break };
        answered.push(batch.number);
        match answer.status {
            200 => {
                met.waits.push(began.elapsed());
                ledger.lock().unwrap().acknowledge(batch.number);
                let verdict = answer.json();
                if verdict["accepted"] != batch.n_events || verdict["rejected"] != batch.n_bad {
                    met.odd.push(format!("{batch:?}: {verdict}"));
                }
            }
            503 if answer.header("retry-after").is_some() => {
                met.n_busy += 1;
                left.again.lock().unwrap().push(batch);
                std::thread::sleep(Duration::from_millis(20)); // Sooner than told, as an impatient client does.
            }
            _ => met.odd.push(format!("{answer:?}")),
        }
    }
    met.answered.push((connection.port(), answered));
}
