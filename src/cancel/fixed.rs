//! Sources in a `static`, without a heap.

use super::{Cancellation, CancellationSlot, Full, TryRegisterError};
use crate::raw::callback::Plain;
use crate::raw::fixed::{FixedHandle, FixedNode, FixedRegistration, FixedSlot};
use crate::raw::registry::NoSlot;
use crate::raw::run::Fate;
use core::fmt;
use core::task::{Context, Poll};

/// A source with `N` slots for waiters, callbacks and children, 1 to 14 of them, without a heap.
///
/// It can be made in a `static`. Everything it offers may be called from an interrupt handler that preempted any of it,
/// as long as the wakers and callbacks that run there may.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationSlot, Full, StaticCancellationTokenSource};
///
/// static STOP: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
///
/// async fn worker() -> Result<(), Full> {
///     let mut stop = STOP.slot()?; // the one thing that can fail: both slots are taken
///     stop.cancelled().await;
///     Ok(())
/// }
/// STOP.cancel(); // from an interrupt handler, say
/// # smol::block_on(worker()).unwrap();
/// ```
pub struct StaticCancellationTokenSource<const N: usize> {
    node: FixedNode<N>,
}

impl<const N: usize> StaticCancellationTokenSource<N> {
    /// A source that has not been cancelled. With no slot or more than 14 it does not compile.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self { node: FixedNode::new() }
    }

    /// A source that has not been cancelled.
    #[cfg(loom)]
    #[must_use]
    pub fn new() -> Self {
        Self { node: FixedNode::new() }
    }

    /// A token of this source.
    #[must_use]
    pub fn token(&self) -> StaticToken<'_> {
        StaticToken { handle: self.node.handle() }
    }

    /// True once cancelled: one load.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.node.handle().is_cancelled()
    }

    /// Cancels, as [`CancellationTokenSource::cancel`](crate::CancellationTokenSource::cancel) does; true for the call
    /// that did.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker or callback, after all have run. Without std the others run while it unwinds.
    pub fn cancel(&self) -> bool {
        self.node.handle().cancel()
    }

    /// A slot to wait in.
    ///
    /// # Errors
    ///
    /// [`Full`] if all are taken. Nobody is ever evicted.
    pub fn slot(&self) -> Result<StaticSlot<'_>, Full> {
        self.token().into_slot()
    }

    /// Has this source cancelled with `parent`, for ever. It takes one of the parent's slots, and can be done once: true
    /// for the call that did. If the parent has been cancelled, this source is too.
    ///
    /// Two sources that are linked to each other are cancelled together.
    ///
    /// # Errors
    ///
    /// [`Full`] if the parent has no slot.
    pub fn link<const M: usize>(
        &'static self,
        parent: &'static StaticCancellationTokenSource<M>,
    ) -> Result<bool, Full> {
        self.node.link(&parent.node).map_err(|_| Full)
    }
}

impl<const N: usize> Default for StaticCancellationTokenSource<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Debug for StaticCancellationTokenSource<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handle = self.node.handle();
        let mut debug = f.debug_struct("StaticCancellationTokenSource");
        debug.field("is_cancelled", &handle.is_cancelled()).field("listeners", &handle.listeners()).finish()
    }
}

/// Observes a [`StaticCancellationTokenSource`].
#[derive(Clone, Copy)]
pub struct StaticToken<'a> {
    handle: FixedHandle<'a>,
}

impl<'a> StaticToken<'a> {
    /// True once cancelled: one load.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.handle.is_cancelled()
    }

    /// Has `callback`, which may capture one word at most, run when the source is cancelled.
    ///
    /// # Errors
    ///
    /// The callback, and why: no slot is free, or the source has been cancelled.
    pub fn try_register<F: FnOnce() + Send + 'static>(
        &self,
        callback: F,
    ) -> Result<StaticRegistration<'a>, TryRegisterError<F>> {
        match self.handle.register(Plain(callback)) {
            Ok(raw) => Ok(StaticRegistration { raw }),
            Err((Plain(callback), NoSlot::Full)) => Err(TryRegisterError::Full(callback)),
            Err((Plain(callback), _)) => Err(TryRegisterError::Cancelled(callback)),
        }
    }

    /// How many waiters, callbacks and children are registered at the moment; zero once cancelled. For diagnostics.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.handle.listeners()
    }

    fn into_slot(self) -> Result<StaticSlot<'a>, Full> {
        self.handle.slot().map(|slot| StaticSlot { slot }).map_err(|_| Full)
    }
}

impl PartialEq for StaticToken<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.handle.is_same(&other.handle)
    }
}

impl Eq for StaticToken<'_> {}

impl fmt::Debug for StaticToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken").field("is_cancelled", &self.is_cancelled()).finish()
    }
}

impl<'t> Cancellation for StaticToken<'t> {
    type Slot<'a>
        = StaticSlot<'t>
    where
        Self: 'a;

    fn is_cancelled(&self) -> bool {
        self.handle.is_cancelled()
    }

    fn can_be_cancelled(&self) -> bool {
        true
    }

    fn slot(&self) -> Result<Self::Slot<'_>, Full> {
        self.into_slot()
    }
}

/// A slot of a source without a heap: it is the waiter's until it is dropped.
#[must_use = "dropping it gives the slot back"]
pub struct StaticSlot<'a> {
    slot: FixedSlot<'a>,
}

impl CancellationSlot for StaticSlot<'_> {
    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.slot.poll(cx)
    }
}

impl fmt::Debug for StaticSlot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticSlot").finish_non_exhaustive()
    }
}

/// A callback that waits for the cancellation of a source without a heap. Dropping it takes the callback back if it has
/// not started; it never blocks.
#[must_use = "dropping it takes the callback back"]
pub struct StaticRegistration<'a> {
    raw: FixedRegistration<'a>,
}

impl StaticRegistration<'_> {
    /// Takes the callback back: true if and only if it will never run.
    pub fn unregister(&mut self) -> bool {
        self.raw.unregister() == Fate::Removed
    }
}

impl fmt::Debug for StaticRegistration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticRegistration").finish_non_exhaustive()
    }
}
