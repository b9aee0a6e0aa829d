//! What the measurements measure: rows (one operation of ours and of each peer), and the worker that runs one of them
//! in a fresh process. The driver, which counts and compares, is the binary `taskcell-bench`.

pub mod heap;
pub mod meter;
pub mod rows;
pub mod sizes;
pub mod valgrind;
pub mod worker;
