//! The tests under Miri, on machines whose rustup has it.

use crate::tools::{Outcome, cargo, missing, quiet, run};

pub(crate) fn job() -> Outcome {
    if quiet(&mut cargo(["+nightly", "miri", "--version"])).is_none() {
        return missing("Miri (rustup +nightly component add miri rust-src)");
    }
    let flags = "-Zmiri-strict-provenance -Zmiri-many-seeds=0..16";
    run(cargo(["+nightly", "miri", "test", "--package", "taskcell", "--test", "it"]).env("MIRIFLAGS", flags))
}
