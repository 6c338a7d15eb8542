//! The model itself: what it says is certain, and what it may do with the rest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::Rng;

use super::disk::{Disk, Fate, State, moments};
use super::trace::{Step, What, read};

fn state(files: &[(&str, &[u8])]) -> State {
    State {
        files: files.iter().map(|(path, content)| (PathBuf::from(path), content.to_vec())).collect(),
        folders: Vec::new(),
    }
}

fn write(path: &str, at: u64, data: &[u8]) -> What {
    What::Write(path.into(), Some(at), data.to_vec())
}

/// Calls one after the other, none at the same time as another.
fn replayed(before: &State, calls: Vec<What>) -> Disk {
    let mut disk = Disk::new(before);
    let steps: Vec<Step> = calls
        .into_iter()
        .enumerate()
        .map(|(i, what)| Step { began: 2 * i as u64, ended: Some(2 * i as u64 + 1), what })
        .collect();
    for moment in moments(&steps) {
        disk.replay(&steps[moment.step], moment.is_end).unwrap();
    }
    disk
}

/// All states of a fate that a thousand tries find, as text.
fn outcomes(disk: &Disk, fate: Fate) -> BTreeSet<String> {
    let show = |state: State| {
        let files = state.files.iter().map(|(path, content)| {
            let mut text = content.clone();
            text.dedup(); // Runs of one byte are shown by one.
            format!("{}={}", path.display(), String::from_utf8_lossy(&text).replace('\0', "0"))
        });
        files.collect::<Vec<_>>().join(" ")
    };
    (0..1000).map(|seed| show(disk.state(fate, &mut Rng::new(seed)))).collect()
}

#[track_caller]
fn check(before: &State, calls: Vec<What>, fate: Fate, expected: &[&str]) {
    let found = outcomes(&replayed(before, calls), fate);
    assert_eq!(found, expected.iter().map(|text| (*text).to_owned()).collect(), "{fate:?}");
}

#[test]
fn only_what_is_flushed_is_certain() {
    let before = state(&[("f", b"a")]);
    check(&before, vec![write("f", 0, b"b")], Fate::Lost, &["f=a"]);
    check(&before, vec![write("f", 0, b"b")], Fate::Kept, &["f=b"]);
    check(&before, vec![write("f", 0, b"b")], Fate::Torn, &["f=a", "f=b"]);
    let flushed = vec![write("f", 0, b"b"), What::Sync("f".into()), write("f", 0, b"c")];
    check(&before, flushed.clone(), Fate::Lost, &["f=b"]);
    check(&before, flushed, Fate::Cut, &["f=b", "f=c"]);
}

#[test]
fn a_failed_flush_is_not_mended_by_the_next() {
    let (failed, done) = (What::SyncFailed("f".into()), What::Sync("f".into()));
    let calls = vec![write("f", 0, b"b"), failed, write("f", 1, b"c"), done];
    check(&state(&[("f", b"aa")]), calls, Fate::Lost, &["f=ac"]);
}

#[test]
fn a_name_needs_its_folder_flushed() {
    let made = vec![What::Create("g".into()), write("g", 0, b"x"), What::Sync("g".into())];
    check(&state(&[]), made.clone(), Fate::Lost, &[""]); // The content is certain, the name is not.
    check(&state(&[]), made.clone(), Fate::Torn, &["", "g=x"]);
    let named = [made, vec![What::Sync("".into())]].concat();
    check(&state(&[]), named.clone(), Fate::Lost, &["g=x"]);
    let removed = [named, vec![What::Remove("g".into())]].concat();
    check(&state(&[]), removed, Fate::Cut, &["", "g=x"]);
}

#[test]
fn a_rename_is_whole() {
    let before = state(&[("f", b"a"), ("g", b"b")]);
    check(&before, vec![What::Rename("g".into(), "f".into())], Fate::Cut, &["f=a g=b", "f=b"]);
}

#[test]
fn sectors_are_torn_and_out_of_order() {
    let before = state(&[("f", &[b'a'; 1024])]);
    let calls = vec![write("f", 0, &[b'b'; 1024]), write("f", 0, &[b'c'; 512])];
    // The first sector has three versions, the second two; in any combination.
    check(&before, calls.clone(), Fate::Torn, &["f=a", "f=ab", "f=ba", "f=b", "f=ca", "f=cb"]);
    check(&before, calls, Fate::Cut, &["f=a", "f=b", "f=cb"]);
    // A file may be longer than what arrived of it.
    let grown = vec![write("f", 0, &[b'b'; 1024])];
    check(&state(&[("f", b"")]), grown, Fate::Torn, &["f=", "f=0", "f=0b", "f=b0", "f=b"]);
}

#[test]
fn a_flush_covers_what_ended_before_it_began() {
    let step = |began, ended, what| Step { began, ended, what };
    let steps = [
        step(0, Some(9), write("f", 0, b"b")), // Still at work when the flush begins.
        step(2, Some(5), What::Sync("f".into())),
    ];
    let mut disk = Disk::new(&state(&[("f", b"a")]));
    for moment in moments(&steps) {
        disk.replay(&steps[moment.step], moment.is_end).unwrap();
    }
    assert_eq!(disk.state(Fate::Lost, &mut Rng::new(1)), state(&[("f", b"a")]));
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
}

#[test]
fn traces_are_read() {
    let (file, folder) = (hex("/d/길, <1>"), hex("/d"));
    let trace = format!(
        "7 openat(AT_FDCWD<{folder}>, \"{file}\", O_RDWR|O_CREAT|O_APPEND|O_CLOEXEC, 0666) = 9<{file}>\n\
         7 write(9<{file}>, \"{}\", 3 <unfinished ...>\n\
         8 sendto(6<TCP:[127.0.0.1:70->127.0.0.1:4380]>, \"{}\", 12, 0, NULL, 0) = 12\n\
         7 <... write resumed>)              = 2\n\
         7 pwrite64(9<{file}>, \"{}\", 1, 4096) = 1\n\
         7 fdatasync(9<{file}>)    = 0\n\
         7 fsync(9<{file}>)    = -1 EIO (Input/output error) (INJECTED)\n\
         7 close(9<{file}>) = 0\n\
         7 openat(AT_FDCWD<{folder}>, \"{}\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)\n\
         8 --- SIGTERM {{si_signo=SIGTERM}} ---\n\
         7 unlink(\"{file}\" <unfinished ...>\n\
         8 sendto(6<TCP:[127.0.0.1:70->127.0.0.1:4380]>, \"{}\", 12, 0, NULL, 0) = ?\n\
         7 +++ killed by SIGKILL +++\n",
        hex("abc"),
        hex("HTTP/1.1 200"),
        hex("x"),
        hex("/d/none"),
        hex("HTTP/1.1 503"),
    );
    let steps = read(&trace, Path::new("/d")).unwrap();
    let path = PathBuf::from("길, <1>");
    let expected = [
        (0, Some(1), What::Create(path.clone())),
        (2, Some(7), What::Write(path.clone(), None, b"ab".to_vec())),
        (4, Some(5), What::Answer(4380, 200)),
        (8, Some(9), What::Write(path.clone(), Some(4096), b"x".to_vec())),
        (10, Some(11), What::Sync(path.clone())),
        (12, Some(13), What::SyncFailed(path.clone())),
        (20, None, What::Remove(path)),
        // It may have arrived.
        (22, None, What::Answer(4380, 503)),
    ];
    let expected: Vec<Step> =
        expected.into_iter().map(|(began, ended, what)| Step { began, ended, what }).collect();
    assert_eq!(steps, expected);
}

#[test]
fn a_number_is_free_as_soon_as_its_file_begins_to_close() {
    let (one, two, folder) = (hex("/d/one"), hex("/d/two"), hex("/d"));
    let trace = format!(
        "7 openat(AT_FDCWD<{folder}>, \"{one}\", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 9<{one}>\n\
         7 close(9<{one}> <unfinished ...>\n\
         8 openat(AT_FDCWD<{folder}>, \"{two}\", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 9<{two}>\n\
         7 <... close resumed>)              = 0\n\
         8 write(9<{two}>, \"{}\", 1) = 1\n\
         8 close(9<{two}> <unfinished ...>\n",
        hex("x"),
    );
    let steps = read(&trace, Path::new("/d")).unwrap();
    let what: Vec<What> = steps.into_iter().map(|step| step.what).collect();
    let write = What::Write("two".into(), Some(0), b"x".to_vec());
    assert_eq!(what, [What::Create("one".into()), What::Create("two".into()), write]);
}

#[test]
fn what_cannot_be_replayed_is_refused() {
    let file = hex("/d/f");
    for line in [
        format!("7 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 9<{file}>, 0) = 0x7f00"),
        format!("7 copy_file_range(9<{file}>, NULL, 8<{file}>, NULL, 10, 0) = 10"),
        format!("7 write(9<{file}>, \"\\x61\"..., 4096) = 4096"),
        format!("7 link(\"{file}\", \"{file}\") = 0"),
    ] {
        assert!(read(&line, Path::new("/d")).is_err(), "{line}");
        assert_eq!(read(&line, Path::new("/elsewhere")).unwrap(), Vec::new());
    }
}
