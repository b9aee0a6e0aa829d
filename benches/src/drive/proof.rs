//! The tests behind `correctness.toml`: each must exist and pass.

use super::bars::Claim;
use std::process::Command;

/// Runs them; what each claim's tests did.
pub(crate) fn run(claims: &[Claim]) -> Result<Vec<String>, String> {
    let tests: Vec<&str> = claims.iter().flat_map(|claim| claim.tests.iter().map(String::as_str)).collect();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--quiet", "--package", "taskcell", "--test", "it", "--", "--exact", "--format", "pretty"])
        .args(&tests)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let passed = |test: &&str| said.lines().any(|line| line.strip_prefix("test ") == Some(&format!("{test} ... ok")));
    let missing: Vec<_> = tests.iter().filter(|test| !passed(test)).collect();
    if !missing.is_empty() {
        return Err(format!("tests of correctness.toml that did not pass, or do not exist: {missing:?}\n{said}"));
    }
    println!("\n{} claims of correctness.toml hold: {} tests passed", claims.len(), tests.len());
    Ok(tests.into_iter().map(str::to_owned).collect())
}
