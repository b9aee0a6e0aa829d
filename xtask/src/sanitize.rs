//! The tests under ThreadSanitizer (std built with it, by Debian's compiler)
//! and under AddressSanitizer (rustup's stable).

use crate::tools::{Outcome, cargo, debian_cargo, failed, missing, packages, run, sysroot, target};
use std::path::Path;

const HOST: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn job(args: &[String]) -> Outcome {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return missing(format!("a machine of the kind {HOST}"));
    }
    match args.first().map(String::as_str) {
        None => thread().and_then(|()| address()),
        Some("thread") => thread(),
        Some("address") => address(),
        Some(other) => failed(format!("sanitize knows thread and address, not {other}")),
    }
}

fn thread() -> Outcome {
    packages(&["rustc-web", "rust-web-src"])?;
    runtime("librustc-stable_rt.tsan.a")?;
    let tests = ["test", "-Zbuild-std", "--target", HOST, "--package", "taskcell", "--test", "it"];
    let mut command = debian_cargo(tests)?;
    command.env("RUSTFLAGS", "-Zsanitizer=thread --cfg taskcell_sanitize").env("TSAN_OPTIONS", "halt_on_error=1");
    run(command.env("CARGO_TARGET_DIR", target().join("tsan")))
}

fn address() -> Outcome {
    let mut command = cargo(["test", "--target", HOST, "--package", "taskcell", "--test", "it"]);
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address --cfg taskcell_sanitize");
    run(command.env("CARGO_TARGET_DIR", target().join("asan")))
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
