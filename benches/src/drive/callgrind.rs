//! One run of the worker under callgrind, and what it counted.

use super::disassembly::Atomics;
use std::path::Path;
use std::process::Command;

/// What a run counted, in all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) instructions: u64,
    pub(crate) rmws: u64,
    pub(crate) operations: f64,
}

/// Seconds that one run may take: a row that hangs is a failed row.
const LIMIT: &str = "120";

/// Runs the worker with these words.
pub(crate) fn run(worker: &Path, atomics: &Atomics, words: &[&str]) -> Result<Counted, String> {
    let name = format!("taskcell-bench.{}.{}", std::process::id(), words.join(".")).replace(['/', ' ', '<', '>'], "-");
    let dump = std::env::temp_dir().join(name);
    let output = Command::new("timeout")
        .args([LIMIT, "valgrind"])
        .args(["--tool=callgrind", "--instr-atstart=no", "--dump-instr=yes", "--dump-line=no"])
        .args(["--compress-pos=no", "--compress-strings=no"])
        .arg(format!("--callgrind-out-file={}", dump.display()))
        .arg(worker)
        .args(words)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = std::fs::read_to_string(&dump);
    let _ = std::fs::remove_file(&dump);
    if !output.status.success() {
        return Err(format!(
            "{} failed ({}):\n{}",
            words.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let mut counted = sum(&text.map_err(|error| format!("{}: {error}", dump.display()))?, atomics)?;
    counted.operations = field(&String::from_utf8_lossy(&output.stdout), "operations")?;
    Ok(counted)
}

/// Sums the instructions' own counts: `0xADDRESS COUNT` lines below the `ob=` that they belong to. The line after a
/// `calls=` line repeats what the callee counted.
fn sum(dump: &str, atomics: &Atomics) -> Result<Counted, String> {
    let mut counted = Counted::default();
    let mut here = None;
    let mut lines = dump.lines();
    while let Some(line) = lines.next() {
        if let Some(object) = line.strip_prefix("ob=") {
            here = Some(atomics.of(object)?);
        } else if line.starts_with("calls=") {
            lines.next();
        } else if let Some((address, count)) = line.strip_prefix("0x").and_then(|rest| rest.split_once(' ')) {
            let wrong = |_| format!("callgrind wrote `{line}`");
            let address = u64::from_str_radix(address, 16).map_err(wrong)?;
            let count: u64 = count.trim().parse().map_err(wrong)?;
            counted.instructions += count;
            if here.as_ref().is_some_and(|atomics| atomics.contains(&address)) {
                counted.rmws += count;
            }
        }
    }
    Ok(counted)
}

/// The number behind a word of the worker's line.
pub(crate) fn field(line: &str, name: &str) -> Result<f64, String> {
    let mut words = line.split_whitespace();
    words.find(|word| *word == name);
    words.next().and_then(|word| word.parse().ok()).ok_or_else(|| format!("the worker gave no {name}: {line}"))
}
