//! What is called.

use super::super::foreign::guarded;
use super::callbacks::{detach, register, unregister};
use super::model::{State, Why};
use super::waits;
use super::world::{World, check, trace, with};
use std::time::Duration;
use taskcell::time::TimeProvider;
use taskcell::{CancellationToken, CancellationTokenSource};

pub(super) fn step() {
    match with(|world| world.plan.below(32)) {
        0..3 => make(),
        3 => handles(),
        4 | 5 => tokens(),
        6..11 => register(),
        11 | 12 => unregister(),
        13 => detach(),
        14..17 => waits::begin(),
        17..20 => waits::poll(),
        20 => waits::leave(),
        21 => waits::settle(),
        22..25 => cancel(),
        25 => run_deferred(),
        26 => reset(),
        27 | 28 => arm(),
        29 => disarm(),
        30 => advance(),
        _ => guard(),
    }
}

impl World {
    fn source(&mut self) -> Option<(CancellationTokenSource, usize)> {
        let at = self.plan.below(self.sources.len());
        let (source, node) = self.sources.get(at)?;
        Some((source.clone(), *node))
    }

    pub(super) fn token(&mut self) -> (CancellationToken, usize) {
        let at = self.plan.below(self.tokens.len());
        self.tokens[at].clone()
    }

    fn keep(&mut self, source: CancellationTokenSource, node: usize) {
        self.model.nodes[node].handles += 1;
        self.tokens.push((source.token(), node));
        self.model.nodes[node].held += 1;
        self.sources.push((source, node));
    }
}

/// A source more.
fn make() {
    let (kind, first, second) = with(|world| (world.plan.below(8), world.token(), world.token()));
    let (source, parents) = match kind {
        0 => (CancellationTokenSource::new(), vec![]),
        1 => (CancellationTokenSource::with_capacity(with(|world| world.plan.below(9))), vec![]),
        2..6 => (first.0.child(), vec![first.1]),
        _ => (CancellationTokenSource::linked([&first.0, &second.0]), vec![first.1, second.1]),
    };
    with(|world| {
        let node = world.model.node(&parents);
        world.note(format_args!("{node}below{parents:?}"));
        world.keep(source, node);
    });
}

/// Handles of a source come and go.
fn handles() {
    let gone = with(|world| {
        let (more, at) = (world.plan.once_in(3), world.plan.below(world.sources.len()));
        if more {
            if let Some((source, node)) = world.source() {
                world.model.nodes[node].handles += 1;
                world.sources.push((source, node));
            }
            return None;
        }
        if at >= world.sources.len() {
            return None;
        }
        let (source, node) = world.sources.swap_remove(at);
        world.note(format_args!("-{node}"));
        world.model.nodes[node].handles -= 1;
        world.model.doubt();
        Some(source)
    });
    drop(gone);
}

/// Tokens come and go.
fn tokens() {
    let gone = with(|world| {
        let at = world.plan.below(world.tokens.len());
        if world.plan.once_in(4) {
            let (token, node) = world.tokens[at].clone();
            world.model.nodes[node].held += 1;
            world.tokens.push((token, node));
            return None;
        }
        if world.tokens[at].1 <= super::world::GONE {
            return None;
        }
        let (token, node) = world.tokens.swap_remove(at);
        world.note(format_args!("-token{node}"));
        world.model.nodes[node].held -= 1;
        world.model.doubt();
        Some(token)
    });
    drop(gone);
}

/// A call that cancels `node`, if it is the first.
fn cancelling(node: usize, why: Why, fail_fast: bool, call: impl FnOnce() -> Option<bool>) {
    let delivery = with(|world| {
        world.note(format_args!("cancel{node}"));
        let delivery = world.model.cancel(node, why);
        if let Some(delivery) = delivery {
            world.model.deliveries[delivery].fail_fast = fail_fast;
        }
        delivery
    });
    let answer = guarded(call);
    let panicked = delivery.is_some_and(|delivery| with(|world| world.model.deliveries[delivery].panicked));
    must!(answer.is_none() == panicked, "a panic was lost or came twice: {}", trace());
    if let Some(Some(first)) = answer {
        let uncertain = with(|world| world.model.is_uncertain(node));
        must!(uncertain || first == delivery.is_some(), "{node} was cancelled first or not: {}", trace());
    }
    if let Some(delivery) = delivery {
        with(|world| world.finish(delivery));
    }
}

fn cancel() {
    let Some((source, node)) = with(World::source) else { return };
    with(|world| world.model.nodes[node].handles += 1);
    match with(|world| world.plan.below(8)) {
        0..3 => cancelling(node, Why::Requested, false, || Some(source.cancel())),
        3 => {
            let error = with(|world| world.model.deliveries.len());
            cancelling(node, Why::Error(error), false, || Some(source.cancel_with(error.to_string())));
        }
        4 => cancelling(node, Why::Requested, true, || Some(source.cancel_fail_fast())),
        5 => cancelling(node, Why::Requested, false, || {
            drop(source.drop_guard_ref());
            None
        }),
        _ => defer(&source, node),
    }
    with(|world| world.model.nodes[node].handles -= 1);
    drop(source);
}

fn defer(source: &CancellationTokenSource, node: usize) {
    let delivery = with(|world| {
        world.note(format_args!("defer{node}"));
        world.model.cancel(node, Why::Requested)
    });
    let Some(deferred) = guarded(|| source.cancel_deferred()) else {
        super::super::wrong(format!("a deferred cancellation has panicked: {}", trace()))
    };
    with(|world| {
        let trace = world.trace.clone();
        must!(deferred.is_first() == delivery.is_some() || world.model.is_uncertain(node), "first or not: {trace}");
        if let Some(delivery) = delivery {
            world.all_told(delivery);
            must!(deferred.has_callbacks() || world.model.missing(delivery).is_empty(), "it has callbacks: {trace}");
        }
        world.deferred.push((deferred, delivery));
    });
}

/// Runs the callbacks of a cancellation that was deferred.
pub(super) fn run_deferred() {
    let Some((deferred, delivery)) = with(|world| world.deferred.pop()) else { return };
    let by_drop = with(|world| {
        world.note(format_args!("run{delivery:?}"));
        world.plan.once_in(2)
    });
    let answer = guarded(|| if by_drop { drop(deferred) } else { deferred.run() });
    let panicked = delivery.is_some_and(|delivery| with(|world| world.model.deliveries[delivery].panicked));
    must!(answer.is_none() == panicked, "a panic was lost or came twice: {}", trace());
    if let Some(delivery) = delivery {
        with(|world| world.finish(delivery));
    }
}

fn reset() {
    let taken = with(|world| {
        let at = world.plan.below(world.sources.len());
        (at < world.sources.len()).then(|| world.sources.swap_remove(at))
    });
    let Some((mut source, node)) = taken else { return };
    let expected = with(|world| {
        world.note(format_args!("reset{node}"));
        let expected = !world.model.is_cancelled(node);
        if expected {
            world.model.nodes[node].timer = None;
            for callback in &mut world.model.callbacks {
                callback.doubtful |= callback.node == node && callback.state == State::Armed;
            }
            world.model.nodes[node].handles -= 1;
        }
        expected
    });
    let uncertain = with(|world| world.model.is_uncertain(node));
    let Some(answer) = guarded(|| source.try_reset()) else {
        super::super::wrong(format!("to reset has panicked: {}", trace()))
    };
    must!(answer == expected || uncertain, "{node} was reset or not: {}", trace());
    if !expected {
        return with(|world| world.sources.push((source, node)));
    }
    with(|world| {
        let parents = world.model.nodes[node].parents.clone();
        let new = world.model.node(&parents);
        world.model.nodes[new].moved = true;
        world.model.nodes[new].uncertain = uncertain;
        world.note(format_args!("={new}"));
        world.keep(source, new);
    });
}

/// A source is to be cancelled later.
fn arm() {
    let Some((source, node)) = with(World::source) else { return };
    let (delay, clock) = with(|world| {
        let delay = world.plan.one_of(&[Duration::ZERO, Duration::MAX]);
        let ahead = world.plan.below(5) as u64;
        (if ahead > 0 { Duration::from_nanos(ahead) } else { delay }, world.clock.clone())
    });
    with(|world| world.model.nodes[node].handles += 1);
    if delay.is_zero() {
        cancelling(node, Why::Deadline, false, || {
            source.cancel_after_on(&clock, delay);
            None
        });
    } else {
        with(|world| {
            world.note(format_args!("after{delay:?}:{node}"));
            world.model.armings += 1;
            let (now, arming) = (world.model.now, world.model.armings);
            let own = &mut world.model.nodes[node];
            if own.cancelled.is_none() {
                own.timer = (delay != Duration::MAX).then(|| (now + delay.as_nanos() as u64, arming));
            }
        });
        source.cancel_after_on(&clock, delay);
    }
    with(|world| world.model.nodes[node].handles -= 1);
    drop(source);
}

fn disarm() {
    let Some((source, node)) = with(World::source) else { return };
    let armed = with(|world| {
        world.note(format_args!("disarm{node}"));
        world.model.nodes[node].timer.take().is_some()
    });
    let uncertain = with(|world| world.model.is_uncertain(node));
    must!(source.disarm() == armed || uncertain, "{node} was armed or not: {}", trace());
    drop(source);
}

fn advance() {
    if with(|world| world.advancing.is_some() || world.depth > 0) {
        return;
    }
    let limit = with(|world| world.model.now + world.plan.below(6) as u64);
    advance_to(limit);
    check();
}

pub(super) fn advance_to(limit: u64) {
    let clock = with(|world| {
        world.note(format_args!("to{limit}"));
        world.advancing = Some(limit);
        world.clock.clone()
    });
    let panicked = guarded(|| clock.advance_to(taskcell::Timestamp::from_nanos(limit))).is_none();
    must!(!panicked, "a timer's panic came out of the clock: {}", trace());
    with(|world| {
        while world.fire(limit) {}
        (world.advancing, world.model.now) = (None, limit);
        must!(world.clock.now().as_nanos() == limit, "it is {:?}: {}", world.clock.now(), world.trace.clone());
    });
}

/// A guard comes, or goes, or gives its source back.
fn guard() {
    let there = with(|world| world.guards.pop());
    match there {
        Some((guard, node)) if with(|world| world.plan.once_in(2)) => {
            let source = guard.disarm();
            with(|world| world.sources.push((source, node)));
        }
        Some((guard, node)) => {
            cancelling(node, Why::Requested, false, || {
                drop(guard);
                None
            });
            with(|world| world.model.nodes[node].handles -= 1);
        }
        None => with(|world| {
            if let Some((source, node)) = world.sources.pop() {
                world.guards.push((source.drop_guard(), node));
            }
        }),
    }
}
