//! What calls become: names, people, times, channels, amounts, properties.

use super::{DEFAULTS, HOUR_US, NOW_US, line, read};
use crate::ingest::{Defaults, event};
use std::collections::HashSet;

fn check(raw: &str, expected: &str) {
    assert_eq!(read(raw), expected, "{raw}");
}

#[test]
fn calls_become_events() {
    check(r#"{"type":"track","userId":"u","event":"Order Completed"}"#, "arrival u/- Order Completed {}");
    check(
        r#"{"type":"page","anonymousId":"a","name":"Home","category":"Shop","properties":{"path":"/"}}"#,
        "arrival -/a page {category=`Shop`, name=`Home`, path=`/`}",
    );
    check(r#"{"type":"screen","userId":"u","name":"Cart"}"#, "arrival u/- screen {name=`Cart`}");
    // The same name as imported traits have.
    check(
        r#"{"type":"identify","userId":"u","anonymousId":"a","traits":{"plan":"pro","vip":true}}"#,
        "arrival u/a identify {plan=`pro`, vip=true}",
    );
    check(
        r#"{"type":"group","userId":"u","groupId":"g7","traits":{"size":12}}"#,
        "arrival u/- group {groupId=`g7`, size=12}",
    );
    // The old identifier comes with the new one: the store links them.
    check(r#"{"type":"alias","userId":"new","previousId":"old"}"#, "arrival new/old alias {}");
    // Identifiers that are numbers stay what was written; spaces around them are nobody's name.
    check(r#"{"type":"track","userId":17850,"event":" view "}"#, "arrival 17850/- view {}");
    check(r#"{"type":"track","userId":"  ","anonymousId":" a ","event":"e"}"#, "arrival -/a e {}");
    // Of a field that comes twice the last counts; escapes in keys and unknown fields do no harm.
    check(
        r#"{"type":"page","type":"track","\u0065vent":"x","userId":"u","integrations":{"All":false}}"#,
        "arrival u/- x {}",
    );
}

#[test]
fn properties_are_flattened() {
    let check = |properties: &str, expected: &str| {
        let raw = format!(r#"{{"type":"track","userId":"u","event":"e","properties":{properties}}}"#);
        check(&raw, &format!("arrival u/- e {{{expected}}}"));
    };
    check(r#"{"a":{"b":{"c":1,"d":{"e":2}}}}"#, r#"a.b.c=1, a.b.d=`{"e":2}`"#);
    check(
        r#"{"list":[1, {"a":2}],"none":null,"empty":{},"text":"","":1}"#,
        r#"_=1, list=`[1, {"a":2}]`, text=``"#,
    );
    check(
        r#"{"t":"\ud55c\u0000\n\"","emoji":"\ud83d\ude00","half":"\ud83d!"}"#,
        "emoji=`😀`, half=`\u{FFFD}!`, t=`한\u{0}\n\"`",
    );
    // What loses digits as a number stays a text, as in imports.
    check(
        r#"{"i":9007199254740993,"f":0.1,"big":1e999,"neg":-0.5,"e":1E+2}"#,
        "big=`1e999`, e=100, f=0.1, i=`9007199254740993`, neg=-0.5",
    );
    let long = format!(r#"{{"t":"{}"}}"#, "가".repeat(9_000));
    check(&long, &format!("t=`{}`", "가".repeat(8_192)));
    check("null", "");
}

#[test]
fn context_comes_along() {
    let raw = r#"{"type":"track","userId":"u","event":"e","context":{"ip":"10.0.0.7","campaign":{"source":"s","medium":"email"},
        "page":{"path":"/a"},"library":{"name":"js","version":"2"},"locale":"ko-KR"}}"#;
    check(
        raw,
        "arrival u/- e via email {context.campaign.medium=`email`, context.campaign.source=`s`, context.ip=`10.0.0.7`, \
        context.library.name=`js`, context.library.version=`2`, context.locale=`ko-KR`, context.page.path=`/a`}",
    );
    // What the batch says holds where the event says nothing else: the last value of a key counts.
    let defaults = Defaults { context: Some(r#"{"locale":"en","app":{"name":"shop"}}"#), ..DEFAULTS };
    let event =
        event::read(br#"{"type":"track","userId":"u","event":"e","context":{"locale":"ko"}}"#, &defaults);
    let expected = "arrival u/- e {context.app.name=`shop`, context.locale=`en`, context.locale=`ko`}";
    assert_eq!(event.unwrap().with(line), expected);
}

#[test]
fn channels_have_an_order() {
    let check = |fields: &str, expected: &str| {
        let raw = format!(r#"{{"type":"track","userId":"u","event":"e",{fields}}}"#);
        let defaults = Defaults { channel: "pos", ..DEFAULTS };
        let found = event::read(raw.as_bytes(), &defaults).unwrap().with(|event| event.channel.to_owned());
        assert_eq!(found, expected, "{raw}");
    };
    let (medium, context) = (r#""campaign":{"medium":"cpc"}"#, r#""channel":"app""#);
    check(
        &format!(r#""properties":{{"channel":"web"}},"channel":"server","context":{{{context},{medium}}}"#),
        "web",
    );
    check(&format!(r#""channel":"server","context":{{{context},{medium}}}"#), "app");
    check(&format!(r#""channel":"server","context":{{{medium}}}"#), "server");
    check(&format!(r#""context":{{{medium}}}"#), "cpc");
    check(r#""context":{"campaign":{"medium":" "}},"properties":{"channel":7}"#, "pos");
    // What became the channel is not kept twice; what did not, is kept.
    super::mapping::check(
        r#"{"type":"track","userId":"u","event":"e","properties":{"channel":"web"},"context":{"channel":"app"}}"#,
        "arrival u/- e via web {context.channel=`app`}",
    );
}

#[test]
fn amounts_are_exact_hundredths() {
    let check = |properties: &str, expected: &str| {
        check(&format!(r#"{{"type":"track","userId":"u","event":"e","properties":{properties}}}"#), expected);
    };
    check(
        r#"{"revenue":12000,"total":13000,"currency":"KRW"}"#,
        "arrival u/- e 1200000¢ {currency=`KRW`, total=13000}",
    );
    check(r#"{"revenue":"₩12,000.505"}"#, "arrival u/- e 1200051¢ {}"); // Half goes away from zero.
    check(r#"{"total":0.1,"value":5}"#, "arrival u/- e 10¢ {value=5}");
    check(r#"{"value":-3.5}"#, "arrival u/- e -350¢ {}");
    check(r#"{"value":"high"}"#, "arrival u/- e {value=`high`}"); // Only revenue has to be money,
    check(r#"{"revenue":"high"}"#, "event.amount"); // and then has to be a number.
    check(r#"{"revenue":true}"#, "event.amount");
    check(r#"{"revenue":null,"total":1}"#, "arrival u/- e 100¢ {}");
    check(r#"{"revenue":1e30}"#, "event.amount_range");
    check(r#"{"cart":{"revenue":5}}"#, "arrival u/- e {cart.revenue=5}");
}

#[test]
fn times_are_their_own() {
    let check = |fields: &str, expected: &str| {
        let found = read(&format!(r#"{{"type":"track","userId":"u","event":"e",{fields}}}"#));
        assert_eq!(found.split(' ').next().unwrap(), expected, "{fields}");
    };
    check(r#""timestamp":"2026-03-01T23:59:59.5Z""#, "-0.5s");
    check(r#""timestamp":"2026-03-02T09:00:01+09:00""#, "+1s");
    check(r#""timestamp":"2026-03-02""#, "+0s");
    check(r#""timestamp":1772409601000"#, "+1s"); // Milliseconds, as JavaScript counts;
    check(r#""timestamp":1772409601"#, "event.time"); // seconds could be a day in 1970.
    check(r#""timestamp":null,"originalTimestamp":"""#, "arrival");
    check(r#""timestamp":"yesterday""#, "event.time");
    check(r#""timestamp":{}"#, "event.time");
    check(r#""timestamp":"2026-02-30T00:00:00Z""#, "event.time");
    check(r#""timestamp":"0001-01-01T00:00:00Z""#, "event.time_range");
    check(r#""timestamp":"9999-01-01T00:00:00Z""#, "event.time_range");
    check(r#""timestamp":"1969-12-31T23:59:59Z""#, "-1772409601s");
    check(r#""timestamp":"2100-01-01T00:00:00Z""#, "+2330035200s");
    // `originalTimestamp` is what the sender's clock said.
    check(r#""timestamp":"2026-03-01T00:00:00Z","originalTimestamp":"2026-03-02T00:00:07Z""#, "+7s");
}

#[test]
fn wrong_clocks_are_put_right() {
    // timestamp = receivedAt − (sentAt − originalTimestamp)
    let check = |own: &str, sent: &str, expected: &str| {
        let found = read(&format!(
            r#"{{"type":"track","userId":"u","event":"e","timestamp":"{own}","sentAt":"{sent}"}}"#
        ));
        assert_eq!(found.split(' ').next().unwrap(), expected, "{own} {sent}");
    };
    check("2026-03-02T02:59:50Z", "2026-03-02T03:00:00Z", "-10s"); // Three hours fast,
    check("2026-03-01T20:59:50Z", "2026-03-01T21:00:00Z", "-10s"); // three hours slow,
    check("2016-01-01T00:00:00Z", "2016-01-01T00:00:10Z", "-10s"); // a dead battery.
    // On its way for up to five minutes a request keeps its times, so that it is the same when it is sent again.
    check("2026-03-01T23:59:00Z", "2026-03-01T23:55:00Z", "-60s");
    check("2026-03-01T23:59:00Z", "2026-03-01T23:54:59Z", "+241s");
    check("2026-03-02T00:00:00Z", "no time", "+0s"); // What cannot be read corrects nothing.
    check("2026-03-02T00:00:00Z", "0001-01-01T00:00:00Z", "+0s");
    // The batch's `sentAt` holds for events without one; another collector's correction is not done twice.
    let defaults = Defaults { sent_at_us: Some(NOW_US + HOUR_US), ..DEFAULTS };
    for (fields, expected) in [
        (r#""timestamp":"2026-03-02T01:00:00Z""#, "+0s"),
        (r#""timestamp":"2026-03-02T01:00:00Z","sentAt":"2026-03-02T00:00:00Z""#, "+3600s"),
        (
            r#""timestamp":"2026-03-02T01:00:00Z","originalTimestamp":"2020-01-01","receivedAt":"2026-03-02""#,
            "+3600s",
        ),
        (r#""messageId":"m""#, "arrival"),
    ] {
        let raw = format!(r#"{{"type":"track","userId":"u","event":"e",{fields}}}"#);
        let found = event::read(raw.as_bytes(), &defaults).unwrap().with(line);
        assert_eq!(found.split(' ').next().unwrap(), expected, "{fields}");
    }
}

#[test]
fn ids_follow_from_the_message_or_the_content() {
    let id = |fields: &str| {
        let raw = format!(r#"{{"type":"track","userId":"u",{fields}}}"#);
        event::read(raw.as_bytes(), &DEFAULTS).unwrap().with(|event| event.id)
    };
    assert_eq!(id(r#""event":"e","messageId":"m1""#), xxhash_rust::xxh3::xxh3_64(b"m1"));
    assert_eq!(id(r#""event":"e","messageId":"m1""#), id(r#""event":"f","messageId":"m1""#));
    // Without an id the same content, however it is written and whenever it is sent, is the same event.
    let one = id(r#""event":"e","properties":{"a":1,"b":"x"},"timestamp":"2026-03-01T00:00:00Z""#);
    let same = r#""timestamp":"2026-03-01T09:00:00+09:00","sentAt":"2026-03-05","properties":{ "b":"\u0078", "a":1.0 },"event":"e""#;
    assert_eq!(id(same), one);
    let others = [
        r#""event":"e""#,
        r#""event":"e","properties":{"a":1,"b":"y"},"timestamp":"2026-03-01T00:00:00Z""#,
        r#""event":"e","properties":{"a":"1","b":"x"},"timestamp":"2026-03-01T00:00:00Z""#,
        r#""event":"e","properties":{"a":1,"b":"x"},"timestamp":"2026-03-01T00:00:01Z""#,
        r#""event":"e","properties":{"a":1,"b":"x"}"#,
        r#""event":"e","properties":{"revenue":1,"b":"x"},"timestamp":"2026-03-01T00:00:00Z""#,
    ];
    let all: HashSet<u64> = others.iter().map(|fields| id(fields)).chain([one]).collect();
    assert_eq!(all.len(), others.len() + 1);
}
