//! Where a program's world stands, so that foreign code reaches it from wherever it is called, and how a program runs.

use super::foreign;
use std::cell::RefCell;
use std::thread::LocalKey;

/// A thread's world, while a program runs.
pub(super) type Stage<W> = RefCell<Option<W>>;

/// The world of the program that runs.
pub(super) fn with<W, R>(stage: &'static LocalKey<Stage<W>>, f: impl FnOnce(&mut W) -> R) -> R {
    stage.with_borrow_mut(|world| f(world.as_mut().expect("a program runs")))
}

/// The same for what may be dropped after a program has failed.
pub(super) fn if_there<W, R>(stage: &'static LocalKey<Stage<W>>, f: impl FnOnce(&mut W) -> R) -> Option<R> {
    stage.try_with(|world| world.try_borrow_mut().ok()?.as_mut().map(f)).ok()?
}

/// Runs a program in `world`: at most so many steps while its plan is not over, and a look after each; then `end`. A world
/// that has failed is left as it is.
pub(super) fn run<W: 'static>(
    stage: &'static LocalKey<Stage<W>>,
    world: W,
    most: usize,
    is_over: impl Fn(&mut W) -> bool,
    step_and_check: impl Fn(),
    end: impl FnOnce(),
) {
    stage.set(Some(world));
    let program = || {
        for _ in 0..most {
            if with(stage, &is_over) {
                break;
            }
            step_and_check();
        }
        end();
    };
    foreign::run(program, || std::mem::forget(stage.take()));
}
