//! Imports whose power goes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::power::disk::{Disk, State};
use testkit::power::trace::What;

use crate::ledger::{self, CSV_HEAD, Ledger};
use crate::power::{Recording, recorder, try_cuts};
use crate::process::{gilmok, wrapped};
use crate::trials;

const MAPPING: &str = r#"{"kind": "mapping", "key": "trial", "events": {"person": {"user_id": "user"},
    "time": {"column": "time"}, "event": {"constant": "trial"},
    "properties": {"batch": "batch", "n": "n", "check": "check", "text": "text"}}}"#;

/// An import whose power goes is stored whole or not at all, whole if it said so; importing again adds the rest.
#[test]
fn imports_survive_power_cuts() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file, log) = (dir.path().join("data"), dir.path().join("trial.csv"), dir.path().join("trace"));
    let mapping = dir.path().join("mapping.json");
    let Some(recorder) = recorder(&log) else { return };
    std::fs::create_dir(&data).unwrap();
    let mut ledger = Ledger::default();
    let lines: String = (0..40).map(|_| ledger.send(100, 0).csv()).collect();
    std::fs::write(&file, format!("{CSV_HEAD}{lines}")).unwrap();
    std::fs::write(&mapping, MAPPING).unwrap();
    let import = ["import", "-m", mapping.to_str().unwrap(), file.to_str().unwrap()];
    let ended = wrapped(&recorder).arg("--data").arg(&data).args(import).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    let recording = Recording::read(Disk::new(&State::default()), &log, &data);
    let told_at = recording.steps.iter().find(|step| step.what == What::Told).unwrap().began;
    let n_stored = AtomicUsize::new(0);
    let cuts = recording.cuts(trials::count(10, 500), &mut trials::rng(1));
    try_cuts(&cuts, |cut, data| {
        let stored = match ledger::stored_in(data) {
            Ok(stored) => stored,
            // The power went before there was a workspace.
            Err(ended) if ended.code == 3 => BTreeMap::new(),
            Err(ended) => return vec![format!("after the cut: {ended:?}")],
        };
        let mut faults = ledger.faults_if(&stored, |_| cut.at > told_at);
        n_stored.fetch_add(usize::from(!stored.is_empty()), Ordering::Relaxed);
        let again = gilmok(data, &import);
        if again.code != 0 {
            return vec![format!("imported again: {again:?}")];
        }
        match ledger::stored_in(data) {
            Ok(stored) => faults.extend(ledger.faults_if(&stored, |_| true)),
            Err(ended) => faults.push(format!("after the second import: {ended:?}")),
        }
        let verified = gilmok(data, &["verify"]);
        if verified.code != 0 {
            faults.push(format!("verify: {verified:?}"));
        }
        faults
    });
    let (n_cuts, n_stored) = (cuts.len(), n_stored.into_inner());
    println!("power cuts during an import: {n_cuts} cuts, 0 faults; the import was stored in {n_stored}");
}
