//! A folder on a disk whose power may go: what is certain, and what is only on its way.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use model::Rng;

use super::trace::{Step, What};

/// What a disk writes whole or not at all.
const SECTOR_BYTES: u64 = 512;

/// How a state treats what was on its way when the power went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All of it is lost.
    Lost,
    /// All of it arrived, as after `kill -9`.
    Kept,
    /// Of each file and folder the first few changes arrived.
    Cut,
    /// Each sector of each file is as old as it likes to be: writes are torn and out of order. A file's length is
    /// as old as it likes to be, too; sectors that never arrived are zeros.
    Torn,
}

/// All fates, in the order [`Disk::state`] is usually asked for them.
pub const FATES: [Fate; 4] = [Fate::Torn, Fate::Cut, Fate::Lost, Fate::Kept];

/// What a folder holds: each file with its content, and each folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Content by path below the root.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Folders below the root, parents first.
    pub folders: Vec<PathBuf>,
}

/// A change that is on its way to the disk.
#[derive(Debug, Clone)]
struct Change<T> {
    /// When the call that made it ended; a flush that began later makes it certain.
    ended: Option<u64>,
    what: T,
}

#[derive(Debug, Clone)]
enum Data {
    Write(u64, Vec<u8>),
    Resize(u64),
}

/// Names that now mean another node, or none.
type Names = Vec<(OsString, Option<usize>)>;

#[derive(Debug, Clone)]
enum Node {
    File { certain: Vec<u8>, coming: Vec<Change<Data>>, len: u64 },
    Folder { certain: BTreeMap<OsString, usize>, coming: Vec<Change<Names>>, now: BTreeMap<OsString, usize> },
}

/// A folder, replayed call by call.
#[derive(Debug, Clone)]
pub struct Disk {
    nodes: Vec<Node>,
}

/// A call that does not fit what the disk holds: the trace is not whole, or its reader is wrong.
#[derive(Debug)]
pub struct Misfit(pub String);

/// The beginning or the end of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Position in the trace.
    pub at: u64,
    /// Index of the step.
    pub step: usize,
    /// Whether the step ends here.
    pub is_end: bool,
}

/// All moments in order. The power goes between two of them.
#[must_use]
pub fn moments(steps: &[Step]) -> Vec<Moment> {
    let mut moments = Vec::with_capacity(2 * steps.len());
    for (index, step) in steps.iter().enumerate() {
        moments.push(Moment { at: step.began, step: index, is_end: false });
        if let Some(ended) = step.ended {
            moments.push(Moment { at: ended, step: index, is_end: true });
        }
    }
    moments.sort();
    moments
}

impl Disk {
    /// A folder of which everything is certain.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let mut disk = Self { nodes: vec![empty_folder()] };
        for folder in &state.folders {
            disk.plant(folder, empty_folder());
        }
        for (path, content) in &state.files {
            let len = content.len() as u64;
            disk.plant(path, Node::File { certain: content.clone(), coming: Vec::new(), len });
        }
        disk
    }

    fn plant(&mut self, path: &Path, node: Node) {
        let (folder, name) = self.parent(path).expect("parents come first");
        self.nodes.push(node);
        let id = self.nodes.len() - 1;
        if let Node::Folder { certain, now, .. } = &mut self.nodes[folder] {
            certain.insert(name.clone(), id);
            now.insert(name, id);
        }
    }

    /// Replays the beginning of a step (its effect is then on its way) or its end (a flush is then certain).
    pub fn replay(&mut self, step: &Step, is_end: bool) -> Result<(), Misfit> {
        match &step.what {
            What::Sync(path) if is_end => self.sync(path, step.began, true),
            What::SyncFailed(path) if is_end => self.sync(path, step.began, false),
            What::Sync(_) | What::SyncFailed(_) | What::Answer(..) | What::Told => Ok(()),
            // The effect of a call that is still at work is uncertain until a flush that begins after its end.
            _ if is_end => Ok(()),
            What::Create(path) if self.find(path).is_some() => Ok(()),
            What::Create(path) => {
                self.make(path, Node::File { certain: Vec::new(), coming: Vec::new(), len: 0 }, step.ended)
            }
            What::MakeFolder(path) => self.make(path, empty_folder(), step.ended),
            What::Write(path, at, data) => {
                let (_, coming, len) = self.file(path)?;
                let at = at.unwrap_or(*len);
                *len = (*len).max(at + data.len() as u64);
                coming.push(Change { ended: step.ended, what: Data::Write(at, data.clone()) });
                Ok(())
            }
            What::Resize(path, to) => {
                let (_, coming, len) = self.file(path)?;
                *len = *to;
                coming.push(Change { ended: step.ended, what: Data::Resize(*to) });
                Ok(())
            }
            What::Rename(from, to) => {
                let id = self.find(from).ok_or_else(|| misfit("nothing to rename", from))?;
                let ((folder, old), (other, new)) = (self.parent(from)?, self.parent(to)?);
                if folder != other {
                    return Err(misfit("a file moved to another folder, which is not modelled", from));
                }
                self.name(folder, vec![(old, None), (new, Some(id))], step.ended);
                Ok(())
            }
            What::Remove(path) => {
                let (folder, name) = self.parent(path)?;
                self.name(folder, vec![(name, None)], step.ended);
                Ok(())
            }
        }
    }

    /// The process was killed, not the machine: what its calls did is still on its way, for the next process to
    /// flush. `actual` is the folder as it is seen now, which tells what became of calls that never ended.
    pub fn outlive_process(&mut self, actual: &State) {
        self.outlive_below(0, Path::new(""), actual);
    }

    fn outlive_below(&mut self, id: usize, path: &Path, actual: &State) {
        match &mut self.nodes[id] {
            Node::File { certain, coming, len } => {
                coming.retain(|change| change.ended.is_some());
                coming.iter_mut().for_each(|change| change.ended = Some(0));
                let mut seen = certain.clone();
                coming.iter().for_each(|change| apply(&mut seen, &change.what));
                if let Some(content) = actual.files.get(path).filter(|content| **content != seen) {
                    let whole = [Data::Resize(content.len() as u64), Data::Write(0, content.clone())];
                    coming.extend(whole.map(|what| Change { ended: Some(0), what }));
                }
                *len = actual.files.get(path).map_or(0, |content| content.len() as u64);
            }
            Node::Folder { coming, now, .. } => {
                coming.iter_mut().for_each(|change| change.ended = Some(0));
                for (name, id) in now.clone() {
                    self.outlive_below(id, &path.join(name), actual);
                }
            }
        }
    }

    /// A state the folder may be in if the power went now.
    #[must_use]
    pub fn state(&self, fate: Fate, rng: &mut Rng) -> State {
        let mut state = State::default();
        self.collect(0, Path::new(""), fate, rng, &mut state);
        state
    }

    fn collect(&self, folder: usize, path: &Path, fate: Fate, rng: &mut Rng, state: &mut State) {
        let Node::Folder { certain, coming, .. } = &self.nodes[folder] else { return };
        let mut names = certain.clone();
        let n_kept = match fate {
            Fate::Lost => 0,
            Fate::Kept => coming.len(),
            // Names of one folder arrive in order, as in the journal of every usual file system.
            Fate::Cut | Fate::Torn => below(rng, coming.len() + 1),
        };
        coming[..n_kept].iter().for_each(|change| rename_all(&mut names, &change.what));
        for (name, id) in names {
            let path = path.join(name);
            match &self.nodes[id] {
                Node::File { certain, coming, .. } => {
                    state.files.insert(path, content(certain, coming, fate, rng));
                }
                Node::Folder { .. } => {
                    state.folders.push(path.clone());
                    self.collect(id, &path, fate, rng, state);
                }
            }
        }
    }

    fn find(&self, path: &Path) -> Option<usize> {
        let mut id = 0;
        for name in path {
            let Node::Folder { now, .. } = &self.nodes[id] else { return None };
            id = *now.get(name)?;
        }
        Some(id)
    }

    fn parent(&self, path: &Path) -> Result<(usize, OsString), Misfit> {
        let folder = path.parent().and_then(|folder| self.find(folder));
        let found = folder.zip(path.file_name());
        found.map(|(id, name)| (id, name.to_owned())).ok_or_else(|| misfit("no such folder", path))
    }

    #[expect(clippy::type_complexity, reason = "the three fields of a file")]
    fn file(&mut self, path: &Path) -> Result<(&mut Vec<u8>, &mut Vec<Change<Data>>, &mut u64), Misfit> {
        match self.find(path).map(|id| &mut self.nodes[id]) {
            Some(Node::File { certain, coming, len }) => Ok((certain, coming, len)),
            _ => Err(misfit("no such file", path)),
        }
    }

    fn make(&mut self, path: &Path, node: Node, ended: Option<u64>) -> Result<(), Misfit> {
        let (folder, name) = self.parent(path)?;
        self.nodes.push(node);
        self.name(folder, vec![(name, Some(self.nodes.len() - 1))], ended);
        Ok(())
    }

    fn name(&mut self, folder: usize, names: Names, ended: Option<u64>) {
        if let Node::Folder { coming, now, .. } = &mut self.nodes[folder] {
            rename_all(now, &names);
            coming.push(Change { ended, what: names });
        }
    }

    /// Makes what ended before `began` certain; if the flush failed, it never will be.
    fn sync(&mut self, path: &Path, began: u64, is_done: bool) -> Result<(), Misfit> {
        let id = self.find(path).ok_or_else(|| misfit("nothing to flush", path))?;
        match &mut self.nodes[id] {
            Node::File { coming, .. } if !is_done => doom(coming, began),
            Node::Folder { coming, .. } if !is_done => doom(coming, began),
            Node::File { certain, coming, .. } => {
                for change in take_before(coming, began) {
                    apply(certain, &change);
                }
            }
            Node::Folder { certain, coming, .. } => {
                for names in take_before(coming, began) {
                    rename_all(certain, &names);
                }
            }
        }
        Ok(())
    }
}

/// Takes out the changes whose call had ended by then.
fn take_before<T>(coming: &mut Vec<Change<T>>, began: u64) -> Vec<T> {
    let had_ended = |change: &Change<T>| change.ended.is_some_and(|ended| ended <= began);
    let (before, after) = std::mem::take(coming).into_iter().partition(had_ended);
    *coming = after;
    let before: Vec<Change<T>> = before;
    before.into_iter().map(|change| change.what).collect()
}

/// No flush will make these certain.
fn doom<T>(coming: &mut [Change<T>], began: u64) {
    for change in coming.iter_mut().filter(|change| change.ended.is_some_and(|ended| ended <= began)) {
        change.ended = None;
    }
}

fn rename_all(names: &mut BTreeMap<OsString, usize>, changes: &Names) {
    for (name, id) in changes {
        match id {
            Some(id) => names.insert(name.clone(), *id),
            None => names.remove(name),
        };
    }
}

fn apply(content: &mut Vec<u8>, change: &Data) {
    match change {
        Data::Write(at, data) => {
            let (start, end) = (*at as usize, *at as usize + data.len());
            if content.len() < end {
                content.resize(end, 0);
            }
            content[start..end].copy_from_slice(data);
        }
        Data::Resize(to) => content.resize(*to as usize, 0),
    }
}

/// What a file may hold.
fn content(certain: &[u8], coming: &[Change<Data>], fate: Fate, rng: &mut Rng) -> Vec<u8> {
    let mut content = certain.to_vec();
    let n_kept = match fate {
        Fate::Lost => 0,
        Fate::Kept => coming.len(),
        Fate::Cut => below(rng, coming.len() + 1),
        Fate::Torn => return torn(content, coming, rng),
    };
    coming[..n_kept].iter().for_each(|change| apply(&mut content, &change.what));
    content
}

/// Every sector, and the length, as of a moment of its own.
fn torn(mut content: Vec<u8>, coming: &[Change<Data>], rng: &mut Rng) -> Vec<u8> {
    // Which of its changes each sector has seen: those before this one.
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let n_len_seen = below(rng, coming.len() + 1);
    let mut len = content.len();
    for (i, change) in coming.iter().enumerate() {
        let (at, data) = match &change.what {
            Data::Write(at, data) => (*at, data.as_slice()),
            Data::Resize(_) => (0, [].as_slice()),
        };
        if i < n_len_seen {
            len = match &change.what {
                Data::Write(..) => len.max(at as usize + data.len()),
                Data::Resize(to) => *to as usize,
            };
        }
        if let Data::Resize(to) = &change.what {
            // What was cut off is gone where the sector has seen it: a later stretch shows zeros there.
            let from = (*to as usize).min(content.len());
            for start in (from..content.len()).step_by(SECTOR_BYTES as usize) {
                let sector = start as u64 / SECTOR_BYTES;
                if i < *seen.entry(sector).or_insert_with(|| below(rng, coming.len() + 1)) {
                    let end = content.len().min((sector as usize + 1) * SECTOR_BYTES as usize);
                    content[start..end].fill(0);
                }
            }
            continue;
        }
        let end = at + data.len() as u64;
        if content.len() < end as usize {
            content.resize(end as usize, 0);
        }
        let mut start = at;
        while start < end {
            let sector = start / SECTOR_BYTES;
            let stop = end.min((sector + 1) * SECTOR_BYTES);
            if i < *seen.entry(sector).or_insert_with(|| below(rng, coming.len() + 1)) {
                let piece = &data[(start - at) as usize..(stop - at) as usize];
                content[start as usize..stop as usize].copy_from_slice(piece);
            }
            start = stop;
        }
    }
    content.resize(len, 0);
    content
}

fn below(rng: &mut Rng, end: usize) -> usize {
    rng.below(end as u64) as usize
}

fn empty_folder() -> Node {
    Node::Folder { certain: BTreeMap::new(), coming: Vec::new(), now: BTreeMap::new() }
}

fn misfit(what: &str, path: &Path) -> Misfit {
    Misfit(format!("{what}: {}", path.display()))
}

impl State {
    /// Reads a folder.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut state = Self::default();
        state.read_below(root, Path::new(""))?;
        Ok(state)
    }

    fn read_below(&mut self, root: &Path, folder: &Path) -> io::Result<()> {
        let mut entries = std::fs::read_dir(root.join(folder))?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.folders.push(path.clone());
                self.read_below(root, &path)?;
            } else {
                self.files.insert(path.clone(), std::fs::read(root.join(path))?);
            }
        }
        Ok(())
    }

    /// Writes the state as a folder, which is made.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        std::fs::create_dir_all(root)?;
        self.folders.iter().try_for_each(|folder| std::fs::create_dir_all(root.join(folder)))?;
        self.files.iter().try_for_each(|(path, content)| std::fs::write(root.join(path), content))
    }
}
