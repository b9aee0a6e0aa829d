//! The example `etl`: all tables, whole ones only after Ctrl-C, flags.

use crate::{built::built, run};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A directory of this test's own, which is not there.
fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory).expect("it is ours");
    }
    directory
}

/// The names of the files in a directory: those of whole tables, and all others.
fn files(directory: &Path) -> (Vec<String>, Vec<String>) {
    let Ok(entries) = fs::read_dir(directory) else { return (Vec::new(), Vec::new()) };
    let names = entries.map(|entry| entry.expect("it can be listed").file_name().into_string().expect("it is text"));
    names.partition(|name| name.ends_with(".csv"))
}

/// A line for each day.
fn assert_whole(directory: &Path, tables: &[String]) {
    for name in tables {
        let table = fs::read_to_string(directory.join(name)).expect("it was written");
        let days = table.lines().map(|line| line.split_once(';').expect("day and degrees"));
        let days = days.map(|(day, degrees)| (day.parse().expect("a day"), degrees.parse().expect("degrees")));
        let days: Vec<(usize, f64)> = days.collect();
        assert_eq!(days.len(), 364, "{name}");
        assert!(days.iter().enumerate().all(|(at, (day, degrees))| at + 1 == *day && degrees.abs() < 50.0), "{name}");
    }
}

#[test]
fn copies_every_station() {
    let directory = directory("etl-all");
    let (code, text) = run("etl", &["--stations", "30", "--directory", directory.to_str().expect("it is text")]);
    assert_eq!((code, text), (Some(0), format!("30 tables in {}\n", directory.display())));
    let (tables, others) = files(&directory);
    assert_eq!((tables.len(), others), (30, Vec::new()));
    assert_whole(&directory, &tables);
}

#[test]
fn ctrl_c_leaves_no_half_written_file() {
    let directory = directory("etl-cancelled");
    let child = Command::new(built("etl"))
        .args(["--stations=10000", "--directory"])
        .arg(&directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Some are written, and others are being written.
    let begun = Instant::now();
    loop {
        let (tables, unfinished) = files(&directory);
        if !tables.is_empty() && !unfinished.is_empty() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is written");
        thread::sleep(Duration::from_millis(5));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    let [said, errors] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("it is text"));
    assert_eq!(output.status.code(), Some(1), "{said}{errors}");
    assert!(errors.contains("ended early: the operation was cancelled"), "{errors}");
    let (tables, others) = files(&directory);
    assert_eq!(others, Vec::<String>::new());
    // One may have been finished when its place in the loop was not looked at any more.
    let counted: usize = said.split(' ').next().and_then(|count| count.parse().ok()).expect("it says how many");
    assert!((counted..=counted + 10).contains(&tables.len()), "{said}, {} files", tables.len());
    assert_whole(&directory, &tables);
}

#[test]
fn checks_its_flags() {
    assert_eq!(run("etl", &["--help"]).0, Some(0));
    for bad in [&["--station", "1"][..], &["--stations", "x"], &["--stations=0"], &["--directory"], &["--directory="]] {
        assert_eq!(run("etl", bad).0, Some(2), "{bad:?}");
    }
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/etl-file");
    fs::write(file, "not a directory").expect("it is ours");
    assert_eq!(run("etl", &["--directory", file]).0, Some(1));
}
