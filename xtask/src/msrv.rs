//! The library checked by the oldest Rust it promises, taken from Debian's
//! packages and unpacked below `target/`, so that nothing is installed.

use crate::tools::{Outcome, cargo_line, failed, missing, quiet, run, target, update_lists};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const MSRV: &str = "1.85";

pub(crate) fn job() -> Outcome {
    let rustc = compiler()?;
    let version = quiet(Command::new(&rustc).arg("--version")).unwrap_or_default();
    if !version.starts_with(&format!("rustc {MSRV}.")) {
        return failed(format!("the unpacked compiler says {version:?}, not {MSRV}"));
    }
    println!("{}", version.trim());
    for features in
        ["", "--no-default-features", "--no-default-features --features alloc", "--features portable-atomic"]
    {
        let mut check = cargo_line(&format!("check --package taskcell {features}"));
        run(check.env("RUSTC", &rustc).env("CARGO_TARGET_DIR", target().join("msrv/target")))?;
    }
    Ok(())
}

/// Debian's package of that version, unpacked; a script that runs it.
fn compiler() -> Outcome<PathBuf> {
    let folder = target().join("msrv");
    let script = folder.join("rustc");
    if script.exists() && quiet(Command::new(&script).arg("--version")).is_some() {
        return Ok(script);
    }
    let version = match offered() {
        Some(version) => version,
        None => {
            update_lists("Debian's rustc-web 1.85")?;
            let Some(version) = offered() else {
                return missing("Debian's package rustc-web 1.85 is not offered here");
            };
            version
        }
    };
    unpack(&folder, &version)?;
    let root = folder.join("root/usr");
    let library = root.join("lib/x86_64-linux-gnu");
    let text = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH={}:{} exec {} \"$@\"\n",
        library.display(),
        root.join("lib").display(),
        root.join("bin/rustc").display()
    );
    let write = fs::write(&script, text).and_then(|()| fs::set_permissions(&script, fs::Permissions::from_mode(0o755)));
    match write {
        Ok(()) => Ok(script),
        Err(error) => failed(format!("{}: {error}", script.display())),
    }
}

/// The version string of the first matching package that apt knows.
fn offered() -> Option<String> {
    let list = quiet(Command::new("apt-cache").args(["madison", "rustc-web"]))?;
    let versions = list.lines().filter_map(|l| l.split('|').nth(1)).map(str::trim);
    versions.into_iter().find(|v| v.starts_with(&format!("{MSRV}."))).map(str::to_owned)
}

fn unpack(folder: &Path, version: &str) -> Outcome {
    let packages = folder.join("packages");
    if let Err(error) = fs::create_dir_all(&packages) {
        return failed(format!("{}: {error}", packages.display()));
    }
    let mut download = Command::new("apt-get");
    download.current_dir(&packages).args(["download", "-qq"]);
    for name in ["rustc-web", "libstd-rust-web-1.85", "libstd-rust-web-dev"] {
        download.arg(format!("{name}={version}"));
    }
    if run(download.arg("libllvm19")).is_err() {
        return missing(format!(
            "Debian's packages rustc-web, libstd-rust-web-1.85, libstd-rust-web-dev {version}, libllvm19"
        ));
    }
    let files = fs::read_dir(&packages).into_iter().flatten().flatten().map(|e| e.path());
    for file in files.filter(|f| f.extension().is_some_and(|e| e == "deb")) {
        run(Command::new("dpkg").arg("-x").arg(file).arg(folder.join("root")))?;
    }
    Ok(())
}
