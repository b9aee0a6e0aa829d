//! The operators as methods of every stream.

use core::cmp::Ordering;
use core::hash::Hash;
use core::time::Duration;

use futures_core::Stream;

use super::by_key::{AggregateBy, CountBy};
use super::ends::{Last, Single};
use super::extreme::{ByOrd, End, Extreme, ExtremeByKey};
use super::lookup::ToLookup;
use super::number::{Averaged, Summand};
use super::sets::Keep;
use super::sum::{Average, Sum};
use super::*;
use crate::cancel::CancellationToken;
use crate::stream::{WithCancellation, with_cancellation};
use crate::time::TimeProvider;

/// What `StreamExt` and `TryStreamExt` of futures-util lack, for every [`Stream`]. The table of this module says where
/// the other operators of LINQ and Rx are.
///
/// No method has the name of one of theirs, so that all three can be imported. Each method's details are those of its
/// stream, or of the rule of its [`Reduction`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use futures_util::{StreamExt, stream};
/// use taskcell::CancellationToken;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let words = || stream::iter(["one", "two", "three"]);
/// assert_eq!(words().min_by_key(|word| word.len()).await, Some("one"));
/// assert_eq!(words().min_by(|a, b| b.len().cmp(&a.len())).await, Some("three"));
/// assert_eq!(words().distinct_until_changed_by(|word| word.len()).count().await, 2);
/// assert_eq!(words().intersect_by(stream::iter([3]), |word| word.len()).count().await, 1);
/// assert_eq!(words().or_cancelled(&CancellationToken::NONE).count().await, 3);
///
/// let moment = Duration::from_millis(1); // of the system's time; those with `_on` take a clock
/// assert_eq!(words().debounce(moment).count().await, 1); // the last of a burst
/// assert_eq!(words().delay_each(moment).timeout_each(Duration::from_secs(60)).count().await, 3);
/// assert!(words().sample(moment).count().await <= 1);
/// # });
/// ```
#[doc(alias = "IAsyncEnumerable")]
#[doc(alias = "AsyncEnumerable")]
#[doc(alias = "LINQ")]
pub trait AsyncEnumerableExt: Stream {
    /// The items as `Ok`, and once `token` is cancelled an error as the last one. See [`with_cancellation`].
    fn or_cancelled(self, token: &CancellationToken) -> WithCancellation<Self>
    where
        Self: Sized,
    {
        with_cancellation(self, token)
    }

    /// The items that have not come before. See [`Distinct`].
    fn distinct(self) -> Distinct<Self, Self::Item, ByClone<Self::Item>>
    where
        Self: Sized,
        Self::Item: Hash + Eq + Clone,
    {
        Distinct::new(self, Clone::clone)
    }

    /// The items whose key has not come before. See [`Distinct`].
    fn distinct_by<K: Hash + Eq, F: FnMut(&Self::Item) -> K>(self, key: F) -> Distinct<Self, K, F>
    where
        Self: Sized,
    {
        Distinct::new(self, key)
    }

    /// The items that are not equal to the one before. See [`DistinctUntilChanged`].
    fn distinct_until_changed(self) -> DistinctUntilChanged<Self, Self::Item, ByClone<Self::Item>>
    where
        Self: Sized,
        Self::Item: PartialEq + Clone,
    {
        DistinctUntilChanged::new(self, Clone::clone)
    }

    /// The items whose key is not that of the one before. See [`DistinctUntilChanged`].
    fn distinct_until_changed_by<K, F>(self, key: F) -> DistinctUntilChanged<Self, K, F>
    where
        Self: Sized,
        K: PartialEq,
        F: FnMut(&Self::Item) -> K,
    {
        DistinctUntilChanged::new(self, key)
    }

    /// The items that `other` has not, each once. See [`SetOperation`].
    fn except<O>(self, other: O) -> SetOperation<Self, O, ByClone<Self::Item>>
    where
        Self: Sized,
        Self::Item: Hash + Eq + Clone,
        O: Stream<Item = Self::Item>,
    {
        SetOperation::new(self, other, Keep::Others, Clone::clone)
    }

    /// The items whose key `keys` has not, one of each key. See [`SetOperation`].
    fn except_by<O, F>(self, keys: O, key: F) -> SetOperation<Self, O, F>
    where
        Self: Sized,
        O: Stream<Item: Hash + Eq>,
        F: FnMut(&Self::Item) -> O::Item,
    {
        SetOperation::new(self, keys, Keep::Others, key)
    }

    /// The items that `other` has, too, each once. See [`SetOperation`].
    fn intersect<O>(self, other: O) -> SetOperation<Self, O, ByClone<Self::Item>>
    where
        Self: Sized,
        Self::Item: Hash + Eq + Clone,
        O: Stream<Item = Self::Item>,
    {
        SetOperation::new(self, other, Keep::Common, Clone::clone)
    }

    /// The items whose key `keys` has, one of each key. See [`SetOperation`].
    fn intersect_by<O, F>(self, keys: O, key: F) -> SetOperation<Self, O, F>
    where
        Self: Sized,
        O: Stream<Item: Hash + Eq>,
        F: FnMut(&Self::Item) -> O::Item,
    {
        SetOperation::new(self, keys, Keep::Common, key)
    }

    /// Each item with the one before it. See [`Pairwise`].
    fn pairwise(self) -> Pairwise<Self>
    where
        Self: Sized,
        Self::Item: Clone,
    {
        Pairwise::new(self)
    }

    /// The last `count` items, once the stream has ended. See [`TakeLast`].
    fn take_last(self, count: usize) -> TakeLast<Self>
    where
        Self: Sized,
    {
        TakeLast::new(self, count)
    }

    /// All but the last `count` items. See [`SkipLast`].
    fn skip_last(self, count: usize) -> SkipLast<Self>
    where
        Self: Sized,
    {
        SkipLast::new(self, count)
    }

    /// The items, or `value` if there are none. See [`DefaultIfEmpty`].
    fn default_if_empty(self, value: Self::Item) -> DefaultIfEmpty<Self>
    where
        Self: Sized,
    {
        DefaultIfEmpty::new(self, value)
    }

    /// Groups of neighbours with equal keys, as they come. See [`GroupAdjacent`].
    fn group_adjacent<K: PartialEq, F: FnMut(&Self::Item) -> K>(self, key: F) -> GroupAdjacent<Self, K, F>
    where
        Self: Sized,
    {
        GroupAdjacent::new(self, key)
    }

    /// This stream or `other`, whichever begins first; the other is dropped. See [`RaceWith`].
    fn race_with<O: Stream<Item = Self::Item>>(self, other: O) -> RaceWith<Self, O>
    where
        Self: Sized,
    {
        RaceWith::new(self, other)
    }

    /// Another stream in place of the first error and what follows it. See [`CatchError`].
    fn catch_error<T, E, X, N, F>(self, next: F) -> CatchError<Self, N, F>
    where
        Self: Stream<Item = Result<T, E>> + Sized,
        N: Stream<Item = Result<T, X>>,
        F: FnOnce(E) -> N,
    {
        CatchError::new(self, next)
    }

    /// The latest of the items that are there, for a consumer that is slow. See [`Conflate`].
    fn conflate(self) -> Conflate<Self>
    where
        Self: Sized,
    {
        Conflate::new(self)
    }

    /// The items that no other has followed for `quiet` of the system's time. See [`Debounce`].
    #[cfg(feature = "std")]
    fn debounce(self, quiet: Duration) -> Debounce<Self, crate::time::SystemClock>
    where
        Self: Sized,
    {
        self.debounce_on(crate::time::SystemClock, quiet)
    }

    /// The items that no other has followed for `quiet` of the time of `clock`. See [`Debounce`].
    fn debounce_on<C: TimeProvider>(self, clock: C, quiet: Duration) -> Debounce<Self, C>
    where
        Self: Sized,
    {
        Debounce::new(clock, self, quiet)
    }

    /// The latest item, once each `period` of the system's time. See [`Sample`].
    #[cfg(feature = "std")]
    fn sample(self, period: Duration) -> Sample<Self, crate::time::SystemClock>
    where
        Self: Sized,
    {
        self.sample_on(crate::time::SystemClock, period)
    }

    /// The latest item, once each `period` of the time of `clock`. See [`Sample`].
    fn sample_on<C: TimeProvider>(self, clock: C, period: Duration) -> Sample<Self, C>
    where
        Self: Sized,
    {
        Sample::new(clock, self, period)
    }

    /// Each item, `time` of the system later than it came. See [`DelayEach`].
    #[cfg(feature = "std")]
    fn delay_each(self, time: Duration) -> DelayEach<Self, crate::time::SystemClock>
    where
        Self: Sized,
    {
        self.delay_each_on(crate::time::SystemClock, time)
    }

    /// Each item, `time` of `clock` later than it came. See [`DelayEach`].
    fn delay_each_on<C: TimeProvider>(self, clock: C, time: Duration) -> DelayEach<Self, C>
    where
        Self: Sized,
    {
        DelayEach::new(clock, self, time)
    }

    /// The items as `Ok`, and an error whenever one takes longer than `time` of the system. See [`TimeoutEach`].
    #[cfg(feature = "std")]
    fn timeout_each(self, time: Duration) -> TimeoutEach<Self, crate::time::SystemClock>
    where
        Self: Sized,
    {
        self.timeout_each_on(crate::time::SystemClock, time)
    }

    /// The items as `Ok`, and an error whenever one takes longer than `time` of `clock`. See [`TimeoutEach`].
    fn timeout_each_on<C: TimeProvider>(self, clock: C, time: Duration) -> TimeoutEach<Self, C>
    where
        Self: Sized,
    {
        TimeoutEach::new(clock, self, time)
    }

    /// The last item. See [`Last`].
    fn last(self) -> Reduction<Self, Last<Self::Item>>
    where
        Self: Sized,
    {
        Reduction::new(self, Last(None))
    }

    /// The only item. See [`Single`].
    fn single(self) -> Reduction<Self, Single<Self::Item>>
    where
        Self: Sized,
    {
        Reduction::new(self, Single(None))
    }

    /// The sum of the items. See [`Sum`].
    fn sum(self) -> Reduction<Self, Sum<Self::Item>>
    where
        Self: Sized,
        Self::Item: Summand,
    {
        Reduction::new(self, Sum::new())
    }

    /// The average of the items. See [`Average`].
    fn average(self) -> Reduction<Self, Average<Self::Item>>
    where
        Self: Sized,
        Self::Item: Averaged,
    {
        Reduction::new(self, Average::new())
    }

    /// The least item. See [`Extreme`].
    fn min(self) -> Reduction<Self, Extreme<Self::Item, ByOrd<Self::Item>>>
    where
        Self: Sized,
        Self::Item: Ord,
    {
        Reduction::new(self, Extreme::new(End::Least, Ord::cmp))
    }

    /// The greatest item. See [`Extreme`].
    fn max(self) -> Reduction<Self, Extreme<Self::Item, ByOrd<Self::Item>>>
    where
        Self: Sized,
        Self::Item: Ord,
    {
        Reduction::new(self, Extreme::new(End::Greatest, Ord::cmp))
    }

    /// The least item, as `compare` has it. See [`Extreme`].
    fn min_by<F>(self, compare: F) -> Reduction<Self, Extreme<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Item, &Self::Item) -> Ordering,
    {
        Reduction::new(self, Extreme::new(End::Least, compare))
    }

    /// The greatest item, as `compare` has it. See [`Extreme`].
    fn max_by<F>(self, compare: F) -> Reduction<Self, Extreme<Self::Item, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Item, &Self::Item) -> Ordering,
    {
        Reduction::new(self, Extreme::new(End::Greatest, compare))
    }

    /// The item with the least key. See [`ExtremeByKey`].
    fn min_by_key<K: Ord, F: FnMut(&Self::Item) -> K>(self, key: F) -> Reduction<Self, ExtremeByKey<Self::Item, K, F>>
    where
        Self: Sized,
    {
        Reduction::new(self, ExtremeByKey::new(End::Least, key))
    }

    /// The item with the greatest key. See [`ExtremeByKey`].
    fn max_by_key<K: Ord, F: FnMut(&Self::Item) -> K>(self, key: F) -> Reduction<Self, ExtremeByKey<Self::Item, K, F>>
    where
        Self: Sized,
    {
        Reduction::new(self, ExtremeByKey::new(End::Greatest, key))
    }

    /// A value for each key. See [`AggregateBy`].
    fn aggregate_by<K, A, F, G, H>(self, key: F, seed: G, add: H) -> Reduction<Self, AggregateBy<K, A, F, G, H>>
    where
        Self: Sized,
        K: Hash + Eq,
        F: FnMut(&Self::Item) -> K,
        G: FnMut(&K) -> A,
        H: FnMut(&mut A, Self::Item),
    {
        Reduction::new(self, AggregateBy::new(key, seed, add))
    }

    /// How many items each key has. See [`CountBy`].
    fn count_by<K: Hash + Eq, F: FnMut(&Self::Item) -> K>(self, key: F) -> Reduction<Self, CountBy<K, F>>
    where
        Self: Sized,
    {
        Reduction::new(self, CountBy::new(key))
    }

    /// All items, in groups by key. See [`ToLookup`].
    fn to_lookup<K: Hash + Eq, F: FnMut(&Self::Item) -> K>(self, key: F) -> Reduction<Self, ToLookup<Self::Item, K, F>>
    where
        Self: Sized,
    {
        Reduction::new(self, ToLookup::new(key))
    }

    /// Whether `other` has equal items, and as many. See [`SequenceEqual`].
    fn sequence_equal<O: Stream>(self, other: O) -> SequenceEqual<Self, O>
    where
        Self: Sized,
        Self::Item: PartialEq<O::Item>,
    {
        SequenceEqual::new(self, other)
    }
}

impl<S: Stream + ?Sized> AsyncEnumerableExt for S {}
