//! `gilmok import`: files into events.

use super::open::Folder;
use super::read_text;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
use clap::Args;
use engine::Engine;
use engine::import::{ImportReport, ImportRequest, Progress};
use model::mapping::Mapping;
use model::{DocumentBody, Key, Kind};
use std::path::{Path, PathBuf};

/// Arguments of `gilmok import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Importing the same file by the same mapping again adds nothing; an import that was interrupted goes on from its last
checkpoint. Rows that cannot be understood are refused, counted and, with --rejects, written out with their reason.")]
pub struct ImportArgs {
    /// How columns become events: a YAML or JSON file, or the key of a mapping that was applied.
    #[arg(short, long, value_name = "FILE|KEY")]
    mapping: String,
    /// Files to import, by the same mapping.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write refused rows here; with several files, one beside it for each further file.
    #[arg(long, value_name = "FILE.csv")]
    rejects: Option<PathBuf>,
}

/// Imports files one after the other; the first that cannot be read ends it.
pub async fn import(folder: &Folder, args: ImportArgs, terminal: Terminal) -> Result<()> {
    for file in &args.files {
        if let Err(error) = std::fs::File::open(file) {
            return Err(Failure::io(file, &error)); // Before anything is done.
        }
    }
    let from_file = read_mapping(&args.mapping)?;
    let engine = folder.open_or_make().await?;
    let mapping = match from_file {
        Some(mapping) => mapping,
        None => stored_mapping(&engine, &args.mapping).await?,
    };
    let mut reports = Vec::new();
    for (index, file) in args.files.iter().enumerate() {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let request = ImportRequest {
            file: file.clone(),
            name: name.clone(),
            mapping: mapping.clone(),
            rejects: args.rejects.as_deref().map(|rejects| rejects_of(rejects, index)),
        };
        let progress = Progress::default();
        let work = engine::import::run(&engine, request, &progress);
        let report = terminal.watch(&name, &progress, work).await?;
        if !terminal.json {
            tell(&name, &report, terminal)?;
        }
        reports.push(report);
    }
    if terminal.json { terminal.print_json(&reports) } else { Ok(()) }
}

/// The mapping in a file; `None` when the name is the key of a stored one.
fn read_mapping(name: &str) -> Result<Option<Mapping>> {
    let path = Path::new(name);
    if !path.exists() && name != "-" && Key::new(name).is_ok() {
        return Ok(None);
    }
    let text = read_text(path)?;
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    let bodies = if is_json {
        vec![model::read_json::<DocumentBody>(&text, Some(name))?]
    } else {
        model::read_yaml(&text, Some(name))?
    };
    let mut mappings = bodies.into_iter().filter_map(|body| match body {
        DocumentBody::Mapping(mapping) => Some(mapping),
        _ => None,
    });
    match (mappings.next(), mappings.next()) {
        (Some(mapping), None) => Ok(Some(mapping)),
        (None, _) => Err(no_mapping(name, ("매핑이 없습니다", "holds no mapping"))),
        _ => Err(no_mapping(name, ("매핑이 여럿입니다", "holds several mappings"))),
    }
}

fn no_mapping(name: &str, what: (&str, &str)) -> Failure {
    Failure::say(
        Class::Invalid,
        "mapping.not_one",
        (format!("`{name}`에 {}.", what.0), format!("`{name}` {}.", what.1)),
        ("`kind: mapping` 문서 하나가 든 파일을 고르세요.", "Name a file with one `kind: mapping` document."),
    )
}

async fn stored_mapping(engine: &Engine, key: &str) -> Result<Mapping> {
    let key = Key::new(key).map_err(Failure::internal)?;
    match engine.document(Kind::Mapping, &key).await?.body {
        DocumentBody::Mapping(mapping) => Ok(mapping),
        _ => Err(Failure::internal("a mapping document holds something else")),
    }
}

/// `rejects.csv`, `rejects-2.csv`, `rejects-3.csv` …
fn rejects_of(path: &Path, index: usize) -> PathBuf {
    if index == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or(String::new(), |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}-{}{ending}", index + 1))
}

fn tell(file: &str, report: &ImportReport, terminal: Terminal) -> Result<()> {
    let ImportReport { n_rows, n_added, n_duplicates, n_rejected, n_skipped, n_points, n_links, .. } = report;
    if report.already {
        terminal.print(&terminal.choose(
            format!("{file}: 이미 가져온 파일이라 더한 것이 없습니다.\n"),
            format!("{file}: imported before, nothing to add.\n"),
        ))?;
        return Ok(());
    }
    if report.resumed_after_line > 0 {
        let line = report.resumed_after_line;
        terminal.say(
            format!("{file}: {line}번째 줄 다음부터 이어서 가져왔습니다."),
            format!("{file}: went on after line {line}."),
        );
    }
    let mut text = terminal.choose(
        format!("{file}: {n_rows}행, 새 이벤트 {n_added}개, 이미 있던 것 {n_duplicates}개"),
        format!("{file}: {n_rows} rows, {n_added} new events, {n_duplicates} known already"),
    );
    for (count, ko, en) in [
        (n_points, "시계열 값", "series values"),
        (n_links, "연결한 식별자", "identifiers linked"),
        (n_skipped, "건너뜀", "left out by the mapping"),
        (n_rejected, "거절", "refused"),
    ] {
        if *count > 0 {
            text.push_str(&terminal.choose(format!(", {ko} {count}"), format!(", {count} {en}")));
        }
    }
    terminal.print(&format!("{text}\n"))?;
    for reason in &report.reasons {
        let (n_lines, example, line) = (reason.n_lines, reason.example.get(terminal.lang), reason.first_line);
        terminal.print(&terminal.choose(
            format!("  거절 {n_lines}줄: {example} (처음 {line}번째 줄) [{}]\n", reason.code),
            format!("  {n_lines} refused: {example} (first on line {line}) [{}]\n", reason.code),
        ))?;
    }
    if let Some(rejects) = &report.rejects {
        terminal.say(
            format!("  거절된 행은 {}에 있습니다.", rejects.display()),
            format!("  Refused rows are in {}.", rejects.display()),
        );
    }
    terminal.warn(&report.warnings);
    Ok(())
}
