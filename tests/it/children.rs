//! The block of children: who is polled when, and whom a wake reaches.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use taskcell::{WhenAllSettled, when_all_settled};

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
    let mut all = when_all_settled((0..200).map(|index| child(&places, index)));
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
    let mut all = when_all_settled((0..100).map(|index| {
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
    let mut all = when_all_settled([poll_fn(|cx| {
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
    let mut all = when_all_settled((0..2).map(|index| child(&places, index)));
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
    let mut all = when_all_settled((0..3).map(|index| child(&places, index)));
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
    let mut all = when_all_settled((0..2).map(|index| child(&places, index)));
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&waker)).is_pending());
    let late = places[0].waker.borrow().clone().unwrap();
    places[0].finish();
    assert!(Pin::new(&mut all).poll(&mut Context::from_waker(&waker)).is_pending());
    late.wake();
    assert_eq!(count.wakes(), 1);
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
        let outputs = smol::block_on(when_all_settled(receivers.iter().map(|receiver| receiver.recv())));
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
    let mut all = pin!(when_all_settled((0..10).map(|index| child(&places, index))));
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
    let all: WhenAllSettled<std::future::Ready<u8>> = when_all_settled([std::future::ready(1)]);
    sane(&all);
    fn unpin<T: Unpin>(_: &T) {}
    let pinned = when_all_settled([async { std::future::pending::<()>().await }]);
    unpin(&pinned);
}
