//! The suite on three executors: smol, one that polls inside `wake`, one of a single thread.
use crate::support::exec::{Inline, Single, Smol};
use crate::support::suite::suite;

suite!(smol_executor, Smol);
suite!(inline_executor, Inline);
suite!(single_executor, Single);
