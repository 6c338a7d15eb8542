//! `gilmok apply`: definitions from files.

use super::open::Folder;
use super::terminal::Terminal;
use super::{read_text, table};
use crate::failure::{Class, Failure, Result};
use clap::Args;
use engine::documents::{AppliedChange, ApplyOptions};
use model::{DocumentBody, Problems};
use std::path::{Path, PathBuf};

/// Arguments of `gilmok apply`.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Files or folders with YAML or JSON definitions; `-` is standard input. All are applied together or not at all.
    #[arg(short = 'f', long = "file", required = true, num_args = 1.., value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// Check and tell what would change; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Accept event names that no data has yet.
    #[arg(long)]
    allow_unknown_events: bool,
}

/// Applies definitions.
pub async fn apply(folder: &Folder, args: ApplyArgs, terminal: Terminal) -> Result<()> {
    let bodies = read_all(&args.files)?;
    let engine = folder.open_or_make().await?;
    let options = ApplyOptions { dry_run: args.dry_run, allow_unknown_events: args.allow_unknown_events };
    let applied = engine.apply(&bodies, "cli", options).await?;
    if terminal.json {
        return terminal.print_json(&applied);
    }
    let rows: Vec<Vec<String>> = applied
        .iter()
        .map(|one| {
            let change = match one.change {
                AppliedChange::Created => terminal.choose("새로 만듦", "created"),
                AppliedChange::Changed => terminal.choose("바뀜", "changed"),
                AppliedChange::Unchanged => terminal.choose("그대로", "unchanged"),
            };
            vec![
                one.kind.as_str().to_owned(),
                one.key.to_string(),
                one.version.to_string(),
                change.to_owned(),
            ]
        })
        .collect();
    let head = terminal.choose(["종류", "키", "버전", "결과"], ["kind", "key", "version", "result"]);
    terminal.print(&table::layout(&head, &rows))?;
    if args.dry_run {
        terminal.say("확인만 했고 아무것도 쓰지 않았습니다.", "This was a check: nothing was written.");
    }
    Ok(())
}

/// Reads the definitions of all files, or tells the problems of all of them.
fn read_all(paths: &[PathBuf]) -> Result<Vec<DocumentBody>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() { collect(path, &mut files)? } else { files.push(path.clone()) }
    }
    let (mut bodies, mut problems) = (Vec::new(), Vec::new());
    for file in &files {
        let (text, name) = (read_text(file)?, file.display().to_string());
        let is_json = file.extension().is_some_and(|ending| ending == "json");
        let read = match (is_json, text.trim_start().starts_with('[')) {
            (true, true) => model::read_json::<Vec<DocumentBody>>(&text, Some(&name)),
            (true, false) => model::read_json::<DocumentBody>(&text, Some(&name)).map(|body| vec![body]),
            (false, _) => model::read_yaml(&text, Some(&name)),
        };
        match read {
            Ok(read) => bodies.extend(read),
            Err(Problems(more)) => problems.extend(more),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    if bodies.is_empty() {
        return Err(Failure::say(
            Class::Invalid,
            "document.none",
            ("적용할 문서가 없습니다.", "There is no document to apply."),
            (
                "`.yaml`, `.yml`, `.json` 파일이 있는 폴더나 파일을 고르세요.",
                "Name files, or folders with `.yaml`, `.yml` or `.json` files.",
            ),
        ));
    }
    Ok(bodies)
}

/// The definition files under a folder, in the order of their names.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error: std::io::Error| Failure::io(folder, &error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        if kind.is_dir() {
            collect(&path, files)?; // A link to a folder is no folder here, so there is no circle.
        } else if path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|e| ending == *e))
        {
            files.push(path);
        }
    }
    Ok(())
}
