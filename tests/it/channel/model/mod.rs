//! Random plans against a model: after each step the channel must be as the model is, and once everything that was woken
//! has been polled, nothing may wait that need not.
//!
//! - `reference`: the model
//! - `parts`: what the channels hold, and their answers in the model's words
//! - `world`: the channel beside the model, and the steps

mod parts;
mod reference;
mod world;

use crate::support::chance::Chance;
use crate::support::rounds;
use reference::Kind;
use taskcell::channel::FullMode;
use world::World;

/// Runs `plans` plans of 60 steps for each full mode and capacity.
fn run(kind: Kind, plans: usize) {
    for plan in 0..rounds(plans) {
        for (at, mode) in
            [FullMode::Wait, FullMode::DropOldest, FullMode::DropNewest, FullMode::DropWrite].iter().enumerate()
        {
            for capacity in [0, 1, 2, 3, usize::MAX] {
                // Where nothing is ever dropped there is most to wait for; the others are less of a plan's worth.
                if *mode != FullMode::Wait && plan % 4 != 0 {
                    continue;
                }
                let seed = (plan * 100 + at * 10 + capacity.min(9)) as u64;
                let mut world = World::new(kind, *mode, capacity, Chance::new(seed), seed);
                (0..60).for_each(|_| world.step());
                world.end();
            }
        }
    }
}

#[test]
fn plans_of_queues() {
    run(Kind::Fifo, 1200);
}

#[test]
fn plans_of_stacks() {
    run(Kind::Lifo, 300);
}

#[test]
fn plans_with_priorities() {
    run(Kind::Priority, 300);
}

#[test]
fn plans_of_storages_that_never_give_way() {
    run(Kind::Own, 300);
}
