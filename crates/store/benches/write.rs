//! How fast events are stored: pushed, sorted, encoded, written, flushed to disk, merged, counted.

use divan::Bencher;
use divan::counter::ItemsCount;

mod synthetic;

fn main() {
    divan::main();
}

#[divan::bench(args = [50_000, 500_000, 1_000_000], sample_count = 5)]
fn import(bencher: Bencher<'_, '_>, n_events: u64) {
    let runtime = synthetic::runtime();
    bencher
        .counter(ItemsCount::new(n_events))
        .with_inputs(|| {
            let dir = tempfile::tempdir().expect("a folder");
            let store = runtime.block_on(synthetic::open(dir.path()));
            (dir, store)
        })
        .bench_refs(|(_, store)| runtime.block_on(synthetic::import(store, n_events)));
}
