//! Lazy values.
use crate::support::{Counter, Latch};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use taskcell::{AsyncLazy, CacheError};

#[test]
fn loaded_once_when_it_is_asked_for() {
    let (count, gate) = (Arc::new(AtomicUsize::new(0)), Latch::new());
    let (counted, opened) = (count.clone(), gate.clone());
    let lazy: AsyncLazy<usize, ()> = AsyncLazy::new(move |_| {
        let (count, gate) = (counted.clone(), opened.clone());
        async move {
            gate.reached(1).await;
            Ok(count.fetch_add(1, Ordering::SeqCst))
        }
    });
    let counter = Counter::new();
    assert_eq!((lazy.peek(), lazy.is_loading(), count.load(Ordering::SeqCst)), (None, false, 0));
    let (mut one, mut two) = (lazy.get(), lazy.get());
    assert!(counter.poll(&mut one).is_pending());
    assert!(counter.poll(&mut two).is_pending());
    assert!(lazy.is_loading());
    assert_eq!(format!("{lazy:?}"), "AsyncLazy { is_loaded: false, is_loading: true, .. }");
    gate.arrive();
    assert!(matches!(counter.poll(&mut one), Poll::Ready(Ok(0))));
    assert!(matches!(counter.poll(&mut two), Poll::Ready(Ok(0))));
    assert_eq!(smol::block_on(async { (&lazy).await }).unwrap(), 0);
    assert_eq!(smol::block_on(lazy.refresh()).unwrap(), 1);
    assert_eq!((lazy.peek(), lazy.clone().peek()), (Some(1), Some(1)));
    lazy.reset();
    assert_eq!(smol::block_on(lazy.get()).unwrap(), 2);
    lazy.set(9);
    assert_eq!((lazy.peek(), lazy.statistics().loads), (Some(9), 3));
}

#[test]
fn a_failure_is_not_kept() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let lazy: AsyncLazy<usize, &str> = AsyncLazy::new(move |_| {
        let n = counted.fetch_add(1, Ordering::SeqCst);
        async move { if n == 0 { Err("down") } else { Ok(n) } }
    });
    assert!(matches!(smol::block_on(lazy.get()), Err(CacheError::Faulted(fault)) if *fault == "down"));
    assert_eq!(smol::block_on(lazy.get()).unwrap(), 1);
}
