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

use super::plan::Plan;
use super::stage;
use world::{WORLD, World};

/// Steps, each on objects that earlier ones have made.
pub(crate) fn run(bytes: &[u8]) {
    let step = || {
        steps::step();
        world::check();
    };
    stage::run(&WORLD, World::new(Plan::new(bytes)), 150, |world| world.plan.is_over(), step, world::end);
}
