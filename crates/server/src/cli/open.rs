//! The data folder of a command.

use crate::app::meta_failure;
use crate::failure::{Class, Failure, Result};
use crate::jobs::INTERRUPTED;
use crate::system;
use engine::Engine;
use engine::verify;
use model::Problem;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// How long the end of a command waits for the database.
const CLOSE_AFTER: Duration = Duration::from_secs(5);

/// A note of a running server with its address, for the message of those who find the folder locked.
const NOTE: &str = "serving";

/// The data folder as named on the command line.
pub struct Folder {
    /// Where.
    pub dir: PathBuf,
    /// Threads asked for.
    pub threads: Option<usize>,
    opened: OnceLock<meta::Meta>,
}

impl Folder {
    /// A folder that nothing has looked at yet.
    pub fn new(dir: PathBuf, threads: Option<usize>) -> Self {
        Self { dir, threads, opened: OnceLock::new() }
    }

    /// Closes the database if a command opened it, so that all of it is in its one file when the process has ended.
    pub async fn close(&self) {
        if let Some(meta) = self.opened.get()
            && tokio::time::timeout(CLOSE_AFTER, meta.close()).await.is_err()
        {
            tracing::debug!("the database is still in use by work that was cancelled");
        }
    }

    /// Threads of one scan.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from))
    }

    /// Opens the folder, making a new workspace where there is none.
    pub async fn open_or_make(&self) -> Result<Engine> {
        self.open_or_make_with(store::Options::default()).await
    }

    /// As [`Folder::open_or_make`], with other limits of the events that are not in parts yet.
    pub async fn open_or_make_with(&self, tail: store::Options) -> Result<Engine> {
        let opened = Engine::open_with(&self.dir, system::wall_clock(), self.threads(), tail).await;
        let engine = opened.map_err(|error| self.explain(error.into()))?;
        let _ = self.opened.set(engine.meta.clone());
        // The folder is ours alone, so an import at work is none of this life.
        let now_us = engine.clock.now_us();
        engine.meta.stop_running_imports(INTERRUPTED, now_us).await.map_err(meta_failure)?;
        Ok(engine)
    }

    /// Opens a workspace that exists.
    pub async fn open(&self) -> Result<Engine> {
        self.must_exist()?;
        self.open_or_make().await
    }

    /// Refuses a folder that holds no workspace.
    pub fn must_exist(&self) -> Result<()> {
        if verify::holds_data(&self.dir) {
            return Ok(());
        }
        let dir = self.dir.display();
        Err(Failure::say(
            Class::NotFound,
            "folder.empty",
            (
                format!("폴더 {dir}에는 Gilmok 데이터가 없습니다."),
                format!("The folder {dir} holds no Gilmok data."),
            ),
            (
                "`--data`로 다른 폴더를 고르거나, `gilmok demo`나 `gilmok import`로 시작하세요.",
                "Choose another folder with `--data`, or begin with `gilmok demo` or `gilmok import`.",
            ),
        ))
    }

    /// Where another process has the folder, says how to go on.
    pub fn explain(&self, failure: Failure) -> Failure {
        if failure.class() != Class::Locked {
            return failure;
        }
        let dir = self.dir.display();
        let message = (
            format!("다른 gilmok이 데이터 폴더 {dir}을(를) 쓰고 있습니다."),
            format!("Another gilmok is using the data folder {dir}."),
        );
        let remedy = match std::fs::read_to_string(self.dir.join(NOTE)) {
            Ok(url) => (
                format!(
                    "{url} 화면이나 API에서 같은 일을 하거나, 그 서버를 멈춘 뒤 다시 실행하세요.",
                    url = url.trim()
                ),
                format!(
                    "Do the same in the browser or over the API at {url}, or stop that server and run this again.",
                    url = url.trim()
                ),
            ),
            Err(_) => (
                "그 프로그램이 끝난 뒤 다시 실행하거나 `--data`로 다른 폴더를 고르세요.".to_owned(),
                "Run this again when that program is done, or choose another folder with `--data`."
                    .to_owned(),
            ),
        };
        Failure::new(Class::Locked, Problem::error("folder.locked", message, remedy))
    }
}

/// The note of a running server; gone with it.
pub struct Note(PathBuf);

impl Note {
    /// Leaves the address in the folder. A folder that cannot be written to only loses the hint.
    pub fn leave(dir: &Path, url: &str) -> Self {
        let path = dir.join(NOTE);
        if let Err(error) = std::fs::write(&path, format!("{url}\n")) {
            tracing::warn!(%error, "the note of the running server could not be left");
        }
        Self(path)
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
