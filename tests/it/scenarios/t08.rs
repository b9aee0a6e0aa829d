//! T8: a chain of a million continuations ends, is abandoned, is dropped and is left pending on a stack of 128 KiB.
use std::thread;
use taskcell::{CancellationTokenSource, ContinuationOptions, Inline, Task, TaskCompletionSource, TaskStatus};

const DEPTH: usize = if cfg!(any(miri, sanitized)) { 300 } else { 1_000_000 };

const INLINE: ContinuationOptions<Inline> = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

type Chained = Task<usize>;

/// Runs `f` on a thread with a small stack.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    on_stack(128 << 10, f);
}

fn on_stack(bytes: usize, f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(bytes).spawn(f).unwrap().join().unwrap();
}

fn add_one(task: &Chained) -> Result<usize, taskcell::BoxError> {
    match task.try_result() {
        Some(Ok(n)) => Ok(n + 1),
        Some(Err(error)) => Err(error.clone().into()),
        None => unreachable!("it has ended"),
    }
}

/// The source at the head, and every task behind it.
fn chain(link: impl Fn(&Chained) -> Chained) -> (TaskCompletionSource<usize>, Vec<Chained>) {
    chain_of(DEPTH, link)
}

fn chain_of(depth: usize, link: impl Fn(&Chained) -> Chained) -> (TaskCompletionSource<usize>, Vec<Chained>) {
    let (source, head) = TaskCompletionSource::pair();
    let mut tasks = Vec::with_capacity(depth + 1);
    tasks.push(head);
    for n in 0..depth {
        let next = link(&tasks[n]);
        tasks.push(next);
    }
    (source, tasks)
}

fn ends_with(task: &Chained, expected: usize) {
    assert_eq!(task.try_result().unwrap().unwrap(), &expected);
}

#[test]
fn t08_a_completed() {
    small_stack(|| {
        let (source, mut tasks) = chain(|task| task.continue_with(INLINE, add_one));
        let last = tasks.pop().unwrap();
        drop(tasks);
        source.set_result(0);
        ends_with(&last, DEPTH);
    });
}

/// Every handle is kept, and goes afterwards, from either end.
#[test]
fn t08_a_completed_and_kept() {
    small_stack(|| {
        for backwards in [false, true] {
            let (source, mut tasks) = chain(|task| task.then(|n| Ok(n + 1)));
            source.set_result(0);
            ends_with(tasks.last().unwrap(), DEPTH);
            if backwards {
                tasks.reverse();
            }
            tasks.into_iter().for_each(drop);
        }
    });
}

/// Built on a task that has ended already.
#[test]
fn t08_a_completed_from_the_start() {
    small_stack(|| {
        let mut task = Chained::from_result(0);
        for _ in 0..DEPTH {
            task = task.continue_with(INLINE, add_one);
        }
        ends_with(&task, DEPTH);
    });
}

#[test]
fn t08_a_outcomes_that_are_shared() {
    small_stack(|| {
        let (source, mut tasks) = chain_of(DEPTH / 10, |task| task.finally(|| ()).or_else(|_| unreachable!()));
        let last = tasks.pop().unwrap();
        source.set_result(7);
        ends_with(&last, 7);
        tasks.into_iter().rev().for_each(drop);
    });
}

#[test]
fn t08_a_with_a_token() {
    small_stack(|| {
        let cancel = CancellationTokenSource::new();
        let token = cancel.token();
        let link = |task: &Chained| task.continue_with(INLINE.with_token(token.clone()), add_one);
        let (source, mut tasks) = chain_of(DEPTH / 10, link);
        let last = tasks.pop().unwrap();
        drop(tasks);
        source.set_result(0);
        ends_with(&last, DEPTH / 10);
        assert_eq!(token.listeners(), 0);
    });
}

#[test]
fn t08_a_cancelled_by_a_token() {
    small_stack(|| {
        let cancel = CancellationTokenSource::new();
        let token = cancel.token();
        let options = INLINE.only_on_ran_to_completion().with_token(token);
        let (_source, mut tasks) = chain_of(DEPTH / 10, |task| task.continue_with(options.clone(), add_one));
        let last = tasks.pop().unwrap();
        cancel.cancel();
        assert!(last.is_cancelled() && tasks[1].is_cancelled());
        tasks.into_iter().for_each(drop);
    });
}

#[test]
fn t08_b_abandoned() {
    small_stack(|| {
        let (source, mut tasks) = chain(|task| task.continue_with(INLINE, add_one));
        let last = tasks.pop().unwrap();
        drop(tasks);
        drop(source);
        assert!(last.try_result().unwrap().unwrap_err().is_abandoned());
    });
}

#[test]
fn t08_c_all_handles_dropped() {
    small_stack(|| {
        for (backwards, depth) in [(false, DEPTH), (true, DEPTH / 10)] {
            for source_first in [false, true] {
                let (source, mut tasks) = chain_of(depth, |task| task.continue_with(INLINE, add_one));
                if backwards {
                    tasks.reverse();
                }
                if source_first {
                    drop(source);
                    tasks.into_iter().for_each(drop);
                } else {
                    tasks.into_iter().for_each(drop);
                    drop(source);
                }
            }
        }
    });
}

#[test]
fn t08_c_left_pending() {
    small_stack(|| {
        let (source, mut tasks) = chain(|task| task.continue_with(INLINE, add_one));
        let last = tasks.pop().unwrap();
        drop(tasks);
        source.leave_pending();
        assert_eq!((last.status(), last.listeners()), (TaskStatus::Pending, 0));
    });
}

/// The user's own callbacks complete the next task: no deeper than the library allows, which takes a little more stack
/// without optimisation.
#[test]
fn t08_callbacks_that_complete_the_next_task() {
    on_stack(256 << 10, || {
        let (source, mut tasks) = chain(|task| {
            let (source, next) = TaskCompletionSource::pair();
            task.on_completed(move |task| source.set_result(task.try_result().unwrap().unwrap() + 1)).detach();
            next
        });
        let last = tasks.pop().unwrap();
        drop(tasks);
        source.set_result(0);
        ends_with(&last, DEPTH);
    });
}
