//! `gilmok sql`: one SELECT over the events.

use super::open::Folder;
use super::table;
use super::terminal::Terminal;
use crate::failure::Result;
use clap::{Args, ValueEnum};
use engine::sql::SqlLimits;
use serde_json::Value;
use store::Cancel;

/// Arguments of `gilmok sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The query; the table is `events`.
    #[arg(value_name = "QUERY")]
    query: String,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: SqlFormat,
    /// Rows at most.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum SqlFormat {
    /// Columns side by side.
    #[default]
    Table,
    /// One object with columns and rows.
    Json,
    /// Comma-separated values with a head.
    Csv,
}

/// Answers a query.
pub async fn sql(folder: &Folder, args: SqlArgs, terminal: Terminal) -> Result<()> {
    let engine = folder.open().await?;
    let limits = SqlLimits { rows_max: args.limit, ..SqlLimits::default() };
    let answer = engine.sql(&args.query, limits, &Cancel::default()).await?;
    if terminal.json || args.format == SqlFormat::Json {
        return terminal.print_json(&answer);
    }
    let head: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    let rows: Vec<Vec<String>> = answer.rows.iter().map(|row| row.iter().map(text).collect()).collect();
    terminal.print(&match args.format {
        SqlFormat::Csv => table::csv(&head, &rows),
        _ => table::layout(&head, &rows),
    })?;
    if answer.truncated {
        let n_rows = rows.len();
        terminal.say(
            format!("처음 {n_rows}행만 보였습니다. 더 보려면 `--limit`을 늘리세요."),
            format!("Only the first {n_rows} rows are shown: raise `--limit` for more."),
        );
    }
    Ok(())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
