//! A verdict for everything that can be wrong.

use super::{codes, decoded, read};
use crate::ingest::EVENT_BYTES_MAX;
use model::Lang;

#[test]
fn every_fault_has_its_code() {
    let long = |n: usize| "x".repeat(n);
    for (raw, code) in [
        (r#"{"type":"track","userId":"u","event":"e""#.to_owned(), "event.json"),
        (r#"{"type":"track","userId":"u","event":NaN}"#.to_owned(), "event.json"),
        (r#"{"type":"track","userId":"u","event":"e","properties":{"a":Infinity}}"#.to_owned(), "event.json"),
        (r#"{"type":"track","userId":"u","event":"e","properties":{"a":-}}"#.to_owned(), "event.json"),
        (r#"{"type":"track","userId":"u","event":"e","properties":{"a":01}}"#.to_owned(), "event.json"),
        (r#"{"type":"track","userId":"u","event":"e",}"#.to_owned(), "event.json"),
        (r#"{"type":"track" "userId":"u"}"#.to_owned(), "event.json"),
        ("{\"type\":\"tr\tack\"}".to_owned(), "event.json"),
        (r#"{"type":"\x41"}"#.to_owned(), "event.json"),
        (r#"{"type":"\u12"}"#.to_owned(), "event.json"),
        ("undefined".to_owned(), "event.json"),
        ("\"text\"".to_owned(), "event.not_object"),
        ("[{}]".to_owned(), "event.not_object"),
        ("null".to_owned(), "event.not_object"),
        (r#"{"userId":"u","event":"e"}"#.to_owned(), "event.no_type"),
        (r#"{"type":null}"#.to_owned(), "event.no_type"),
        (r#"{"type":7}"#.to_owned(), "event.field_type"),
        (r#"{"type":"Track","userId":"u","event":"e"}"#.to_owned(), "event.unknown_type"),
        (r#"{"type":"track","userId":"u"}"#.to_owned(), "event.no_name"),
        (r#"{"type":"track","userId":"u","event":"  "}"#.to_owned(), "event.no_name"),
        (r#"{"type":"track","userId":"u","event":["e"]}"#.to_owned(), "event.field_type"),
        (format!(r#"{{"type":"track","userId":"u","event":"{}"}}"#, long(201)), "event.name_too_long"),
        (r#"{"type":"track","event":"e"}"#.to_owned(), "event.no_person"),
        (r#"{"type":"track","event":"e","userId":"","anonymousId":null}"#.to_owned(), "event.no_person"),
        (r#"{"type":"track","event":"e","userId":true}"#.to_owned(), "event.field_type"),
        (r#"{"type":"track","event":"e","userId":1.5}"#.to_owned(), "event.field_type"),
        (r#"{"type":"track","event":"e","userId":{"$oid":"7"}}"#.to_owned(), "event.field_type"),
        (format!(r#"{{"type":"track","event":"e","userId":"{}"}}"#, long(513)), "event.id_too_long"),
        (r#"{"type":"track","event":"e","userId":"\ud800"}"#.to_owned(), "event.half_character"),
        (r#"{"type":"track","event":"\udc00","userId":"u"}"#.to_owned(), "event.half_character"),
        (r#"{"type":"track","event":"e","userId":"u","messageId":["m"]}"#.to_owned(), "event.field_type"),
        (r#"{"type":"track","event":"e","userId":"u","properties":"a=1"}"#.to_owned(), "event.field_type"),
        (r#"{"type":"identify","userId":"u","traits":[]}"#.to_owned(), "event.field_type"),
        (r#"{"type":"alias","userId":"u"}"#.to_owned(), "event.no_previous_id"),
        (r#"{"type":"alias","previousId":"u"}"#.to_owned(), "event.no_person"),
        (
            format!(r#"{{"type":"page","userId":"u","properties":{{"{}":1}}}}"#, long(201)),
            "event.key_too_long",
        ),
        (
            format!(r#"{{"type":"page","userId":"u","properties":{{"a":{{"{}":1}}}}}}"#, long(199)),
            "event.key_too_long",
        ),
        (
            format!(r#"{{"type":"page","userId":"u","properties":{{"channel":"{}"}}}}"#, long(201)),
            "event.name_too_long",
        ),
        (r#"{"type":"page","userId":"u","timestamp":"soon"}"#.to_owned(), "event.time"),
        (r#"{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z"}"#.to_owned(), "event.time_range"),
        (r#"{"type":"page","userId":"u","properties":{"revenue":"lots"}}"#.to_owned(), "event.amount"),
        (
            format!(
                r#"{{"type":"page","userId":"u","properties":{{"a":{}1{}}}}}"#,
                "[".repeat(65),
                "]".repeat(65)
            ),
            "event.too_deep",
        ),
        (
            format!(r#"{{"type":"page","userId":"u","properties":{{"a":"{}"}}}}"#, long(EVENT_BYTES_MAX)),
            "event.too_large",
        ),
    ] {
        assert_eq!(read(&raw), code, "{}", &raw[..raw.len().min(200)]);
    }
    // Just within the limits.
    for raw in [
        format!(r#"{{"type":"track","userId":"{}","event":"{}"}}"#, long(512), "가".repeat(200)),
        format!(
            r#"{{"type":"page","userId":"u","properties":{{"a":{}1{}}}}}"#,
            "[".repeat(64),
            "]".repeat(64)
        ),
    ] {
        assert!(read(&raw).starts_with("arrival"), "{}", read(&raw));
    }
    assert_eq!(
        codes(b"{\"batch\":[{\"type\":\"page\",\"userId\":\"\xff\"}]}"),
        [(0, "event.encoding".to_owned())]
    );
}

#[test]
fn verdicts_say_what_where_and_how_to_mend_it() {
    let body = r#"{"batch":[{"type":"page","userId":"u"},{"type":"page"},{"type":"page","userId":"u","timestamp":"soon"}]}"#;
    let verdicts = decoded(body.as_bytes()).verdicts;
    let told: Vec<(usize, &str, &str)> = verdicts
        .iter()
        .map(|verdict| (verdict.index, verdict.code.as_str(), verdict.place.path.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [(1, "event.no_person", "batch[1].userId"), (2, "event.time", "batch[2].timestamp")]);
    for verdict in &verdicts {
        for text in [&verdict.message, &verdict.remedy] {
            assert!(!text.get(Lang::Ko).is_ascii() && text.get(Lang::En).is_ascii(), "{text:?}");
        }
    }
    assert!(verdicts[1].message.get(Lang::En).contains("`soon` in `timestamp`"));
}
