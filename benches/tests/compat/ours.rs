//! The suite over this library.

#[path = "../../../tests/it/compat/suite/mod.rs"]
mod suite;

use taskcell::compat::tokio_util;
