use super::*;
use proptest::prelude::*;

fn cell(text: &str) -> Cell<'_> {
    Cell { text, kind: CellKind::Guess }
}

fn utc(text: &str) -> Option<String> {
    let mut reader = TimeReader::new(TimeFormat::YearFirst, TimeZone::UTC);
    let time_us = reader.read(cell(text)).ok()?;
    Some(Timestamp::from_microsecond(time_us).unwrap().to_string())
}

#[test]
fn year_first_rules() {
    for (text, expected) in [
        ("2017-01-28 19:06:53", "2017-01-28T19:06:53Z"),
        ("2017-01-28T19:06:53Z", "2017-01-28T19:06:53Z"),
        ("2017-01-28T19:06:53.123456789+09:00", "2017-01-28T10:06:53.123456Z"),
        ("2017-01-28 19:06:53-0330", "2017-01-28T22:36:53Z"),
        ("2017-01-28 19:06:53 UTC", "2017-01-28T19:06:53Z"),
        ("2017-01-28", "2017-01-28T00:00:00Z"),
        ("2017/1/2 3:04", "2017-01-02T03:04:00Z"),
        ("2017. 1. 2.", "2017-01-02T00:00:00Z"),
        ("2017.01.02 14:05:06,5", "2017-01-02T14:05:06.5Z"),
        ("20170128", "2017-01-28T00:00:00Z"),
        ("20170128190653", "2017-01-28T19:06:53Z"),
        ("20170128 1906", "2017-01-28T19:06:00Z"),
        ("2017-01-28 오후 7:06:53", "2017-01-28T19:06:53Z"),
        ("2017-01-28 오전 12:06", "2017-01-28T00:06:00Z"),
        ("2017-01-28 12:06 PM", "2017-01-28T12:06:00Z"),
        ("2017년 1월 28일 19시 6분 53초", "2017-01-28T19:06:53Z"),
        ("2017년 1월 28일", "2017-01-28T00:00:00Z"),
        ("2016-12-31 23:59:60", "2016-12-31T23:59:59Z"), // A leap second.
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        (" 2017-01-28 ", "2017-01-28T00:00:00Z"),
    ] {
        assert_eq!(utc(text).as_deref(), Some(expected), "{text}");
    }
    for bad in [
        "",
        "2017",
        "2017-13-01",
        "2017-02-29",
        "2017-01-28 24:00:00",
        "2017-01-28 19:60",
        "17-01-28",
        "2017-01/28",
        "2017-01-28 19:06:53 KST",
        "2017-01-28x",
        "1800-01-01",
        "2200-01-01",
        "NaT",
        "2017-01-28 13:00 PM",
        "9999-12-31",
    ] {
        assert_eq!(utc(bad), None, "{bad}");
    }
}

#[test]
fn zones_and_their_gaps() {
    let read = |zone: &str, text: &str| {
        let mut reader = TimeReader::new(TimeFormat::YearFirst, TimeZone::get(zone).unwrap());
        Timestamp::from_microsecond(reader.read(cell(text)).unwrap()).unwrap().to_string()
    };
    assert_eq!(read("Asia/Seoul", "2024-03-05 09:00:00"), "2024-03-05T00:00:00Z");
    assert_eq!(read("Asia/Seoul", "1988-07-01 00:00:00"), "1988-06-30T14:00:00Z"); // Seoul had summer time then.
    assert_eq!(read("America/New_York", "2025-03-09 02:30:00"), "2025-03-09T07:30:00Z"); // Skipped: an hour later.
    assert_eq!(read("America/New_York", "2025-11-02 01:30:00"), "2025-11-02T05:30:00Z"); // Twice: the first.
    assert_eq!(read("America/New_York", "2025-11-02 01:30:00-05:00"), "2025-11-02T06:30:00Z"); // Unless it says.
}

#[test]
fn formats_are_detected() {
    let detect = |samples: &[&str]| {
        TimeFormat::detect(samples.iter().map(|text| cell(text))).map(|format| format.name().to_owned())
    };
    let ok = |name: &str| Ok(name.to_owned());
    assert_eq!(detect(&["2017-01-28 19:06:53", "2017-01-28"]), ok("iso"));
    assert_eq!(detect(&["1488758400", "1488758401.25"]), ok("epoch_s"));
    assert_eq!(detect(&["1488758400000"]), ok("epoch_ms"));
    assert_eq!(detect(&["1488758400000000"]), ok("epoch_us"));
    assert_eq!(detect(&["03/04/2017 10:00", "28/04/2017 10:00"]), ok("%d/%m/%Y %H:%M"));
    assert_eq!(detect(&["03/04/2017", "04/28/2017"]), ok("%m/%d/%Y"));
    assert_eq!(detect(&["5-Mar-2017"]), ok("%d-%b-%Y"));
    // The third of April or the fourth of March: nobody can know.
    assert_eq!(detect(&["03/04/2017"]), Err(Unclear::Ambiguous("%d/%m/%Y", "%m/%d/%Y")));
    assert_eq!(detect(&["2017-01-28", "15.08.25"]), Err(Unclear::Unknown("15.08.25".to_owned())));
}

#[test]
fn stated_formats() {
    let read = |format: &str, text: &str| {
        let mut reader = TimeReader::new(TimeFormat::stated(format)?, TimeZone::get("Asia/Seoul").unwrap());
        reader.read(cell(text)).ok().map(|us| Timestamp::from_microsecond(us).unwrap().to_string())
    };
    assert_eq!(read("%y.%m.%d", "15.08.25").as_deref(), Some("2015-08-24T15:00:00Z"));
    assert_eq!(read("%d/%m/%Y %H:%M", "03/04/2017 10:30").as_deref(), Some("2017-04-03T01:30:00Z"));
    assert_eq!(
        read("%Y-%m-%dT%H:%M:%S%z", "2017-01-28T19:06:53+0100").as_deref(),
        Some("2017-01-28T18:06:53Z")
    );
    assert_eq!(read("epoch_ms", "1488758400123").as_deref(), Some("2017-03-06T00:00:00.123Z"));
    assert_eq!(read("epoch_s", "1488758400.5").as_deref(), Some("2017-03-06T00:00:00.5Z"));
    for bad in ["", "yyyy-mm-dd", "%Q", "%H:%M"] {
        assert!(TimeFormat::stated(bad).is_none(), "{bad}");
    }
}

proptest! {
    /// The stretch that is remembered never changes an answer.
    #[test]
    fn remembered_offsets_agree_with_jiff(seconds in prop::collection::vec(-2_000_000_000i64..7_000_000_000, 1..40)) {
        for zone in ["America/New_York", "Asia/Seoul", "Europe/London", "Australia/Lord_Howe"] {
            let zone = TimeZone::get(zone).unwrap();
            let mut reader = TimeReader::new(TimeFormat::YearFirst, zone.clone());
            for second in &seconds {
                let local = TimeZone::UTC.to_datetime(Timestamp::from_second(*second).unwrap());
                let expected = zone.to_ambiguous_timestamp(local).compatible().unwrap().as_microsecond();
                let text = local.to_string();
                prop_assert_eq!(reader.read(cell(&text)), Ok(expected), "{}", text);
            }
        }
    }
}
