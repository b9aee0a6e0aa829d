//! A future whose panic and whose cancellation end it, and nobody else.

use crate::cancel::{CancellationToken, WaitForCancelledOwned};
use crate::raw::fault::contain;
use crate::shim::thread::{Payload, catch};
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// Ready with the future's output, `None` if it was cancelled, or what it panicked with. The future is gone then.
/// Without std panics pass.
#[pin_project]
pub(super) struct Contained<F> {
    #[pin]
    future: Option<F>,
    token: CancellationToken,
    begun: bool,
    cancelled: Option<WaitForCancelledOwned>,
}

impl<F> Contained<F> {
    pub(super) fn new(token: CancellationToken, future: F) -> Self {
        Self { future: Some(future), token, begun: false, cancelled: None }
    }
}

impl<F: Future> Future for Contained<F> {
    type Output = Result<Option<F::Output>, Payload>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut output = None;
        let polled = if !*this.begun && this.token.is_cancelled() {
            Ok(Poll::Ready(()))
        } else {
            *this.begun = true;
            catch(|| {
                let future = this.future.as_mut().as_pin_mut().expect("it has not ended");
                future.poll(cx).map(|value| output = Some(value))
            })
        };
        if let Ok(Poll::Pending) = polled {
            if !this.token.can_be_cancelled() {
                return Poll::Pending;
            }
            // The future went first: a result that is there is not thrown away.
            let cancelled = this.cancelled.get_or_insert_with(|| this.token.clone().cancelled_owned());
            if Pin::new(cancelled).poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        *this.cancelled = None;
        let dropped = catch(|| this.future.set(None));
        match (polled, dropped) {
            (Ok(_), Ok(())) => Poll::Ready(Ok(output)),
            (Err(first), Ok(())) => Poll::Ready(Err(first)),
            (Err(first), Err(second)) => {
                forget_payload(second);
                Poll::Ready(Err(first))
            }
            (Ok(_), Err(payload)) => {
                contain(|| drop(output));
                Poll::Ready(Err(payload))
            }
        }
    }
}

/// Drops what a panic carried that comes second.
pub(super) fn forget_payload(payload: Payload) {
    contain(|| {
        let _dropped = payload;
    });
}

/// Goes on with a panic that was caught.
#[cfg(feature = "std")]
pub(super) fn go_on(payload: Payload) -> ! {
    crate::shim::thread::resume(payload)
}

/// Without std none was.
#[cfg(not(feature = "std"))]
pub(super) fn go_on(payload: Payload) -> ! {
    match payload {}
}
