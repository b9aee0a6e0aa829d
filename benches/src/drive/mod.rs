//! The parts of the driver.
//!
//! - `bars`: reads `bars.toml`
//! - `tools`: what must be installed; builds the workers
//! - `disassembly`: which addresses hold an atomic read-modify-write
//! - `callgrind`: one run of the worker, counted
//! - `plan`: which runs are needed, two at a time
//! - `report`: the table and the JSON file
//! - `time`: nanoseconds

pub(crate) mod bars;
pub(crate) mod callgrind;
pub(crate) mod disassembly;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod time;
pub(crate) mod tools;
