//! What is written to a terminal or a pipe: answers to standard output, words and progress to standard error.

use crate::failure::{Failure, problem_text};
use engine::import::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::{Lang, Problem};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;
use store::Cancel;

/// Where a command writes.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Language of the words.
    pub lang: Lang,
    /// Whether answers are JSON.
    pub json: bool,
}

impl Terminal {
    /// A terminal for a reader of `lang`.
    pub fn new(lang: Lang, json: bool) -> Self {
        Self { lang, json }
    }

    /// Chooses the words of the reader's language.
    pub fn choose<T>(self, ko: T, en: T) -> T {
        match self.lang {
            Lang::Ko => ko,
            Lang::En => en,
        }
    }

    /// Says something beside the answer.
    pub fn say(self, ko: impl AsRef<str>, en: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{}", self.choose(ko.as_ref(), en.as_ref()));
    }

    /// Shows warnings beside the answer.
    pub fn warn(self, warnings: &[Problem]) {
        for warning in warnings {
            let _ = writeln!(std::io::stderr(), "{}", problem_text(warning, self.lang));
        }
    }

    /// Writes an answer as it is.
    pub fn print(self, text: &str) -> Result<(), Failure> {
        self.print_bytes(text.as_bytes())
    }

    /// Writes an answer as JSON, indented.
    pub fn print_json(self, answer: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(answer).map_err(Failure::internal)?;
        text.push('\n');
        self.print(&text)
    }

    /// Writes bytes. A reader who has seen enough (`| head`) is no failure.
    pub fn print_bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::io(std::path::Path::new("-"), &error))
            }
            _ => Ok(()),
        }
    }

    /// Tells of a failure and gives its exit code.
    pub fn fail(self, failure: &Failure) -> ExitCode {
        if self.json {
            // Nobody is left to be told when even this cannot be written.
            let _ = self.print_json(&failure.body());
        } else {
            let _ = writeln!(std::io::stderr(), "{}", failure.text(self.lang));
        }
        ExitCode::from(failure.class().exit_code())
    }

    /// Runs `work` with a progress bar if it takes a while, and stops it when the user interrupts.
    pub async fn watch<T>(self, title: &str, progress: &impl Watched, work: impl Future<Output = T>) -> T {
        let bar = self.bar(title);
        let mut work = std::pin::pin!(work);
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        tick.tick().await; // The first comes at once, and what is done by the next needs no bar.
        let mut interrupt = std::pin::pin!(interrupted());
        let mut asked = false;
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                () = &mut interrupt, if !asked => {
                    asked = true;
                    progress.stop();
                    let (ko, en) = progress.stopping();
                    bar.suspend(|| self.say(ko, en));
                }
                _ = tick.tick() => {
                    bar.set_position((progress.share() * 1000.0) as u64);
                    let (ko, en) = progress.so_far();
                    bar.set_message(self.choose(ko, en));
                }
            }
        };
        bar.finish_and_clear();
        outcome
    }

    fn bar(self, title: &str) -> ProgressBar {
        let target = if std::io::stderr().is_terminal() && !self.json {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(1000), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {percent:>3}% {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_prefix(title.to_owned());
        bar
    }
}

/// Work whose progress is shown.
pub trait Watched {
    /// 0 to 1.
    fn share(&self) -> f64;

    /// How far it is, in words of both languages.
    fn so_far(&self) -> (String, String);

    /// Asks it to stop.
    fn stop(&self);

    /// What becomes of it when it is stopped.
    fn stopping(&self) -> (&'static str, &'static str);
}

impl Watched for Progress {
    fn share(&self) -> f64 {
        self.share()
    }

    fn so_far(&self) -> (String, String) {
        let n_rows = self.rows_done();
        (format!("{n_rows}행"), format!("{n_rows} rows"))
    }

    fn stop(&self) {
        self.cancel.cancel();
    }

    fn stopping(&self) -> (&'static str, &'static str) {
        ("멈추는 중입니다. 저장한 부분은 남습니다.", "Stopping. What was stored stays.")
    }
}

impl Watched for Cancel {
    fn share(&self) -> f64 {
        let (n_done, n_buckets) = self.buckets();
        n_done as f64 / n_buckets.max(1) as f64
    }

    fn so_far(&self) -> (String, String) {
        let (n_done, n_buckets) = self.buckets();
        (format!("사람 묶음 {n_done}/{n_buckets}"), format!("{n_done} of {n_buckets} buckets of people"))
    }

    fn stop(&self) {
        self.cancel();
    }

    fn stopping(&self) -> (&'static str, &'static str) {
        ("멈추는 중입니다.", "Stopping.")
    }
}

/// Done when the user presses Ctrl-C or the system asks the process to end.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
