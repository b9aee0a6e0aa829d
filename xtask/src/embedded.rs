//! Bare metal: the library built for Cortex-M3, RISC-V and, without
//! compare-and-swap, Cortex-M0; and the firmware of `embedded/` run under QEMU.
//!
//! | file | knows |
//! |---|---|
//! | `programs.rs` | which programs there are, and for which machines |
//! | `firmware.rs` | building and running them, and what each came to |
//! | `elf.rs` | the sections and symbols of a program |

mod elf;
mod firmware;
mod programs;

use crate::tools::{Outcome, debian_cargo, failed, run, target};
use programs::TARGETS;

pub(crate) fn job(args: &[String]) -> Outcome {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--build"] => libraries(),
        [] => libraries().and_then(|()| firmware::job()),
        _ => failed("embedded knows --build and nothing else"),
    }
}

fn libraries() -> Outcome {
    for target in &TARGETS {
        library(target.triple, "core", target.atomics)?;
        library(target.triple, "core,alloc", &format!("alloc {}", target.atomics))?;
    }
    // The binary's other choice where there is one core.
    library("thumbv6m-none-eabi", "core,alloc", "alloc portable-atomic portable-atomic/unsafe-assume-single-core")
}

/// With `std` built from `core` alone there is no alloc that could be linked by mistake.
fn library(triple: &str, std: &str, features: &str) -> Outcome {
    let build_std = format!("-Zbuild-std={std}");
    let fixed = ["build", "--release", "--package", "taskcell", "--no-default-features"];
    let own = [build_std.as_str(), "--target", triple, "--features", features];
    let mut command = debian_cargo(fixed.into_iter().chain(own))?;
    run(command.env("CARGO_TARGET_DIR", target().join("embedded")))
}
