//! The log from the inside: what is written is read, what is altered is noticed.

use std::path::Path;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::record::{LoggedEvent, Record};
use super::{Batch, Log, NewDeadLetter, NewEvent, Sequenced, When, check, recover};
use crate::PropertyValue;

fn event<'a>(user: &'a str, id: u64, properties: &'a [(&'a str, PropertyValue<'a>)]) -> NewEvent<'a> {
    NewEvent {
        user_id: Some(user),
        anonymous_id: None,
        when: When::At(id.cast_signed()),
        id,
        event: "seen",
        channel: "",
        amount: None,
        properties,
    }
}

fn batch(n: u64) -> Batch {
    let mut batch = Batch::new("web", n.cast_signed());
    for id in 0..=n % 3 {
        batch.event(&event("kim", n * 10 + id, &[]));
    }
    batch
}

/// Writes batches one after the other, each a block of its own.
async fn write(dir: &Path, batches: &[Batch]) -> Vec<Sequenced> {
    let delivered = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&delivered);
    let found = recover(dir, 0).unwrap();
    let log =
        Log::start(dir, found.next, found.segments, move |own| into.lock().unwrap().extend(own)).unwrap();
    for batch in batches {
        log.append(batch.clone()).await.unwrap();
    }
    drop(log);
    let delivered = delivered.lock().unwrap();
    delivered.clone()
}

fn only_file(dir: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    assert_eq!(files.len(), 1);
    files.remove(0)
}

fn same(a: &[Sequenced], b: &[Sequenced]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.first == b.first && a.batch == b.batch)
}

#[tokio::test]
async fn what_is_written_is_read_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let first = write(dir.path(), &[batch(1), batch(2)]).await;
    assert_eq!(first.iter().map(|own| own.first).collect::<Vec<_>>(), [0, 2]);
    let second = write(dir.path(), &[batch(3)]).await;
    assert_eq!(second[0].first, 5);
    let found = recover(dir.path(), 0).unwrap();
    assert!(found.damage.is_empty() && found.next == 6);
    assert!(same(&found.batches, &[first.clone(), second.clone()].concat()));
    // Only what is not in parts yet.
    assert!(same(&recover(dir.path(), 2).unwrap().batches, &[first[1].clone(), second[0].clone()]));
}

#[tokio::test]
async fn a_torn_end_is_told_from_damage() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[batch(1), batch(2), batch(3)]).await;
    let path = only_file(dir.path());
    let bytes = std::fs::read(&path).unwrap();
    let whole = recover(dir.path(), 0).unwrap();
    assert!(same(&whole.batches, &written));
    for len in 0..bytes.len() {
        std::fs::write(&path, &bytes[..len]).unwrap();
        let found = recover(dir.path(), 0).unwrap();
        // A beginning of what was written, and nothing else; the rest, if any, is an unfinished block.
        assert!(same(&found.batches, &written[..found.batches.len()]), "cut at {len}");
        assert!(found.damage.iter().all(|damage| damage.unfinished), "cut at {len}");
        // Writing goes on after it.
        if len % 50 == 0 {
            let copy = tempfile::tempdir().unwrap();
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
            let more = write(copy.path(), &[batch(9)]).await;
            let again = recover(copy.path(), 0).unwrap();
            assert!(same(&again.batches, &[&written[..found.batches.len()], &more].concat()), "cut at {len}");
        }
    }
}

#[tokio::test]
async fn every_flipped_bit_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[batch(1), batch(2), batch(3)]).await;
    let path = only_file(dir.path());
    let bytes = std::fs::read(&path).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &flipped).unwrap();
        let found = recover(dir.path(), 0).unwrap();
        assert!(!found.damage.is_empty(), "bit {bit} went unnoticed");
        // What is not hit is there, and nothing that was not written.
        let kept = |own: &Sequenced| written.iter().any(|other| same(&[own.clone()], &[other.clone()]));
        assert!(found.batches.len() == 2 && found.batches.iter().all(kept), "bit {bit}");
        assert!(!check(dir.path(), 0).unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_missing_file_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[batch(1), batch(2)]).await; // Records 0 to 4.
    let first = only_file(dir.path());
    write(dir.path(), &[batch(3)]).await;
    std::fs::remove_file(first).unwrap();
    let found = check(dir.path(), 0).unwrap();
    assert_eq!(found.iter().map(|damage| damage.n_records).collect::<Vec<_>>(), [Some(5)]);
    // What is in parts need not be in the log.
    assert_eq!(check(dir.path(), 5).unwrap(), []);
}

#[tokio::test]
async fn the_loss_of_the_newest_file_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[batch(1)]).await;
    let newest = only_file(dir.path());
    std::fs::remove_file(&newest).unwrap();
    let found = check(dir.path(), 0).unwrap();
    assert_eq!(found.iter().map(|damage| &damage.file).collect::<Vec<_>>(), [&newest]);

    // What is in parts goes from the log without a word, the newest file too.
    let dir = tempfile::tempdir().unwrap();
    let log = Log::start(dir.path(), 0, Vec::new(), |_| {}).unwrap();
    log.append(batch(1)).await.unwrap();
    log.discard(2, true).unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(check(dir.path(), 2).unwrap(), []);
    // Of two files the older one may go, and the newer one is still missed.
    log.append(batch(2)).await.unwrap();
    log.discard(2, true).unwrap();
    log.append(batch(3)).await.unwrap();
    log.discard(5, false).unwrap();
    drop(log);
    let newest = only_file(dir.path());
    std::fs::remove_file(newest).unwrap();
    assert_eq!(check(dir.path(), 5).unwrap().len(), 1);
}

#[tokio::test]
async fn a_sector_that_never_arrived_is_told_from_an_altered_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut large = batch(1);
    (0..100).for_each(|id| large.event(&event("kim", id, &[])));
    write(dir.path(), &[batch(2), large]).await;
    let path = only_file(dir.path());
    let bytes = std::fs::read(&path).unwrap();
    let mut torn = bytes.clone();
    torn[1024..1536].fill(0);
    let mut flipped = bytes;
    flipped[1100] ^= 4;
    for (content, unfinished) in [(torn, true), (flipped, false)] {
        std::fs::write(&path, content).unwrap();
        let found = recover(dir.path(), 0).unwrap();
        assert_eq!(found.batches.len(), 1);
        assert_eq!(found.damage.iter().map(|damage| damage.unfinished).collect::<Vec<_>>(), [unfinished]);
    }
}

proptest! {
    #[test]
    fn records_come_back(
        user in ".{0,20}", anonymous in ".{1,20}", time in prop::option::of(any::<i64>()), id in any::<u64>(),
        amount in prop::option::of(any::<i64>()), text in ".{0,300}", number in any::<f64>(), set in any::<bool>(),
        raw in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let properties =
            [("text", PropertyValue::Str(&text)), ("n", PropertyValue::Num(number)), ("f", PropertyValue::Bool(set))];
        let mut batch = Batch::new("src", -5);
        batch.event(&NewEvent {
            user_id: Some(&user),
            anonymous_id: Some(&anonymous),
            when: time.map_or(When::Arrival, When::At),
            id,
            event: &text,
            channel: &user,
            amount,
            properties: &properties,
        });
        batch.dead_letter(&NewDeadLetter { code: "c", raw: &raw, cut: set });
        batch.replayed(id);
        let read: Vec<_> = batch.records().map(Option::unwrap).collect();
        let Record::Event(event) = &read[0] else { panic!("{read:?}") };
        let bits = |properties: &[(&str, PropertyValue<'_>)]| format!("{properties:?}");
        prop_assert_eq!(bits(&event.properties), bits(&properties));
        let expected = LoggedEvent {
            user_id: Some(user.as_str()).filter(|id| !id.is_empty()),
            anonymous_id: Some(&anonymous),
            time_us: time,
            keeps_first_time: time.is_none(),
            id,
            event: &text,
            channel: &user,
            amount,
            properties: event.properties.clone(),
        };
        prop_assert!(*event == expected || number.is_nan());
        prop_assert_eq!(&read[1], &Record::DeadLetter { code: "c", raw: &raw, cut: set });
        prop_assert_eq!(&read[2], &Record::Replayed(id));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), n_records in 0u32..20) {
        let batch = Batch { n_records, bytes, ..Batch::default() };
        prop_assert!(batch.records().count() == n_records as usize);
    }
}
