//! What section A asks of a crate, and each crate's answer. The waker is `Waker::noop()` everywhere.

use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Something that is fired once and wakes who waits for it.
pub(super) trait Signal {
    /// The source with what is needed to wait on it.
    type Source;
    type Wait<'a>: Future;
    fn source() -> Self::Source;
    fn wait(source: &Self::Source) -> Self::Wait<'_>;
    fn fire(source: &Self::Source);
}

/// A signal whose sources form trees.
pub(super) trait Tree: Signal {
    /// What keeps a node alive.
    type Node: 'static;
    /// A waiter that needs nothing beside itself.
    type Owned: Future + 'static;
    /// What children are made from.
    type Parent<'a>;
    fn root() -> Self::Node;
    fn parent(node: &Self::Node) -> Self::Parent<'_>;
    fn child(parent: &Self::Parent<'_>) -> Self::Node;
    fn child_of(source: &Self::Source) -> Self::Node;
    fn owned(node: &Self::Node) -> Self::Owned;
    fn cancel(node: &Self::Node);
}

/// The context of every poll.
pub(super) fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// Polls a future that must be pending, in a context of many polls.
pub(super) fn pending<F: Future + ?Sized>(future: Pin<&mut F>, context: &mut Context<'_>) {
    assert!(future.poll(context).is_pending(), "a waiter was ready too early");
}

/// The same in a context of its own, as a row does that polls one future at a time; the context is in the count. Inlined,
/// so that the call that is counted is the one under test.
#[inline(always)]
pub(super) fn pending_once<F: Future + ?Sized>(future: Pin<&mut F>) {
    let waker = black_box(Waker::noop().clone());
    assert!(black_box(future.poll(&mut Context::from_waker(&waker))).is_pending(), "a waiter was ready too early");
}

/// Polls a future that must be ready.
pub(super) fn ready<F: Future + ?Sized>(future: Pin<&mut F>, context: &mut Context<'_>) -> F::Output {
    match future.poll(context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a waiter was not ready"),
    }
}

/// `count` waiters, registered.
pub(super) fn crowd<S: Signal>(source: &S::Source, count: usize) -> Vec<Pin<Box<S::Wait<'_>>>> {
    let mut context = context();
    let join = |_| {
        let mut wait = Box::pin(S::wait(source));
        pending(wait.as_mut(), &mut context);
        wait
    };
    (0..count).map(join).collect()
}

/// taskcell.
pub(super) struct Ours;

impl Signal for Ours {
    type Source = (taskcell::CancellationTokenSource, taskcell::CancellationToken);
    type Wait<'a> = taskcell::WaitForCancelled<'a>;

    fn source() -> Self::Source {
        let source = taskcell::CancellationTokenSource::new();
        let token = source.token();
        (source, token)
    }

    fn wait(source: &Self::Source) -> Self::Wait<'_> {
        source.1.cancelled()
    }

    fn fire(source: &Self::Source) {
        source.0.cancel();
    }
}

impl Tree for Ours {
    type Node = taskcell::CancellationTokenSource;
    type Owned = taskcell::WaitForCancelledOwned;
    type Parent<'a> = taskcell::CancellationToken;

    fn root() -> Self::Node {
        taskcell::CancellationTokenSource::new()
    }

    fn parent(node: &Self::Node) -> Self::Parent<'_> {
        node.token()
    }

    fn child(parent: &Self::Parent<'_>) -> Self::Node {
        parent.child()
    }

    fn child_of(source: &Self::Source) -> Self::Node {
        source.1.child()
    }

    fn owned(node: &Self::Node) -> Self::Owned {
        node.token().cancelled_owned()
    }

    fn cancel(node: &Self::Node) {
        node.cancel();
    }
}

/// tokio-util's `CancellationToken`.
pub(super) struct TokioUtil;

impl Signal for TokioUtil {
    type Source = tokio_util::sync::CancellationToken;
    type Wait<'a> = tokio_util::sync::WaitForCancellationFuture<'a>;

    fn source() -> Self::Source {
        tokio_util::sync::CancellationToken::new()
    }

    fn wait(source: &Self::Source) -> Self::Wait<'_> {
        source.cancelled()
    }

    fn fire(source: &Self::Source) {
        source.cancel();
    }
}

impl Tree for TokioUtil {
    type Node = tokio_util::sync::CancellationToken;
    type Owned = tokio_util::sync::WaitForCancellationFutureOwned;
    type Parent<'a> = &'a tokio_util::sync::CancellationToken;

    fn root() -> Self::Node {
        tokio_util::sync::CancellationToken::new()
    }

    fn parent(node: &Self::Node) -> Self::Parent<'_> {
        node
    }

    fn child(parent: &Self::Parent<'_>) -> Self::Node {
        parent.child_token()
    }

    fn child_of(source: &Self::Source) -> Self::Node {
        source.child_token()
    }

    fn owned(node: &Self::Node) -> Self::Owned {
        node.clone().cancelled_owned()
    }

    fn cancel(node: &Self::Node) {
        node.cancel();
    }
}

/// futures-intrusive's `ManualResetEvent`: a signal only.
pub(super) struct Intrusive;

impl Signal for Intrusive {
    type Source = futures_intrusive::sync::ManualResetEvent;
    type Wait<'a> = futures_intrusive::sync::GenericWaitForEventFuture<'a, parking_lot::RawMutex>;

    fn source() -> Self::Source {
        futures_intrusive::sync::ManualResetEvent::new(false)
    }

    fn wait(source: &Self::Source) -> Self::Wait<'_> {
        source.wait()
    }

    fn fire(source: &Self::Source) {
        source.set();
    }
}

/// event-listener's `Event`: a signal only, and one allocation a listener.
pub(super) struct Listener;

impl Signal for Listener {
    type Source = event_listener::Event;
    type Wait<'a> = event_listener::EventListener;

    fn source() -> Self::Source {
        event_listener::Event::new()
    }

    fn wait(source: &Self::Source) -> Self::Wait<'_> {
        source.listen()
    }

    fn fire(source: &Self::Source) {
        source.notify(usize::MAX);
    }
}

/// maitake-sync's `WaitQueue`: a signal only.
pub(super) struct Maitake;

impl Signal for Maitake {
    type Source = maitake_sync::WaitQueue;
    type Wait<'a> = maitake_sync::wait_queue::Wait<'a>;

    fn source() -> Self::Source {
        maitake_sync::WaitQueue::new()
    }

    fn wait(source: &Self::Source) -> Self::Wait<'_> {
        source.wait()
    }

    fn fire(source: &Self::Source) {
        source.close();
    }
}

/// stop-token: a channel that is closed by dropping its source.
pub(super) struct Stop;

impl Signal for Stop {
    type Source = (Cell<Option<stop_token::StopSource>>, stop_token::StopToken);
    type Wait<'a> = stop_token::StopToken;

    fn source() -> Self::Source {
        let source = stop_token::StopSource::new();
        let token = source.token();
        (Cell::new(Some(source)), token)
    }

    fn wait(source: &Self::Source) -> Self::Wait<'_> {
        source.1.clone()
    }

    fn fire(source: &Self::Source) {
        drop(source.0.take());
    }
}
