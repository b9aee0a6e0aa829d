//! A group that has begun: it polls its body and its lazy children, starts what has waited for room, and joins all.
//!
//! A poll looks at what hot children have left, polls the body, takes in the children that have come, and polls those that
//! were woken, until so many have ended. Then it listens, and looks again: whoever comes after that finds a listener. If
//! there is more to do it wakes its own task, so that others have their turn.

use super::bell::Listener;
use super::child::{Child, Inbox};
use super::faults::Faults;
use super::handle::{TaskGroup, TaskGroupHandle};
use super::shared::{Shared, Tokens};
use crate::cancel::{CancellationToken, CancellationTokenSource, Cancelled};
use crate::raw::children::{Children, Growing};
use crate::raw::fault::contain;
use crate::shim::heap::Shared as Arc;
use crate::shim::queue::ConcurrentQueue;
use crate::shim::thread::{Payload, resume_or, run_all};
use crate::task::{AggregateError, TaskError};
use core::iter::once;
use core::task::{Poll, Waker};

/// Children that may end in a poll.
const ENDS: usize = 32;

/// What a group gives.
pub(super) type Outcome<R, E> = Result<R, AggregateError<TaskError<E>>>;

/// Its fields go in this order: nobody is accepted, then the body and the lazy children go, then the token is cancelled,
/// which ends the hot ones; each of them past the panics of the others.
pub(super) struct Running<U, R, T, E: 'static, F> {
    _door: Door<T, E, F>,
    body: Children<U>,
    children: Growing<Child<F>>,
    waiting: Waiting<F>,
    /// Cancelled when the group has failed, or goes. Hot children that were handed to an executor begin until then.
    stop: Cancels,
    /// Below it: cancelled also when the body has ended well. Of those that wait for room none begins from then on.
    source: CancellationTokenSource,
    refused: Refused<T, E>,
    listener: Listener,
    faults: Faults<E>,
    /// The body's, once it has ended well.
    value: Option<R>,
    /// Whether those who waited for room last were hot.
    hot_last: bool,
}

impl<U, R, T, E, F> Running<U, R, T, E, F>
where
    U: Future<Output = Result<R, E>>,
    E: 'static,
    F: Future<Output = Result<T, E>>,
{
    pub(super) fn new(
        parent: &CancellationToken,
        limit: Option<usize>,
        body: impl FnOnce(TaskGroup<T, E, F>) -> U,
    ) -> Self {
        // What a panic of the body leaves undone these do: it may have started children.
        let stop = Cancels(CancellationTokenSource::linked([parent]));
        let source = stop.0.token().child();
        let ((listener, group), (takes, taker)) = (Listener::new(), Listener::new());
        let refused = Refused(Arc::new(Shared::new(Tokens { source: &source, stop: &stop.0 }, limit, group, taker)));
        let waiting = Waiting(Arc::new(ConcurrentQueue::unbounded()));
        let handle = TaskGroupHandle { shared: refused.0.clone(), inbox: waiting.0.clone() };
        let door = Door(handle.clone());
        let body = body(TaskGroup { handle, listener: takes });
        Self {
            _door: door,
            body: Children::collect(once(body)),
            children: Growing::new(),
            waiting,
            stop,
            source,
            refused,
            listener,
            faults: Faults::new(),
            value: None,
            hot_last: false,
        }
    }

    fn shared(&self) -> &Arc<Shared<T, E>> {
        &self.refused.0
    }

    pub(super) fn poll(&mut self, waker: &Waker) -> Poll<()> {
        assert!(!self.body.has_panicked(), "`task_group` polled after its body panicked");
        self.take_errors();
        self.poll_body(waker);
        self.take_in();
        if self.value.is_some() && !self.faults.cancelling {
            // There was room for those that have just been taken in. No others begin.
            self.faults.cancelling = true;
            self.source.cancel();
            self.take_in();
        }
        let more = self.poll_children(waker);
        if self.ends() {
            return Poll::Ready(());
        }
        self.listener.listen(waker);
        if more || self.has_news() {
            waker.wake_by_ref();
        }
        Poll::Pending
    }

    /// What it gives; it has ended.
    pub(super) fn into_outcome(self) -> Outcome<R, E> {
        let Self { faults, value, .. } = self;
        faults.result()?;
        Ok(value.expect("the body has ended well"))
    }

    /// Takes as many of those who wait as there is room for. None of them begins once the token is cancelled.
    fn take_in(&mut self) {
        let waiting = self.waiting.0.len() + self.shared().deferred.len();
        for _ in 0..waiting {
            if self.shared().token.is_cancelled() {
                if let Ok(Child { number, future }) = self.waiting.0.pop() {
                    let cancelled = Cancelled::new(self.shared().token.clone());
                    self.faults.add(number, TaskError::Cancelled(cancelled));
                    self.shared().leave();
                    drop(future);
                } else if let Ok(hot) = self.shared().deferred.pop() {
                    hot.refuse();
                }
                continue;
            }
            if !self.shared().enter() {
                break;
            }
            self.hot_last = !self.hot_last;
            let hot = if self.hot_last { self.shared().deferred.pop().ok() } else { None };
            if let Some(hot) = hot {
                hot.start();
            } else if let Ok(child) = self.waiting.0.pop() {
                self.children.push(child);
            } else if let Ok(hot) = self.shared().deferred.pop() {
                hot.start();
            } else {
                self.shared().make_room();
            }
        }
        self.settle();
    }

    /// Polls the children that were woken; answers whether more of them may be ready.
    fn poll_children(&mut self, waker: &Waker) -> bool {
        for _ in 0..ENDS {
            let Poll::Ready(Some((_, (number, result)))) = self.children.poll_next(waker) else { return false };
            let shared = &self.refused.0;
            shared.make_room();
            match result {
                Ok(value) => {
                    let refused = shared.values.push(value);
                    shared.leave();
                    drop(refused);
                }
                Err(error) => {
                    self.faults.add(number, TaskError::of_error(error));
                    shared.leave();
                    self.settle();
                }
            }
        }
        true
    }

    fn poll_body(&mut self, waker: &Waker) {
        match self.body.poll_any(waker) {
            None => {}
            Some((_, Err(error))) => {
                self.faults.add(0, TaskError::of_error(error));
                self.settle();
            }
            Some((_, Ok(value))) => self.value = Some(value),
        }
    }

    /// Looks at how hot children have failed.
    fn take_errors(&mut self) {
        while let Ok((number, error)) = self.shared().errors.pop() {
            self.faults.add(number, error);
            self.settle();
        }
    }

    /// Cancels at the first error.
    fn settle(&mut self) {
        if self.faults.is_to_cancel() {
            self.faults.cancelling = true;
            self.stop.0.cancel();
        }
    }

    /// Whether the body has ended, and all children. Nobody is accepted from then on.
    fn ends(&mut self) -> bool {
        let ends = self.body.live() == 0 && self.children.is_empty() && self.shared().close_if_empty();
        if ends {
            // What the last one has left.
            self.take_errors();
        }
        ends
    }

    /// Whether something has come since it was looked for, of which no ring will tell.
    fn has_news(&self) -> bool {
        let shared = self.shared();
        let waits = !self.waiting.0.is_empty() || !shared.deferred.is_empty();
        (waits && (shared.has_room() || shared.token.is_cancelled()))
            || !shared.errors.is_empty()
            || (self.body.live() == 0 && self.children.is_empty() && shared.is_over())
    }
}

impl<U, R, T, E, F> Running<U, R, T, E, F> {
    /// How many children have not ended.
    pub(super) fn count(&self) -> usize {
        self.refused.0.count()
    }
}

/// Drops what a panic carried that cannot go on.
fn forget(payload: Payload) {
    contain(|| {
        let _dropped = payload;
    });
}

/// Closes the group.
struct Door<T, E: 'static, F>(TaskGroupHandle<T, E, F>);

impl<T, E: 'static, F> Drop for Door<T, E, F> {
    fn drop(&mut self) {
        let TaskGroupHandle { shared, inbox } = &self.0;
        shared.close();
        inbox.close();
        shared.errors.close();
    }
}

/// Lazy children that the group has not seen: they go with it.
struct Waiting<F>(Inbox<F>);

impl<F> Drop for Waiting<F> {
    fn drop(&mut self) {
        let first = run_all(|| self.0.pop().map(drop).is_ok());
        resume_or(first, forget);
    }
}

/// Cancels the group's token.
struct Cancels(CancellationTokenSource);

impl Drop for Cancels {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Hot children that were never started: their tasks end as cancelled.
struct Refused<T, E>(Arc<Shared<T, E>>);

impl<T, E> Drop for Refused<T, E> {
    fn drop(&mut self) {
        // Not before the token is cancelled: who finds it closed polls a future that is to see that.
        self.0.deferred.close();
        let first = run_all(|| self.0.deferred.pop().map(|hot| hot.refuse()).is_ok());
        resume_or(first, forget);
        // Who takes values elsewhere is told that there will be none.
        self.0.ring_taker();
    }
}
