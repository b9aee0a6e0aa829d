//! Tokens of generators, and `with_cancellation` of any stream.
use super::ByHand;
use crate::support::{Dropped, Latch, Log};
use futures_util::Stream;
use futures_util::stream::{self, FusedStream, StreamExt, iter};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;
use taskcell::stream::{Yielder, create, try_create, with_cancellation};
use taskcell::time::ManualClock;
use taskcell::{CancellationToken, CancellationTokenSource, Cancelled};

/// Yields whether the token is cancelled, for ever.
async fn looks(yielder: Yielder<bool>, token: CancellationToken) {
    loop {
        yielder.yield_item(token.is_cancelled()).await;
    }
}

#[test]
fn the_argument_the_enumeration_or_both_reach_the_generator() {
    for (argument, enumeration) in [(true, false), (false, true), (true, true)] {
        for cancels_argument in [true, false] {
            let sources = [CancellationTokenSource::new(), CancellationTokenSource::new()];
            let tokens = [sources[0].token(), sources[1].token()];
            let mut stream = create(looks);
            if argument {
                stream = stream.token(&tokens[0]);
            }
            if enumeration {
                stream = stream.with_cancellation(&tokens[1]);
            }
            let mut stream = ByHand::new(stream);
            assert!(!stream.item());
            sources[usize::from(!cancels_argument)].cancel();
            assert_eq!(stream.item(), if cancels_argument { argument } else { enumeration });
            drop(stream);
            assert_eq!(tokens.map(|token| token.listeners()), [0, 0]);
        }
    }
}

#[test]
fn the_last_token_given_counts() {
    let [one, two] = [CancellationTokenSource::new(), CancellationTokenSource::new()];
    let mut stream = ByHand::new(create(looks).with_cancellation(&one.token()).with_cancellation(&two.token()));
    assert!(!stream.item());
    one.cancel();
    assert!(!stream.item());
    two.cancel();
    assert!(stream.item());
    let [one, two] = [CancellationTokenSource::new(), CancellationTokenSource::new()];
    let mut stream = ByHand::new(
        try_create(async |yielder, token| {
            looks(yielder, token).await;
            Ok::<(), ()>(())
        })
        .token(&one.token())
        .token(&two.token()),
    );
    assert_eq!(stream.item(), Ok(false));
    one.cancel();
    assert_eq!(stream.item(), Ok(false));
    two.cancel();
    assert_eq!(stream.item(), Ok(true));
}

#[test]
fn the_same_token_twice_is_one() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut stream = ByHand::new(create(looks).token(&token).with_cancellation(&token));
    assert!(!stream.item());
    assert_eq!(token.listeners(), 1);
    source.cancel();
    assert!(stream.item());
}

#[test]
fn a_cancelled_token_asks_and_does_not_end() {
    let mut stream = ByHand::new(create(looks).with_cancellation(&CancellationToken::new(true)));
    assert!(stream.item());
    assert!(stream.item(), "the generator goes on as it likes");
}

#[test]
fn a_generator_that_waits_on_its_token_is_woken_and_told_why() {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(1));
    let stream = create(|yielder, token: CancellationToken| async move {
        token.cancelled().await;
        yielder.yield_item(token.reason().unwrap().to_string()).await;
    });
    let mut stream = ByHand::new(stream.with_cancellation(&source.token()));
    assert!(stream.poll().is_pending());
    clock.advance(Duration::from_secs(1));
    assert_eq!(stream.counter.wakes(), 1);
    let reason = stream.item();
    assert_eq!(reason, source.token().child().token().reason().unwrap().to_string());
    stream.is_over();
    assert_eq!((clock.armed(), source.token().listeners()), (0, 0));
}

#[test]
fn whoever_works_for_a_generator_is_told_when_the_consumer_leaves() {
    for ends in [false, true] {
        let log = Log::new();
        let own = log.clone();
        let (value, drops) = Dropped::new();
        let mut stream = ByHand::new(create(|yielder, token: CancellationToken| async move {
            let _value = value;
            token.register(move || own.push(drops.load(Ordering::SeqCst))).detach();
            yielder.yield_item(()).await;
        }));
        stream.item();
        if ends {
            stream.is_over();
        }
        drop(stream);
        assert_eq!(log.take(), if ends { vec![] } else { vec![1] }, "after the generator's own values have gone");
    }
}

#[test]
fn items_until_the_token_is_cancelled() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut stream = ByHand::new(with_cancellation(iter(0..), &token));
    assert_eq!([stream.item(), stream.item()], [Ok(0), Ok(1)]);
    source.cancel();
    assert_eq!(stream.item(), Err(Cancelled::new(token.clone())), "an item that is there does not come any more");
    assert!(stream.stream.is_terminated());
    stream.is_over();
    assert_eq!(token.listeners(), 0);
}

#[test]
fn a_token_that_is_cancelled_already_wins_over_data_and_end() {
    let token = CancellationToken::new(true);
    let polls = std::cell::Cell::new(0);
    let counted = stream::poll_fn(|_| {
        polls.set(polls.get() + 1);
        Poll::Ready(Some(1))
    });
    let mut stream = ByHand::new(with_cancellation(counted, &token));
    assert!(stream.item().is_err());
    stream.is_over();
    assert_eq!(polls.get(), 0);
    let mut empty = ByHand::new(with_cancellation(stream::empty::<u8>(), &token));
    assert!(empty.item().is_err());
    empty.is_over();
}

#[test]
fn a_stream_that_ends_leaves_nothing_on_the_token() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let gate = Latch::new();
    let own = gate.clone();
    let (value, drops) = Dropped::new();
    let inner = create(|yielder, _| async move {
        let _value = value;
        own.reached(1).await;
        yielder.yield_item(1).await;
    });
    let mut stream = ByHand::new(with_cancellation(inner, &token));
    assert!(stream.poll().is_pending());
    assert_eq!(token.listeners(), 1);
    gate.arrive();
    assert_eq!(stream.item(), Ok(1));
    stream.is_over();
    assert_eq!((token.listeners(), drops.load(Ordering::SeqCst)), (0, 1));
    source.cancel();
    stream.is_over();
}

#[test]
fn a_consumer_that_waits_is_woken_and_the_stream_dropped() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (value, drops) = Dropped::new();
    let inner = create(|_: Yielder<u8>, _| async move {
        let _value = value;
        std::future::pending::<()>().await;
    });
    let mut stream = ByHand::new(with_cancellation(inner, &token));
    assert!(stream.poll().is_pending());
    source.cancel();
    assert_eq!(stream.counter.wakes(), 1);
    assert!(stream.item().is_err());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    stream.is_over();
    assert_eq!(token.listeners(), 0);
}

#[test]
fn a_stream_by_reference_is_kept() {
    smol::block_on(async {
        let mut inner = pin!(create(|yielder, _| async move {
            for n in 0.. {
                yielder.yield_item(n).await;
            }
        }));
        assert_eq!(inner.next().await, Some(0));
        let cancelled = CancellationToken::new(true);
        assert!(with_cancellation(inner.as_mut(), &cancelled).next().await.unwrap().is_err());
        assert_eq!(inner.next().await, Some(1), "no item was lost");
    });
}

#[test]
fn no_token_costs_nothing() {
    let mut stream = ByHand::new(with_cancellation(iter([1]).chain(stream::pending()), &CancellationToken::NONE));
    assert_eq!(stream.item(), Ok(1));
    let before = crate::support::heap::allocations();
    let waker = stream.counter.waker();
    assert!(stream.stream.as_mut().poll_next_unpin(&mut std::task::Context::from_waker(&waker)).is_pending());
    assert_eq!(crate::support::heap::allocations(), before);
}

#[test]
fn a_size_says_that_an_error_may_come() {
    let token = CancellationTokenSource::new().token();
    assert_eq!(with_cancellation(iter(0..3), &token).size_hint(), (3, Some(3)), "its source has gone");
    let source = CancellationTokenSource::new();
    assert_eq!(with_cancellation(iter(0..3), &source.token()).size_hint(), (0, Some(4)));
    assert_eq!(with_cancellation(iter(0..3), &CancellationToken::NONE).size_hint(), (3, Some(3)));
}
