//! Floor 0: everything that differs between a plain build, a build on
//! `portable-atomic`, a model under loom or shuttle, and one where interrupts
//! may come between any two steps, or delays.
//!
//! | file | knows |
//! |---|---|
//! | `atomic.rs` | which atomics; re-checks |
//! | `modelled.rs` | loom's atomics, with all that can be changed at them (`cfg(loom)`) |
//! | `switch.rs` | what is changed in this process, and what is reached (`cfg(loom)`) |
//! | `cell.rs` | `UnsafeCell` with loom's `with` and `with_mut` |
//! | `heap.rs` | `alloc` and `dealloc`, tracked under loom; `Arc` |
//! | `thread.rs` | containment of panics, frames of a thread (std) |
//! | `nest.rs` | how deep deliveries stand in each other (std) |
//! | `hook.rs` | a global hook |
//! | `local.rs` | values of a thread, numbers of the program (std) |
//! | `lock.rs` | short locks |
//! | `queue.rs` | queues; under loom, one that promises less |
//! | `waking.rs` | wakers of what is shared |
//! | `step.rs` | where an interrupt may come (`cfg(step)`) |
//! | `stepped.rs` | atomics that an interrupt or a delay may come before (`cfg(step)`, `cfg(delays)`) |
//! | `delay.rs` | where a thread is held up (`cfg(delays)`) |
//! | `block_on.rs` | a thread that waits for a future (std) |
//!
//! Nothing above this floor names `loom`, `shuttle`, `portable_atomic` or
//! `core::sync::atomic`; `tests/it/tidy.rs` checks that.

pub(crate) mod atomic;
#[cfg(feature = "std")]
pub(crate) mod block_on;
pub(crate) mod cell;
#[cfg(delays)]
pub mod delay;
#[cfg(feature = "alloc")]
pub(crate) mod heap;
#[cfg(feature = "alloc")]
pub(crate) mod hook;
#[cfg(feature = "std")]
pub(crate) mod local;
#[cfg(feature = "alloc")]
pub(crate) mod lock;
#[cfg(loom)]
mod modelled;
#[cfg(feature = "alloc")]
pub(crate) mod nest;
#[cfg(feature = "alloc")]
pub(crate) mod queue;
#[cfg(step)]
pub mod step;
#[cfg(any(step, delays))]
mod stepped;
#[cfg(loom)]
pub(crate) mod switch;
pub(crate) mod thread;
#[cfg(feature = "alloc")]
pub(crate) mod waking;
