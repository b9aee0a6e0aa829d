//! What must be installed, and the workers, built with the profile `measure`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The worker that callgrind watches, the one that counts allocations, and the one of pictures and two threads.
pub(crate) struct Workers {
    pub(crate) row: PathBuf,
    pub(crate) heap: PathBuf,
    pub(crate) scene: PathBuf,
}

/// Says what is missing; as root it installs it first.
pub(crate) fn check() -> Result<(), String> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Err("counting needs valgrind and objdump on x86-64 Linux".to_owned());
    }
    for (tool, package) in [("valgrind", "valgrind"), ("objdump", "binutils")] {
        if present(tool) {
            continue;
        }
        if root() && present("apt-get") {
            println!("bench: installing {package}");
            let _ = Command::new("apt-get").arg("update").stdout(Stdio::null()).status();
            let _ = Command::new("apt-get")
                .args(["install", "-y", "--no-install-recommends", package])
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(Stdio::null())
                .status();
        }
        if !present(tool) {
            return Err(format!("`{tool}` is missing (package {package})"));
        }
    }
    Ok(())
}

fn present(tool: &str) -> bool {
    let quiet = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Builds both and asks cargo where they are.
pub(crate) fn build() -> Result<Workers, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--profile",
            "measure",
            "--package",
            "taskcell-bench",
            "--bin",
            "row",
            "--bin",
            "row_heap",
            "--bin",
            "scene",
        ])
        .args(["--quiet", "--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err("the workers do not build".to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let executable = |name: &str| {
        let mut found = text.lines().filter_map(|line| line.split_once("\"executable\":\"")?.1.split('"').next());
        found.find(|path| path.ends_with(name)).map(PathBuf::from).ok_or_else(|| format!("cargo built no `{name}`"))
    };
    Ok(Workers { row: executable("/row")?, heap: executable("/row_heap")?, scene: executable("/scene")? })
}
