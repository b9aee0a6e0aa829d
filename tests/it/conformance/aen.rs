//! AEN: `IAsyncEnumerable`, its cancellation and its end. The tests without an id are of behaviour that the file does not
//! list.
//!
//! | entry | why there is no test |
//! |---|---|
//! | AEN-012 | moot: no stream is null |
use crate::stream::ByHand;
use crate::support::{Counter, Dropped, Jobs, Log, panic_of};
use futures_util::stream::{FusedStream, StreamExt};
use std::cell::Cell;
use std::sync::atomic::Ordering;
use taskcell::stream::{Yielder, create, try_create};
use taskcell::{CancellationToken, CancellationTokenSource, Cancelled, ResumeOn};

/// Yields whether its token is cancelled.
async fn looks(yielder: Yielder<bool>, token: CancellationToken) {
    loop {
        yielder.yield_item(token.is_cancelled()).await;
    }
}

#[test]
fn aen_001_the_last_token_of_the_enumeration_is_passed_on() {
    let sources = [(); 3].map(|()| CancellationTokenSource::new());
    let [one, two, _] = sources.each_ref().map(CancellationTokenSource::token);
    let mut of_one = ByHand::new(create(looks).with_cancellation(&one));
    let mut of_two = ByHand::new(create(looks).with_cancellation(&one).with_cancellation(&two));
    let mut of_none = ByHand::new(create(looks).with_cancellation(&one).with_cancellation(&CancellationToken::NONE));
    let mut never_told = ByHand::new(create(looks));
    assert_eq!([of_one.item(), of_two.item(), of_none.item(), never_told.item()], [false; 4]);
    sources[0].cancel();
    assert_eq!([of_one.item(), of_two.item(), of_none.item(), never_told.item()], [true, false, false, false]);
    sources[1].cancel();
    assert_eq!([of_two.item(), of_none.item(), never_told.item()], [true, false, false]);
}

#[test]
fn aen_003_one_token_is_observed_and_carried_by_the_error() {
    for as_argument in [true, false] {
        let source = CancellationTokenSource::new();
        let stream = try_create(|yielder: Yielder<u8>, token: CancellationToken| async move {
            yielder.yield_item(1).await;
            token.cancelled().await;
            token.check()
        });
        let token = source.token();
        let stream = if as_argument { stream.token(&token) } else { stream.with_cancellation(&token) };
        let mut stream = ByHand::new(stream);
        assert_eq!(stream.item(), Ok(1));
        assert!(stream.poll().is_pending());
        source.cancel_with("because");
        let error = stream.item().unwrap_err();
        // The token itself is one of the generator's own, so that `close` can tell it, too; its reason is the caller's.
        assert!(error.token().is_cancelled());
        assert_eq!(error.reason().unwrap().to_string(), token.child().token().reason().unwrap().to_string());
        stream.is_over();
    }
}

#[test]
fn both_tokens_are_linked() {
    // Roslyn combines the two when both are given; the generator hears either.
    for which in [0, 1] {
        let sources = [(); 2].map(|()| CancellationTokenSource::new());
        let stream = create(looks).token(&sources[0].token()).with_cancellation(&sources[1].token());
        let mut stream = ByHand::new(stream);
        assert!(!stream.item());
        sources[which].cancel();
        assert!(stream.item());
        assert!(!sources[1 - which].is_cancelled());
    }
}

#[test]
fn aen_005_nothing_runs_before_the_enumeration() {
    let runs = Cell::new(false);
    let mut stream = ByHand::new(
        try_create(|_: Yielder<u8>, token: CancellationToken| {
            let runs = &runs;
            async move {
                runs.set(true);
                token.check()
            }
        })
        .token(&CancellationToken::new(true)),
    );
    assert!(!runs.get());
    assert!(stream.item().is_err(), "and only then the cancellation shows");
    assert!(runs.get());
}

#[test]
fn aen_008_disposed_again_is_no_op() {
    let ends = Log::new();
    let own = ends.clone();
    let mut stream = ByHand::new(create(|yielder, _| async move {
        yielder.yield_item(1).await;
        own.push("cleaned up");
    }));
    assert_eq!(stream.item(), 1);
    for _ in 0..3 {
        smol::block_on(stream.stream.as_mut().close());
    }
    assert_eq!(ends.take(), ["cleaned up"]);
    drop(stream);
    assert_eq!(ends.take().len(), 0);
}

#[test]
fn aen_009_items_and_end_run_where_their_future_is_resumed() {
    // Nothing is captured at an `await` here: where a stream is polled is said of the future that polls it, as a whole.
    let (first, last) = (Jobs::new(), Jobs::new());
    let polls = Log::new();
    let own = polls.clone();
    let mut stream = Box::pin(create(|yielder, _| async move {
        own.push("the item");
        yielder.yield_item(1).await;
        own.push("the end");
    }));
    let whole = async move {
        let item = stream.next().await;
        stream.as_mut().close().await;
        item
    };
    let inner = last.clone();
    let mut whole = Box::pin(async move { whole.resume_on(&inner).await }.resume_on(&first));
    let counter = Counter::new();
    assert!(counter.poll(&mut whole).is_pending());
    assert_eq!(polls.len(), 0);
    first.step();
    assert_eq!(polls.len(), 0);
    last.run();
    assert_eq!(polls.take(), ["the item", "the end"], "in the innermost one, which is said last");
    first.run();
    assert!(counter.poll(&mut whole).is_ready());
}

#[test]
fn aen_010_left_early_or_by_an_error_it_is_disposed_of_once() {
    enum Leaves {
        AtTheEnd,
        Early,
        ByAnError,
        ByClosing,
    }
    for how in [Leaves::AtTheEnd, Leaves::Early, Leaves::ByAnError, Leaves::ByClosing] {
        let (value, drops) = Dropped::new();
        let fails = matches!(how, Leaves::ByAnError);
        let mut stream = ByHand::new(try_create(|yielder, _| async move {
            let _finally = value;
            yielder.yield_item(1).await;
            if fails { Err("failed") } else { Ok(()) }
        }));
        assert_eq!(stream.item(), Ok(1));
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        match how {
            Leaves::AtTheEnd => stream.is_over(),
            Leaves::Early => {}
            Leaves::ByAnError => assert_eq!(stream.item(), Err("failed")),
            Leaves::ByClosing => smol::block_on(stream.stream.as_mut().close()).unwrap(),
        }
        drop(stream);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn asked_again_after_the_end_it_stays_at_the_end() {
    // MoveNextAsync answers false again and again: after the end, after an exception, after DisposeAsync.
    let mut ended = ByHand::new(create(|_: Yielder<u8>, _| async {}));
    let mut failed = ByHand::new(try_create(|_: Yielder<u8>, _| async { Err("failed") }));
    let mut threw = ByHand::new(create(|_: Yielder<u8>, _| async { panic!("thrown") }));
    assert_eq!(failed.item(), Err("failed"));
    assert_eq!(panic_of(|| threw.poll().is_ready()), Some("thrown"));
    for _ in 0..3 {
        ended.is_over();
        failed.is_over();
        threw.is_over();
    }
    assert!(ended.stream.is_terminated() && failed.stream.is_terminated() && threw.stream.is_terminated());
}

#[test]
fn a_cleanup_that_fails_is_what_the_consumer_sees() {
    // An exception in `finally` replaces the one before; here the generator returns one error, and says which.
    let mut stream = Box::pin(try_create(|yielder, token: CancellationToken| async move {
        yielder.yield_item(1).await;
        let result: Result<(), Cancelled> = token.check();
        result.map_err(|_| "the body").or(Err("the cleanup"))
    }));
    smol::block_on(async {
        assert_eq!(stream.next().await, Some(Ok(1)));
        assert_eq!(stream.as_mut().close().await, Err("the cleanup"));
    });
}

#[test]
fn a_token_that_is_cancelled_already_is_not_looked_at_by_the_stream() {
    // .NET's iterators pass it on, and look at it no more than their own code does.
    let stream = create(|yielder, _| async move { yielder.yield_item(1).await });
    let mut stream = ByHand::new(stream.with_cancellation(&CancellationToken::new(true)));
    assert_eq!(stream.item(), 1);
    stream.is_over();
}
