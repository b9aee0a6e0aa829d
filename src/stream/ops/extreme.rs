//! `min`, `max` and their relatives: the least and the greatest item.

use core::cmp::Ordering;
use core::ops::ControlFlow;

use super::reduction::{Rule, named};

/// The order of the type itself.
pub type ByOrd<T> = fn(&T, &T) -> Ordering;

/// Which end of the order is looked for.
#[derive(Clone, Copy)]
pub(super) enum End {
    Least,
    Greatest,
}

impl End {
    /// Whether one that compares so with the best before is better: as with `Iterator`, of equal ones the first is the
    /// least and the last is the greatest.
    fn prefers(self, new_to_best: Ordering) -> bool {
        match self {
            Self::Least => new_to_best.is_lt(),
            Self::Greatest => new_to_best.is_ge(),
        }
    }
}

/// The least or the greatest item, `None` if there is none: the rule of [`min`](super::AsyncEnumerableExt::min),
/// [`max`](super::AsyncEnumerableExt::max), [`min_by`](super::AsyncEnumerableExt::min_by) and
/// [`max_by`](super::AsyncEnumerableExt::max_by).
///
/// As with `Iterator`, of equal ones `min` gives the first and `max` the last. (.NET gives the first of both.)
///
/// Floats have no order of their own, because of NaN: name one. `f64::total_cmp` puts NaN at the ends, a positive one
/// above infinity, so that `max_by` finds it; to leave it out, filter. (.NET's `Min` answers NaN if there is one, its
/// `Max` only if there is nothing else.)
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter([3, 1, 2]).min().await, Some(1));
/// assert_eq!(stream::empty::<u8>().max().await, None);
/// assert_eq!(stream::iter([0.5, 2.5, -1.0]).max_by(f64::total_cmp).await, Some(2.5));
/// # })
/// ```
#[doc(alias = "MinAsync")]
#[doc(alias = "MaxAsync")]
#[doc(alias = "NaN")]
pub struct Extreme<T, F> {
    best: Option<T>,
    end: End,
    compare: F,
}

impl<T, F> Extreme<T, F> {
    pub(super) const fn new(end: End, compare: F) -> Self {
        Self { best: None, end, compare }
    }
}

impl<T, F: FnMut(&T, &T) -> Ordering> Rule<T> for Extreme<T, F> {
    type Output = Option<T>;

    fn take(&mut self, item: T) -> ControlFlow<Option<T>> {
        let better = self.best.as_ref().is_none_or(|best| self.end.prefers((self.compare)(&item, best)));
        if better {
            self.best = Some(item);
        }
        ControlFlow::Continue(())
    }

    fn finish(self) -> Option<T> {
        self.best
    }
}

/// The item with the least or the greatest key, `None` if there is none: the rule of
/// [`min_by_key`](super::AsyncEnumerableExt::min_by_key) and [`max_by_key`](super::AsyncEnumerableExt::max_by_key).
///
/// The key of each item is computed once. Of equal ones as with [`Extreme`].
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter(["two", "three", "four"]).max_by_key(|word| word.len()).await, Some("three"));
/// # })
/// ```
#[doc(alias = "MinByAsync")]
#[doc(alias = "MaxByAsync")]
pub struct ExtremeByKey<T, K, F> {
    best: Option<(K, T)>,
    end: End,
    key: F,
}

impl<T, K, F> ExtremeByKey<T, K, F> {
    pub(super) const fn new(end: End, key: F) -> Self {
        Self { best: None, end, key }
    }
}

impl<T, K: Ord, F: FnMut(&T) -> K> Rule<T> for ExtremeByKey<T, K, F> {
    type Output = Option<T>;

    fn take(&mut self, item: T) -> ControlFlow<Option<T>> {
        let key = (self.key)(&item);
        if self.best.as_ref().is_none_or(|(best, _)| self.end.prefers(key.cmp(best))) {
            self.best = Some((key, item));
        }
        ControlFlow::Continue(())
    }

    fn finish(self) -> Option<T> {
        self.best.map(|(_, item)| item)
    }
}

named!(Extreme[T, F]);
named!(ExtremeByKey[T, K, F]);
