//! Crashes, damage and two processes on one folder.

use std::path::{Path, PathBuf};

use store::{Columns, Progress, Rows, Store, StoreError};

use crate::{crash_image, event, open, part_files};

fn everything() -> Columns {
    Columns {
        id: true,
        user_id: true,
        anonymous_id: true,
        amount: true,
        channel: true,
        source: true,
        properties: Vec::new(),
    }
}

async fn fill(store: &Store, times: std::ops::Range<i64>) {
    let mut writer = store.writer("test").await.unwrap();
    writer.event_code("view").unwrap();
    for time_us in times {
        let user = format!("user-{}", time_us % 7);
        writer.push(event(Some(&user), None, time_us, 0)).unwrap();
    }
    writer.finish(Progress::default(), 1).await.unwrap();
}

#[tokio::test]
async fn a_second_open_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let meta = store.meta().clone();
    let second = Store::open(dir.path(), meta.clone()).await;
    assert!(matches!(second, Err(StoreError::Locked { .. })));
    drop(store);
    Store::open(dir.path(), meta).await.unwrap();
}

#[tokio::test]
async fn a_dropped_writer_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    fill(&store, 0..10).await;
    let before = part_files(dir.path());
    let mut writer = store.writer("test").await.unwrap();
    for time_us in 100..200 {
        writer.push(event(Some("kim"), Some("c1"), time_us, 0)).unwrap();
    }
    drop(writer);
    assert_eq!(part_files(dir.path()), before);
    assert_eq!(store.snapshot().n_events(), 10);
    assert_eq!(store.meta().count_links().await.unwrap(), (0, 0));
    fill(&store, 10..20).await; // The right to write is free again.
    assert_eq!(store.snapshot().n_events(), 20);
}

#[tokio::test]
async fn a_killed_import_leaves_its_last_checkpoint() {
    let (dir, images) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(dir.path()).await;
    fill(&store, 0..10).await;
    let mut writer = store.writer("test").await.unwrap();
    for time_us in 10..30 {
        writer.push(event(None, Some("c1"), time_us, 0)).unwrap();
    }
    let before = images.path().join("before");
    crash_image(dir.path(), &before);
    writer.checkpoint(Progress::default()).await.unwrap();
    writer.push(event(Some("kim"), Some("c1"), 30, 0)).unwrap();
    writer.checkpoint(Progress::default()).await.unwrap();
    writer.push(event(Some("kim"), Some("c1"), 31, 0)).unwrap();
    let after = images.path().join("after");
    crash_image(dir.path(), &after);
    let orphan = after.join("parts/003/0000009999.vortex");
    std::fs::write(&orphan, b"half a file").unwrap();
    drop((writer, store));

    assert_eq!(open(&before).await.snapshot().n_events(), 10);
    let store = open(&after).await;
    assert!(!orphan.exists());
    let kim = model::person_key(Some("kim"), None).unwrap();
    // Settled when opened: counted, and the anonymous events have joined their user.
    assert_eq!(store.snapshot().n_events(), 31);
    assert_eq!(store.snapshot().person(kim).unwrap().time_us.to_vec(), (10..31).collect::<Vec<_>>());
    assert!(store.verify().unwrap().damaged.is_empty());
}

#[tokio::test]
async fn scratch_parts_end_with_their_import() {
    let (dir, images) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let n_scratch = |dir: &Path| {
        let is_scratch = |path: &&PathBuf| path.to_string_lossy().ends_with(".scratch.vortex");
        part_files(dir).iter().filter(is_scratch).count()
    };
    let store = open(dir.path()).await;
    fill(&store, 0..10).await;
    assert_eq!(n_scratch(dir.path()), 0);
    // Nobody else is in the bucket of this person: the part has no other to be merged with.
    let snapshot = store.snapshot();
    let is_alone = |name: &String| {
        let bucket = snapshot.bucket_of(model::person_key(Some(name), None).unwrap());
        snapshot.scan(bucket, &everything()).unwrap().n_rows() == 0
    };
    let alone = (0..1000).map(|n| format!("alone-{n}")).find(is_alone).unwrap();
    let mut writer = store.writer("test").await.unwrap();
    writer.push(event(Some(&alone), None, 1, 0)).unwrap();
    writer.checkpoint(Progress::default()).await.unwrap();
    assert_eq!(n_scratch(dir.path()), 1);
    let killed = images.path().join("killed");
    crash_image(dir.path(), &killed);
    writer.finish(Progress::default(), 2).await.unwrap();
    assert_eq!((n_scratch(dir.path()), store.snapshot().n_events()), (0, 11));
    drop(store);
    let store = open(&killed).await;
    assert_eq!((n_scratch(&killed), store.snapshot().n_events()), (0, 11));
}

#[tokio::test]
async fn a_reader_keeps_what_it_reads() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    fill(&store, 0..10).await;
    let (old, files) = (store.snapshot(), part_files(dir.path()));
    fill(&store, 5..20).await; // Merges the parts the old snapshot reads.
    let scan = |snapshot: &store::Snapshot| -> usize {
        (0..snapshot.n_buckets()).map(|bucket| snapshot.scan(bucket, &everything()).unwrap().n_rows()).sum()
    };
    assert_eq!((scan(&old), scan(&store.snapshot())), (10, 20));
    assert!(store.snapshot().version() > old.version());
    drop(old);
    assert!(files.iter().all(|file| !file.exists()), "merged parts go with their last reader");
}

fn all_rows(store: &Store) -> Result<Vec<Rows>, StoreError> {
    let snapshot = store.snapshot();
    (0..snapshot.n_buckets()).map(|bucket| snapshot.scan(bucket, &everything())).collect()
}

fn same(a: &[Rows], b: &[Rows]) -> bool {
    let columns = |rows: &[Rows]| -> Vec<_> {
        rows.iter()
            .map(|r| {
                (
                    r.person_keys.clone(),
                    r.person_starts.clone(),
                    r.time_us.clone(),
                    r.id.clone(),
                    r.user_id.clone(),
                    r.amount.clone(),
                )
            })
            .collect()
    };
    columns(a) == columns(b)
}

#[tokio::test]
async fn a_flipped_bit_is_never_a_wrong_answer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    fill(&store, 0..2000).await;
    let right = all_rows(&store).unwrap();
    let file = part_files(dir.path()).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    let mut n_seen = 0;
    drop(store);
    for at in (0..bytes.len()).step_by(61) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        std::fs::write(&file, &damaged).unwrap();
        let store = open(dir.path()).await;
        match all_rows(&store) {
            Err(StoreError::Corrupt { file: named, .. }) => {
                assert_eq!(named, file);
                n_seen += 1;
            }
            Err(other) => panic!("byte {at}: {other}"),
            // Padding between segments is nobody's answer, but verification covers it too.
            Ok(rows) => assert!(same(&rows, &right), "byte {at} changed the answer"),
        }
        assert_eq!(store.verify().unwrap().damaged.len(), 1, "byte {at}");
    }
    assert!(n_seen > 10);
    for wrong in [&bytes[..bytes.len() - 1], &[]] {
        std::fs::write(&file, wrong).unwrap();
        let store = open(dir.path()).await;
        assert!(matches!(all_rows(&store), Err(StoreError::Corrupt { .. })));
    }
    std::fs::remove_file(&file).unwrap();
    let store = open(dir.path()).await;
    assert!(matches!(all_rows(&store), Err(StoreError::Corrupt { .. })));
    assert_eq!(store.verify().unwrap().damaged.len(), 1);
}

#[tokio::test]
async fn a_long_import_merges_as_it_goes() {
    let (dir, images) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(dir.path()).await;
    let mut writer = store.writer("test").await.unwrap();
    writer.event_code("view").unwrap();
    let users: Vec<String> = (0..200).map(|user| format!("user-{user}")).collect();
    for round in 0..70 {
        for user in &users {
            // Every third round repeats the one before.
            writer.push(event(Some(user), None, round - i64::from(round % 3 == 2), 0)).unwrap();
        }
        writer.checkpoint(Progress::default()).await.unwrap();
    }
    let n_buckets = store.snapshot().n_buckets();
    assert!(part_files(dir.path()).len() < n_buckets * 42, "{} files", part_files(dir.path()).len());
    let image = images.path().join("image");
    crash_image(dir.path(), &image);
    let summary = writer.finish(Progress::default(), 1).await.unwrap();
    assert_eq!((summary.n_pushed, summary.n_added, summary.n_duplicate), (14_000, 9400, 4600));
    let snapshot = store.snapshot();
    let persons = users.iter().map(|user| model::person_key(Some(user), None).unwrap());
    let buckets: std::collections::HashSet<usize> =
        persons.map(|person| snapshot.bucket_of(person)).collect();
    assert_eq!(part_files(dir.path()).len(), buckets.len());
    let settled = open(&image).await;
    for store in [&store, &settled] {
        let snapshot = store.snapshot();
        assert_eq!((snapshot.n_events(), snapshot.n_persons()), (9400, 200));
        assert!(same(&all_rows(store).unwrap(), &all_rows(&settled).unwrap()));
    }
}

/// A process that is being started has copies of all files for a moment; they must not hold the folder.
#[test]
fn a_folder_let_go_is_free_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let starting = std::thread::spawn(|| {
        for _ in 0..200 {
            std::process::Command::new("true").status().unwrap();
        }
    });
    while !starting.is_finished() {
        drop(store::lock_folder(dir.path()).unwrap());
    }
    starting.join().unwrap();
}
