//! Callbacks, wakers and what drops with them: each may make steps of its own.

use super::super::foreign::panic_as_meant;
use super::model::State;
use super::steps::step;
use super::world::{if_there, with};

/// What a callback holds: one word, which says when it is dropped.
pub(super) struct Note(pub(super) usize);

impl Drop for Note {
    fn drop(&mut self) {
        let hostile = if_there(|world| {
            world.note(format_args!("~{}", self.0));
            let callback = &world.model.callbacks[self.0];
            must!(!callback.dropped, "callback {} is dropped twice: {}", self.0, world.trace.clone());
            let waits = callback.state == State::Armed && !callback.doubtful;
            let node = &world.model.nodes[callback.node];
            let over = node.delivery.is_none_or(|delivery| world.model.deliveries[delivery].over);
            let lost = waits && (world.model.can_be(callback.node) || !over);
            must!(!lost, "callback {} is dropped, and has not run: {}", self.0, world.trace.clone());
            world.model.callbacks[self.0].dropped = true;
            if world.model.callbacks[self.0].state == State::Armed {
                world.model.callbacks[self.0].state = State::Finished;
            }
            world.plan.once_in(8)
        });
        if hostile == Some(true) && !std::thread::panicking() {
            nested();
        }
    }
}

/// A callback is called.
pub(super) fn runs(note: Note) {
    let id = note.0;
    let (delivery, hostile) = with(|world| {
        world.note(format_args!("!{id}"));
        let node = world.model.callbacks[id].node;
        if world.model.callbacks[id].state == State::Immediate {
            world.model.callbacks[id].state = State::Running;
            return (None, world.plan.below(8));
        }
        world.sync(node);
        match world.model.runs(id) {
            Ok(delivery) => {
                world.all_told(delivery);
                (Some(delivery), world.plan.below(8))
            }
            Err(why) => super::super::wrong(format!("{why}: {}", world.trace.clone())),
        }
    });
    match hostile {
        1 | 2 => nested(),
        3 => {
            nested();
            nested();
        }
        _ => {}
    }
    drop(note);
    with(|world| {
        world.model.callbacks[id].state = State::Finished;
        if let (Some(delivery), 4) = (delivery, hostile) {
            world.model.deliveries[delivery].panicked = true;
            if world.model.deliveries[delivery].fail_fast {
                world.model.close(delivery);
            }
        }
    });
    if hostile == 4 {
        panic_as_meant();
    }
}

/// The waker of a wait is called.
pub(super) fn rings(wait: usize, generation: usize) {
    let (hostile, node) = with(|world| {
        world.note(format_args!("?{wait}"));
        let Some(at) = world.waits.iter().position(|own| own.id == wait) else {
            super::super::wrong(format!("{wait} is woken, and gone: {}", world.trace.clone()))
        };
        must!(world.waits[at].generation == generation, "an old waker is woken: {}", world.trace.clone());
        let node = world.waits[at].node;
        world.sync(node);
        (world.plan.below(8), node)
    });
    match hostile {
        1 | 2 => nested(),
        4 => {
            with(|world| {
                let Some(delivery) = world.model.nodes[node].delivery else { return };
                let own = &mut world.model.deliveries[delivery];
                own.panicked = true;
                if own.fail_fast {
                    // Whether the callbacks run after that is not said.
                    own.order.clone().into_iter().for_each(|at| world.model.callbacks[at].doubtful = true);
                }
            });
            panic_as_meant();
        }
        _ => {}
    }
}

/// A step inside foreign code.
pub(super) fn nested() {
    if with(|world| world.depth) < 3 {
        with(|world| world.depth += 1);
        step();
        with(|world| world.depth -= 1);
    }
}
