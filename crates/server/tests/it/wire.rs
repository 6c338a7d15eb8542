//! The PostgreSQL wire, with the real `psql` and, for prepared statements, byte by byte.

use crate::app::{EMAIL, PASSWORD, TestApp};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Output};
use std::time::Duration;

/// A server with its wire; it ends with the test.
struct Wired {
    app: TestApp,
    address: SocketAddr,
}

impl Wired {
    async fn furnished() -> Self {
        let app = TestApp::furnished().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let wire = server::pg::Server::new(&app.app).unwrap();
        tokio::spawn(wire.serve(listener, std::future::pending()));
        Self { app, address }
    }

    async fn psql(&self, password: &str, commands: &[&str]) -> Output {
        let mut psql = Command::new("psql");
        psql.args(["-h", "127.0.0.1", "-p", &self.address.port().to_string(), "-U", EMAIL, "-d", "gilmok"])
            .args(["-X", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=0"])
            .env("PGPASSWORD", password)
            .env("PGCONNECT_TIMEOUT", "10");
        for command in commands {
            psql.args(["-c", command]);
        }
        let run = move || psql.output().expect("psql is installed: tools/setup test");
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn tell(&self, commands: &[&str]) -> String {
        let output = self.psql(PASSWORD, commands).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{commands:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn refusal(&self, command: &str) -> String {
        let output = self.psql(PASSWORD, &[command]).await;
        assert!(!output.status.success(), "{command} was done: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn psql_reads() {
    let wired = Wired::furnished().await;
    let query = "SELECT event, count(*), sum(amount) FROM events GROUP BY event ORDER BY event";
    assert_eq!(wired.tell(&[query]).await, "cart|3|\norder|2|47000.00\nvisit|4|\n");
    let types = "SELECT time, amount IS NULL, user_id, 1.5::float8, DATE '2026-03-02', NULL FROM events ORDER BY time LIMIT 1";
    assert_eq!(wired.tell(&[types]).await, "2026-01-05 01:00:00.000000+00|t|ann|1.5|2026-03-02|\n");
    assert_eq!(
        wired.tell(&["SELECT stages FROM journeys ORDER BY entered_at LIMIT 1"]).await,
        "{aware,consider,order}\n"
    );
    assert!(wired.tell(&["SELECT version()"]).await.starts_with("PostgreSQL 16"));
    assert_eq!(wired.tell(&["SELECT current_database(), current_schema()"]).await, "gilmok|public\n");
    // New data is there at once.
    let more = "who,when,what,where,krw\neve,2026-02-01T10:00:00+09:00,visit,web,\n";
    wired.app.import("more.csv", more, &crate::app::mapping()).await;
    assert_eq!(wired.tell(&["SELECT count(*) FROM events WHERE event = 'visit'"]).await, "5\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn psql_describes() {
    let wired = Wired::furnished().await;
    let tables = wired.tell(&["\\dt"]).await;
    for name in ["costs", "events", "feedback", "journeys", "persons", "sessions"] {
        assert!(tables.contains(&format!("public|{name}|table|")), "{tables}");
    }
    let columns = wired.tell(&["\\d events"]).await;
    for column in ["person|text", "time|timestamp with time zone", "amount|numeric"] {
        assert!(columns.contains(column), "{columns}");
    }
    assert!(wired.tell(&["\\l"]).await.contains("gilmok"));
    assert!(wired.tell(&["\\dn"]).await.contains("public"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_accounts_come_in() {
    let wired = Wired::furnished().await;
    for password in ["", "wrong", "바다가 보이는 언덕"] {
        let output = wired.psql(password, &["SELECT 1"]).await;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty(), "{password}: {told}");
    }
    assert_eq!(wired.tell(&["SELECT 1"]).await, "1\n");
    for _ in 0..12 {
        wired.psql("wrong", &["SELECT 1"]).await;
    }
    let output = wired.psql(PASSWORD, &["SELECT 1"]).await; // Right, but after so many it has to wait.
    assert!(String::from_utf8_lossy(&output.stderr).contains("too many wrong tries"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written() {
    let wired = Wired::furnished().await;
    for command in [
        "DROP TABLE events",
        "CREATE TABLE x (a int)",
        "INSERT INTO events SELECT * FROM events",
        "DELETE FROM events",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "COPY events TO '/tmp/stolen.csv'",
        "COPY (SELECT 1) TO STDOUT",
        "SELECT * FROM '/etc/passwd'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT nothing FROM events",
        "DECLARE c CURSOR FOR SELECT 1",
    ] {
        let told = wired.refusal(command).await;
        assert!(told.contains("ERROR:"), "{command}: {told}");
    }
    assert_eq!(wired.tell(&["SELECT count(*) FROM events"]).await, "9\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_behaves() {
    let wired = Wired::furnished().await;
    let told = wired
        .tell(&[
            "SET application_name = 'test'",
            "SET TIME ZONE 'Asia/Seoul'",
            "SHOW TimeZone",
            "SHOW application_name",
            "BEGIN",
            "SELECT 1",
            "COMMIT",
            "SELECT 2; SELECT 3",
        ])
        .await;
    assert_eq!(told, "SET\nSET\nUTC\ntest\nBEGIN\n1\nCOMMIT\n2\n3\n");
    let output = wired.psql(PASSWORD, &["BEGIN", "SELECT nothing", "SELECT 1", "ROLLBACK", "SELECT 4"]).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "BEGIN\nROLLBACK\n4\n");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("the transaction has failed"), "{errors}");
    // A savepoint brings back a transaction that failed.
    let savepoints = [
        "BEGIN",
        "SAVEPOINT a",
        "SELECT nothing",
        "ROLLBACK TO SAVEPOINT a",
        "SELECT 5",
        "RELEASE SAVEPOINT a",
        "COMMIT",
    ];
    let output = wired.psql(PASSWORD, &savepoints).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "BEGIN\nSAVEPOINT\nROLLBACK\n5\nRELEASE\nCOMMIT\n");
    let settings = [
        "SET application_name = 'test'",
        "SELECT current_setting('application_name')",
        "SELECT pg_catalog.current_setting('server_version_num')::int / 10000",
        "SELECT current_setting('no.such', true) IS NULL",
        "SELECT current_setting('no.such')",
    ];
    let output = wired.psql(PASSWORD, &settings).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "SET\ntest\n16\nt\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"no.such\" is unknown"), "{output:?}");
    let slow = "SELECT count(*) FROM generate_series(1, 1000000000000)";
    let output = wired.psql(PASSWORD, &["SET statement_timeout = '200ms'", slow, "SELECT 5"]).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("stopped"), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "SET\n5\n");
}

/// A client that speaks the protocol itself, and its key to cancel.
struct Client(TcpStream, [u8; 8]);

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut client = Self(stream, [0; 8]);
        let startup =
            [&196_608_u32.to_be_bytes()[..], b"user\0", EMAIL.as_bytes(), b"\0database\0gilmok\0\0"];
        let startup = startup.concat();
        client.0.write_all(&(startup.len() as u32 + 4).to_be_bytes()).unwrap();
        client.0.write_all(&startup).unwrap();
        assert_eq!(client.read().0, b'R');
        client.send(b'p', &[PASSWORD.as_bytes(), b"\0"].concat());
        let messages = client.until_ready();
        let body =
            |wanted: u8| messages.iter().find(|(kind, _)| *kind == wanted).map(|(_, body)| body.as_slice());
        assert_eq!(body(b'R'), Some(&[0; 4][..]));
        client.1 = body(b'K').unwrap().try_into().unwrap();
        client
    }

    fn send(&mut self, kind: u8, body: &[u8]) {
        let length = (body.len() as u32 + 4).to_be_bytes();
        self.0.write_all(&[&[kind][..], &length, body].concat()).unwrap();
    }

    fn read(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 5];
        self.0.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length - 4];
        self.0.read_exact(&mut body).unwrap();
        (head[0], body)
    }

    fn until_ready(&mut self) -> Vec<(u8, Vec<u8>)> {
        let mut messages = Vec::new();
        loop {
            let (kind, body) = self.read();
            messages.push((kind, body));
            if kind == b'Z' {
                return messages;
            }
        }
    }

    /// Prepares, binds one text parameter, describes and runs; at most `max_rows` at a time.
    fn ask(&mut self, sql: &str, parameter: &str, max_rows: u32) -> Vec<(u8, Vec<u8>)> {
        self.send(b'P', &[b"\0", sql.as_bytes(), b"\0\0\0"].concat());
        self.send(b'D', b"S\0");
        let length = (parameter.len() as u32).to_be_bytes();
        self.send(b'B', &[b"\0\0\0\0\0\x01", &length[..], parameter.as_bytes(), b"\0\0"].concat());
        self.send(b'E', &[b"\0", &max_rows.to_be_bytes()[..]].concat());
        self.send(b'S', b"");
        self.until_ready()
    }
}

/// The cells of the rows among messages.
fn rows(messages: &[(u8, Vec<u8>)]) -> Vec<Vec<String>> {
    let cells = |body: &Vec<u8>| {
        let mut rest = &body[2..];
        let mut cells = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
            cells.push(String::from_utf8(rest[4..4 + length].to_vec()).unwrap());
            rest = &rest[4 + length..];
        }
        cells
    };
    messages.iter().filter(|(kind, _)| *kind == b'D').map(|(_, body)| cells(body)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_cancelled_by_its_key() {
    let wired = Wired::furnished().await;
    let address = wired.address;
    let told = move || {
        let mut client = Client::connect(address);
        client.send(b'Q', b"SELECT count(*) FROM generate_series(1, 1000000000000)\0");
        let cancel = |key: [u8; 8]| {
            let mut other = TcpStream::connect(address).unwrap();
            let request = [&16_u32.to_be_bytes()[..], &80_877_102_u32.to_be_bytes(), &key].concat();
            other.write_all(&request).unwrap();
        };
        cancel([7; 8]); // Somebody else's key does nothing.
        // The query may not have begun when the first request comes: ask until it ends.
        client.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let mut first = [0; 1];
        let n_asked = (1..300).find(|_| {
            cancel(client.1);
            client.0.peek(&mut first).is_ok_and(|n| n == 1)
        });
        assert!(n_asked.is_some(), "it still runs");
        client.0.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let messages = client.until_ready();
        let error = messages.iter().find(|(kind, _)| *kind == b'E').expect("an error");
        assert!(String::from_utf8_lossy(&error.1).contains("57014"));
    };
    tokio::task::spawn_blocking(told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_statements_take_parameters() {
    let wired = Wired::furnished().await;
    let address = wired.address;
    let told = move || {
        let mut client = Client::connect(address);
        let sql = "SELECT event, count(*) FROM events WHERE event = $1 GROUP BY 1";
        assert_eq!(rows(&client.ask(sql, "visit", 0)), [["visit", "4"]]);
        assert_eq!(rows(&client.ask(sql, "it's; DROP TABLE events", 0)), [[""; 2]; 0]);
        let time = "SELECT count(*) FROM events WHERE time >= $1";
        assert_eq!(rows(&client.ask(time, "2026-01-09 00:00:00+00", 0)), [["3"]]);
        let cast = "SELECT $1::int + 1";
        assert_eq!(rows(&client.ask(cast, "41", 0)), [["42"]]);
        // Some rows, and the portal waits.
        let some = client.ask("SELECT user_id FROM events WHERE user_id <> $1 ORDER BY time", "dan", 2);
        assert_eq!(rows(&some), [["ann"], ["ann"]]);
        assert!(some.iter().any(|(kind, _)| *kind == b's'));
        // An error leaves the connection usable.
        let wrong = client.ask("SELECT nothing FROM events WHERE event = $1", "visit", 0);
        assert!(wrong.iter().any(|(kind, _)| *kind == b'E'));
        assert_eq!(rows(&client.ask(sql, "order", 0)), [["order", "2"]]);
    };
    tokio::task::spawn_blocking(told).await.unwrap();
}
