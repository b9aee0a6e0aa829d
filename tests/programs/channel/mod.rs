//! Channels of every kind: after each step the channel must be as the model is, and once everything that was woken has
//! been polled, nothing may wait that need not.
//!
//! | file | knows |
//! |---|---|
//! | `reference.rs` | the model |
//! | `parts.rs` | what the channels hold, and their answers in the model's words |
//! | `world.rs` | the channel beside the model, and the steps |

mod parts;
mod reference;
mod world;

use super::foreign;
use super::plan::Plan;
use reference::Kind;
use taskcell::channel::FullMode;
use world::World;

/// The kind, what a full one does and the capacity, then steps.
pub(crate) fn run(bytes: &[u8]) {
    let mut plan = Plan::new(bytes);
    let kind = plan.one_of(&[Kind::Fifo, Kind::Lifo, Kind::Priority, Kind::Own]);
    // Where nothing is ever dropped there is most to wait for.
    let (wait, oldest, newest, write) =
        (FullMode::Wait, FullMode::DropOldest, FullMode::DropNewest, FullMode::DropWrite);
    let mode = plan.one_of(&[wait, wait, wait, oldest, newest, write]);
    let capacity = plan.one_of(&[0, 1, 2, 3, usize::MAX]);
    let program = || {
        let mut world = World::new(kind, mode, capacity, plan);
        (0..200).take_while(|_| world.step()).for_each(drop);
        world.end();
    };
    foreign::run(program, || ());
}
