//! `aggregate_by` and `count_by`: one value for each key.

use alloc::vec::Vec;
use core::hash::Hash;
use core::ops::ControlFlow;

use super::keyed::Keyed;
use super::reduction::{Rule, named};

/// A value for each key, in the order in which the keys came: the rule of
/// [`aggregate_by`](super::AsyncEnumerableExt::aggregate_by).
///
/// The first item of a key makes its value of the key; that item and all others of the key are then put into it. No item
/// is kept beyond that. Keys are hashed and compared, not cloned; one allocation and more as they grow in number.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let sales = stream::iter([("pears", 3), ("plums", 20), ("pears", 4)]);
/// let totals = sales.aggregate_by(|sale| sale.0, |_fruit| 0, |total, sale| *total += sale.1).await;
/// assert_eq!(totals, [("pears", 7), ("plums", 20)]);
/// # })
/// ```
pub struct AggregateBy<K, A, F, G, H> {
    values: Keyed<K, A>,
    key: F,
    seed: G,
    add: H,
}

impl<K, A, F, G, H> AggregateBy<K, A, F, G, H> {
    pub(super) fn new(key: F, seed: G, add: H) -> Self {
        Self { values: Keyed::new(), key, seed, add }
    }
}

impl<T, K, A, F, G, H> Rule<T> for AggregateBy<K, A, F, G, H>
where
    K: Hash + Eq,
    F: FnMut(&T) -> K,
    G: FnMut(&K) -> A,
    H: FnMut(&mut A, T),
{
    type Output = Vec<(K, A)>;

    fn take(&mut self, item: T) -> ControlFlow<Self::Output> {
        let value = self.values.get_or_insert_with((self.key)(&item), &mut self.seed);
        (self.add)(value, item);
        ControlFlow::Continue(())
    }

    fn finish(self) -> Self::Output {
        self.values.into_entries()
    }
}

/// How many items each key has, in the order in which the keys came: the rule of
/// [`count_by`](super::AsyncEnumerableExt::count_by).
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let words = stream::iter(["one", "three", "two"]);
/// assert_eq!(words.count_by(|word| word.len()).await, [(3, 2), (5, 1)]);
/// # })
/// ```
#[doc(alias = "counts_by")]
pub struct CountBy<K, F> {
    counts: Keyed<K, usize>,
    key: F,
}

impl<K, F> CountBy<K, F> {
    pub(super) fn new(key: F) -> Self {
        Self { counts: Keyed::new(), key }
    }
}

impl<T, K: Hash + Eq, F: FnMut(&T) -> K> Rule<T> for CountBy<K, F> {
    type Output = Vec<(K, usize)>;

    fn take(&mut self, item: T) -> ControlFlow<Self::Output> {
        *self.counts.get_or_insert_with((self.key)(&item), |_| 0) += 1;
        ControlFlow::Continue(())
    }

    fn finish(self) -> Self::Output {
        self.counts.into_entries()
    }
}

named!(AggregateBy[K, A, F, G, H]);
named!(CountBy[K, F]);
