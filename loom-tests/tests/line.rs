//! Models of the line of a cell: its order, its end, and who comes just then.
#![cfg(loom)]

use loom::thread::spawn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};
use taskcell::{StaticTaskCell, TaskCompletionSource};
use taskcell_loom_tests::cells::{Source, value, waiting};
use taskcell_loom_tests::{Bound, Drops, Order, Wakes, model, name, poll_once};

/// Notes its number, and panics.
struct Panicking(Order, u32);

impl Wake for Panicking {
    fn wake(self: Arc<Self>) {
        self.0.note(self.1);
        resume_unwind(Box::new("a waker"));
    }
}

/// A task ends as its first group is about to be appended: when it is used again, it grows.
#[test]
fn line_sealed_before_its_first_group() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, mut source) = (Drops::new(), Source::new());
        let (wakes, task) = (Wakes::new(), source.task());
        let head = [waiting(&task, &wakes), waiting(&task, &wakes)];
        let (mut late, waker) = (task.clone().into_future(), wakes.waker());
        let other = spawn(move || _ = poll_once(&mut late, &waker));
        source.set_result(value(&drops, 1));
        other.join().unwrap();
        drop((head, task));
        assert!(source.try_reset());
        let (wakes, task) = (Wakes::new(), source.task());
        let futures = [0, 1, 2].map(|_| waiting(&task, &wakes));
        source.set_result(value(&drops, 2));
        assert_eq!((wakes.count(), wakes.live()), (3, 0));
        drop((futures, task, source));
        assert_eq!(drops.live(), 0);
    });
}

/// Every waker panics, in the head, behind it, and with a number: each is woken once, in the order in which they came.
#[test]
fn line_of_wakers_that_panic() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = TaskCompletionSource::<(), ()>::pair();
        let (order, mut line) = (Order::new(), Vec::new());
        for number in 1..=7 {
            let mut future = task.clone().into_future();
            let waker = Waker::from(Arc::new(Panicking(order.clone(), number)));
            assert!(poll_once(&mut future, &waker).is_pending());
            line.push(future);
            if number == 5 {
                // From now on slots do not tell the order.
                drop(line.remove(1));
            }
        }
        assert!(catch_unwind(AssertUnwindSafe(|| source.set_result(()))).is_err());
        assert_eq!(order.seen(), [1, 3, 4, 5, 6, 7]);
    });
}

/// A callback that is taken back as its task ends leaves its place to nobody: here one who comes then is called at once.
#[test]
fn callback_taken_back_against_set_and_a_callback() {
    model(name!(), Bound::Exhaustive, || {
        let ((source, task), drops, order) = (TaskCompletionSource::<u32, ()>::pair(), Drops::new(), Order::new());
        let (tracked, first, second) = (drops.track(), order.clone(), order.clone());
        let mut registration = task.on_completed(move |_| {
            let _tracked = tracked;
            first.note(1);
        });
        let other = spawn(move || {
            let removed = registration.unregister();
            (removed, task.on_completed(move |_| second.note(2)), registration, task)
        });
        source.set_result(7);
        let (removed, ..) = other.join().unwrap();
        let seen = order.seen();
        assert_eq!((seen.len(), seen.contains(&2), drops.live()), (2 - usize::from(removed), true, 0));
    });
}

/// Called when the waker is cloned, and nothing else.
type Cloned = Mutex<Option<Box<dyn FnOnce()>>>;

static CLONES: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: made by `cloning`, whose caller keeps it.
        let call = unsafe { &*data.cast::<Cloned>() }.lock().unwrap().take();
        call.expect("cloned once")();
        RawWaker::new(data, &CLONES)
    },
    |_| (),
    |_| (),
    |_| (),
);

/// A waker that calls a closure when it is cloned; the caller keeps that until no waker is left.
fn cloning(call: &Cloned) -> Waker {
    // SAFETY: the table keeps RawWaker's contract on one thread and elsewhere: only the clone touches the data.
    unsafe { Waker::new(std::ptr::from_ref(call).cast(), &CLONES) }
}

/// The same by who has found the task pending, and is about to wait there.
#[test]
fn callback_taken_back_against_set_and_a_waiter() {
    model(name!(), Bound::Exhaustive, || {
        let ((source, task), drops, order) = (TaskCompletionSource::<u32, ()>::pair(), Drops::new(), Order::new());
        let (tracked, noted, removed) = (drops.track(), order.clone(), Arc::new(Mutex::new(None)));
        let mut registration = task.on_completed(move |_| {
            let _tracked = tracked;
            noted.note(1);
        });
        let answer = removed.clone();
        let remove = move || *answer.lock().unwrap() = Some((registration.unregister(), registration));
        let call: Cloned = Mutex::new(Some(Box::new(remove)));
        let mut future = task.clone().into_future();
        let other = spawn(move || {
            source.set_result(7);
            source
        });
        // Where it finds the task completed it clones nothing.
        let _ready = poll_once(&mut future, &cloning(&call)).is_ready();
        let source = other.join().unwrap();
        let was_removed = removed.lock().unwrap().as_ref().is_some_and(|(removed, _)| *removed);
        assert_eq!((order.seen().len(), drops.live()), (usize::from(!was_removed), 0));
        drop((source, future, task, call, removed));
    });
}

/// Slots of a line without a heap come free in front of one who waits: who comes then is told later.
#[test]
fn static_line_keeps_its_order() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, order) = (StaticTaskCell::<u32, 3>::new(), Order::new());
        let [first, second, third] = [1, 2, 3].map(|number| {
            let mut slot = cell.slot().expect("free");
            assert!(poll_once(&mut slot, &order.waker(number)).is_pending());
            slot
        });
        drop((first, second));
        drop(cell.slot());
        let mut fourth = cell.slot().expect("free");
        assert!(poll_once(&mut fourth, &order.waker(4)).is_pending());
        let fifth = cell.slot().expect("free");
        assert!(cell.slot().is_err());
        assert!(cell.try_set(7).is_ok());
        assert_eq!(order.seen(), [3, 4]);
        drop((third, fourth, fifth));
    });
}
