//! Who has a load's future and polls it: a caller, or a job on an executor.

use super::entry::Answer;
use super::flight::{Failure, Load};
use super::policy::{ErrorPolicy, Handover};
use super::shared::Shared;
use crate::cancel::{CancellationToken, CancellationTokenSource};
use crate::raw::fault::{Panics, Then, contain, drain};
use crate::shim::heap::Arc;
use crate::shim::thread::catch;
use crate::task::{Fault, Panic};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// It leads a flight. Dropped, it hands over.
pub(super) struct Leader<K, V, E> {
    shared: Arc<Shared<K, V, E>>,
    /// None once it has ended.
    flight: Option<usize>,
    load: Option<Load<V, E>>,
    /// Foreign code has begun and has not returned: what is left when it panicked is of no use.
    spoiled: bool,
    hot: bool,
}

impl<K, V, E> Leader<K, V, E> {
    pub(super) fn new(shared: &Arc<Shared<K, V, E>>, flight: usize, load: Option<Load<V, E>>) -> Self {
        Self { shared: shared.clone(), flight: Some(flight), load, spoiled: false, hot: false }
    }

    pub(super) fn has_load(&self) -> bool {
        self.load.is_some()
    }

    pub(super) fn flight(&self) -> usize {
        self.flight.expect("it leads")
    }

    /// It is an executor's from now on.
    pub(super) fn heat(&mut self) {
        self.hot = true;
    }

    /// Calls the loader.
    pub(super) fn begin(&mut self, loader: impl FnOnce(CancellationToken) -> Load<V, E>) {
        self.spoiled = true;
        if self.shared.cancels {
            let source = CancellationTokenSource::new();
            let load = loader(source.token());
            let number = self.flight();
            let handle = source.clone();
            if self.shared.with(|state| state.flights.get(number).begun(handle)) {
                source.cancel();
            }
            self.load = Some(load);
        } else {
            self.load = Some(loader(CancellationToken::NONE));
        }
        self.spoiled = false;
    }

    /// Polls the load. It has no load any longer once it is ready.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<V, E>> {
        self.spoiled = true;
        let load = self.load.as_mut().expect("it has begun");
        let poll = load.as_mut().poll(cx);
        if poll.is_ready() {
            self.load = None;
        }
        self.spoiled = false;
        poll
    }

    /// Ends with the load's result. Those who wait have it; what is returned is for the leader alone.
    pub(super) fn land(mut self, result: Result<V, E>) -> Answer<V, E>
    where
        K: Eq,
    {
        let answer = match result {
            Ok(value) => Answer::Value(Arc::new(value)),
            Err(error) => Answer::Fault(Fault::new(error)),
        };
        if let (Answer::Fault(fault), ErrorPolicy::RetryNext) = (&answer, self.shared.errors) {
            let failure = self.hot.then(|| Failure::Faulted(fault.clone()));
            self.give_up(None, failure, true);
            return answer;
        }
        // A clock or a key's `Eq` that panics leaves this to be dropped.
        self.spoiled = true;
        let span = self.shared.answer_span(&answer);
        let (number, own) = (self.flight(), answer.clone());
        let flight = &mut self.flight;
        self.shared.with_after(|state, after| {
            state.land(number, own, span, after);
            *flight = None;
        });
        answer
    }

    fn give_up(&mut self, load: Option<Load<V, E>>, failure: Option<Failure<E>>, failed: bool) {
        if let Some(number) = self.flight.take() {
            self.shared.with_after(|state, after| state.give_up(number, load, failure, failed, after));
        }
    }
}

impl<K, V, E> Drop for Leader<K, V, E> {
    #[inline]
    fn drop(&mut self) {
        if self.flight.is_some() {
            self.hand_over();
        }
    }
}

impl<K, V, E> Leader<K, V, E> {
    #[cold]
    fn hand_over(&mut self) {
        let mut panics = Panics::new();
        let mut load = self.load.take();
        if self.spoiled || self.shared.handover == Handover::Restart {
            // Before another one begins.
            drain(&mut panics, || drop(load.take()));
        }
        let mut failure = self.hot.then_some(Failure::Abandoned);
        let spoiled = self.spoiled;
        drain(&mut panics, || self.give_up(load.take(), failure.take(), spoiled));
        panics.settle(Then::Resume);
    }
}

/// A load that an executor polls.
pub(super) struct Job<K, V, E>(pub(super) Option<Leader<K, V, E>>);

impl<K: Eq, V, E> Future for Job<K, V, E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(leader) = &mut self.0 else { return Poll::Ready(()) };
        match catch(|| leader.poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => {
                if let Some(leader) = self.0.take() {
                    drop(leader.land(result));
                }
            }
            Err(payload) => {
                if let Some(mut leader) = self.0.take() {
                    let load = leader.load.take();
                    contain(|| drop(load));
                    leader.give_up(None, Some(Failure::Panicked(Panic::new(payload))), true);
                }
            }
        }
        Poll::Ready(())
    }
}

impl<K, V, E> Unpin for Job<K, V, E> {}
