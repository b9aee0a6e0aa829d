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
//! | `options.rs` | how a continuation is run |
//! | `continuation.rs` | what is done when a task has ended |
//! | `race.rs` | a continuation that a token may cancel |
//! | `then.rs` | what goes on with a value, an error, or both |
//! | `completion.rs` | callbacks that wait for a task's end |
//! | `run.rs` | tasks that an executor runs |
//! | `caught.rs` | what becomes of a user's closure |
//! | `status.rs` | the four states |
//! | `error.rs` | how a task ends without a value |
//! | `fault.rs` | the errors of a task, in one word |
//! | `panic.rs` | a caught panic, in one word |
//! | `aggregate.rs` | the errors of several tasks |
//! | `unobserved.rs` | who is told of a fault that nobody looked at |

mod aggregate;
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

pub use aggregate::AggregateError;
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
