//! Backups that a running server takes of its own folder: one at a time, in the background, into `backups/`.

use crate::app::App;
use crate::failure::{Class, Failure, Result};
use engine::EngineError;
use engine::backup::{Manifest, Moved};
use engine::import::Progress;
use model::Problem;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use utoipa::ToSchema;

/// Folder of the backups inside the data folder.
const FOLDER: &str = "backups";

/// The backups begun since the server started, oldest first.
#[derive(Default)]
pub struct Backups(Mutex<Vec<Arc<Job>>>);

/// One backup.
struct Job {
    name: String,
    began_us: i64,
    progress: Progress,
    over: Mutex<Option<Result<Moved, Failure>>>,
}

/// A backup, at work or over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BackupView {
    /// Its name, which is that of its folder.
    pub name: String,
    /// Where it stands.
    pub state: BackupState,
    /// When it began, microseconds.
    pub made_us: i64,
    /// Files in it.
    pub n_files: u64,
    /// Bytes in it.
    pub size_bytes: u64,
    /// While at work: bytes of events read so far.
    pub bytes_done: u64,
    /// While at work: bytes of events to read, 0 while unknown.
    pub bytes_total: u64,
    /// Why it failed.
    pub problem: Option<Problem>,
}

/// Where a backup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BackupState {
    /// At work.
    Running,
    /// On disk, all of it.
    Done,
    /// Not made.
    Failed,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Backups {
    /// Begins a backup in the background and returns its name.
    ///
    /// Errors: another one is at work.
    pub fn start(&self, app: &App) -> Result<String> {
        let now_us = app.engine.clock.now_us();
        let job = {
            let mut jobs = locked(&self.0);
            if let Some(running) = jobs.iter().find(|job| locked(&job.over).is_none()) {
                return Err(busy(&running.name));
            }
            let name = free_name(app, now_us)?;
            let job = Arc::new(Job {
                name,
                began_us: now_us,
                progress: Progress::default(),
                over: Mutex::new(None),
            });
            jobs.push(job.clone());
            job
        };
        let (app, running) = (app.clone(), job.clone());
        tokio::spawn(async move {
            let outcome = running.run(&app).await;
            *locked(&running.over) = Some(outcome);
        });
        Ok(job.name.clone())
    }

    /// All backups, newest first: those on disk, the one at work, those that failed since the server started.
    pub fn list(&self, app: &App) -> Result<Vec<BackupView>> {
        let mut views: Vec<BackupView> = locked(&self.0).iter().filter_map(|job| job.view()).collect();
        let folder = app.engine.dir.join(FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(views),
            Err(error) => return Err(Failure::io(&folder, &error)),
        };
        for entry in entries {
            let path = entry.map_err(|error| Failure::io(&folder, &error))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !path.is_dir() || name.ends_with(".unfinished") || views.iter().any(|view| view.name == name) {
                continue;
            }
            views.push(match Manifest::read(&path) {
                Ok(manifest) => BackupView {
                    state: BackupState::Done,
                    made_us: manifest.made_us,
                    n_files: manifest.files.len() as u64,
                    size_bytes: manifest.size_bytes(),
                    ..nothing(name)
                },
                Err(error) => BackupView { problem: error.problems().0.into_iter().next(), ..nothing(name) },
            });
        }
        views.sort_by(|a, b| (b.made_us, &b.name).cmp(&(a.made_us, &a.name)));
        Ok(views)
    }

    /// Asks the one at work to stop, for the end of the server.
    pub fn cancel_all(&self) {
        locked(&self.0).iter().for_each(|job| job.progress.cancel.cancel());
    }
}

impl Job {
    async fn run(&self, app: &App) -> Result<Moved> {
        let folder = app.engine.dir.join(FOLDER);
        tokio::fs::create_dir_all(&folder).await.map_err(|error| Failure::io(&folder, &error))?;
        let (dir, out): (PathBuf, PathBuf) = (app.engine.dir.clone(), folder.join(&self.name));
        let (began_us, progress) = (self.began_us, self.progress.clone());
        // A task of its own, so that a panic ends this backup and nothing else.
        let work = tokio::spawn(async move { engine::backup::backup(&dir, &out, began_us, &progress).await });
        let outcome = work.await.unwrap_or_else(|panic| Err(EngineError::Internal(panic.to_string())));
        outcome.map_err(Failure::from)
    }

    /// How far it is; a finished one is told of by its manifest on disk.
    fn view(&self) -> Option<BackupView> {
        let over = locked(&self.over);
        let view = BackupView { made_us: self.began_us, ..nothing(self.name.clone()) };
        match over.as_ref() {
            None => Some(BackupView {
                state: BackupState::Running,
                bytes_done: self.progress.bytes_done(),
                bytes_total: self.progress.bytes_total(),
                ..view
            }),
            Some(Ok(_)) => None,
            Some(Err(failure)) => Some(BackupView { problem: failure.problems().first().cloned(), ..view }),
        }
    }
}

fn nothing(name: String) -> BackupView {
    BackupView {
        name,
        state: BackupState::Failed,
        made_us: 0,
        n_files: 0,
        size_bytes: 0,
        bytes_done: 0,
        bytes_total: 0,
        problem: None,
    }
}

/// The time as a name, with a number behind it where that is taken.
fn free_name(app: &App, now_us: i64) -> Result<String> {
    let time = jiff::Timestamp::from_microsecond(now_us).map_err(Failure::internal)?;
    let name = time.strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    let folder = app.engine.dir.join(FOLDER);
    let names = std::iter::once(name.clone()).chain((2..).map(|n: u32| format!("{name}-{n}")));
    let mut free = names.filter(|name| !folder.join(name).exists());
    free.next().ok_or_else(|| Failure::internal("no free name for a backup"))
}

fn busy(name: &str) -> Failure {
    Failure::say(
        Class::Conflict,
        "backup.running",
        (
            format!("백업 `{name}`이(가) 아직 진행 중입니다."),
            format!("The backup `{name}` is still at work."),
        ),
        ("끝난 뒤에 다시 시작하세요.", "Start another when it is done."),
    )
}
