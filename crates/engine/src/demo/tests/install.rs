//! The company in a data folder: what the store, the documents and SQL make of it.

use super::super::{DemoReport, DemoSize, END_US, documents, install};
use crate::import::Progress;
use crate::sql::SqlLimits;
use crate::{Engine, EngineError};
use model::Clock;
use std::future::Future;
use store::Cancel;

const DOCS: &str = include_str!("../../../../../docs/demo.md");

/// Runs a test on an engine with an empty folder, on threads of its own: the store blocks its thread at times.
fn on_engine<F: Future<Output = ()>>(test: impl FnOnce(Engine) -> F) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let engine = Engine::open(dir.path(), Clock::fixed(END_US), 2).await.expect("an empty folder opens");
        test(engine).await;
    });
}

async fn installed(engine: &Engine) -> DemoReport {
    let report = install(engine, &DemoSize::part(0.02), &Progress::default()).await;
    report.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn installing_twice_adds_nothing() {
    on_engine(|engine| async move {
        let first = installed(&engine).await;
        assert!(first.n_added > 10_000 && first.n_added < first.n_pushed, "{first:?}: some were sent twice");
        assert!(first.n_people > 400 && first.n_points > 100, "{first:?}");
        assert_eq!(first.n_documents, documents().expect("readable").len());
        assert_eq!(engine.store.snapshot().n_events(), first.n_added);
        assert_eq!(engine.workspace().await.expect("a workspace").name, "길목상점");
        let second = installed(&engine).await;
        assert_eq!((second.n_added, second.n_points, second.n_documents), (0, 0, 0));
        assert_eq!(second.n_people, first.n_people);
    });
}

#[test]
fn a_cancelled_install_adds_no_event() {
    on_engine(|engine| async move {
        let progress = Progress::default();
        progress.cancel.cancel();
        let stopped = install(&engine, &DemoSize::part(0.02), &progress).await;
        assert!(matches!(stopped, Err(EngineError::Cancelled)), "{stopped:?}");
        assert_eq!(engine.store.snapshot().n_events(), 0);
    });
}

#[test]
fn the_queries_of_the_docs_run() {
    on_engine(|engine| async move {
        installed(&engine).await;
        let blocks: Vec<&str> =
            DOCS.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(blocks.len() >= 8, "{} queries", blocks.len());
        for query in blocks {
            let answer = engine.sql(query, SqlLimits::default(), &Cancel::default()).await;
            let answer = answer.unwrap_or_else(|error| panic!("{error}\n{query}"));
            assert!(answer.rows.len() >= 2, "{} rows\n{query}", answer.rows.len());
        }
    });
}

#[test]
fn the_questions_of_the_docs_are_answered() {
    on_engine(|engine| async move {
        installed(&engine).await;
        let blocks: Vec<&str> =
            DOCS.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(!blocks.is_empty());
        for question in blocks {
            let ask: model::ask::Ask = model::read_json(question, Some("docs/demo.md")).expect("a question");
            let answer = engine.ask(&ask, &Cancel::default()).await;
            assert!(answer.is_ok(), "{:?}\n{question}", answer.err());
        }
    });
}
