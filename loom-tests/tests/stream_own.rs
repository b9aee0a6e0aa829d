//! A stream's own poll: what its generator offers then needs no waker.
#![cfg(loom)]

use futures_core::Stream;
use std::pin::pin;
use std::task::{Context, Poll};
use taskcell::stream::create;
use taskcell_loom_tests::{Bound, Wakes, model, name};

/// An item that the generator offers while the stream polls it is taken by that poll, which wakes nobody.
#[test]
fn items_of_the_streams_own_poll() {
    model(name!(), Bound::Exhaustive, || {
        let wakes = Wakes::new();
        let waker = wakes.waker();
        let mut stream = pin!(create(|yielder, _| async move {
            yielder.yield_item(1).await;
            yielder.yield_item(2).await;
        }));
        for expected in [Some(1), Some(2), None] {
            assert_eq!(stream.as_mut().poll_next(&mut Context::from_waker(&waker)), Poll::Ready(expected));
        }
        assert_eq!((wakes.count(), wakes.live()), (0, 1));
    });
}
