//! `cargo xtask publish [--fast]`: whether the library is ready for crates.io. It uploads nothing.
//!
//! | file | knows |
//! |---|---|
//! | `packed.rs` | what is in the package |
//! | `alone.rs` | the package by itself: its least versions, and whose types it shows |
//! | `licences.rs` | what may be linked |

mod alone;
mod licences;
mod packed;

use crate::semver;
use crate::tools::{Fault, Outcome, cargo_line, failed, missing, quiet, root, target};
use std::process::Command;
use std::time::Instant;

/// A step says what it has seen.
type Step = (&'static str, fn() -> Outcome<String>);

/// Those that CI runs, under a minute.
const FAST: &[Step] = &[
    ("package", packed::check),
    ("least versions", alone::least_versions),
    ("public dependencies", alone::public_dependencies),
];

/// Those that need tools, or time.
const SLOW: &[Step] = &[
    ("docs.rs", docs),
    ("licences", licences::check),
    ("semver", || semver::job(&[]).map(|()| "as above".to_owned())),
    ("dry run", dry_run),
];

pub(crate) fn job(args: &[String]) -> Outcome {
    let steps = match args {
        [] => [FAST, SLOW].concat(),
        [fast] if fast == "--fast" => FAST.to_vec(),
        _ => return failed("publish takes --fast, or nothing"),
    };
    let (mut lines, mut bad, mut lacking) = (Vec::new(), 0, Vec::new());
    for &(name, step) in &steps {
        println!("\n== {name}");
        let begun = Instant::now();
        let (verdict, said) = match step() {
            Ok(said) => ("ok", said),
            Err(Fault::Failed(why)) => {
                bad += 1;
                ("FAILED", why)
            }
            Err(Fault::Missing(what)) => {
                lacking.push(what.clone());
                ("MISSING", what)
            }
        };
        let said = said.lines().next().unwrap_or_default();
        lines.push(format!("{verdict:8}{:>7.1} s  {name:22}{said}", begun.elapsed().as_secs_f64()));
    }
    println!();
    for line in &lines {
        println!("{line}");
    }
    println!("{} of {} steps passed", steps.len() - bad - lacking.len(), steps.len());
    match (bad, &lacking[..]) {
        (0, []) => Ok(()),
        (0, _) => missing(lacking.join("; ")),
        _ => failed(format!("{bad} steps failed: it is not ready")),
    }
}

/// Runs a command, and gives all that it prints, if it succeeds; otherwise shows that.
fn heard(command: &mut Command) -> Outcome<String> {
    match ask(command)? {
        (true, text) => Ok(text),
        (false, text) => {
            println!("{text}");
            let words: Vec<_> = command.get_args().take(4).map(|arg| arg.to_string_lossy()).collect();
            failed(format!("`{} {}` failed", command.get_program().to_string_lossy(), words.join(" ")))
        }
    }
}

/// Runs a command; whether it succeeds, and all that it prints.
pub(crate) fn ask(command: &mut Command) -> Outcome<(bool, String)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let words: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    println!("$ {program} {}", words.join(" "));
    match command.output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
            Ok((output.status.success(), text.concat()))
        }
        Err(error) => missing(format!("{program} cannot be started: {error}")),
    }
}

/// A tool of cargo's own, installed if it is not there.
pub(crate) fn tool(name: &str, minutes: u32) -> Outcome {
    if quiet(Command::new("cargo").args([name, "--version"])).is_some() {
        return Ok(());
    }
    println!("cargo-{name} is not there: it is built now, which takes {minutes} minutes of one core or more");
    match heard(&mut cargo_line(&format!("install --locked cargo-{name}"))) {
        Ok(_) => Ok(()),
        Err(_) => missing(format!("cargo-{name} (cargo install --locked cargo-{name})")),
    }
}

/// The docs as docs.rs builds them, with the marks of features. What is unstable there is allowed for this alone.
fn docs() -> Outcome<String> {
    let mut doc = cargo_line("doc --no-deps --package taskcell --all-features");
    doc.env("RUSTC_BOOTSTRAP", "1").env("RUSTDOCFLAGS", "--cfg docsrs -D warnings");
    heard(doc.env("CARGO_TARGET_DIR", target().join("docsrs")))?;
    let page = target().join("docsrs/doc/taskcell/index.html");
    match std::fs::read_to_string(&page) {
        Ok(text) if text.contains("Available on") => Ok("built, with the features that items need".to_owned()),
        Ok(_) => failed("the first page says of nothing which feature it needs"),
        Err(error) => failed(format!("{}: {error}", page.display())),
    }
}

/// All that `cargo publish` does but the upload.
fn dry_run() -> Outcome<String> {
    heard(&mut cargo_line("publish --dry-run --allow-dirty --no-verify --package taskcell"))?;
    let changed = quiet(Command::new("git").current_dir(root()).args(["status", "--porcelain"]));
    match changed.map(|changed| changed.lines().count()) {
        Some(0) => Ok("nothing is left to commit".to_owned()),
        Some(changed) => Ok(format!("{changed} files are to be committed first")),
        None => missing("git"),
    }
}
