//! Tasks that come of others: one after another, of all, of any, of a task in a task.

use super::foreign::{Counted, Note, out, runs};
use super::model::{Origin, Out};
use super::steps::calling;
use super::world::{Cell, World, trace, with};
use taskcell::{AggregateError, ContinuationOptions, Task, TaskError};

/// A task that comes of others.
fn derived(origin: Origin, make: impl FnOnce(Note) -> Cell) {
    let cell = with(|world| {
        let cell = world.model.cell(origin.clone());
        world.note(format_args!("{cell}={origin:?}"));
        cell
    });
    let task = calling(|| make(Note(cell)));
    if let Some(task) = task {
        if with(|world| world.plan.once_in(6)) {
            drop(task);
        } else {
            with(|world| world.tasks.push((task, cell)));
        }
    }
}

pub(super) fn then() {
    let Some((task, of)) = with(World::task) else { return };
    match with(|world| world.plan.below(3)) {
        0 => derived(Origin::Then(of), |note| task.then(move |_| runs(note))),
        1 => derived(Origin::OrElse(of), |note| task.or_else(move |_| runs(note))),
        _ => {
            let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
            derived(Origin::Continue(of), |note| task.continue_with(options, move |_| runs(note)));
        }
    }
}

pub(super) fn finally() {
    let Some((task, of)) = with(World::task) else { return };
    derived(Origin::Finally(of), |note| task.finally(move || drop(runs(note))));
}

/// Some tasks, none or several, perhaps one of them twice.
fn several() -> (Vec<Cell>, Vec<usize>) {
    let count = with(|world| world.plan.below(7));
    (0..count).filter_map(|_| with(World::task)).unzip()
}

pub(super) fn all() {
    let (tasks, of) = several();
    let expected = of.clone();
    derived(Origin::All(of), |note| {
        let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
        Task::when_all(tasks).continue_with(options, move |all| {
            let answer = all.try_result().expect("it has ended");
            gathered(&expected, answer);
            runs(note)
        })
    });
}

/// Whether all of several have ended so.
fn gathered(of: &[usize], answer: Result<&Vec<Counted>, &TaskError<AggregateError<TaskError<Counted>>>>) {
    with(|world| {
        world.model.settle();
        let trace = world.trace.clone();
        let outs: Vec<_> = of.iter().map(|of| world.model.out(*of)).collect();
        let faults: Vec<_> = (0..outs.len())
            .filter(|at| !matches!(outs[*at], Some(Out::Value(_) | Out::Cancelled) | None))
            .map(|at| (at, outs[at].cloned()))
            .collect();
        let cancelled = outs.iter().filter(|out| **out == Some(&Out::Cancelled)).count();
        let right = match answer {
            Ok(values) => {
                let values: Vec<_> = values.iter().map(|value| Some(Out::Value(value.number()))).collect();
                outs == values.iter().map(Option::as_ref).collect::<Vec<_>>()
            }
            Err(TaskError::Cancelled(_)) => faults.is_empty() && cancelled > 0,
            Err(TaskError::Faulted(fault)) => {
                let found: Vec<_> = fault.iter().map(|(at, error)| (at, Some(out(Err(error))))).collect();
                found == faults && fault.cancelled_count() == cancelled
            }
            Err(_) => false,
        };
        must!(right, "all of {of:?} have ended with {answer:?}, not {outs:?}: {trace}");
    });
}

pub(super) fn any() {
    let (tasks, of) = several();
    let expected = of.clone();
    derived(Origin::Any(of), |note| {
        let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
        Task::when_any(tasks).continue_with(options, move |any| {
            match any.try_result().expect("it has ended") {
                Ok((at, first)) => {
                    let found = first.try_result().map(out);
                    with(|world| {
                        world.model.settle();
                        let own = world.model.out(expected[*at]);
                        let trace = world.trace.clone();
                        must!(found.as_ref() == own, "the first ended with {found:?}, not {own:?}: {trace}");
                    });
                }
                Err(_) => must!(expected.is_empty(), "none of {expected:?} was first: {}", trace()),
            }
            runs(note)
        })
    });
}

/// A task of a task, as one.
pub(super) fn flatten() {
    let Some((outer, first)) = with(World::task) else { return };
    let Some((inner, second)) = with(World::task) else { return };
    let cell = with(|world| {
        let cell = world.model.cell(Origin::Flatten(first, second));
        world.note(format_args!("{cell}=flatten{first},{second}"));
        cell
    });
    let task = calling(|| outer.then(move |_| inner.clone()));
    if let Some(task) = task {
        with(|world| world.tasks.push((task, cell)));
    }
}
