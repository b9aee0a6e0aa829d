//! Floor 1: the lock-free heart.
//!
//! | file | knows |
//! |---|---|
//! | `alarm.rs` | the handle of an armed timer |
//! | `alarm_entry.rs` | a timer's states, and who owns its waker |
//! | `alarm_word.rs` | a timer queue's lock and list, in one word |
//! | `alarm_heap.rs` | the order in which timers fire |
//! | `alarm_store.rs` | where entries come from |
//! | `alarm_held.rs` | what the holder of a queue's lock does |
//! | `alarm_queue.rs` | visits to a queue, and its end |
//! | `children.rs` | pinned storage, wakers and ready list of N children |

pub(crate) mod alarm;
mod alarm_entry;
mod alarm_heap;
#[cfg(feature = "alloc")]
pub(crate) mod alarm_held;
#[cfg(feature = "alloc")]
pub(crate) mod alarm_queue;
#[cfg(feature = "alloc")]
mod alarm_store;
mod alarm_word;
#[cfg(feature = "alloc")]
pub(crate) mod children;
