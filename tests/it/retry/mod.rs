//! `retry` and `Backoff`.

mod backoff;
mod ends;
mod hostile;
mod limits;
mod model;
mod plans;
mod rules;

use core::num::NonZeroU32;
use core::time::Duration;
use std::cell::Cell;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

pub(crate) const MS: Duration = Duration::from_millis(1);

pub(crate) fn times(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// A retry on the heap, to be polled by hand.
pub(crate) fn started<R: IntoFuture>(retry: R) -> Pin<Box<R::IntoFuture>> {
    Box::pin(retry.into_future())
}

/// Fails so many times, then gives the number of the attempt that succeeded.
pub(crate) fn failing(calls: &Cell<u32>, failures: u32) -> impl FnMut(taskcell::RetryAttempt) -> Outcome + '_ {
    move |attempt| {
        assert_eq!(attempt.number, calls.replace(calls.get() + 1));
        std::future::ready(if attempt.number < failures { Err(attempt.number) } else { Ok(attempt.number) })
    }
}

pub(crate) type Outcome = std::future::Ready<Result<u32, u32>>;

/// Polls a future that must be ready.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it is pending"),
    }
}
