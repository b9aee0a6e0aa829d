//! `Yielder`: what a generator gives its items to.

use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::slot::{Offered, Slot};
use crate::shim::heap::Shared as Arc;
use crate::waiting::Place;

/// Gives items to the stream of one generator; made by [`create`](super::create) and [`try_create`](super::try_create).
///
/// It is bound to that stream and to no other, wherever it is carried: into a function, by reference or as a clone, or
/// into another task, if the items are `Send`. It does not keep the stream alive.
///
/// Several items may be offered at the same time, in the generator or beside it. Each is delivered once, in the order in
/// which they were offered (the first polls of their futures).
///
/// # When the stream has ended
///
/// The stream ends when the generator does, or when its consumer drops it. An item that was offered from elsewhere before
/// the generator's end is still delivered. From then on an item that is offered is dropped, and its future never
/// completes; it holds no waker, so that an executor may let the task go. [`is_closed`](Self::is_closed) tells.
#[doc(alias = "yield return")]
#[doc(alias = "Sender")]
pub struct Yielder<T> {
    slot: Arc<Slot<T>>,
}

impl<T> Yielder<T> {
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        Self { slot }
    }

    /// Gives an item to the consumer, and waits until it was taken.
    ///
    /// The future is ready when the consumer asks for the item after this one: the generator never runs ahead of its
    /// consumer. While the stream is closed by `close()` the item is dropped, and the future is ready after it has given
    /// other tasks a turn. Nothing is allocated, unless several items are offered at the same time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the item was taken takes the item back, and drops it. If the future is forgotten
    /// (`mem::forget`) the item stays offered.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use taskcell::stream::{Yielder, create};
    ///
    /// async fn count(yielder: &Yielder<u32>, to: u32) {
    ///     for n in 1..=to {
    ///         yielder.yield_item(n).await;
    ///     }
    /// }
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let numbers = create(|yielder, _| async move {
    ///     count(&yielder, 2).await;
    ///     count(&yielder, 3).await;
    /// });
    /// assert_eq!(numbers.collect::<Vec<_>>().await, [1, 2, 1, 2, 3]);
    /// # })
    /// ```
    #[doc(alias = "emit")]
    #[doc(alias = "send")]
    #[inline]
    pub fn yield_item(&self, item: T) -> YieldItem<'_, T> {
        YieldItem { slot: &self.slot, at: At::New(item) }
    }

    /// Whether nobody takes items any more: the stream has ended, was dropped, or is being closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use taskcell::stream::create;
    ///
    /// let (sender, receiver) = smol::channel::bounded(1);
    /// let items = create(|yielder, _token| async move {
    ///     smol::spawn(async move {
    ///         yielder.yield_item(1).await; // another task may yield
    ///         while !yielder.is_closed() {
    ///             smol::future::yield_now().await;
    ///         }
    ///         sender.send("nobody reads any more").await.unwrap();
    ///     })
    ///     .await
    /// });
    /// # smol::block_on(async {
    /// let mut items = Box::pin(items);
    /// assert_eq!(items.next().await, Some(1));
    /// drop(items);
    /// # });
    /// # drop(receiver);
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.slot.is_closed()
    }
}

impl<T> Clone for Yielder<T> {
    fn clone(&self) -> Self {
        Self { slot: self.slot.clone() }
    }
}

impl<T> fmt::Debug for Yielder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yielder").field("is_closed", &self.is_closed()).finish()
    }
}

/// Where an item is.
enum At<T> {
    /// It was not offered.
    New(T),
    /// It lies in the slot, under this number.
    InSlot(usize),
    /// It lies with this place in the line.
    InLine(Place),
    /// The stream is closing, and others have their turn.
    Turn,
    /// The stream has ended without it.
    Ended,
    Over,
}

/// The future of [`Yielder::yield_item`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct YieldItem<'a, T> {
    slot: &'a Slot<T>,
    at: At<T>,
}

// The item is never pinned.
impl<T> Unpin for YieldItem<'_, T> {}

impl<T> Future for YieldItem<'_, T> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let At::InSlot(number) = self.at {
            if self.slot.is_served(number) || self.slot.wait_in_slot(number, cx.waker()) {
                self.at = At::Over;
                return Poll::Ready(());
            }
            return Poll::Pending;
        }
        if matches!(self.at, At::New(_)) && self.slot.is_polling(cx.waker()) {
            let At::New(item) = mem::replace(&mut self.at, At::Over) else { unreachable!("just seen") };
            match self.slot.offer_alone(item) {
                Ok(number) => self.at = At::InSlot(number),
                Err(item) => self.offer(item, None, cx),
            }
            return Poll::Pending;
        }
        self.poll_rest(cx)
    }
}

impl<T> YieldItem<'_, T> {
    #[cold]
    fn offer(&mut self, item: T, waker: Option<Waker>, cx: &mut Context<'_>) {
        match self.slot.offer(item, waker) {
            Offered::InSlot(number) => self.at = At::InSlot(number),
            Offered::InLine(place) => self.at = At::InLine(place),
            Offered::Closing(_dropped) => {
                self.at = At::Turn;
                cx.waker().wake_by_ref();
            }
            Offered::Ended(_dropped) => self.at = At::Ended,
        }
    }

    #[cold]
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self.at, At::New(_)) {
            // Before the item moves: a clone may panic.
            let waker = cx.waker().clone();
            let At::New(item) = mem::replace(&mut self.at, At::Over) else { unreachable!("just seen") };
            self.offer(item, Some(waker), cx);
            return Poll::Pending;
        }
        match &self.at {
            At::InLine(place) if !self.slot.wait_in_line(place, cx.waker()) => return Poll::Pending,
            At::Ended => return Poll::Pending,
            At::Over => panic!("polled after it was ready"),
            _ => {}
        }
        if let At::InLine(place) = mem::replace(&mut self.at, At::Over) {
            let not_taken = self.slot.leave(place);
            if not_taken.is_some() {
                self.at = At::Ended;
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

impl<T> Drop for YieldItem<'_, T> {
    #[inline]
    fn drop(&mut self) {
        match self.at {
            At::InSlot(number) if !self.slot.is_served(number) => self.slot.withdraw(number),
            At::InLine(_) => {
                if let At::InLine(place) = mem::replace(&mut self.at, At::Over) {
                    drop(self.slot.leave(place));
                }
            }
            _ => {}
        }
    }
}

impl<T> fmt::Debug for YieldItem<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YieldItem").field("is_over", &matches!(self.at, At::Over)).finish_non_exhaustive()
    }
}
