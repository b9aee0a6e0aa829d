//! What may be linked: by licence, by source, and none of the library's own twice.

use super::{ask, heard, tool};
use crate::tools::{Outcome, cargo_line, failed};

/// `deny.toml` says what is allowed.
pub(super) fn check() -> Outcome<String> {
    let twice = heard(&mut cargo_line("tree --package taskcell --edges normal --all-features --duplicates --quiet"))?;
    if let Some(one) = twice.lines().find(|line| line.contains(" v")) {
        return failed(format!("{one} is linked in more than one version"));
    }
    tool("deny", 4)?;
    let said = heard(&mut cargo_line("deny --workspace check --hide-inclusion-graph bans licenses sources"))?;
    print!("{said}");
    if !said.contains("bans ok, licenses ok, sources ok") {
        return failed("cargo deny did not look at bans, licences and sources");
    }
    Ok(format!("bans, licences and sources are fine; {}", advisories()?))
}

/// They are on GitHub: where that cannot be reached nothing is known about them.
fn advisories() -> Outcome<&'static str> {
    let (fine, said) = ask(&mut cargo_line("deny --workspace check --hide-inclusion-graph advisories"))?;
    match fine {
        true if said.contains("advisories ok") => Ok("no advisories"),
        false if said.contains("failed to fetch advisory database") => {
            Ok("advisories were NOT looked at, as their list cannot be fetched here")
        }
        _ => {
            println!("{said}");
            failed("there are advisories")
        }
    }
}
