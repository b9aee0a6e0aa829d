//! A task's cell in a `static`, without a heap.

use crate::cancel::Full;
use crate::raw::fixed_cell::{FixedCell, FixedCellHandle, FixedCellSlot};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// A value that is set once and seen by everybody, with `N` slots for those who wait, 1 to 11 of them, without a heap.
///
/// It can be made in a `static`: on 32 bits it takes 16 bytes, 24 for each slot, and the value. Everything it offers may be
/// called from an interrupt handler that preempted any of it, as long as the wakers that run there may: see [what that
/// means](crate::guide::without_a_heap). It is source and task in one: how a task ends is up to `V`, say a `Result`,
/// and nothing is ever abandoned, since nobody owns the right to complete it.
///
/// Completing wakes those who wait in the order in which they began to.
///
/// # Examples
///
/// ```
/// use taskcell::{Full, StaticTaskCell};
///
/// static SAMPLE: StaticTaskCell<u16, 2> = StaticTaskCell::new();
///
/// async fn report() -> Result<u16, Full> {
///     let sample = SAMPLE.slot()?; // the one thing that can fail: both slots are taken
///     Ok(*sample.await)
/// }
/// SAMPLE.try_set(512).unwrap(); // from an interrupt handler, say
/// assert_eq!(SAMPLE.try_set(513), Err(513));
/// # smol::block_on(async { assert_eq!(report().await, Ok(512)) });
/// ```
///
/// Without waiting, and with a cell that is not in a `static`:
///
/// ```
/// use taskcell::StaticTaskCell;
///
/// let cell = StaticTaskCell::<u16, 2>::new();
/// assert!(cell.get().is_none() && !cell.is_completed());
/// assert_eq!(cell.listeners(), 0);
/// cell.try_set(512).unwrap();
/// assert_eq!(cell.get(), Some(&512));
/// assert_eq!(cell.into_inner(), Some(512));
/// ```
#[doc(alias = "OnceCell")]
#[doc(alias = "SetOnce")]
#[doc(alias = "Signal")]
pub struct StaticTaskCell<V, const N: usize> {
    cell: FixedCell<V, N>,
}

impl<V, const N: usize> StaticTaskCell<V, N> {
    /// A cell without a value. With no slot or more than 11 it does not compile.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self { cell: FixedCell::new() }
    }

    /// A cell without a value.
    #[cfg(loom)]
    #[must_use]
    pub fn new() -> Self {
        Self { cell: FixedCell::new() }
    }

    /// Sets the value and wakes those who wait.
    ///
    /// # Errors
    ///
    /// The value, if the cell has one, or somebody is just setting it: that one has won, and who preempted it may not see
    /// its value yet.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker, after all have been woken. Without std the others are woken while it unwinds.
    #[doc(alias = "TrySetResult")]
    pub fn try_set(&self, value: V) -> Result<(), V> {
        self.cell.handle().try_set(value)
    }

    /// The value, once there is one: one load.
    #[must_use]
    #[doc(alias = "Result")]
    pub fn get(&self) -> Option<&V> {
        self.cell.handle().get()
    }

    /// True once there is a value.
    #[must_use]
    #[doc(alias = "IsCompleted")]
    pub fn is_completed(&self) -> bool {
        self.get().is_some()
    }

    /// The value, if there is one.
    #[must_use]
    pub fn into_inner(self) -> Option<V> {
        self.cell.into_value()
    }

    /// How many wait at the moment; zero once there is a value. For diagnostics.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.cell.handle().listeners()
    }

    /// A slot to wait in.
    ///
    /// # Errors
    ///
    /// [`Full`] if all are taken. Nobody is ever evicted. Once there is a value there is always one.
    pub fn slot(&self) -> Result<StaticTaskSlot<'_, V>, Full> {
        self.cell.handle().slot().map(|slot| StaticTaskSlot { slot }).map_err(|_| Full)
    }
}

impl<V, const N: usize> Default for StaticTaskCell<V, N> {
    fn default() -> Self {
        Self::new()
    }
}

fn describe<V>(cell: FixedCellHandle<'_, V>, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut debug = f.debug_struct(name);
    debug.field("is_completed", &cell.get().is_some()).field("listeners", &cell.listeners()).finish_non_exhaustive()
}

impl<V, const N: usize> fmt::Debug for StaticTaskCell<V, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(self.cell.handle(), "StaticTaskCell", f)
    }
}

/// A slot of a [`StaticTaskCell`], which is the waiter's until it is dropped: a future that is ready with the value, and
/// ready again if polled again.
///
/// It keeps its place among those who wait from its first poll on, whatever waker it is polled with later.
///
/// # Cancel safety
///
/// Dropping it leaves nothing behind. `(&mut slot).await` keeps the slot.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticTaskCell, StaticTaskSlot};
///
/// static READY: StaticTaskCell<u8, 1> = StaticTaskCell::new();
///
/// let mut slot: StaticTaskSlot<'_, u8> = READY.slot().unwrap();
/// READY.try_set(7).unwrap();
/// # smol::block_on(async {
/// assert_eq!(*(&mut slot).await, 7);
/// assert_eq!(*slot.await, 7); // as often as one likes
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them, and dropping it gives the slot back"]
pub struct StaticTaskSlot<'a, V> {
    slot: FixedCellSlot<'a, V>,
}

impl<'a, V> Future for StaticTaskSlot<'a, V> {
    type Output = &'a V;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a V> {
        self.slot.poll(cx)
    }
}

impl<V> FusedFuture for StaticTaskSlot<'_, V> {
    fn is_terminated(&self) -> bool {
        // Polled again it is ready again.
        false
    }
}

impl<V> fmt::Debug for StaticTaskSlot<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(self.slot.cell(), "StaticTaskSlot", f)
    }
}
