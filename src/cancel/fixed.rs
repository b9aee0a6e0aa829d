//! Sources in a `static`, without a heap.

use super::{Cancellation, CancellationSlot, Full, StaticCancelled, StaticReason, TryRegisterError};
use crate::raw::callback::Plain;
use crate::raw::fixed::{FixedHandle, FixedNode, FixedRegistration, FixedSlot, Refused};
use core::fmt;
use core::task::{Context, Poll};

/// A source with `N` slots for waiters, callbacks and children, 1 to 14 of them, without a heap.
///
/// It can be made in a `static`: on 32 bits it takes 16 bytes, and 12 for each slot. Everything it offers may be called
/// from an interrupt handler that preempted any of it, as long as the wakers and callbacks that run there may: see
/// [what that means](crate::guide::without_a_heap).
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
#[doc(alias = "CancellationTokenSource")]
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
        StaticToken { handle: self.handle() }
    }

    /// True once cancelled: one load.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.handle().is_cancelled()
    }

    pub(super) fn handle(&self) -> FixedHandle<'_> {
        self.node.handle()
    }

    /// Cancels; true for the call that did.
    ///
    /// From then on this source and all that are linked below it read as cancelled. Then all who wait on any of them are
    /// woken, then the callbacks run: the last registered first, those of a linked source in the place of its link. All of
    /// that happens in this call. Below a source that somebody else is cancelling at this moment, that call does it.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker or callback, after all have run. Without std the others run while it unwinds.
    pub fn cancel(&self) -> bool {
        self.handle().cancel()
    }

    /// Makes a cancelled source new; true if it can be used. On one that is not cancelled it does nothing, and answers
    /// true.
    ///
    /// Links to its children and to its parent stay. Slots and registrations that are held stay valid: the slots take part
    /// in the next round, the callbacks of this one are over. A timer that is armed stays armed.
    ///
    /// False, and the source stays as it is:
    ///
    /// * while a waiter that was pending has not seen the cancellation: its slot was neither polled since, nor dropped;
    /// * while `cancel()` delivers, so also inside its wakers and callbacks;
    /// * while another call resets it, which this one has preempted, say: that one decides;
    /// * while the parent is cancelled: reset that first. Sources that are linked in a circle stay cancelled for ever;
    /// * while the parent, which was cancelled when this source was linked to it, has no slot for the link, or another call
    ///   is putting it there.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::StaticCancellationTokenSource;
    ///
    /// static ROUND: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    ///
    /// for _ in 0..3 {
    ///     assert!(ROUND.cancel());
    ///     assert!(ROUND.try_reset() && !ROUND.is_cancelled());
    /// }
    /// ```
    #[doc(alias = "TryReset")]
    pub fn try_reset(&self) -> bool {
        self.node.try_reset()
    }

    /// A slot to wait in.
    ///
    /// # Errors
    ///
    /// [`Full`] if all are taken. Nobody is ever evicted. On a cancelled source it does not fail: if all are taken, the
    /// slot has no place, and is ready for ever.
    pub fn slot(&self) -> Result<StaticSlot<'_>, Full> {
        self.token().into_slot()
    }

    /// Has this source cancelled with `parent`, for ever. It takes one of the parent's slots, and can be done once: true
    /// for the call that did.
    ///
    /// If the parent has been cancelled, this source is too. The link takes its slot when this source is
    /// [reset](Self::try_reset).
    ///
    /// Two sources that are linked to each other are cancelled together, once; they, and one that is linked to itself, cannot
    /// be [reset](Self::try_reset).
    ///
    /// # Errors
    ///
    /// [`Full`] if the parent has no slot.
    #[doc(alias = "CreateLinkedTokenSource")]
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
        let handle = self.handle();
        let mut debug = f.debug_struct("StaticCancellationTokenSource");
        debug.field("is_cancelled", &handle.is_cancelled()).field("listeners", &handle.listeners()).finish()
    }
}

/// Observes a [`StaticCancellationTokenSource`]. One word.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticCancellationTokenSource, TryRegisterError};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
///
/// let token = STOP.token();
/// let mut registration = token.try_register(|| println!("stop")).unwrap();
/// assert_eq!(token.listeners(), 1);
/// assert!(matches!(token.try_register(|| ()), Err(TryRegisterError::Full(_))));
/// assert!(registration.unregister() && token.listeners() == 0);
/// STOP.cancel(); // prints nothing
/// assert!(token.is_cancelled());
/// ```
#[doc(alias = "CancellationToken")]
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

    /// Why the source was cancelled; `None` if it was not. One load.
    #[must_use]
    pub fn reason(&self) -> Option<StaticReason> {
        self.handle.reason().map(|(deadline, inherited)| StaticReason::new(deadline, inherited))
    }

    /// An error once cancelled, so that `token.check()?` ends an operation. One load.
    ///
    /// # Errors
    ///
    /// [`StaticCancelled`], with the reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{StaticCancellationTokenSource, StaticCancelled, StaticToken};
    ///
    /// fn sum(samples: &[u32], stop: StaticToken<'_>) -> Result<u32, StaticCancelled> {
    ///     let mut sum = 0;
    ///     for sample in samples {
    ///         stop.check()?;
    ///         sum += sample;
    ///     }
    ///     Ok(sum)
    /// }
    ///
    /// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    /// assert_eq!(sum(&[1, 2], STOP.token()).unwrap(), 3);
    /// STOP.cancel();
    /// assert!(sum(&[1, 2], STOP.token()).unwrap_err().reason().is_requested());
    /// ```
    #[doc(alias = "ThrowIfCancellationRequested")]
    pub fn check(&self) -> Result<(), StaticCancelled> {
        self.reason().map_or(Ok(()), |reason| Err(StaticCancelled::new(reason)))
    }

    /// Has `callback`, which may capture one word at most, run when the source is cancelled: once, in this round.
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
            Err((Plain(callback), Refused::Full)) => Err(TryRegisterError::Full(callback)),
            Err((Plain(callback), Refused::Cancelled)) => Err(TryRegisterError::Cancelled(callback)),
        }
    }

    /// How many waiters, callbacks and children are registered at the moment; zero once cancelled. For diagnostics.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.handle.listeners()
    }

    fn into_slot(self) -> Result<StaticSlot<'a>, Full> {
        self.handle.slot().map(|slot| StaticSlot { slot }).ok_or(Full)
    }
}

impl PartialEq for StaticToken<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.handle.is_same(other.handle)
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

/// A slot of a source without a heap: it is the waiter's until it is dropped, also when the source is reset.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationSlot, Full, StaticCancellationTokenSource, StaticSlot};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
///
/// # smol::block_on(async {
/// let mut slot: StaticSlot<'_> = STOP.slot()?;
/// STOP.cancel();
/// slot.cancelled().await;
/// STOP.try_reset();
/// STOP.cancel();
/// slot.cancelled().await; // the next round, in the same slot
/// # Ok::<(), Full>(())
/// # }).unwrap();
/// ```
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
/// not started, and gives its slot back; it never blocks.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticCancellationTokenSource, StaticRegistration};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
///
/// let mut motor_off: StaticRegistration<'_> = STOP.token().try_register(|| println!("motor off")).unwrap();
/// STOP.cancel(); // prints it
/// assert!(!motor_off.unregister());
/// ```
#[must_use = "dropping it takes the callback back"]
pub struct StaticRegistration<'a> {
    raw: FixedRegistration<'a>,
}

impl StaticRegistration<'_> {
    /// Takes the callback back, and gives its slot back: true if and only if this call did it, and it will never run.
    pub fn unregister(&mut self) -> bool {
        self.raw.unregister()
    }
}

impl fmt::Debug for StaticRegistration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticRegistration").finish_non_exhaustive()
    }
}
