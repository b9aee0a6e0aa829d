//! Proof on the host that the library links no std: a program that may not have
//! it depends on the library, and so do two that must be refused.

use crate::tools::{Outcome, cargo, failed, root, run, target};
use std::fs;
use std::process::Stdio;

const BARE: &str = "#![no_std]
#![no_main]
use taskcell as _;
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
";

const HEAP: &str = "
struct Never;
unsafe impl core::alloc::GlobalAlloc for Never {
    unsafe fn alloc(&self, _: core::alloc::Layout) -> *mut u8 { core::ptr::null_mut() }
    unsafe fn dealloc(&self, _: *mut u8, _: core::alloc::Layout) {}
}
#[global_allocator]
static NEVER: Never = Never;
";

pub(crate) fn job() -> Outcome {
    accepted("core", &[], BARE)?;
    accepted("alloc", &["alloc"], &format!("{BARE}{HEAP}"))?;
    refused("core", &["alloc"], BARE, "no global memory allocator")?;
    refused("alloc", &["std"], &format!("{BARE}{HEAP}"), "E0152")?;
    println!("no std and, without `alloc`, no allocator: shown, and both counter-examples were refused");
    Ok(())
}

fn accepted(name: &str, features: &[&str], program: &str) -> Outcome {
    run(&mut check(name, features, program)?)
}

/// The same program must be refused once a feature brings in more.
fn refused(name: &str, features: &[&str], program: &str, because: &str) -> Outcome {
    let mut command = check(&format!("not-{name}"), features, program)?;
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => return failed(format!("cargo check: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains(because) {
        return failed(format!(
            "a program on {name} with features {features:?} should be refused ({because}):\n{said}"
        ));
    }
    Ok(())
}

fn check(name: &str, features: &[&str], program: &str) -> Outcome<std::process::Command> {
    let folder = target().join("nostd").join(name);
    let manifest = format!(
        "[package]\nname = \"nostd-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.dev]\npanic = \"abort\"\n\n[dependencies]\n\
         taskcell = {{ path = {:?}, default-features = false, features = {features:?} }}\n",
        root()
    );
    let write = || {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), &manifest)?;
        fs::write(folder.join("src/main.rs"), program)?;
        // The versions that the repository is tested with.
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))
    };
    if let Err(error) = write() {
        return failed(format!("{}: {error}", folder.display()));
    }
    let mut command = cargo(["check", "--quiet"]);
    command.current_dir(&folder).env("CARGO_TARGET_DIR", target().join("nostd/target"));
    Ok(command)
}
