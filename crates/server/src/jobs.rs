//! Imports in the background of a server: started by a request, watched by others, ended by themselves.

use crate::api::{ImportState, ImportView};
use crate::app::{App, meta_failure};
use crate::auth::session::new_token;
use crate::failure::{Class, Failure, Result};
use crate::uploads;
use engine::EngineError;
use engine::import::{ImportReport, ImportRequest, Progress};
use model::mapping::Mapping;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why an import that nobody ended stopped, as the ledger holds it.
pub const INTERRUPTED: &str = "interrupted";
/// Jobs that are over and still told of; older ones stand in the ledger.
const KEPT: usize = 100;
/// Ledger rows in the list.
const LEDGER_ROWS: u32 = 200;

/// The imports since the server started, oldest first.
#[derive(Default)]
pub struct Jobs(Mutex<Vec<Arc<Job>>>);

/// One import.
pub struct Job {
    /// Its id.
    pub id: String,
    file: String,
    mapping: String,
    rejects: PathBuf,
    progress: Progress,
    started_us: i64,
    over: Mutex<Option<Over>>,
}

struct Over {
    ended_us: i64,
    outcome: Result<ImportReport, Failure>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Jobs {
    /// Begins an import of an upload in the background.
    pub async fn start(&self, app: &App, upload: meta::Upload, mapping: Mapping) -> Result<Arc<Job>> {
        let file = uploads::stage(app, &upload, Some(&mapping)).await?;
        let folder = app.engine.dir.join("rejects");
        tokio::fs::create_dir_all(&folder).await.map_err(|error| Failure::io(&folder, &error))?;
        let id = new_token();
        let job = Arc::new(Job {
            file: upload.file_name.clone(),
            mapping: mapping.key.to_string(),
            rejects: folder.join(format!("{id}.csv")),
            id,
            progress: Progress::default(),
            started_us: app.engine.clock.now_us(),
            over: Mutex::new(None),
        });
        {
            let mut jobs = locked(&self.0);
            if jobs.len() >= KEPT {
                let n_extra = jobs.len() + 1 - KEPT;
                let mut n_dropped = 0;
                jobs.retain(|job| {
                    let drop = n_dropped < n_extra && job.is_over();
                    n_dropped += usize::from(drop);
                    !drop
                });
            }
            jobs.push(job.clone());
        }
        let (app, running) = (app.clone(), job.clone());
        tokio::spawn(async move { running.run(&app, file, upload, mapping).await });
        Ok(job)
    }

    /// One import.
    pub fn find(&self, id: &str) -> Result<Arc<Job>> {
        let found = locked(&self.0).iter().find(|job| job.id == id).cloned();
        found.ok_or_else(|| {
            Failure::say(
                Class::NotFound,
                "import.unknown",
                ("그 가져오기는 없습니다.", "There is no such import."),
                ("목록에서 고르세요.", "Choose one from the list."),
            )
        })
    }

    /// All imports, newest first: those of this server, then those of the ledger that came before.
    pub async fn list(&self, app: &App) -> Result<Vec<ImportView>> {
        let ledger = app.engine.meta.imports(LEDGER_ROWS).await.map_err(meta_failure)?;
        let mut views: Vec<ImportView> = locked(&self.0).iter().map(|job| job.view()).collect();
        let oldest_us = views.iter().map(|view| view.started_us).min().unwrap_or(i64::MAX);
        // The server has the folder to itself: whatever began since its first job is one of its jobs.
        views.extend(ledger.into_iter().filter(|row| row.started_us < oldest_us).map(of_ledger));
        views.sort_by_key(|view| std::cmp::Reverse(view.started_us));
        Ok(views)
    }

    /// Asks all imports at work to stop, for the end of the server.
    pub fn cancel_all(&self) {
        locked(&self.0).iter().for_each(|job| job.cancel());
    }

    /// Whether an import is at work.
    pub fn any_running(&self) -> bool {
        locked(&self.0).iter().any(|job| !job.is_over())
    }
}

impl Job {
    async fn run(&self, app: &App, file: PathBuf, upload: meta::Upload, mapping: Mapping) {
        let request =
            ImportRequest { file, name: self.file.clone(), mapping, rejects: Some(self.rejects.clone()) };
        let engine = app.engine.clone();
        let progress = self.progress.clone();
        // A task of its own, so that a panic ends this import and nothing else.
        let work = tokio::spawn(async move { engine::import::run(&engine, request, &progress).await });
        let outcome = match work.await {
            Ok(outcome) => outcome,
            Err(panic) => Err(EngineError::Internal(panic.to_string())),
        };
        if outcome.is_ok()
            && let Err(failure) = uploads::remove(app, &upload).await
        {
            tracing::warn!(?failure, "an imported upload could not be removed");
        }
        let outcome = outcome.map_err(Failure::from);
        *locked(&self.over) = Some(Over { ended_us: app.engine.clock.now_us(), outcome });
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.progress.cancel.cancel();
    }

    fn is_over(&self) -> bool {
        locked(&self.over).is_some()
    }

    /// The file with the rows it refused, once it is over and there are any.
    pub fn rejects(&self) -> Option<&PathBuf> {
        let over = locked(&self.over);
        let has_rejects = match &over.as_ref()?.outcome {
            Ok(report) => report.rejects.is_some(),
            Err(_) => self.rejects.exists(),
        };
        has_rejects.then_some(&self.rejects)
    }

    /// How far it is.
    pub fn view(&self) -> ImportView {
        let mut view = ImportView {
            id: self.id.clone(),
            file: self.file.clone(),
            mapping: self.mapping.clone(),
            state: ImportState::Running,
            bytes_total: self.progress.bytes_total(),
            bytes_read: self.progress.bytes_done(),
            n_rows: self.progress.rows_done(),
            n_added: 0,
            n_duplicates: 0,
            n_rejected: 0,
            n_skipped: 0,
            started_us: self.started_us,
            ended_us: None,
            has_rejects: self.rejects().is_some(),
            warnings: Vec::new(),
            problem: None,
        };
        let over = locked(&self.over);
        let Some(over) = over.as_ref() else { return view };
        view.ended_us = Some(over.ended_us);
        match &over.outcome {
            Ok(report) => {
                view.state = ImportState::Done;
                view.n_rows = report.n_rows;
                view.n_added = report.n_added;
                view.n_duplicates = report.n_duplicates;
                view.n_rejected = report.n_rejected;
                view.n_skipped = report.n_skipped;
                view.warnings.clone_from(&report.warnings);
            }
            Err(failure) if failure.class() == Class::Cancelled => view.state = ImportState::Cancelled,
            Err(failure) => {
                view.state = ImportState::Failed;
                view.problem = failure.problems().first().cloned();
            }
        }
        view
    }
}

fn of_ledger(row: meta::Import) -> ImportView {
    let state = match row.state {
        meta::ImportState::Running => ImportState::Running,
        meta::ImportState::Done => ImportState::Done,
        meta::ImportState::Failed => ImportState::Failed,
        meta::ImportState::Cancelled => ImportState::Cancelled,
    };
    let problem = row.error.map(|reason| {
        let words = if reason == INTERRUPTED {
            (
                "프로그램이 끝나 중간에 멈추었습니다.".to_owned(),
                "The program ended before it was done.".to_owned(),
            )
        } else {
            (reason.clone(), reason)
        };
        model::Problem::error(
            "import.failed",
            words,
            (
                "같은 파일을 다시 가져오면 멈춘 곳부터 이어집니다.",
                "Import the same file again: it goes on where it stopped.",
            ),
        )
    });
    ImportView {
        id: format!("ledger-{}", row.id),
        file: row.file_name,
        mapping: row.mapping,
        state,
        bytes_total: row.size_bytes,
        bytes_read: if row.state == meta::ImportState::Done { row.size_bytes } else { 0 },
        n_rows: row.n_lines,
        n_added: row.n_added,
        n_duplicates: row.n_duplicate,
        n_rejected: row.n_rejected,
        n_skipped: 0,
        started_us: row.started_us,
        ended_us: row.finished_us,
        has_rejects: false,
        warnings: Vec::new(),
        problem,
    }
}
