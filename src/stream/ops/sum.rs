//! `sum` and `average`.

use core::fmt;
use core::ops::ControlFlow;

use super::number::{Averaged, Summand};
use super::reduction::{Rule, named};

/// The sum of the items, zero if there are none: the rule of [`sum`](super::AsyncEnumerableExt::sum).
///
/// Whole numbers and durations are checked, in debug and in release builds: with the item that is too much the answer is
/// [`Overflow`], and no other is asked for. To add up in a larger type, map first. Floats are added in order, in their own
/// type, and overflow into infinity; a NaN makes the sum NaN. (.NET adds `float`s up in a `double`.)
///
/// # Errors
///
/// [`Overflow`] if a sum on the way is more than the type can hold.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::{AsyncEnumerableExt, Overflow};
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter([100_u8, 100]).sum().await, Ok(200));
/// assert_eq!(stream::iter([100_u8, 100, 100]).sum().await, Err(Overflow));
/// assert_eq!(stream::iter([100_u8, 100, 100]).map(u32::from).sum().await, Ok(300));
/// # })
/// ```
#[doc(alias = "SumAsync")]
pub struct Sum<T>(Option<T>);

impl<T: Summand> Sum<T> {
    pub(super) const fn new() -> Self {
        Self(Some(T::ZERO))
    }
}

impl<T: Summand> Rule<T> for Sum<T> {
    type Output = Result<T, Overflow>;

    fn take(&mut self, item: T) -> ControlFlow<Self::Output> {
        // Nothing if adding panicked before.
        self.0 = self.0.take().and_then(|sum| sum.checked_sum(item));
        if self.0.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(Err(Overflow)) }
    }

    fn finish(self) -> Self::Output {
        self.0.ok_or(Overflow)
    }
}

/// The average of the items, `None` if there are none: the rule of [`average`](super::AsyncEnumerableExt::average).
///
/// Whole numbers of up to 64 bits are added up in 128 bits and floats in an `f64`, so nothing overflows on the way (a
/// float's sum may reach infinity), and the average of whole numbers is an `f64`. That of durations is a duration, rounded
/// down to a nanosecond. A NaN makes the average NaN. A total of your own [`Averaged`] that overflows is `None`, too.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter([u64::MAX, u64::MAX]).average().await, Some(u64::MAX as f64));
/// assert_eq!(stream::empty::<i32>().average().await, None);
///
/// let latencies = stream::iter([10, 20, 60].map(Duration::from_millis));
/// assert_eq!(latencies.average().await, Some(Duration::from_millis(30)));
/// # })
/// ```
#[doc(alias = "AverageAsync")]
#[doc(alias = "mean")]
pub struct Average<T: Averaged> {
    total: Option<T::Total>,
    count: u64,
}

impl<T: Averaged> Average<T> {
    pub(super) const fn new() -> Self {
        Self { total: Some(T::Total::ZERO), count: 0 }
    }
}

impl<T: Averaged> Rule<T> for Average<T> {
    type Output = Option<T::Average>;

    fn take(&mut self, item: T) -> ControlFlow<Self::Output> {
        self.total = self.total.take().and_then(|total| total.checked_sum(item.widen()));
        self.count += 1;
        if self.total.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(None) }
    }

    fn finish(self) -> Self::Output {
        let total = self.total?;
        (self.count > 0).then(|| T::divide(total, self.count))
    }
}

/// A sum is more than its type can hold.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, Overflow};
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter([200_u8, 100]).sum().await, Err(Overflow));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "OverflowException")]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sum is too large")
    }
}

impl core::error::Error for Overflow {}

named!(Sum[T]);

impl<T: Averaged> fmt::Debug for Average<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Average").field("count", &self.count).finish_non_exhaustive()
    }
}
