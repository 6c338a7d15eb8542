//! System calls of a process, read from the output of
//! `strace -f -yy -xx -s … -e trace=`[`CALLS`]` -o FILE`.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// What to record. Calls that could change a file without telling its content are in the list so that
/// [`read`] refuses them instead of missing them.
pub const CALLS: &str = "open,openat,creat,close,lseek,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,\
    truncate,ftruncate,fallocate,fsync,fdatasync,sync_file_range,syncfs,rename,renameat,renameat2,link,linkat,\
    unlink,unlinkat,mkdir,mkdirat,rmdir,mmap,copy_file_range,sendfile,splice,symlink,symlinkat";

/// One call that matters, in the order of their beginnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it began; a position in the trace.
    pub began: u64,
    /// When it ended; `None` if the process ended first.
    pub ended: Option<u64>,
    /// What it did.
    pub what: What,
}

/// What a call did. Paths are below the folder that was watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A file was made.
    Create(PathBuf),
    /// A folder was made.
    MakeFolder(PathBuf),
    /// Bytes were written at an offset; `None` is the end of the file.
    Write(PathBuf, Option<u64>, Vec<u8>),
    /// A file was cut or stretched to a length.
    Resize(PathBuf, u64),
    /// A file or folder was flushed.
    Sync(PathBuf),
    /// A flush failed. What it should have flushed never reaches the disk for certain, whatever later flushes say:
    /// so does Linux, which takes the pages for clean after it told of the failure once.
    SyncFailed(PathBuf),
    /// A name was changed, replacing what bore the new one.
    Rename(PathBuf, PathBuf),
    /// A name was taken away.
    Remove(PathBuf),
    /// An HTTP answer was sent: the client's port, and the status.
    Answer(u16, u16),
    /// Something was written to standard output.
    Told,
}

/// A trace that cannot be replayed: a call this module does not know the effect of, or a line it cannot read.
#[derive(Debug)]
pub struct Unknown(pub String);

/// Reads a trace. Only files below `root` and answers to TCP clients are kept.
pub fn read(text: &str, root: &Path) -> Result<Vec<Step>, Unknown> {
    let mut reader = Reader { root, offsets: HashMap::new(), steps: Vec::new() };
    let mut begun: HashMap<&str, (u64, &str)> = HashMap::new();
    for (line_number, line) in text.lines().enumerate() {
        let at = 2 * line_number as u64;
        let Some((thread, line)) = line.trim_start().split_once(' ') else { continue };
        let line = line.trim_start();
        if line.starts_with("---") || line.starts_with("+++") {
            continue;
        }
        // A thread that was killed inside its call is let go in the middle of the line.
        let begun_only = [" <unfinished ...>", " <detached ...>"];
        if let Some(head) = begun_only.iter().find_map(|end| line.strip_suffix(end)) {
            if head.starts_with("close(") {
                // The number is free from the beginning of the call: another thread may get it before the end.
                reader.call(&format!("{head}) = 0"), at, Some(at + 1))?;
            }
            begun.insert(thread, (at, head));
        } else if line.starts_with("<... ") {
            let (began, head) =
                begun.remove(thread).ok_or_else(|| unknown("an end without a beginning", line))?;
            if head.starts_with("close(") {
                continue;
            }
            let (_, tail) = line.split_once("resumed>").ok_or_else(|| unknown("a broken line", line))?;
            reader.call(&format!("{head}{tail}"), began, Some(at + 1))?;
        } else {
            reader.call(line, at, Some(at + 1))?;
        }
    }
    for (began, head) in begun.into_values().filter(|(_, head)| !head.starts_with("close(")) {
        reader.call(&format!("{head}) = ?"), began, None)?;
    }
    reader.steps.sort_by_key(|step| step.began);
    Ok(reader.steps)
}

fn unknown(what: &str, line: &str) -> Unknown {
    Unknown(format!("{what}: {}", line.chars().take(300).collect::<String>()))
}

struct Reader<'a> {
    root: &'a Path,
    /// Of each descriptor on a file below the root: where the next `write` goes; `None` is the end.
    offsets: HashMap<u32, Option<u64>>,
    steps: Vec<Step>,
}

impl Reader<'_> {
    fn call(&mut self, line: &str, began: u64, mut ended: Option<u64>) -> Result<(), Unknown> {
        let (name, rest) = line.split_once('(').ok_or_else(|| unknown("a broken line", line))?;
        let mut ends = rest.rmatch_indices(") ").filter_map(|(at, end)| {
            Some((&rest[..at], rest[at + end.len()..].trim_start().strip_prefix("= ")?))
        });
        let (args, result) = ends.next().ok_or_else(|| unknown("a broken line", line))?;
        let args = split(args);
        let result: Option<i64> = match result.split([' ', '<']).next() {
            // Killed in the call: it may have taken effect before, an answer may even have arrived.
            Some("?") => {
                ended = None;
                None
            }
            Some(number) => Some(integer(number).ok_or_else(|| unknown("a broken result", line))?),
            None => return Err(unknown("no result", line)),
        };
        if result.is_some_and(|result| result < 0) {
            if let ("fsync" | "fdatasync", Some(path)) = (name, args.first().and_then(|arg| self.file(arg))) {
                self.steps.push(Step { began, ended, what: What::SyncFailed(path) });
            }
            return Ok(());
        }
        match self.effects(name, &args, result) {
            Some(effects) => self.steps.extend(effects.into_iter().map(|what| Step { began, ended, what })),
            // Killed in the call, before its data could be read. A cut that it had no effect on is possible.
            None if ended.is_none() => {}
            None => return Err(unknown("an unknown effect", line)),
        }
        Ok(())
    }

    /// What a call that succeeded (or never ended: no result) did; `None` if that cannot be known.
    fn effects(&mut self, name: &str, args: &[&str], result: Option<i64>) -> Option<Vec<What>> {
        Some(match name {
            "open" => self.open(None, args, 0, result)?,
            "openat" => self.open(Some(args.first()?), args, 1, result)?,
            "close" => {
                self.offsets.remove(&descriptor(args.first()?)?);
                Vec::new()
            }
            "lseek" => {
                // Of a file that is only added to, the next write goes to the end all the same.
                if let Some(Some(offset)) = self.offsets.get_mut(&descriptor(args.first()?)?) {
                    *offset = result?.try_into().ok()?;
                }
                Vec::new()
            }
            "write" | "writev" | "sendto" | "sendmsg" => self.write(name, args, result)?,
            "pwrite64" | "pwritev" | "pwritev2" => match self.file(args.first()?) {
                Some(path) => {
                    let data = payload(args[1], result)?;
                    vec![What::Write(path, Some(args.get(3)?.parse().ok()?), data)]
                }
                None => Vec::new(),
            },
            "ftruncate" => match self.file(args.first()?) {
                Some(path) => vec![What::Resize(path, args[1].parse().ok()?)],
                None => Vec::new(),
            },
            "fsync" | "fdatasync" => self.file(args.first()?).map(What::Sync).into_iter().collect(),
            "rename" | "renameat" | "renameat2" => self.rename(name, args)?,
            "unlink" | "rmdir" => self.below(None, args[0]).map(What::Remove).into_iter().collect(),
            "unlinkat" => self.below(Some(args[0]), args[1]).map(What::Remove).into_iter().collect(),
            "mkdir" => self.below(None, args[0]).map(What::MakeFolder).into_iter().collect(),
            "mkdirat" => self.below(Some(args[0]), args[1]).map(What::MakeFolder).into_iter().collect(),
            "mmap" => {
                let writes = args.get(2)?.contains("PROT_WRITE") && args.get(3)?.contains("MAP_SHARED");
                let file = self.file(args.get(4)?);
                // SQLite's index of its write-ahead log is made anew after a power cut.
                if writes && file.is_some_and(|file| !file.to_string_lossy().ends_with("-shm")) {
                    return None;
                }
                Vec::new()
            }
            // A hint, no promise: a power cut may lose what it wrote.
            "sync_file_range" => Vec::new(),
            // Anything else on a file of ours has an effect that is not modelled.
            _ => {
                let ours = |arg: &&str| self.file(arg).is_some() || self.below(None, arg).is_some();
                return (!args.iter().any(ours)).then(Vec::new);
            }
        })
    }

    fn open(
        &mut self,
        folder: Option<&str>,
        args: &[&str],
        at: usize,
        result: Option<i64>,
    ) -> Option<Vec<What>> {
        let Some(path) = self.below(folder, args.get(at)?) else { return Some(Vec::new()) };
        let flags: Vec<&str> = args.get(at + 1)?.split('|').collect();
        if let Some(fd) = result {
            let at_end = flags.contains(&"O_APPEND");
            self.offsets.insert(fd.try_into().ok()?, (!at_end).then_some(0));
        }
        if flags.contains(&"O_TMPFILE") {
            return None;
        }
        let mut effects = Vec::new();
        if flags.contains(&"O_CREAT") {
            effects.push(What::Create(path.clone())); // Of what exists already, no effect.
        }
        if flags.contains(&"O_TRUNC") {
            effects.push(What::Resize(path, 0));
        }
        Some(effects)
    }

    fn write(&mut self, name: &str, args: &[&str], result: Option<i64>) -> Option<Vec<What>> {
        let target = args.first()?;
        if let Some(port) = client_port(target) {
            let data = payload(args.get(1)?, result)?;
            let status = data.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
            let status = status.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            return Some(status.map(|status| What::Answer(port, status)).into_iter().collect());
        }
        let Some(path) = self.file(target) else {
            return Some(if descriptor(target) == Some(1) { vec![What::Told] } else { Vec::new() });
        };
        if name.starts_with("send") {
            return None;
        }
        let data = payload(args.get(1)?, result)?;
        let offset = self.offsets.get_mut(&descriptor(target)?)?;
        let at = *offset;
        *offset = at.map(|at| at + data.len() as u64);
        Some(vec![What::Write(path, at, data)])
    }

    fn rename(&self, name: &str, args: &[&str]) -> Option<Vec<What>> {
        let (from, to) = match name {
            "rename" => (self.below(None, args[0]), self.below(None, args.get(1)?)),
            _ => (self.below(Some(args[0]), args[1]), self.below(Some(args.get(2)?), args.get(3)?)),
        };
        match (from, to) {
            (Some(from), Some(to)) if args.get(4).is_none_or(|flags| *flags == "0") => {
                Some(vec![What::Rename(from, to)])
            }
            (None, None) => Some(Vec::new()),
            _ => None,
        }
    }

    /// The path below the root behind a descriptor such as `9<\x2f…>`; of a file without a name, none.
    fn file(&self, arg: &str) -> Option<PathBuf> {
        descriptor(arg)?;
        let path = arg.split_once('<')?.1.strip_suffix('>')?;
        let path = PathBuf::from(String::from_utf8(unhex(path)?).ok()?);
        Some(path.strip_prefix(self.root).ok()?.to_owned())
    }

    /// The path below the root of a quoted name, which may start at a descriptor such as `AT_FDCWD<\x2f…>`.
    fn below(&self, folder: Option<&str>, arg: &str) -> Option<PathBuf> {
        let name = arg.strip_prefix('"')?.strip_suffix('"')?;
        let name = PathBuf::from(String::from_utf8(unhex(name)?).ok()?);
        let start = folder.and_then(|folder| {
            let path = folder.split_once('<')?.1.strip_suffix('>')?;
            String::from_utf8(unhex(path)?).ok()
        });
        let path = PathBuf::from(start.unwrap_or_default()).join(name);
        let plain: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
        Some(plain.strip_prefix(self.root).ok()?.to_owned())
    }
}

/// Arguments between top-level commas. All texts are hexadecimal, so brackets are only structure.
fn split(args: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0_i32, 0, Vec::new());
    let bytes = args.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        match byte {
            b'[' | b'{' | b'<' => depth += 1,
            b']' | b'}' => depth -= 1,
            // The arrow in the name of a connection is no bracket.
            b'>' if i == 0 || bytes[i - 1] != b'-' => depth -= 1,
            b',' if depth == 0 => {
                out.push(args[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    out.push(args[start..].trim());
    out
}

fn descriptor(arg: &str) -> Option<u32> {
    arg.split('<').next()?.parse().ok()
}

/// The port at the other end of `6<TCP:[127.0.0.1:42811->127.0.0.1:43804]>`.
fn client_port(arg: &str) -> Option<u16> {
    let (_, socket) = arg.split_once("<TCP")?;
    socket.split_once("->")?.1.strip_suffix("]>")?.rsplit_once(':')?.1.parse().ok()
}

/// The bytes of `"\x68\x65…"` or of a list of `{iov_base="…", iov_len=…}`, as many as were taken.
fn payload(arg: &str, taken: Option<i64>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (i, piece) in arg.split('"').enumerate() {
        match i % 2 {
            1 => bytes.extend(unhex(piece)?),
            _ if piece.starts_with("...") => return None, // Cut off by strace.
            _ => {}
        }
    }
    if let Some(taken) = taken {
        let taken = usize::try_from(taken).ok()?;
        if taken > bytes.len() {
            return None;
        }
        bytes.truncate(taken);
    }
    Some(bytes)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    for piece in text.as_bytes().chunks(4) {
        let [b'\\', b'x', high, low] = piece else { return None };
        let digit = |byte: u8| (byte as char).to_digit(16);
        bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
    }
    Some(bytes)
}

fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        // Addresses: all that matters is that the call went well.
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|address| (address >> 1).cast_signed()),
        None => text.parse().ok(),
    }
}
