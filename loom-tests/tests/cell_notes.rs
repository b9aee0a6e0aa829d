//! What cells note beside what they are there for: faults that were seen, who is told in which order, whose memory goes.
#![cfg(loom)]

use loom::thread::spawn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Poll, Waker};
use taskcell::{BoxFuture, CancellationToken, Task, TaskCompletionSource, WhenEachTask, fault};
use taskcell_loom_tests::cells::{Source, ended, value, waiting};
use taskcell_loom_tests::{Bound, Drops, Order, Wakes, model, name, poll_once};

static NONE: CancellationToken = CancellationToken::NONE;

/// A callback has the whole head, so who waits after it stands in a group: all are told, in their order.
#[test]
fn waiter_behind_a_callback() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, order, (source, task)) = (Drops::new(), Order::new(), Source::pair());
        let notes = order.clone();
        task.on_completed(move |_| notes.note(1)).detach();
        let mut futures = [2, 3].map(|number| (task.clone().into_future(), order.waker(number)));
        for (future, waker) in &mut futures {
            assert!(poll_once(future, waker).is_pending());
        }
        source.set_result(value(&drops, 1));
        assert_eq!(order.seen(), [1, 2, 3]);
    });
}

/// A source is closed when all that waited has been told, and nobody has the task.
#[test]
fn closed_when_all_have_been_told() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        task.on_completed(|_| ()).detach();
        drop(task);
        assert!(!source.is_closed());
        source.set_result(value(&drops, 1));
        assert!(source.is_closed());
        let (wakes, (source, task)) = (Wakes::new(), Source::pair());
        let future = waiting(&task, &wakes);
        source.set_result(value(&drops, 1));
        assert!(!source.is_closed());
        drop((future, task));
        assert!(source.is_closed());
    });
}

struct Unseen(Arc<AtomicUsize>);

/// The fault of a task that continues another one is reported if nobody has seen it, and else not.
#[test]
fn fault_of_a_continuation() {
    model(name!(), Bound::Exhaustive, || {
        fault::set_unobserved_hook(|fault| {
            let Unseen(reports) = fault.error().unwrap().downcast_ref().unwrap();
            reports.fetch_add(1, SeqCst);
        });
        for is_seen in [false, true] {
            let (reports, (source, task)) = (Arc::default(), TaskCompletionSource::<u32, Unseen>::pair());
            let error = Unseen(Arc::clone(&reports));
            let next = task.then(move |_| Err::<(), _>(error));
            source.set_result(1);
            assert!(!is_seen || next.try_result().unwrap().is_err());
            drop((source, task, next));
            assert_eq!((reports.load(SeqCst), Arc::strong_count(&reports)), (usize::from(!is_seen), 1));
        }
    });
}

/// A task is ignored while it is completed: that is noted, and nothing else goes with it.
#[test]
fn ignored_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes, (source, task)) = (Drops::new(), Wakes::new(), Source::pair());
        let (future, one) = (waiting(&task, &wakes), value(&drops, 1));
        let other = spawn(move || source.set_result(one));
        task.clone().ignore();
        other.join().unwrap();
        assert_eq!((ended(&task), wakes.count(), wakes.live()), (Some(Some(1)), 1, 0));
        drop((future, task));
        assert_eq!(drops.live(), 0);
    });
}

/// A source is cloned while another one goes: both are counted.
#[test]
fn source_cloned_against_a_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = Source::pair();
        let twin = source.clone();
        let other = spawn(move || drop(twin));
        let last = source.clone();
        drop(source);
        other.join().unwrap();
        assert_eq!(ended(&task), None);
        drop(last);
        assert_eq!(ended(&task), Some(None));
    });
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb");
    }
}

/// An outcome panics when it goes with the last handle: the cell's memory goes all the same.
#[test]
fn outcome_that_panics_at_its_end() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = TaskCompletionSource::<Bomb, ()>::pair();
        source.set_result(Bomb);
        drop(source);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(task))).is_err());
    });
}

/// An outcome is taken out of a task whose continuations run elsewhere: what knows where goes with the cell.
#[test]
fn outcome_taken_from_where_callbacks_go_elsewhere() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let held = drops.track();
        let source = TaskCompletionSource::<u32, ()>::run_continuations_on(move |job: BoxFuture<'static, ()>| {
            let _ = (&held, job);
        });
        let task = source.task();
        source.set_result(1);
        drop(source);
        assert!(matches!(task.try_unwrap(), Ok(Ok(1))));
        assert_eq!(drops.live(), 0);
    });
}

/// The next one, which has ended.
fn next(each: &mut WhenEachTask<u32, ()>) -> usize {
    let Poll::Ready(Ok(Some((index, _)))) = poll_once(&mut each.next_or_cancelled(&NONE), Waker::noop()) else {
        panic!("one has ended");
    };
    index
}

/// Tasks come in the order in which they ended, also those that end while others are still to be given.
#[test]
fn ends_while_others_are_to_be_given() {
    model(name!(), Bound::Exhaustive, || {
        let pairs = [(); 4].map(|()| TaskCompletionSource::<u32, ()>::pair());
        let mut each = Task::when_each(pairs.iter().map(|(_, task)| task.clone()));
        let ends = |index: usize| pairs[index].0.set_result(7);
        ends(2);
        ends(1);
        assert_eq!(next(&mut each), 2);
        ends(3);
        assert_eq!(next(&mut each), 1);
        ends(0);
        assert_eq!([next(&mut each), next(&mut each)], [3, 0]);
    });
}

/// The reader waits again with the waker that a task's end is about to wake: it does not wake that itself, too.
#[test]
fn one_wake_of_the_waker_that_is_being_taken() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, (one, first), (two, second)) = (Wakes::new(), TaskCompletionSource::pair(), Source::pair());
        let waker = wakes.waker();
        let mut each = Task::when_each([first, second]);
        assert!(poll_once(&mut each.next_or_cancelled(&NONE), &waker).is_pending());
        let given = value(&Drops::new(), 1);
        let other = spawn(move || one.set_result(given));
        let looks = [(); 2].map(|()| poll_once(&mut each.next_or_cancelled(&NONE), &waker).is_ready());
        other.join().unwrap();
        assert_eq!((wakes.count(), looks[0] && looks[1]), (1, false));
        drop((each, two));
    });
}
