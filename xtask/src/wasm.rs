//! A browser's event loop: the library built for wasm32 without std, and the program of `wasm/` run under node.

use crate::tools::{Outcome, debian_cargo, linker, packages, quiet, root, run, target};
use std::process::Command;

const WASM: &str = "wasm32-unknown-unknown";

pub(crate) fn job() -> Outcome {
    if quiet(Command::new("node").arg("--version")).is_none() {
        packages(&["nodejs"])?;
    }
    let mut build = debian_cargo(["build", "--release", "--locked", "-Zbuild-std=core,alloc", "--target", WASM])?;
    let target = target().join("embedded");
    build.current_dir(root().join("wasm")).env("CARGO_TARGET_DIR", &target);
    run(build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?))?;

    let program = target.join(WASM).join("release/taskcell_wasm.wasm");
    // What hangs is ended, and has failed.
    let mut node = Command::new("timeout");
    node.args(["60", "node", "wasm/run.mjs"]).arg(&program).arg("examples/everywhere/report.txt");
    run(node.current_dir(root()))?;
    println!("{} bytes of wasm", std::fs::metadata(&program).map_or(0, |file| file.len()));
    Ok(())
}
