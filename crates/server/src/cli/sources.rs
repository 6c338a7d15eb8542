//! `gilmok sources`: who may send events.

use super::open::Folder;
use super::table;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
use crate::http::ingest::new_write_key;
use clap::{Args, Subcommand};
use engine::Engine;
use engine::ingest::SourceView;

/// Who is told as the maker of a source made here.
const AUTHOR: &str = "gilmok sources";

/// Arguments of `gilmok sources`.
#[derive(Debug, Args)]
pub struct SourcesArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a source and print its write key, once.
    Add {
        /// Its name, which its events will carry.
        name: String,
        /// Channel of events that name none.
        #[arg(long, value_name = "CHANNEL", default_value = "")]
        channel: String,
    },
    /// List sources, revoked ones too.
    List,
    /// Revoke a source's key. Its events stay.
    Remove {
        /// Its name, or its id.
        #[arg(value_name = "NAME|ID")]
        name: String,
    },
}

/// Does what the arguments say.
pub async fn sources(folder: &Folder, args: SourcesArgs, terminal: Terminal) -> Result<()> {
    let engine = folder.open_or_make().await?;
    match args.what {
        What::Add { name, channel } => add(&engine, &name, &channel, terminal).await,
        What::List => list(&engine, terminal).await,
        What::Remove { name } => remove(&engine, &name, terminal).await,
    }
}

async fn add(engine: &Engine, name: &str, channel: &str, terminal: Terminal) -> Result<()> {
    let made = engine.create_source(name, channel, AUTHOR, new_write_key()).await?;
    if terminal.json {
        return terminal.print_json(&made);
    }
    terminal.say(
        format!("소스 `{}`의 쓰기 키입니다. 다시 보여 드리지 않습니다.", made.source.name),
        format!("The write key of source `{}`. It is not shown again.", made.source.name),
    );
    terminal.print(&format!("{}\n", made.key))
}

async fn list(engine: &Engine, terminal: Terminal) -> Result<()> {
    let sources = engine.sources().await?;
    if terminal.json {
        return terminal.print_json(&sources);
    }
    let head = terminal.choose(
        ["번호", "이름", "채널", "키", "만든 때", "폐기한 때"],
        ["id", "name", "channel", "key", "made", "revoked"],
    );
    let row = |source: &SourceView| {
        vec![
            source.id.to_string(),
            source.name.clone(),
            source.channel.clone(),
            format!("…{}", source.key_end),
            second(source.created_us),
            source.revoked_us.map(second).unwrap_or_default(),
        ]
    };
    terminal.print(&table::layout(&head, &sources.iter().map(row).collect::<Vec<_>>()))
}

async fn remove(engine: &Engine, name: &str, terminal: Terminal) -> Result<()> {
    let sources = engine.sources().await?;
    let in_force = || sources.iter().filter(|source| source.revoked_us.is_none());
    let named = in_force().find(|source| source.name == name);
    let found = named.or_else(|| in_force().find(|source| source.id.to_string() == name));
    let Some(source) = found else {
        return Err(Failure::say(
            Class::NotFound,
            "source.unknown",
            (
                format!("쓰고 있는 소스 `{name}`이(가) 없습니다."),
                format!("There is no source `{name}` in use."),
            ),
            ("`gilmok sources list`로 확인하세요.", "See `gilmok sources list`."),
        ));
    };
    engine.revoke_source(source.id).await?;
    if terminal.json {
        return terminal.print_json(&serde_json::json!({ "revoked": source.id }));
    }
    terminal.print(&terminal.choose(
        format!("소스 `{}`의 키를 폐기했습니다.\n", source.name),
        format!("The key of source `{}` is revoked.\n", source.name),
    ))
}

/// An instant to the second, UTC.
pub(super) fn second(time_us: i64) -> String {
    jiff::Timestamp::from_second(time_us.div_euclid(1_000_000))
        .map_or_else(|_| String::new(), |at| at.to_string())
}
