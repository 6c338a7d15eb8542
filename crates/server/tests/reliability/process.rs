//! The binary: run as a command, and as a server that is killed and started again.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::trials::now;

/// How long a server may take until it answers before a trial gives up.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The binary, in English and without what this machine's environment would tell it.
pub fn binary() -> Command {
    tuned(Command::new(program()))
}

/// The binary that was built with the tests, or the one that `GILMOK_BIN` names.
#[expect(clippy::disallowed_methods, reason = "which program is tried is for who runs the trials to say")]
fn program() -> OsString {
    std::env::var_os("GILMOK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_gilmok").into())
}

fn tuned(mut command: Command) -> Command {
    for name in ["GILMOK_LISTEN", "GILMOK_DATA_DIR", "GILMOK_PUBLIC_URL", "LC_ALL", "LC_MESSAGES"] {
        command.env_remove(name);
    }
    command.env("LANG", "en_US.UTF-8");
    command
}

/// The binary under a wrapper such as `strace …`.
pub fn wrapped(wrapper: &[String]) -> Command {
    let mut command = Command::new(&wrapper[0]);
    command.args(&wrapper[1..]).arg(program());
    tuned(command)
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command on a folder.
pub fn gilmok(data: &Path, args: &[&str]) -> Ended {
    let output = binary().arg("--data").arg(data).arg("--json").args(args).output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The rows a query answers.
pub fn sql(data: &Path, query: &str) -> Result<Vec<Value>, Ended> {
    let ended = gilmok(data, &["sql", "--limit", "1000000", query]);
    if ended.code != 0 {
        return Err(ended);
    }
    let mut answer: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(answer["truncated"], false);
    match answer["rows"].take() {
        Value::Array(rows) => Ok(rows),
        other => panic!("no rows: {other}"),
    }
}

/// A running `gilmok serve`; killed when dropped.
pub struct Server {
    child: Child,
    errors: Option<JoinHandle<String>>,
    /// The server's own process, which under a wrapper is not the child.
    pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it answered.
    pub ready_after: Duration,
}

impl Server {
    /// Starts it and waits until it answers; the error is what it said instead.
    pub fn start(command: Command, data: &Path, args: &[&str]) -> Result<Self, Ended> {
        Self::begin(command, data, args).ready()
    }

    /// Starts it without waiting.
    pub fn begin(mut command: Command, data: &Path, args: &[&str]) -> Starting {
        let began = now();
        let command = command.arg("--data").arg(data).args(["--json", "--lang", "en", "serve"]).args(args);
        let command = command.args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        // Read all along: a full pipe would stop the server.
        let errors = std::thread::spawn(move || std::io::read_to_string(errors).unwrap_or_default());
        Starting { child, errors, began }
    }

    /// Ends it at once, as the machine's fault handler would.
    pub fn kill(mut self) {
        signal(self.pid, "KILL");
        self.child.wait().unwrap();
    }

    /// Asks it to end, as a service manager does. The exit code, and how long it took.
    pub fn terminate(mut self) -> (Option<i32>, Duration) {
        let began = now();
        signal(self.pid, "TERM");
        (self.child.wait().unwrap().code(), began.elapsed())
    }

    /// Waits until it ends by itself; the exit code and what it said on standard error.
    pub fn wait_for_end(&mut self, longest: Duration) -> Option<Ended> {
        let deadline = now() + longest;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let err = self.errors.take().and_then(|errors| errors.join().ok()).unwrap_or_default();
                return Some(Ended { code: status.code().unwrap_or(-1), out: String::new(), err });
            }
            if now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.pid
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        signal(self.pid, "KILL");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that was started and has not said yet where it listens.
pub struct Starting {
    child: Child,
    errors: JoinHandle<String>,
    began: std::time::Instant,
}

impl Starting {
    /// Waits until it answers; the error is what it said instead.
    pub fn ready(mut self) -> Result<Server, Ended> {
        let mut line = String::new();
        let mut out = BufReader::new(self.child.stdout.as_mut().unwrap());
        out.read_line(&mut line).unwrap();
        let told: Option<Value> = serde_json::from_str(&line).ok();
        let port = told.as_ref().and_then(|told| told["url"].as_str()?.rsplit_once(':')?.1.parse().ok());
        let Some(port) = port else {
            let out = line + &std::io::read_to_string(out).unwrap_or_default();
            let code = self.child.wait().unwrap().code().unwrap_or(-1);
            let err = self.errors.join().unwrap_or_default();
            return Err(Ended { code, out, err });
        };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let deadline = self.began + READY_WITHIN;
        while !crate::client::Connection::open(address)
            .is_ok_and(|mut c| c.get("/readyz").is_ok_and(|a| a.status == 200))
        {
            assert!(now() < deadline, "not ready within {READY_WITHIN:?}");
        }
        let ready_after = self.began.elapsed();
        let pid = server_process(&self.child);
        Ok(Server { child: self.child, errors: Some(self.errors), pid, address, ready_after })
    }

    /// Ends it at once, whatever it was doing.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A wrapper's only child, or the child itself.
fn server_process(child: &Child) -> u32 {
    let id = child.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    children.split_whitespace().next().and_then(|pid| pid.parse().ok()).unwrap_or(id)
}

fn signal(pid: u32, name: &str) {
    // Gone already is as good.
    let _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).stderr(Stdio::null()).status();
}
