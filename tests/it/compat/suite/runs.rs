//! Futures beside tokens: who goes first, who is dropped when.
use super::Waiting;
use super::tokio_util::future::FutureExt;
use super::tokio_util::sync::CancellationToken;
use crate::support::{Dropped, Latch, panic_of};
use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

/// The ways to put a future beside a token.
const WAYS: [Way; 4] = [Way::Run, Way::RunOwned, Way::With, Way::WithOwned];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Run,
    RunOwned,
    With,
    WithOwned,
}

type Run<'a, T> = Waiting<Pin<Box<dyn Future<Output = Option<T>> + 'a>>>;

impl Way {
    fn run<'a, F: Future + 'a>(self, token: &'a CancellationToken, future: F) -> Run<'a, F::Output> {
        Waiting::new(match self {
            Self::Run => Box::pin(token.run_until_cancelled(future)),
            Self::RunOwned => Box::pin(token.clone().run_until_cancelled_owned(future)),
            Self::With => Box::pin(future.with_cancellation_token(token)),
            Self::WithOwned => Box::pin(future.with_cancellation_token_owned(token.clone())),
        })
    }

    /// Whether it looks at the token when it is made, and later after the future only.
    fn is_method(self) -> bool {
        matches!(self, Self::With | Self::WithOwned)
    }
}

/// Ready at its poll number `last`; counts its polls.
fn counted<'a>(polls: &'a Cell<u32>, last: u32) -> impl Future<Output = u32> + 'a {
    poll_fn(move |_| {
        polls.set(polls.get() + 1);
        if polls.get() < last { Poll::Pending } else { Poll::Ready(polls.get()) }
    })
}

#[test]
fn it_ends_with_the_future() {
    for way in WAYS {
        let (token, polls) = (CancellationToken::new(), Cell::new(0));
        let mut run = way.run(&token, counted(&polls, 3));
        assert!(run.poll().is_pending() && run.poll().is_pending());
        assert_eq!((run.output(), run.wakes()), (Some(3), 0));
        drop(run);
        assert!(!token.is_cancelled());
    }
}

#[test]
fn it_ends_with_the_token() {
    for way in WAYS {
        let (token, polls) = (CancellationToken::new(), Cell::new(0));
        let mut run = way.run(&token, counted(&polls, u32::MAX));
        assert!(run.poll().is_pending());
        token.cancel();
        assert_eq!((run.wakes(), run.output()), (1, None));
        // The future had its chance.
        assert_eq!(polls.get(), 2);
    }
}

#[test]
fn a_cancelled_token_comes_before_a_ready_future() {
    for way in WAYS {
        let (token, polls) = (CancellationToken::new(), Cell::new(0));
        token.cancel();
        let mut run = way.run(&token, counted(&polls, 1));
        assert_eq!((run.output(), polls.get(), run.wakes(), run.waker.held()), (None, 0, 0, 0), "{way:?}");
    }
}

#[test]
fn a_token_that_is_cancelled_before_the_first_poll() {
    for way in WAYS {
        let (token, polls) = (CancellationToken::new(), Cell::new(0));
        let mut ready = way.run(&token, counted(&polls, 1));
        token.cancel();
        // Methods of futures have looked at the token already.
        assert_eq!((ready.output(), polls.get()), if way.is_method() { (Some(1), 1) } else { (None, 0) }, "{way:?}");
        let token = CancellationToken::new();
        polls.set(0);
        let mut waiting = way.run(&token, counted(&polls, u32::MAX));
        token.cancel();
        assert_eq!((waiting.output(), polls.get()), (None, u32::from(way.is_method())), "{way:?}");
    }
}

#[test]
fn later_a_ready_future_comes_before_a_cancelled_token() {
    for way in WAYS {
        let (token, polls) = (CancellationToken::new(), Cell::new(0));
        let mut run = way.run(&token, counted(&polls, 2));
        assert!(run.poll().is_pending());
        token.cancel();
        assert_eq!((run.wakes(), run.output()), (1, Some(2)));
    }
}

#[test]
fn a_future_that_cancels_its_own_token() {
    for way in WAYS {
        let token = CancellationToken::new();
        let mut wins = way.run(&token, async {
            token.cancel();
            1
        });
        assert_eq!(wins.output(), Some(1));
        let token = CancellationToken::new();
        let mut loses = way.run(&token, async {
            token.cancel();
            pending::<()>().await;
        });
        assert_eq!((loses.output(), loses.wakes()), (None, 0));
    }
}

#[test]
fn both_wake_it() {
    for way in WAYS {
        let (token, latch) = (CancellationToken::new(), Latch::new());
        let mut run = way.run(&token, async { latch.reached(1).await });
        assert!(run.poll().is_pending());
        latch.arrive();
        assert_eq!(run.wakes(), 1);
        token.cancel();
        assert_eq!((run.wakes(), run.output()), (2, Some(())));
    }
}

#[test]
fn a_cancelled_parent_ends_it() {
    for way in WAYS {
        let parent = CancellationToken::new();
        let token = parent.child_token();
        let mut run = way.run(&token, pending::<()>());
        assert!(run.poll().is_pending());
        parent.cancel();
        assert_eq!((run.wakes(), run.output()), (1, None));
    }
}

#[test]
fn one_that_is_dropped_drops_its_future_and_leaves_no_waker() {
    for way in WAYS {
        for polls in 0..2 {
            let (token, (dropped, drops)) = (CancellationToken::new(), Dropped::new());
            let mut run = way.run(&token, async move {
                let _dropped = dropped;
                pending::<()>().await;
            });
            for _ in 0..polls {
                assert!(run.poll().is_pending());
            }
            let waker = run.waker.clone();
            drop(run);
            assert_eq!((drops.load(Ordering::SeqCst), waker.held()), (1, 0));
            token.cancel();
            assert_eq!(waker.wakes(), 0);
        }
    }
}

/// A future that counts its drops, and is ready when told.
struct Own {
    ready: Arc<AtomicUsize>,
    _dropped: Dropped,
}

impl Future for Own {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
        match self.ready.load(Ordering::SeqCst) {
            0 => Poll::Pending,
            1 => Poll::Ready(()),
            _ => std::panic::resume_unwind(Box::new("poll")),
        }
    }
}

/// An `async fn` drops what it holds when it ends, methods of futures when they are dropped.
#[test]
fn who_keeps_a_future_that_has_ended() {
    for way in WAYS {
        for told in [1, 2] {
            let (token, ready, (dropped, drops)) = (CancellationToken::new(), Arc::default(), Dropped::new());
            let mut run = way.run(&token, Own { ready: Arc::clone(&ready), _dropped: dropped });
            assert!(run.poll().is_pending());
            ready.store(told, Ordering::SeqCst);
            if told == 1 {
                assert_eq!(run.output(), Some(()));
            } else {
                assert_eq!(panic_of(|| run.poll()), Some("poll"));
            }
            let kept = usize::from(way.is_method());
            assert_eq!((drops.load(Ordering::SeqCst), run.waker.held()), (1 - kept, kept), "{way:?}");
            if !way.is_method() {
                assert!(panic_of(|| run.poll()).is_some(), "polled after its end");
            }
            drop(run);
            assert_eq!(drops.load(Ordering::SeqCst), 1);
        }
    }
}

#[test]
fn cancelled_it_drops_its_future_at_once() {
    for way in [Way::Run, Way::RunOwned] {
        for polls in 0..2 {
            let (token, (dropped, drops)) = (CancellationToken::new(), Dropped::new());
            let mut run = way.run(&token, Own { ready: Arc::default(), _dropped: dropped });
            for _ in 0..polls {
                assert!(run.poll().is_pending());
            }
            token.cancel();
            assert_eq!((run.output(), drops.load(Ordering::SeqCst)), (None, 1));
        }
    }
    // On a cancelled token the method does not even keep the future.
    let (token, (dropped, drops)) = (CancellationToken::new(), Dropped::new());
    token.cancel();
    let mut with = Way::With.run(&token, Own { ready: Arc::default(), _dropped: dropped });
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!((with.output(), with.output()), (None, None));
}

#[test]
fn a_chain_of_methods() {
    let (outer, inner) = (CancellationToken::new(), CancellationToken::new());
    let both = ready(1).with_cancellation_token(&inner).with_cancellation_token(&outer);
    assert_eq!(smol::block_on(both), Some(Some(1)));
    inner.cancel();
    let both = pending::<()>().with_cancellation_token(&inner).with_cancellation_token(&outer);
    assert_eq!(smol::block_on(both), Some(None));
    outer.cancel();
    let both = pending::<()>().with_cancellation_token(&inner).with_cancellation_token(&outer);
    assert_eq!(smol::block_on(both), None);
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let token = CancellationToken::new();
    let (run, owned) =
        (token.run_until_cancelled(never_polled()), token.clone().run_until_cancelled_owned(never_polled()));
    let with = never_polled().with_cancellation_token(&token);
    drop((run, owned, with));
    token.cancel();
}

async fn never_polled() {
    panic!("polled");
}
