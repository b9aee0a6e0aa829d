//! `BreakerCall`: a future behind a breaker.

use super::circuit::Outcome;
use super::judge::{CallVerdict, ErrIsFailure, JudgeCall};
use super::{BreakerPermit, CircuitBreaker};
use crate::resilience::Rejected;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// The future of [`CircuitBreaker::call`], which says it all.
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct BreakerCall<F, J = ErrIsFailure> {
    breaker: CircuitBreaker,
    judge: J,
    /// There until it ends. Before the permit: the place of a probe is taken until all of it has gone.
    #[pin]
    future: Option<F>,
    permit: Option<BreakerPermit>,
}

impl<F, J> BreakerCall<F, J> {
    pub(super) fn new(breaker: CircuitBreaker, future: F, judge: J) -> Self {
        Self { breaker, permit: None, judge, future: Some(future) }
    }
}

impl<F: Future, J> BreakerCall<F, J> {
    /// Which results are failures: the closure answers true for them, false for successes; or it answers a
    /// [`CallVerdict`], which knows results that count as neither.
    #[doc(alias = "ShouldHandle")]
    #[doc(alias = "recordException")]
    pub fn handle<V: Into<CallVerdict>, H: FnMut(&F::Output) -> V>(self, judge: H) -> BreakerCall<F, H> {
        let Self { breaker, permit, judge: _, future } = self;
        BreakerCall { breaker, permit, judge, future }
    }
}

impl<F: Future, J: JudgeCall<F::Output>> Future for BreakerCall<F, J> {
    type Output = Result<F::Output, Rejected>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was ready");
        if this.permit.is_none() {
            match this.breaker.try_acquire() {
                Ok(permit) => *this.permit = Some(permit),
                Err(rejected) => {
                    this.future.set(None);
                    return Poll::Ready(Err(rejected));
                }
            }
        }
        let mut failed = FailedIfItPanics(this.permit.take());
        let polled = future.poll(cx);
        let Poll::Ready(output) = polled else {
            *this.permit = failed.0.take();
            return Poll::Pending;
        };
        let verdict = this.judge.judge(&output);
        // The place of a probe is taken until all of it has gone.
        this.future.set(None);
        if let Some(mut permit) = failed.0.take() {
            permit.end(verdict.into());
        }
        Poll::Ready(Ok(output))
    }
}

/// A call that panics has failed.
pub(super) struct FailedIfItPanics(pub(super) Option<BreakerPermit>);

impl Drop for FailedIfItPanics {
    fn drop(&mut self) {
        if let Some(mut permit) = self.0.take() {
            permit.end(Outcome::Failure);
        }
    }
}

impl<F, J> fmt::Debug for BreakerCall<F, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("BreakerCall");
        debug.field("breaker", &self.breaker).field("permit", &self.permit).finish_non_exhaustive()
    }
}
