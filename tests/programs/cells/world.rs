//! The tasks beside the model.

use super::super::bells::Bell;
use super::super::plan::{Plan, Trace};
use super::super::stage::{self, Stage};
use super::foreign::{Counted, bells, out, values};
use super::model::{Closure, Listener, Model, Out};
use super::steps;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use taskcell::{Task, TaskCompletionSource};

pub(super) type Cell = Task<Counted, Counted>;
pub(super) type Source = TaskCompletionSource<Counted, Counted>;

/// Somebody who awaits a task.
pub(super) struct Wait {
    pub(super) id: usize,
    pub(super) cell: usize,
    /// How many wakers it has had.
    pub(super) generation: usize,
    /// It was polled with this one last, which had rung so often.
    pub(super) bell: Option<(Arc<Bell>, usize)>,
    pub(super) future: Option<Pin<Box<dyn Future<Output = Out>>>>,
}

impl Wait {
    /// It was polled, and was not woken since.
    pub(super) fn sleeps(&self) -> bool {
        self.bell.as_ref().is_some_and(|(bell, seen)| bell.rung() == *seen)
    }
}

/// What the program holds, each with the number of its task.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) model: Model,
    pub(super) sources: Vec<(Source, usize)>,
    pub(super) tasks: Vec<(Cell, usize)>,
    pub(super) waits: Vec<Wait>,
    /// Those that went, or took another waker, when their task had ended and not everybody had been told.
    pub(super) late: Vec<usize>,
    /// Calls under way that may end tasks: whether a waker's panic is to come out.
    pub(super) calls: Vec<bool>,
    pub(super) depth: usize,
    pub(super) trace: Trace,
    /// What is pending now goes.
    pub(super) ending: bool,
    number: usize,
}

thread_local! {
    pub(super) static WORLD: Stage<World> = const { Stage::new(None) };
}

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            model: Model::default(),
            sources: Vec::new(),
            tasks: Vec::new(),
            waits: Vec::new(),
            late: Vec::new(),
            calls: Vec::new(),
            depth: 0,
            trace: Trace::default(),
            ending: false,
            number: 100,
        }
    }

    pub(super) fn note(&self, step: impl std::fmt::Display) {
        self.trace.note(step);
    }

    /// The waker of this one is worth nothing any more, unless it is about to be called.
    pub(super) fn forget_waker(&mut self, wait: usize, cell: usize) {
        self.model.settle();
        if self.model.out(cell).is_some() {
            self.late.push(wait);
        }
    }

    /// A number that nothing has had.
    pub(super) fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    /// Nobody who came before `listener` is told of the end of `cell` after it.
    pub(super) fn in_order(&self, cell: usize, listener: Listener) {
        let sleeps = |id| self.waits.iter().any(|wait| wait.id == id && wait.sleeps());
        let before = self.model.overtakes(cell, listener, sleeps);
        must!(before.is_none(), "{listener:?} of {cell} is told before {before:?}: {}", self.trace.clone());
    }
}

pub(super) fn with<R>(f: impl FnOnce(&mut World) -> R) -> R {
    stage::with(&WORLD, f)
}

/// The same for what may be dropped after a program has failed.
pub(super) fn if_there<R>(f: impl FnOnce(&mut World) -> R) -> Option<R> {
    stage::if_there(&WORLD, f)
}

pub(super) fn trace() -> Trace {
    with(|world| world.trace.clone())
}

/// What is so between steps: whatever is due has been done.
pub(super) fn check() {
    with(|world| {
        world.late.clear();
        world.model.settle();
        let trace = world.trace.clone();
        for (id, cell) in world.model.cells.iter().enumerate() {
            let late = cell.closure == Closure::Waits && world.model.is_due(id);
            must!(!late, "the closure of {id} was not called: {trace}");
        }
        for wait in &world.waits {
            let late = wait.sleeps() && world.model.out(wait.cell).is_some();
            must!(!late, "{} was not woken: {trace}", wait.id);
        }
        for (task, id) in &world.tasks {
            let expected = world.model.out(*id);
            let found = task.try_result().map(out);
            must!(found.as_ref() == expected, "{id} has ended with {found:?}, not {expected:?}: {trace}");
            must!(task.is_completed() == expected.is_some(), "{id} is complete or not: {trace}");
            let value = matches!(expected, Some(Out::Value(_)));
            must!(task.is_completed_successfully() == value, "{id} has a value or not: {trace}");
            must!(task.is_cancelled() == (expected == Some(&Out::Cancelled)), "{id} is cancelled or not: {trace}");
        }
        for (source, id) in &world.sources {
            must!(source.status() == source.task().status(), "{id} has two states: {trace}");
        }
    });
}

/// Everything goes; then nothing is left.
pub(super) fn end() {
    let by_tasks = with(|world| world.plan.once_in(2));
    with(|world| world.plan = Plan::default());
    while with(|world| !world.waits.is_empty()) {
        steps::leave();
    }
    if by_tasks {
        steps::drop_tasks();
    }
    while with(|world| !world.sources.is_empty()) {
        steps::abandon();
    }
    check();
    steps::drop_tasks();
    with(|world| {
        let trace = world.trace.clone();
        // Those that wait for one another, or for what was left pending, have gone with their last handle.
        let left = world.model.cells.iter().position(|cell| !cell.dropped);
        must!(left.is_none(), "the closure of {left:?} is there still: {trace}");
        must!((values(), bells()) == (0, 0), "{} values and {} wakers stay: {trace}", values(), bells());
    });
    WORLD.take();
}
