//! Programs: bytes that say which calls to make on objects of one kind, beside a model that says what must come of them.
//!
//! Each target is a function of bytes, which panics when the library does not do what the model says. `cargo xtask fuzz`
//! gives it bytes that a fuzzer makes up, `tests/random` those that were kept in `fuzz/corpus`, and bytes drawn by
//! chance. Foreign code (wakers, callbacks, drops, loaders) takes its actions from the same bytes, on the same objects.
//!
//! | file | knows |
//! |---|---|
//! | `plan.rs` | how bytes become decisions |
//! | `foreign.rs` | what a failure is, and a panic that is meant |
//! | `stage.rs` | where a program's world stands, and how it runs |
//! | `bells.rs` | wakers that count, and do something of their own |
//! | `sources/` | sources, tokens, registrations, waiters, timers of sources |
//! | `statics/` | sources in a `static`, in trees |
//! | `cells/` | completion sources, tasks, what continues and combines them |
//! | `channel/` | channels of all kinds |
//! | `static_channel.rs` | channels without a heap |
//! | `cache/` | caches: loads, entries, time |
//! | `timers.rs` | queues of timers, and clocks |

#[macro_use]
mod foreign;
mod bells;
mod cache;
mod cells;
mod channel;
mod plan;
mod sources;
mod stage;
mod static_channel;
mod statics;
mod timers;

pub(crate) use foreign::wrong;

/// A program, given its bytes.
pub(crate) type Program = fn(&[u8]);

/// Every target by its name, which is that of a file in `fuzz/targets` and of a folder in `fuzz/corpus`.
pub(crate) const TARGETS: [(&str, Program); 7] = [
    ("cache", cache::run),
    ("cells", cells::run),
    ("channel", channel::run),
    ("sources", sources::run),
    ("static_channel", static_channel::run),
    ("statics", statics::run),
    ("timers", timers::run),
];
