//! Several attempts at one result: one engine behind `need_only_one`, `first_successful`, `fallback` and `hedge`.
//!
//! | file | knows |
//! |---|---|
