//! `gilmok sql`: one SELECT over the tables.

use super::map::{Whole, written};
use super::open::Folder;
use super::table;
use super::terminal::{Terminal, interrupted};
use crate::failure::{Class, Failure, Result};
use clap::{Args, ValueEnum};
use engine::sql::{SqlAnswer, SqlFormat, SqlLimits};
use engine::{Engine, EngineError};
use serde_json::Value;
use std::path::PathBuf;
use store::Cancel;

/// Rows of a table or a JSON document when no number is named.
const ROWS: usize = 1_000;

/// What stands before the progress bar.
const TITLE: &str = "SQL";

/// Arguments of `gilmok sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The query; the tables are events, persons, sessions, journeys, feedback and costs.
    #[arg(value_name = "QUERY")]
    query: String,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Rows at most [default: 1000; all for csv and parquet].
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The file to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns side by side.
    #[default]
    Table,
    /// One object with columns and rows.
    Json,
    /// Comma-separated values with a head.
    Csv,
    /// An Apache Parquet file.
    Parquet,
}

/// Answers a query.
pub async fn sql(folder: &Folder, args: SqlArgs, terminal: Terminal) -> Result<()> {
    let output = args.output.as_ref().filter(|path| path.as_os_str() != "-");
    let format = match args.format {
        Format::Csv => Some(SqlFormat::Csv),
        Format::Parquet if output.is_none() => return Err(needs_file()),
        Format::Parquet => Some(SqlFormat::Parquet),
        Format::Table | Format::Json => None,
    };
    let format = format.filter(|_| output.is_some() || !terminal.json);
    let engine = folder.open().await?;
    let cancel = Cancel::default();
    match format {
        Some(format) if output.is_some() => {
            let work = file(&engine, &args, format, &cancel, terminal);
            terminal.watch(TITLE, &cancel, work).await
        }
        // Rows that stream to the terminal say themselves how far they are.
        Some(format) => tokio::select! {
            outcome = file(&engine, &args, format, &cancel, terminal) => outcome,
            () = interrupted() => Err(EngineError::Cancelled.into()),
        },
        None => {
            let answer = terminal.watch(TITLE, &cancel, answer(&engine, &args, &cancel)).await?;
            show(&answer, &args, terminal)
        }
    }
}

async fn answer(engine: &Engine, args: &SqlArgs, cancel: &Cancel) -> Result<SqlAnswer> {
    let limits = SqlLimits { rows_max: args.limit.unwrap_or(ROWS), ..SqlLimits::default() };
    Ok(engine.sql(&args.query, limits, cancel).await?)
}

/// An answer as one text.
fn show(answer: &SqlAnswer, args: &SqlArgs, terminal: Terminal) -> Result<()> {
    let text = if terminal.json || args.format == Format::Json {
        serde_json::to_string_pretty(answer).map_err(Failure::internal)? + "\n"
    } else {
        let head: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
        let rows: Vec<Vec<String>> = answer.rows.iter().map(|row| row.iter().map(text).collect()).collect();
        table::layout(&head, &rows)
    };
    match args.output.as_ref().filter(|path| path.as_os_str() != "-") {
        None => terminal.print(&text)?,
        Some(path) => {
            let mut whole = Whole::begin(path)?;
            whole.add(text.as_bytes())?;
            written(path, whole.finish()?, terminal)?;
        }
    }
    if answer.truncated && !terminal.json {
        let n_rows = answer.rows.len();
        terminal.say(
            format!("처음 {n_rows}행만 보였습니다. 더 보려면 `--limit`을 늘리세요."),
            format!("Only the first {n_rows} rows are shown: raise `--limit` for more."),
        );
    }
    Ok(())
}

/// An answer piece by piece, to a file or to standard output.
async fn file(
    engine: &Engine,
    args: &SqlArgs,
    format: SqlFormat,
    cancel: &Cancel,
    terminal: Terminal,
) -> Result<()> {
    let usual = SqlLimits::of_file();
    let limits = match args.limit {
        Some(rows_max) => SqlLimits { rows_max, cut: true, ..usual },
        None => usual,
    };
    let mut chunks = engine.sql_file(&args.query, format, limits, cancel).await?;
    let Some(path) = args.output.as_ref().filter(|path| path.as_os_str() != "-") else {
        while let Some(chunk) = chunks.next().await {
            terminal.print_bytes(&chunk?)?;
        }
        return Ok(());
    };
    let mut whole = Whole::begin(path)?;
    while let Some(chunk) = chunks.next().await {
        whole.add(&chunk?)?;
    }
    written(path, whole.finish()?, terminal)
}

fn needs_file() -> Failure {
    Failure::say(
        Class::Invalid,
        "sql.binary",
        ("Parquet 파일을 화면에 글자로 쓸 수는 없습니다.", "A Parquet file cannot be written to a terminal."),
        ("`-o 파일`을 더하세요.", "Add `-o FILE`."),
    )
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
