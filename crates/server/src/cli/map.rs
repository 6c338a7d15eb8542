//! `gilmok map`: a map as a file.

use super::open::Folder;
use super::terminal::Terminal;
use crate::api::{CompareWith, ExportFormat, ExportQuery, Sheet};
use crate::export;
use crate::failure::{Class, Failure, Result};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use model::{Key, Lang};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use store::Cancel;

/// Arguments of `gilmok map`.
#[derive(Debug, Args)]
pub struct MapArgs {
    /// Key of the map.
    #[arg(value_parser = read_key)]
    key: Key,
    /// Kind of file.
    #[arg(long, value_enum, default_value_t)]
    format: ExportFormat,
    /// File to write; standard output when absent.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// First day, YYYY-MM-DD.
    #[arg(long, requires = "to", value_name = "DAY")]
    from: Option<Date>,
    /// Last day.
    #[arg(long, requires = "from", value_name = "DAY")]
    to: Option<Date>,
    /// The last so many days of the data: 30d.
    #[arg(long, conflicts_with = "from", value_name = "DAYS")]
    last: Option<Duration>,
    /// Key of a segment.
    #[arg(long, value_name = "KEY", value_parser = read_key)]
    segment: Option<Key>,
    /// Key of a persona.
    #[arg(long, value_name = "KEY", value_parser = read_key)]
    persona: Option<Key>,
    /// What the numbers are compared with.
    #[arg(long, value_enum, default_value_t)]
    compare: Against,
    /// Sheet of SVG, PNG and PDF.
    #[arg(long, value_enum, default_value_t)]
    paper: Sheet,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Against {
    /// Nothing.
    #[default]
    None,
    /// The period of the same length just before.
    Previous,
}

/// Writes a map.
pub async fn map(folder: &Folder, args: MapArgs, lang: Option<Lang>, terminal: Terminal) -> Result<()> {
    let is_binary = matches!(args.format, ExportFormat::Png | ExportFormat::Pdf);
    if is_binary && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err(Failure::say(
            Class::Invalid,
            "map.binary",
            ("그림을 화면에 글자로 쓸 수는 없습니다.", "A picture cannot be written to a terminal."),
            ("`-o 파일`을 더하세요.", "Add `-o FILE`."),
        ));
    }
    let compare = match args.compare {
        Against::None => CompareWith::None,
        Against::Previous => CompareWith::Previous,
    };
    let query = ExportQuery {
        // `--json` is the short way to the numbers.
        format: if terminal.json && args.output.is_none() { ExportFormat::Json } else { args.format },
        lang,
        paper: args.paper,
        from: args.from,
        to: args.to,
        last: args.last,
        segment: args.segment,
        persona: args.persona,
        compare,
        ..ExportQuery::default()
    };
    let engine = folder.open().await?;
    let bytes = export::map_file(&engine, args.key, &query, &Cancel::default()).await?;
    let Some(path) = args.output.filter(|path| path.as_os_str() != "-") else {
        return terminal.print_bytes(&bytes);
    };
    let mut whole = Whole::begin(&path)?;
    whole.add(&bytes)?;
    written(&path, whole.finish()?, terminal)
}

/// Tells of a file that was written.
pub(super) fn written(path: &Path, n_bytes: u64, terminal: Terminal) -> Result<()> {
    if terminal.json {
        let file = path.display().to_string();
        return terminal.print_json(&serde_json::json!({ "file": file, "bytes": n_bytes }));
    }
    terminal.say(format!("{}에 썼습니다.", path.display()), format!("Written to {}.", path.display()));
    Ok(())
}

/// A file that appears whole or not at all: whoever has the old one open keeps it.
pub(super) struct Whole {
    path: PathBuf,
    file: tempfile::NamedTempFile,
    n_bytes: u64,
}

impl Whole {
    /// Begins beside the file, so that it only needs a new name at the end.
    pub fn begin(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::io(path, &error))?;
        Ok(Self { path: path.to_owned(), file, n_bytes: 0 })
    }

    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.n_bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Failure::io(&self.path, &error))
    }

    /// Gives the file its name; how many bytes it has.
    pub fn finish(self) -> Result<u64> {
        let failed = |error: std::io::Error| Failure::io(&self.path, &error);
        // A temporary file is for its owner alone; the finished one is an ordinary file.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let ordinary = std::fs::Permissions::from_mode(0o644);
            self.file.as_file().set_permissions(ordinary).map_err(failed)?;
        }
        self.file.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(self.n_bytes)
    }
}

fn read_key(text: &str) -> Result<Key, model::key::BadKey> {
    Key::new(text)
}
