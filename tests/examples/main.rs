//! Runs the small examples as child processes, as their readers do. The gateway has tests of its own.

#![cfg(all(unix, feature = "std", not(miri), not(loom)))]

#[path = "../gateway/built.rs"]
mod built;
mod chat;
mod etl;
mod everywhere;
mod feeds;
mod sync;

use built::built;
use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

fn run(example: &str, args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, .. } =
        Command::new(built(example)).args(args).stdin(Stdio::null()).output().expect("the example runs");
    (status.code(), String::from_utf8(stdout).expect("it prints text"))
}

/// The parts stand in `text`, in this order.
fn assert_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no '{part}', or not in its place: {text}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn page() {
    let (code, text) = run("page", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["the title of a lamp", "the related of a lamp", "one after another:"]);
    assert_order(&text, &["one after another:", "the title of a lamp", "the related of a lamp", "all at once:"]);
    let failures = ["part 1 (coupons): the server answered 503", "part 3 (coupons)", "2 errors"];
    assert_order(&text, &[&failures[..], &["the server answered 503", "first error:", "1 error"]].concat());
    let took = |name| -> u32 {
        let rest = text.split(name).nth(1).expect("the line is there").trim_start();
        rest.split(' ').next().and_then(|number| number.parse().ok()).expect("it has a number")
    };
    // Five waits of 60 ms, one after the other; how fast they are at once is the machine's affair.
    assert!(took("one after another:") >= 300, "{text}");
}

#[test]
fn quotes() {
    let (code, text) = run("quotes", &[]);
    assert_eq!(code, Some(0), "{text}");
    let rows = ["need_only_one", "first_successful", "losers awaited", "fallback", "hedge"];
    assert_order(&text, &rows);
    let row = |name| text.lines().find(|line| line.starts_with(name)).expect("the row is there");
    assert!(row("first_successful").contains("41.20 ("), "{text}");
    assert!(row("fallback").contains("2 asked  41.20 (tokyo)"), "{text}");
    assert!(row("hedge").contains("41.20 ("), "{text}");
    assert!(text.contains("is not needed any more"), "{text}");
}

#[test]
fn images() {
    let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/thumbnails");
    let (code, text) = run("images", &[directory]);
    assert_eq!((code, text.as_str()), (Some(0), "24 thumbnails\n"));
    for number in 0..24 {
        let image = std::fs::read_to_string(format!("{directory}/{number}.pgm")).expect("it was written");
        assert!(image.starts_with("P2 16 16 255\n"));
        assert_eq!(image.split_whitespace().count(), 4 + 16 * 16);
    }
}

#[test]
fn bailout_comes_to_its_end() {
    let (code, text) = run("bailout", &["--records", "2"]);
    assert_eq!(code, Some(0), "{text}");
    let cleanup = ["transaction: committed", "connection: closed", "at the end: 0 listeners", "copied 2 records"];
    assert_order(
        &text,
        &[&["connection: opened", "transaction: opened", "record 0", "record 1"], &cleanup[..]].concat(),
    );
}

#[test]
fn bailout_cleans_up_after_a_broken_record() {
    let (code, text) = run("bailout", &["--broken", "1"]);
    assert_eq!(code, Some(1), "{text}");
    let cleanup = ["transaction: rolled back", "connection: closed", "at the end: 0 listeners"];
    assert_order(&text, &[&["record 1"], &cleanup[..], &["not copied: record 1 is broken"]].concat());
    assert!(!text.contains("record 2\n"), "{text}");
}

#[test]
fn bailout_checks_its_flags() {
    assert_eq!(run("bailout", &["--help"]).0, Some(0));
    for bad in [&["--record", "1"][..], &["--records"], &["--records", "x"]] {
        assert_eq!(run("bailout", bad).0, Some(2), "{bad:?}");
    }
}

#[test]
fn bailout_cleans_up_at_ctrl_c() {
    let mut child = Command::new(built("bailout"))
        .args(["--records", "100000"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "record 0"));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let text: String = lines.map(|line| line + "\n").collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "{text}");
    let cleanup = ["Ctrl-C", "transaction: rolled back", "connection: closed", "at the end: 0 listeners"];
    assert_order(&text, &[&cleanup[..], &["not copied: the operation was cancelled"]].concat());
}

#[test]
fn simulate_gives_the_same_table_for_the_same_seed() {
    let args = ["--requests", "3000", "--seed", "7"];
    let (code, text) = run("simulate", &args);
    assert_eq!(code, Some(0), "{text}");
    assert_order(&text, &["seed 7: 3000 requests", "hedge at", "none", "p99", "p95", "p90", "p75", "p50"]);
    assert_eq!(run("simulate", &args), (Some(0), text.clone()));
    let (_, other) = run("simulate", &["--requests", "3000", "--seed=8"]);
    assert_ne!(text.replace("seed 7", ""), other.replace("seed 8", ""));
}

#[test]
fn simulate_draws_and_checks_its_flags() {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/simulate.svg");
    let (code, text) = run("simulate", &["--requests=500", "--plot", file]);
    assert_eq!(code, Some(0), "{text}");
    let drawn = std::fs::read_to_string(file).expect("it has drawn");
    assert!(drawn.starts_with("<svg ") && drawn.matches("stroke-width=\"2\"").count() == 6);
    assert_eq!(run("simulate", &["--help"]).0, Some(0));
    for bad in [&["--sed", "1"][..], &["--seed", "x"], &["--seed"], &["--requests", "0"]] {
        assert_eq!(run("simulate", bad).0, Some(2), "{bad:?}");
    }
}
