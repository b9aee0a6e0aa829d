//! Runs the example `gateway` as a child process: driving itself, serving good and bad clients, stopped by Ctrl-C.
//!
//! | file | knows |
//! |---|---|
//! | `built.rs` | the binary, built |
//! | `running.rs` | the child process and its clients |
//! | `driving.rs` | the run that drives itself, the flags |
//! | `serving.rs` | pages, and requests that get none |
//! | `calls.rs` | calls that pages share, that nobody wants any more, that fail |
//! | `stopping.rs` | Ctrl-C |
//! | `latency.rs` | the services' seeded latency |

#![cfg(all(unix, feature = "std", not(miri), not(loom)))]

mod built;
mod calls;
mod driving;
mod latency;
mod running;
mod serving;
mod stopping;
#[path = "../../examples/gateway/tail.rs"]
mod tail;
