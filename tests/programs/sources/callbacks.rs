//! Callbacks come, and are taken back.

use super::super::foreign::guarded;
use super::foreign::{Note, runs};
use super::model::{Callback, Listener, State};
use super::world::{World, trace, with};
use taskcell::{Registration, TryRegisterError, Unregistered};

/// A callback more.
pub(super) fn register() {
    let (token, node, id, kind, before) = with(|world| {
        let (token, node) = world.token();
        let (id, kind) = (world.model.callbacks.len(), world.plan.below(6));
        let cancelled = world.model.is_cancelled(node);
        let state = match cancelled {
            true if matches!(kind, 0..4) => State::Immediate,
            true => State::Finished,
            false => State::Armed,
        };
        let doubtful = world.model.is_uncertain(node);
        world.model.callbacks.push(Callback { node, state, dropped: false, doubtful });
        world.note(format_args!("register{id}on{node}"));
        if !cancelled && world.model.can_be(node) {
            world.model.nodes[node].listeners.push(Listener::Callback(id));
        }
        (token, node, id, kind, state)
    });
    let note = Note(id);
    let answer = guarded(|| match kind {
        0 | 1 => Ok(token.register(move || runs(note))),
        2 => {
            let large = [id; 5];
            Ok(token.register(move || {
                assert_eq!(large, [note.0; 5], "what is captured is as it was");
                runs(note);
            }))
        }
        3 => {
            let own = token.clone();
            Ok(token.register_with(move |token| {
                assert!(*token == own, "the callback is given its token");
                runs(note);
            }))
        }
        4 => token.register_or(move || runs(note)).map_err(|back| {
            drop(back);
            "sealed"
        }),
        _ => token.try_register(move || runs(note)).map_err(|back| match back {
            TryRegisterError::Full(back) => {
                with(|world| removed(world, id));
                drop(back);
                "full"
            }
            other => {
                drop(other.into_inner());
                "sealed"
            }
        }),
    });
    let (after, can) = with(|world| (world.model.callbacks[id].state, world.model.can_be(node)));
    match answer {
        Some(Ok(registration)) => {
            must!(before != State::Immediate || after == State::Finished, "{id} did not run at once: {}", trace());
            with(|world| world.registrations.push((registration, id)));
        }
        Some(Err("full")) => {}
        Some(Err(_)) => must!(!can, "{id} was refused: {}", trace()),
        None => must!(before == State::Immediate, "to register {id} has panicked: {}", trace()),
    }
}

/// The callback of a registration that goes will not run, unless it has begun to.
pub(super) fn removed(world: &mut World, id: usize) -> State {
    let state = world.model.callbacks[id].state;
    if state == State::Armed {
        world.model.callbacks[id].state = State::Removed;
    }
    state
}

fn take_registration() -> Option<(Registration, usize)> {
    with(|world| {
        let at = world.plan.below(world.registrations.len());
        (at < world.registrations.len()).then(|| world.registrations.swap_remove(at))
    })
}

pub(super) fn unregister() {
    let Some((mut registration, id)) = take_registration() else { return };
    let (kind, state, certain) = with(|world| {
        world.note(format_args!("unregister{id}"));
        let callback = &world.model.callbacks[id];
        let certain = !callback.doubtful && (world.model.can_be(callback.node) || callback.state != State::Armed);
        (world.plan.below(3), removed(world, id), certain)
    });
    let answer = match kind {
        0 => {
            drop(registration);
            None
        }
        1 => Some(registration.unregister()),
        // Inside the callback itself; elsewhere nobody runs it, so nobody waits.
        _ => registration.unregister_and_wait().ok(),
    };
    if state == State::Armed {
        must!(with(|world| world.model.callbacks[id].dropped), "what {id} holds stays: {}", trace());
    }
    let expected = match state {
        State::Armed => Unregistered::Removed,
        State::Running | State::Immediate => Unregistered::Running,
        State::Finished | State::Removed => Unregistered::Finished,
    };
    let told = answer.is_none_or(|answer| answer == expected);
    must!(told || !certain, "to unregister {id} answers {answer:?}, not {expected:?}: {}", trace());
}

pub(super) fn detach() {
    if let Some((registration, id)) = take_registration() {
        with(|world| world.note(format_args!("detach{id}")));
        registration.detach();
    }
}
