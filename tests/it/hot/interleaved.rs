//! `Task::interleaved`: whose outcome goes where, and what stays behind.

use super::{Source, pairs};
use crate::support::hooked::Hooks;
use crate::support::{Counter, eventually, poll_with, race, unobserved};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use taskcell::{CancellationToken, ContinuationOptions, Task, TaskStatus};

const MANY: usize = if cfg!(any(miri, sanitized)) { 300 } else { 1_000_000 };

/// Runs `f` on a thread with a small stack.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(128 << 10).spawn(f).unwrap().join().unwrap();
}

fn listeners<T>(tasks: &[Task<T, &'static str>]) -> usize {
    tasks.iter().map(Task::listeners).sum()
}

#[test]
fn the_first_is_the_first_to_end() {
    let (sources, tasks) = pairs(4);
    sources[3].set_result(3);
    let dealt = Task::interleaved(tasks);
    assert_eq!(dealt.iter().map(Task::status).collect::<Vec<_>>(), {
        let mut all = [TaskStatus::Pending; 4];
        all[0] = TaskStatus::RanToCompletion;
        all
    });
    sources[1].set_error("bad");
    sources[2].set_cancelled(&CancellationToken::NONE);
    assert!(!dealt[3].is_completed());
    sources[0].set_result(0);
    assert_eq!(dealt[0].try_result().unwrap().unwrap(), &3);
    assert_eq!(dealt[1].try_result().unwrap().unwrap_err().fault(), Some(&"bad"));
    assert_eq!(dealt[2].status(), TaskStatus::Cancelled);
    assert_eq!(dealt[3].try_result().unwrap().unwrap(), &0);
}

#[test]
fn none_and_the_same_several_times() {
    assert!(Task::<u32>::interleaved([]).is_empty());
    let (source, task) = Source::pair();
    let dealt = Task::interleaved([task.clone(), Task::from_result(1), task.clone()]);
    assert_eq!(task.listeners(), 2);
    assert!(dealt[0].is_completed() && !dealt[1].is_completed());
    source.set_result(7);
    assert!(dealt[1..].iter().all(|dealt| dealt.try_result().unwrap().unwrap() == &7));
}

#[test]
fn all_are_taken_out_when_nobody_looks() {
    let (sources, tasks) = pairs(3);
    let mut dealt = Task::interleaved(tasks.clone());
    assert_eq!(listeners(&tasks), 3);
    // Somebody still waits for the last of them.
    dealt.drain(..2);
    assert_eq!(listeners(&tasks), 3);
    sources[1].set_result(1);
    assert_eq!((listeners(&tasks), dealt[0].is_completed()), (2, false));
    drop(dealt);
    assert_eq!(listeners(&tasks), 0);
    drop(sources);
    assert!(tasks.into_iter().all(|task| task.try_unwrap().is_ok()), "nobody keeps any");
    // One that ends leaves nothing either.
    let (_source, long) = Source::<u32>::pair();
    for _ in 0..3 {
        let dealt = Task::interleaved([Task::from_result(1), long.clone()]);
        assert!(dealt[0].is_completed_successfully());
        drop(dealt);
        assert_eq!(long.listeners(), 0);
    }
}

#[test]
fn a_continuation_looks_when_nobody_else_does() {
    let (sources, tasks) = pairs(2);
    let mut dealt = Task::interleaved(tasks.clone());
    let seen = Arc::new(AtomicUsize::new(0));
    let noted = seen.clone();
    let then = dealt[1].continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, move |task| {
        noted.store(*task.try_result().unwrap().unwrap() as usize, Ordering::SeqCst);
        Ok::<_, &str>(())
    });
    dealt.clear();
    sources[1].set_result(1);
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    sources[0].set_result(7);
    assert_eq!(seen.load(Ordering::SeqCst), 7);
    assert!(then.is_completed_successfully());
}

#[test]
fn those_left_pending_leave_the_last_ones_pending() {
    let (sources, tasks) = pairs::<Arc<()>>(4);
    let mut dealt = Task::interleaved(tasks);
    let value = Arc::new(());
    let kept = Arc::new(());
    for task in &dealt {
        let kept = kept.clone();
        task.on_completed(move |_| drop(kept)).detach();
    }
    let [a, b, c, d] = <[_; 4]>::try_from(sources).unwrap();
    b.leave_pending();
    d.set_result(value.clone());
    a.leave_pending();
    assert_eq!(Arc::strong_count(&kept), 4);
    c.set_result(value.clone());
    drop((c, d));
    let status: Vec<_> = dealt.iter().map(Task::status).collect();
    assert_eq!(status[..2], [TaskStatus::RanToCompletion; 2]);
    assert_eq!(status[2..], [TaskStatus::Pending; 2]);
    assert_eq!((Arc::strong_count(&kept), Arc::strong_count(&value)), (1, 3), "what waits for nothing is let go");
    dealt.drain(..2);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn left_pending_from_the_start() {
    let (source, task) = Source::<u32>::pair();
    source.leave_pending();
    let dealt = Task::interleaved([task.clone(), Task::from_result(1)]);
    assert!(dealt[0].is_completed_successfully());
    assert_eq!(dealt[1].status(), TaskStatus::Pending);
    drop(dealt);
    assert!(task.try_unwrap().is_err(), "it never ends");
}

#[test]
fn a_value_can_be_moved_out() {
    let (source, task) = Source::<Box<u32>>::pair();
    let (_other, pending) = Source::<Box<u32>>::pair();
    let mut dealt = Task::interleaved([pending, task]);
    source.set_result(Box::new(7));
    drop(source);
    assert_eq!(*dealt.swap_remove(0).try_unwrap().unwrap().unwrap(), 7, "nobody else has it, though one is under way");
}

#[test]
fn a_fault_is_owed_by_whoever_has_taken_it() {
    #[derive(Clone, Debug)]
    struct Dealt;
    #[derive(Clone, Debug)]
    struct Late;
    unobserved::watch();
    let (source, task) = Source::<Dealt>::pair();
    let dealt = Task::interleaved([task]);
    source.set_error("bad");
    drop(source);
    assert!(unobserved::of::<Dealt>().is_empty());
    drop(dealt);
    assert_eq!(unobserved::of::<Dealt>().len(), 1);
    // Nobody took it.
    let (source, task) = Source::<Late>::pair();
    drop(Task::interleaved([task.clone()]));
    source.set_error("bad");
    drop((source, task));
    assert_eq!(unobserved::of::<Late>().len(), 1);
}

#[test]
fn a_million_tasks() {
    small_stack(|| {
        let (sources, tasks) = pairs::<usize>(MANY);
        let dealt = Task::interleaved(tasks);
        sources.iter().enumerate().rev().for_each(|(n, source)| source.set_result(n));
        assert!(dealt.iter().zip((0..MANY).rev()).all(|(task, n)| task.try_result().unwrap().unwrap() == &n));
        let (_sources, tasks) = pairs::<usize>(MANY);
        drop(Task::interleaved(tasks.clone()));
        assert_eq!(listeners(&tasks), 0);
    });
}

#[test]
fn a_chain_of_them() {
    small_stack(|| {
        let (source, task) = Source::<u32>::pair();
        let mut last = vec![task];
        for _ in 0..MANY / 10 {
            last = Task::interleaved(last);
        }
        source.set_result(7);
        assert_eq!(last[0].try_result().unwrap().unwrap(), &7);
        let (_source, task) = Source::<u32>::pair();
        let mut last = vec![task.clone()];
        for _ in 0..MANY / 10 {
            last = Task::interleaved(last);
        }
        drop(last);
        assert_eq!(task.listeners(), 0);
    });
}

#[test]
fn tasks_completed_by_many_threads() {
    const THREADS: usize = 4;
    let n = if cfg!(miri) { 40 } else { 20_000 };
    let (sources, tasks) = pairs::<usize>(n);
    let dealt = Task::interleaved(tasks);
    thread::scope(|scope| {
        for (thread, mine) in sources.chunks(n / THREADS).enumerate() {
            scope.spawn(move || mine.iter().for_each(|source| source.set_result(thread)));
        }
        for task in &dealt {
            eventually("an outcome", || task.is_completed());
        }
    });
    let mut counts = [0; THREADS];
    dealt.iter().for_each(|task| counts[*task.try_result().unwrap().unwrap()] += 1);
    assert_eq!(counts, [n / THREADS; THREADS]);
}

#[test]
fn dropped_while_tasks_are_completed() {
    race(
        2_000,
        || {
            let (sources, tasks) = pairs(3);
            let dealt = Task::interleaved(tasks.clone());
            (sources, tasks, Mutex::new(dealt))
        },
        |(sources, ..)| sources.iter().take(2).for_each(|source| source.set_result(1)),
        |(_, _, dealt)| dealt.lock().unwrap().clear(),
        |(sources, tasks, _)| {
            assert_eq!(listeners(&tasks), 0);
            drop(sources);
            assert!(tasks.into_iter().all(|task| task.try_unwrap().is_ok()), "nobody keeps any");
        },
    );
}

#[test]
fn made_while_tasks_are_completed() {
    race(
        2_000,
        || {
            let (sources, tasks) = pairs(3);
            (sources, tasks, Mutex::new(Vec::new()))
        },
        |(sources, ..)| [1, 0, 2].into_iter().for_each(|n| sources[n].set_result(n as u32)),
        |(_, tasks, dealt)| *dealt.lock().unwrap() = Task::interleaved(tasks.clone()),
        |(_, _, dealt)| {
            let mut seen: Vec<_> =
                dealt.into_inner().unwrap().iter().map(|task| *task.try_result().unwrap().unwrap()).collect();
            seen.sort_unstable();
            assert_eq!(seen, [0, 1, 2]);
        },
    );
}

/// Wakers complete the next task, drop what is dealt to, and panic.
#[test]
fn hostile_wakers() {
    let (sources, tasks) = pairs::<u32>(4);
    let sources = Arc::new(sources);
    let dealt = Task::interleaved(tasks.clone());
    let kept = Arc::new(Mutex::new(dealt));
    let (mine, gone) = (sources.clone(), kept.clone());
    let (waker, hooks) = Hooks::new()
        .on_wake(move || {
            mine[2].set_result(2);
            gone.lock().unwrap().truncate(2);
            panic!("wake");
        })
        .waker();
    let first = kept.lock().unwrap()[0].clone();
    let mut wait = (&first).into_future();
    assert!(poll_with(&waker, &mut wait).is_pending());
    let panic = catch_unwind(AssertUnwindSafe(|| sources[3].set_result(3))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"wake"));
    drop(wait);
    let dealt = std::mem::take(&mut *kept.lock().unwrap());
    let values: Vec<_> = dealt.iter().map(|task| *task.try_result().unwrap().unwrap()).collect();
    assert_eq!(values, [3, 2]);
    assert_eq!(listeners(&tasks), 0, "nobody looks at the last two");
    drop((waker, first));
    assert_eq!(Arc::strong_count(&hooks), 1);
}

#[test]
fn waiters_are_told_in_place() {
    let (sources, tasks) = pairs::<u32>(2);
    let dealt = Task::interleaved(tasks);
    let (first, second) = (Counter::new(), Counter::new());
    let mut waits: Vec<_> = dealt.iter().map(|task| task.into_future()).collect();
    assert!(first.poll(&mut waits[0]).is_pending() && second.poll(&mut waits[1]).is_pending());
    sources[1].set_result(1);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    drop(sources);
    assert_eq!((first.wakes(), second.wakes()), (1, 1), "abandoned");
    assert!(dealt[1].try_result().unwrap().unwrap_err().is_abandoned());
}
