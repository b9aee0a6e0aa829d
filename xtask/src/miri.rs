//! The tests under Miri, on machines whose rustup has it.

use crate::tools::{Outcome, cargo, cargo_line, missing, quiet, run};

pub(crate) fn job() -> Outcome {
    if quiet(&mut cargo(["+nightly", "miri", "--version"])).is_none() {
        return missing("Miri (rustup +nightly component add miri rust-src)");
    }
    // Tests read the clock; those of the house rules read files, which Miri would take a day for.
    let flags = "-Zmiri-strict-provenance -Zmiri-disable-isolation -Zmiri-many-seeds=0..16";
    let line = "+nightly miri test --package taskcell --test it --test core_tier -- --skip tidy::";
    run(cargo_line(line).env("MIRIFLAGS", flags))
}
