//! Importing again, going on after an interruption, and stopping.

use super::*;

fn many(n_rows: usize) -> String {
    let mut text = "who,at,what,note\n".to_owned();
    for i in 0..n_rows {
        // Every hundredth row has no person; traits change from time to time.
        let who = if i % 100 == 7 { String::new() } else { format!("p{}", i % 977) };
        let (hour, minute, note) = (i / 60 % 24, i % 60, i / 1_000 % 3);
        text.push_str(&format!(
            "{who},2024-03-{:02} {hour:02}:{minute:02}:00,e{},{note}\n",
            i / 1_440 % 28 + 1,
            i % 5
        ));
    }
    text
}

const TRAITS: &str = "
kind: mapping
key: plain
events:
  person: {user_id: who}
  time: {column: at, zone: UTC}
  event: what
  traits: {note: note}
";

#[test]
fn twice_adds_nothing() {
    let bench = Bench::new();
    let file = bench.write("a.csv", many(3_000));
    let first = bench.import(&file, TRAITS).unwrap();
    let events = bench.events();
    let second = bench.import(&file, TRAITS).unwrap();
    assert_eq!(
        (second.already, second.n_added, second.warnings[0].code.as_str()),
        (true, 0, "import.already")
    );
    // The same rows in another file, so that the ledger does not know them: dropped by their ids.
    let copy = bench.write("b.csv.gz", gzip(many(3_000).as_bytes()));
    let third = bench.import(&copy, TRAITS).unwrap();
    assert_eq!((third.already, third.n_added, third.n_duplicates), (false, 0, first.n_added));
    assert_eq!(bench.events(), events);
    // Another mapping makes other events.
    assert!(bench.import(&file, &TRAITS.replace("key: plain", "key: other")).unwrap().n_added > 0);
}

#[test]
fn an_interrupted_import_goes_on() {
    let text = many(150_000);
    let whole = Bench::new();
    let expected = whole.import(&whole.write("a.csv", &text), TRAITS).unwrap();

    let bench = Bench::new();
    let file = bench.write("a.csv", &text);
    let bounds = Bounds { checkpoint_rows: 20_000, ..Bounds::default() };
    let progress = Progress::default();
    let interrupted = std::thread::scope(|scope| {
        scope.spawn(|| {
            // As soon as something was stored.
            while progress.rows_done() < 60_000 {
                std::thread::yield_now();
            }
            progress.cancel.cancel();
        });
        bench.import_within(&file, TRAITS, &progress, bounds)
    });
    assert!(matches!(interrupted, Err(EngineError::Cancelled)), "{interrupted:?}");
    assert_eq!(bench.events(), Vec::<String>::new(), "nothing is visible before the end");
    let ledger = bench.runtime.block_on(bench.engine.meta.imports(10)).unwrap();
    assert!(ledger[0].checkpoint_line > 20_000, "{ledger:?}");

    let resumed = bench.import_within(&file, TRAITS, &Progress::default(), bounds).unwrap();
    assert_eq!(resumed.resumed_after_line, ledger[0].checkpoint_line);
    assert_eq!((resumed.n_added, resumed.n_duplicates), (expected.n_added, expected.n_duplicates));
    assert_eq!(resumed.tally, expected.tally);
    assert_eq!(resumed.reasons, expected.reasons);
    assert_eq!(bench.rejected(), whole.rejected());
    assert_eq!(bench.events(), whole.events());
    assert!(bench.import(&file, TRAITS).unwrap().already);
}

#[test]
fn a_file_that_breaks_says_what_was_kept() {
    let bench = Bench::new();
    let whole = gzip(many(150_000).as_bytes());
    let file = bench.write("cut.csv.gz", &whole[..whole.len() - 20_000]);
    let bounds = Bounds { checkpoint_rows: 20_000, ..Bounds::default() };
    let Err(EngineError::Problems(found)) = bench.import_within(&file, TRAITS, &Progress::default(), bounds)
    else {
        panic!("a problem")
    };
    let ledger = bench.runtime.block_on(bench.engine.meta.imports(1)).unwrap().remove(0);
    assert_eq!(found.0[0].code, "import.truncated_file");
    assert!(
        found.0[0]
            .message
            .get(model::Lang::En)
            .ends_with(&format!("line {} is stored.", ledger.checkpoint_line))
    );
    assert_eq!(ledger.state, meta::ImportState::Failed);
    // The whole file goes in afterwards, and what was kept is not there twice.
    let expected = Bench::new();
    expected.import(&expected.write("whole.csv.gz", &whole), TRAITS).unwrap();
    bench.import(&bench.write("whole.csv.gz", &whole), TRAITS).unwrap();
    assert_eq!(bench.events(), expected.events());
}

#[test]
fn groups_spill_to_disk_without_a_trace() {
    let mapping = "
kind: mapping
key: orders
group: {by: [who], sum: [note], count: n}
events:
  person: {user_id: who, missing: keep}
  time: {column: at, zone: UTC}
  event: {constant: order}
  amount: note
  properties: {n: n}
";
    let run = |group_bytes: usize| {
        let bench = Bench::new();
        let file = bench.write("a.csv", many(20_000));
        let bounds = Bounds { group_bytes, ..Bounds::default() };
        let report = bench.import_within(&file, mapping, &Progress::default(), bounds).unwrap();
        (report.tally, report.n_added, bench.events())
    };
    assert_eq!(run(usize::MAX), run(20_000));
}
