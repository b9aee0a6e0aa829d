//! Iterators that block.
use crate::support::{Latch, panic_of};
use futures_util::stream::{iter, pending};
use std::thread;
use taskcell::stream::{blocking_iter, create};
use taskcell::{CancellationTokenSource, no_blocking, yield_now};

#[test]
fn a_thread_waits_for_each_item() {
    let gate = Latch::new();
    let own = gate.clone();
    let stream = create(|yielder, _| async move {
        for n in 1..=3 {
            own.reached(n).await;
            yield_now().await;
            yielder.yield_item(n).await;
        }
    });
    let mut items = blocking_iter(stream).unwrap();
    gate.arrive();
    assert_eq!(items.next(), Some(1));
    let other = thread::spawn(move || (gate.arrive(), gate.arrive()));
    assert_eq!((items.next(), items.next(), items.next(), items.next()), (Some(2), Some(3), None, None));
    other.join().unwrap();
}

#[test]
fn it_is_refused_where_a_thread_must_not_block() {
    let refused = no_blocking("the loop", || blocking_iter(iter([1])).map(drop));
    assert_eq!(refused.unwrap_err().name(), "the loop");
    // Made elsewhere, it gives what is there, and does not wait.
    let mut items = blocking_iter(futures_util::StreamExt::chain(iter([1]), pending())).unwrap();
    no_blocking("the loop", || {
        assert_eq!(items.next(), Some(1));
        assert!(panic_of(|| items.next()).is_some());
    });
}

#[test]
fn a_token_ends_the_waiting() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut items = blocking_iter(taskcell::stream::with_cancellation(pending::<u8>(), &token)).unwrap();
    let other = thread::spawn(move || source.cancel());
    assert!(items.next().unwrap().is_err());
    assert_eq!(items.next(), None);
    other.join().unwrap();
    assert_eq!(token.listeners(), 0);
}
