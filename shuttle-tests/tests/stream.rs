//! Streams: items that many threads offer to one generator's stream, who change their wakers and take items back.
#![cfg(shuttle)]

use futures_core::Stream;
use shuttle::future::block_on;
use shuttle::thread;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use taskcell::stream::{Yielder, create};
use taskcell_shuttle_tests::{give_up_after, model, name};

/// After the last item of a thread.
const LAST: u32 = 100;

/// A stream that has begun and waits for items from elsewhere, and its yielder.
fn begun() -> (Pin<Box<impl Stream<Item = u32> + Send>>, Yielder<u32>) {
    let place = Arc::new(Mutex::new(None));
    let own = place.clone();
    let mut stream = Box::pin(create(move |yielder, _| {
        *own.lock().unwrap() = Some(yielder);
        pending()
    }));
    assert!(stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    (stream, yielder)
}

/// Polls once with another waker than the one that waits.
fn give_up_after_one<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Each item that was not taken back comes once, in the order of its thread; nobody waits for ever.
#[test]
fn three_offer_to_a_stream() {
    model(name!(), || {
        let (mut stream, yielder) = begun();
        let threads = [10, 20, 30].map(|first| {
            let yielder = yielder.clone();
            thread::spawn(move || {
                block_on(yielder.yield_item(first));
                let taken = give_up_after(1 + first as usize % 3, yielder.yield_item(first + 1)).is_some();
                let mut item = pin!(yielder.yield_item(first + 2));
                if !give_up_after_one(item.as_mut()) {
                    block_on(item);
                }
                block_on(yielder.yield_item(LAST));
                [(first, true), (first + 1, taken), (first + 2, true)]
            })
        });
        let (mut seen, mut over) = (Vec::new(), 0);
        while over < 3 {
            match block_on(poll_fn(|cx| stream.as_mut().poll_next(cx))).unwrap() {
                LAST => over += 1,
                item => seen.push(item),
            }
        }
        for thread in threads {
            for (item, taken) in thread.join().unwrap() {
                let times = seen.iter().filter(|seen| **seen == item).count();
                assert!(times <= 1 && times >= usize::from(taken), "{item} came {times} times: {seen:?}");
            }
        }
        for tens in [1, 2, 3] {
            assert!(seen.iter().filter(|item| **item / 10 == tens).is_sorted());
        }
    });
}

/// An item is taken while its only offerer changes its waker: that one is told.
#[test]
fn another_waker_against_a_take() {
    model(name!(), || {
        let (mut stream, yielder) = begun();
        let thread = thread::spawn(move || {
            let mut item = pin!(yielder.yield_item(1));
            if !give_up_after_one(item.as_mut()) {
                block_on(item);
            }
        });
        assert_eq!(block_on(poll_fn(|cx| stream.as_mut().poll_next(cx))), Some(1));
        thread.join().unwrap();
    });
}

/// The stream goes while offerers change their wakers: none is kept.
#[test]
fn wakers_against_the_end_of_a_stream() {
    model(name!(), || {
        let (stream, yielder) = begun();
        let threads = [1, 2].map(|item| {
            let yielder = yielder.clone();
            thread::spawn(move || {
                let count = Arc::new(Counted);
                let mut item = pin!(yielder.yield_item(item));
                let _ = give_up_after_one(item.as_mut());
                let polled = item.as_mut().poll(&mut Context::from_waker(&Waker::from(count.clone())));
                assert!(polled.is_pending());
                while !yielder.is_closed() {
                    thread::yield_now();
                }
                // The one in line learns of it by looking.
                assert!(item.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
                count
            })
        });
        drop(stream);
        for thread in threads {
            assert_eq!(Arc::strong_count(&thread.join().unwrap()), 1);
        }
    });
}

/// Does nothing; how many there are tells.
struct Counted;

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}
