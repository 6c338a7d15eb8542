//! The store through its public face.

use std::path::Path;

use meta::Meta;
use store::{EventRef, Removed, Store};

mod basic;
mod crash;
mod links;
mod live;
mod model_check;

async fn open(dir: &Path) -> Store {
    let meta = Meta::open(&dir.join("meta.db")).await.unwrap();
    Store::open(dir, meta).await.unwrap()
}

fn event<'a>(user: Option<&'a str>, anonymous: Option<&'a str>, time_us: i64, id: u64) -> EventRef<'a> {
    EventRef {
        user_id: user,
        anonymous_id: anonymous,
        time_us,
        id: Some(id),
        event: 0,
        channel: 0,
        amount: None,
        properties: &[],
    }
}

async fn erase(store: &Store, persons: &[u64], now_us: i64) -> Removed {
    let quiet = store.no_import().await.unwrap();
    store.erase(&quiet, persons, now_us).await.unwrap()
}

/// Copies a folder as a killed process would leave it.
fn crash_image(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            crash_image(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// All part files below a store's folder.
fn part_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let list =
        |dir: &Path| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut files: Vec<_> = list(&dir.join("parts")).iter().flat_map(|folder| list(folder)).collect();
    files.sort();
    files
}
