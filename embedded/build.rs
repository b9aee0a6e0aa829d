//! Tells the linker where memory is, one map for all emulated boards of an architecture; takes out of the docs' page
//! "without a heap" the first listing, for `src/bin/listing.rs`, and the table of sizes, for `src/bin/sizes.rs`.

use std::path::{Path, PathBuf};
use std::{env, fs};

const PAGE: &str = "../src/guide/without_a_heap.md";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    link(&out);
    let page = read(PAGE);
    fs::write(out.join("listing.rs"), listing(&page)).expect("cargo made the folder");
    fs::write(out.join("sizes.rs"), sizes(&page)).expect("cargo made the folder");
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

/// The rows of the table of sizes, as a list of `Size`: each type as the compiler sees it beside what the page says.
fn sizes(page: &str) -> String {
    let (_, section) = page.split_once("\n# Sizes\n").expect("the page has sizes");
    let (section, _) = section.split_once("\n# ").expect("the page goes on");
    let mut list = String::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [name, formula, with_four] = cells[..] else { panic!("three cells: {row}") };
        for n in [1, 4, 8] {
            let with = |text: &str| text.replace("<N>", &format!("<{n}>")).replace(" N", &format!(" {n}"));
            let (is, formula) = (with(name), with(formula));
            let said = if n == 4 { with_four } else { &formula };
            list +=
                &format!("Size {{ name: {is:?}, n: {n}, is: size_of::<{is}>(), formula: {formula}, said: {said} }},\n");
        }
    }
    assert!(list.len() > 1000, "the table is there");
    format!("&[{list}]")
}
