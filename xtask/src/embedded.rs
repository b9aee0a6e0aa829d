//! Bare metal: the library built for Cortex-M3 and, without compare-and-swap,
//! for Cortex-M0; and the firmware of `embedded/` run under QEMU.

use crate::tools::{Outcome, debian_cargo, failed, missing, packages, root, run, sysroot, target};
use std::path::PathBuf;
use std::process::Command;

const M3: &str = "thumbv7m-none-eabi";
const M0: &str = "thumbv6m-none-eabi";

pub(crate) fn job(args: &[String]) -> Outcome {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--build"] => build(),
        [] => build().and_then(|()| firmware()),
        _ => failed("embedded knows --build and nothing else"),
    }
}

fn build() -> Outcome {
    library(M3, "core", "")?;
    library(M3, "core,alloc", "alloc")?;
    library(M0, "core", "portable-atomic critical-section")?;
    library(M0, "core,alloc", "portable-atomic critical-section alloc")
}

/// With `std` built from `core` alone there is no alloc that could be linked by mistake.
fn library(triple: &str, std: &str, features: &str) -> Outcome {
    let build_std = format!("-Zbuild-std={std}");
    let fixed = ["build", "--release", "--package", "taskcell", "--no-default-features"];
    let own = [build_std.as_str(), "--target", triple, "--features", features];
    let mut command = debian_cargo(fixed.into_iter().chain(own))?;
    run(command.env("CARGO_TARGET_DIR", target().join("embedded")))
}

fn firmware() -> Outcome {
    if !root().join("embedded/Cargo.toml").exists() {
        return missing("the firmware of embedded/");
    }
    packages(&["qemu-system-arm"])?;
    for (triple, board, features) in [(M3, "lm3s6965evb", ""), (M0, "microbit", "no-cas")] {
        boot(triple, board, features)?;
    }
    Ok(())
}

fn boot(triple: &str, board: &str, features: &str) -> Outcome {
    let fixed = ["run", "--release", "--locked", "-Zbuild-std=core", "--bin", "cell"];
    let own = ["--target", triple, "--features", features];
    let mut command: Command = debian_cargo(fixed.into_iter().chain(own))?;
    let name = triple.replace('-', "_").to_uppercase();
    let runner =
        format!("timeout 60 qemu-system-arm -M {board} -nographic -semihosting-config enable=on,target=native -kernel");
    command.env(format!("CARGO_TARGET_{name}_LINKER"), linker()?).env(format!("CARGO_TARGET_{name}_RUNNER"), runner);
    run(command.current_dir(root().join("embedded")).env("CARGO_TARGET_DIR", target().join("embedded")))
}

/// rustup's bundled linker; Debian's compiler has none for these targets.
fn linker() -> Outcome<PathBuf> {
    let rustlib = sysroot()?.join("lib/rustlib");
    let folders = std::fs::read_dir(rustlib).into_iter().flatten().flatten();
    let lld = folders.map(|f| f.path().join("bin/rust-lld")).find(|p| p.exists());
    lld.map_or_else(|| missing("rust-lld of rustup's stable toolchain"), Ok)
}
