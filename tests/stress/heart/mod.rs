//! The races of the heart, and of what stands on it without a scenario of its own: each round two or three threads at
//! the same small objects. What is promised about each object is judged when they have left it.
//!
//! | file | knows |
//! |---|---|
//! | `cancel.rs` | registrations, waits, trees, resets, against the cancellation |
//! | `timed.rs` | timers and delays against the clock's turn |
//! | `cell.rs` | a task's end against its waiters, continuations, rivals and the last source |
//! | `many.rs` | all, any and each of some tasks; groups |
//! | `fixed.rs` | sources, cells, timers and channels without a heap |
//! | `work.rs` | schedulers, the message loop, progress, generators |

pub(crate) mod cancel;
pub(crate) mod cell;
pub(crate) mod fixed;
pub(crate) mod many;
pub(crate) mod timed;
pub(crate) mod work;
