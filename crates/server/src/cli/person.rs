//! `gilmok person`: what is stored about one person, and taking it out.

use super::open::Folder;
use super::table;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Arguments of `gilmok person`.
#[derive(Debug, Args)]
pub struct PersonArgs {
    #[command(subcommand)]
    what: What,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum What {
    /// Say who it is and what there is.
    Show(Who),
    /// Print everything stored about the person as JSON.
    Export {
        #[command(flatten)]
        who: Who,
        /// Write it to this file instead.
        #[arg(short, long, value_name = "FILE.json")]
        out: Option<PathBuf>,
    },
    /// Take everything about the person out, for good.
    Erase {
        #[command(flatten)]
        who: Who,
        /// Do not only say what would be erased.
        #[arg(long)]
        yes: bool,
    },
}

/// Which person.
#[derive(Debug, Args)]
struct Who {
    /// The user id, or else an anonymous id, as it was sent.
    #[arg(value_name = "USER_ID")]
    id: String,
}

/// Shows, exports or erases a person.
pub async fn person(folder: &Folder, args: PersonArgs, terminal: Terminal) -> Result<()> {
    let engine = folder.open().await?;
    let done = match args.what {
        What::Show(who) => {
            let person = engine.person_named(&who.id).await?;
            show(&engine.export_person(&person).await?, terminal)
        }
        What::Export { who, out } => {
            let person = engine.person_named(&who.id).await?;
            let export = engine.export_person(&person).await?;
            match out {
                None => terminal.print_json(&export),
                Some(path) => {
                    let text = serde_json::to_vec_pretty(&export).map_err(Failure::internal)?;
                    std::fs::write(&path, text).map_err(|error| Failure::io(&path, &error))
                }
            }
        }
        What::Erase { who, yes } => {
            let person = engine.person_named(&who.id).await?;
            if yes {
                erased(&engine.erase_person(&person).await?, terminal)
            } else {
                show(&engine.export_person(&person).await?, terminal)?;
                Err(Failure::say(
                    Class::Invalid,
                    "person.not_erased",
                    ("아무것도 지우지 않았습니다.", "Nothing was erased."),
                    ("정말 지우려면 `--yes`를 더하세요.", "Add `--yes` to erase the person for good."),
                ))
            }
        }
    };
    engine.meta.close().await;
    done
}

fn show(export: &engine::person::PersonExport, terminal: Terminal) -> Result<()> {
    if terminal.json {
        return terminal.print_json(&serde_json::json!({
            "person": export.person,
            "user_ids": export.user_ids,
            "anonymous_ids": export.anonymous_ids,
            "n_events": export.events.len(),
            "n_links": export.links.len(),
            "n_dead_letters": export.dead_letters.len(),
            "files": export.files,
            "mentions": export.mentions,
        }));
    }
    let rows = [
        ("person", export.person.clone()),
        ("user_ids", export.user_ids.join(" ")),
        ("anonymous_ids", export.anonymous_ids.join(" ")),
        ("events", export.events.len().to_string()),
        ("links", export.links.len().to_string()),
        ("dead_letters", export.dead_letters.len().to_string()),
        ("files", export.files.len().to_string()),
        ("mentions", export.mentions.len().to_string()),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    terminal.print(&table::layout(&["what", "value"], &rows))
}

fn erased(erasure: &engine::person::Erasure, terminal: Terminal) -> Result<()> {
    if terminal.json {
        return terminal.print_json(erasure);
    }
    let (n_rows, n_links, n_letters) = (erasure.n_rows, erasure.n_links, erasure.n_dead_letters);
    terminal.print(&terminal.choose(
        format!("지웠습니다: {n_rows}행, 연결 {n_links}개, 받지 못한 이벤트 {n_letters}개.\n"),
        format!("Erased: {n_rows} rows, {n_links} links, {n_letters} dead letters.\n"),
    ))?;
    for file in &erasure.files {
        terminal
            .say(format!("  파일을 지웠습니다: {}", file.file), format!("  Removed the file {}", file.file));
    }
    for name in &erasure.backups {
        terminal.say(
            format!("  백업 `{name}`에는 아직 남아 있습니다. 필요 없어지면 지우세요."),
            format!("  The backup `{name}` still holds the person: remove it when it is no longer needed."),
        );
    }
    for place in &erasure.remaining {
        terminal.say(
            format!("  직접 확인하세요: {} `{}`에 식별자가 있습니다.", place.kind, place.key),
            format!("  For you to decide: {} `{}` names an identifier.", place.kind, place.key),
        );
    }
    Ok(())
}
