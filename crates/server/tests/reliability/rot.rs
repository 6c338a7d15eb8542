//! Bit rot: files of a folder whose answers are known are altered, one at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::Rng;
use testkit::power::disk::State;

use crate::kill::BUSY_SEALING;
use crate::ledger::{self, Ledger, Stored};
use crate::load::{Access, Load, Plan};
use crate::power::memory_dir;
use crate::process::{Ended, Server, binary, gilmok};
use crate::trials::{self, below, in_parallel};

const LOAD: Plan = Plan { n_clients: 3, n_events: 20, bad_every: 7 };

/// Exit code for stored data that is damaged.
const DAMAGED: i32 = 5;

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    /// One bit is another.
    Flip,
    /// 4 KiB are zeros.
    Zeros,
    /// The end is missing.
    Cut,
    /// Two blocks of 4 KiB (of 512 bytes in a small file) changed places.
    Swap,
    /// The file is gone.
    Gone,
}

const HARMS: [Harm; 8] =
    [Harm::Flip, Harm::Flip, Harm::Flip, Harm::Flip, Harm::Zeros, Harm::Cut, Harm::Swap, Harm::Gone];

/// What kind of file it is.
fn kind(path: &Path) -> &'static str {
    let text = path.to_string_lossy();
    match () {
        () if text.ends_with(".vortex") => "part",
        () if text.starts_with("log/") => "log",
        () if text.ends_with(".mark") => "database, mark",
        () if text.ends_with("-wal") => "database, write-ahead log",
        () if text.ends_with(".db") => "database",
        () => "other",
    }
}

/// How a trial came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The question was refused, with the damage named.
    Refused,
    /// The answer lacks what is lost, and verify names the damage.
    Verified,
    /// The right answer, and verify names the damage.
    Harmless,
    /// The answer lacks the end of the log, and verify says that the log stops in the middle: the same file is what a
    /// power cut leaves, so nobody can tell the two apart.
    Unfinished,
    /// The right answer, and verify finds nothing: the altered bytes are nobody's.
    Unused,
    /// An answer that is not right, and nothing says so.
    Wrong,
    /// The program could not say what is wrong: a panic, an internal failure, no words.
    Speechless,
}

#[test]
fn altered_bytes_are_found_or_unused() {
    let n_trials = trials::count(200, 2000);
    let folder = closed_folder();
    let files: Vec<&PathBuf> =
        folder.state.files.iter().filter(|(_, c)| !c.is_empty()).map(|(path, _)| path).collect();
    let mut by_kind: BTreeMap<&str, Vec<&PathBuf>> = BTreeMap::new();
    files
        .iter()
        .filter(|path| kind(path) != "other")
        .for_each(|path| by_kind.entry(kind(path)).or_default().push(path));
    assert!(
        ["part", "log", "database"].iter().all(|kind| by_kind.contains_key(kind)),
        "{:?}",
        by_kind.keys()
    );
    let outcomes: Mutex<BTreeMap<(&str, Harm, Outcome), usize>> = Mutex::default();
    let bad: Mutex<Vec<String>> = Mutex::default();
    let kinds: Vec<&str> = by_kind.keys().copied().collect();
    in_parallel(n_trials, |trial| {
        let mut rng = trials::rng(6).fork(trial as u64);
        let kind = kinds[trial % kinds.len()];
        let file = by_kind[kind][below(&mut rng, by_kind[kind].len())];
        let harm = HARMS[below(&mut rng, HARMS.len())];
        let Some(altered) = alter(&folder.state, file, harm, &mut rng) else { return };
        let (outcome, words) = judge(&folder, &altered);
        *outcomes.lock().unwrap().entry((kind, harm, outcome)).or_default() += 1;
        if matches!(outcome, Outcome::Wrong | Outcome::Speechless) {
            bad.lock()
                .unwrap()
                .push(format!("trial {trial}, {harm:?} in {}: {outcome:?}: {words}", file.display()));
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    println!("bit rot: {} trials", outcomes.values().sum::<usize>());
    for ((kind, harm, outcome), n) in &outcomes {
        println!("  {kind}, {harm:?}: {outcome:?} {n}");
    }
    let bad = bad.into_inner().unwrap();
    assert!(bad.is_empty(), "{} of {n_trials}:\n{}", bad.len(), bad.join("\n"));
}

/// A folder nobody has open, with parts, a log and both files of the database, and what it answers.
struct Folder {
    state: State,
    stored: BTreeMap<u64, Stored>,
    n_letters: usize,
    ledger: Ledger,
}

fn closed_folder() -> Folder {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let server = Server::start(binary(), &data, &BUSY_SEALING).unwrap();
    let access = Access::make(&server);
    let load = Load::start(&server, &access, &ledger, LOAD, Vec::new());
    wait_for_parts(&data);
    std::thread::sleep(Duration::from_millis(1500)); // More of both: what is sealed, and what is only in the log.
    server.kill(); // Before it could seal the rest and fold the write-ahead log into the database.
    load.join();
    let state = State::read(&data).unwrap();
    let (stored, n_letters) = answers(&data).unwrap_or_else(|ended| panic!("{ended:?}"));
    let ledger = ledger.lock().unwrap().clone();
    assert_eq!(ledger.faults(&stored), Vec::<String>::new());
    Folder { state, stored, n_letters, ledger }
}

/// Waits until the catalogue names a part.
fn wait_for_parts(data: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begun = trials::now();
    let has_parts =
        || runtime.block_on(meta::parts_of(&data.join("gilmok.db"))).is_ok_and(|parts| !parts.is_empty());
    while !has_parts() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was sealed");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The folder with one file altered; `None` if the file is as before.
fn alter(state: &State, file: &Path, harm: Harm, rng: &mut Rng) -> Option<State> {
    let mut altered = state.clone();
    let bytes = altered.files.get_mut(file).expect("it is one of them");
    let before = bytes.clone();
    match harm {
        Harm::Flip => {
            let at = below(rng, bytes.len());
            bytes[at] ^= 1 << below(rng, 8);
        }
        Harm::Zeros => {
            let at = below(rng, bytes.len().div_ceil(4096)) * 4096;
            let end = bytes.len().min(at + 4096);
            bytes[at..end].fill(0);
        }
        Harm::Cut => bytes.truncate(below(rng, before.len())),
        Harm::Swap => {
            let size = if before.len() >= 8192 { 4096 } else { 512 };
            let n_blocks = before.len() / size;
            if n_blocks < 2 {
                return None;
            }
            let (a, b) = (below(rng, n_blocks), below(rng, n_blocks));
            bytes[a * size..(a + 1) * size].copy_from_slice(&before[b * size..(b + 1) * size]);
            bytes[b * size..(b + 1) * size].copy_from_slice(&before[a * size..(a + 1) * size]);
        }
        Harm::Gone => {
            altered.files.remove(file);
            return Some(altered);
        }
    }
    (*bytes != before).then_some(altered)
}

/// All events, and the number of dead letters that are in the database or will be.
fn answers(data: &Path) -> Result<(BTreeMap<u64, Stored>, usize), Ended> {
    Ok((ledger::stored_in(data)?, 0))
}

fn judge(folder: &Folder, altered: &State) -> (Outcome, String) {
    let dir = memory_dir();
    let data = dir.path().join("data");
    // Each command meets the damage afresh: opening may put damaged files aside.
    altered.write(&data).unwrap();
    let verified = gilmok(&data, &["verify"]);
    std::fs::remove_dir_all(&data).unwrap();
    altered.write(&data).unwrap();
    let asked = answers(&data);
    let words = |ended: &Ended| format!("exit code {}: {}{}", ended.code, ended.out, ended.err);
    if !matches!(verified.code, 0 | DAMAGED) || !is_in_words(&verified) {
        return (Outcome::Speechless, words(&verified));
    }
    let found = verified.code == DAMAGED;
    let unfinished = verified.out.contains("log.unfinished");
    let is_less = |stored: &BTreeMap<u64, Stored>| folder.ledger.faults_if(stored, |_| false).is_empty();
    match asked {
        Err(ended) if names_damage(&ended) && is_in_words(&ended) => (Outcome::Refused, String::new()),
        Err(ended) => (Outcome::Speechless, words(&ended)),
        Ok((stored, n_letters)) if stored == folder.stored && n_letters == folder.n_letters => {
            (if found || unfinished { Outcome::Harmless } else { Outcome::Unused }, String::new())
        }
        // Less is there, and that is said; but nothing that was never sent, and nothing altered.
        Ok((stored, _)) if found && is_less(&stored) => (Outcome::Verified, String::new()),
        Ok((stored, _)) if unfinished && is_less(&stored) => (Outcome::Unfinished, String::new()),
        Ok((stored, _)) => {
            let n = stored.values().count();
            (Outcome::Wrong, format!("{n} batches of {}; verify: {}", folder.stored.len(), words(&verified)))
        }
    }
}

/// Whether a command was refused because of damage, and not for anything else.
fn names_damage(ended: &Ended) -> bool {
    ended.code == DAMAGED || ended.out.contains("damaged") || ended.out.contains("corrupt")
}

/// Whether a command that failed said what is wrong and how to go on, in both languages.
fn is_in_words(ended: &Ended) -> bool {
    if ended.code == 0 {
        return true;
    }
    let told: serde_json::Value = serde_json::from_str(&ended.out).unwrap_or_default();
    let problems = told["problems"].as_array().cloned().unwrap_or_default();
    let said = |text: &serde_json::Value| text.as_str().is_some_and(|text| !text.is_empty());
    !problems.is_empty()
        && !ended.err.contains("panicked")
        && problems.iter().all(|problem| {
            ["message", "remedy"]
                .iter()
                .all(|part| ["ko", "en"].iter().all(|lang| said(&problem[part][lang])))
        })
}
