//! Floor 0: everything that differs between a plain build, a build on
//! `portable-atomic` and a model under loom.
//!
//! | file | knows |
//! |---|---|
//! | `atomic.rs` | which atomics; under loom, the two load modes and the weakening switch |
//! | `cell.rs` | `UnsafeCell` with loom's `with` and `with_mut` |
//! | `heap.rs` | `alloc` and `dealloc`, tracked under loom; `Arc` |
//! | `thread.rs` | thread-local storage, parking, catching panics (std) |
//!
//! Nothing above this floor names `loom`, `portable_atomic` or
//! `core::sync::atomic`; `tests/it/tidy.rs` checks that.

pub(crate) mod atomic;
pub(crate) mod cell;
#[cfg(feature = "alloc")]
pub(crate) mod heap;
pub(crate) mod thread;
