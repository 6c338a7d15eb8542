//! The real journey: dunnhumby's Complete Journey through the examples, reconciled with SQL over the same events.

use crate::Bench;
use engine::import::{ImportRequest, Progress};
use model::ask::{Ask, AskMap, Compare, Scope};
use model::view::{Answer, Figure, MapView, StageView};
use model::{DocumentBody, Key, read_yaml};
use std::path::{Path, PathBuf};
use store::Cancel;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the real files, or `None` with the reason printed.
fn files() -> Option<PathBuf> {
    let shared = || root().join("../shared/data");
    let dir = std::env::var_os("GILMOK_DATA").map_or_else(shared, PathBuf::from);
    let dir = dir.join("dunnhumby-completejourney");
    if !dir.is_dir() {
        println!("skipped: {} is absent; set GILMOK_DATA to the folder with the real files", dir.display());
        return None;
    }
    Some(dir)
}

fn example(name: &str) -> Vec<DocumentBody> {
    let path = root().join("examples/completejourney").join(name);
    read_yaml(&std::fs::read_to_string(&path).expect("the example is there"), Some(name)).expect("it is YAML")
}

async fn coupons(files: &Path) -> Bench {
    let bench = Bench::new(&[]).await;
    for (mapping, file) in [
        ("campaigns.yaml", "campaigns.csv.gz"),
        ("redemptions.yaml", "coupon_redemptions.csv.gz"),
        ("baskets.yaml", "transactions_sample.csv.gz"),
        ("demographics.yaml", "demographics.csv.gz"),
    ] {
        let Some(DocumentBody::Mapping(mapping)) = example(mapping).into_iter().next() else {
            panic!("{mapping} is a mapping");
        };
        let request = ImportRequest { file: files.join(file), name: file.to_owned(), mapping, rejects: None };
        let report =
            engine::import::run(&bench.engine, request, &Progress::default()).await.expect("it imports");
        assert_eq!(report.n_rejected, 0, "{file}");
    }
    for name in ["people.yaml", "metrics.yaml", "journey.yaml"] {
        let text =
            std::fs::read_to_string(root().join("examples/completejourney").join(name)).expect("there");
        bench.apply(&text).await;
    }
    bench
}

async fn count(bench: &Bench, query: &str) -> f64 {
    let answer = bench.engine.sql(query, engine::sql::SqlLimits::default(), &Cancel::default()).await;
    answer.expect("the query runs").rows[0][0].as_f64().expect("a number")
}

fn value(figure: &Figure) -> f64 {
    figure.value.expect("a count has a value")
}

async fn map(bench: &Bench) -> MapView {
    let map = Key::new("coupon-map").expect("a key");
    let ask = Ask::Map(AskMap { map, scope: Scope::default(), compare: Compare::Nothing });
    let answer = bench.engine.ask(&ask, &Cancel::default()).await.expect("the map is measured");
    let Answer::Map(view) = &*answer else { panic!("a map was asked for") };
    (**view).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stages_people_reconcile_with_sql() {
    let Some(files) = files() else { return };
    let bench = coupons(&files).await;
    // The published truths of the data,
    assert_eq!(count(&bench, "SELECT count(*) FROM events WHERE event = 'campaign_received'").await, 6_589.0);
    assert_eq!(count(&bench, "SELECT count(*) FROM events WHERE event = 'coupon_redeemed'").await, 2_102.0);
    assert_eq!(count(&bench, "SELECT count(*) FROM events WHERE event = 'basket'").await, 47_243.0);
    let households = "SELECT count(DISTINCT person) FROM events WHERE event = 'basket'";
    assert_eq!(count(&bench, households).await, 2_377.0);
    // everybody who was mailed starts, and is somewhere in the end,
    let view = map(&bench).await;
    let mailed = "SELECT count(DISTINCT person) FROM events WHERE event = 'campaign_received'";
    let started = count(&bench, mailed).await;
    assert_eq!(value(&view.facts[0].figure), started);
    let stands = |stage: &StageView| value(&stage.here) + value(&stage.dropped);
    assert_eq!(view.stages.iter().map(stands).sum::<f64>(), started);
    for stage in &view.stages {
        let outcomes = value(&stage.passed) + stands(stage) + value(&stage.back);
        assert_eq!(value(&stage.entered), outcomes, "{}", stage.key);
    }
    // and who redeemed in the map redeemed within the window of 366 days in SQL. One household, 1676, did so a day
    // after it and is in neither.
    let redeemed = "SELECT count(DISTINCT r.person) FROM events r
        JOIN (SELECT person, min(time) AS mailed FROM events WHERE event = 'campaign_received' GROUP BY person) m
        ON r.person = m.person
        WHERE r.event = 'coupon_redeemed' AND r.time BETWEEN m.mailed AND m.mailed + INTERVAL '366 days'";
    assert_eq!(value(&view.stages[1].entered), count(&bench, redeemed).await);
}
