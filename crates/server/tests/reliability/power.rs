//! Power cuts. The binary's system calls under load are recorded once; then its folder is put into the states a
//! disk may be in at random moments of the recording, and the binary has to recover from each.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::Rng;
use testkit::power::disk::{Disk, FATES, Fate, State, moments};
use testkit::power::trace::{self, Step, What};

use crate::kill::BUSY_SEALING;
use crate::ledger::{self, Ledger};
use crate::load::{Access, Load, Met, Plan};
use crate::process::{Server, gilmok, wrapped};
use crate::trials::{self, below, in_parallel};

/// The command that records another's system calls; `None`, with the reason printed, where that is not possible.
pub fn recorder(trace: &Path) -> Option<Vec<String>> {
    let trace = trace.to_str().unwrap();
    let calls = format!("trace={}", trace::CALLS.replace([' ', '\n'], ""));
    let words = [
        "strace",
        "-f",
        "-yy",
        "-xx",
        "-s",
        "33554432",
        "--seccomp-bpf",
        "-e",
        &calls,
        "-e",
        "signal=none",
        "-o",
        trace,
    ];
    let works = std::process::Command::new("strace").args(&words[1..]).arg("true").output();
    match works {
        Ok(output) if output.status.success() => Some(words.map(str::to_owned).to_vec()),
        other => {
            println!("power cuts are skipped: strace cannot record here ({other:?})");
            None
        }
    }
}

/// A folder before a process worked on it, and all the process did to it.
pub struct Recording {
    before: Disk,
    /// What it did, in order.
    pub steps: Vec<Step>,
}

impl Recording {
    /// Reads a trace of a process on `data`, which held `before`.
    pub fn read(before: Disk, trace: &Path, data: &Path) -> Self {
        let text = std::fs::read_to_string(trace).unwrap();
        let steps = trace::read(&text, data).unwrap_or_else(|unknown| panic!("{unknown:?}"));
        Self { before, steps }
    }

    /// States of the folder after power cuts at `n` random moments, in their order, each with the number of the
    /// steps that had begun.
    pub fn cuts(&self, n: usize, rng: &mut Rng) -> Vec<Cut> {
        let moments = moments(&self.steps);
        // Half of the cuts come at any moment, half soon after a flush, an answer or a change of a name.
        let is_turn = |index: &usize| {
            let what = &self.steps[moments[*index].step].what;
            moments[*index].is_end && !matches!(what, What::Create(_) | What::Write(..) | What::Resize(..))
        };
        let turns: Vec<usize> = (0..moments.len()).filter(is_turn).collect();
        let mut place = |i: usize| match i % 2 {
            0 => below(rng, moments.len() + 1),
            _ => (turns[below(rng, turns.len())] + 1 + below(rng, 3)).min(moments.len()),
        };
        let mut places: Vec<usize> = (0..n).map(&mut place).collect();
        places.sort_unstable();
        let (mut disk, mut next, mut cuts) = (self.before.clone(), 0, Vec::with_capacity(n));
        for (i, place) in places.into_iter().enumerate() {
            for moment in &moments[next..place] {
                let step = &self.steps[moment.step];
                disk.replay(step, moment.is_end)
                    .unwrap_or_else(|misfit| panic!("{misfit:?} in {:?}", step.began));
            }
            next = place;
            // Half of all cuts tear what was on its way; the others are the simple cases.
            let fate = if i % 2 == 0 { Fate::Torn } else { FATES[1 + i / 2 % 3] };
            let at = place.checked_sub(1).map_or(0, |last| moments[last].at);
            cuts.push(Cut { at, fate, state: disk.state(fate, rng) });
        }
        cuts
    }

    /// States of the folder after a power cut at the end, one of each fate.
    pub fn ends(&self, rng: &mut Rng) -> Vec<Cut> {
        let disk = self.after();
        FATES.map(|fate| Cut { at: u64::MAX, fate, state: disk.state(fate, rng) }).into_iter().collect()
    }

    /// The disk at the end.
    pub fn after(&self) -> Disk {
        let mut disk = self.before.clone();
        for moment in moments(&self.steps) {
            disk.replay(&self.steps[moment.step], moment.is_end)
                .unwrap_or_else(|misfit| panic!("{misfit:?}"));
        }
        disk
    }

    /// When each batch was acknowledged, from the answers the server sent and the clients' books.
    pub fn acknowledged_at(&self, met: &Met) -> BTreeMap<u64, u64> {
        let mut answers: HashMap<u16, Vec<(u64, u16)>> = HashMap::new();
        for step in &self.steps {
            if let What::Answer(port, status) = step.what {
                answers.entry(port).or_default().push((step.began, status));
            }
        }
        let mut at = BTreeMap::new();
        for (port, numbers) in &met.answered {
            let answers = answers.get(port).map_or([].as_slice(), Vec::as_slice);
            let (n, of) = (answers.len(), numbers.len());
            assert!(n >= of, "the trace has {n} of {of} answers to port {port}");
            for (number, (began, status)) in numbers.iter().zip(answers) {
                if *status == 200 {
                    at.entry(*number).or_insert(*began);
                }
            }
        }
        at
    }
}

/// One power cut.
pub struct Cut {
    /// The position in the trace up to which all is done.
    pub at: u64,
    pub fate: Fate,
    pub state: State,
}

/// Puts the folder into the state of each cut, two at a time, and has `check` judge it; says what went wrong.
pub fn try_cuts(cuts: &[Cut], check: impl Fn(&Cut, &Path) -> Vec<String> + Sync) {
    let faults = Mutex::new(Vec::new());
    in_parallel(cuts.len(), |i| {
        let cut = &cuts[i];
        let dir = memory_dir();
        let data = dir.path().join("data");
        cut.state.write(&data).unwrap();
        let found = check(cut, &data);
        if !found.is_empty() {
            let told =
                format!("cut {i} of {} at {} ({:?}): {}", cuts.len(), cut.at, cut.fate, found.join("; "));
            faults.lock().unwrap().push(told);
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{} of {} cuts failed:\n{}", faults.len(), cuts.len(), faults.join("\n"));
}

/// A folder in memory where there is one: the states are on no disk anyway.
pub fn memory_dir() -> tempfile::TempDir {
    let shared = PathBuf::from("/dev/shm");
    if shared.is_dir() { tempfile::tempdir_in(shared).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Clients of a recorded server, which is slow: every call stops for the recorder.
const LOAD: Plan = Plan { n_clients: 3, n_events: 20, bad_every: 7 };

/// One life of a server, and the books of its clients when it ended.
struct Life {
    recording: Recording,
    access: Access,
    /// Batches that had to be there before, and those sent by the end.
    ledger: Ledger,
    /// When each batch of this life was acknowledged.
    at: BTreeMap<u64, u64>,
}

/// How a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    InOrder,
    Killed,
}

/// Records a server on a folder that is there already. Without `access` the folder is new.
fn live(data: &Path, before: Disk, access: Option<Access>, ledger: Ledger, end: End) -> Option<Life> {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("trace");
    let recorder = recorder(&log)?;
    let server =
        Server::start(wrapped(&recorder), data, &BUSY_SEALING).unwrap_or_else(|ended| panic!("{ended:?}"));
    let access = access.unwrap_or_else(|| Access::make(&server));
    let again = ledger.open();
    let ledger = Arc::new(Mutex::new(ledger));
    let load = Load::start(&server, &access, &ledger, LOAD, again);
    std::thread::sleep(Duration::from_millis(2500));
    match end {
        End::InOrder => assert_eq!(server.terminate().0, Some(0)),
        End::Killed => server.kill(),
    }
    let met = load.join();
    assert_eq!(met.odd, Vec::<String>::new());
    let recording = Recording::read(before, &log, data);
    let at = recording.acknowledged_at(&met);
    let ledger = ledger.lock().unwrap().clone();
    Some(Life { recording, access, ledger, at })
}

impl Life {
    /// Tries `n` cuts; returns the last state, and the books as of its moment.
    fn try_cuts(&self, n: usize, required: &Ledger, rng: &mut Rng, told: &Told) -> (State, Ledger) {
        let mut cuts = self.recording.cuts(n, rng);
        let must = |at: u64, number: u64| {
            required.batches.get(&number).is_some_and(|(_, acknowledged)| *acknowledged)
                || self.at.get(&number).is_some_and(|began| *began <= at)
        };
        try_cuts(&cuts, |cut, data| {
            let stored = match ledger::stored_in(data) {
                Ok(stored) => stored,
                // The power went before there was a workspace.
                Err(ended) if ended.code == 3 => BTreeMap::new(),
                Err(ended) => return vec![format!("{ended:?}")],
            };
            let mut faults = self.ledger.faults_if(&stored, |number| must(cut.at, number));
            let verified = gilmok(data, &["verify"]);
            if !matches!(verified.code, 0 | 3) {
                faults.push(format!("verify: {verified:?}"));
            }
            // What was recovered stays recovered.
            if cut.at % 4 == 0 && !stored.is_empty() && ledger::stored_in(data).ok() != Some(stored) {
                faults.push("opened again, it holds something else".to_owned());
            }
            let n_must = self.ledger.batches.keys().filter(|number| must(cut.at, **number)).count();
            told.n_cuts.fetch_add(1, Ordering::Relaxed);
            told.n_batches.fetch_add(n_must, Ordering::Relaxed);
            faults
        });
        let last = cuts.pop().expect("there is a cut");
        let mut ledger = self.ledger.clone();
        for (number, (_, acknowledged)) in &mut ledger.batches {
            *acknowledged = must(last.at, *number);
        }
        (last.state, ledger)
    }
}

#[derive(Default)]
struct Told {
    n_cuts: AtomicUsize,
    n_batches: AtomicUsize,
}

/// Three lives of a server. The first begins on a new folder and is killed; the second goes on where the first was
/// killed, with whatever that left unflushed; the third begins on what a power cut of the second left. The power is
/// cut at random moments of each: while events come, are sealed and merged, while it recovers and while it ends.
#[test]
fn acknowledged_events_survive_power_cuts() {
    let (mut rng, told) = (trials::rng(3), Told::default());
    let (n_rounds, n_cuts) = (trials::count(1, 10), trials::count(14, 67));
    for round in 0..n_rounds {
        let dir = tempfile::tempdir().unwrap();
        let (data, third) = (dir.path().join("data"), dir.path().join("third"));
        std::fs::create_dir(&data).unwrap();
        let (nothing, fresh) = (Ledger::default(), Disk::new(&State::default()));
        let Some(first) = live(&data, fresh, None, Ledger::default(), End::Killed) else { return };
        first.try_cuts(n_cuts, &nothing, &mut rng, &told);

        let mut disk = first.recording.after();
        disk.outlive_process(&State::read(&data).unwrap());
        // A power cut may take what a killed server had acknowledged no more than any other.
        let mut books = first.ledger.clone();
        books
            .batches
            .iter_mut()
            .for_each(|(number, (_, acknowledged))| *acknowledged = first.at.contains_key(number));
        let end = if round % 2 == 0 { End::InOrder } else { End::Killed };
        let second =
            live(&data, disk, Some(first.access.clone()), books.clone(), end).expect("it recorded before");
        let (state, books) = second.try_cuts(n_cuts, &books, &mut rng, &told);

        state.write(&third).unwrap();
        let end = if round % 2 == 0 { End::Killed } else { End::InOrder };
        let third = live(&third, Disk::new(&state), Some(first.access.clone()), books.clone(), end);
        third.expect("it recorded before").try_cuts(n_cuts, &books, &mut rng, &told);
    }
    println!(
        "power cuts: {} cuts in {n_rounds} × 3 lives, {} acknowledged batches looked for, 0 lost, 0 duplicated, 0 damaged",
        told.n_cuts.into_inner(),
        told.n_batches.into_inner(),
    );
}
