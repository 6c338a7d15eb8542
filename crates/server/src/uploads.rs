//! Files that came in over HTTP: each lies in a folder of its own under an unguessable name, beside the files its
//! mapping looks things up in.

use crate::app::{App, meta_failure};
use crate::auth::session::new_token;
use crate::extract::too_large;
use crate::failure::{Class, Failure, Result};
use axum::body::BodyDataStream;
use futures::StreamExt;
use model::Problem;
use model::mapping::Mapping;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// Bytes of a file name; what file systems take, with room for our own endings.
const NAME_BYTES_MAX: usize = 120;
/// An upload whose sender is silent for this long is given up.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Uploads nobody imported are thrown away after this long.
pub const KEPT_US: i64 = 7 * 24 * 3600 * 1_000_000;

/// A name of a file and nothing else: no folders, no hidden files, nothing a file system or a shell could mistake.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = |c: char| {
        let refused = c.is_control() || "<>:\"|?*\u{202e}\u{202d}".contains(c);
        if refused { '_' } else { c }
    };
    let mut safe: String = last.trim().trim_start_matches('.').chars().map(clean).collect();
    if safe.len() > NAME_BYTES_MAX {
        let ending = safe.rsplit_once('.').map(|(_, ending)| format!(".{ending}"));
        let ending = ending.filter(|ending| ending.len() <= 16).unwrap_or_default();
        let mut end = NAME_BYTES_MAX - ending.len();
        while !safe.is_char_boundary(end) {
            end -= 1;
        }
        safe.truncate(end);
        safe.push_str(&ending);
    }
    if safe.is_empty() { "upload".to_owned() } else { safe }
}

/// Writes a body to the disk and notes it. What arrived of a broken upload is removed.
pub async fn receive(app: &App, name: &str, author: &str, mut body: BodyDataStream) -> Result<meta::Upload> {
    let id = new_token();
    let file_name = safe_name(name);
    let folder = Folder::make(app.engine.dir.join("uploads").join(&id)).await?;
    let path = folder.path.join(&file_name);
    let failed = |error: std::io::Error| Failure::io(&path, &error);
    let mut file = tokio::fs::File::create_new(&path).await.map_err(failed)?;
    let mut size_bytes = 0u64;
    loop {
        let next = tokio::time::timeout(SILENCE_MAX, body.next()).await.map_err(|_| broken_off())?;
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|_| broken_off())?;
        size_bytes += chunk.len() as u64;
        if size_bytes > app.settings.upload_bytes_max {
            return Err(too_large("파일", "file"));
        }
        file.write_all(&chunk).await.map_err(failed)?;
    }
    file.sync_all().await.map_err(failed)?;
    let upload = meta::Upload {
        path: format!("uploads/{id}/{file_name}"),
        id,
        file_name,
        size_bytes,
        author: author.to_owned(),
        created_us: app.engine.clock.now_us(),
    };
    app.engine.meta.put_upload(&upload).await.map_err(meta_failure)?;
    folder.keep();
    Ok(upload)
}

fn broken_off() -> Failure {
    Failure::say(
        Class::Malformed,
        "upload.broken_off",
        (
            "전송이 중간에 끊겼습니다. 받은 부분은 지웠습니다.",
            "The transfer broke off. What had arrived was removed.",
        ),
        ("다시 올리세요.", "Send the file again."),
    )
}

/// A folder that is removed unless it is kept.
struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    async fn make(path: PathBuf) -> Result<Self> {
        tokio::fs::create_dir_all(&path).await.map_err(|error| Failure::io(&path, &error))?;
        Ok(Self { path, kept: false })
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "a broken upload could not be removed");
        }
    }
}

/// The upload of an id.
pub async fn find(app: &App, id: &str) -> Result<meta::Upload> {
    app.engine.meta.upload(id).await.map_err(meta_failure)?.ok_or_else(|| {
        Failure::say(
            Class::NotFound,
            "upload.unknown",
            ("올린 파일을 찾을 수 없습니다.", "The uploaded file is not there."),
            (
                "파일을 다시 올리세요. 올린 파일은 7일 동안 둡니다.",
                "Send the file again. Uploads are kept for 7 days.",
            ),
        )
    })
}

/// The file of an upload, with the files that `mapping` looks things up in beside it.
///
/// A mapping from outside names other files freely; only files that were uploaded too may be named.
pub async fn stage(app: &App, upload: &meta::Upload, mapping: Option<&Mapping>) -> Result<PathBuf> {
    let path = app.engine.dir.join(&upload.path);
    let folder = path.parent().unwrap_or(&app.engine.dir).to_owned();
    let uploads = app.engine.meta.uploads().await.map_err(meta_failure)?;
    for (name, lookup) in mapping.iter().flat_map(|mapping| &mapping.lookups) {
        let at = format!("lookups.{name}.file");
        let newest = uploads.iter().find(|other| other.file_name == lookup.file);
        let Some(other) = newest.filter(|_| safe_name(&lookup.file) == lookup.file) else {
            return Err(Problem::error(
                "mapping.lookup_missing",
                (
                    format!("찾아볼 파일 `{}`이(가) 올라와 있지 않습니다.", lookup.file),
                    format!("The file `{}` to look things up in was not uploaded.", lookup.file),
                ),
                ("그 파일을 같은 이름으로 먼저 올리세요.", "Upload that file first, under the same name."),
            )
            .at(at)
            .into());
        };
        place_beside(&app.engine.dir.join(&other.path), &folder.join(&other.file_name))?;
    }
    Ok(path)
}

fn place_beside(from: &Path, to: &Path) -> Result<()> {
    if from == to {
        return Ok(());
    }
    // An older one of this name may lie here from an earlier try.
    let _ = std::fs::remove_file(to);
    let linked = std::fs::hard_link(from, to);
    // Not every file system has hard links.
    linked.or_else(|_| std::fs::copy(from, to).map(|_| ())).map_err(|error| Failure::io(from, &error))
}

/// Forgets an upload and removes its folder.
pub async fn remove(app: &App, upload: &meta::Upload) -> Result<()> {
    app.engine.meta.remove_upload(&upload.id).await.map_err(meta_failure)?;
    let folder = app.engine.dir.join("uploads").join(&upload.id);
    match tokio::fs::remove_dir_all(&folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::io(&folder, &error)),
        _ => Ok(()),
    }
}

/// Throws away uploads nobody imported in time.
pub async fn sweep(app: &App) -> Result<()> {
    let before_us = app.engine.clock.now_us() - KEPT_US;
    for upload in app.engine.meta.uploads().await.map_err(meta_failure)? {
        if upload.created_us < before_us {
            remove(app, &upload).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for (name, safe) in [
            ("orders.csv", "orders.csv"),
            ("주문 2025.csv.gz", "주문 2025.csv.gz"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("/", "upload"),
            ("..", "upload"),
            (".hidden", "hidden"),
            ("a\0b\n.csv", "a_b_.csv"),
            ("what?.csv", "what_.csv"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.parquet", "긴".repeat(200)));
        assert!(long.len() <= NAME_BYTES_MAX && long.ends_with(".parquet"), "{long}");
        assert_eq!(safe_name(&long), long);
    }
}
