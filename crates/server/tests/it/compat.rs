//! Folders of every released format open and answer as they did; folders of later ones are left alone.

use crate::cli::gilmok;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn compat() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat")
}

/// Unpacks the folder of a format.
fn unpack(format: &str, to: &Path) -> PathBuf {
    let archive = compat().join(format).with_extension("tar.gz");
    let done = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(to).status().unwrap();
    assert!(done.success(), "{format}");
    to.join("data")
}

/// Runs a line of a shell as `tools/compat` did.
fn answer(data: &Path, line: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_gilmok")).parent().unwrap().display().to_string();
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .env("PATH", format!("{bin}:/usr/bin:/bin"))
        .env("LC_ALL", "C")
        .env("GILMOK_DATA_DIR", data)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}\n{err}");
    String::from_utf8(output.stdout).unwrap()
}

/// `$ question` lines, each with the lines of its answer.
fn questions(text: &str) -> Vec<(String, String)> {
    let mut questions: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("$ ") {
            Some(question) => questions.push((question.trim_end().to_owned(), String::new())),
            None => questions.last_mut().expect("a question first").1.push_str(line),
        }
    }
    questions
}

#[test]
fn every_format_opens_and_answers_as_it_did() {
    let mut n_formats = 0;
    let mut formats: Vec<PathBuf> =
        std::fs::read_dir(compat()).unwrap().map(|entry| entry.unwrap().path()).collect();
    formats.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    for path in formats {
        let format = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let dir = tempfile::tempdir().unwrap();
        let data = unpack(&format, dir.path());
        let before = gilmok(&data, &["verify"]); // Before it is brought up to date,
        assert_eq!(before.code, 0, "{format}: {}", before.err);
        let asked = questions(&std::fs::read_to_string(&path).unwrap());
        assert!(asked.len() >= 9, "{format}");
        for (question, expected) in asked {
            assert_eq!(answer(&data, &question), expected, "{format}: {question}");
        }
        let after = gilmok(&data, &["--json", "verify"]); // and after.
        assert_eq!(after.code, 0, "{format}: {}", after.out);
        assert!(after.out.contains("\"rows_have_checksums\": true"), "{format}: {}", after.out);
        n_formats += 1;
    }
    assert!(n_formats >= 1);
}

/// Every file of a folder with its bytes.
fn content(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_a_later_format_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = unpack("format-1", dir.path());
    let mut connection =
        SqliteConnectOptions::new().filename(data.join("gilmok.db")).connect().await.unwrap();
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
               VALUES (9999, 'later', 1, x'00', 1)";
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    std::fs::write(data.join("parts/000/0000000099.vortex"), "of the later program").unwrap();
    let before = content(&data);
    let commands: [&[&str]; 4] =
        [&["verify"], &["sql", "SELECT 1"], &["serve", "--listen", "127.0.0.1:0"], &["demo", "--no-serve"]];
    for command in commands {
        let refused = gilmok(&data, &[&["--json"], command].concat());
        assert_eq!((refused.code, refused.problem().as_str()), (4, "folder.newer"), "{command:?}");
        for (lang, words) in [("ko", "더 새로운 Gilmok"), ("en", "newer Gilmok")] {
            let refused = gilmok(&data, &[&["--lang", lang], command].concat());
            assert!(refused.err.contains(words), "{}", refused.err);
        }
    }
    let mut after = content(&data);
    // What SQLite leaves beside a database that it only read.
    after.retain(|path, _| {
        !path.to_string_lossy().ends_with("-shm") && !path.to_string_lossy().ends_with("-wal")
    });
    assert_eq!(after, before);
}
