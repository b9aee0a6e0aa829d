//! `when_all` and `when_any` over a few futures, also of different types, without a heap.
//!
//! | function | ends | output |
//! |---|---|---|
//! | [`when_all`] | with the last one | all outputs: an array of an array, a tuple of a tuple |
//! | [`when_any`] | with the first one | `(index, output)` of an array, [`OneOf`] of a tuple |
//!
//! They take arrays of any length and tuples of one to eight futures. Each wake polls every child that is pending: for
//! many children [`crate::when_all`] and its family poll only those that were woken.
//!
//! | what | is |
//! |---|---|
//! | [`Few`] | what they take: arrays, and tuples of one to eight |
//! | [`OneOf`] | which of a tuple it was |
//! | [`WhenAllArray`], [`WhenAll1`], [`WhenAll2`], [`WhenAll3`], [`WhenAll4`], [`WhenAll5`], [`WhenAll6`], [`WhenAll7`], [`WhenAll8`] | the futures of `when_all` |
//! | [`WhenAnyArray`], [`WhenAny1`], [`WhenAny2`], [`WhenAny3`], [`WhenAny4`], [`WhenAny5`], [`WhenAny6`], [`WhenAny7`], [`WhenAny8`] | the futures of `when_any` |
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `child.rs` | a future and then its output, in one place |
//! | `one_of.rs` | which of several it was |
//! | `array.rs`, `tuple.rs` | the futures |

mod array;
mod child;
mod one_of;
mod tuple;

pub use array::{WhenAllArray, WhenAnyArray};
pub use one_of::OneOf;
pub use tuple::*;

/// Futures that can be waited for together without a heap: an array, or a tuple of one to eight.
///
/// Nobody else implements it.
///
/// # Examples
///
/// ```
/// use taskcell::few::{Few, when_all};
///
/// /// Whatever `few::when_all` takes, with what it gives.
/// async fn logged<C: Few>(futures: C) -> <C::All as Future>::Output {
///     let outputs = when_all(futures).await;
///     println!("all have ended");
///     outputs
/// }
/// # smol::block_on(async {
/// assert_eq!(logged((async { 1 }, async { "two" })).await, (1, "two"));
/// # });
/// ```
pub trait Few: sealed::Sealed {
    /// The future of [`when_all`].
    type All: Future;
    /// The future of [`when_any`].
    type Any: Future;

    #[doc(hidden)]
    fn all(self) -> Self::All;
    #[doc(hidden)]
    fn any(self) -> Self::Any;
}

mod sealed {
    pub trait Sealed {}
}

/// Waits for all of a few futures; gives their outputs, as an array or a tuple.
///
/// Outputs are not looked at: a future of `Result`s ends when all of them have, whatever they say. The futures are lazy,
/// and polled on the task that polls this one: at each poll every one that is pending, in order, with the caller's own
/// waker. An array of none is ready at the first poll.
///
/// Nothing is allocated; the futures and then their outputs lie in this one.
///
/// # Cancel safety
///
/// Dropping it drops the futures that have not ended and the outputs of those that have, in order.
///
/// # Panics
///
/// If a child panics, the panic goes to the caller; the other children are kept until the future is dropped, and polling
/// again panics. Polling after `Ready` panics.
///
/// # Examples
///
/// ```
/// use taskcell::few::when_all;
///
/// # smol::block_on(async {
/// assert_eq!(when_all((async { 1 }, async { "two" })).await, (1, "two"));
/// assert_eq!(when_all([1, 2, 3].map(|n| async move { n * n })).await, [1, 4, 9]);
/// # })
/// ```
#[doc(alias = "WhenAll")]
#[doc(alias = "join")]
#[doc(alias = "join!")]
pub fn when_all<C: Few>(futures: C) -> C::All {
    futures.all()
}

/// Waits for the first of a few futures to end; says which, and gives its output.
///
/// The futures are lazy, and polled on the task that polls this one: at each poll every one that is pending, in order, up
/// to the first that is ready, with the caller's own waker. So of several that are ready the first in order wins, every
/// time: in a loop put the one first that must not starve.
///
/// The losers stay in this future, and are dropped with it. To keep one, give it by reference: `&mut future` if it is
/// `Unpin`, else `future.as_mut()` of `let mut future = pin!(future)`. The heap's [`crate::when_any`] gives the others
/// back. An array must have at least one future, which is checked when the program is compiled.
///
/// Nothing is allocated; the futures lie in this one.
///
/// # Cancel safety
///
/// Dropping it drops the futures in order.
///
/// # Panics
///
/// If a child panics, the panic goes to the caller; the children are kept until the future is dropped, and polling again
/// panics. Polling after `Ready` panics.
///
/// # Examples
///
/// ```
/// use core::future::ready;
/// use core::pin::pin;
/// use taskcell::few::{OneOf, when_any};
///
/// # smol::block_on(async {
/// let mut slow = pin!(async { "slow" });
/// let first = when_any((ready(1), slow.as_mut())).await;
/// assert_eq!(first, OneOf::First(1));
/// assert_eq!(slow.await, "slow");
///
/// assert_eq!(when_any([ready(1), ready(2)]).await, (0, 1));
/// # })
/// ```
#[doc(alias = "WhenAny")]
#[doc(alias = "select")]
#[doc(alias = "select!")]
#[doc(alias = "race")]
pub fn when_any<C: Few>(futures: C) -> C::Any {
    futures.any()
}
