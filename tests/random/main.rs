//! Tests whose input is made up: the programs of `tests/programs`, kept or drawn by chance, and properties.

#[path = "../programs/mod.rs"]
mod programs;
mod properties;
mod replay;
