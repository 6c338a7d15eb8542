//! `gilmok expire`: how long data is kept, and taking out what is older.

use super::open::Folder;
use super::terminal::Terminal;
use crate::failure::Result;
use clap::Args;
use engine::expiry::{Expired, Expiry};
use model::Lang;
use store::Cancel;

/// Arguments of `gilmok expire`.
#[derive(Debug, Args)]
pub struct ExpireArgs {
    /// Keep events this many days after they happened, and dead letters after they came.
    #[arg(long, value_name = "DAYS", conflicts_with = "keep_for_good")]
    keep_days: Option<u32>,
    /// Keep all of it for good.
    #[arg(long)]
    keep_for_good: bool,
    /// Take out what has expired, now; a server does it every seven days.
    #[arg(long)]
    yes: bool,
}

/// Sets how long data is kept if told to, takes out what has expired if told to, and says how it stands.
pub async fn expire(folder: &Folder, args: ExpireArgs, terminal: Terminal) -> Result<()> {
    let engine = folder.open().await?;
    if args.keep_for_good || args.keep_days.is_some() {
        engine.set_expiry(args.keep_days).await?;
    }
    let expired = if args.yes { engine.expire().await? } else { None };
    let expiry = engine.expiry(None, &Cancel::default()).await?;
    if terminal.json {
        return terminal.print_json(&serde_json::json!({ "expired": expired, "expiry": expiry }));
    }
    if let Some(expired) = expired {
        terminal.print(&told(&expired, terminal.lang))?;
    }
    terminal.print(&stands(&expiry, terminal.lang))
}

fn told(expired: &Expired, lang: Lang) -> String {
    let Expired { n_rows, n_parts, n_dead_letters, .. } = expired;
    match lang {
        Lang::Ko => {
            format!("이벤트 {n_rows}개(파일 {n_parts}개)와 거절된 이벤트 {n_dead_letters}개를 지웠습니다.\n")
        }
        Lang::En => {
            format!("Took out {n_rows} events (of {n_parts} files) and {n_dead_letters} dead letters.\n")
        }
    }
}

fn stands(expiry: &Expiry, lang: Lang) -> String {
    let (Some(days), Some(due)) = (expiry.keep_days, expiry.due) else {
        return match lang {
            Lang::Ko => "모두 계속 보관합니다. `--keep-days`로 기간을 정할 수 있습니다.\n".to_owned(),
            Lang::En => "All of it is kept for good; `--keep-days` sets a limit.\n".to_owned(),
        };
    };
    let (n_events, n_people, n_letters) = (due.n_events, due.n_people, due.n_dead_letters);
    match lang {
        Lang::Ko => format!(
            "{days}일 동안 보관합니다. 지난 것: 이벤트 {n_events}개(아무것도 남지 않는 고객 {n_people}명), 거절된 이벤트 {n_letters}개.\n"
        ),
        Lang::En => format!(
            "Kept for {days} days. Expired: {n_events} events ({n_people} people of whom nothing is left), {n_letters} dead letters.\n"
        ),
    }
}
