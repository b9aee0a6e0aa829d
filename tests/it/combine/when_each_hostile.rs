//! `when_each` with late wakes of former occupants, wakers that call back, and threads.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_util::StreamExt;
use taskcell::{BoxFuture, WhenEach, when_each};

use super::when_each::{next, poll};
use crate::children::{child, places};
use crate::support::hooked::Hooks;
use crate::support::{Counter, panic_of, poll_with};

type Local = Pin<Box<dyn Future<Output = usize>>>;

/// A set of one slot whose first child has left its waker and ended.
fn used_once() -> (WhenEach<Local>, Waker) {
    let waker = Rc::new(RefCell::new(None));
    let left = waker.clone();
    let mut each: WhenEach<Local> = WhenEach::new();
    each.push(Box::pin(poll_fn(move |cx| {
        *left.borrow_mut() = Some(cx.waker().clone());
        Poll::Ready(0)
    })));
    assert_eq!(next(&mut each), Poll::Ready(Some((0, 0))));
    let waker = waker.take().unwrap();
    (each, waker)
}

/// Counts its polls; ready when told.
fn counted(polls: &Rc<Cell<usize>>, ends: &Rc<Cell<bool>>) -> Local {
    let (polls, ends) = (polls.clone(), ends.clone());
    Box::pin(poll_fn(move |_| {
        polls.set(polls.get() + 1);
        if ends.get() { Poll::Ready(7) } else { Poll::Pending }
    }))
}

#[test]
fn a_wake_of_a_former_occupant_before_and_after_the_next_comes() {
    for late in [false, true] {
        let (mut each, old) = used_once();
        let (polls, ends, counter) = (Rc::default(), Rc::default(), Counter::new());
        if !late {
            old.wake_by_ref();
        }
        each.push(counted(&polls, &ends));
        assert!(poll(&mut each, &counter).is_pending());
        assert_eq!((polls.get(), counter.wakes()), (1, 0), "once, woken or not");
        assert!(poll(&mut each, &counter).is_pending());
        assert_eq!(polls.get(), 1);
        // One that kept its predecessor's waker as its own.
        ends.set(true);
        old.wake_by_ref();
        assert_eq!(counter.wakes(), 1);
        assert_eq!(poll(&mut each, &counter), Poll::Ready(Some((1, 7))));
        old.wake();
        assert_eq!(poll(&mut each, &counter), Poll::Ready(None));
    }
}

#[test]
fn a_slot_that_is_free_and_woken_polls_nobody() {
    let (mut each, old) = used_once();
    let (polls, ends, counter) = (Rc::default(), Rc::default(), Counter::new());
    each.push(counted(&polls, &ends));
    each.push(Box::pin(ready(1)));
    assert_eq!(poll(&mut each, &counter), Poll::Ready(Some((2, 1))));
    assert!(poll(&mut each, &counter).is_pending());
    old.wake_by_ref();
    assert!(poll(&mut each, &counter).is_pending());
    ends.set(true);
    old.wake();
    assert_eq!(poll(&mut each, &counter), Poll::Ready(Some((1, 7))));
    assert_eq!(poll(&mut each, &counter), Poll::Ready(None));
}

#[test]
fn a_child_that_wakes_itself_ends_and_leaves_its_place_in_the_batch() {
    // Its wake is found when its successor lives there already.
    let mut each: WhenEach<Local> = WhenEach::new();
    let counter = Counter::new();
    for round in 0..100 {
        let index = each.push(Box::pin(poll_fn(move |cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(round)
        })));
        each.push(Box::pin(ready(1000)));
        let first = poll(&mut each, &counter);
        let second = poll(&mut each, &counter);
        let mut both = [first, second];
        both.sort_by_key(|poll| matches!(poll, Poll::Ready(Some((_, 1000)))));
        assert_eq!(both, [Poll::Ready(Some((index, round))), Poll::Ready(Some((index + 1, 1000)))]);
    }
    assert_eq!(poll(&mut each, &counter), Poll::Ready(None));
}

#[test]
fn a_drop_that_panics_loses_its_slot_and_no_sibling() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a drop");
        }
    }
    let mut each: WhenEach<Local> = WhenEach::new();
    let bad = Bad;
    each.push(Box::pin(poll_fn(move |_| {
        let _keep = &bad;
        Poll::Ready(0)
    })));
    let dropped = Rc::new(());
    let kept = dropped.clone();
    each.push(Box::pin(poll_fn(move |_| Poll::Ready(Rc::strong_count(&kept)))));
    assert_eq!(panic_of(|| next(&mut each)), Some("a drop"));
    assert!(panic_of(|| next(&mut each)).is_some());
    drop(each);
    assert_eq!(Rc::strong_count(&dropped), 1);
}

#[test]
fn wakers_that_panic_leave_the_stream_usable() {
    for on in ["clone", "wake", "drop"] {
        let places = places(3);
        let mut each: WhenEach<_> = WhenEach::new();
        each.extend((0..3).map(|index| child(&places, index)));
        let panics = Arc::new(AtomicUsize::new(1));
        let hook = |what: &'static str| {
            let panics = panics.clone();
            move || {
                if what == on && panics.swap(0, Ordering::SeqCst) == 1 {
                    panic!("a waker");
                }
            }
        };
        let (waker, _hooks) = Hooks::new().on_clone(hook("clone")).on_wake(hook("wake")).on_drop(hook("drop")).waker();
        let mut polled = None;
        let first = panic_of(|| polled = Some(Pin::new(&mut each).poll_next_unpin(&mut Context::from_waker(&waker))));
        let second = panic_of(|| places[1].wake());
        let third = panic_of(|| next(&mut each).is_pending());
        let last = panic_of(|| drop(waker));
        assert_eq!([first, second, third, last].into_iter().flatten().collect::<Vec<_>>(), ["a waker"], "{on}");
        (0..3).for_each(|index| places[index].finish());
        let mut seen: Vec<_> = std::iter::from_fn(|| match next(&mut each) {
            Poll::Ready(item) => item,
            Poll::Pending => panic!("{on}: all are done"),
        })
        .collect();
        seen.sort_unstable();
        assert_eq!(seen, [(0, 0), (1, 1), (2, 2)], "{on}");
    }
}

#[test]
fn an_executor_that_polls_inside_wake() {
    type Gate = Arc<Mutex<(bool, Option<Waker>)>>;
    let gates: Vec<Gate> = (0..100).map(|_| Gate::default()).collect();
    let open = |gate: Gate| -> BoxFuture<'static, ()> {
        Box::pin(poll_fn(move |cx| {
            let mut gate = gate.lock().unwrap();
            if gate.0 {
                return Poll::Ready(());
            }
            let old = gate.1.replace(cx.waker().clone());
            drop(gate);
            drop(old);
            Poll::Pending
        }))
    };
    let sum = Arc::new(AtomicUsize::new(0));
    let total = sum.clone();
    let mut each = when_each(gates[..50].iter().cloned().map(open).collect::<Vec<_>>());
    let mut more = gates[50..].iter().cloned().map(open).collect::<Vec<_>>().into_iter();
    let task: BoxFuture<'static, ()> = Box::pin(async move {
        while let Some((index, ())) = each.next().await {
            total.fetch_add(index + 1, Ordering::SeqCst);
            if let Some(future) = more.next() {
                each.push(future);
            }
        }
    });
    let task = Arc::new(Mutex::new(Some(task)));
    let (polled, again) = (task.clone(), AtomicUsize::new(0));
    let run = move |waker: &Waker| {
        if again.fetch_add(1, Ordering::SeqCst) > 0 {
            return;
        }
        loop {
            let seen = again.load(Ordering::SeqCst);
            let mut running = polled.lock().unwrap();
            if running.as_mut().is_some_and(|task| poll_with(waker, task).is_ready()) {
                *running = None;
            }
            drop(running);
            if again.fetch_sub(seen, Ordering::SeqCst) == seen {
                return;
            }
        }
    };
    struct Runs(Box<dyn Fn(&Waker) + Send + Sync>);
    impl std::task::Wake for Runs {
        fn wake(self: Arc<Self>) {
            (self.0)(&Waker::from(self.clone()));
        }
    }
    Waker::from(Arc::new(Runs(Box::new(run)))).wake();
    for gate in &gates {
        let waker = {
            let mut gate = gate.lock().unwrap();
            gate.0 = true;
            gate.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
    assert!(task.lock().unwrap().is_none());
    assert_eq!(sum.load(Ordering::SeqCst), (1..=100).sum());
}

#[test]
fn children_woken_by_other_threads_while_slots_change_hands() {
    const N: usize = 20_000;
    let (sender, receiver) = std::sync::mpsc::channel::<(Arc<AtomicUsize>, Waker)>();
    let waking = std::thread::spawn(move || {
        let mut old: Vec<Waker> = Vec::new();
        for (flag, waker) in receiver {
            flag.store(1, Ordering::Release);
            waker.wake_by_ref();
            old.push(waker);
            if old.len() > 5 {
                old.remove(0).wake();
            }
        }
    });
    let make = move |index: usize| {
        let (flag, sender, mut sent) = (Arc::new(AtomicUsize::new(0)), sender.clone(), false);
        poll_fn(move |cx| {
            if flag.load(Ordering::Acquire) == 1 {
                return Poll::Ready(index);
            }
            if !sent {
                sent = true;
                sender.send((flag.clone(), cx.waker().clone())).unwrap();
            }
            Poll::Pending
        })
    };
    let total = smol::block_on(async {
        let mut each = WhenEach::new();
        each.extend((0..16).map(&make));
        let (mut next, mut sum) = (16, 0);
        while let Some((index, output)) = each.next().await {
            assert_eq!(index, output);
            sum += output;
            if next < N {
                each.push(make(next));
                next += 1;
            }
        }
        sum
    });

    drop(make);
    waking.join().unwrap();
    assert_eq!(total, N * (N - 1) / 2);
}
