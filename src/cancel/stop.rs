//! The token that a future ends early by, if it was given one.

use super::{CancellationToken, Cancelled, WaitForCancelled};
use core::pin::Pin;
use core::task::{Context, Poll};

/// None: it never does.
pub(crate) struct Stop<'a>(Option<(&'a CancellationToken, WaitForCancelled<'a>)>);

impl<'a> Stop<'a> {
    pub(crate) const fn never() -> Self {
        Self(None)
    }

    pub(crate) fn by(token: &'a CancellationToken) -> Self {
        Self(Some((token, token.cancelled())))
    }

    pub(crate) fn token(&self) -> Option<&'a CancellationToken> {
        self.0.as_ref().map(|(token, _)| *token)
    }

    /// The token is cancelled already.
    #[inline]
    pub(crate) fn now(&self) -> Option<Cancelled> {
        self.0.as_ref().and_then(|(token, _)| token.check().err())
    }

    /// Ready once the token is cancelled.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Cancelled> {
        match &mut self.0 {
            Some((token, cancelled)) => Pin::new(cancelled).poll(cx).map(|()| Cancelled::new(token.clone())),
            None => Poll::Pending,
        }
    }

    /// Waits no longer.
    #[inline]
    pub(crate) fn leave(&mut self) {
        if self.0.is_some() {
            self.0 = None;
        }
    }
}
