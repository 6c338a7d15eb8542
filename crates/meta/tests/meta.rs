//! The workspace database through its public face.

use meta::{
    BucketRow, CatalogueChange, Document, Expect, IdKind, ImportOutcome, ImportProgress, ImportState, LinkKeys,
    LinkRow, LinkState, Meta, MetaError, NameKind, NameRow, NewImport, NewUser, PartRow, PropertyRow, Role, SeriesPoint,
    Upload,
};
use serde_json::json;

async fn open() -> (tempfile::TempDir, Meta) {
    let dir = tempfile::tempdir().unwrap();
    let meta = Meta::open(&dir.path().join("meta.db")).await.unwrap();
    (dir, meta)
}

fn brief(document: &Document) -> (u64, bool, String) {
    (document.version, document.deleted, document.body.to_string())
}

#[tokio::test]
async fn documents_compare_and_set() {
    let (_dir, meta) = open().await;
    let put = async |body: i32, expect: Expect, now_us: i64| {
        let written = meta.put_document("journey", "buy", &json!(body), "kim", expect, now_us).await;
        written.map(|document| document.version).map_err(|error| match error {
            MetaError::Conflict { current } => current,
            other => panic!("{other}"),
        })
    };
    assert_eq!(put(1, Expect::Version(1), 10).await, Err(0)); // There is nothing yet.
    assert_eq!(put(1, Expect::Absent, 11).await, Ok(1));
    assert_eq!(put(2, Expect::Absent, 12).await, Err(1)); // By now there is.
    assert_eq!(put(2, Expect::Version(1), 13).await, Ok(2));
    assert_eq!(put(3, Expect::Version(1), 14).await, Err(2)); // Someone was quicker.
    assert_eq!(put(2, Expect::Any, 15).await, Ok(2)); // The same again is no new version,
    assert_eq!(put(2, Expect::Version(1), 16).await, Err(2)); // but the expectation counts first.
    assert_eq!(put(3, Expect::Any, 17).await, Ok(3));

    let gone = meta.delete_document("journey", "buy", "lee", Expect::Version(3), 18).await.unwrap();
    assert_eq!(brief(&gone), (4, true, "3".to_owned()));
    assert_eq!(meta.document("journey", "buy").await.unwrap(), None);
    let twice = meta.delete_document("journey", "buy", "lee", Expect::Any, 19).await;
    assert!(matches!(twice, Err(MetaError::NotFound(_))));
    assert_eq!(put(3, Expect::Version(4), 20).await, Err(0)); // A tombstone is not in force.
    assert_eq!(put(3, Expect::Absent, 20).await, Ok(5)); // Restored, with its history.
    let history = meta.document_history("journey", "buy", 3).await.unwrap();
    let versions: Vec<_> = history.iter().map(brief).collect();
    assert_eq!(versions, [(5, false, "3".into()), (4, true, "3".into()), (3, false, "3".into())]);
    let second = meta.document_version("journey", "buy", 2).await.unwrap().unwrap();
    assert_eq!((second.body, second.author.as_str(), second.created_us), (json!(2), "kim", 13));
}

#[tokio::test]
async fn documents_are_listed_by_kind() {
    let (_dir, meta) = open().await;
    for (kind, key) in [("journey", "b"), ("journey", "a"), ("journey", "c"), ("segment", "a")] {
        meta.put_document(kind, key, &json!({ "key": key }), "kim", Expect::Any, 1).await.unwrap();
    }
    meta.put_document("journey", "a", &json!(2), "kim", Expect::Any, 2).await.unwrap();
    meta.delete_document("journey", "c", "kim", Expect::Any, 3).await.unwrap();
    let listed = meta.documents("journey").await.unwrap();
    let keys: Vec<_> = listed.iter().map(|document| (document.key.as_str(), document.version)).collect();
    assert_eq!(keys, [("a", 2), ("b", 1)]);
}

#[tokio::test]
async fn a_set_of_documents_is_written_as_one() {
    let (_dir, meta) = open().await;
    meta.put_document("journey", "a", &json!(1), "kim", Expect::Any, 1).await.unwrap();
    let set = [("journey", "a", json!(1)), ("journey", "b", json!(2)), ("segment", "a", json!(3))];
    let written = meta.put_documents(&set, "lee", 2).await.unwrap();
    let brief: Vec<_> = written.iter().map(|d| (d.key.as_str(), d.version, d.author.as_str())).collect();
    assert_eq!(brief, [("a", 1, "kim"), ("b", 1, "lee"), ("a", 1, "lee")]); // The first is as it was.
    assert_eq!(meta.documents("journey").await.unwrap().len(), 2);
}

#[tokio::test]
async fn two_writers_get_one_winner() {
    let (_dir, meta) = open().await;
    meta.put_document("journey", "a", &json!(0), "kim", Expect::Absent, 1).await.unwrap();
    let racers: Vec<_> = (1..=8)
        .map(|racer| {
            let meta = meta.clone();
            tokio::spawn(async move {
                meta.put_document("journey", "a", &json!(racer), "kim", Expect::Version(1), 2).await.is_ok()
            })
        })
        .collect();
    let mut n_won = 0;
    for racer in racers {
        n_won += usize::from(racer.await.unwrap());
    }
    assert_eq!(n_won, 1);
    assert_eq!(meta.document("journey", "a").await.unwrap().unwrap().version, 2);
}

fn part(id: u64) -> PartRow {
    PartRow {
        id,
        bucket: 3,
        file: format!("parts/003/{id}.vortex"),
        size_bytes: 10,
        decoded_bytes: 20,
        blake3: "00".to_owned(),
        checks: vec![1, 2, 3],
        n_rows: 5,
        min_time_us: -7,
        max_time_us: 7,
    }
}

#[tokio::test]
async fn the_catalogue_changes_as_a_whole() {
    let (dir, meta) = open().await;
    let empty = meta.catalogue(16).await.unwrap();
    assert_eq!((empty.version, empty.n_buckets, empty.unsettled), (0, 16, false));
    let import = NewImport { mapping: "m", file_name: "f.csv", file_hash: "h", size_bytes: 1 };
    let import = meta.begin_import(import, 1).await.unwrap();
    let link = LinkRow {
        id: 0,
        from_kind: IdKind::Anonymous,
        from_id: "c1".to_owned(),
        into_kind: IdKind::User,
        into_id: "kim".to_owned(),
        from_key: u64::MAX,
        into_key: 7,
        time_us: 3,
        source: "shop".to_owned(),
        state: LinkState::InForce,
    };
    let progress =
        ImportProgress { import_id: import.id, n_lines: 9, n_pushed: 8, n_rejected: 1, checkpoint_line: 9 };
    let first = CatalogueChange {
        names: vec![NameRow { kind: NameKind::Event, code: 0, name: "view".to_owned() }],
        properties: vec![PropertyRow { id: 0, key: "page".to_owned(), kind: "string".to_owned() }],
        links: vec![link.clone()],
        add: vec![part(1), part(2)],
        unsettled: true,
        import_id: Some(import.id),
        progress: Some(progress),
        ..CatalogueChange::default()
    };
    assert_eq!(meta.change_catalogue(&first).await.unwrap(), 1);
    // One wrong piece and nothing of it happens: part 9 does not exist.
    let wrong = CatalogueChange { add: vec![part(3)], remove: vec![9], ..CatalogueChange::default() };
    assert!(matches!(meta.change_catalogue(&wrong).await, Err(MetaError::NotFound(_))));
    let wrong =
        CatalogueChange { add: vec![part(3)], names: first.names.clone(), ..CatalogueChange::default() };
    assert!(meta.change_catalogue(&wrong).await.is_err());
    let now = meta.catalogue(99).await.unwrap();
    assert_eq!((now.version, now.n_buckets, now.unsettled_import), (1, 16, Some(import.id)));
    assert_eq!((&now.parts, &now.names, &now.properties), (&first.add, &first.names, &first.properties));
    assert_eq!(meta.link_keys().await.unwrap(), [LinkKeys { from_key: u64::MAX, into_key: 7, state: LinkState::InForce }]);

    let bucket = BucketRow { bucket: 3, n_events: 6, n_persons: 2 };
    let outcome = ImportOutcome { import_id: import.id, n_added: 6, done_us: Some(50) };
    let settled = CatalogueChange {
        remove: vec![1, 2],
        add: vec![part(3)],
        buckets: vec![bucket],
        import_id: Some(import.id),
        outcome: Some(outcome),
        ..CatalogueChange::default()
    };
    assert_eq!(meta.change_catalogue(&settled).await.unwrap(), 2);
    meta.close().await;
    let meta = Meta::open(&dir.path().join("meta.db")).await.unwrap();
    let now = meta.catalogue(16).await.unwrap();
    assert_eq!((now.version, now.unsettled, now.unsettled_import), (2, false, None));
    assert_eq!((now.parts, now.buckets), (vec![part(3)], vec![bucket]));
    let row = meta.import(import.id).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.n_added, row.n_duplicate, row.finished_us),
        (ImportState::Done, 6, 2, Some(50))
    );
}

#[tokio::test]
async fn imports_are_found_resumed_and_stopped() {
    let (_dir, meta) = open().await;
    let file = NewImport { mapping: "m@1", file_name: "f.csv", file_hash: "h", size_bytes: 1 };
    assert_eq!(meta.find_import("m@1", "h").await.unwrap(), None);
    let import = meta.begin_import(file, 1).await.unwrap();
    assert_eq!(meta.find_import("m@1", "h").await.unwrap().unwrap().id, import.id);
    assert_eq!(meta.find_import("m@2", "h").await.unwrap(), None);
    meta.stop_import(import.id, Some("disk full"), 5).await.unwrap();
    let failed = meta.import(import.id).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.error.as_deref()), (ImportState::Failed, Some("disk full")));
    let resumed = meta.resume_import(import.id).await.unwrap();
    assert_eq!((resumed.state, resumed.error, resumed.started_us), (ImportState::Running, None, 1));
    assert_eq!(meta.stop_running_imports("the process ended", 6).await.unwrap(), 1);
    meta.resume_import(import.id).await.unwrap();
    meta.stop_import(import.id, None, 7).await.unwrap();
    assert_eq!(meta.import(import.id).await.unwrap().unwrap().state, ImportState::Cancelled);
    let second = meta.begin_import(file, 8).await.unwrap();
    let listed: Vec<_> = meta.imports(9).await.unwrap().iter().map(|import| import.id).collect();
    assert_eq!(listed, [second.id, import.id]);
    assert!(matches!(meta.resume_import(77).await, Err(MetaError::NotFound(_))));
}

fn user<'a>(login: &'a str, role: Role) -> NewUser<'a> {
    NewUser { login, name: login, role, password_hash: "$argon2id$x" }
}

#[tokio::test]
async fn accounts_and_sessions() {
    let (_dir, meta) = open().await;
    let owner = meta.create_first_owner(user("kim", Role::Viewer), 1).await.unwrap();
    assert_eq!(owner.role, Role::Owner);
    let second = meta.create_first_owner(user("lee", Role::Owner), 2).await;
    assert!(matches!(second, Err(MetaError::Exists(_))));
    let taken = meta.create_user(user("KIM", Role::Viewer), 3).await;
    assert!(matches!(taken, Err(MetaError::Exists(_))));
    let viewer = meta.create_user(user("lee", Role::Viewer), 4).await.unwrap();
    assert_eq!(meta.user_by_login("Lee").await.unwrap(), Some(viewer.clone()));
    assert_eq!(meta.users().await.unwrap().len(), 2);

    meta.create_session("t1", viewer.id, 100, 10).await.unwrap();
    let seen = async |token: &str, now_us: i64| {
        meta.session_user(token, now_us).await.unwrap().map(|user| user.login)
    };
    assert_eq!(seen("t1", 99).await.as_deref(), Some("lee"));
    assert_eq!(seen("t1", 100).await, None); // Expired at its very end.
    assert_eq!(seen("t2", 50).await, None);
    meta.set_user_disabled(viewer.id, true).await.unwrap();
    assert_eq!(seen("t1", 50).await, None);
    meta.set_user_disabled(viewer.id, false).await.unwrap();
    assert_eq!(seen("t1", 50).await, None); // Switched off means logged out.
    meta.create_session("t3", viewer.id, 100, 10).await.unwrap();
    meta.set_password(viewer.id, "$argon2id$y").await.unwrap();
    assert_eq!(seen("t3", 50).await, None); // So does a new password.
    meta.create_session("t4", viewer.id, 100, 10).await.unwrap();
    meta.delete_session("t4").await.unwrap();
    assert_eq!(seen("t4", 50).await, None);
}

#[tokio::test]
async fn settings_uploads_and_series() {
    let (_dir, meta) = open().await;
    assert_eq!(meta.setting("currency").await.unwrap(), None);
    meta.put_setting("currency", "KRW").await.unwrap();
    meta.put_setting("currency", "USD").await.unwrap();
    assert_eq!(meta.settings().await.unwrap(), [("currency".to_owned(), "USD".to_owned())]);

    let upload = Upload {
        id: "u1".to_owned(),
        file_name: "a.csv".to_owned(),
        path: "uploads/u1".to_owned(),
        size_bytes: 5,
        author: "kim".to_owned(),
        created_us: 1,
    };
    meta.put_upload(&upload).await.unwrap();
    assert_eq!(meta.upload("u1").await.unwrap(), Some(upload));
    assert!(meta.remove_upload("u1").await.unwrap());
    assert!(!meta.remove_upload("u1").await.unwrap());

    let point = |day: i32, channel: &str, value: f64| SeriesPoint {
        name: "cost".to_owned(),
        day,
        channel: channel.to_owned(),
        campaign: String::new(),
        value,
    };
    let points: Vec<_> = (0..2500).map(|day| point(day, "ads", 1.0)).collect();
    assert_eq!(meta.put_series(&points).await.unwrap(), 2500);
    assert_eq!(meta.put_series(&points).await.unwrap(), 0); // The same file again.
    assert_eq!(meta.put_series(&[point(5, "ads", 2.5), point(5, "mail", 1.5)]).await.unwrap(), 1);
    let five = meta.series("cost", 5, 5).await.unwrap();
    assert_eq!(five, [point(5, "ads", 2.5), point(5, "mail", 1.5)]);
    assert_eq!(meta.series_names().await.unwrap(), [("cost".to_owned(), 2501, 0, 2499)]);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("meta.db");
    Meta::open(&path).await.unwrap().close().await;
    let url = format!("sqlite://{}", path.display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    assert!(matches!(Meta::open(&path).await, Err(MetaError::Newer { .. })));
}
