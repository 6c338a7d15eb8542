//! The list of a backup's files: text, one file a line, the last line sums the lines before it.

use crate::EngineError;
use model::Problem;
use std::fmt::Write;
use std::path::{Component, Path};

/// Name of the manifest inside a backup.
pub(super) const NAME: &str = "manifest";
/// First word of the first line, and the version of the form.
const HEAD: &str = "gilmok-backup 1";

/// The files of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// When the backup was begun, microseconds UTC.
    pub made_us: i64,
    /// Version of the program that made it.
    pub program: String,
    /// The files, by path.
    pub files: Vec<Entry>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Path relative to the folder, with `/` between names.
    pub path: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its BLAKE3, hexadecimal.
    pub blake3: String,
}

impl Manifest {
    /// Bytes of all files.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{HEAD} {} {}\n", self.made_us, self.program);
        for Entry { path, size_bytes, blake3 } in &self.files {
            let _ = writeln!(text, "{blake3} {size_bytes} {path}");
        }
        let sum = blake3::hash(text.as_bytes()).to_hex();
        let _ = writeln!(text, "end {sum}");
        text
    }

    /// Reads the manifest of a backup and checks it against its last line.
    pub fn read(backup: &Path) -> Result<Self, EngineError> {
        let path = backup.join(NAME);
        let text = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => no_backup(backup),
            _ => super::disk(&path, &error),
        })?;
        Self::parse(&text).ok_or_else(|| {
            let reason = ("목록의 체크섬이 맞지 않습니다", "the checksum of the list does not fit");
            EngineError::Corrupt(altered(&path, reason).into())
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let body = &text[..text.trim_end_matches('\n').rfind('\n')? + 1];
        let sum = text[body.len()..].strip_prefix("end ")?.strip_suffix('\n')?;
        if blake3::hash(body.as_bytes()).to_hex().as_str() != sum {
            return None;
        }
        let mut lines = body.lines();
        let (made_us, program) = lines.next()?.strip_prefix(HEAD)?.trim_start().split_once(' ')?;
        let files = lines.map(|line| {
            let (blake3, rest) = line.split_once(' ')?;
            let (size_bytes, path) = rest.split_once(' ')?;
            let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            let entry = Entry {
                path: path.to_owned(),
                size_bytes: size_bytes.parse().ok()?,
                blake3: blake3.to_owned(),
            };
            is_inside.then_some(entry)
        });
        Some(Self {
            made_us: made_us.parse().ok()?,
            program: program.to_owned(),
            files: files.collect::<Option<_>>()?,
        })
    }
}

/// The folder is no backup.
fn no_backup(path: &Path) -> EngineError {
    Problem::error(
        "backup.none",
        (
            format!("`{}`은(는) Gilmok 백업이 아닙니다.", path.display()),
            format!("`{}` is no backup of Gilmok.", path.display()),
        ),
        (
            "`manifest` 파일이 든 폴더를 고르세요. 끝나지 않은 백업에는 그 파일이 없습니다.",
            "Choose a folder with a file `manifest`; a backup that was not finished has none.",
        ),
    )
    .into()
}

/// A file of a backup is not what was written.
pub(super) fn altered(path: &Path, reason: (&str, &str)) -> Problem {
    Problem::error(
        "backup.altered",
        (format!("백업이 바뀌었습니다: {}.", reason.0), format!("The backup was altered: {}.", reason.1)),
        ("다른 백업을 쓰세요. 아무것도 되돌리지 않았습니다.", "Use another backup; nothing was restored."),
    )
    .in_file(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let file =
            |path: &str, size_bytes| Entry { path: path.to_owned(), size_bytes, blake3: "ab".repeat(32) };
        Manifest {
            made_us: -5,
            program: "0.1.0".to_owned(),
            files: vec![file("gilmok.db", 3), file("uploads/x/주문 2025.csv", 0)],
        }
    }

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let text = manifest().to_text();
        assert_eq!(Manifest::parse(text.as_bytes()), Some(manifest()));
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] ^= 1;
            assert_eq!(Manifest::parse(&bytes), None, "byte {index}");
            assert_eq!(Manifest::parse(&text.as_bytes()[..index]), None, "cut at {index}");
        }
        let outside = Manifest {
            files: vec![Entry { path: "../x".to_owned(), size_bytes: 0, blake3: "00".to_owned() }],
            ..manifest()
        };
        assert_eq!(Manifest::parse(outside.to_text().as_bytes()), None);
    }
}
