//! No altered byte of the database goes unseen.

use std::path::{Path, PathBuf};

use meta::{
    BucketRow, CatalogueChange, Damage, DeadLetterRow, ErasedRow, Expect, IdKind, LinkRow, LinkState, Meta,
    MetaError, NameKind, NameRow, NewImport, NewSource, NewUser, PartRow, PropertyRow, Replayed, Reroute,
    Role, SeriesPoint, UntimedRow, Upload, accept, inspect,
};
use model::Rng;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection, ValueRef};

/// Writes rows into every table, in every way the program has.
async fn furnish(meta: &Meta) {
    meta.catalogue(16).await.unwrap();
    let import = NewImport { mapping: "m", file_name: "a.csv", file_hash: "00", size_bytes: 7 };
    let import = meta.begin_import(import, 5).await.unwrap();
    let part = |id: u64| PartRow {
        id,
        bucket: 3,
        file: format!("parts/003/{id:010}.vortex"),
        size_bytes: 100,
        decoded_bytes: 200,
        blake3: "ab".repeat(32),
        checks: vec![1, 2, 3],
        n_rows: 4,
        min_time_us: -5,
        max_time_us: 6,
    };
    let link = |from: &str, from_key: u64, state: LinkState| LinkRow {
        id: 0,
        from_kind: IdKind::Anonymous,
        from_id: from.to_owned(),
        into_kind: IdKind::User,
        into_id: "min".to_owned(),
        from_key,
        into_key: u64::MAX,
        time_us: 9,
        source: "shop".to_owned(),
        state,
    };
    let letter = |id: u64| DeadLetterRow {
        id,
        received_us: 1,
        source: "shop".to_owned(),
        code: "event.no_person".to_owned(),
        raw: b"{}".to_vec(),
        cut: false,
        replayed_us: None,
    };
    let change = CatalogueChange {
        names: vec![NameRow { kind: NameKind::Event, code: 0, name: "구매".to_owned() }],
        properties: vec![PropertyRow { id: 0, key: "item".to_owned(), kind: "string".to_owned() }],
        links: vec![
            link("c1", 1, LinkState::InForce),
            link("c2", 2, LinkState::Refused),
            link("c3", 3, LinkState::InForce),
        ],
        reroutes: vec![Reroute { key: 1, below: 2 }],
        log_sequence: Some(7),
        dead_letters: vec![letter(3), letter(4)],
        untimed: vec![UntimedRow { sequence: 5, key: 6, time_us: 7 }],
        add: vec![part(1), part(2)],
        buckets: vec![BucketRow { bucket: 3, n_events: 8, n_persons: 2 }],
        ..CatalogueChange::default()
    };
    meta.change_catalogue(&change).await.unwrap();
    let again = CatalogueChange {
        links: vec![link("c1", 1, LinkState::InForce)],
        replayed: vec![Replayed { id: 3, replayed_us: 9 }],
        erased: vec![ErasedRow { key: 3, erased_us: 9 }],
        remove: vec![1],
        buckets: vec![BucketRow { bucket: 3, n_events: 4, n_persons: 1 }],
        ..CatalogueChange::default()
    };
    meta.change_catalogue(&again).await.unwrap();
    meta.stop_import(import.id, Some("broken"), 8).await.unwrap();
    for version in 1..=3 {
        let body = json!({ "name": format!("버전 {version}") });
        meta.put_document("journey", "buy", &body, "kim", Expect::Any, version).await.unwrap();
        meta.put_setting("workspace", &format!("{version}")).await.unwrap();
    }
    let user = NewUser { login: "min@gilmok.kr", name: "민", role: Role::Owner, password_hash: "$argon2" };
    let user = meta.create_user(user, 1).await.unwrap();
    meta.create_session("gone", user.id, 2, 1).await.unwrap();
    meta.create_session("here", user.id, 20, 3).await.unwrap();
    let source = NewSource { name: "shop", key_hash: "ab", key_end: "b", channel: "web", author: "min" };
    let source = meta.create_source(source, 5).await.unwrap();
    let other = NewSource { name: "app", key_hash: "cd", key_end: "d", channel: "", author: "min" };
    meta.create_source(other, 6).await.unwrap();
    assert!(meta.revoke_source(source.id, 7).await.unwrap());
    let undone = meta.links_of("c1").await.unwrap()[0].id;
    meta.undo_link(undone, "min", 10, Reroute { key: 1, below: 3 }).await.unwrap();
    let upload = |id: &str| Upload {
        id: id.to_owned(),
        file_name: "a.csv".to_owned(),
        path: format!("uploads/{id}/a.csv"),
        size_bytes: 7,
        author: "min".to_owned(),
        created_us: 4,
    };
    meta.put_upload(&upload("u1")).await.unwrap();
    meta.put_upload(&upload("u2")).await.unwrap();
    assert!(meta.remove_upload("u2").await.unwrap());
    let point = |day: i32, value: f64| SeriesPoint {
        name: "cost".to_owned(),
        day,
        channel: "web".to_owned(),
        campaign: String::new(),
        value,
    };
    meta.put_series(&[point(1, 0.1), point(2, 7.0)]).await.unwrap();
    meta.put_series(&[point(1, 0.2)]).await.unwrap();
}

async fn furnished() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gilmok.db");
    let meta = Meta::open(&path).await.unwrap();
    furnish(&meta).await;
    meta.close().await;
    (dir, path)
}

async fn by_hand(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

/// Every table with its columns.
async fn tables(connection: &mut SqliteConnection) -> Vec<(String, Vec<String>)> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'
         ORDER BY m.name, c.cid",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for (table, column) in rows {
        match tables.last_mut().filter(|(name, _)| *name == table) {
            Some((_, columns)) => columns.push(column),
            None => tables.push((table, vec![column])),
        }
    }
    tables
}

/// All rows of all tables as text, or the error of reading them.
async fn dump(path: &Path) -> Result<String, sqlx::Error> {
    let mut connection = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let mut text = String::new();
    for (table, columns) in tables(&mut connection).await {
        let quoted: Vec<String> = columns
            .iter()
            .map(|column| format!("typeof(\"{column}\") || hex(\"{column}\") || quote(\"{column}\")"))
            .collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY 1, 2", quoted.join(" || ',' || "));
        let sql = sql.replace("ORDER BY 1, 2", "ORDER BY 1");
        let rows: Vec<Option<String>> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
        text.push_str(&format!("{table} {rows:?}\n"));
    }
    connection.close().await?;
    Ok(text)
}

#[tokio::test]
async fn what_the_program_writes_is_sound() {
    let (_dir, path) = furnished().await;
    let found = inspect(&path).await.unwrap();
    assert_eq!((found.damage, found.has_sums), (vec![], true));
    let meta = Meta::open(&path).await.unwrap();
    furnish_more(&meta).await;
    meta.close().await;
    assert_eq!(inspect(&path).await.unwrap().damage, []);
}

async fn furnish_more(meta: &Meta) {
    meta.put_setting("other", "x").await.unwrap();
    meta.delete_document("journey", "buy", "kim", Expect::Any, 9).await.unwrap();
    meta.set_user_disabled(1, true).await.unwrap();
}

/// One value of each column of each table, changed past the program.
#[tokio::test]
async fn a_changed_value_of_any_column_is_found() {
    let (_dir, path) = furnished().await;
    let original = std::fs::read(&path).unwrap();
    let mut first = by_hand(&path).await;
    let tables = tables(&mut first).await;
    first.close().await.unwrap();
    assert!(tables.len() >= 18, "{tables:?}");
    let mut n_tried = 0;
    for (table, columns) in &tables {
        for column in columns {
            std::fs::write(&path, &original).unwrap();
            let mut connection = by_hand(&path).await;
            sqlx::raw_sql("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")
                .execute(&mut connection)
                .await
                .unwrap();
            let read = format!("SELECT \"{column}\" FROM {table} LIMIT 1");
            let row = sqlx::query(AssertSqlSafe(read)).fetch_optional(&mut connection).await.unwrap();
            let Some(row) = row else { panic!("{table} is empty: furnish it") };
            let is_null = row.try_get_raw(0).unwrap().is_null();
            let other = if is_null {
                "1".to_owned()
            } else {
                format!(
                    "CASE typeof({column}) WHEN 'text' THEN {column} || 'x' WHEN 'blob' THEN x'00' ELSE {column} + 1000 END"
                )
            };
            let first = columns.iter().map(|c| format!("{c} IS (SELECT {c} FROM {table} LIMIT 1)"));
            let first: Vec<String> = first.collect();
            let sql = format!("UPDATE {table} SET {column} = {other} WHERE {}", first.join(" AND "));
            let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            assert!(done.rows_affected() >= 1, "{table}.{column}");
            let found = inspect(&path).await.unwrap();
            assert!(!found.damage.is_empty(), "a change of {table}.{column} is not seen");
            n_tried += 1;
        }
    }
    assert!(n_tried > 110, "{n_tried}");
}

#[tokio::test]
async fn rows_taken_out_or_put_in_are_found() {
    let (_dir, path) = furnished().await;
    let original = std::fs::read(&path).unwrap();
    for sql in [
        "DELETE FROM names",
        "DELETE FROM documents WHERE version = 3",
        "INSERT INTO settings (key, value) VALUES ('a', 'b')",
        "UPDATE series SET value = -value",
        "DROP INDEX parts_by_bucket",
    ] {
        std::fs::write(&path, &original).unwrap();
        let mut connection = by_hand(&path).await;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        assert!(!inspect(&path).await.unwrap().damage.is_empty(), "{sql}");
        if !sql.contains("documents") {
            assert!(matches!(Meta::open(&path).await, Err(MetaError::Damaged(_))), "{sql}");
        }
    }
}

/// Single bits of the file: found, or in bytes that nobody reads.
#[tokio::test]
async fn flipped_bits_are_found_or_unused() {
    let (_dir, path) = furnished().await;
    let original = std::fs::read(&path).unwrap();
    let truth = dump(&path).await.unwrap();
    let mut random = Rng::new(11);
    let mut n_found = 0;
    for _ in 0..400 {
        let (byte, bit) = (random.below(original.len() as u64) as usize, random.below(8));
        let mut bytes = original.clone();
        bytes[byte] ^= 1 << bit;
        std::fs::write(&path, &bytes).unwrap();
        match inspect(&path).await {
            Ok(found) if found.damage.is_empty() => {
                assert_eq!(dump(&path).await.unwrap(), truth, "bit {bit} of byte {byte} goes unseen");
            }
            _ => n_found += 1,
        }
        for ending in ["db-wal", "db-shm"] {
            let _ = std::fs::remove_file(path.with_extension(ending));
        }
    }
    assert!(n_found > 20, "{n_found}");
}

/// A damaged version of a document is an error of its own; everything else goes on.
#[tokio::test]
async fn damage_is_contained_where_it_can_be() {
    let (_dir, path) = furnished().await;
    let mut connection = by_hand(&path).await;
    let sql = "UPDATE documents SET body = '{\"name\": \"falsch\"}' WHERE version = 2";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let meta = Meta::open(&path).await.unwrap();
    let keys = vec!["journey/buy/2".to_owned()];
    assert_eq!(meta.damage(), [Damage::Rows { table: "documents".to_owned(), keys }]);
    assert_eq!(meta.document("journey", "buy").await.unwrap().unwrap().version, 3);
    assert!(matches!(meta.document_version("journey", "buy", 2).await, Err(MetaError::Damaged(_))));
    assert!(matches!(meta.document_history("journey", "buy", 9).await, Err(MetaError::Damaged(_))));
    // Writing on does not heal it.
    meta.put_setting("a", "b").await.unwrap();
    meta.close().await;
    assert_eq!(Meta::open(&path).await.unwrap().damage().len(), 1);
}

/// The write-ahead log of a process that was killed, with one bit flipped: SQLite goes on with an older state.
#[tokio::test]
async fn a_damaged_log_is_no_older_truth() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gilmok.db");
    let meta = Meta::open(&path).await.unwrap();
    furnish(&meta).await;
    let killed = |to: &Path| {
        for name in ["gilmok.db", "gilmok.db-wal", "gilmok.mark"] {
            std::fs::copy(dir.path().join(name), to.join(name)).unwrap();
        }
    };
    let sound = tempfile::tempdir().unwrap();
    killed(sound.path());
    assert_eq!(inspect(&sound.path().join("gilmok.db")).await.unwrap().damage, []);
    let mut n_lost = 0;
    for share in 1..20 {
        let copy = tempfile::tempdir().unwrap();
        killed(copy.path());
        let wal = copy.path().join("gilmok.db-wal");
        let mut bytes = std::fs::read(&wal).unwrap();
        let at = bytes.len() * share / 20;
        bytes[at] ^= 4;
        std::fs::write(&wal, bytes).unwrap();
        let found = inspect(&copy.path().join("gilmok.db")).await.unwrap();
        assert!(!found.damage.is_empty(), "byte {at} of the log");
        n_lost += usize::from(found.damage.iter().any(|damage| matches!(damage, Damage::Lost { .. })));
    }
    assert!(n_lost > 10, "{n_lost}");
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let (_dir, path) = furnished().await;
    let mut connection = by_hand(&path).await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
               VALUES (9999, 'later', 1, x'00', 1)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Meta::open(&path).await, Err(MetaError::Newer { found: 9999, .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn nothing_is_a_database_but_a_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gilmok.db");
    std::fs::write(&path, "not a database, but long enough to be looked at ".repeat(40)).unwrap();
    assert!(matches!(Meta::open(&path).await, Err(MetaError::Damaged(_))));
}

/// Made anew it would know of no stored event, and their files would be removed.
#[tokio::test]
async fn a_database_that_is_gone_is_missed() {
    let (_dir, path) = furnished().await;
    for gone in [true, false] {
        if gone {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, "").unwrap();
        }
        assert!(matches!(Meta::open(&path).await, Err(MetaError::Damaged(_))), "{gone}");
        assert!(!inspect(&path).await.unwrap().damage.is_empty());
        assert_eq!(path.exists(), !gone);
    }
}

#[tokio::test]
async fn a_loss_can_be_accepted() {
    let (_dir, path) = furnished().await;
    let mut connection = by_hand(&path).await;
    sqlx::raw_sql("UPDATE settings SET value = 'x'; DELETE FROM series")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    assert!(matches!(Meta::open(&path).await, Err(MetaError::Damaged(_))));
    assert_eq!(accept(&path).await.unwrap().len(), 2);
    assert_eq!(inspect(&path).await.unwrap().damage, []);
    let meta = Meta::open(&path).await.unwrap();
    meta.put_setting("a", "b").await.unwrap();
    assert_eq!(meta.setting("workspace").await.unwrap().as_deref(), Some("x"));
}

/// A text stands in the row and once more in every index over it: an altered index would hide the row.
#[tokio::test]
async fn an_altered_index_is_found() {
    let (_dir, path) = furnished().await;
    let original = std::fs::read(&path).unwrap();
    let code = b"event.no_person";
    let places: Vec<usize> =
        (0..original.len() - code.len()).filter(|&at| original[at..].starts_with(code)).collect();
    assert!(places.len() >= 4, "{places:?}"); // Two rows, in the table and in its index.
    for at in places {
        let mut bytes = original.clone();
        bytes[at + 6] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(!inspect(&path).await.unwrap().damage.is_empty(), "byte {at}");
    }
}

/// A power cut while the file is made, before it has a write-ahead log, leaves a rollback journal.
#[tokio::test]
async fn what_was_half_done_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let [whole, cut] = ["whole", "cut"].map(|name| dir.path().join(name));
    for folder in [&whole, &cut] {
        std::fs::create_dir(folder).unwrap();
    }
    let database = whole.join("meta.db");
    let meta = Meta::open(&database).await.unwrap();
    furnish(&meta).await;
    meta.close().await;
    let mut connection = SqliteConnectOptions::new().filename(&database).connect().await.unwrap();
    // So small a cache that changes reach the file before they are committed.
    for command in [
        "PRAGMA journal_mode = DELETE",
        "PRAGMA cache_size = 4",
        "BEGIN IMMEDIATE",
        "CREATE TABLE half AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
         SELECT i, randomblob(2000) AS bytes FROM n",
    ] {
        sqlx::query(command).execute(&mut connection).await.unwrap();
    }
    for file in ["meta.db", "meta.db-journal", "meta.mark"] {
        std::fs::copy(whole.join(file), cut.join(file)).unwrap();
    }
    let (before, after) = (whole.join("meta.db"), cut.join("meta.db"));
    sqlx::query("ROLLBACK").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    assert_ne!(std::fs::read(&before).unwrap(), std::fs::read(&after).unwrap(), "nothing was half done");
    let found = inspect(&after).await.unwrap();
    assert_eq!((found.damage, found.has_sums), (Vec::new(), true));
    Meta::open(&after).await.unwrap().close().await;
    let mut connection = SqliteConnectOptions::new().filename(&after).connect().await.unwrap();
    let n: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(n, 0);
}
