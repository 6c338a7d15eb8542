//! A made-up shop: persons with some twenty events each over a year, in the order of time, as logs come.

use std::path::Path;

use meta::Meta;
use store::{EventRef, Progress, PropertyKind, PropertyValue, Store, Summary};

const YEAR_US: i64 = 365 * 86_400 * 1_000_000;
const N_PAGES: u64 = 200;

fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (n ^ (n >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ (n >> 32)
}

/// Imports `n_events` events of `n_events / 20` persons into the store.
pub async fn import(store: &Store, n_events: u64) -> Summary {
    let mut writer = store.writer("bench").await.expect("nobody else writes");
    let names = ["view", "search", "cart", "checkout", "buy", "mail", "open", "click", "call", "review"];
    let events: Vec<u32> = names.iter().map(|name| writer.event_code(name).expect("few")).collect();
    let names = ["web", "app", "store", "mail", "call"];
    let channels: Vec<u16> = names.iter().map(|name| writer.channel_code(name).expect("few")).collect();
    let page = writer.property("page", PropertyKind::String);
    let price = writer.property("price", PropertyKind::Number);
    let pages: Vec<String> = (0..N_PAGES).map(|page| format!("/category/{page}/item")).collect();
    let users: Vec<String> = (0..n_events / 20 + 1).map(|user| format!("user-{user:07}")).collect();
    for n in 0..n_events {
        let r = mix(n + 1);
        let event = (r >> 8) as usize % events.len();
        let bought = event == 4;
        let properties = [
            (page, PropertyValue::Str(&pages[(r >> 16) as usize % pages.len()])),
            (price, PropertyValue::Num(((r >> 24) % 500) as f64 / 4.0)),
        ];
        let row = EventRef {
            user_id: Some(&users[(r >> 32) as usize % users.len()]),
            anonymous_id: None,
            time_us: (n as i64) * (YEAR_US / n_events as i64),
            id: None,
            event: events[event],
            channel: channels[(r >> 4) as usize % channels.len()],
            amount: bought.then_some((r >> 24) as i64 % 100_000),
            properties: if bought { &properties } else { &properties[..1] },
        };
        writer.push(row).expect("the disk works");
    }
    writer.finish(Progress::default(), 0).await.expect("the disk works")
}

/// An empty store in a folder.
pub async fn open(dir: &Path) -> Store {
    let meta = Meta::open(&dir.join("meta.db")).await.expect("a new database");
    Store::open(dir, meta).await.expect("a new store")
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads")
}
