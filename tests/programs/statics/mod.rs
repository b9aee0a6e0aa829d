//! Sources in a `static`, in trees: round after round each waiter is told, each callback runs once, in its order, and a
//! source is new exactly when it may be. `model.rs` knows when that is.

mod model;

use super::bells::Bell;
use super::foreign::{self, guarded, leak, panic_as_meant, reported};
use super::plan::{Plan, Trace};
use super::stage::{self, Stage};
use model::{Callback, Node, Wait, World};
use std::task::{Context, Poll};
use taskcell::{CancellationSlot, Full, StaticCancellationTokenSource, TryRegisterError};

const N: usize = 4;
type Source = StaticCancellationTokenSource<N>;
type Tree = &'static [(&'static Source, Option<usize>)];

/// Whose parent each source is.
const SHAPES: [&[Option<usize>]; 4] =
    [&[None], &[None, Some(0)], &[None, Some(0), Some(1)], &[None, Some(0), Some(0), Some(1)]];

thread_local! {
    static WORLD: Stage<World> = const { Stage::new(None) };
    /// Links are for ever, so the trees are a thread's, and as new after each program.
    static TREES: [Tree; 4] = SHAPES.map(|shape| {
        let sources: Vec<(&'static Source, _)> =
            shape.iter().map(|parent| (leak(Source::new()), *parent)).collect();
        for (source, parent) in &sources {
            if let Some(parent) = parent {
                assert_eq!(source.link(sources[*parent].0), Ok(true));
            }
        }
        leak(sources).as_slice()
    });
}

fn with<R>(f: impl FnOnce(&mut World) -> R) -> R {
    stage::with(&WORLD, f)
}

fn trace() -> Trace {
    with(|world| world.trace.clone())
}

pub(crate) fn run(bytes: &[u8]) {
    let mut plan = Plan::new(bytes);
    let tree = TREES.with(|trees| plan.one_of(trees));
    let world = World {
        plan,
        tree,
        nodes: tree.iter().map(|_| Node::default()).collect(),
        waits: Vec::new(),
        callbacks: Vec::new(),
        deliveries: Vec::new(),
        next: 0,
        depth: 0,
        trace: Trace::default(),
    };
    let step_and_check = || {
        step();
        check();
    };
    stage::run(&WORLD, world, 150, |world| world.plan.is_over(), step_and_check, end);
}

/// Everything goes, and the tree is new for the next program.
fn end() {
    with(|world| world.plan = Plan::default());
    let waits = with(|world| std::mem::take(&mut world.waits));
    drop(waits);
    let count = with(|world| world.callbacks.len());
    (0..count).for_each(unregister);
    let tree = with(|world| world.tree);
    for (source, _) in tree {
        must!(source.try_reset() && !source.is_cancelled(), "it is not new: {}", trace());
    }
    let held = with(|world| world.callbacks.iter().position(|callback| !callback.dropped));
    must!(held.is_none(), "what {held:?} holds stays: {}", trace());
    drop(WORLD.take());
}

fn step() {
    match with(|world| world.plan.below(16)) {
        0..4 => register(),
        4 | 5 => {
            let id = with(|world| world.plan.below(world.callbacks.len()));
            if id < with(|world| world.callbacks.len()) {
                unregister(id);
            }
        }
        6 | 7 => slot(),
        8..11 => poll(),
        11 => leave(),
        12 | 13 => cancel(),
        _ => reset(),
    }
}

/// What a callback holds.
struct Note(usize);

impl Drop for Note {
    fn drop(&mut self) {
        let _ = stage::if_there(&WORLD, |world| {
            let callback = &mut world.callbacks[self.0];
            must!(!std::mem::replace(&mut callback.dropped, true), "{} is dropped twice", self.0);
        });
    }
}

fn register() {
    let (source, node, id, full, cancelled) = with(|world| {
        let (source, node) = world.some_node();
        let id = world.callbacks.len();
        let (full, cancelled) = (world.taken(node) == N, world.nodes[node].cancelled.is_some());
        world.trace.note(format_args!("register{id}on{node}"));
        world.callbacks.push(Callback { node, registration: None, armed: !full && !cancelled, dropped: false });
        if !full && !cancelled {
            world.nodes[node].armed.push(id);
        }
        (source, node, id, full, cancelled)
    });
    let note = Note(id);
    match source.token().try_register(move || runs(note)) {
        Ok(registration) => {
            must!(!full && !cancelled, "{id} was taken by {node}: {}", trace());
            with(|world| world.callbacks[id].registration = Some(registration));
        }
        Err(TryRegisterError::Full(_)) => must!(full, "{node} has no room for {id}: {}", trace()),
        Err(TryRegisterError::Cancelled(_)) => must!(cancelled, "{node} is cancelled for {id}: {}", trace()),
        Err(_) => foreign::wrong(format!("a third answer for {id}: {}", trace())),
    }
}

fn runs(note: Note) {
    let id = note.0;
    let (hostile, delivery) = with(|world| {
        let node = world.callbacks[id].node;
        world.trace.note(format_args!("!{id}"));
        let trace = world.trace.clone();
        let armed = std::mem::replace(&mut world.callbacks[id].armed, false);
        must!(armed, "{id} runs twice, or was taken back: {trace}");
        let Some(delivery) = world.nodes[node].delivery else { foreign::wrong(format!("{id} runs unasked: {trace}")) };
        world.all_told(delivery);
        let callbacks = &world.callbacks;
        let next = world.deliveries[delivery].order.iter().find(|own| **own == id || callbacks[**own].armed);
        must!(next == Some(&id), "{id} runs before {next:?}: {trace}");
        (world.plan.below(6), delivery)
    });
    match hostile {
        1 | 2 => nested(),
        3 => {
            with(|world| world.deliveries[delivery].panicked = true);
            panic_as_meant();
        }
        _ => {}
    }
}

fn rings(id: usize, node: usize) {
    let hostile = with(|world| {
        world.trace.note(format_args!("?{id}"));
        // One that goes while others are told is woken all the same, but not later.
        let under_way = world.nodes[node].delivery.is_some_and(|delivery| !world.deliveries[delivery].over);
        must!(under_way, "{id} is woken, and nobody cancels {node}: {}", world.trace.clone());
        world.plan.below(6)
    });
    match hostile {
        1 | 2 => nested(),
        3 => {
            with(|world| {
                let delivery = world.nodes[node].delivery;
                delivery.into_iter().for_each(|delivery| world.deliveries[delivery].panicked = true);
            });
            panic_as_meant();
        }
        _ => {}
    }
}

fn nested() {
    if with(|world| world.depth) < 3 {
        with(|world| world.depth += 1);
        step();
        with(|world| world.depth -= 1);
    }
}

fn unregister(id: usize) {
    let taken = with(|world| {
        let registration = world.callbacks[id].registration.take()?;
        world.trace.note(format_args!("unregister{id}"));
        let armed = std::mem::replace(&mut world.callbacks[id].armed, false);
        let node = world.callbacks[id].node;
        world.nodes[node].armed.retain(|own| *own != id);
        Some((registration, armed, world.plan.once_in(3)))
    });
    let Some((mut registration, armed, by_drop)) = taken else { return };
    must!(by_drop || registration.unregister() == armed, "{id} was taken back or not: {}", trace());
    drop(registration);
    must!(!armed || with(|world| world.callbacks[id].dropped), "what {id} holds stays: {}", trace());
}

fn slot() {
    with(|world| {
        let (source, node) = world.some_node();
        let (full, cancelled) = (world.taken(node) == N, world.nodes[node].cancelled.is_some());
        let id = world.next;
        world.next += 1;
        world.trace.note(format_args!("slot{id}of{node}"));
        match source.slot() {
            Ok(slot) => {
                must!(!full || cancelled, "{node} has one slot more: {}", world.trace.clone());
                world.waits.push(Wait { id, node, slot: Some(slot), placed: !full, bell: None });
            }
            Err(Full) => must!(full && !cancelled, "{node} has no slot: {}", world.trace.clone()),
        }
    });
}

fn poll() {
    let taken = with(|world| {
        let there: Vec<_> = (0..world.waits.len()).filter(|at| world.waits[*at].slot.is_some()).collect();
        let at = *there.get(world.plan.below(there.len()))?;
        let other = world.plan.once_in(3);
        let wait = &mut world.waits[at];
        let (id, node, placed) = (wait.id, wait.node, wait.placed);
        let old = wait.bell.take();
        world.trace.note(format_args!("poll{id}"));
        let bell = match &old {
            Some((bell, _)) if !other => bell.clone(),
            _ => Bell::with(move || rings(id, node)),
        };
        let cancelled = world.nodes[node].cancelled.is_some() || !placed;
        Some((id, wait.slot.take()?, bell, old, cancelled))
    });
    let Some((id, mut slot, bell, old, cancelled)) = taken else { return };
    let seen = bell.rung();
    let answer = slot.poll_cancelled(&mut Context::from_waker(&bell.waker()));
    must!(answer.is_ready() == cancelled, "{id} is {answer:?}: {}", trace());
    with(|world| {
        let Some(wait) = world.waits.iter_mut().find(|wait| wait.id == id) else { unreachable!("it is ours") };
        wait.slot = Some(slot);
        wait.bell = if answer == Poll::Pending { Some((bell, seen)) } else { None };
    });
    drop(old);
}

fn leave() {
    let gone = with(|world| {
        let there: Vec<_> = (0..world.waits.len()).filter(|at| world.waits[*at].slot.is_some()).collect();
        let at = *there.get(world.plan.below(there.len()))?;
        let gone = world.waits.remove(at);
        world.trace.note(format_args!("leave{}", gone.id));
        Some(gone)
    });
    drop(gone);
}

fn cancel() {
    let (source, node, deadline, delivery) = with(|world| {
        let (source, node) = world.some_node();
        let deadline = world.plan.once_in(4);
        world.trace.note(format_args!("cancel{node}"));
        (source, node, deadline, world.cancel(node, deadline))
    });
    let answer = guarded(|| {
        if deadline {
            source.deadline_waker().wake();
            delivery.is_some()
        } else {
            source.cancel()
        }
    });
    let panicked = delivery.is_some_and(|delivery| with(|world| world.deliveries[delivery].panicked));
    let told = if deadline { reported() > 0 } else { answer.is_none() };
    must!(told == panicked, "a panic was lost or came twice: {}", trace());
    must!(answer.is_none_or(|first| first == delivery.is_some()), "{node} was cancelled first or not: {}", trace());
    if let Some(delivery) = delivery {
        with(|world| {
            world.all_told(delivery);
            world.deliveries[delivery].over = true;
            let left = world.deliveries[delivery].order.iter().find(|id| world.callbacks[**id].armed);
            must!(left.is_none(), "{left:?} has not run: {}", world.trace.clone());
        });
    }
}

fn reset() {
    let (source, node, expected) = with(|world| {
        let (source, node) = world.some_node();
        world.trace.note(format_args!("reset{node}"));
        (source, node, world.may_be_new(node))
    });
    must!(source.try_reset() == expected, "{node} is new or not: {}", trace());
    if expected {
        with(|world| (world.nodes[node].cancelled, world.nodes[node].delivery) = (None, None));
    }
}

/// What can be asked.
fn check() {
    with(|world| {
        let trace = world.trace.clone();
        for (node, (source, _)) in world.tree.iter().enumerate() {
            let own = &world.nodes[node];
            must!(source.is_cancelled() == own.cancelled.is_some(), "{node} is cancelled or not: {trace}");
            let reason = source.token().reason().map(|reason| (reason.is_deadline(), reason.is_inherited()));
            must!(reason == own.cancelled, "{node} is cancelled for {reason:?}: {trace}");
            let links = world.tree.iter().filter(|(_, parent)| *parent == Some(node)).count();
            let waits = world.waits.iter().filter(|wait| wait.node == node && wait.bell.is_some() && wait.placed);
            let expected = if own.cancelled.is_some() { 0 } else { links + own.armed.len() + waits.count() };
            let found = source.token().listeners();
            must!(found == expected, "{node} has {found} listeners, not {expected}: {trace}");
        }
    });
}
