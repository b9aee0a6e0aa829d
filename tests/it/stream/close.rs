//! The end by the consumer, awaited.
use super::ByHand;
use crate::support::{Counter, Dropped, Log, panic_of};
use futures_util::StreamExt;
use futures_util::future::join3;
use futures_util::stream::iter;
use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::stream::{Yielder, create, try_create};
use taskcell::{CancellationToken, CancellationTokenSource, yield_now};

#[test]
fn close_runs_the_generator_to_its_end() {
    let log = Log::new();
    let own = log.clone();
    let mut stream = Box::pin(create(|yielder, token: CancellationToken| async move {
        while !token.is_cancelled() {
            yielder.yield_item(1).await;
        }
        own.push("told");
        yielder.yield_item(2).await;
        yield_now().await;
        own.push("cleaned up");
    }));
    smol::block_on(async {
        assert_eq!(stream.next().await, Some(1));
        stream.as_mut().close().await;
        assert_eq!(log.take(), ["told", "cleaned up"]);
        assert_eq!(stream.next().await, None);
        stream.as_mut().close().await;
    });
    assert!(log.take().is_empty());
}

#[test]
fn close_before_the_first_poll_runs_nothing() {
    let (value, drops) = Dropped::new();
    let mut stream = Box::pin(create(|yielder: Yielder<u8>, _| async move {
        drop((value, yielder));
        panic!("it must not run");
    }));
    smol::block_on(stream.as_mut().close());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    smol::block_on(stream.as_mut().close());
    assert_eq!(smol::block_on(stream.next()), None);
}

#[test]
fn close_does_not_touch_the_consumers_tokens() {
    let source = CancellationTokenSource::new();
    let (one, two) = (source.token(), CancellationTokenSource::new());
    let stream = create(|yielder, token: CancellationToken| async move {
        yielder.yield_item(()).await;
        token.cancelled().await;
    });
    let mut stream = Box::pin(stream.token(&one).with_cancellation(&two.token()));
    smol::block_on(async {
        stream.next().await;
        stream.as_mut().close().await;
    });
    assert!(!source.is_cancelled() && !two.is_cancelled());
    assert_eq!((one.listeners(), two.token().listeners()), (0, 0));
}

#[test]
fn close_completes_yields_and_drops_their_items() {
    let ((first, firsts), (second, seconds), (third, thirds)) = (Dropped::new(), Dropped::new(), Dropped::new());
    let after = Cell::new(false);
    let mut stream = Box::pin(create(|yielder, _| {
        let after = &after;
        async move {
            join3(yielder.yield_item(None), yielder.yield_item(Some(first)), yielder.yield_item(Some(second))).await;
            yielder.yield_item(Some(third)).await;
            after.set(true);
        }
    }));
    smol::block_on(async {
        assert!(stream.next().await.unwrap().is_none());
        stream.as_mut().close().await;
    });
    assert!(after.get());
    assert_eq!([firsts, seconds, thirds].map(|drops| drops.load(Ordering::SeqCst)), [1, 1, 1]);
}

#[test]
fn close_ends_yield_all() {
    let left = Cell::new(false);
    let mut stream = Box::pin(create(|yielder, _| {
        let left = &left;
        async move {
            yielder.yield_all(iter(0..)).await;
            yielder.yield_all(futures_util::stream::pending()).await;
            left.set(true);
        }
    }));
    smol::block_on(async {
        assert_eq!(stream.next().await, Some(0));
        assert_eq!(stream.next().await, Some(1));
        stream.as_mut().close().await;
    });
    assert!(left.get());
}

#[test]
fn a_generator_that_does_not_listen_keeps_close_waiting_but_not_the_thread() {
    let mut stream = ByHand::new(create(|yielder, _| async move {
        loop {
            yielder.yield_item(()).await;
        }
    }));
    stream.item();
    let counter = Counter::new();
    {
        let mut close = stream.stream.as_mut().close();
        for wakes in 1..10 {
            assert!(counter.poll(&mut close).is_pending());
            assert_eq!(counter.wakes(), wakes, "others have their turn");
        }
    }
    // Given up; the stream stays closed.
    assert!(stream.poll().is_pending());
}

#[test]
fn a_close_that_is_given_up_goes_on_with_the_next_poll() {
    let gate = crate::support::Latch::new();
    let own = gate.clone();
    let mut stream = ByHand::new(create(|yielder, token: CancellationToken| async move {
        yielder.yield_item(1).await;
        assert!(token.is_cancelled());
        own.reached(1).await;
        yielder.yield_item(2).await;
    }));
    assert_eq!(stream.item(), 1);
    assert!(Counter::new().poll(&mut stream.stream.as_mut().close()).is_pending());
    assert!(stream.poll().is_pending());
    gate.arrive();
    assert_eq!(stream.counter.wakes(), 1);
    assert!(stream.poll().is_pending(), "the second item is dropped in a turn of its own");
    stream.is_over();
}

#[test]
fn close_of_one_that_may_fail_gives_its_error() {
    let make = || {
        Box::pin(try_create(|yielder, token: CancellationToken| async move {
            yielder.yield_item(1).await;
            token.check().map_err(|_| "cancelled")?;
            Ok(())
        }))
    };
    smol::block_on(async {
        let mut stream = make();
        assert_eq!(stream.next().await, Some(Ok(1)));
        assert_eq!(stream.as_mut().close().await, Err("cancelled"));
        assert_eq!(stream.as_mut().close().await, Ok(()), "it was said once");
        assert_eq!(stream.next().await, None);
        let mut never_begun = make();
        assert_eq!(never_begun.as_mut().close().await, Ok(()));
    });
}

#[test]
fn a_panic_in_the_cleanup_goes_to_whoever_closes() {
    let mut stream = ByHand::new(create(|yielder, token: CancellationToken| async move {
        yielder.yield_item(1).await;
        assert!(!token.is_cancelled(), "no cleanup");
    }));
    assert_eq!(stream.item(), 1);
    let counter = Counter::new();
    assert_eq!(panic_of(|| counter.poll(&mut stream.stream.as_mut().close())), Some("no cleanup"));
    assert_eq!(counter.poll(&mut stream.stream.as_mut().close()), Poll::Ready(()));
    stream.is_over();
}

#[test]
fn close_tells_every_yield_from_elsewhere_that_it_is_over() {
    let place = std::sync::Arc::new(std::sync::Mutex::new(None));
    let own = place.clone();
    let mut stream = ByHand::new(create(|yielder: Yielder<Option<Dropped>>, token: CancellationToken| async move {
        *own.lock().unwrap() = Some(yielder);
        token.cancelled().await;
    }));
    assert!(stream.poll().is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    let (other, dropped) = (Counter::new(), [(); 3].map(|()| Dropped::new()));
    let [drops @ .., _] = dropped.each_ref().map(|(_, drops)| drops.clone());
    let mut offers: Vec<_> = dropped.into_iter().map(|(item, _)| yielder.yield_item(Some(item))).collect();
    for offer in &mut offers {
        assert!(other.poll(offer).is_pending());
    }
    // The generator ends in the poll that closes: nobody was polled in between.
    assert!(Counter::new().poll(&mut stream.stream.as_mut().close()).is_ready());
    assert_eq!(drops.map(|drops| drops.load(Ordering::SeqCst)), [1, 1], "items go at once");
    assert_eq!((other.wakes(), other.held()), (3, 0));
    for offer in &mut offers {
        assert!(other.poll(offer).is_ready());
    }
}

#[test]
fn a_generator_that_yields_streams_and_does_not_listen_keeps_no_thread() {
    let mut stream = ByHand::new(create(|yielder, _| async move {
        loop {
            yielder.yield_all(iter([()])).await;
        }
    }));
    stream.item();
    let counter = Counter::new();
    let mut close = stream.stream.as_mut().close();
    for wakes in 1..10 {
        assert!(counter.poll(&mut close).is_pending());
        assert_eq!(counter.wakes(), wakes, "others have their turn");
    }
}
