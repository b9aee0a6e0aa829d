//! What all tokens have in common, on the heap or borrowed.

use super::{Full, RunInSlot};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// A token of any kind: combinators take this.
///
/// Implemented by `CancellationToken`, by [`StaticToken`](super::StaticToken) and by references to them.
///
/// # Examples
///
/// ```
/// use taskcell::{Cancellation, CancellationSlot};
///
/// async fn until_told(token: &impl Cancellation) -> Result<(), taskcell::Full> {
///     token.slot()?.cancelled().await;
///     Ok(())
/// }
/// # smol::block_on(until_told(&taskcell::CancellationToken::new(true))).unwrap();
/// ```
///
/// One's own function for tokens of any kind:
///
/// ```
/// use taskcell::{Cancellation, CancellationToken, StaticCancellationTokenSource};
///
/// fn state(token: &impl Cancellation) -> &'static str {
///     match (token.is_cancelled(), token.can_be_cancelled()) {
///         (true, _) => "cancelled",
///         (false, true) => "not yet",
///         (false, false) => "never",
///     }
/// }
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
/// assert_eq!(state(&STOP.token()), "not yet");
/// assert_eq!(state(&CancellationToken::NONE), "never");
/// ```
pub trait Cancellation {
    /// A place to wait in.
    type Slot<'a>: CancellationSlot
    where
        Self: 'a;

    /// True once cancelled.
    fn is_cancelled(&self) -> bool;

    /// False if it is not cancelled and never will be.
    fn can_be_cancelled(&self) -> bool;

    /// A place to wait in, which cannot fail once it is there.
    ///
    /// # Errors
    ///
    /// [`Full`] if all places are taken: only where there is no heap.
    fn slot(&self) -> Result<Self::Slot<'_>, Full>;
}

/// A place in which one waiter at a time waits for a cancellation.
///
/// # Examples
///
/// ```
/// use core::future::poll_fn;
/// use core::task::Poll;
/// use taskcell::{Cancellation, CancellationSlot, CancellationTokenSource};
///
/// async fn read(port: &mut impl Iterator<Item = u8>, slot: &mut impl CancellationSlot) -> Option<u8> {
///     poll_fn(|cx| match port.next() {
///         Some(byte) => Poll::Ready(Some(byte)),
///         None => slot.poll_cancelled(cx).map(|()| None), // woken by the cancellation
///     })
///     .await
/// }
///
/// let source = CancellationTokenSource::new();
/// let token = source.token();
/// # smol::block_on(async {
/// let mut slot = token.slot()?;
/// assert_eq!(read(&mut [7].into_iter(), &mut slot).await, Some(7));
/// source.cancel();
/// assert_eq!(read(&mut [].into_iter(), &mut slot).await, None);
/// slot.cancelled().await; // the same, as a future
/// # Ok::<(), taskcell::Full>(())
/// # }).unwrap();
/// ```
pub trait CancellationSlot: Unpin {
    /// Ready once cancelled; otherwise the last waker given is woken when it is.
    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// A future that is ready once cancelled.
    fn cancelled(&mut self) -> SlotCancelled<'_, Self> {
        SlotCancelled { slot: self }
    }

    /// Runs a future of any kind until the cancellation: `None` then, and the future is dropped with this one.
    ///
    /// If it is cancelled at the first poll the future is not polled at all. Later the future goes first, so that a result
    /// that is there is not thrown away. It cannot fail, since the place to wait in is there: the second such future waits
    /// in it, too, after the first. [`until_cancelled`](crate::until_cancelled) takes a token, and gives the future back.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future. The place stays.
    ///
    /// # Panics
    ///
    /// Polled after it was ready, it polls a future that may panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationSlot, Full, StaticCancellationTokenSource, yield_now};
    ///
    /// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    ///
    /// async fn work() -> Result<u32, Full> {
    ///     let mut stop = STOP.slot()?;
    ///     let mut rounds = 0;
    ///     while stop.run_until_cancelled(async { yield_now().await }).await.is_some() {
    ///         rounds += 1;
    ///         # if rounds == 3 { STOP.cancel(); }
    ///     }
    ///     Ok(rounds)
    /// }
    /// # assert_eq!(smol::block_on(work()), Ok(3));
    /// ```
    #[doc(alias = "WaitAsync")]
    #[doc(alias = "WithCancellation")]
    fn run_until_cancelled<F: IntoFuture>(&mut self, future: F) -> RunInSlot<'_, F::IntoFuture, Self> {
        RunInSlot::new(self, future.into_future())
    }
}

/// Ready once cancelled; made by [`CancellationSlot::cancelled`].
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct SlotCancelled<'a, S: ?Sized> {
    slot: &'a mut S,
}

impl<S: CancellationSlot + ?Sized> Future for SlotCancelled<'_, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.slot.poll_cancelled(cx)
    }
}

/// Polls a future beside a slot: the future first, so that a result that is there is not thrown away. `None`: cancelled.
#[inline]
pub(crate) fn poll_until<F: Future>(
    future: Pin<&mut F>,
    slot: &mut (impl CancellationSlot + ?Sized),
    cx: &mut Context<'_>,
) -> Poll<Option<F::Output>> {
    if let Poll::Ready(output) = future.poll(cx) {
        return Poll::Ready(Some(output));
    }
    slot.poll_cancelled(cx).map(|()| None)
}

impl<T: Cancellation + ?Sized> Cancellation for &T {
    type Slot<'a>
        = T::Slot<'a>
    where
        Self: 'a;

    fn is_cancelled(&self) -> bool {
        (**self).is_cancelled()
    }

    fn can_be_cancelled(&self) -> bool {
        (**self).can_be_cancelled()
    }

    fn slot(&self) -> Result<Self::Slot<'_>, Full> {
        (**self).slot()
    }
}

#[cfg(feature = "alloc")]
impl Cancellation for super::CancellationToken {
    type Slot<'a> = super::WaitForCancelled<'a>;

    fn is_cancelled(&self) -> bool {
        self.is_cancelled()
    }

    fn can_be_cancelled(&self) -> bool {
        self.can_be_cancelled()
    }

    fn slot(&self) -> Result<Self::Slot<'_>, Full> {
        Ok(self.cancelled())
    }
}
