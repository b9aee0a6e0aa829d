//! Asynchronous disposal: what has to be awaited before a resource may go.
//!
//! Rust's `Drop` cannot wait. [`AsyncDispose::dispose`] can, and [`using`] is the scope that sees to it, as `await using`
//! does in C#, whatever becomes of its body. Its docs are the family's.
//!
//! | function | what |
//! |---|---|
//! | [`using`] | runs a body, then the cleanup |
//! | [`using_with`] | the same, with a body that a token cancels |
//! | [`Using`] | the same in parts; with a spawner for the cleanup, if the scope's future is dropped |
//! | [`dispose_with`] | gives somebody else's type a cleanup |
//!
//! | file | knows |
//! |---|---|
//! | `dispose.rs` | what can be disposed of, on any thread and on its own |
//! | `several.rs` | tuples, arrays, vectors |
//! | `with.rs` | a cleanup for somebody else's type |
//! | `scope.rs` | the scope |
//! | `parts.rs` | the scope in parts |
//! | `contained.rs` | a future whose panic and whose cancellation end it, and nobody else |
//! | `handover.rs` | what becomes of a resource whose scope is dropped |
//! | `error.rs` | how a scope fails |

mod contained;
mod dispose;
mod error;
mod handover;
mod parts;
mod scope;
mod several;
mod with;

pub use dispose::{AsyncDispose, LocalAsyncDispose};
pub use error::UsingError;
pub use handover::{HandOver, InPlace};
pub use parts::Using;
pub use scope::{using, using_with};
pub use with::{DisposeWith, dispose_with};
