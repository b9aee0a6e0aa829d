//! Caches: what is kept is what a map with an order of use keeps; one load for all who ask; whoever leads and goes is
//! followed by exactly one of those who wait, the first.
//!
//! | file | knows |
//! |---|---|
//! | `model.rs` | what is kept, and which loads there are |
//! | `world.rs` | the cache beside the model, loads, and wakers |
//! | `steps.rs` | what is called |

mod model;
mod steps;
mod world;

use super::foreign::run as cleanly;
use super::plan::Plan;
use world::{World, with};

/// The options, then steps.
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
        steps::end();
    };
    cleanly(program, world::forget);
}
