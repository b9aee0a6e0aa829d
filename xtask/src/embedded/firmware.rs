//! Building and running the programs of `embedded/`, and what each came to.

use super::elf::{Weight, weigh};
use super::programs::{PAIR, PROGRAMS, Program, TARGETS, Target};
use crate::tools::{Fault, Outcome, debian_cargo, failed, linker, missing, packages, root, run, target, tee};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

/// Time is counted in instructions, 128 ns each, which is longer than a cycle of any board's timer. So an interrupt can
/// come before each of them, not only between the blocks that the emulator translates, and comes at the same one in every
/// run. While the core sleeps, time jumps to the next timer.
const TIME: &str = "-icount shift=7,sleep=off";
const HOST: &str = "-nographic -semihosting-config enable=on,target=native";

struct Row {
    program: &'static Program,
    target: &'static Target,
    result: &'static str,
    weight: Option<Weight>,
    peak: Option<String>,
}

/// Builds the library, with and without a heap, for every machine, and no program.
pub(super) fn libraries() -> Outcome {
    let mut all = TARGETS.iter().flat_map(|target| [(target, ""), (target, "alloc")]);
    all.try_for_each(|(target, features)| build(target, features, &["--lib"]))?;
    other_choice()
}

/// Without compare-and-swap, where there is one core, a binary may also choose this.
fn other_choice() -> Outcome {
    build(&Target { features: "one-core", ..TARGETS[1] }, "alloc", &["--lib"])
}

pub(super) fn job() -> Outcome {
    packages(&["qemu-system-arm", "qemu-system-misc"])?;
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for target in &TARGETS {
        for features in PROGRAMS.iter().map(|p| p.features).collect::<BTreeSet<_>>() {
            let programs = || PROGRAMS.iter().filter(|p| p.features == features && p.is_for(target));
            let names: Vec<&str> = programs().flat_map(|program| ["--bin", program.name]).collect();
            let is_built = match build(target, features, &names) {
                Err(Fault::Missing(what)) => return missing(what),
                result => result.is_ok(),
            };
            for program in programs() {
                let row = if is_built { check(target, program) } else { unbuilt(target, program) };
                if row.result != "ok" {
                    faults.push(format!("{} on {}: {}", program.name, target.triple, row.result));
                }
                rows.push(row);
            }
        }
    }
    let other = other_choice();
    print(&rows);
    faults.extend(TARGETS.iter().filter_map(|target| compare(target, &rows)));
    if faults.is_empty() { other } else { failed(faults.join("\n")) }
}

fn unbuilt(target: &'static Target, program: &'static Program) -> Row {
    Row { program, target, result: "not built", weight: None, peak: None }
}

/// Builds parts of the firmware with one set of features. Without a heap there is nothing but `core` to build upon: no alloc
/// could be linked by mistake.
fn build(on: &Target, features: &str, parts: &[&str]) -> Outcome {
    let std = if features.is_empty() { "-Zbuild-std=core" } else { "-Zbuild-std=core,alloc" };
    let all = format!("{} {features}", on.features);
    let fixed = ["build", "--release", "--locked", std, "--target", on.triple, "--features", all.trim()];
    let mut command: Command = debian_cargo(fixed.into_iter().chain(parts.iter().copied()))?;
    let name = on.triple.replace('-', "_").to_uppercase();
    command.env(format!("CARGO_TARGET_{name}_LINKER"), linker()?);
    run(command.current_dir(root().join("embedded")).env("CARGO_TARGET_DIR", folder()))
}

fn check(target: &'static Target, program: &'static Program) -> Row {
    let file = folder().join(target.triple).join("release").join(program.name);
    let Some(weight) = std::fs::read(&file).ok().and_then(|bytes| weigh(&bytes)) else {
        return unbuilt(target, program);
    };
    let mut command = Command::new("timeout");
    let words = format!("120 {} {HOST} {TIME} -kernel", target.machine);
    let said = tee(command.args(words.split_whitespace()).arg(file));
    let peak = said.as_ref().ok().and_then(|said| Some(said.split_once("heap peak: ")?.1.lines().next()?.to_owned()));
    let result = match said {
        Err(_) => "FAILED",
        Ok(_) if weight.allocates != program.has_heap() => "FAILED: allocator",
        Ok(_) if peak.is_some() != program.has_heap() => "FAILED: heap peak",
        Ok(_) => "ok",
    };
    Row { program, target, result, weight: Some(weight), peak }
}

fn print(rows: &[Row]) {
    println!();
    println!("{:18}{:32}{:18}{:>7}{:>7}{:>7}", "program", "target", "result", "flash", "RAM", "heap");
    for row in rows {
        let dash = || "-".to_owned();
        let flash = row.weight.map_or_else(dash, |w| w.flash.to_string());
        let ram = row.weight.map_or_else(dash, |w| w.ram.to_string());
        let peak = row.peak.clone().unwrap_or_else(dash);
        println!("{:18}{:32}{:18}{flash:>7}{ram:>7}{peak:>7}", row.program.name, row.target.triple, row.result);
    }
}

/// Prints what the library costs on a target beside the same job by hand; what is wrong with that, if anything.
fn compare(target: &Target, rows: &[Row]) -> Option<String> {
    let (by_hand, ours, most) = PAIR;
    let flash = |name| {
        let row = rows.iter().find(|row| row.program.name == name && row.target.triple == target.triple)?;
        Some(row.weight?.flash)
    };
    let (Some(by_hand), Some(ours)) = (flash(by_hand), flash(ours)) else {
        return Some(format!("{}: nothing to compare", target.triple));
    };
    let line = format!("{}: {ours} bytes of flash, {by_hand} by hand, at most {most} more", target.triple);
    println!("{line}");
    (ours > by_hand + most).then_some(line)
}

fn folder() -> PathBuf {
    target().join("embedded")
}
