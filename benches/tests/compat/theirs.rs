//! The suite over tokio-util.

#[path = "../../../tests/it/compat/suite/mod.rs"]
#[expect(clippy::mutable_key_type, reason = "its hash goes by address; that of ours shows no cell to clippy")]
mod suite;

use ::tokio_util;
