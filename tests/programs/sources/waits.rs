//! Futures that wait for a cancellation, and how they are polled.

use super::super::bells::Bell;
use super::super::foreign::guarded;
use super::foreign::{nested, rings};
use super::world::{if_there, trace, with};
use std::cell::Cell;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(super) struct Wait {
    pub(super) id: usize,
    pub(super) node: usize,
    /// How many wakers it has had.
    pub(super) generation: usize,
    /// It was polled with this one last, which had rung so often.
    bell: Option<(Arc<Bell>, usize)>,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Wait {
    /// It was polled, and was not woken since.
    pub(super) fn sleeps(&self) -> bool {
        self.bell.as_ref().is_some_and(|(bell, seen)| bell.rung() == *seen)
    }
}

thread_local! {
    static NEXT: Cell<usize> = const { Cell::new(0) };
    static BELLS: Cell<usize> = const { Cell::new(0) };
}

/// How many wakers there are.
pub(super) fn bells() -> usize {
    BELLS.get()
}

/// What drops with a waker.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = BELLS.try_with(|bells| bells.set(bells.get() - 1));
        if if_there(|world| world.plan.once_in(8)) == Some(true) && !std::thread::panicking() {
            nested();
        }
    }
}

fn bell(id: usize, generation: usize) -> Arc<Bell> {
    BELLS.set(BELLS.get() + 1);
    let dropped = Dropped;
    Bell::with(move || {
        let _ = &dropped;
        rings(id, generation);
    })
}

/// A future more, which is not polled yet.
pub(super) fn begin() {
    with(|world| {
        let at = world.plan.below(world.tokens.len());
        let (token, node) = world.tokens[at].clone();
        let future: Pin<Box<dyn Future<Output = ()>>> = match world.plan.below(3) {
            0 => Box::pin(token.cancelled_owned()),
            1 => Box::pin(async move {
                let ended = token.run_until_cancelled(pending::<()>()).await;
                assert!(ended.is_none(), "what never ends has ended");
            }),
            _ => Box::pin(async move {
                let ended = token.until_cancelled(pending::<()>()).await;
                assert!(ended.is_err(), "what never ends has ended");
            }),
        };
        let id = NEXT.get();
        NEXT.set(id + 1);
        world.note(format_args!("wait{id}on{node}"));
        world.model.nodes[node].held += 1;
        world.waits.push(Wait { id, node, generation: 0, bell: None, future: Some(future) });
    });
}

/// One of them, that is not being polled.
fn some() -> Option<usize> {
    with(|world| {
        let there: Vec<_> = world.waits.iter().filter(|wait| wait.future.is_some()).map(|wait| wait.id).collect();
        there.get(world.plan.below(there.len())).copied()
    })
}

/// Polls one, perhaps with another waker.
pub(super) fn poll() {
    let Some(id) = some() else { return };
    let (mut future, bell, node, old) = with(|world| {
        let other = world.plan.once_in(3);
        let Some(wait) = world.waits.iter_mut().find(|wait| wait.id == id) else { unreachable!("it was there") };
        let old = wait.bell.take();
        let bell = match &old {
            Some((bell, _)) if !other => bell.clone(),
            _ => {
                wait.generation += 1;
                bell(id, wait.generation)
            }
        };
        let (future, node) = (wait.future.take(), wait.node);
        world.note(format_args!("poll{id}"));
        (future.expect("it is not being polled"), bell, node, old)
    });
    let waker = bell.waker();
    let before = with(|world| world.model.is_cancelled(node));
    let answer = guarded(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
    let now = with(|world| world.model.is_cancelled(node));
    match answer {
        Some(Poll::Ready(())) => {
            must!(now || with(|world| world.model.is_uncertain(node)), "{id} is ready too early: {}", trace());
            let gone = with(|world| {
                world.model.nodes[node].held -= 1;
                let at = world.waits.iter().position(|wait| wait.id == id);
                at.map(|at| world.waits.remove(at))
            });
            drop(gone);
        }
        Some(Poll::Pending) => {
            must!(!before, "{id} is cancelled, and waits: {}", trace());
            let rung = bell.rung();
            // Cancelled while it was polled: it was woken then, or never will be.
            must!(!now || rung > 0, "{id} was cancelled while it was polled, and sleeps: {}", trace());
            with(|world| {
                let Some(wait) = world.waits.iter_mut().find(|wait| wait.id == id) else { unreachable!("it is ours") };
                wait.future = Some(future);
                wait.bell = Some((bell, if now { usize::MAX } else { rung }));
            });
        }
        None => super::super::wrong(format!("a poll has panicked: {}", trace())),
    }
    drop(old);
}

/// Drops one.
pub(super) fn leave() {
    let Some(id) = some() else { return };
    let gone = with(|world| {
        world.note(format_args!("leave{id}"));
        let at = world.waits.iter().position(|wait| wait.id == id)?;
        let wait = world.waits.remove(at);
        world.model.nodes[wait.node].held -= 1;
        Some(wait)
    });
    drop(gone);
}

/// Polls whoever was woken: they must be ready.
pub(super) fn settle() {
    loop {
        let woken = with(|world| {
            let woken = |wait: &Wait| wait.future.is_some() && wait.bell.as_ref().is_some_and(|_| !wait.sleeps());
            let at = world.waits.iter().position(woken)?;
            let mut wait = world.waits.remove(at);
            world.model.nodes[wait.node].held -= 1;
            wait.bell = None;
            Some(wait)
        });
        let Some(mut wait) = woken else { break };
        let answer = wait
            .future
            .as_mut()
            .map(|future| guarded(|| future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()))));
        must!(answer == Some(Some(Poll::Ready(()))), "{} was woken, and waits: {}", wait.id, trace());
    }
}
