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
