//! Wakers, drops and panics in the wrong place.
use super::ByHand;
use crate::support::exec::{Executor, Inline};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Dropped, Log, faults, panic_of, poll_with};
use futures_util::future::{join, join3};
use futures_util::{Stream, StreamExt};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::Context;
use taskcell::CancellationToken;
use taskcell::stream::{Yielder, create, try_create};

#[test]
fn a_panic_of_the_generator_ends_the_stream() {
    let ((value, drops), (offered, offers)) = (Dropped::new(), Dropped::new());
    let mut stream = ByHand::new(create(|yielder, _| async move {
        let _value = value;
        yielder.yield_item(None).await;
        join(yielder.yield_item(Some(offered)), async { panic!("the generator") }).await;
    }));
    assert!(stream.item().is_none());
    assert_eq!(panic_of(|| stream.poll().is_pending()), Some("the generator"));
    stream.is_over();
    assert_eq!((drops.load(Ordering::SeqCst), offers.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn a_panic_of_what_makes_the_generator_ends_the_stream() {
    let (value, drops) = Dropped::new();
    let mut stream = ByHand::new(create(move |_: Yielder<u8>, _| {
        drop(value);
        if drops.load(Ordering::SeqCst) == 1 {
            panic!("no generator");
        }
        async {}
    }));
    assert_eq!(panic_of(|| stream.poll().is_pending()), Some("no generator"));
    stream.is_over();
}

#[test]
fn a_panic_leaves_no_waker_and_no_offer_from_elsewhere() {
    let place = Arc::new(Mutex::new(None));
    let own = place.clone();
    let mut polls = 0;
    let mut stream = ByHand::new(create(|yielder: Yielder<u8>, _| async move {
        *own.lock().unwrap() = Some(yielder);
        std::future::poll_fn(|_| {
            polls += 1;
            assert!(polls < 2, "the second poll");
            std::task::Poll::<()>::Pending
        })
        .await;
    }));
    assert!(stream.poll().is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    let other = Counter::new();
    let mut offer = yielder.yield_item(1);
    assert!(other.poll(&mut offer).is_pending());
    assert_eq!(panic_of(|| stream.poll().is_pending()), Some("the second poll"));
    stream.is_over();
    assert_eq!((other.held(), other.wakes(), stream.counter.held()), (0, 0, 0));
    assert!(other.poll(&mut offer).is_pending());
    assert!(yielder.is_closed());
}

/// A value that panics when it is dropped.
struct Mine(&'static str);

impl Drop for Mine {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::panic_any(self.0);
        }
    }
}

#[test]
fn a_panic_of_a_drop_at_the_end_ends_the_stream() {
    let mut stream = ByHand::new(create(|yielder, _| {
        // In the future, not in its code: it goes with the future.
        struct Holds<F>(F, #[expect(dead_code, reason = "for its drop")] Mine);
        impl<F: Future + Unpin> Future for Holds<F> {
            type Output = F::Output;
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> std::task::Poll<F::Output> {
                Pin::new(&mut self.0).poll(cx)
            }
        }
        let code = Box::pin(async move { yielder.yield_item(1).await });
        Holds(code, Mine("dropped at the end"))
    }));
    assert_eq!(stream.item(), 1);
    assert_eq!(panic_of(|| stream.poll().is_pending()), Some("dropped at the end"));
    stream.is_over();
}

#[test]
fn a_panic_of_a_drop_when_the_consumer_leaves_stops_no_other() {
    let (value, drops) = Dropped::new();
    let told = Log::new();
    let log = told.clone();
    let mut stream = ByHand::new(create(|yielder, token: CancellationToken| async move {
        let _value = value;
        token.register(log.note("told")).detach();
        let _mine = Mine("dropped on the way");
        yielder.yield_item(1).await;
    }));
    assert_eq!(stream.item(), 1);
    assert_eq!(panic_of(|| drop(stream)), Some("dropped on the way"));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(told.take(), ["told"]);
}

#[test]
fn an_items_own_drop_may_use_the_slot() {
    struct Uses(Option<Yielder<Uses>>, Log<bool>);
    impl Drop for Uses {
        fn drop(&mut self) {
            if let Some(yielder) = self.0.take() {
                self.1.push(yielder.is_closed());
                let mut offer = yielder.yield_item(Uses(None, self.1.clone()));
                let _ = poll_with(std::task::Waker::noop(), &mut offer);
            }
        }
    }
    let log = Log::new();
    let own = log.clone();
    let mut stream = ByHand::new(create(|yielder: Yielder<Uses>, _| async move {
        let item = || yielder.yield_item(Uses(Some(yielder.clone()), own.clone()));
        join3(item(), item(), item()).await;
    }));
    drop(stream.item());
    assert_eq!(log.take(), [false]);
    assert!(Counter::new().poll(&mut stream.stream.as_mut().close()).is_pending() || log.len() > 0);
    drop(stream);
    assert_eq!(log.take(), [true, true]);
}

#[test]
fn a_waker_that_panics_takes_no_item_along() {
    let faults = faults::watch();
    let place = Arc::new(Mutex::new(None));
    let own = place.clone();
    let mut stream = Box::pin(create(|yielder: Yielder<u8>, _| async move {
        *own.lock().unwrap() = Some(yielder);
        std::future::pending::<()>().await;
    }));
    let (stream_waker, _hooks) = Hooks::new().on_wake(|| panic!("the stream's waker")).waker();
    assert!(stream.as_mut().poll_next(&mut Context::from_waker(&stream_waker)).is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    let (waker, _hooks) = Hooks::new().on_wake(|| panic!("the offerer's waker")).waker();
    let (mut one, mut two) = (yielder.yield_item(1), yielder.yield_item(2));
    assert!(poll_with(&waker, &mut one).is_pending());
    assert!(poll_with(&waker, &mut two).is_pending());
    assert!(faults.saw("the stream's waker"));
    let counter = Counter::new();
    for n in 1..=2 {
        let next = stream.as_mut().poll_next(&mut Context::from_waker(&counter.waker()));
        assert_eq!(next, std::task::Poll::Ready(Some(n)));
    }
    assert_eq!(faults.count("the offerer's waker"), 2);
    assert!(poll_with(&waker, &mut one).is_ready() && poll_with(&waker, &mut two).is_ready());
}

#[test]
fn wakers_that_call_back_from_clone_wake_and_drop() {
    let place = Arc::new(Mutex::new(None::<Yielder<u8>>));
    let own = place.clone();
    let mut stream = ByHand::new(create(|yielder: Yielder<u8>, _| async move {
        *own.lock().unwrap() = Some(yielder);
        std::future::pending::<()>().await;
    }));
    assert!(stream.poll().is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    // Each event looks at the slot, offers an item and takes it back: a lock that is held would hang here.
    let touch = |yielder: &Yielder<u8>| {
        let yielder = yielder.clone();
        move || {
            let mut offer = yielder.yield_item(99);
            assert!(poll_with(std::task::Waker::noop(), &mut offer).is_pending());
            drop(offer);
            let _ = yielder.is_closed();
        }
    };
    let hooks = Hooks::new().on_clone(touch(&yielder)).on_wake(touch(&yielder)).on_drop(touch(&yielder));
    let (waker, hooks) = hooks.waker();
    let (mut one, mut two) = (yielder.yield_item(1), yielder.yield_item(2));
    assert!(poll_with(&waker, &mut one).is_pending() && poll_with(&waker, &mut two).is_pending());
    let counter = Counter::new();
    assert!(counter.poll(&mut one).is_pending() && counter.poll(&mut two).is_pending());
    assert!(poll_with(&waker, &mut one).is_pending() && poll_with(&waker, &mut two).is_pending());
    assert_eq!((stream.item(), stream.item()), (1, 2));
    assert!(poll_with(&waker, &mut one).is_ready());
    let mut three = yielder.yield_item(3);
    assert!(poll_with(&waker, &mut three).is_pending());
    drop(stream);
    assert!(poll_with(&waker, &mut three).is_pending());
    drop((one, two, three, waker));
    let count = |of: &std::sync::atomic::AtomicUsize| of.load(Ordering::SeqCst);
    assert_eq!(count(&hooks.clones) + 1, count(&hooks.wakes) + count(&hooks.drops), "no waker is left");
}

#[test]
fn a_consumer_that_is_polled_inside_wake() {
    let ex = Inline::new();
    let seen = ex.run(async {
        let stream = try_create(|yielder, _| async move {
            for n in 0..100 {
                taskcell::yield_now().await;
                yielder.yield_item(n).await;
            }
            Err("the end")
        });
        stream.collect::<Vec<_>>().await
    });
    assert_eq!(seen.len(), 101);
    assert_eq!(seen[100], Err("the end"));
}

#[test]
fn a_stream_that_is_dropped_while_its_generator_is_polled() {
    // The stream lies in a cell that its own generator empties: the drop waits until the poll is over.
    type Boxed = Pin<Box<dyn Stream<Item = u8>>>;
    let place: Rc<RefCell<Option<Boxed>>> = Rc::default();
    let own = place.clone();
    let stream: Boxed = Box::pin(create(move |yielder, _| async move {
        own.borrow_mut().take();
        yielder.yield_item(1).await;
    }));
    let mut taken = stream;
    let next = taken.as_mut().poll_next(&mut Context::from_waker(std::task::Waker::noop()));
    assert_eq!(next, std::task::Poll::Ready(Some(1)));
    *place.borrow_mut() = Some(Box::pin(futures_util::stream::empty()));
    drop(taken);
    assert!(place.borrow().is_some());
}

#[test]
fn a_yield_after_its_end_panics() {
    let seen = RefCell::new(None);
    let mut stream = ByHand::new(create(|yielder, _| {
        let seen = &seen;
        async move {
            let mut item = yielder.yield_item(1);
            (&mut item).await;
            let polled = panic_of(|| poll_with(std::task::Waker::noop(), &mut item));
            *seen.borrow_mut() = Some(polled);
        }
    }));
    assert_eq!(stream.item(), 1);
    stream.is_over();
    drop(stream);
    assert_eq!(seen.into_inner(), Some(Some("polled after it was ready")));
}
