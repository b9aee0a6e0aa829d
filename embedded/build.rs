//! Tells the linker where memory is, one map for all emulated boards of an architecture; takes the first listing of the
//! docs' page "without a heap" out of it, for `src/bin/listing.rs`.

use std::path::{Path, PathBuf};
use std::{env, fs};

const PAGE: &str = "../src/guide/without_a_heap.md";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    link(&out);
    fs::write(out.join("listing.rs"), listing(&read(PAGE))).expect("cargo made the folder");
    println!("cargo::rerun-if-changed={PAGE}");
}

fn link(out: &Path) {
    let arch = env::var("CARGO_CFG_TARGET_ARCH").expect("set by cargo");
    fs::write(out.join("memory.x"), read(&format!("memory/{arch}.x"))).expect("cargo made the folder");
    println!("cargo::rustc-link-search={}", out.display());
    if arch == "riscv32" {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rerun-if-changed=memory");
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The first fenced block. What is true for a whole crate cannot be included, so it stands in the including file.
fn listing(page: &str) -> String {
    let (_, rest) = page.split_once("\n```rust\n").expect("the page has a listing");
    let (listing, _) = rest.split_once("\n```\n").expect("the listing ends");
    let listing = listing.strip_prefix("#![no_std]\n#![no_main]\n").expect("the listing is a whole program");
    assert!(listing.contains("#[exception]") && listing.contains(".cancel()"), "an interrupt cancels in the listing");
    listing.to_owned()
}
