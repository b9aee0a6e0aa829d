//! What .NET's own tests look at beyond the cases of `conformance`: the same behaviour, in our words and with our types.
//! Where we differ on purpose, the test shows how and says so.
//!
//! | file | knows |
//! |---|---|
//! | `cancellation.rs` | sources, tokens, registrations |
//! | `linked.rs` | linked sources and their timers |
//! | `tasks.rs` | completion sources, tasks, their faults, blocking waits |
//! | `combinators.rs` | all, any, each; tasks of tasks |
//! | `continuations.rs` | continuations: filters, tokens, order, executors |
//! | `waits.rs` | waits with tokens and timeouts; delays |
//! | `schedulers.rs` | the pair, limits, series |
//! | `contexts.rs` | synchronization contexts, await options, locals and their flow |
//! | `channels.rs` | channels and the buffer block |
//! | `streams.rs` | asynchronous streams, iterators that block |
//! | `progress.rs` | reports |
//! | `caches.rs` | lazy values, caches, the guides' small combinators |

mod caches;
mod cancellation;
mod channels;
mod combinators;
mod contexts;
mod continuations;
mod linked;
mod progress;
mod schedulers;
mod streams;
mod tasks;
mod waits;
