//! The parts of the driver.
//!
//! - `bars`: reads `bars.toml`, `arguments.toml` and `correctness.toml`
//! - `tools`: what must be installed; builds the workers
//! - `store`: what was measured last
//! - `disassembly`: which addresses hold an atomic read-modify-write
//! - `callgrind`: one run of the worker, counted
//! - `plan`: which runs the rows need, two at a time
//! - `report`: the rows' table and JSON file, and what is wrong with them
//! - `curves`: the points of the pictures
//! - `time`: nanoseconds
//! - `contention`: two threads
//! - `compile`: what a build costs
//! - `proof`: the tests behind `correctness.toml`
//! - `plots`: the pictures
//! - `markdown`: `REPORT.md`

pub(crate) mod bars;
pub(crate) mod callgrind;
pub(crate) mod compile;
pub(crate) mod contention;
pub(crate) mod curves;
pub(crate) mod disassembly;
pub(crate) mod markdown;
pub(crate) mod plan;
pub(crate) mod plots;
pub(crate) mod proof;
pub(crate) mod report;
pub(crate) mod store;
pub(crate) mod time;
pub(crate) mod tools;
