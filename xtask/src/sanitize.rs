//! All tests and doctests under ThreadSanitizer (std built with it, by Debian's
//! compiler) and under AddressSanitizer with LeakSanitizer (rustup's stable).
//!
//! A report need not fail the test that it is about, and a test may not notice
//! that of a child process. So each process writes its reports to a file of its
//! own, and the files are counted.

use crate::ci::written_tests;
use crate::source::sources;
use crate::tools::{Fault, Outcome, cargo, debian_cargo, failed, missing, root, sysroot, target, tee, test_counts};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const HOST: &str = "x86_64-unknown-linux-gnu";

/// A sanitizer, and how its runtime is told what to do: the variable, and what it says beside where to report.
type Sanitizer = (&'static str, &'static str, &'static str);

const THREAD: Sanitizer = ("thread", "TSAN_OPTIONS", "halt_on_error=0:history_size=4");
/// It looks for leaks, too, at each process's end.
const ADDRESS: Sanitizer = ("address", "ASAN_OPTIONS", "detect_leaks=1");
/// The leaks alone.
const LEAK: Sanitizer = ("leak", "LSAN_OPTIONS", "report_objects=1");

/// Tests of processes that end by a signal. ThreadSanitizer holds one back until its thread calls something that it knows,
/// and a thread that sleeps does not.
const SIGNALLED: [&str; 2] = ["examples", "gateway"];

/// How many reports are shown in full.
const SHOWN: usize = 3;

pub(crate) fn job(args: &[String]) -> Outcome {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return missing(format!("a machine of the kind {HOST}"));
    }
    let chosen: &[Sanitizer] = match args.first().map(String::as_str) {
        None => &[THREAD, ADDRESS],
        Some("thread") => &[THREAD],
        Some("address") => &[ADDRESS],
        Some("leak") => &[LEAK],
        Some(other) => return failed(format!("sanitize knows thread, address and leak, not {other}")),
    };
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for sanitizer in chosen {
        let begun = Instant::now();
        let seen = suite(sanitizer)?;
        let (name, seconds) = (sanitizer.0, begun.elapsed().as_secs());
        let Seen { tests, doctests, reports, .. } = seen;
        rows.push(format!("{name:10}{tests:>8}{doctests:>10}{reports:>10}{seconds:>10}"));
        faults.extend(seen.faults.into_iter().map(|why| format!("{name}: {why}")));
    }
    println!("\n{:10}{:>8}{:>10}{:>10}{:>10}", "sanitizer", "tests", "doctests", "reports", "seconds");
    rows.iter().for_each(|row| println!("{row}"));
    println!("faults: {}", faults.len());
    if faults.is_empty() { Ok(()) } else { failed(faults.join("\n")) }
}

/// What one sanitizer has seen, and why that is not well.
#[derive(Default)]
struct Seen {
    tests: usize,
    doctests: usize,
    reports: usize,
    faults: Vec<String>,
}

/// One sanitizer over all test binaries, the examples that they start, and the doctests.
fn suite(sanitizer: &Sanitizer) -> Outcome<Seen> {
    let mut seen = Seen::default();
    let folder = target().join(format!("sanitize-{}", sanitizer.0));
    let reports = folder.join("reports");
    empty(&reports)?;
    // Every `# Examples` has a doctest at least.
    let examples = sources(&root(), "src").iter().map(|s| s.text.matches("/// # Examples\n").count()).sum();
    let mut found = Vec::new();
    let (mut what, mut tests) = (vec!["--tests".to_owned()], written_tests("tests"));
    if sanitizer.0 == "thread" {
        what = tests_without_signals()?;
        tests -= SIGNALLED.iter().map(|name| written_tests(&format!("tests/{name}"))).sum::<usize>();
    }
    for (stage, what, floor) in [("tests", what, tests), ("doctests", vec!["--doc".to_owned()], examples)] {
        let reports = reports.join(stage);
        empty(&reports)?;
        let mut said = tee(&mut command(sanitizer, &what, &folder, &reports)?);
        if matches!(said, Err(Fault::Failed(_))) && are_leaks(&texts(&reports)) {
            // What a thread has that ends together with its process looks leaked, once in a while.
            println!("once more: a leak counts if it is there again");
            empty(&reports)?;
            said = tee(&mut command(sanitizer, &what, &folder, &reports)?);
        }
        found.extend(texts(&reports));
        let said = match said {
            Ok(said) => said,
            // Its tests are counted as if none had passed.
            Err(Fault::Failed(why)) => {
                seen.faults.push(why);
                continue;
            }
            Err(fault) => return Err(fault),
        };
        let (passed, ignored) = test_counts(&said);
        *(if stage == "doctests" { &mut seen.doctests } else { &mut seen.tests }) = passed;
        if passed < floor || floor == 0 || ignored > 0 {
            seen.faults.push(format!("{stage}: {passed} passed, {ignored} were ignored, the sources hold {floor}"));
        }
    }
    // A file without a summary is that of a process that did not come to its end.
    seen.reports = found.iter().map(|text| text.matches("SUMMARY: ").count().max(1)).sum();
    for text in found.iter().take(SHOWN) {
        println!("{}", text.lines().take(60).collect::<Vec<_>>().join("\n"));
    }
    if seen.reports > 0 {
        seen.faults.push(format!("{} reports in {}", seen.reports, reports.display()));
    }
    Ok(seen)
}

/// All other test binaries, as cargo is told.
fn tests_without_signals() -> Outcome<Vec<String>> {
    let Ok(entries) = std::fs::read_dir(root().join("tests")) else { return failed("there is no folder of tests") };
    let mut named = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_test = path.join("main.rs").exists() || path.extension().is_some_and(|end| end == "rs");
        if is_test && !SIGNALLED.contains(&name.as_str()) {
            named.extend(["--test".to_owned(), name]);
        }
    }
    Ok(named)
}

/// `cargo test` with everything built for the sanitizer. What the tests build inherits that from the environment.
fn command(sanitizer: &Sanitizer, what: &[String], folder: &Path, reports: &Path) -> Outcome<Command> {
    let &(name, variable, options) = sanitizer;
    let args = ["test", "--no-fail-fast", "--package", "taskcell"].into_iter().chain(what.iter().map(String::as_str));
    let mut command = cargo(args.clone());
    if name == "thread" {
        command = debian_cargo(args)?;
        runtime("librustc-stable_rt.tsan.a")?;
        command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_unwind,test");
    }
    let flags = format!("-Zsanitizer={name} --cfg sanitized");
    command.env("CARGO_BUILD_TARGET", HOST).env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", folder);
    command.env("RUSTFLAGS", &flags).env("RUSTDOCFLAGS", &flags).env("RUST_BACKTRACE", "0");
    // Enough for the lines of a report; the whole of it takes twice as long to build.
    command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
    command.env(variable, format!("{options}:log_path={}", reports.join("report").display()));
    Ok(command)
}

fn empty(reports: &Path) -> Outcome {
    let emptied = std::fs::remove_dir_all(reports).is_ok() || !reports.exists();
    if emptied && std::fs::create_dir_all(reports).is_ok() {
        return Ok(());
    }
    failed(format!("{} cannot be emptied", reports.display()))
}

/// Whether there are reports, all of leaks.
fn are_leaks(texts: &[String]) -> bool {
    !texts.is_empty() && texts.iter().all(|text| text.contains("ERROR: LeakSanitizer") && text.contains("SUMMARY: "))
}

/// What the processes have reported.
fn texts(reports: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(reports).into_iter().flatten().flatten();
    let files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.iter().map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned()).collect()
}

/// Debian ships no runtime: its compiler is given rustup's.
fn runtime(name: &str) -> Outcome {
    let there = Path::new("/usr/lib/rustlib").join(HOST).join("lib").join(name);
    if there.exists() {
        return Ok(());
    }
    let ours = sysroot()?.join("lib/rustlib").join(HOST).join("lib").join(name);
    if !ours.exists() {
        return missing(format!("{name} of rustup's stable toolchain"));
    }
    match std::os::unix::fs::symlink(&ours, &there) {
        Ok(()) => Ok(()),
        Err(error) => missing(format!("{} (cannot be linked: {error})", there.display())),
    }
}
