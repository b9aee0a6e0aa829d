//! Floor 1: the lock-free heart. With `shim/` the only code with `unsafe`.
//!
//! | file | knows |
//! |---|---|
//! | `children.rs` | pinned storage, wakers and ready list of N children |

#[cfg(feature = "alloc")]
pub(crate) mod children;
