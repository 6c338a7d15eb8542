//! The command line: its words, and the way from a command to its exit code.

mod apply;
mod ask;
mod backup;
mod bench;
mod dead_letters;
mod expire;
mod import;
mod load;
mod map;
mod open;
mod person;
mod serve;
mod sources;
mod sql;
mod table;
mod terminal;
mod verify;

use crate::failure::{Class, Failure};
use crate::system;
use clap::{Parser, Subcommand};
use model::Lang;
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::Terminal;

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  a problem in the input or in a definition: nothing was done
    2  wrong usage
    3  what was named does not exist
    4  the data folder is in use by another gilmok, or something is in the way
    5  stored data is damaged
   70  a failure of gilmok or of the machine
  130  interrupted

Messages are in Korean or English, by --lang or the locale. Answers go to standard output, everything else to
standard error. With --json, standard output holds one JSON document, after a failure too: {\"problems\": [...]}.";

/// Customer journeys on measured data: import events, describe a journey, read the map.
#[derive(Debug, Parser)]
#[command(name = "gilmok", version, after_help = EXIT_CODES, max_term_width = 110)]
pub struct Cli {
    /// The data folder.
    #[arg(long, global = true, value_name = "DIR", env = "GILMOK_DATA_DIR", default_value = "gilmok-data")]
    pub data: PathBuf,
    /// Print answers as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of messages and exports: ko or en [default: by the locale].
    #[arg(long, global = true, value_name = "LANG", value_parser = read_lang)]
    pub lang: Option<Lang>,
    /// Threads of one scan [default: all processors].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// What to log to standard error, such as `info` or `server=debug`.
    #[arg(long, global = true, value_name = "FILTER", env = "GILMOK_LOG", default_value = "warn")]
    pub log: String,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the demo company in the data folder and serve it.
    Demo(serve::DemoArgs),
    /// Serve the web UI and the HTTP API.
    Serve(serve::ServeArgs),
    /// Import events or costs from CSV, TSV, NDJSON or Parquet files.
    Import(import::ImportArgs),
    /// Add, list and remove the sources that send events, with their write keys.
    Sources(sources::SourcesArgs),
    /// List, show and replay events that were refused.
    DeadLetters(dead_letters::DeadLettersArgs),
    /// Apply definitions: journeys, maps, metrics, segments, personas, mappings.
    Apply(apply::ApplyArgs),
    /// Answer a question document, the same as POST /api/v1/ask takes.
    Ask(ask::AskArgs),
    /// Write a map with its numbers to a file.
    Map(map::MapArgs),
    /// Answer one SELECT over events, persons, sessions, journeys, feedback and costs.
    Sql(sql::SqlArgs),
    /// Read every stored byte and compare it with its checksum.
    Verify(verify::VerifyArgs),
    /// Take a backup; the folder may be in use by a server meanwhile.
    Backup(backup::BackupArgs),
    /// Make a data folder from a backup.
    Restore(backup::RestoreArgs),
    /// Show, export or erase everything stored about one person.
    Person(person::PersonArgs),
    /// Say, set or apply how long events and dead letters are kept.
    Expire(expire::ExpireArgs),
    /// Load a Parquet file of events and time ten questions about journeys, in a temporary folder.
    Bench(bench::BenchArgs),
    /// Send made-up events to a server, or through the door in this process, and time it.
    #[command(hide = true)]
    Load(load::LoadArgs),
    /// Print the JSON Schema of definitions and questions.
    Schema,
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
    /// Print the version.
    Version,
}

fn read_lang(text: &str) -> Result<Lang, String> {
    match text {
        "ko" => Ok(Lang::Ko),
        "en" => Ok(Lang::En),
        _ => Err("write ko or en".to_owned()),
    }
}

/// Reads the arguments, does what they say and tells how it went.
pub fn run() -> ExitCode {
    let cli = Cli::parse(); // Ends with 2 on wrong usage, with 0 after --help.
    let terminal = Terminal::new(cli.lang.unwrap_or_else(system::terminal_lang), cli.json);
    if let Err(error) = start_log(&cli.log) {
        terminal.say(
            format!("`--log {}`을(를) 읽을 수 없습니다: {error}.", cli.log),
            format!("`--log {}` cannot be read: {error}.", cli.log),
        );
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return terminal.fail(&Failure::internal(error)),
    };
    let outcome = runtime.block_on(dispatch(cli, terminal));
    // Blocking work that was cancelled may still be at its last block; nobody waits for it.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => terminal.fail(&failure),
    }
}

async fn dispatch(cli: Cli, terminal: Terminal) -> Result<(), Failure> {
    let folder = open::Folder::new(cli.data, cli.threads.map(usize::from));
    let done = run_command(cli.command, cli.lang, &folder, terminal).await;
    folder.close().await;
    done
}

async fn run_command(
    command: Command,
    lang: Option<Lang>,
    folder: &open::Folder,
    terminal: Terminal,
) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => serve::demo(folder, args, terminal).await,
        Command::Serve(args) => serve::serve(folder, args, terminal).await,
        Command::Import(args) => import::import(folder, args, terminal).await,
        Command::Sources(args) => sources::sources(folder, args, terminal).await,
        Command::DeadLetters(args) => dead_letters::dead_letters(folder, args, terminal).await,
        Command::Load(args) => load::load(args, folder.threads(), terminal).await,
        Command::Apply(args) => apply::apply(folder, args, terminal).await,
        Command::Ask(args) => ask::ask(folder, args, terminal).await,
        Command::Map(args) => map::map(folder, args, lang, terminal).await,
        Command::Sql(args) => sql::sql(folder, args, terminal).await,
        Command::Verify(args) => verify::verify(folder, args, terminal).await,
        Command::Backup(args) => backup::backup(folder, args, terminal).await,
        Command::Restore(args) => backup::restore(folder, args, terminal).await,
        Command::Person(args) => person::person(folder, args, terminal).await,
        Command::Expire(args) => expire::expire(folder, args, terminal).await,
        Command::Bench(args) => bench::bench(args, folder.threads(), terminal).await,
        Command::Schema => terminal.print(&crate::schema::text()),
        Command::Openapi => terminal.print(&crate::http::health::openapi_text()),
        Command::Version => version(terminal),
    }
}

fn version(terminal: Terminal) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if terminal.json {
        return terminal.print_json(&serde_json::json!({ "name": "gilmok", "version": version }));
    }
    terminal.print(&format!("gilmok {version}\n"))
}

fn start_log(filter: &str) -> Result<(), String> {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).try_init().map_err(|error| error.to_string())
}

/// A file of the command line as text; `-` is standard input.
fn read_text(path: &std::path::Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).map_err(|error| Failure::io(path, &error));
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        Failure::new(
            Class::Invalid,
            model::Problem::error(
                "document.encoding",
                (
                    format!("문서가 UTF-8이 아닙니다({at}번째 바이트)."),
                    format!("The document is not UTF-8 (byte {at})."),
                ),
                ("UTF-8로 저장하세요.", "Save it as UTF-8."),
            )
            .in_file(path.display().to_string()),
        )
    })
}
