//! The slot of a generator: items that are offered elsewhere, against whoever takes them, and against its ends.
#![cfg(loom)]

use futures_core::Stream;
use loom::thread::spawn;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use taskcell::stream::{Create, Yielder, create};
use taskcell_loom_tests::children::Parent;
use taskcell_loom_tests::{Bound, Drops, Wakes, block_on, model, name, poll_once};

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

/// A stream that has begun and waits for items from elsewhere; they go to its yielder.
fn begun<T: 'static, Fut: Future<Output = ()>>(
    generator: impl FnOnce(Yielder<T>) -> Fut,
) -> (Pin<Box<impl Stream<Item = T> + Closing>>, Yielder<T>) {
    let place = Arc::new(Mutex::new(None));
    let own = place.clone();
    let mut stream = Box::pin(create(move |yielder, _| {
        *own.lock().unwrap() = Some(yielder.clone());
        generator(yielder)
    }));
    assert!(poll_once(&mut next(&mut stream), &Wakes::new().waker()).is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    (stream, yielder)
}

/// A stream that can be closed.
trait Closing {
    fn close(self: Pin<&mut Self>) -> impl Future<Output = ()>;
}

impl<T, F, Fut> Closing for Create<T, F, Fut>
where
    F: FnOnce(Yielder<T>, taskcell::CancellationToken) -> Fut,
    Fut: Future<Output = ()>,
{
    fn close(self: Pin<&mut Self>) -> impl Future<Output = ()> {
        Create::close(self)
    }
}

/// What waits for ever.
fn idle<T>(_: Yielder<T>) -> impl Future<Output = ()> {
    pending()
}

/// What ends when it is polled and the stream is closed.
fn until_closed<T>(yielder: Yielder<T>) -> impl Future<Output = ()> {
    poll_fn(move |_| if yielder.is_closed() { Poll::Ready(()) } else { Poll::Pending })
}

fn next<S: Stream>(stream: &mut Pin<Box<S>>) -> impl Future<Output = Option<S::Item>> + Unpin {
    poll_fn(|cx| stream.as_mut().poll_next(cx))
}

/// What a poll finds, if there is anything.
fn found<S: Stream>(stream: &mut Pin<Box<S>>) -> Option<S::Item> {
    match poll_once(&mut next(stream), &Wakes::new().waker()) {
        Poll::Ready(item) => Some(item.expect("it has not ended")),
        Poll::Pending => None,
    }
}

fn offer<T: 'static>(yielder: &Yielder<T>, item: T) -> Boxed {
    let yielder = yielder.clone();
    Box::pin(async move { yielder.yield_item(item).await })
}

/// Polls once, to find it pending; its wakes.
fn wait(offer: &mut Boxed) -> Wakes {
    let wakes = Wakes::new();
    assert!(poll_once(offer, &wakes.waker()).is_pending());
    wakes
}

/// An item comes between the two looks of a poll, or before, or behind: the stream has it, and whoever offered it is told.
#[test]
fn offer_against_poll() {
    model(name!(), Bound::Exhaustive, || {
        let (mut stream, yielder) = begun(idle);
        let thread = spawn(move || block_on(offer(&yielder, 1)));
        assert_eq!(block_on(next(&mut stream)), Some(1));
        thread.join().unwrap();
    });
}

/// Two items from two threads are both taken.
#[test]
fn two_offers_against_poll() {
    model(name!(), Bound::Preemptions(3), || {
        let (mut stream, yielder) = begun(idle);
        let threads = [1, 2].map(|item| {
            let mut offer = offer(&yielder, item);
            spawn(move || {
                wait(&mut offer);
                offer
            })
        });
        let taken = block_on(next(&mut stream)).unwrap() + block_on(next(&mut stream)).unwrap();
        assert_eq!(taken, 3);
        let wakes = Wakes::new();
        for thread in threads {
            assert!(poll_once(&mut thread.join().unwrap(), &wakes.waker()).is_ready());
        }
        assert_eq!(wakes.live(), 0);
    });
}

/// An item is taken while its offerer changes its waker.
#[test]
fn take_against_another_waker() {
    model(name!(), Bound::Exhaustive, || {
        let (mut stream, yielder) = begun(idle);
        let mut offer = offer(&yielder, 1);
        wait(&mut offer);
        let thread = spawn(move || block_on(offer));
        assert_eq!(found(&mut stream), Some(1));
        thread.join().unwrap();
    });
}

/// The same of an item that stands in line.
#[test]
fn take_against_another_waker_in_line() {
    model(name!(), Bound::Exhaustive, || {
        let (mut stream, yielder) = begun(idle);
        let (mut first, mut second) = (offer(&yielder, 1), offer(&yielder, 2));
        wait(&mut first);
        wait(&mut second);
        let thread = spawn(move || block_on(second));
        assert_eq!((found(&mut stream), found(&mut stream)), (Some(1), Some(2)));
        thread.join().unwrap();
    });
}

/// An item is taken back while it is taken: it is nobody's twice, and the item that lies there next is not taken back.
#[test]
fn withdrawal_against_take() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mut stream, yielder) = begun(idle);
        let (mut first, mut second) = (offer(&yielder, (1, drops.track())), offer(&yielder, (2, drops.track())));
        let wakes = wait(&mut first);
        let thread = spawn(move || drop(first));
        let taken = found(&mut stream);
        let other = wait(&mut second);
        let last = found(&mut stream).expect("nobody took it back");
        thread.join().unwrap();
        assert_eq!((last.0, other.count(), drops.live()), (2, 1, 1 + usize::from(taken.is_some())));
        assert!(wakes.count() <= usize::from(taken.is_some()));
        assert!(poll_once(&mut second, &other.waker()).is_ready());
        assert_eq!((wakes.live(), other.live()), (0, 0));
    });
}

/// The same of an item that stands in line.
#[test]
fn withdrawal_in_line_against_take() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mut stream, yielder) = begun(idle);
        let mut offers = [1, 2, 3].map(|number| offer(&yielder, (number, drops.track())));
        let wakes = offers.each_mut().map(wait);
        let [first, second, third] = offers;
        let thread = spawn(move || drop(second));
        let taken = [(); 3].map(|()| found(&mut stream));
        thread.join().unwrap();
        let numbers: Vec<_> = taken.iter().flatten().map(|item| item.0).collect();
        assert!(numbers == [1, 2, 3] || numbers == [1, 3]);
        assert_eq!((drops.live(), wakes[0].count(), wakes[2].count()), (numbers.len(), 1, 1));
        drop((first, third));
        assert!(wakes.iter().all(|wakes| wakes.live() == 0));
    });
}

/// The stream is dropped while an item is offered: the item goes, nobody is woken, and no waker is kept.
#[test]
fn stream_dropped_against_offer() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (stream, yielder) = begun(idle);
        let mut offer = offer(&yielder, drops.track());
        let thread = spawn(move || {
            let wakes = wait(&mut offer);
            (offer, wakes)
        });
        drop(stream);
        let (mut offer, wakes) = thread.join().unwrap();
        assert_eq!((drops.live(), wakes.count(), wakes.live()), (0, 0, 0));
        assert!(poll_once(&mut offer, &wakes.waker()).is_pending());
        assert_eq!(wakes.live(), 0);
    });
}

/// The same while an offerer changes its waker.
#[test]
fn stream_dropped_against_another_waker() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (stream, yielder) = begun(idle);
        let (mut first, mut second) = (offer(&yielder, drops.track()), offer(&yielder, drops.track()));
        let old = (wait(&mut first), wait(&mut second));
        let thread = spawn(move || {
            let wakes = (wait(&mut first), wait(&mut second));
            (first, second, wakes)
        });
        drop(stream);
        let (first, mut second, wakes) = thread.join().unwrap();
        // The item in line lies with its offerer, who learns of the end by looking.
        assert!(poll_once(&mut second, &Wakes::new().waker()).is_pending());
        for wakes in [old.0, old.1, wakes.0, wakes.1] {
            assert_eq!((wakes.count(), wakes.live()), (0, 0));
        }
        assert_eq!(drops.live(), 0);
        drop((first, second));
    });
}

/// The stream is closed while an item is offered beside one that is there: whoever is woken is ready, and both items go.
#[test]
fn close_against_offer() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mut stream, yielder) = begun(until_closed);
        let (mut first, mut second) = (offer(&yielder, drops.track()), offer(&yielder, drops.track()));
        let one = wait(&mut first);
        let thread = spawn(move || {
            let two = wait(&mut second);
            (second, two)
        });
        block_on(stream.as_mut().close());
        let (mut second, two) = thread.join().unwrap();
        assert_eq!((one.count(), poll_once(&mut first, &one.waker())), (1, Poll::Ready(())));
        // Offered after the end it waits for ever.
        let polled = poll_once(&mut second, &two.waker());
        assert_eq!(two.count(), usize::from(polled.is_ready()));
        assert_eq!((drops.live(), one.live(), two.live()), (0, 0, 0));
    });
}

/// The stream is closed while an item is taken back.
#[test]
fn close_against_withdrawal() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (mut stream, yielder) = begun(until_closed);
        let (mut first, mut second) = (offer(&yielder, drops.track()), offer(&yielder, drops.track()));
        let wakes = (wait(&mut first), wait(&mut second));
        let thread = spawn(move || drop((first, second)));
        block_on(stream.as_mut().close());
        thread.join().unwrap();
        assert_eq!((drops.live(), wakes.0.live(), wakes.1.live()), (0, 0, 0));
    });
}

/// The stream is closed while an offerer changes its waker.
#[test]
fn close_against_another_waker() {
    model(name!(), Bound::Exhaustive, || {
        let (mut stream, yielder) = begun(until_closed);
        let (mut first, mut second) = (offer(&yielder, 1), offer(&yielder, 2));
        wait(&mut first);
        wait(&mut second);
        let thread = spawn(move || {
            block_on(first);
            block_on(second);
        });
        block_on(stream.as_mut().close());
        thread.join().unwrap();
    });
}

/// The generator ends while an item is offered: it is delivered, and its offerer told, or it is not offered any more.
#[test]
fn generators_end_against_offer() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let mut polls = 0;
        let (mut stream, yielder) = begun(|_| {
            poll_fn(move |_| {
                polls += 1;
                if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
            })
        });
        let mut offer = offer(&yielder, drops.track());
        let thread = spawn(move || {
            let wakes = wait(&mut offer);
            (offer, wakes)
        });
        let item = block_on(next(&mut stream));
        let (mut offer, wakes) = thread.join().unwrap();
        assert_eq!((drops.live(), wakes.count()), (usize::from(item.is_some()), usize::from(item.is_some())));
        assert_eq!(poll_once(&mut offer, &wakes.waker()).is_ready(), item.is_some());
        assert_eq!((block_on(next(&mut stream)).is_none(), wakes.live()), (true, 0));
    });
}

/// A task had the stream, and offers an item while another has it: it is not taken for one that the stream polls.
#[test]
fn offer_by_a_former_consumer_against_poll() {
    model(name!(), Bound::Exhaustive, || {
        let (mut stream, yielder) = begun(idle);
        let ((former, waker), (consumer, own)) = (Parent::new(), Parent::new());
        assert!(poll_once(&mut next(&mut stream), &waker).is_pending());
        let thread = spawn(move || {
            let mut next = next(&mut stream);
            match poll_once(&mut next, &own) {
                Poll::Ready(item) => item,
                Poll::Pending => consumer.run(&mut next, &own),
            }
        });
        let mut offer = offer(&yielder, 1);
        assert!(poll_once(&mut offer, &waker).is_pending());
        assert_eq!(thread.join().unwrap(), Some(1));
        former.run(&mut offer, &waker);
    });
}
