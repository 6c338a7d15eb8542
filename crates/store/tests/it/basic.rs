//! What goes in comes out: one import, its columns, its ledger, Parquet.

use meta::{ImportState, NewImport};
use std::sync::Arc;
use store::arrow::array::{
    ArrayRef, Decimal128Array, Float64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray,
    UInt64Array,
};
use store::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use store::parquet::{Cell, ParquetReader, ParquetWriter};
use store::{Cancel, Columns, EventRef, Progress, PropertyColumn, PropertyKind, PropertyValue, StoreError};

use crate::{event, open};

#[tokio::test]
async fn what_is_pushed_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut writer = store.writer("shop").await.unwrap();
    let (view, buy) = (writer.event_code("view").unwrap(), writer.event_code("buy").unwrap());
    let web = writer.channel_code("web").unwrap();
    let page = writer.property("page", PropertyKind::String);
    let price = writer.property("price", PropertyKind::Number);
    let member = writer.property("member", PropertyKind::Bool);
    let first = [(page, PropertyValue::Str("홈")), (member, PropertyValue::Bool(true))];
    writer
        .push(EventRef { event: view, channel: web, properties: &first, ..event(Some("kim"), None, 20, 1) })
        .unwrap();
    let second = [(price, PropertyValue::Num(9.5))];
    writer
        .push(EventRef {
            event: buy,
            amount: Some(-950),
            properties: &second,
            ..event(Some("kim"), None, 10, 2)
        })
        .unwrap();
    let summary = writer.finish(Progress::default(), 1).await.unwrap();
    assert_eq!((summary.n_pushed, summary.n_added, summary.n_duplicate), (2, 2, 0));

    let snapshot = store.snapshot();
    assert_eq!((snapshot.n_events(), snapshot.n_persons(), snapshot.time_range()), (2, 1, Some((10, 20))));
    let kim = model::person_key(Some("kim"), None).unwrap();
    let columns = Columns {
        id: true,
        user_id: true,
        anonymous_id: true,
        amount: true,
        channel: true,
        source: true,
        properties: vec![page, price, member],
    };
    let rows = snapshot.scan(snapshot.bucket_of(kim), &columns).unwrap();
    assert_eq!(*rows.person_keys, [kim]);
    assert_eq!(*rows.person_starts, [0, 2]);
    assert_eq!(*rows.time_us, [10, 20]);
    assert_eq!(*rows.event, [buy, view]);
    assert_eq!(*rows.channel, [0, web]);
    assert_eq!(rows.amount.iter().collect::<Vec<_>>(), [Some(-950), None]);
    assert_eq!(*rows.id, [2, 1]);
    assert_eq!(rows.user_id.get(0), Some("kim"));
    assert_eq!(rows.anonymous_id.get(0), None);
    assert_eq!(rows.source.get(1), Some("shop"));
    let PropertyColumn::Str(pages) = &*rows.properties[0] else { panic!("{:?}", rows.properties[0]) };
    assert_eq!([pages.get(0), pages.get(1)], [None, Some("홈")]);
    let PropertyColumn::Num(prices) = &*rows.properties[1] else { panic!("{:?}", rows.properties[1]) };
    assert!(prices[0] == 9.5 && prices[1].is_nan());
    let PropertyColumn::Bool(members) = &*rows.properties[2] else { panic!("{:?}", rows.properties[2]) };
    assert_eq!(members, &[2, 1]);
    assert_eq!(snapshot.names().event_name(buy), "buy");
    assert_eq!(snapshot.names().channel_name(web), "web");
    drop(store);

    let reopened = open(dir.path()).await.snapshot();
    assert_eq!(reopened.names().event_code("buy"), Some(buy));
    assert_eq!(reopened.scan(reopened.bucket_of(kim), &columns).unwrap().time_us.as_slice(), [10, 20]);
    assert_eq!(reopened.person(kim).unwrap().time_us.as_slice(), [10, 20]);
}

#[tokio::test]
async fn an_empty_store_answers() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = open(dir.path()).await.snapshot();
    assert_eq!((snapshot.n_events(), snapshot.n_persons(), snapshot.time_range()), (0, 0, None));
    let rows = snapshot.scan(3, &Columns::default()).unwrap();
    assert_eq!((rows.n_rows(), rows.n_persons(), rows.person_starts.len()), (0, 0, 1));
    assert!(snapshot.event_stats(2, &Cancel::default()).unwrap().is_empty());
}

#[tokio::test]
async fn an_event_of_nobody_is_refused_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut writer = store.writer("shop").await.unwrap();
    writer.event_code("view").unwrap();
    for nobody in [event(None, None, 1, 1), event(Some(""), Some(""), 1, 1)] {
        assert!(matches!(writer.push(nobody), Err(StoreError::Nobody)));
    }
    writer.push(event(Some(""), Some("cookie"), 1, 1)).unwrap();
    assert_eq!(writer.finish(Progress::default(), 1).await.unwrap().n_added, 1);
}

#[tokio::test]
async fn the_ledger_follows() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let file = NewImport { mapping: "orders@1", file_name: "a.csv", file_hash: "00", size_bytes: 9 };
    let import = store.meta().begin_import(file, 100).await.unwrap();
    let mut writer = store.writer("shop").await.unwrap();
    writer.attach(&import);
    writer.event_code("view").unwrap();
    for id in 0..5 {
        writer.push(event(Some("kim"), None, 1, id % 3)).unwrap();
    }
    writer.checkpoint(Progress { n_lines: 6, n_rejected: 1, checkpoint_line: 6 }).await.unwrap();
    let row = store.meta().import(import.id).await.unwrap().unwrap();
    assert_eq!((row.state, row.n_pushed, row.checkpoint_line), (ImportState::Running, 5, 6));
    assert_eq!(store.snapshot().n_events(), 0); // Readers see an import when it is over.
    drop(writer); // Interrupted: what the checkpoint stored is settled when the next writer starts.

    let import = store.meta().resume_import(import.id).await.unwrap();
    let mut writer = store.writer("shop").await.unwrap();
    assert_eq!(store.snapshot().n_events(), 3);
    writer.attach(&import);
    writer.push(event(Some("kim"), None, 1, 9)).unwrap();
    let summary =
        writer.finish(Progress { n_lines: 7, n_rejected: 1, checkpoint_line: 7 }, 200).await.unwrap();
    assert_eq!((summary.n_pushed, summary.n_added, summary.n_duplicate), (1, 1, 0));
    let row = store.meta().import(import.id).await.unwrap().unwrap();
    assert_eq!((row.state, row.finished_us), (ImportState::Done, Some(200)));
    assert_eq!((row.n_lines, row.n_pushed, row.n_added, row.n_duplicate, row.n_rejected), (7, 6, 4, 2, 1));
}

#[tokio::test]
async fn statistics_per_event() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut writer = store.writer("shop").await.unwrap();
    let (view, buy) = (writer.event_code("view").unwrap(), writer.event_code("buy").unwrap());
    let page = writer.property("page", PropertyKind::String);
    for (person, time_us, code) in [("a", 5, view), ("a", 7, view), ("b", 3, view), ("b", 9, buy)] {
        let properties = [(page, PropertyValue::Str("p"))];
        let properties = if time_us == 7 { &properties[..] } else { &[] };
        let amount = (code == buy).then_some(100);
        let row = EventRef { event: code, amount, properties, ..event(Some(person), None, time_us, 0) };
        writer.push(row).unwrap();
    }
    writer.finish(Progress::default(), 1).await.unwrap();
    let stats = store.snapshot().event_stats(2, &Cancel::default()).unwrap();
    let brief: Vec<_> = stats
        .iter()
        .map(|s| (s.event, s.n_events, s.n_persons, s.first_us, s.last_us, s.n_amounts, s.properties.len()))
        .collect();
    assert_eq!(brief, [(view, 3, 2, 3, 7, 0, 1), (buy, 1, 1, 9, 9, 1, 0)]);
    assert_eq!(stats[0].properties, [(page, 1)]);
}

#[tokio::test]
async fn a_cancelled_fold_stops() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = open(dir.path()).await.snapshot();
    let cancel = Cancel::default();
    assert_eq!(snapshot.fold(2, &Columns::default(), &cancel, |rows| rows.bucket).unwrap(), {
        (0..snapshot.n_buckets()).collect::<Vec<_>>()
    });
    let n = snapshot.n_buckets();
    assert_eq!(cancel.buckets(), (n, n));
    cancel.cancel();
    let stopped = snapshot.fold(2, &Columns::default(), &cancel, |rows| rows.bucket);
    assert!(matches!(stopped, Err(StoreError::Cancelled)));
    assert_eq!(cancel.buckets(), (n, 2 * n), "a second scan is planned, and nothing of it is read");
}

#[test]
fn record_batches_go_to_parquet_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let schema = Arc::new(Schema::new(vec![
        Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false),
        Field::new("event", DataType::Utf8View, false),
        Field::new("channel", DataType::Utf8View, true),
        Field::new("amount", DataType::Decimal128(18, 2), true),
        Field::new("id", DataType::UInt64, false),
        Field::new("price", DataType::Float64, true),
    ]));
    let amounts = Decimal128Array::from(vec![Some(950), None]).with_precision_and_scale(18, 2).unwrap();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(vec![10, 11]).with_timezone("UTC")),
        Arc::new(StringViewArray::from(vec!["buy", "view"])),
        Arc::new(StringViewArray::from(vec![Some("web"), None])),
        Arc::new(amounts),
        Arc::new(UInt64Array::from(vec![7, 8])),
        Arc::new(Float64Array::from(vec![Some(9.5), None])),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    let path = dir.path().join("out.parquet");
    let mut out = ParquetWriter::create(&path, schema).unwrap();
    out.write(&batch).unwrap();
    out.close().unwrap();
    let mut back = ParquetReader::open(&path).unwrap();
    assert_eq!((back.n_rows(), back.columns()[0].as_str()), (2, "time"));
    let row = back.next_row().unwrap().unwrap();
    assert_eq!((row.cell(0), row.cell(1)), (Cell::TimeUs(10), Cell::Str("buy")));
    assert_eq!((row.cell(4), row.cell(5)), (Cell::Int(7), Cell::Float(9.5)));
    assert_eq!(row.cell(3), Cell::Str("9.50"));
    let row = back.next_row().unwrap().unwrap();
    assert_eq!((row.cell(2), row.cell(5), row.cell(0)), (Cell::Missing, Cell::Missing, Cell::TimeUs(11)));
    assert!(back.next_row().unwrap().is_none());
    std::fs::write(&path, b"not parquet").unwrap();
    assert!(matches!(ParquetReader::open(&path), Err(StoreError::Parquet { .. })));
}
