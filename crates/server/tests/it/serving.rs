//! The binary as a server: demo, lock, signals.

use crate::cli::{Ended, gilmok};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running `gilmok serve` or `demo`; killed when dropped.
pub struct Serving {
    child: Child,
    told: Value,
}

impl Serving {
    pub fn start(data: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gilmok"))
            .env_remove("GILMOK_LISTEN")
            .arg("--data")
            .arg(data)
            .arg("--json")
            .args(args)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, told }
    }

    pub fn authority(&self) -> &str {
        self.told["url"].as_str().unwrap().strip_prefix("http://").unwrap()
    }

    /// The head and body of an answer.
    fn get(&self, path: &str, cookie: &str) -> String {
        let address = self.authority().replace("localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(address).unwrap();
        let host = self.authority();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The head and body of the answer to a batch sent with a write key.
    pub fn post(&self, path: &str, key: &str, body: &str) -> String {
        let (host, n_bytes) = (self.authority(), body.len());
        let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.1")).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Length: {n_bytes}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end as a service manager does.
    pub fn terminate(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_second_process_is_told_where_the_first_is() {
    let dir = tempfile::tempdir().unwrap();
    let server = Serving::start(dir.path(), &["serve"]);
    let question = dir.path().join("question.json");
    std::fs::write(&question, r#"{"ask": "channels"}"#).unwrap();
    let commands: [&[&str]; 4] = [
        &["verify"],
        &["sql", "SELECT 1"],
        &["ask", question.to_str().unwrap()],
        &["serve", "--listen", "127.0.0.1:0"],
    ];
    for command in commands {
        for (lang, word) in [("ko", "쓰고 있습니다"), ("en", "is using")] {
            let Ended { code, err, .. } = gilmok(dir.path(), &[&["--lang", lang], command].concat());
            assert_eq!(code, 4, "{command:?}: {err}");
            assert!(err.contains(word) && err.contains(server.told["url"].as_str().unwrap()), "{err}");
        }
    }
    // The server was not disturbed, and its folder is free when it has ended.
    assert!(server.get("/readyz", "").starts_with("HTTP/1.1 200"));
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(gilmok(dir.path(), &["verify"]).code, 0);
    assert!(!dir.path().join("serving").exists());
}

#[test]
fn the_demo_opens_on_its_map_with_one_click() {
    let dir = tempfile::tempdir().unwrap();
    let made = gilmok(dir.path(), &["--json", "demo", "--no-serve", "--size", "0.002"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let made: Value = serde_json::from_str(&made.out).unwrap();
    assert_eq!(made["email"], "demo@gilmok.local");
    assert!(made["password"].as_str().unwrap().len() >= 20);

    let server = Serving::start(dir.path(), &["demo"]);
    assert_eq!(server.told["password"], Value::Null); // It was told when it was made, and is not kept.
    let map = made["map"].as_str().unwrap();
    let home = server.get("/", "");
    assert!(home.starts_with("HTTP/1.1 307") && home.contains(&format!("location: /maps/{map}")), "{home}");

    let link = server.told["open_url"].as_str().unwrap().to_owned();
    let path = &link[link.find("/open/").unwrap()..];
    let opened = server.get(path, "");
    let cookie = opened.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let answer = server.get(&format!("/api/v1/maps/{map}"), cookie);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.get(&format!("/api/v1/maps/{map}"), "").starts_with("HTTP/1.1 401"));
    assert_eq!(server.terminate(), Some(0));

    // Once more adds nothing; other data is never mixed with the demo's.
    assert_eq!(gilmok(dir.path(), &["demo", "--no-serve", "--size", "0.002"]).code, 0);
    assert_eq!(gilmok(dir.path(), &["demo", "--listen", "0.0.0.0:0"]).code, 1);
}

#[test]
fn nobody_beyond_this_machine_reaches_a_server_without_an_account() {
    let dir = tempfile::tempdir().unwrap();
    let refused = gilmok(dir.path(), &["--json", "serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((refused.code, refused.problem().as_str()), (1, "serve.no_account"));
}

#[test]
fn a_taken_port_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = gilmok(dir.path(), &["--json", "serve", "--listen", &address]);
    assert_eq!((refused.code, refused.problem().as_str()), (4, "serve.listen"));
}
