//! What comes through the door, as the decoder sees it and on a real data folder.

mod bodies;
mod hostile;
mod mapping;
mod real;
mod verdicts;

use super::decode::{Decoded, Origin, decode};
use super::event;
use super::unpack::{Packing, Unpackable};
use super::{BODY_BYTES_MAX, Defaults};
use store::{NewEvent, PropertyValue, When};

/// 2026-03-02 00:00 UTC.
const NOW_US: i64 = 1_772_409_600_000_000;
const HOUR_US: i64 = 3_600_000_000;

const DEFAULTS: Defaults<'static> =
    Defaults { channel: "", received_us: NOW_US, is_replay: false, sent_at_us: None, context: None };

const ORIGIN: Origin<'static> =
    Origin { source: "test", channel: "", received_us: NOW_US, replayed_us: None };

fn decoded(body: &[u8]) -> Decoded {
    decode(body, ORIGIN, |_| Ok(())).unwrap()
}

/// Codes of the verdicts, with the places they are about.
fn codes(body: &[u8]) -> Vec<(usize, String)> {
    decoded(body).verdicts.into_iter().map(|verdict| (verdict.index, verdict.code)).collect()
}

/// An event on one line, properties sorted by key.
fn line(event: &NewEvent<'_>) -> String {
    let when = match event.when {
        When::At(time_us) => format!("{:+}s", (time_us - NOW_US) as f64 / 1e6),
        When::Arrival => "arrival".to_owned(),
    };
    let who = format!("{}/{}", event.user_id.unwrap_or("-"), event.anonymous_id.unwrap_or("-"));
    let amount = event.amount.map_or(String::new(), |amount| format!(" {amount}¢"));
    let channel = if event.channel.is_empty() { String::new() } else { format!(" via {}", event.channel) };
    let mut values: Vec<String> = event
        .properties
        .iter()
        .map(|(key, value)| match value {
            PropertyValue::Str(text) => format!("{key}=`{text}`"),
            PropertyValue::Num(number) => format!("{key}={number}"),
            PropertyValue::Bool(flag) => format!("{key}={flag}"),
        })
        .collect();
    values.sort();
    format!("{when} {who} {}{channel}{amount} {{{}}}", event.event, values.join(", "))
}

/// What one event becomes, or the code of its refusal.
fn read(raw: &str) -> String {
    match event::read(raw.as_bytes(), &DEFAULTS) {
        Ok(event) => event.with(line),
        Err(refusal) => refusal.code().to_owned(),
    }
}

#[test]
fn bodies_unpack_within_the_limit() {
    use std::io::Write;
    let text = r#"{"batch":[]}"#.repeat(1_000);
    let gzip = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();

    for (packing, packed) in [(Packing::Gzip, gzip(text.as_bytes())), (Packing::Zstd, zstd(text.as_bytes()))]
    {
        assert!(packed.len() < text.len() / 10);
        assert_eq!(packing.unpack(packed.clone(), text.len()).unwrap(), text.as_bytes(), "{packing:?}");
        // The limit is on what comes out, not on what came.
        assert_eq!(packing.unpack(packed.clone(), text.len() - 1), Err(Unpackable::TooLarge), "{packing:?}");
        assert_eq!(packing.unpack(packed[..packed.len() / 2].to_vec(), 1 << 20), Err(Unpackable::Broken));
        assert_eq!(
            packing.unpack(b"no such thing".to_vec(), 1 << 20),
            Err(Unpackable::Broken),
            "{packing:?}"
        );
    }
    let bomb = vec![b' '; 256 << 20];
    for (packing, packed) in [(Packing::Gzip, gzip(&bomb)), (Packing::Zstd, zstd(&bomb))] {
        assert_eq!(packing.unpack(packed, BODY_BYTES_MAX), Err(Unpackable::TooLarge));
    }
    // "{}" by the brotli program, and a first byte that asks for a window of a gigabyte.
    assert_eq!(Packing::Brotli.unpack(vec![0x8b, 0x00, 0x80, b'{', b'}', 0x03], 9).unwrap(), b"{}");
    assert_eq!(Packing::Brotli.unpack(vec![0x11, 0x1E, 0, 0], 9), Err(Unpackable::Broken));
    assert_eq!(Packing::Plain.unpack(b"{}".to_vec(), 1), Err(Unpackable::TooLarge));
    for (name, packing) in [
        ("", Some(Packing::Plain)),
        ("GZIP", Some(Packing::Gzip)),
        ("br", Some(Packing::Brotli)),
        ("lzma", None),
    ] {
        assert_eq!(Packing::of(name), packing);
    }
}
