//! What is called.

use super::super::bells::Bell;
use super::super::foreign::guarded;
use super::derived::{all, any, finally, flatten, then};
use super::foreign::{Counted, Dropped, out, rings};
use super::model::{Listener, Origin, Out};
use super::world::{Cell, Source, Wait, World, trace, with};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use taskcell::{CancellationToken, TaskError, TaskStatus};

pub(super) fn step() {
    match with(|world| world.plan.below(32)) {
        0..3 => make(),
        3 => handles(),
        4 => abandon(),
        5..9 => set(),
        9 => set_from_task(),
        10..13 => then(),
        13 | 14 => finally(),
        15 | 16 => all(),
        17 | 18 => any(),
        19 => flatten(),
        20..23 => begin(),
        23..27 => poll(),
        27 => leave(),
        28 => leave_pending(),
        29 => take(),
        _ => drop_task(),
    }
}

impl World {
    pub(super) fn task(&mut self) -> Option<(Cell, usize)> {
        let at = self.plan.below(self.tasks.len());
        self.tasks.get(at).cloned()
    }

    fn source(&mut self) -> Option<(Source, usize)> {
        let at = self.plan.below(self.sources.len());
        let (source, cell) = self.sources.get(at)?.clone();
        self.model.cells[cell].sources += 1;
        Some((source, cell))
    }
}

/// A call that may end tasks, and so call closures and wakers. `None`: a waker's panic came out.
pub(super) fn calling<R>(call: impl FnOnce() -> R) -> Option<R> {
    with(|world| world.calls.push(false));
    let answer = guarded(call);
    let panicked = with(|world| world.calls.pop());
    must!(panicked == Some(answer.is_none()), "a panic was lost or came twice: {}", trace());
    answer
}

/// A source more, and its task.
fn make() {
    let (source, task) = Source::pair();
    with(|world| {
        let cell = world.model.cell(Origin::Source);
        world.note(format_args!("make{cell}"));
        world.model.cells[cell].sources = 1;
        world.sources.push((source, cell));
        world.tasks.push((task, cell));
    });
}

/// Another handle.
fn handles() {
    with(|world| {
        if world.plan.once_in(2) {
            let more = world.task();
            world.tasks.extend(more);
        } else {
            let more = world.source();
            world.sources.extend(more);
        }
    });
}

/// A handle of a source goes; with the last one its task ends.
pub(super) fn abandon() {
    let taken = with(|world| {
        let at = world.plan.below(world.sources.len());
        (at < world.sources.len()).then(|| world.sources.swap_remove(at))
    });
    if let Some((source, cell)) = taken {
        with(|world| world.note(format_args!("-{cell}")));
        gone(source, cell);
    }
}

fn gone(source: Source, cell: usize) {
    with(|world| {
        let own = &mut world.model.cells[cell];
        own.sources -= 1;
        if own.sources == 0 && own.out.is_none() && !own.dead {
            own.out = Some(Out::Abandoned);
        }
    });
    calling(|| drop(source));
}

/// A task is ended, in one way or another.
fn set() {
    let Some((source, cell)) = with(World::source) else { return };
    let (kind, number, other, first) = with(|world| {
        let first = world.model.out(cell).is_none();
        let (kind, number, other) = (world.plan.below(6), world.next(), world.next());
        world.note(format_args!("set{cell}as{kind}"));
        if first {
            world.model.cells[cell].out = Some(match kind {
                0 | 1 => Out::Value(number),
                2 => Out::Faulted(vec![number]),
                3 => Out::Faulted(vec![number, other]),
                4 => Out::Cancelled,
                _ => Out::Abandoned,
            });
        }
        (kind, number, other, first)
    });
    let errors = || [Counted::new(number), Counted::new(other)];
    let answer = match kind {
        0 | 1 => {
            let value = Counted::new(number);
            calling(|| source.try_set_result(value).map_err(|back| assert_eq!(back.number(), number)).is_ok())
        }
        2 => {
            let error = Counted::new(number);
            calling(|| source.try_set_error(error).map_err(|back| assert_eq!(back.number(), number)).is_ok())
        }
        3 => calling(|| source.try_set_errors(errors()).map_err(|back| assert_eq!(back.len(), 2)).is_ok()),
        4 => calling(|| source.try_set_cancelled(&CancellationToken::NONE)),
        _ => calling(|| source.try_set_outcome(Err(TaskError::Abandoned)).is_ok()),
    };
    must!(answer.is_none_or(|answer| answer == first), "{cell} was ended or not: {}", trace());
    gone(source, cell);
}

/// A task ends as another one has.
fn set_from_task() {
    // In the middle of a call that one may be about to end.
    if with(|world| world.depth) > 0 {
        return;
    }
    let Some((task, from)) = with(World::task) else { return };
    let Some((source, cell)) = with(World::source) else { return };
    let expected = with(|world| {
        world.note(format_args!("set{cell}from{from}"));
        let outcome = world.model.out(from).cloned();
        let expected = outcome.is_some() && world.model.out(cell).is_none();
        if expected {
            world.model.cells[cell].out = outcome;
        }
        expected
    });
    let answer = calling(|| source.try_set_from_task(&task));
    must!(answer.is_none_or(|answer| answer == expected), "{cell} was ended or not: {}", trace());
    gone(source, cell);
    drop(task);
}

/// Somebody more who waits, not polled yet.
fn begin() {
    let Some((task, cell)) = with(World::task) else { return };
    let kind = with(|world| world.plan.below(3));
    let future: Pin<Box<dyn Future<Output = Out>>> = match kind {
        0 => Box::pin(async move { out((&task).await) }),
        1 => Box::pin(async move {
            let answer = task.await;
            out(answer.as_ref())
        }),
        _ => Box::pin(async move {
            let status = task.settled().await;
            let found = task.try_result().map(out).expect("it has ended");
            assert_eq!(status == TaskStatus::RanToCompletion, matches!(found, Out::Value(_)));
            found
        }),
    };
    with(|world| {
        let id = world.next();
        world.note(format_args!("wait{id}on{cell}"));
        world.waits.push(Wait { id, cell, generation: 0, bell: None, future: Some(future) });
    });
}

fn some() -> Option<usize> {
    with(|world| {
        let there: Vec<_> = world.waits.iter().filter(|wait| wait.future.is_some()).map(|wait| wait.id).collect();
        there.get(world.plan.below(there.len())).copied()
    })
}

/// Polls one who waits, perhaps with another waker.
fn poll() {
    let Some(id) = some() else { return };
    let (mut future, old, cell, other, generation) = with(|world| {
        let other = world.plan.once_in(3);
        world.note(format_args!("poll{id}"));
        let Some(wait) = world.waits.iter_mut().find(|wait| wait.id == id) else { unreachable!("it was there") };
        let old = wait.bell.take();
        if old.is_none() || other {
            wait.generation += 1;
        }
        let future = wait.future.take().expect("it is not being polled");
        let (cell, generation) = (wait.cell, wait.generation);
        world.forget_waker(id, cell);
        (future, old, cell, other, generation)
    });
    let bell = match &old {
        Some((bell, _)) if !other => bell.clone(),
        _ => {
            let dropped = Dropped::new();
            Bell::with(move || {
                let _ = &dropped;
                rings(id, generation, cell);
            })
        }
    };
    let waker = bell.waker();
    let seen = bell.rung();
    let before = with(|world| world.model.out(cell).cloned().filter(|_| world.depth == 0));
    let answer = calling(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
    match answer {
        Some(Poll::Ready(found)) => {
            let (now, gone) = with(|world| {
                world.model.settle();
                let at = world.waits.iter().position(|wait| wait.id == id);
                (world.model.out(cell).cloned(), at.map(|at| world.waits.remove(at)))
            });
            must!(now.as_ref() == Some(&found), "{id} was given {found:?}, not {now:?}: {}", trace());
            drop(gone);
        }
        Some(Poll::Pending) => {
            must!(before.is_none(), "{cell} has ended, and {id} waits: {}", trace());
            with(|world| {
                let (cells, waits) = (&mut world.model.cells, &mut world.waits);
                let Some(wait) = waits.iter_mut().find(|wait| wait.id == id) else { unreachable!("it is ours") };
                (wait.future, wait.bell) = (Some(future), Some((bell, seen)));
                let listener = Listener::Wait(id);
                if cells[cell].out.is_none() && !cells[cell].listeners.contains(&listener) {
                    cells[cell].listeners.push(listener);
                }
            });
        }
        None => drop(future),
    }
    drop(old);
}

/// Drops one who waits.
pub(super) fn leave() {
    let Some(id) = some() else { return };
    let gone = with(|world| {
        world.note(format_args!("leave{id}"));
        let at = world.waits.iter().position(|wait| wait.id == id)?;
        let gone = world.waits.remove(at);
        world.forget_waker(id, gone.cell);
        Some(gone)
    });
    drop(gone);
}

/// A source goes without ending its task.
fn leave_pending() {
    let Some((source, cell)) = with(|world| world.sources.pop()) else { return };
    with(|world| {
        world.note(format_args!("pending{cell}"));
        let own = &mut world.model.cells[cell];
        own.sources -= 1;
        own.dead |= own.sources == 0 && own.out.is_none();
        world.model.settle();
    });
    calling(|| source.leave_pending());
}

/// Takes the outcome, if this is the only handle.
fn take() {
    let Some((task, cell)) = with(|world| world.tasks.pop()) else { return };
    let found = match task.try_unwrap() {
        Ok(outcome) => out(outcome.as_ref()),
        Err(task) => return with(|world| world.tasks.push((task, cell))),
    };
    let expected = with(|world| world.model.out(cell).cloned());
    must!(Some(&found) == expected.as_ref(), "{cell} has ended with {found:?}, not {expected:?}: {}", trace());
}

fn drop_task() {
    let gone = with(|world| {
        let at = world.plan.below(world.tasks.len());
        (at < world.tasks.len()).then(|| world.tasks.swap_remove(at))
    });
    calling(|| drop(gone));
}

pub(super) fn drop_tasks() {
    let gone = with(|world| std::mem::take(&mut world.tasks));
    drop(gone);
}
