//! Completion sources and tasks, what continues, combines and awaits them: a task ends once, all see the same outcome,
//! and those who wait are told once, in the order in which they came.
//!
//! | file | knows |
//! |---|---|
//! | `model.rs` | how each task ends |
//! | `world.rs` | the tasks beside the model |
//! | `steps.rs` | what is called |
//! | `derived.rs` | tasks that come of others |
//! | `foreign.rs` | values, closures, wakers |

mod derived;
mod foreign;
mod model;
mod steps;
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
