//! Tasks: who completes them ([`TaskCompletionSource`]), who observes them ([`Task`]), and how they end.
//!
//! A task ends once, with a value or a [`TaskError`], and everybody who holds it sees the same one: errors and panics
//! are kept in handles of one word ([`Fault`], [`Panic`]) that are cloned without cloning what they hold.
//!
//! | type | what it is |
//! |---|---|
//! | [`Task`] | something that is under way or has ended: awaited, continued, combined, by as many as like |
//! | [`TaskCompletionSource`] | completes a task by hand |
//! | [`StartOn`] | starts a future as a task: `future.start_on(&spawner)`, which is [`Task::run`] |
//! | [`ValueTask`] | a result that is there already, or a task |
//! | [`CancelOnDrop`] | a task that is cancelled when nobody looks any more |
//! | [`ContinuationOptions`], [`ContinueOn`], [`Inline`] | how a continuation is run, and where |
//! | [`IntoTask`] | what a closure of [`Task::then`] may return |
//! | [`CompletionRegistration`] | a callback that waits for a task's end |
//! | [`TaskStatus`], [`TaskError`], [`BoxError`] | how far a task is, and why it has no value |
//! | [`Fault`], [`Errors`], [`Panic`] | the errors or the panic that ended it, in one word |
//! | [`AggregateError`] | the errors of several |
//! | [`WaitError`] | why somebody stopped waiting |
//! | [`set_unobserved_hook`], [`UnobservedFault`], [`FaultKind`] | who is told of faults that nobody looked at |
//! | [`StaticTaskCell`], [`StaticTaskSlot`] | a cell without a heap, in a `static` |
//! | [`WhenEachTask`] | the stream of [`Task::when_each`] |
//! | [`WaitForTask`], [`WaitForOutcome`], [`Settled`], [`WaitAsync`], [`WaitAsyncFor`], [`WaitForValue`], [`WaitOrCancel`], [`NextTaskOrCancelled`] | the futures of the above |
//!
//! ```
//! use taskcell::{BoxError, BoxFuture, StartOn, Task};
//!
//! let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
//! let length: Task<usize> = async { Ok::<_, BoxError>("a page".len()) }.start_on(&smol);
//! let doubled = length.then(|length| Ok(length * 2));
//! # smol::block_on(async {
//! assert_eq!((&length).await.unwrap(), &6); // as often as one likes
//! assert_eq!(doubled.await.unwrap(), 12);
//! # });
//! ```
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `source.rs` | who completes |
//! | `task.rs` | who observes |
//! | `outcome.rs` | what a cell holds: an outcome, or another task |
//! | `futures.rs` | waiting for a task |
//! | `ended.rs` | waiting for a task, and having the task again |
//! | `wait.rs` | a thread that waits |
//! | `wait_async.rs` | waiting, but not for ever |
//! | `value_task.rs` | a result that may be there already |
//! | `cancel_on_drop.rs` | a task that is cancelled when nobody looks |
//! | `flow.rs` | how a context gets into what a task runs |
//! | `flatten.rs` | a task of a task, as one |
//! | `when_all.rs`, `when_any.rs` | a task for all of several, for the first of them |
//! | `when_each.rs` | tasks in the order in which they end |
//! | `next_task.rs` | the next of them, or a cancellation |
//! | `interleaved.rs` | as many tasks, in that order |
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
//! | `fixed.rs` | a cell in a `static`, without a heap |
//! | `unobserved.rs` | who is told of a fault that nobody looked at |
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
mod aggregate;
#[cfg(feature = "alloc")]
mod cancel_async;
#[cfg(feature = "alloc")]
mod cancel_on_drop;
#[cfg(feature = "alloc")]
mod caught;
#[cfg(feature = "alloc")]
mod completion;
#[cfg(feature = "alloc")]
mod continuation;
#[cfg(feature = "alloc")]
mod ended;
#[cfg(feature = "alloc")]
mod error;
#[cfg(feature = "alloc")]
mod fault;
mod fixed;
#[cfg(feature = "alloc")]
mod flatten;
#[cfg(feature = "alloc")]
mod flow;
#[cfg(feature = "alloc")]
mod futures;
#[cfg(feature = "alloc")]
mod interleaved;
#[cfg(feature = "alloc")]
mod next_task;
#[cfg(feature = "alloc")]
mod options;
#[cfg(feature = "alloc")]
mod outcome;
#[cfg(feature = "alloc")]
mod panic;
#[cfg(feature = "alloc")]
mod race;
#[cfg(feature = "alloc")]
mod run;
#[cfg(feature = "alloc")]
mod source;
#[cfg(feature = "alloc")]
mod status;
#[cfg(feature = "alloc")]
#[expect(clippy::module_inception, reason = "the file is named after its type, as all are")]
mod task;
#[cfg(feature = "alloc")]
mod then;
#[cfg(feature = "alloc")]
mod unobserved;
#[cfg(feature = "alloc")]
mod value_task;
#[cfg(feature = "std")]
mod wait;
#[cfg(feature = "alloc")]
mod wait_async;
#[cfg(feature = "alloc")]
mod when_all;
#[cfg(feature = "alloc")]
mod when_any;
#[cfg(feature = "alloc")]
mod when_each;

#[cfg(feature = "alloc")]
pub use aggregate::AggregateError;
#[cfg(feature = "alloc")]
pub use cancel_on_drop::{CancelOnDrop, WaitOrCancel};
#[cfg(feature = "alloc")]
pub use completion::CompletionRegistration;
#[cfg(feature = "alloc")]
pub(crate) use ended::Ended;
#[cfg(feature = "alloc")]
pub use error::{BoxError, TaskError};
#[cfg(feature = "alloc")]
pub use fault::{Errors, Fault};
pub use fixed::{StaticTaskCell, StaticTaskSlot};
#[cfg(feature = "alloc")]
pub(crate) use flow::Flow;
#[cfg(feature = "alloc")]
pub use futures::{Settled, WaitForOutcome, WaitForTask};
#[cfg(feature = "alloc")]
pub use next_task::NextTaskOrCancelled;
#[cfg(feature = "alloc")]
pub use options::{ContinuationOptions, ContinueOn, Inline};
#[cfg(feature = "alloc")]
pub use panic::Panic;
#[cfg(feature = "alloc")]
pub use run::StartOn;
#[cfg(feature = "alloc")]
pub use source::TaskCompletionSource;
#[cfg(feature = "alloc")]
pub use status::TaskStatus;
#[cfg(feature = "alloc")]
pub use task::Task;
#[cfg(feature = "alloc")]
pub use then::IntoTask;
#[cfg(feature = "alloc")]
pub use unobserved::{FaultKind, UnobservedFault, set_unobserved_hook};
#[cfg(feature = "alloc")]
pub use value_task::{ValueTask, WaitForValue};
#[cfg(feature = "alloc")]
pub use wait_async::{WaitAsync, WaitAsyncFor, WaitError};
#[cfg(feature = "alloc")]
pub use when_each::WhenEachTask;
