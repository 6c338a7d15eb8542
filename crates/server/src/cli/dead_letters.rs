//! `gilmok dead-letters`: events that were refused.

use super::open::Folder;
use super::sources::second;
use super::table;
use super::terminal::Terminal;
use crate::failure::{Failure, Result};
use clap::{Args, Subcommand};
use engine::Engine;
use engine::ingest::{DeadLetterView, Replay};
use meta::DeadLetterFilter;
use std::path::PathBuf;

/// Arguments of `gilmok dead-letters`.
#[derive(Debug, Args)]
pub struct DeadLettersArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Args)]
struct Which {
    /// Only with this code, such as event.no_person.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Only of this source.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// Those that were replayed too.
        #[arg(long)]
        replayed: bool,
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Only with an id below this one.
        #[arg(long, value_name = "ID")]
        before: Option<i64>,
    },
    /// Print what came, and say what is wrong with it.
    Show {
        /// Its id.
        id: i64,
    },
    /// Send one through the door again, or all that wait.
    Replay {
        /// Its id; without one all that wait, or those of --code and --source.
        id: Option<i64>,
        /// A file with the mended event.
        #[arg(long, value_name = "FILE.json", requires = "id")]
        with: Option<PathBuf>,
        #[command(flatten)]
        which: Which,
    },
    /// Throw one away.
    Delete {
        /// Its id.
        id: i64,
    },
}

/// Does what the arguments say.
pub async fn dead_letters(folder: &Folder, args: DeadLettersArgs, terminal: Terminal) -> Result<()> {
    let engine = folder.open().await?;
    let done = match args.what {
        What::List { which, replayed, limit, before } => {
            let filter = DeadLetterFilter { replayed, ..filter(&which) };
            list(&engine, filter, before, limit, terminal).await
        }
        What::Show { id } => show(&engine, id, terminal).await,
        What::Replay { id: Some(id), with, .. } => {
            let mended = match with {
                Some(file) => Some(std::fs::read(&file).map_err(|error| Failure::io(&file, &error))?),
                None => None,
            };
            tell(&engine.replay(id, mended).await?, terminal)
        }
        What::Replay { id: None, which, .. } => tell(&engine.replay_all(filter(&which)).await?, terminal),
        What::Delete { id } => engine.delete_dead_letter(id).await.map_err(Failure::from),
    };
    engine.store.close().await.map_err(engine::EngineError::from)?;
    done
}

fn filter(which: &Which) -> DeadLetterFilter<'_> {
    DeadLetterFilter { code: which.code.as_deref(), source: which.source.as_deref(), replayed: false }
}

async fn list(
    engine: &Engine,
    filter: DeadLetterFilter<'_>,
    before: Option<i64>,
    limit: u32,
    terminal: Terminal,
) -> Result<()> {
    let list = engine.dead_letters(filter, before, limit).await?;
    if terminal.json {
        return terminal.print_json(&list);
    }
    let head = terminal.choose(
        ["번호", "받은 때", "소스", "까닭", "바이트", "다시 넣은 때"],
        ["id", "received", "source", "code", "bytes", "replayed"],
    );
    let row = |letter: &DeadLetterView| {
        vec![
            letter.id.to_string(),
            second(letter.received_us),
            letter.source.clone(),
            letter.code.clone(),
            letter.size_bytes.to_string(),
            letter.replayed_us.map(second).unwrap_or_default(),
        ]
    };
    terminal.print(&table::layout(&head, &list.letters.iter().map(row).collect::<Vec<_>>()))?;
    if let Some(before) = list.next_before {
        terminal.say(format!("더 있습니다: --before {before}"), format!("There are more: --before {before}"));
    }
    Ok(())
}

async fn show(engine: &Engine, id: i64, terminal: Terminal) -> Result<()> {
    let whole = engine.dead_letter(id).await?;
    if terminal.json {
        return terminal.print_json(&whole);
    }
    for verdict in &whole.verdicts {
        let (message, remedy) = (verdict.message.get(terminal.lang), verdict.remedy.get(terminal.lang));
        let place = &verdict.place;
        terminal.say(
            format!("{place}: {message} [{}]\n  → {remedy}", verdict.code),
            format!("{place}: {message} [{}]\n  → {remedy}", verdict.code),
        );
    }
    terminal.print(&format!("{}\n", whole.raw))
}

fn tell(replay: &Replay, terminal: Terminal) -> Result<()> {
    if terminal.json {
        return terminal.print_json(replay);
    }
    let Replay { n_replayed, n_events, n_refused, .. } = replay;
    terminal.print(&terminal.choose(
        format!("{n_replayed}개를 다시 넣어 이벤트 {n_events}개가 되었습니다. 다시 거절된 것은 {n_refused}개입니다.\n"),
        format!("{n_replayed} replayed as {n_events} events, {n_refused} refused again.\n"),
    ))?;
    for (code, n_refused) in &replay.reasons {
        terminal.print(&format!("  {code}: {n_refused}\n"))?;
    }
    Ok(())
}
