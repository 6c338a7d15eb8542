//! `gilmok ask`: a question document and its answer.

use super::open::Folder;
use super::read_text;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
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
    /// The people of a question about people as CSV, all of them, instead of a page as JSON.
    #[arg(long)]
    csv: bool,
}

/// Answers a question.
pub async fn ask(folder: &Folder, args: AskArgs, terminal: Terminal) -> Result<()> {
    let text = read_text(&args.file)?;
    let question: Ask = model::read_json(&text, Some(&args.file.display().to_string()))?;
    let engine = folder.open().await?;
    let (scan, title) = (Cancel::default(), args.file.display().to_string());
    if args.csv {
        let Ask::People(people) = &question else {
            return Err(Failure::say(
                Class::Invalid,
                "ask.no_people",
                ("이 질문에는 사람 목록이 없습니다.", "This question has no list of people."),
                ("`ask: people` 질문에만 --csv를 쓰세요.", "Use --csv with a question of `ask: people`."),
            ));
        };
        let people = terminal.watch(&title, &scan, engine.export_people(people, &scan)).await?;
        return terminal.print_bytes(&people);
    }
    let answer = terminal.watch(&title, &scan, engine.ask(&question, &scan)).await?;
    terminal.print_json(&Asked { question, answer: Answer::clone(&answer) })
}
