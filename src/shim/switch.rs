//! What `cargo xtask weaken` changes at run time, so that one binary serves all (`cfg(loom)`).
//!
//! * `TASKCELL_LOADS=rmw` turns loads into read-modify-writes. loom 0.7 has a
//!   blind spot: a load directly before an RMW on the same atomic by one thread
//!   hides another thread's earlier load. Each mode sees what the other misses.
//!   Stores become RMWs too: loom lets an RMW that stands for a load read past a
//!   store that nothing orders, and then undo it.
//!   `TASKCELL_LOADS=shadowed` leaves the loads weak, and puts a relaxed RMW on an
//!   atomic of its own before each operation, which takes the blind spot away.
//! * `TASKCELL_WEAKEN=FILE:LINE:COLUMN:CHANGE` changes the operation whose name
//!   stands there. CHANGE is a weaker ordering; `failure`, for a relaxed one where
//!   an exchange fails; `torn`, a load and a store instead of one step; `skipped`,
//!   for an operation that writes nothing; `blind`, an exchange that takes whatever
//!   it finds for what it expected.
//! * `TASKCELL_REACHED=FILE` appends a line to FILE for each place that is reached,
//!   and for what is seen there, each once.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::panic::Location;
use loom::sync::atomic::Ordering;
use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, OnceLock};

/// What a load is.
#[derive(PartialEq)]
pub(super) enum Loads {
    AsTheyAre,
    Rmws,
    Shadowed,
}

/// What becomes of one operation.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Change {
    Weaker(Ordering),
    /// An exchange's second ordering is relaxed.
    Failure,
    Torn,
    Skipped,
    Blind,
}

struct Switches {
    loads: Loads,
    change: Option<Site>,
    reached: Option<Reached>,
}

struct Site {
    file: String,
    place: (u32, u32),
    change: Change,
}

/// What has been seen, and where it is written down.
struct Reached {
    file: Mutex<File>,
    seen: Mutex<HashSet<(&'static str, u32, u32, &'static str)>>,
}

fn switches() -> &'static Switches {
    static SWITCHES: OnceLock<Switches> = OnceLock::new();
    SWITCHES.get_or_init(|| Switches {
        loads: match std::env::var("TASKCELL_LOADS").as_deref() {
            Ok("rmw") => Loads::Rmws,
            Ok("shadowed") => Loads::Shadowed,
            _ => Loads::AsTheyAre,
        },
        change: std::env::var("TASKCELL_WEAKEN").ok().map(|site| parse(&site)),
        reached: std::env::var("TASKCELL_REACHED").ok().map(|path| {
            let file = File::options().create(true).append(true).open(path).expect("the file can be written");
            Reached { file: Mutex::new(file), seen: Mutex::default() }
        }),
    })
}

fn parse(site: &str) -> Site {
    let parts: alloc::vec::Vec<&str> = site.split(':').collect();
    let [file, line, column, change] = parts[..] else {
        panic!("TASKCELL_WEAKEN=FILE:LINE:COLUMN:CHANGE, not {site}");
    };
    let number = |text: &str| text.parse().expect("a line and a column");
    let change = match change {
        "Relaxed" => Change::Weaker(Ordering::Relaxed),
        "Acquire" => Change::Weaker(Ordering::Acquire),
        "Release" => Change::Weaker(Ordering::Release),
        "failure" => Change::Failure,
        "torn" => Change::Torn,
        "skipped" => Change::Skipped,
        "blind" => Change::Blind,
        other => panic!("TASKCELL_WEAKEN names no change: {other}"),
    };
    Site { file: file.to_owned(), place: (number(line), number(column)), change }
}

pub(super) fn loads() -> &'static Loads {
    &switches().loads
}

/// What becomes of the operation that the caller's caller wrote.
#[track_caller]
pub(super) fn here() -> Option<Change> {
    let here = Location::caller();
    seen(here.file(), here.line(), here.column(), "reached");
    let site = switches().change.as_ref()?;
    (site.place == (here.line(), here.column()) && here.file().ends_with(site.file.as_str())).then_some(site.change)
}

/// Notes what an exchange came to.
#[track_caller]
pub(super) fn exchanged(succeeded: bool) {
    let here = Location::caller();
    seen(here.file(), here.line(), here.column(), if succeeded { "won" } else { "lost" });
}

/// Notes that a place was reached, and what was seen there.
pub(super) fn seen(file: &'static str, line: u32, column: u32, what: &'static str) {
    let Some(reached) = &switches().reached else { return };
    if reached.seen.lock().is_ok_and(|mut seen| seen.insert((file, line, column, what))) {
        let line = alloc::format!("{file}:{line}:{column}:{what}\n");
        reached.file.lock().expect("nobody panics here").write_all(line.as_bytes()).expect("the file can be written");
    }
}
