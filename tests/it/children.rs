//! The block of children under hostile wakers, panics and drops.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use taskcell::{WhenAll, when_all};

/// Counts wakes.
#[derive(Default)]
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub(crate) fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// What a test and one of its children share.
#[derive(Default)]
pub(crate) struct Place {
    pub(crate) waker: RefCell<Option<Waker>>,
    done: RefCell<bool>,
    pub(crate) polls: RefCell<usize>,
}

impl Place {
    pub(crate) fn finish(&self) {
        *self.done.borrow_mut() = true;
        self.wake();
    }

    pub(crate) fn wake(&self) {
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Ready with its index once its place is finished.
pub(crate) fn child(places: &Rc<Vec<Place>>, index: usize) -> impl Future<Output = usize> + use<> {
    let places = Rc::clone(places);
    poll_fn(move |cx| {
        let place = &places[index];
        *place.polls.borrow_mut() += 1;
        if *place.done.borrow() {
            return Poll::Ready(index);
        }
        place.waker.replace(Some(cx.waker().clone()));
        Poll::Pending
    })
}

pub(crate) fn places(count: usize) -> Rc<Vec<Place>> {
    Rc::new((0..count).map(|_| Place::default()).collect())
}

fn polls(places: &[Place]) -> Vec<usize> {
    places.iter().map(|place| *place.polls.borrow()).collect()
}

#[test]
fn only_woken_children_are_polled() {
    let places = places(200);
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let mut all = when_all((0..200).map(|index| child(&places, index)));
    assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
    assert_eq!(polls(&places), [1; 200]);
    assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
    assert_eq!(polls(&places), [1; 200]);

    places[130].wake();
    places[7].wake();
    assert_eq!(count.wakes(), 1);
    assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
    assert_eq!((*places[130].polls.borrow(), *places[7].polls.borrow()), (2, 2));
    assert_eq!(polls(&places).iter().sum::<usize>(), 202);
    for place in places.iter() {
        place.finish();
    }
    assert_eq!(count.wakes(), 2);
    assert_eq!(Pin::new(&mut all).poll(&mut cx), Poll::Ready((0..200).collect()));
}

#[test]
fn woken_children_are_polled_in_the_order_of_their_wakes() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let wakers = Rc::new(RefCell::new(vec![None; 100]));
    let mut all = when_all((0..100).map(|index| {
        let (order, wakers) = (order.clone(), wakers.clone());
        poll_fn(move |cx| {
            order.borrow_mut().push(index);
            wakers.borrow_mut()[index] = Some(cx.waker().clone());
            Poll::<()>::Pending
        })
    }));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
    assert_eq!(*order.borrow(), (0..100).collect::<Vec<_>>());
    order.borrow_mut().clear();
    let shuffled: Vec<usize> = (0..100).map(|n| n * 37 % 100).collect();
    for &index in &shuffled {
        let waker: Option<Waker> = wakers.borrow()[index].clone();
        waker.unwrap().wake();
    }
    assert!(Pin::new(&mut all).poll(&mut cx).is_pending());
    assert_eq!(*order.borrow(), shuffled);
}

#[test]
fn a_child_that_wakes_itself_is_polled_once_a_poll() {
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut rounds = 0;
    let mut all = when_all([poll_fn(|cx| {
        rounds += 1;
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    })]);
    for _ in 0..10 {
        assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(all);
    assert_eq!((rounds, count.wakes()), (10, 10));
}

#[test]
fn a_replaced_waker_is_not_woken() {
    let places = places(2);
    let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let mut all = when_all((0..2).map(|index| child(&places, index)));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&first.clone().into())).is_pending());
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&second.clone().into())).is_pending());
    assert_eq!(Arc::strong_count(&first), 1);
    places[0].wake();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn wakers_outlive_the_future_and_do_nothing() {
    let places = places(3);
    let count = Arc::new(Count::default());
    let mut all = when_all((0..3).map(|index| child(&places, index)));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&count.clone().into())).is_pending());
    let kept: Vec<Waker> = places.iter().map(|place| place.waker.borrow().clone().unwrap()).collect();
    drop(all);
    assert_eq!(Arc::strong_count(&count), 1);
    kept[0].wake_by_ref();
    assert!(kept[1].will_wake(&kept[1].clone()));
    assert!(!kept[1].will_wake(&kept[2]));
    drop(kept);
    places[1].finish();
    assert_eq!(count.wakes(), 0);
}

#[test]
fn a_late_wake_of_an_ended_child_wakes_nobody() {
    let places = places(2);
    let count = Arc::new(Count::default());
    let waker = count.clone().into();
    let mut all = when_all((0..2).map(|index| child(&places, index)));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&waker)).is_pending());
    let late = places[0].waker.borrow().clone().unwrap();
    places[0].finish();
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&waker)).is_pending());
    late.wake();
    assert_eq!(count.wakes(), 1);
}

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
    let (sender, receiver) = smol::channel::unbounded::<usize>();
    drop(receiver);
    drop(sender);
    let flags: Arc<Vec<(AtomicUsize, Mutex<Option<Waker>>)>> = Arc::new((0..300).map(|_| Default::default()).collect());
    let task = Inline::start(when_all((0..300).map(|index| {
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
    let mut all = when_all((0..64).map(|index| child(&places, index)));
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
        let mut all = when_all((0..3).map(|index| child(&places, index)));
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
        std::mem::forget(waker);
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
    let mut all = when_all((0..5).map(|index| {
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
    let mut all = when_all((0..6).map(make));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(dropped.borrow().is_empty());
    drop(all);
    assert_eq!(*dropped.borrow(), [0, 1, 2, 3, 4, 5]);
    dropped.borrow_mut().clear();
    drop(when_all((0..6).map(make)));
    assert_eq!(*dropped.borrow(), [0, 1, 2, 3, 4, 5]);
    dropped.borrow_mut().clear();
    let outputs = smol::block_on(when_all((0..6).map(|index| make(index * 2))));
    assert!(dropped.borrow().is_empty());
    drop(outputs);
    assert_eq!(*dropped.borrow(), [0, 2, 4, 6, 8, 10]);
}

#[test]
fn a_panic_of_a_child_goes_to_the_caller() {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let mut all = when_all((0..4).map(|index| {
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
    assert_eq!(text.as_deref(), Some("`when_all` polled after a child panicked"));
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
        drop(when_all(futures));
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
    let mut all = when_all((0..4).map(|index| {
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

#[test]
fn threads_wake_while_another_polls() {
    let rounds = if cfg!(miri) { 2 } else { 200 };
    for _ in 0..rounds {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..100).map(|_| smol::channel::bounded(1)).unzip();
        let threads: Vec<_> = [0, 1]
            .map(|half| {
                let senders: Vec<_> = senders.iter().skip(half).step_by(2).cloned().collect();
                std::thread::spawn(move || senders.iter().for_each(|sender| sender.try_send(half).unwrap()))
            })
            .into();
        let outputs = smol::block_on(when_all(receivers.iter().map(|receiver| receiver.recv())));
        assert!(outputs.iter().enumerate().all(|(index, half)| *half == Ok(index % 2)));
        for thread in threads {
            thread.join().unwrap_or_else(|payload| resume_unwind(payload));
        }
    }
}

#[test]
fn a_single_threaded_executor_of_one_task() {
    let places = places(10);
    let woken = Arc::new(Count::default());
    let waker = woken.clone().into();
    let mut all = pin!(when_all((0..10).map(|index| child(&places, index))));
    let mut next = 0;
    let mut seen = 0;
    let output = loop {
        if let Poll::Ready(output) = all.as_mut().poll(&mut Context::from_waker(&waker)) {
            break output;
        }
        places[next * 3 % 10].finish();
        next += 1;
        assert!(woken.wakes() > seen, "asleep with work to do");
        seen = woken.wakes();
    };
    assert_eq!(output, (0..10).collect::<Vec<_>>());
}

#[test]
fn auto_traits() {
    fn sane<T: Send + Sync + Unpin>(_: &T) {}
    let all: WhenAll<std::future::Ready<u8>> = when_all([std::future::ready(1)]);
    sane(&all);
    fn unpin<T: Unpin>(_: &T) {}
    let pinned = when_all([async { std::future::pending::<()>().await }]);
    unpin(&pinned);
}
