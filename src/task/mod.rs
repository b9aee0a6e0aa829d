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
//! | `wait.rs` | a thread that waits |
//! | `wait_async.rs` | waiting, but not for ever |
//! | `value_task.rs` | a result that may be there already |
//! | `cancel_on_drop.rs` | a task that is cancelled when nobody looks |
//! | `flatten.rs` | a task of a task, as one |
//! | `when_all.rs`, `when_any.rs` | a task for all of several, for the first of them |
//! | `options.rs` | how a continuation is run |
//! | `continuation.rs` | what is done when a task has ended |
//! | `race.rs` | a continuation that a token may cancel |
//! | `then.rs` | what goes on with a value, an error, or both |
//! | `completion.rs` | callbacks that wait for a task's end |
//! | `run.rs` | tasks that an executor runs |
//! | `cancel_async.rs` | cancelling with the callbacks on an executor |
//! | `caught.rs` | what becomes of a user's closure |
//! | `status.rs` | the four states |
//! | `error.rs` | how a task ends without a value |
//! | `fault.rs` | the errors of a task, in one word |
//! | `panic.rs` | a caught panic, in one word |
//! | `aggregate.rs` | the errors of several tasks |
//! | `unobserved.rs` | who is told of a fault that nobody looked at |

mod aggregate;
mod cancel_async;
mod cancel_on_drop;
mod caught;
mod completion;
mod continuation;
mod error;
mod fault;
mod flatten;
mod futures;
mod options;
mod outcome;
mod panic;
mod race;
mod run;
mod source;
mod status;
mod task;
mod then;
mod unobserved;
mod value_task;
#[cfg(feature = "std")]
mod wait;
mod wait_async;
mod when_all;
mod when_any;

pub use aggregate::AggregateError;
pub use cancel_on_drop::{CancelOnDrop, WaitOrCancel};
pub use completion::CompletionRegistration;
pub use error::{BoxError, TaskError};
pub use fault::{Errors, Fault};
pub use futures::{Settled, WaitForOutcome, WaitForTask};
pub use options::{ContinuationOptions, ContinueOn, Inline};
pub use panic::Panic;
pub use run::StartOn;
pub use source::TaskCompletionSource;
pub use status::TaskStatus;
pub use task::Task;
pub use then::IntoTask;
pub use unobserved::{FaultKind, UnobservedFault, set_unobserved_hook};
pub use value_task::{ValueTask, WaitForValue};
pub use wait_async::{WaitAsync, WaitAsyncFor, WaitError};
