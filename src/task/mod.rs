//! Tasks: who completes them ([`TaskCompletionSource`]), who observes them ([`Task`]), and how they end.
//!
//! A task ends once, with a value or a [`TaskError`], and everybody who holds it sees the same one: errors and panics
//! are kept in handles of one word ([`Fault`], [`Panic`]) that are cloned without cloning what they hold.
//!
//! | file | knows |
//! |---|---|
//! | `source.rs` | who completes |
//! | `task.rs` | who observes |
//! | `outcome.rs` | what a cell holds: an outcome, or another task |
//! | `futures.rs` | waiting for a task |
//! | `flatten.rs` | a task of a task, as one |
//! | `status.rs` | the four states |
//! | `error.rs` | how a task ends without a value |
//! | `fault.rs` | the errors of a task, in one word |
//! | `panic.rs` | a caught panic, in one word |
//! | `aggregate.rs` | the errors of several tasks |
//! | `unobserved.rs` | who is told of a fault that nobody looked at |

mod aggregate;
mod error;
mod fault;
mod flatten;
mod futures;
mod outcome;
mod panic;
mod source;
mod status;
mod task;
mod unobserved;

pub use aggregate::AggregateError;
pub use error::{BoxError, TaskError};
pub use fault::{Errors, Fault};
pub use futures::{Settled, WaitForOutcome, WaitForTask};
pub use panic::Panic;
pub use source::TaskCompletionSource;
pub use status::TaskStatus;
pub use task::Task;
pub use unobserved::{FaultKind, UnobservedFault, set_unobserved_hook};
