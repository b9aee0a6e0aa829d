//! Models of deliveries that stand in each other as deep as they may: what is completed there waits for the outermost one.
#![cfg(loom)]

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use taskcell::{ManualClock, Task, TaskCompletionSource};
use taskcell_loom_tests::cells::{Source, told, value, waiting};
use taskcell_loom_tests::{Bound, Drops, Order, Wakes, model, name, poll_once};

/// As deep as deliveries stand in each other in a model.
const DEEPEST: usize = 4;

type Call = Box<dyn FnOnce() + Send>;

/// Calls a closure when it is woken.
struct Calls(Mutex<Option<Call>>);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        let call = self.0.lock().unwrap().take();
        call.expect("woken once")();
    }
}

/// Calls `bottom` where so many deliveries stand in each other.
fn inside(deliveries: usize, bottom: impl FnOnce() + Send + 'static) {
    let mut call: Call = Box::new(bottom);
    for _ in 0..deliveries {
        let (source, task) = TaskCompletionSource::<(), ()>::pair();
        let mut future = task.into_future();
        let waker = Waker::from(Arc::new(Calls(Mutex::new(Some(call)))));
        assert!(poll_once(&mut future, &waker).is_pending());
        call = Box::new(move || {
            source.set_result(());
            drop(future);
        });
    }
    call();
}

/// A waiter is woken on the spot, or later, but once, and sees the value. A second time the list is empty again.
#[test]
fn waiter_of_a_cell_that_is_put_off() {
    model(name!(), Bound::Exhaustive, || {
        for (deliveries, at_once) in [(DEEPEST - 1, 1), (DEEPEST, 0), (DEEPEST, 0)] {
            let (drops, wakes, (source, task)) = (Drops::new(), Wakes::new(), Source::pair());
            let (future, one, seen) = (waiting(&task, &wakes), value(&drops, 1), wakes.clone());
            inside(deliveries, move || {
                source.set_result(one);
                drop(source);
                assert_eq!(seen.count(), at_once);
            });
            assert_eq!((wakes.count(), wakes.live()), (1, 0));
            assert_eq!(told(future), Some(1));
            drop(task);
            assert_eq!(drops.live(), 0);
        }
    });
}

/// The same for a callback that is all that there is; and what is completed first is delivered first.
#[test]
fn callbacks_of_cells_that_are_put_off() {
    model(name!(), Bound::Exhaustive, || {
        for (deliveries, at_once) in [(DEEPEST - 1, &[1, 2][..]), (DEEPEST, &[])] {
            let (order, pairs) = (Order::new(), [1, 2].map(|number| (number, Source::pair())));
            let (drops, seen) = (Drops::new(), order.clone());
            let sources = pairs.map(|(number, (source, task))| {
                let notes = order.clone();
                task.on_completed(move |_| notes.note(number)).detach();
                (source, value(&drops, number))
            });
            inside(deliveries, move || {
                sources.into_iter().for_each(|(source, value)| source.set_result(value));
                assert_eq!(seen.seen(), at_once);
            });
            assert_eq!((order.seen(), drops.live()), (vec![1, 2], 0));
        }
    });
}

/// A cell is left without a handle, pending or complete, with a line that has grown: it is freed.
#[test]
fn last_handle_given_up_where_it_is_put_off() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let (complete, pending) = (Source::new(), Source::new());
        let waits = [(); 3].map(|()| waiting(&complete.task(), &wakes));
        complete.set_result(value(&drops, 1));
        drop(waits);
        assert_eq!((wakes.count(), wakes.live()), (3, 0));
        inside(DEEPEST, || {
            complete.leave_pending();
            pending.leave_pending();
        });
        assert_eq!(drops.live(), 0);
    });
}

/// Nobody looks at an aggregate any more: nothing of it stays in its tasks.
#[test]
fn aggregate_given_up_where_it_is_put_off() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = Source::pair();
        let all = Task::when_all([task.clone()]);
        assert_eq!(task.listeners(), 1);
        let watched = task.clone();
        inside(DEEPEST, move || {
            drop(all);
            assert_eq!(watched.listeners(), 1, "it is put off");
        });
        assert_eq!(task.listeners(), 0);
        drop(source);
    });
}

/// All of it at once.
#[test]
fn everything_that_is_put_off() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes, ran) = (Drops::new(), Wakes::new(), Arc::new(AtomicUsize::new(0)));
        let ((source, task), (second, other)) = (Source::pair(), Source::pair());
        let (future, runs) = (waiting(&task, &wakes), ran.clone());
        other.on_completed(move |_| _ = runs.fetch_add(1, SeqCst)).detach();
        let left = Source::new();
        left.set_result(value(&drops, 3));
        let (inner, part) = Source::pair();
        let all = Task::when_all([part.clone()]);
        let (one, two) = (value(&drops, 1), value(&drops, 2));
        inside(DEEPEST, move || {
            source.set_result(one);
            left.leave_pending();
            drop(all);
            second.set_result(two);
        });
        assert_eq!((wakes.count(), wakes.live(), ran.load(SeqCst), part.listeners()), (1, 0, 1, 0));
        assert_eq!(told(future), Some(1));
        drop((task, other, inner));
        assert_eq!(drops.live(), 0);
    });
}

/// Who runs a future in a manual clock's time brings to an end what was put off before.
#[test]
fn put_off_before_a_manual_block_on() {
    model(name!(), Bound::Exhaustive, || {
        let (order, drops, (source, task)) = (Order::new(), Drops::new(), Source::pair());
        let (notes, seen, one) = (order.clone(), order.clone(), value(&drops, 1));
        task.on_completed(move |_| notes.note(1)).detach();
        inside(DEEPEST, move || {
            source.set_result(one);
            assert!(seen.seen().is_empty());
            ManualClock::new().block_on(async { assert_eq!(seen.seen(), [1]) });
        });
        assert_eq!(order.seen(), [1]);
    });
}
