//! The token that ends a retry.

use core::fmt;
use core::task::{Context, Poll};

use crate::cancel::{Cancellation, CancellationSlot, Full};

/// What ends a retry from outside.
pub trait Stop {
    /// A place to wait in is taken, once for the whole retry.
    ///
    /// # Errors
    ///
    /// [`Full`] if there is none.
    fn prepare(&mut self) -> Result<(), Full>;
    /// True once it has ended.
    fn is_cancelled(&self) -> bool;
    /// Ready once it has ended; the last waker given is woken. After `prepare`.
    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// The place is given back.
    fn release(&mut self);
}

/// Nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoToken;

impl Stop for NoToken {
    #[inline]
    fn prepare(&mut self) -> Result<(), Full> {
        Ok(())
    }
    #[inline]
    fn is_cancelled(&self) -> bool {
        false
    }
    #[inline]
    fn poll_cancelled(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
    #[inline]
    fn release(&mut self) {}
}

/// A token of any kind.
pub struct OnToken<'a, K: Cancellation> {
    token: &'a K,
    slot: Option<K::Slot<'a>>,
}

impl<'a, K: Cancellation> OnToken<'a, K> {
    pub(super) fn new(token: &'a K) -> Self {
        Self { token, slot: None }
    }
}

impl<K: Cancellation> Stop for OnToken<'_, K> {
    #[inline]
    fn prepare(&mut self) -> Result<(), Full> {
        self.slot = Some(self.token.slot()?);
        Ok(())
    }
    #[inline]
    fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }
    #[inline]
    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.slot.as_mut().map_or(Poll::Pending, |slot| slot.poll_cancelled(cx))
    }
    #[inline]
    fn release(&mut self) {
        self.slot = None;
    }
}

impl<K: Cancellation> fmt::Debug for OnToken<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnToken").field("is_cancelled", &self.token.is_cancelled()).finish_non_exhaustive()
    }
}
