//! The block of children under hostile wakers, panics and drops.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use taskcell::when_all_settled;

use crate::children::{Count, Place, child, places};

/// An executor that polls inside `wake`, unless it is polling already.
struct Inline<F: Future> {
    future: Mutex<Option<Pin<Box<F>>>>,
    again: AtomicUsize,
    output: Mutex<Option<F::Output>>,
}

impl<F: Future<Output: Send> + Send + 'static> Inline<F> {
    fn start(future: F) -> Arc<Self> {
        let future = Mutex::new(Some(Box::pin(future)));
        let this = Arc::new(Self { future, again: AtomicUsize::new(0), output: Mutex::new(None) });
        this.clone().wake();
        this
    }
}

impl<F: Future<Output: Send> + Send + 'static> Wake for Inline<F> {
    fn wake(self: Arc<Self>) {
        if self.again.fetch_add(1, Ordering::SeqCst) > 0 {
            return;
        }
        let waker = self.clone().into();
        loop {
            let seen = self.again.load(Ordering::SeqCst);
            let mut future = self.future.lock().unwrap();
            if let Some(running) = future.as_mut() {
                if let Poll::Ready(output) = running.as_mut().poll(&mut Context::from_waker(&waker)) {
                    *self.output.lock().unwrap() = Some(output);
                    *future = None;
                }
            }
            drop(future);
            if self.again.fetch_sub(seen, Ordering::SeqCst) == seen {
                return;
            }
        }
    }
}

#[test]
fn an_executor_that_polls_inside_wake() {
    let flags: Arc<Vec<(AtomicUsize, Mutex<Option<Waker>>)>> = Arc::new((0..300).map(|_| Default::default()).collect());
    let task = Inline::start(when_all_settled((0..300).map(|index| {
        let flags = flags.clone();
        poll_fn(move |cx| {
            if flags[index].0.load(Ordering::SeqCst) == 1 {
                return Poll::Ready(index);
            }
            let old = flags[index].1.lock().unwrap().replace(cx.waker().clone());
            drop(old);
            Poll::Pending
        })
    })));
    for index in (0..300).rev() {
        assert!(task.output.lock().unwrap().is_none());
        flags[index].0.store(1, Ordering::SeqCst);
        let waker = flags[index].1.lock().unwrap().take();
        waker.unwrap().wake();
    }
    assert_eq!(task.output.lock().unwrap().take(), Some((0..300).collect()));
}

/// Does something whenever it is cloned, woken or dropped.
struct Hostile(Box<dyn Fn(&'static str)>);

mod hostile {
    use super::Hostile;
    use std::rc::Rc;
    use std::task::{RawWaker, RawWakerVTable, Waker};

    // A test's own waker; it stays on its thread.
    static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_it);
    fn get(data: *const ()) -> std::mem::ManuallyDrop<Rc<Hostile>> {
        // SAFETY: the data is an `Rc<Hostile>` made below.
        std::mem::ManuallyDrop::new(unsafe { Rc::from_raw(data.cast()) })
    }
    fn clone(data: *const ()) -> RawWaker {
        (get(data).0)("clone");
        RawWaker::new(Rc::into_raw(Rc::clone(&get(data))).cast(), &TABLE)
    }
    fn wake(data: *const ()) {
        // SAFETY: as above, and the reference is given back.
        let this: Rc<Hostile> = unsafe { Rc::from_raw(data.cast()) };
        (this.0)("wake");
    }
    fn wake_by_ref(data: *const ()) {
        (get(data).0)("wake");
    }
    fn drop_it(data: *const ()) {
        // SAFETY: as above, and the reference is given back.
        let this: Rc<Hostile> = unsafe { Rc::from_raw(data.cast()) };
        (this.0)("drop");
    }
    pub(super) fn waker(react: impl Fn(&'static str) + 'static) -> Waker {
        let data = Rc::into_raw(Rc::new(Hostile(Box::new(react)))).cast();
        // SAFETY: the table keeps the contract on one thread.
        unsafe { Waker::new(data, &TABLE) }
    }
}

#[test]
fn wakers_that_call_back_from_clone_wake_and_drop() {
    let places = places(64);
    let mut all = when_all_settled((0..64).map(|index| child(&places, index)));
    for round in 0..64 {
        let inside = places.clone();
        let calls = Rc::new(RefCell::new(0_usize));
        let counter = calls.clone();
        let waker = hostile::waker(move |_| {
            let next = {
                let mut calls = counter.borrow_mut();
                *calls += 1;
                *calls
            };
            if next < 8 {
                inside[next * 7].wake();
                inside[round].finish();
            }
        });
        let polled = Pin::new(&mut all).poll(&mut Context::from_waker(&waker));
        places[(round + 1) % 64].wake();
        if let Poll::Ready(output) = polled {
            assert_eq!(output, (0..64).collect::<Vec<_>>());
            return;
        }
    }
    let mut cx = Context::from_waker(Waker::noop());
    for place in places.iter() {
        place.finish();
    }
    assert!(Pin::new(&mut all).poll(&mut cx).is_ready());
}

#[test]
fn wakers_that_panic_leave_the_set_usable() {
    for on in ["clone", "wake", "drop"] {
        let places = places(3);
        let mut all = when_all_settled((0..3).map(|index| child(&places, index)));
        let waker = hostile::waker(move |what| {
            if what == on && !std::thread::panicking() {
                panic!("a waker's {on}");
            }
        });
        let ignored = |work: &mut dyn FnMut()| {
            let _ = catch_unwind(AssertUnwindSafe(work));
        };
        ignored(&mut || {
            let _ = Pin::new(&mut all).poll(&mut Context::from_waker(&waker));
        });
        ignored(&mut || places[1].wake());
        ignored(&mut || {
            let _ = Pin::new(&mut all).poll(&mut Context::from_waker(Waker::noop()));
        });
        ignored(&mut || drop(waker.clone()));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut all).poll(&mut cx).is_pending(), "{on}");
        for place in places.iter() {
            place.finish();
        }
        assert_eq!(Pin::new(&mut all).poll(&mut cx), Poll::Ready(vec![0, 1, 2]), "{on}");
        ignored(&mut || drop(waker.clone()));
        let mut waker = Some(waker);
        ignored(&mut || drop(waker.take()));
    }
}

/// Counts its drops; a marked one panics in it.
struct Dropped(Rc<RefCell<Vec<usize>>>, usize, bool);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
        if self.2 {
            panic!("drop of {}", self.1);
        }
    }
}

fn message(work: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(work)).err()?;
    match payload.downcast::<String>() {
        Ok(text) => Some(*text),
        Err(payload) => payload.downcast_ref::<&str>().map(|text| (*text).to_owned()),
    }
}

#[test]
fn a_child_that_panics_in_drop_does_not_keep_the_others() {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let mut all = when_all_settled((0..5).map(|index| {
        let guard = Dropped(dropped.clone(), index, index == 2);
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        }
    }));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(message(|| drop(all)).as_deref(), Some("drop of 2"));
    assert_eq!(*dropped.borrow(), [0, 1, 2, 3, 4]);
}

#[test]
fn outputs_and_futures_are_dropped_once() {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let make = |index: usize| {
        let output = Dropped(dropped.clone(), index, false);
        async move {
            if index % 2 == 1 {
                std::future::pending::<()>().await;
            }
            output
        }
    };
    let mut all = when_all_settled((0..6).map(make));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(dropped.borrow().is_empty());
    drop(all);
    assert_eq!(*dropped.borrow(), [0, 1, 2, 3, 4, 5]);
    dropped.borrow_mut().clear();
    drop(when_all_settled((0..6).map(make)));
    assert_eq!(*dropped.borrow(), [0, 1, 2, 3, 4, 5]);
    dropped.borrow_mut().clear();
    let outputs = smol::block_on(when_all_settled((0..6).map(|index| make(index * 2))));
    assert!(dropped.borrow().is_empty());
    drop(outputs);
    assert_eq!(*dropped.borrow(), [0, 2, 4, 6, 8, 10]);
}

#[test]
fn a_panic_of_a_child_goes_to_the_caller() {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let mut all = when_all_settled((0..4).map(|index| {
        let guard = Dropped(dropped.clone(), index, false);
        async move {
            let _guard = guard;
            if index == 1 {
                panic!("child {index}");
            }
            std::future::pending::<()>().await;
        }
    }));
    let mut cx = Context::from_waker(Waker::noop());
    let text = message(|| drop(Pin::new(&mut all).poll(&mut cx)));
    assert_eq!(text.as_deref(), Some("child 1"));
    let text = message(|| drop(Pin::new(&mut all).poll(&mut cx)));
    assert_eq!(text.as_deref(), Some("polled after a child panicked"));
    drop(all);
    let mut dropped = dropped.borrow().clone();
    dropped.sort_unstable();
    assert_eq!(dropped, [0, 1, 2, 3]);
}

#[test]
fn an_iterator_that_panics_leaks_nothing() {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let text = message(|| {
        let futures = (0..9).map(|index| {
            assert!(index < 6, "no more");
            std::future::ready(Dropped(dropped.clone(), index, false))
        });
        drop(when_all_settled(futures));
    });
    assert_eq!(text.as_deref(), Some("no more"));
    assert_eq!(*dropped.borrow(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_drop_that_wakes_its_siblings() {
    let places = places(4);
    struct WakesAll(Rc<Vec<Place>>);
    impl Drop for WakesAll {
        fn drop(&mut self) {
            self.0.iter().for_each(Place::wake);
        }
    }
    let count = Arc::new(Count::default());
    let mut all = when_all_settled((0..4).map(|index| {
        let (wakes, child) = (WakesAll(places.clone()), child(&places, index));
        async move {
            child.await;
            drop(wakes);
        }
    }));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&count.clone().into())).is_pending());
    drop(all);
    assert_eq!((count.wakes(), Arc::strong_count(&count)), (0, 1));
}
