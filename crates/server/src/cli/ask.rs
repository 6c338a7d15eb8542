//! `gilmok ask`: a question document and its answer.

use super::open::Folder;
use super::read_text;
use super::terminal::Terminal;
use crate::failure::Result;
use clap::Args;
use model::ask::Ask;
use model::view::{Answer, Asked};
use std::path::PathBuf;
use store::Cancel;

/// Arguments of `gilmok ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The question as JSON; `-` is standard input. The answer is JSON too: the question and its answer.
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
}

/// Answers a question.
pub async fn ask(folder: &Folder, args: AskArgs, terminal: Terminal) -> Result<()> {
    let text = read_text(&args.file)?;
    let question: Ask = model::read_json(&text, Some(&args.file.display().to_string()))?;
    let engine = folder.open().await?;
    let answer = engine.ask(&question, &Cancel::default()).await?;
    terminal.print_json(&Asked { question, answer: Answer::clone(&answer) })
}
