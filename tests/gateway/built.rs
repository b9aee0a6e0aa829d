//! The examples, built as their tests were.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The path of an example's binary.
pub(crate) fn built(example: &str) -> PathBuf {
    let mut target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp lies in the target directory");
    // Where it is built for a triple that the environment names, as by `cargo xtask sanitize`, that has a folder of its own.
    if std::env::var_os("CARGO_BUILD_TARGET").is_some_and(|triple| target.ends_with(triple)) {
        target = target.parent().expect("the triple's folder lies in it");
    }
    let test = std::env::current_exe().expect("a test knows its path");
    let profile = test.parent().and_then(Path::parent).expect("tests lie in <profile>/deps");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--example", example, "--target-dir"]).arg(target);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    if cfg!(feature = "critical-section") {
        cargo.args(["--features", "critical-section"]);
    } else if cfg!(feature = "portable-atomic") {
        cargo.args(["--features", "portable-atomic"]);
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(status.success(), "the example does not build");
    profile.join("examples").join(example)
}
