//! Tasks: how they end ([`TaskStatus`], [`TaskError`]), and who is told of faults that nobody looked at.
//!
//! A task ends once, with a value or a [`TaskError`], and everybody who holds it sees the same one: errors and panics
//! are kept in handles of one word ([`Fault`], [`Panic`]) that are cloned without cloning what they hold.
//!
//! | file | knows |
//! |---|---|
//! | `status.rs` | the four states |
//! | `error.rs` | how a task ends without a value |
//! | `fault.rs` | the errors of a task, in one word |
//! | `panic.rs` | a caught panic, in one word |
//! | `aggregate.rs` | the errors of several tasks |
//! | `unobserved.rs` | who is told of a fault that nobody looked at |

mod aggregate;
mod error;
mod fault;
mod panic;
mod status;
mod unobserved;

pub use aggregate::AggregateError;
pub use error::{BoxError, TaskError};
pub use fault::{Errors, Fault};
pub use panic::Panic;
pub use status::TaskStatus;
pub use unobserved::{FaultKind, UnobservedFault, set_unobserved_hook};
