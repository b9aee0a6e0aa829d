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

use super::plan::Plan;
use super::stage;
use world::{WORLD, World};

/// The options, then steps.
pub(crate) fn run(bytes: &[u8]) {
    let step = || {
        steps::step();
        world::check();
    };
    stage::run(&WORLD, World::new(Plan::new(bytes)), 150, |world| world.plan.is_over(), step, steps::end);
}
