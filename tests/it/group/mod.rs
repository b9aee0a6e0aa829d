//! Task groups: children that a future joins.
mod dropped;
mod errors;
mod hostile;
mod hot;
mod limits;
mod random;
mod values;

use crate::support::Counter;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Polls until it is ready, as often as it was woken.
fn drive<F: Future + Unpin>(future: &mut F) -> F::Output {
    let counter = Counter::new();
    let mut polls = 0;
    loop {
        let before = counter.wakes();
        if let Poll::Ready(output) = counter.poll(future) {
            return output;
        }
        polls += 1;
        assert!(counter.wakes() > before, "nobody wakes it");
        assert!(polls < 1_000_000, "it never ends");
    }
}

/// Polls until nobody wakes it any more; it must be pending then.
fn settle<F: Future + Unpin>(counter: &Arc<Counter>, future: &mut F) {
    for _ in 0..1000 {
        let before = counter.wakes();
        assert!(counter.poll(future).is_pending());
        if counter.wakes() == before {
            return;
        }
    }
    panic!("it wakes itself for ever");
}

/// Pending once; wakes.
struct Once(bool);

impl Future for Once {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
