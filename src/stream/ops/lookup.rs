//! `to_lookup`: all items, in groups by key.

use alloc::vec::{self, Vec};
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use core::ops::ControlFlow;

use super::keyed::Keyed;
use super::reduction::{Rule, named};

/// All items in groups by key: the rule of [`to_lookup`](super::AsyncEnumerableExt::to_lookup).
///
/// That is `GroupBy`, too, which in .NET also gives nothing before the end; groups of neighbours, as they come, are
/// [`group_adjacent`](super::AsyncEnumerableExt::group_adjacent). And it is half of each join: make a lookup of the inner
/// stream, and ask it for each item of the outer one.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let books = stream::iter([("Austen", "Emma"), ("Verne", "Paris"), ("Austen", "Persuasion")]);
/// let by_author = books.to_lookup(|book| book.0).await;
/// assert_eq!(by_author.get("Austen"), [("Austen", "Emma"), ("Austen", "Persuasion")]);
/// assert_eq!(by_author.get("Wells"), []);
///
/// // Join: each author with each of the books.
/// let authors = stream::iter([("Austen", 1775), ("Wells", 1866)]);
/// let joined = authors.flat_map(|author| stream::iter(by_author.get(author.0)).map(move |book| (author.1, book.1)));
/// assert_eq!(joined.collect::<Vec<_>>().await, [(1775, "Emma"), (1775, "Persuasion")]);
/// # })
/// ```
#[doc(alias = "ToLookupAsync")]
#[doc(alias = "GroupBy")]
#[doc(alias = "GroupJoin")]
#[doc(alias = "LeftJoin")]
pub struct ToLookup<T, K, F> {
    groups: Keyed<K, Vec<T>>,
    key: F,
}

impl<T, K, F> ToLookup<T, K, F> {
    pub(super) fn new(key: F) -> Self {
        Self { groups: Keyed::new(), key }
    }
}

impl<T, K: Hash + Eq, F: FnMut(&T) -> K> Rule<T> for ToLookup<T, K, F> {
    type Output = Lookup<K, T>;

    fn take(&mut self, item: T) -> ControlFlow<Self::Output> {
        self.groups.get_or_insert_with((self.key)(&item), |_| Vec::new()).push(item);
        ControlFlow::Continue(())
    }

    fn finish(self) -> Self::Output {
        Lookup { groups: self.groups }
    }
}

/// Items in groups by key: keys in the order in which they came, and the items of each in theirs.
///
/// No group is empty. As in .NET's `ILookup`, a key that did not come has a group without items when it is asked for.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, Lookup};
///
/// # smol::block_on(async {
/// let by_length: Lookup<usize, &str> = stream::iter(["a", "bcd", "e"]).to_lookup(|text| text.len()).await;
/// assert_eq!(by_length.get(&1), ["a", "e"]);
/// assert!(by_length.contains(&3) && !by_length.contains(&2));
/// assert_eq!((by_length.len(), by_length.is_empty()), (2, false));
/// assert!(by_length.iter().map(|(length, _)| *length).eq([1, 3]));
/// # });
/// ```
#[doc(alias = "ILookup")]
#[doc(alias = "IGrouping")]
pub struct Lookup<K, T> {
    groups: Keyed<K, Vec<T>>,
}

impl<K, T> Lookup<K, T> {
    /// The items of `key`: none, if it did not come.
    #[must_use]
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> &[T]
    where
        K: Borrow<Q>,
    {
        self.groups.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether an item of `key` came.
    #[must_use]
    pub fn contains<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.groups.get(key).is_some()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.entries().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys, each with its items.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &[T])> {
        self.groups.entries().iter().map(|(key, items)| (key, items.as_slice()))
    }
}

impl<K, T> IntoIterator for Lookup<K, T> {
    type Item = (K, Vec<T>);
    type IntoIter = vec::IntoIter<(K, Vec<T>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.groups.into_entries().into_iter()
    }
}

impl<K, T> fmt::Debug for Lookup<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("len", &self.len()).finish_non_exhaustive()
    }
}

named!(ToLookup[T, K, F]);
