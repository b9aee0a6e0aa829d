//! Structured concurrency: a future that ends when all its children have.
//!
//! | function | what |
//! |---|---|
//! | [`task_group`] | a group of any children |
//! | [`task_group_of`] | a group whose lazy children are of one type, and not boxed |
//!
//! Values, errors and children that come from elsewhere lie in the lock-free queues of `concurrent-queue`, where a reader
//! may wait for a writer that is in the midst of one push. Nothing foreign is called there.
//!
//! | file | knows |
//! |---|---|
//! | `scope.rs` | the group as a future |
//! | `running.rs` | what a poll of it does, and its end |
//! | `handle.rs` | a group as its body has it, and as anybody else has it |
//! | `values.rs` | taking values |
//! | `child.rs` | a lazy child |
//! | `hot.rs` | hot children |
//! | `gate.rs` | where they wait for room |
//! | `shared.rs` | who is in the group, what has come in, whom to tell |
//! | `bell.rs` | telling |
//! | `faults.rs` | how a group fails |

mod bell;
mod child;
mod faults;
mod gate;
mod handle;
mod hot;
mod running;
mod scope;
mod shared;
mod values;

pub use handle::{GroupEnded, TaskGroup, TaskGroupHandle};
pub use scope::{TaskGroupScope, task_group, task_group_of};
pub use values::{NextOfGroup, WaitForGroup};
