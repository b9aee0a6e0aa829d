//! The error that stops a loop, and those that came after it.

use alloc::vec::Vec;
use core::mem::take;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;

use super::flight::{InFlight, Start};
use super::hot::Cancelling;
use crate::task::AggregateError;

/// Errors of bodies, each with the index of its item.
pub(super) struct Failures<E> {
    first: Option<(usize, E)>,
    /// Those after it: it has cancelled the others.
    secondary: Vec<(usize, E)>,
}

impl<E> Failures<E> {
    pub(super) const fn new() -> Self {
        Self { first: None, secondary: Vec::new() }
    }

    /// Runs the bodies to their end; at the first error no more are begun, and the others are cancelled.
    pub(super) fn run<S, B>(
        &mut self,
        mut flight: Pin<&mut InFlight<S, B, B::Future>>,
        cancelling: &mut Cancelling,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), AggregateError<E>>>
    where
        S: Stream,
        B: Start<S::Item, Future: Future<Output = Result<(), E>>>,
    {
        while let Some((index, result)) = ready!(flight.as_mut().poll_next(cx)) {
            let Err(error) = result else { continue };
            if self.first.is_some() {
                self.secondary.push((index, error));
                continue;
            }
            self.first = Some((index, error));
            flight.as_mut().stop();
            cancelling.cancel();
        }
        cancelling.disarm();
        Poll::Ready(match self.first.take() {
            Some(first) => Err(AggregateError::new([first]).and_secondary(take(&mut self.secondary))),
            None => Ok(()),
        })
    }
}
