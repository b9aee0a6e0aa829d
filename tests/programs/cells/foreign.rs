//! Values, closures and wakers: each may make steps of its own.

use super::super::foreign::panic_as_meant;
use super::model::{Closure, Listener, Origin, Out};
use super::steps::step;
use super::world::{if_there, trace, with};
use std::cell::Cell;
use taskcell::TaskError;

thread_local! {
    static VALUES: Cell<usize> = const { Cell::new(0) };
    static BELLS: Cell<usize> = const { Cell::new(0) };
}

/// How many values and errors are alive.
pub(super) fn values() -> usize {
    VALUES.get()
}

/// A value or an error, counted.
#[derive(Debug)]
pub(super) struct Counted(usize);

impl Counted {
    pub(super) fn new(number: usize) -> Self {
        VALUES.set(VALUES.get() + 1);
        Self(number)
    }
    pub(super) fn number(&self) -> usize {
        self.0
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let _ = VALUES.try_with(|values| values.set(values.get().wrapping_sub(1)));
        maybe_nested();
    }
}

/// A step inside a drop, now and then.
fn maybe_nested() {
    if if_there(|world| world.plan.once_in(12)) == Some(true) && !std::thread::panicking() {
        nested();
    }
}

/// What drops with a waker.
pub(super) struct Dropped(());

impl Dropped {
    pub(super) fn new() -> Self {
        BELLS.set(BELLS.get() + 1);
        Self(())
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = BELLS.try_with(|bells| bells.set(bells.get().wrapping_sub(1)));
        maybe_nested();
    }
}

/// What a closure captured: it belongs to the task that the closure ends.
pub(super) struct Note(pub(super) usize);

impl Drop for Note {
    fn drop(&mut self) {
        let there = if_there(|world| {
            let trace = world.trace.clone();
            world.model.settle();
            let due = world.model.is_due(self.0);
            let cell = &mut world.model.cells[self.0];
            must!(!cell.dropped, "the closure of {} is dropped twice: {trace}", self.0);
            must!(!due || cell.closure == Closure::Done, "the closure of {} is dropped, and due: {trace}", self.0);
            let ends = cell.closure == Closure::Done || cell.dead || world.ending;
            must!(ends, "the closure of {} is dropped while it waits: {trace}", self.0);
            cell.dropped = true;
        });
        if there.is_some() {
            maybe_nested();
        }
    }
}

/// The closure of a task is called. What it makes of it.
pub(super) fn runs(note: Note) -> Result<Counted, Counted> {
    let id = note.0;
    let hostile = with(|world| {
        world.note(format_args!("!{id}"));
        world.model.settle();
        let trace = world.trace.clone();
        must!(world.model.is_due(id), "the closure of {id} is called too early: {trace}");
        let cell = &world.model.cells[id];
        must!(cell.closure == Closure::Waits, "the closure of {id} is called, and {:?}: {trace}", cell.closure);
        if let Origin::Then(of) | Origin::OrElse(of) | Origin::Finally(of) | Origin::Continue(of) = cell.origin {
            world.in_order(of, Listener::Task(id));
        }
        world.model.cells[id].closure = Closure::Runs;
        world.plan.below(10)
    });
    match hostile {
        1 | 2 => nested(),
        3 => {
            nested();
            nested();
        }
        _ => {}
    }
    with(|world| world.model.cells[id].closure = Closure::Done);
    drop(note);
    let number = with(|world| {
        let number = world.next();
        let finally = matches!(world.model.cells[id].origin, Origin::Finally(_));
        let of = match world.model.cells[id].origin {
            Origin::Finally(of) => world.model.out(of).cloned(),
            _ => None,
        };
        world.model.cells[id].out = match hostile {
            4 => Some(Out::Panicked),
            _ if finally => of,
            5 => Some(Out::Faulted(vec![number])),
            _ => Some(Out::Value(number)),
        };
        number
    });
    match hostile {
        4 => panic_as_meant(),
        5 => Err(Counted::new(number)),
        _ => Ok(Counted::new(number)),
    }
}

/// The waker of a wait is called.
pub(super) fn rings(wait: usize, generation: usize, cell: usize) {
    let hostile = with(|world| {
        world.note(format_args!("?{wait}"));
        world.model.settle();
        let trace = world.trace.clone();
        must!(world.model.out(cell).is_some(), "{wait} is woken, but {cell} has not ended: {trace}");
        let there = world.waits.iter().any(|own| own.id == wait && own.generation == generation);
        must!(there || world.late.contains(&wait), "{wait} is woken, and gone or given another waker: {trace}");
        if there {
            world.in_order(cell, Listener::Wait(wait));
        }
        world.plan.below(10)
    });
    match hostile {
        1 | 2 => nested(),
        4 => {
            let around = with(|world| world.calls.last_mut().map(|panicked| *panicked = true));
            must!(around.is_some(), "{wait} is woken by nobody: {}", trace());
            panic_as_meant();
        }
        _ => {}
    }
}

/// A step inside foreign code.
fn nested() {
    if with(|world| world.depth) < 3 {
        with(|world| world.depth += 1);
        step();
        with(|world| world.depth -= 1);
    }
}

/// How a task has ended, in the words of the model.
pub(super) fn out(result: Result<&Counted, &TaskError<Counted>>) -> Out {
    match result {
        Ok(value) => Out::Value(value.number()),
        Err(TaskError::Faulted(fault)) => Out::Faulted(fault.errors().map(Counted::number).collect()),
        Err(TaskError::Cancelled(_)) => Out::Cancelled,
        Err(TaskError::Abandoned) => Out::Abandoned,
        Err(_) => Out::Panicked,
    }
}

/// How many wakers are alive.
pub(super) fn bells() -> usize {
    BELLS.get()
}
