//! The queries of `tests/sql/queries.sql` give what DuckDB gave over the same tables: its answers are kept in
//! `tests/sql/duckdb.json`, made by `tools/sql-parity --write`.

use engine::Engine;
use engine::demo::DemoSize;
use engine::import::Progress;
use engine::sql::SqlLimits;
use model::Clock;
use serde_json::Value;
use std::collections::BTreeMap;
use store::Cancel;

/// How much of the demo company; the same as in `tools/sql-parity`.
const SIZE: f64 = 0.01;
/// Numbers may differ by this share of the larger one, or of 1: the order of adding is not fixed.
const TOLERANCE: f64 = 1e-9;
/// 2027-01-01, after the last event.
const NOW_US: i64 = 1_798_761_600_000_000;

fn queries() -> Vec<(String, String)> {
    let text = include_str!("../sql/queries.sql");
    let named = text.split("-- name:").skip(1).filter_map(|block| block.split_once('\n'));
    named.map(|(name, sql)| (name.trim().to_owned(), sql.trim().trim_end_matches(';').to_owned())).collect()
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn moment(value: &Value) -> Option<&str> {
    let text = value.as_str()?.trim_end_matches('Z');
    let is_date = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    is_date.then(|| text.trim_end_matches("T00:00:00"))
}

fn same(ours: &Value, theirs: &Value) -> bool {
    if ours == theirs {
        return true;
    }
    match (number(ours), number(theirs)) {
        (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
        _ => moment(ours).is_some() && moment(ours) == moment(theirs),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_equal_those_of_duckdb() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(dir.path(), Clock::fixed(NOW_US), 2).await.unwrap();
    engine::demo::install(&engine, &DemoSize::part(SIZE), &Progress::default()).await.unwrap();
    let theirs: BTreeMap<String, Vec<Vec<Value>>> =
        serde_json::from_str(include_str!("../sql/duckdb.json")).unwrap();
    let queries = queries();
    assert!(queries.len() >= 30 && queries.len() == theirs.len(), "run tools/sql-parity --write");
    let mut wrong = Vec::new();
    for (name, sql) in queries {
        let ours = match engine.sql(&sql, SqlLimits::default(), &Cancel::default()).await {
            Ok(answer) => answer.rows,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let theirs = &theirs[&name];
        let differs = |(a, b): (&Vec<Value>, &Vec<Value>)| {
            a.len() != b.len() || !a.iter().zip(b).all(|(a, b)| same(a, b))
        };
        match ours.iter().zip(theirs).position(differs) {
            Some(at) => wrong.push(format!("{name}: row {at} is {:?}, not {:?}", ours[at], theirs[at])),
            None if ours.len() != theirs.len() => {
                wrong.push(format!("{name}: {} rows, not {}", ours.len(), theirs.len()));
            }
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_are_compared_by_what_they_mean() {
    let same = |a: Value, b: Value| same(&a, &b);
    assert!(same(1.into(), "1.00".into()));
    assert!(same(0.1.into(), (0.1 + 1e-12).into()));
    assert!(!same(0.1.into(), 0.1001.into()));
    assert!(same("2026-03-01T00:00:00Z".into(), "2026-03-01".into()));
    assert!(!same("2026-03-01T00:00:01Z".into(), "2026-03-01T00:00:00Z".into()));
    assert!(!same(Value::Null, 0.into()));
    assert!(!same(Value::Null, "".into()));
}
