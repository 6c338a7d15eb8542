//! How fast stored events come back: whole store, two threads, file cache warm.

use std::sync::OnceLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use store::{Cancel, Columns, PropertyKind, Snapshot, Store};

mod synthetic;

const N_EVENTS: u64 = 1_000_000;

fn main() {
    divan::main();
}

fn filled(n_imports: u64) -> &'static (tempfile::TempDir, Store) {
    static ONE: OnceLock<(tempfile::TempDir, Store)> = OnceLock::new();
    static TWO: OnceLock<(tempfile::TempDir, Store)> = OnceLock::new();
    let cell = if n_imports == 1 { &ONE } else { &TWO };
    cell.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let store = synthetic::runtime().block_on(async {
            let store = synthetic::open(dir.path()).await;
            synthetic::import(&store, N_EVENTS).await;
            if n_imports == 2 {
                // Small enough to stay beside the large parts: every bucket is merged when scanned.
                synthetic::import(&store, N_EVENTS / 8).await;
            }
            store
        });
        (dir, store)
    })
}

fn scan(bencher: Bencher<'_, '_>, snapshot: &Snapshot, columns: &Columns) {
    bencher.counter(ItemsCount::new(snapshot.n_events())).bench(|| {
        let n_rows = snapshot.fold(2, columns, &Cancel::default(), |rows| divan::black_box(rows).n_rows());
        n_rows.expect("the files are sound")
    });
}

fn six_columns(snapshot: &Snapshot) -> Columns {
    let page = snapshot.properties().find("page", PropertyKind::String).expect("imported");
    Columns { channel: true, amount: true, properties: vec![page], ..Columns::default() }
}

/// Person, time and event.
#[divan::bench]
fn keys(bencher: Bencher<'_, '_>) {
    scan(bencher, &filled(1).1.snapshot(), &Columns::default());
}

/// Person, time, event, channel, amount and a text property: what a map reads.
#[divan::bench]
fn map(bencher: Bencher<'_, '_>) {
    let snapshot = filled(1).1.snapshot();
    scan(bencher, &snapshot, &six_columns(&snapshot));
}

/// The same from a store just opened: footers are read and parsed too.
#[divan::bench]
fn map_cold(bencher: Bencher<'_, '_>) {
    let (dir, _) = filled(1);
    let runtime = synthetic::runtime();
    bencher
        .counter(ItemsCount::new(N_EVENTS))
        .with_inputs(|| {
            let copy = tempfile::tempdir().expect("a folder");
            let copied = std::process::Command::new("cp").arg("-r").arg(dir.path()).arg(copy.path()).status();
            assert!(copied.is_ok_and(|status| status.success()));
            let name = dir.path().file_name().expect("a name");
            let store = runtime.block_on(synthetic::open(&copy.path().join(name)));
            (copy, store)
        })
        .bench_refs(|(_, store)| {
            let snapshot = store.snapshot();
            let columns = six_columns(&snapshot);
            let n_rows =
                snapshot.fold(2, &columns, &Cancel::default(), |rows| divan::black_box(rows).n_rows());
            n_rows.expect("the files are sound")
        });
}

/// The same with two parts per bucket, merged while scanning.
#[divan::bench]
fn map_merged(bencher: Bencher<'_, '_>) {
    let snapshot = filled(2).1.snapshot();
    scan(bencher, &snapshot, &six_columns(&snapshot));
}
