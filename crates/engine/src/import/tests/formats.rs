//! Kinds of files and what a preview says of them.

use super::*;
use std::fmt::Write;

/// A preview as a text to judge.
fn shown(preview: &Preview) -> String {
    let mut text = format!(
        "{:?} {:?} {:?} {:?}\n",
        preview.format, preview.compression, preview.encoding, preview.delimiter
    );
    for column in &preview.columns {
        let role = column.suggestion.as_deref().unwrap_or("-");
        writeln!(text, "{} {} {role} [{}]", column.name, column.kind, column.samples.join(" | ")).unwrap();
    }
    text.push_str(&model::write_yaml(&DocumentBody::Mapping(preview.mapping.clone())));
    for event in preview.events.iter().take(2) {
        let at = jiff::Timestamp::from_microsecond(event.time_us.unwrap()).unwrap();
        let who = event.user_id.clone().or_else(|| event.anonymous_id.clone()).unwrap_or_default();
        let properties = serde_json::to_string(&event.properties).unwrap();
        writeln!(
            text,
            "line {} {at} {who} {} {:?} {:?} {properties}",
            event.line, event.event, event.channel, event.amount
        )
        .unwrap();
    }
    for problem in &preview.problems {
        writeln!(text, "{problem}").unwrap();
    }
    text
}

#[test]
fn a_korean_file_explains_itself() {
    let bench = Bench::new();
    let text = "고객번호;주문일시;결제금액;유입채널;상품명\r\nC-001;2024-03-05 오후 2:05:00;\"12,000\";네이버 검색;\"머그컵; 흰색\"\r\nC-002;2024-03-06 오전 9:00:00;3500;카카오톡;엽서\r\n";
    let (bytes, ..) = encoding_rs::EUC_KR.encode(text);
    let preview = bench.preview(&bench.write("주문내역.csv.gz", gzip(&bytes)), None).unwrap();
    insta::assert_snapshot!(shown(&preview), @r#"
    Csv Some("gzip") Some("euc-kr") Some(";")
    고객번호 text user_id [C-001 | C-002]
    주문일시 time time [2024-03-05 오후 2:05:00 | 2024-03-06 오전 9:00:00]
    결제금액 text amount [12,000 | 3500]
    유입채널 text channel [네이버 검색 | 카카오톡]
    상품명 text - [머그컵; 흰색 | 엽서]
    kind: mapping
    key: 주문내역
    file: {}
    events:
      person:
        user_id: 고객번호
        missing: reject
      time:
        column: 주문일시
      event:
        constant: purchase
      channel: 유입채널
      amount: 결제금액
      properties:
        상품명: 상품명
    line 2 2024-03-05T05:05:00Z C-001 purchase Some("네이버 검색") Some(12000.0) {"상품명":"머그컵; 흰색"}
    line 3 2024-03-06T00:00:00Z C-002 purchase Some("카카오톡") Some(3500.0) {"상품명":"엽서"}
    "#);
    // What is suggested works as it is.
    let mapping = model::write_yaml(&DocumentBody::Mapping(preview.mapping));
    let report = bench.import(&bench.dir.path().join("주문내역.csv.gz"), &mapping).unwrap();
    assert_eq!(
        (report.n_added, report.n_rejected, report.warnings[0].code.as_str()),
        (2, 0, "import.encoding")
    );
}

#[test]
fn an_english_file_explains_itself() {
    let bench = Bench::new();
    let text = "InvoiceNo,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n536365,MUG,6.0,2010-12-01 08:26:00,2.55,17850.0\nC536366,MUG,-1.0,2010-12-01 08:27:00,2.55,\n";
    let preview = bench.preview(&bench.write("online retail.csv", text), None).unwrap();
    insta::assert_snapshot!(shown(&preview), @r#"
    Csv None Some("utf-8") Some(",")
    InvoiceNo text - [536365 | C536366]
    Description text - [MUG]
    Quantity number quantity [6.0 | -1.0]
    InvoiceDate time time [2010-12-01 08:26:00 | 2010-12-01 08:27:00]
    UnitPrice number unit_price [2.55]
    CustomerID number user_id [17850.0]
    kind: mapping
    key: online-retail
    file: {}
    events:
      person:
        user_id: CustomerID
        missing: reject
      time:
        column: InvoiceDate
      event:
        constant: purchase
      amount:
        product:
        - Quantity
        - UnitPrice
      properties:
        Description: Description
        InvoiceNo: InvoiceNo
        Quantity: Quantity
        UnitPrice: UnitPrice
    line 2 2010-11-30T23:26:00Z 17850.0 purchase None Some(15.3) {"Description":"MUG","InvoiceNo":"536365","Quantity":6.0,"UnitPrice":2.55}
    online retail.csv:3: 1 of the first 2 rows would be rejected: no identifier of a person. Mend the mapping, or see the rejected rows in `rejects.csv` and mend those.
      처음 2줄 가운데 1줄이 거절됩니다: 고객 식별자가 없습니다. 매핑을 고치거나, 거절된 줄을 `rejects.csv`에서 보고 고치세요. [import.row.person_missing]
    "#);
}

#[test]
fn json_lines() {
    let bench = Bench::new();
    let text = r#"{"who": "u", "at": 1709600000123, "what": "view", "note": {"a": [1, 2]}, "device": {"os": "ios"}}
{"who": "u", "at": 1709600001000, "what": "view", "note": "12", "vip": true, "device": {"os": "android"}}
{"who": 7, "at": 1709600002000, "what": "view", "note": null}
not json
"#;
    let mapping = PLAIN.replace("{note: note}", "{note: note, os: device.os, vip: vip, later: later}");
    let report = bench.import(&bench.write("a.ndjson", text), &mapping).unwrap();
    assert_eq!((report.n_rows, report.n_added, report.reasons[0].first_line), (4, 3, 4));
    assert_eq!(
        report.warnings.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(),
        ["import.unseen_key"]
    );
    assert_eq!(
        bench.events(),
        [
            "2024-03-05T00:53:20.123Z u view note=\"{\\\"a\\\": [1, 2]}\" os=\"ios\"",
            "2024-03-05T00:53:21Z u view note=\"12\" os=\"android\" vip:true",
            "2024-03-05T00:53:22Z 7 view",
        ]
    );
}

#[test]
fn parquet() {
    use std::sync::Arc;
    use store::arrow::array::{
        ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    };
    let bench = Bench::new();
    let path = bench.dir.path().join("a.parquet");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("who", Arc::new(Int64Array::from(vec![Some(1), Some(2), None]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_709_600_000_000_000; 3]))),
        ("what", Arc::new(StringArray::from(vec!["buy", "view", "view"]))),
        ("price", Arc::new(Float64Array::from(vec![Some(2.5), Some(f64::NAN), None]))),
        ("note", Arc::new(BooleanArray::from(vec![Some(true), None, None]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = store::parquet::ParquetWriter::create(&path, batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let mapping =
        PLAIN.replace("zone: UTC", "zone: Asia/Seoul").replace("event: what", "event: what\n  amount: price");
    let report = bench.import(&path, &mapping).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.reasons[0].first_line), (3, 1, 3));
    assert_eq!(bench.events(), ["2024-03-04T15:53:20Z 1 buy 250¢ note:true", "2024-03-04T15:53:20Z 2 view"]);
    let kinds: Vec<String> =
        bench.preview(&path, None).unwrap().columns.into_iter().map(|column| column.kind).collect();
    assert_eq!(kinds, ["number", "time", "text", "number", "bool"]);
}

#[test]
fn compressions_and_headers() {
    let text = "who,at,what,note\nu,2024-03-05,x,1\n";
    let expected = ["2024-03-05T00:00:00Z u x note:1"];
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let two_members = [gzip(&text.as_bytes()[..20]), gzip(&text.as_bytes()[20..])].concat();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes()), zstd, two_members, marked, utf16] {
        let bench = Bench::new();
        bench.import(&bench.write("any", bytes), PLAIN).unwrap();
        assert_eq!(bench.events(), expected);
    }
    // No header: the mapping names the columns; and a header all the same is not a row.
    let named = format!("{PLAIN}file: {{columns: [who, at, what, note]}}");
    for text in ["u,2024-03-05,x,1\n", text] {
        let bench = Bench::new();
        bench.import(&bench.write("any.csv", text), &named).unwrap();
        assert_eq!(bench.events(), expected);
    }
}
