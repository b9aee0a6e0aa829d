//! What flows with a piece of work from poll to poll, and what a thread may not do meanwhile.
//!
//! An [`AsyncLocal`] is a value that belongs to a piece of work, not to a thread: who the user is, which request this
//! is. An [`ExecutionContext`] is a snapshot of all of them. It is copied when it is written to, so a snapshot never
//! changes, and what a callee sets its caller never sees.
//!
//! | what | is |
//! |---|---|
//! | [`AsyncLocal`], [`Change`] | a value that flows with the work, and what its handler is told |
//! | [`ExecutionContext`] | a snapshot of all of them |
//! | [`in_context`], [`WithContext`], [`InContext`] | futures that run in a context of their own |
//! | [`no_blocking`], [`may_block`], [`WouldDeadlock`] | threads that must not block, and what a wait on them is told |
//!
//! # Where a context flows
//!
//! | made by | runs with |
//! |---|---|
//! | `Task::run`, `run_fn`, `start_on`, `MessageLoopLocal::run` | what was current there |
//! | what starts tasks or spawns futures that are lent to it: `resume_on`, `interleaved`, `TaskGroup::spawn`, `Detach` | the same |
//! | `throttled_map_spawned` and its like | what is current in the poll that starts the item |
//! | `continue_with`, `then`, `or_else`, `finally` | what was current when they were registered |
//! | [`in_context`] | what was current there |
//! | [`with_context`](WithContext::with_context), [`run`](ExecutionContext::run) | what they are given |
//! | a callback of a token or a task (`register`, `register_on`, `on_completed`), a timer | nothing of its own: what the thread that calls it has |
//! | a handler of `Progress`, what is given to `post`, `send`, `queue` or to a spawner itself | nothing of its own, as before |
//! | a future that none of these has wrapped | nothing of its own: what the thread that polls it has |
//! | a completion source | nothing: who awaits goes on with what is its own |
//!
//! .NET isolates every `async` method by itself: what one sets, its caller does not see. No library can do that here: an
//! `async fn` is polled like any function is called, and a value that it sets stays set for whoever polls it, and for
//! whatever else that thread polls next. **The isolation is where one of the first six rows wraps the future.** So set
//! locals inside of [`in_context`], of a task, or of a [`scope`](AsyncLocal::scope), and never bare in a future that an
//! executor polls.
//!
//! As long as a thread has no local set, all this costs a test of one word of the thread where a context would be
//! captured, installed and taken away; nothing is allocated.
//!
//! # Examples
//!
//! ```
//! use taskcell::{AsyncLocal, BoxFuture, Task};
//!
//! static USER: AsyncLocal<String> = AsyncLocal::new();
//!
//! let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
//! USER.set("Ada".into());
//! let task: Task<String> = Task::run(&smol, async {
//!     let user = USER.get().unwrap();
//!     USER.set("Grace".into()); // for this task alone
//!     Ok(user)
//! });
//! # smol::block_on(async {
//! assert_eq!(task.await.unwrap(), "Ada");
//! # });
//! assert_eq!(USER.get().unwrap(), "Ada");
//! # USER.clear();
//! ```
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `async_local.rs` | what a local is |
//! | `execution_context.rs` | snapshots of all locals |
//! | `in_context.rs` | futures that run in a context |
//! | `change.rs` | who is told when a local has another value |
//! | `map.rs` | the map behind a snapshot |
//! | `current.rs` | which map a thread has |
//! | `blocking.rs` | threads that must not block, and what a wait on them is told |
//! | `flow.rs` | how a context gets into a closure or a future, for the floors above |
#![forbid(unsafe_code)]

mod async_local;
mod blocking;
mod change;
mod current;
mod execution_context;
mod flow;
mod in_context;
mod map;

pub use async_local::AsyncLocal;
pub(crate) use blocking::NoBlocking;
pub use blocking::{WouldDeadlock, may_block, no_blocking};
pub use change::Change;
pub use execution_context::ExecutionContext;
pub(crate) use flow::{Flow, Flowing};
pub use in_context::{InContext, WithContext, in_context};
