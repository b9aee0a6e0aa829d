//! Where work runs: schedulers over an executor, synchronization contexts, a thread's own message loop.
//!
//! | what | runs |
//! |---|---|
//! | any [`Spawner`](crate::Spawner) | as that executor does |
//! | [`SpawnerScheduler`] | the same, with a name |
//! | [`InlineScheduler`] | inside the call that spawns or wakes |
//! | [`limited_scheduler`] | at most n polls at once, on another scheduler |
//! | [`serial_scheduler`] | one poll after the other, on another scheduler |
//! | [`ConcurrentExclusiveSchedulerPair`] | both at once: several beside each other, or one alone |
//! | [`ContextScheduler`] (std) | as callbacks that are posted to a [`SynchronizationContext`] |
//! | [`MessageLoop`] (std) | on one thread, in order |
//! | [`FromFutures`] | as an executor of `futures` does |
//!
//! All of them go wherever something is run: [`Task::run`](crate::Task::run), [`start_on`](crate::StartOn::start_on),
//! [`ContinuationOptions::on`](crate::ContinuationOptions::on), [`ResumeOn::resume_on`],
//! [`CancellationToken::register_on`](crate::CancellationToken::register_on).
//!
//! A **scheduler limits polls that go on**. It does not limit operations in flight: a future that waits at an `.await`
//! holds no permit. For that there are throttles.
//!
//! An executor of one's own, made of this crate's cells and timers, is in the [guide for runtime authors].
//!
//! # What `ConfigureAwait` means here
//!
//! In .NET an `await` captures the context that is current, and posts the rest of the method to it. That is where
//! `ConfigureAwait(false)` comes from, and the deadlock of everybody's first user interface.
//!
//! A Rust future is polled. Whoever spawned it decided where, once; `.await` captures nothing, and the code after it runs
//! where the code before it ran: in the poll of the same executor. So a library has nothing to say, and who wants to be
//! elsewhere spawns there: [`fut.resume_on(&scheduler)`](ResumeOn::resume_on) runs one future there and brings its output
//! back, [`ContinuationOptions::on`](crate::ContinuationOptions::on) names the place of a continuation.
//!
//! A thread that blocks for what only its own loop could do is refused with an error that names the loop. The [guide] has
//! the table of .NET's forms, examples, and the two cures of that deadlock.
//!
//! | also here | is |
//! |---|---|
//! | [`TaskScheduler`], [`SchedulerClosed`] | what a scheduler is, and its answer when it takes nothing any more |
//! | [`PairScheduler`] | one half of a pair; the limited and the serial scheduler |
//! | [`SynchronizationContext`], [`Callback`], [`PostError`], [`SendError`] | a place that callbacks are posted to, and why one was not called |
//! | [`MessageLoopHandle`], [`MessageLoopLocal`] | a loop seen from other threads, and what spawns on its own |
//! | [`ResumeOn`], [`ResumedOn`], [`Refused`] | a future that runs elsewhere, while its caller waits here |
//! | [`ConfigureAwait`], [`ConfigureAwaitOptions`], [`AwaitMode`], [`Throwing`], [`Suppressing`], [`ConfiguredAwait`] | awaiting a task with options |
//! | [`ToFutures`] | a spawner as one of `futures` |
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `scheduler.rs` | what a scheduler is |
//! | `inline.rs` | the scheduler that has no place of its own |
//! | `pair.rs`, `half.rs` | concurrent and exclusive, limited, serial |
//! | `permits.rs` | who may poll |
//! | `queues.rs` | what waits to be polled |
//! | `worker.rs` | what polls |
//! | `life.rs` | how many futures have not ended |
//! | `context.rs` | what a synchronization context is |
//! | `context_scheduler.rs` | a context as a scheduler |
//! | `message_loop.rs` | a thread's own queue, and what runs it |
//! | `messages.rs` | what stands in that queue |
//! | `locals.rs` | futures that never leave the thread |
//! | `resume_on.rs` | a future that runs on a scheduler while its caller waits elsewhere |
//! | `configure_await.rs` | awaiting a task with options |
//! | `adapters.rs` | the spawners of `futures` |
//! | `job.rs` | a future that is polled in turns |
//!
//! [guide]: crate::guide::configure_await
//! [guide for runtime authors]: crate::guide::for_runtime_authors
#![forbid(unsafe_code)]

mod adapters;
mod configure_await;
#[cfg(feature = "std")]
mod context;
#[cfg(feature = "std")]
mod context_scheduler;
mod half;
mod inline;
mod job;
mod life;
#[cfg(feature = "std")]
mod locals;
#[cfg(feature = "std")]
mod message_loop;
#[cfg(feature = "std")]
mod messages;
mod pair;
mod permits;
mod queues;
mod resume_on;
mod scheduler;
mod worker;

pub use adapters::{FromFutures, ToFutures};
pub use configure_await::{AwaitMode, ConfigureAwait, ConfigureAwaitOptions, ConfiguredAwait, Suppressing, Throwing};
#[cfg(feature = "std")]
pub use context::{Callback, PostError, SendError, SynchronizationContext};
#[cfg(feature = "std")]
pub use context_scheduler::ContextScheduler;
pub use half::{PairScheduler, limited_scheduler, serial_scheduler};
pub use inline::InlineScheduler;
#[cfg(feature = "std")]
pub use locals::MessageLoopLocal;
#[cfg(feature = "std")]
pub use message_loop::{MessageLoop, MessageLoopHandle};
pub use pair::ConcurrentExclusiveSchedulerPair;
pub use resume_on::{Refused, ResumeOn, ResumedOn};
pub use scheduler::{SchedulerClosed, SpawnerScheduler, TaskScheduler};
