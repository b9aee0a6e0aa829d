//! The library's tests: one binary, one module per area.

mod tidy;
