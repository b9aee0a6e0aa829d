//! The example `sync`: what is copied, and what is left when it is interrupted, killed, or something fails.

use crate::{assert_order, built::built, run};
use std::{
    ffi::OsStr,
    fs::{self, File, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// Two folders of a test's own, the first of which is there.
struct Folders {
    from: PathBuf,
    to: PathBuf,
}

impl Folders {
    fn new(name: &str) -> Folders {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sync").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("it is ours");
        }
        fs::create_dir_all(folder.join("from")).expect("it is ours");
        Folders { from: folder.join("from"), to: folder.join("to") }
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.from.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it is ours");
        fs::write(path, contents).expect("it is ours");
        self
    }

    fn sync(&self, flags: &[&str]) -> (Option<i32>, String) {
        let folders = [&self.from, &self.to].map(|folder| folder.to_str().expect("it is text"));
        run("sync", &[&folders[..], flags].concat())
    }

    fn start(&self, flags: &[&str]) -> Child {
        let mut command = Command::new(built("sync"));
        command.args([&self.from, &self.to]).args(flags).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// What is in the target, by name, parts too.
    fn copied(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.to.join(name)).ok()
    }

    /// Waits until an unfinished copy has so many bytes.
    fn wait_for_part(&self, name: &str, bytes: u64) {
        let begun = Instant::now();
        while fs::metadata(self.to.join(name)).map_or(0, |part| part.len()) < bytes {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is copied");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

fn bytes(size: usize, seed: u8) -> Vec<u8> {
    (0..size).map(|at| (at / 255 + at) as u8 ^ seed).collect()
}

fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    File::open(path).and_then(|file| file.set_modified(time)).expect("it is ours");
}

fn long_ago(path: &Path) {
    set_time(path, 1_000_000_000);
}

const MIB: usize = 1 << 20;

#[test]
fn the_demonstration_holds() {
    let (code, text) = run("sync", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["interrupted", "resumed", "changed", "again", "yes  nothing was half-written"]);
    assert_order(&text, &["yes  both folders are equal, byte by byte", "at the end: 0 listeners, 0 armed timers"]);
    assert!(!text.contains("NO "), "{text}");
}

#[test]
fn ctrl_c_ends_the_demonstration_and_nothing_stays() {
    let child = Command::new(built("sync")).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let folder = std::env::temp_dir().join(format!("taskcell-sync-{}", child.id()));
    let begun = Instant::now();
    while !folder.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is made");
        thread::sleep(Duration::from_millis(2));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stdout).contains("at the end: 0 listeners, 0 armed timers"));
    assert!(!folder.exists());
}

#[test]
fn all_that_is_to_be_kept_is() {
    let folders = Folders::new("kept");
    folders.write("a/b/run.sh", "echo").write("empty file", "").write("ünï", "x").write("deep/er/est/x", bytes(MIB, 1));
    fs::create_dir_all(folders.from.join("nothing in it")).expect("it is ours");
    symlink("a/b", folders.from.join("link to a folder")).expect("it is ours");
    symlink("nowhere", folders.from.join("link to nothing")).expect("it is ours");
    let long = "n".repeat(250);
    folders.write(&long, "a long name");
    fs::set_permissions(folders.from.join("a/b/run.sh"), Permissions::from_mode(0o751)).expect("it is ours");
    long_ago(&folders.from.join("a/b/run.sh"));
    long_ago(&folders.from.join("deep/er"));
    fs::set_permissions(folders.from.join("deep/er"), Permissions::from_mode(0o555)).expect("it is ours");

    let (code, text) = folders.sync(&["--verify"]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["copied      5 files", "links       2 made", "verified    7 files"]);
    for name in ["a/b/run.sh", "deep/er", "deep", "nothing in it", "ünï"] {
        let [from, to] = [&folders.from, &folders.to].map(|at| fs::metadata(at.join(name)).expect("it was copied"));
        assert_eq!(from.permissions(), to.permissions(), "{name}");
        assert_eq!(from.modified().expect("unix"), to.modified().expect("unix"), "{name}");
    }
    assert_eq!(fs::read_link(folders.to.join("link to a folder")).expect("a link"), Path::new("a/b"));
    assert_eq!(fs::read_link(folders.to.join("link to nothing")).expect("a link"), Path::new("nowhere"));
    assert_eq!(folders.copied(&long).expect("it was copied"), b"a long name");
    let (code, text) = folders.sync(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["copied      0 files", "unchanged   7"]);
}

#[test]
fn only_what_changed_is_copied() {
    let folders = Folders::new("changed");
    folders.write("same", "1").write("longer", "1").write("newer", "1").write("mode", "1").write("turned", "1");
    assert_eq!(folders.sync(&[]).0, Some(0));
    folders.write("longer", "12").write("newer", "2");
    long_ago(&folders.from.join("newer"));
    fs::set_permissions(folders.from.join("mode"), Permissions::from_mode(0o700)).expect("it is ours");
    fs::remove_file(folders.from.join("turned")).expect("it is ours");
    symlink("same", folders.from.join("turned")).expect("it is ours");
    let (code, text) = folders.sync(&["--verify"]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["copied      2 files", "links       1", "permissions 1", "unchanged   1", "verified    5"]);
    assert_eq!(folders.copied("newer").expect("it was copied"), b"2");
}

#[test]
fn ctrl_c_keeps_parts_and_the_next_run_goes_on() {
    let folders = Folders::new("ctrl-c");
    let large = bytes(12 * MIB, 7);
    folders.write("large", &large).write("after", "it");
    let child = folders.start(&["--rate", "6", "--limit", "1"]);
    // With one at a time "after" is copied first.
    folders.wait_for_part(".large.taskcell-part", 2 * MIB as u64);
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("stopped: the same command goes on from here"), "{said}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Ctrl-C"));
    assert_eq!(folders.copied("after").expect("it was copied"), b"it");
    assert_eq!(folders.copied("large"), None);
    let part = folders.copied(".large.taskcell-part").expect("it was kept");
    assert!(part.len() < large.len() && large.starts_with(&part));

    let (code, text) = folders.sync(&["--verify", "--delete"]);
    assert_eq!(code, Some(0), "{text}");
    let continued = text.lines().find(|line| line.starts_with("continued")).expect("it goes on");
    assert!(!continued.contains(" 0 B "), "{text}");
    assert!(folders.copied("large").expect("it was copied") == large);
    assert_eq!(folders.copied(".large.taskcell-part"), None);
}

#[test]
fn a_second_ctrl_c_and_a_kill_leave_nothing_half_written() {
    for last in ["-INT", "-KILL"] {
        let folders = Folders::new(&format!("killed{last}"));
        let large = bytes(8 * MIB, 3);
        folders.write("large", &large);
        let mut child = folders.start(&["--rate=4"]);
        folders.wait_for_part(".large.taskcell-part", MIB as u64);
        if last == "-INT" {
            signal(&child, "-INT");
        }
        signal(&child, last);
        assert_ne!(child.wait().expect("it ends").code(), Some(0));
        assert_eq!(folders.copied("large"), None);
        let (code, text) = folders.sync(&["--verify"]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("continued "), "{text}");
        assert!(folders.copied("large").expect("it was copied") == large);
    }
}

#[test]
fn a_part_of_another_file_is_not_gone_on_with() {
    let folders = Folders::new("other-part");
    let large = bytes(3 * MIB, 9);
    folders.write("large", &large).write("damaged", &large).write("shorter", &large[..MIB]);
    fs::create_dir_all(&folders.to).expect("it is ours");
    let mut damaged = large[..2 * MIB].to_vec();
    damaged[MIB + 5] ^= 1;
    for (name, part) in [("large", &bytes(MIB, 8)), ("damaged", &damaged), ("shorter", &large)] {
        fs::write(folders.to.join(format!(".{name}.taskcell-part")), part).expect("it is ours");
    }
    let (code, text) = folders.sync(&["--verify"]);
    assert_eq!(code, Some(0), "{text}");
    // The beginning of the one, as far as it is right, and of the other, as far as it is wanted.
    assert!(text.contains("continued   2.00 MiB"), "{text}");
    for name in ["large", "damaged"] {
        assert!(folders.copied(name).expect("it was copied") == large, "{name}");
    }
}

#[test]
fn a_part_in_good_order_is_looked_at_too() {
    let folders = Folders::new("sealed");
    let large = bytes(4 * MIB, 2);
    folders.write("large", &large);
    long_ago(&folders.from.join("large"));
    fs::create_dir_all(&folders.to).expect("it is ours");
    let part = folders.to.join(".large.taskcell-part");
    let mut wrong = large[..2 * MIB].to_vec();
    *wrong.last_mut().expect("it is long") ^= 1;
    fs::write(&part, wrong).expect("it is ours");
    long_ago(&part);
    let (code, text) = folders.sync(&["--verify"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(folders.copied("large").expect("it was copied") == large);
}

#[test]
fn what_fails_is_told_and_the_rest_is_copied_and_nothing_removed() {
    let folders = Folders::new("failed");
    folders.write("a", "1").write("in the way", "1").write("folder/x", "1").write("z", "1");
    for name in ["in the way/keep", "extra"] {
        let path = folders.to.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it is ours");
        fs::write(path, "mine").expect("it is ours");
    }
    fs::write(folders.to.join("folder"), "a file").expect("it is ours");
    let output = folders.start(&["--delete"]).wait_with_output().expect("it ends");
    let [said, errors] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("it is text"));
    assert_eq!(output.status.code(), Some(1), "{said}{errors}");
    assert!(said.contains("2 things failed, the rest is done; nothing was removed"), "{said}");
    assert!(errors.contains("in the way: ") && errors.contains("folder: a folder has to be here"), "{errors}");
    let there = |name| folders.copied(name).map(|text| String::from_utf8(text).expect("it is text"));
    assert_eq!(
        ["a", "z", "extra", "in the way/keep", "folder"].map(|name| there(name).expect("it is there")),
        ["1", "1", "mine", "mine", "a file"]
    );
    fs::remove_dir_all(folders.to.join("in the way")).expect("it is ours");
    fs::remove_file(folders.to.join("folder")).expect("it is ours");
    let (code, text) = folders.sync(&["--delete", "--verify"]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["copied      2 files", "removed     1"]);
    assert_eq!(there("extra"), None);
}

#[test]
fn links_of_the_target_are_not_followed() {
    let folders = Folders::new("links");
    folders.write("folder/x", "new").write("file", "new");
    let elsewhere = folders.from.with_file_name("elsewhere");
    fs::create_dir_all(&elsewhere).expect("it is ours");
    fs::write(elsewhere.join("file"), "old").expect("it is ours");
    fs::create_dir_all(&folders.to).expect("it is ours");
    symlink(&elsewhere, folders.to.join("folder")).expect("it is ours");
    symlink(elsewhere.join("file"), folders.to.join("file")).expect("it is ours");
    symlink(&elsewhere, folders.to.join("extra")).expect("it is ours");
    assert_eq!(folders.sync(&["--delete"]).0, Some(1));
    fs::remove_file(folders.to.join("folder")).expect("it is ours");
    assert_eq!(folders.sync(&["--delete", "--verify"]).0, Some(0));
    let names: Vec<_> =
        fs::read_dir(&elsewhere).expect("it is there").map(|e| e.expect("listed").file_name()).collect();
    assert_eq!(names, [OsStr::new("file")]);
    assert_eq!(fs::read(elsewhere.join("file")).expect("it is there"), b"old");
    assert!(!folders.to.join("extra").exists() && folders.copied("file").is_some_and(|text| text == b"new"));
}

#[test]
fn a_dry_run_changes_nothing() {
    let folders = Folders::new("dry");
    folders.write("a/b", "12345").write("same", "1");
    let (code, text) = folders.sync(&["--dry-run", "--delete"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("to/a/b (5 bytes)") && text.contains("to copy     2 files, 6 B"), "{text}");
    assert!(!folders.to.exists());
    assert_eq!(folders.sync(&[]).0, Some(0));
    folders.write("same", "changed");
    fs::remove_file(folders.from.join("a/b")).expect("it is ours");
    let (code, text) = folders.sync(&["--dry-run", "--delete"]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["extra   ", "to/a/b", "to copy     1 files, 7 B"]);
    assert_eq!(["a/b", "same"].map(|name| folders.copied(name).expect("it is there").len()), [5, 1]);
}

#[test]
fn verify_sees_what_length_and_time_do_not_tell() {
    let folders = Folders::new("verify");
    folders.write("file", "right");
    assert_eq!(folders.sync(&["--verify"]).0, Some(0));
    fs::write(folders.to.join("file"), "wrong").expect("it is ours");
    let time = fs::metadata(folders.from.join("file")).and_then(|file| file.modified()).expect("unix");
    File::open(folders.to.join("file")).and_then(|file| file.set_modified(time)).expect("it is ours");
    assert_eq!(folders.sync(&[]).0, Some(0));
    let (code, text) = folders.sync(&["--verify"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("1 things differ"), "{text}");
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_copied_again() {
    let folders = Folders::new("written-to");
    folders.write("log", bytes(2 * MIB, 4));
    let child = folders.start(&["--rate", "2"]);
    folders.wait_for_part(".log.taskcell-part", MIB as u64);
    let longer = bytes(2 * MIB + 1000, 4);
    folders.write("log", &longer);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folders.copied("log").expect("it was copied") == longer);
}

#[test]
fn folders_that_make_no_sense_are_refused() {
    let folders = Folders::new("refused");
    folders.write("inner/x", "1");
    let [from, to] = [&folders.from, &folders.to].map(|folder| folder.to_str().expect("it is text"));
    let inner = format!("{from}/inner");
    let link = format!("{from}/../link");
    symlink(from, &link).expect("it is ours");
    let file = format!("{from}/inner/x");
    let missing = format!("{from}/inner/missing/below");
    let program = built("sync");
    let code = |args: &[&str]| Command::new(&program).args(args).output().expect("it runs").status.code();
    for bad in [
        &[from, from][..],
        &[from, &inner],
        &[&inner, from],
        &[from, &link],
        &[from, &missing],
        &[&missing, to],
        &[from, &file],
        &[&file, to],
        &[from],
        &[from, to, to],
        &["", to],
        &[from, ""],
        &["--delete"],
        &[from, to, "--limit"],
        &[from, to, "--limit", "0"],
        &[from, to, "--rate=x"],
        &[from, to, "--delete=yes"],
        &[from, to, "--remove"],
    ] {
        assert_eq!(code(bad), Some(2), "{bad:?}");
    }
    assert!(!folders.to.exists());
    assert_eq!(code(&["--help"]), Some(0));
    assert_eq!(code(&["--limit=1", "--", from, to]), Some(0));
}
