//! Sources, tokens, registrations, waiters and timers of sources, in trees and otherwise linked: every callback runs once
//! or never, in its order; who waits is woken in time, and nobody else is; nothing stays behind.
//!
//! | file | knows |
//! |---|---|
//! | `model.rs` | what is cancelled, by whom, and in which order that is delivered |
//! | `world.rs` | the sources beside the model |
//! | `steps.rs` | what is called |
//! | `callbacks.rs` | callbacks that come, and are taken back |
//! | `waits.rs` | futures, and how they are polled |
//! | `foreign.rs` | callbacks, wakers and what drops with them |

mod callbacks;
mod foreign;
mod model;
mod steps;
mod waits;
mod world;

use super::foreign::run as cleanly;
use super::plan::Plan;
use world::{World, with};

/// Steps, each on objects that earlier ones have made.
pub(crate) fn run(bytes: &[u8]) {
    world::set(World::new(Plan::new(bytes)));
    let program = || {
        for _ in 0..150 {
            if with(|world| world.plan.is_over()) {
                break;
            }
            steps::step();
            world::check();
        }
        world::end();
    };
    cleanly(program, world::forget);
}
