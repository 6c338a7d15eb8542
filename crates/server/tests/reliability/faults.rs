//! A disk that fails, and one that is full.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use testkit::power::disk::{Disk, State};

use crate::kill::BUSY_SEALING;
use crate::ledger::{self, Ledger};
use crate::load::{Access, Load, Plan};
use crate::power::{self, Recording};
use crate::process::{Server, binary, gilmok, wrapped};
use crate::trials::{self, now};

const LOAD: Plan = Plan { n_clients: 3, n_events: 20, bad_every: 7 };
/// How long a server may go on after a flush failed.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// Every flush of every thread fails from the n-th on, once or for good. The server may never have said of anything
/// that it is there unless it would be there if the power went now: a failed flush flushed nothing, and later ones
/// do not make up for it.
#[test]
fn a_failed_flush_is_never_acknowledged() {
    let (mut rng, n_trials) = (trials::rng(4), trials::count(6, 100));
    let (mut n_ended, mut n_acknowledged, mut n_states) = (0, 0, 0);
    let Some((folder, access)) = furnished() else { return };
    for _ in 0..n_trials {
        let dir = tempfile::tempdir().unwrap();
        let (data, log) = (dir.path().join("data"), dir.path().join("trace"));
        let Some(mut recorder) = power::recorder(&log) else { return };
        // Past what opening the folder flushes, mostly; those cases are there, too.
        let nth = 1 + trials::below(&mut rng, 40);
        let on = if rng.chance(0.5) { "+" } else { "" };
        recorder.extend(["-e".to_owned(), format!("inject=fsync,fdatasync:error=EIO:when={nth}{on}")]);
        folder.write(&data).unwrap();
        let mut server = match Server::start(wrapped(&recorder), &data, &BUSY_SEALING) {
            Ok(server) => server,
            Err(ended) => {
                assert!(
                    is_told(&ended.err) || is_told(&ended.out),
                    "flush {nth}{on} failed at the start: {ended:?}"
                );
                n_ended += 1;
                continue;
            }
        };
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let load = Load::start(&server, &access, &ledger, LOAD, Vec::new());
        // One fault may meet a thread that can answer for it; the log meets them all.
        let ended =
            server.wait_for_end(if on.is_empty() { Duration::from_millis(1500) } else { ENDS_WITHIN });
        assert!(
            on.is_empty() || ended.is_some(),
            "all flushes from number {nth} on failed, and the server goes on"
        );
        let met = match ended {
            Some(ended) => {
                assert!(ended.code != 0 && is_told(&ended.err), "flush {nth}{on} failed: {ended:?}");
                n_ended += 1;
                load.join()
            }
            None => {
                let met = load.end();
                server.kill();
                met
            }
        };
        let recording = Recording::read(Disk::new(&folder), &log, &data);
        let at = recording.acknowledged_at(&met);
        n_acknowledged += at.len();
        let ends = recording.ends(&mut rng);
        n_states += ends.len();
        let ledger = ledger.lock().unwrap();
        power::try_cuts(&ends, |_, data| match ledger::stored_in(data) {
            Ok(stored) => ledger.faults_if(&stored, |number| at.contains_key(&number)),
            Err(ended) => vec![format!("flush {nth}{on}: {ended:?}")],
        });
        // And as the operator does: the disk is well again, the server is started again.
        let stored = ledger::stored_in(&data).unwrap_or_else(|ended| panic!("flush {nth}{on}: {ended:?}"));
        let faults = ledger.faults(&stored);
        assert!(faults.is_empty(), "flush {nth}{on}:\n{}", faults.join("\n"));
    }
    println!(
        "failed flushes: {n_trials} trials, the server ended and said so in {n_ended}; {n_acknowledged} acknowledged \
         batches looked for in {n_states} states of the disk, 0 lost"
    );
}

/// Whether a message tells what happened.
fn is_told(text: &str) -> bool {
    ["flush", "Input/output error", "disk I/O error", "os error 5"].iter().any(|word| text.contains(word))
}

/// A folder with an owner and a source, so that a trial needs no flush to begin.
fn furnished() -> Option<(State, Access)> {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    power::recorder(&dir.path().join("trace"))?;
    let server = Server::start(binary(), &data, &BUSY_SEALING).unwrap();
    let access = Access::make(&server);
    assert_eq!(server.terminate().0, Some(0));
    Some((State::read(&data).unwrap(), access))
}

/// A file system in memory of a given size; taken away when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, size_mib: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={size_mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            other => {
                println!("the full disk is skipped: a small file system cannot be mounted here ({other:?})");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Writes until there is no space left, but for `spare` bytes.
fn fill(file: &Path, spare: u64) {
    use std::io::Write;
    let mut out = std::fs::File::create(file).unwrap();
    let zeros = vec![0; 1 << 16];
    while out.write_all(&zeros).is_ok() {}
    let size = out.metadata().unwrap().len();
    out.set_len(size.saturating_sub(spare)).unwrap();
}

#[test]
fn a_full_disk_is_told_and_gets_over() {
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    let Some(_mounted) = SmallDisk::mount(&disk, 64) else { return };
    let (data, filler) = (disk.join("data"), disk.join("filler"));
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let server = Server::start(binary(), &data, &BUSY_SEALING).unwrap();
    let access = Access::make(&server);
    let mut recoveries = Vec::new();
    // From a disk where the log still fits for a while to one without a single free byte.
    for spare in [6 << 20, 1 << 20, 0] {
        let load = Load::start(&server, &access, &ledger, LOAD, ledger.lock().unwrap().open());
        std::thread::sleep(Duration::from_millis(500));
        fill(&filler, spare);
        std::thread::sleep(Duration::from_millis(1500));
        // Full, and reads go on: everything acknowledged is there to be seen.
        assert_eq!(access.batch_status(&server, &ledger), 503, "{spare} bytes left");
        let before = ledger.lock().unwrap().clone();
        let stored = access.stored(&server);
        let faults = ledger.lock().unwrap().faults_if(&stored, |number| before.batches[&number].1);
        assert!(faults.is_empty(), "{spare} bytes left, while full:\n{}", faults.join("\n"));
        let freed = now();
        std::fs::remove_file(&filler).unwrap();
        while access.batch_status(&server, &ledger) != 200 {
            assert!(freed.elapsed() < Duration::from_secs(10), "{spare} bytes left: still full after 10 s");
            std::thread::sleep(Duration::from_millis(50));
        }
        recoveries.push(freed.elapsed());
        let met = load.end();
        assert_eq!(met.odd, Vec::<String>::new());
        assert!(met.n_busy > 0);
    }
    let faults = ledger.lock().unwrap().faults(&access.stored(&server));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    server.kill();
    let stored = ledger::stored_in(&data).unwrap_or_else(|ended| panic!("{ended:?}"));
    let faults = ledger.lock().unwrap().faults(&stored);
    assert!(faults.is_empty(), "after a kill:\n{}", faults.join("\n"));
    let verified = gilmok(&data, &["verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    println!(
        "full disk: filled {} times, {} events acknowledged, 0 lost; took events again {:?} after space was freed",
        recoveries.len(),
        ledger.lock().unwrap().n_acknowledged(),
        trials::quantile(&mut recoveries, 1.0),
    );
}
