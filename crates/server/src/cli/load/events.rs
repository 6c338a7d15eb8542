//! Events of a made-up shop, about as large as those of real senders. The same seed makes the same events.

use model::Rng;
use std::fmt::Write;

/// 2026-01-01 00:00 UTC.
const START_MS: u64 = 1_767_225_600_000;
const DAY_MS: u64 = 86_400_000;
/// Days over which events lie.
const DAYS: u64 = 60;
/// Events of one person, about.
const EVENTS_PER_PERSON: u64 = 40;

const NAMES: [(&str, f64); 7] = [
    ("Product Viewed", 40.0),
    ("Product List Viewed", 25.0),
    ("Products Searched", 12.0),
    ("Product Added", 10.0),
    ("Cart Viewed", 7.0),
    ("Checkout Started", 4.0),
    ("Order Completed", 2.0),
];
const PRODUCTS: [&str; 6] = ["머그컵", "텀블러", "에코백", "notebook", "pencil case", "desk lamp"];
const PATHS: [&str; 5] = ["/", "/products", "/products/42", "/cart", "/checkout"];
const MEDIA: [&str; 4] = ["cpc", "email", "organic", "social"];
const DEVICES: [&str; 3] = ["mobile", "desktop", "tablet"];

/// Makes events by number.
pub struct Maker {
    seed: u64,
    n_people: u64,
}

impl Maker {
    /// Makes `n_events` events, of which `seed` is part of every id.
    pub fn new(seed: u64, n_events: u64) -> Self {
        Self { seed, n_people: (n_events / EVENTS_PER_PERSON).max(1) }
    }

    /// The message id of an event.
    pub fn id(&self, n: u64) -> String {
        format!("load-{:x}-{n}", self.seed)
    }

    /// A batch of the events with these numbers.
    pub fn body(&self, events: std::ops::Range<u64>) -> Vec<u8> {
        let mut text = String::with_capacity((events.end - events.start) as usize * 640);
        text.push_str("{\"batch\":[");
        for n in events.clone() {
            if n > events.start {
                text.push(',');
            }
            self.event(n, &mut text);
        }
        text.push_str("]}");
        text.into_bytes()
    }

    fn event(&self, n: u64, text: &mut String) {
        let mut rng = Rng::new(self.seed).fork(n);
        let person = rng.below(self.n_people);
        let time_ms = START_MS + rng.below(DAYS * DAY_MS);
        let time = jiff::Timestamp::from_millisecond(time_ms.cast_signed()).unwrap_or_default();
        let name = rng.weighted(&NAMES);
        let product = rng.below(PRODUCTS.len() as u64) as usize;
        let price = 1_000 + 100 * rng.below(900);
        let path = PATHS[rng.below(PATHS.len() as u64) as usize];
        let (medium, device) = (
            MEDIA[rng.below(MEDIA.len() as u64) as usize],
            DEVICES[rng.below(DEVICES.len() as u64) as usize],
        );
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "{{\"type\":\"track\",\"messageId\":\"{}\",\"anonymousId\":\"device-{person:x}-{:x}\",",
            self.id(n),
            self.seed
        );
        if person % 3 == 0 {
            let _ = write!(text, "\"userId\":\"user-{person}\",");
        }
        let _ = write!(
            text,
            "\"event\":\"{name}\",\"timestamp\":\"{time:.3}\",\"properties\":{{\"product_id\":\"sku-{product}\",\
             \"name\":\"{}\",\"price\":{price},\"quantity\":{},\"currency\":\"KRW\"",
            PRODUCTS[product],
            1 + rng.below(3)
        );
        if *name == "Order Completed" {
            let _ = write!(text, ",\"order_id\":\"order-{n}\",\"revenue\":{price}");
        }
        let _ = write!(
            text,
            "}},\"context\":{{\"page\":{{\"path\":\"{path}\",\"url\":\"https://shop.example{path}\"}},\
             \"campaign\":{{\"source\":\"shop\",\"medium\":\"{medium}\"}},\"device\":{{\"type\":\"{device}\"}},\
             \"locale\":\"ko-KR\"}}}}"
        );
    }
}
