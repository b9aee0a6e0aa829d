//! What every job uses: running commands, finding folders, installing packages.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Why a job did not end well.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The system lacks something: exit status 2, never green.
    Missing(String),
    /// Something was run and failed: exit status 1.
    Failed(String),
}

pub(crate) type Outcome<T = ()> = Result<T, Fault>;

pub(crate) fn failed<T>(why: impl Into<String>) -> Outcome<T> {
    Err(Fault::Failed(why.into()))
}

pub(crate) fn missing<T>(what: impl Into<String>) -> Outcome<T> {
    Err(Fault::Missing(what.into()))
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_path_buf()
}

/// Cargo's target folder, which jobs with flags of their own keep subfolders in.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// `cargo` in the repository; rustup never downloads by itself.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).env("RUSTUP_AUTO_INSTALL", "0").args(args);
    command
}

/// `cargo` with the words of one line.
pub(crate) fn cargo_line(line: &str) -> Command {
    cargo(line.split_whitespace())
}

/// Prints a command as one would type it.
fn announce(command: &Command) {
    let mut line = String::new();
    for (key, value) in command.get_envs() {
        let key = key.to_string_lossy();
        if let (Some(value), true) = (value, key != "RUSTUP_AUTO_INSTALL") {
            line += &format!("{key}={:?} ", value.to_string_lossy());
        }
    }
    line += &command.get_program().to_string_lossy();
    for arg in command.get_args() {
        line += " ";
        line += &arg.to_string_lossy();
    }
    println!("$ {line}");
}

/// Runs a command with its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Outcome {
    announce(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => failed(format!("`{}` ended with {status}", short(command))),
        Err(error) => missing(format!("`{}` cannot be started: {error}", short(command))),
    }
}

/// Runs a command, shows what it prints on stdout, and gives it back.
pub(crate) fn tee(command: &mut Command) -> Outcome<String> {
    announce(command);
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return missing(format!("`{}` cannot be started: {error}", short(command))),
    };
    let mut text = String::new();
    for line in BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok) {
        println!("{line}");
        text += &line;
        text.push('\n');
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(text),
        Ok(status) => failed(format!("`{}` ended with {status}", short(command))),
        Err(error) => failed(format!("`{}`: {error}", short(command))),
    }
}

/// What a command prints on stdout, if it can be run and succeeds.
pub(crate) fn quiet(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How many tests passed and how many were left out, by what `cargo test` prints.
pub(crate) fn test_counts(said: &str) -> (usize, usize) {
    let results = said.lines().filter_map(|l| l.strip_prefix("test result: "));
    results.fold((0, 0), |(p, i), r| (p + count(r, " passed"), i + count(r, " ignored")))
}

/// `1 passed; 2 failed` gives the number before ` passed`.
fn count(line: &str, what: &str) -> usize {
    let before = line.split(what).next().unwrap_or_default();
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn short(command: &Command) -> String {
    let args: Vec<_> = command.get_args().take(4).map(|a| a.to_string_lossy()).collect();
    format!("{} {}", command.get_program().to_string_lossy(), args.join(" "))
}

/// Whether Debian's package is installed.
fn installed(package: &str) -> bool {
    let status = quiet(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]));
    status.is_some_and(|s| s == "installed")
}

/// Makes sure of Debian packages: installs them as root, otherwise says which are missing.
pub(crate) fn packages(names: &[&str]) -> Outcome {
    let absent: Vec<&str> = names.iter().copied().filter(|p| !installed(p)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let what = format!("Debian packages: {}", absent.join(" "));
    if quiet(Command::new("id").arg("-u")).is_none_or(|id| id.trim() != "0") {
        return missing(format!("{what} (only root can install them)"));
    }
    update_lists(&what)?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(&absent);
    match run(install.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null())) {
        Ok(()) => Ok(()),
        Err(_) => missing(format!("{what} (apt-get could not install them)")),
    }
}

/// `apt-get update`, once for a process.
pub(crate) fn update_lists(what: &str) -> Outcome {
    static DONE: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let done = DONE.get_or_init(|| run(Command::new("apt-get").args(["update", "-qq"])).is_ok());
    if *done { Ok(()) } else { missing(format!("{what} (apt-get update fails here)")) }
}

/// `cargo` driving Debian's compiler, whose sources are there to build std from.
pub(crate) fn debian_cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Outcome<Command> {
    packages(&["rustc-web", "rust-web-src"])?;
    let mut command = cargo(args);
    command.env("RUSTC", "/usr/bin/rustc").env("RUSTDOC", "/usr/bin/rustdoc").env("RUSTC_BOOTSTRAP", "1");
    Ok(command)
}

/// The sysroot of rustup's stable compiler.
pub(crate) fn sysroot() -> Outcome<PathBuf> {
    let printed = quiet(Command::new("rustc").args(["--print", "sysroot"]).env("RUSTUP_AUTO_INSTALL", "0"));
    match printed {
        Some(path) => Ok(PathBuf::from(path.trim())),
        None => missing("rustc"),
    }
}

/// rustup's bundled linker; Debian's compiler has none for these targets.
pub(crate) fn linker() -> Outcome<PathBuf> {
    let rustlib = sysroot()?.join("lib/rustlib");
    let folders = std::fs::read_dir(rustlib).into_iter().flatten().flatten();
    let lld = folders.map(|f| f.path().join("bin/rust-lld")).find(|p| p.exists());
    lld.map_or_else(|| missing("rust-lld of rustup's stable toolchain"), Ok)
}

/// Two workers over a list; results in its order.
pub(crate) fn in_parallel<T: Sync, R: Send>(list: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    let Some(item) = list.get(at) else { break };
                    let result = work(item);
                    results.lock().expect("no worker panics while it holds the list").push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no worker panics while it holds the list");
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
