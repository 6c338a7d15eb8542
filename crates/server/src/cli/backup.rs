//! `gilmok backup` and `gilmok restore`.

use super::open::Folder;
use super::terminal::Terminal;
use crate::failure::{Failure, Result};
use crate::system;
use clap::Args;
use engine::import::Progress;
use std::path::PathBuf;

/// Arguments of `gilmok backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
A server may go on working in the folder. The backup holds everything that was acknowledged before it began, and
appears under its name only when all of it is on disk. Files of events are hard links where the disk allows it: for
safety against the loss of a disk, write to another one.")]
pub struct BackupArgs {
    /// A folder that does not exist or is empty.
    #[arg(value_name = "OUT")]
    out: PathBuf,
}

/// Arguments of `gilmok restore`.
#[derive(Debug, Args)]
#[command(after_help = "\
The folder named by --data must not exist or be empty. Every byte is compared with the backup's manifest; when one
differs, nothing is restored.")]
pub struct RestoreArgs {
    /// The backup.
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
}

/// Takes a backup.
pub async fn backup(folder: &Folder, args: BackupArgs, terminal: Terminal) -> Result<()> {
    folder.must_exist()?;
    let progress = Progress::default();
    let now_us = system::wall_clock().now_us();
    let work = engine::backup::backup(&folder.dir, &args.out, now_us, &progress);
    let moved = terminal.watch(terminal.choose("백업", "backup"), &progress, work).await?;
    if terminal.json {
        return terminal.print_json(&moved);
    }
    let (path, n_files, size_bytes) = (moved.path.display(), moved.n_files, moved.size_bytes);
    terminal.print(&terminal.choose(
        format!("백업했습니다: {path}, 파일 {n_files}개, {size_bytes}바이트.\n"),
        format!("The backup is in {path}: {n_files} files, {size_bytes} bytes.\n"),
    ))
}

/// Makes a folder from a backup.
pub async fn restore(folder: &Folder, args: RestoreArgs, terminal: Terminal) -> Result<()> {
    let dir = folder.dir.clone();
    let work = tokio::task::spawn_blocking(move || engine::backup::restore(&args.backup, &dir));
    let moved = work.await.map_err(Failure::internal)??;
    if terminal.json {
        return terminal.print_json(&moved);
    }
    let (path, n_files, size_bytes) = (moved.path.display(), moved.n_files, moved.size_bytes);
    terminal.print(&terminal.choose(
        format!("되돌렸습니다: {path}, 파일 {n_files}개, {size_bytes}바이트.\n"),
        format!("Restored into {path}: {n_files} files, {size_bytes} bytes.\n"),
    ))
}
