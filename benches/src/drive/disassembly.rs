//! Which addresses of an object hold an atomic read-modify-write: a `lock` prefix, or an `xchg` with memory.

use std::collections::{HashMap, HashSet};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// The addresses by object; each object is disassembled once.
#[derive(Default)]
pub(crate) struct Atomics(Mutex<HashMap<String, Arc<HashSet<u64>>>>);

impl Atomics {
    /// The addresses in this object.
    pub(crate) fn of(&self, object: &str) -> Result<Arc<HashSet<u64>>, String> {
        let mut known = self.0.lock().map_err(|error| error.to_string())?;
        if let Some(addresses) = known.get(object) {
            return Ok(Arc::clone(addresses));
        }
        let addresses = Arc::new(disassemble(object)?);
        known.insert(object.to_owned(), Arc::clone(&addresses));
        Ok(addresses)
    }
}

fn disassemble(object: &str) -> Result<HashSet<u64>, String> {
    // What callgrind cannot name holds none that it could see.
    if !object.starts_with('/') {
        return Ok(HashSet::new());
    }
    let output = Command::new("objdump")
        .args(["-d", "--no-show-raw-insn", object])
        .output()
        .map_err(|error| format!("objdump: {error}"))?;
    if !output.status.success() {
        return Err(format!("objdump cannot read {object}"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(atomic).collect())
}

/// The address, if the line is such an instruction: `   1c2f0:\tlock xadd %rax,(%rdi)`.
fn atomic(line: &str) -> Option<u64> {
    let (address, instruction) = line.trim_start().split_once(":\t")?;
    let exchange = instruction.starts_with("xchg") && instruction.contains('(');
    if !instruction.starts_with("lock") && !exchange {
        return None;
    }
    u64::from_str_radix(address, 16).ok()
}
