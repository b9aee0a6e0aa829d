//! What keeps the items of a channel in another order than that in which they came.

use alloc::vec::Vec;

/// Keeps the items of a channel, and says which of them is read next.
///
/// # What an implementation must do
///
/// - [`len`](Self::len) is how many items were inserted less how many were removed, always.
/// - [`remove`](Self::remove) gives an item unless `len` is zero.
/// - It calls nothing of the channel that it belongs to: it runs under that one's lock, and so do the comparisons and
///   other code of the items that it calls. What takes long there keeps all readers and writers waiting.
///
/// A panic is survived: it comes out of the call that used the storage, unless that call has an item to give back; then it
/// goes to the [fault hook](crate::fault). An item that was being inserted is where the storage left it.
///
/// # Examples
///
/// ```
/// use taskcell::channel::{ChannelOptions, Storage};
///
/// /// Each item once.
/// #[derive(Default)]
/// struct Distinct(std::collections::BTreeSet<u32>);
///
/// impl Storage<u32> for Distinct {
///     fn insert(&mut self, item: u32) {
///         self.0.insert(item);
///     }
///     fn remove(&mut self) -> Option<u32> {
///         self.0.pop_first()
///     }
///     fn len(&self) -> usize {
///         self.0.len()
///     }
///     fn peek(&self) -> Option<&u32> {
///         self.0.first()
///     }
/// }
///
/// let (writer, reader) = ChannelOptions::unbounded().storage(Distinct::default()).create();
/// for n in [7, 3, 7] {
///     writer.try_write(n).unwrap();
/// }
/// assert_eq!(reader.try_read_all(), [3, 7]);
/// ```
///
/// A bounded channel that drops asks its storage which item goes:
///
/// ```
/// use std::collections::VecDeque;
/// use taskcell::channel::{ChannelOptions, FullMode, Storage};
///
/// struct Fifo(VecDeque<u32>);
///
/// impl Storage<u32> for Fifo {
///     fn insert(&mut self, item: u32) {
///         self.0.push_back(item);
///     }
///     fn remove(&mut self) -> Option<u32> {
///         self.0.pop_front()
///     }
///     fn len(&self) -> usize {
///         self.0.len()
///     }
///     fn is_empty(&self) -> bool {
///         self.0.is_empty()
///     }
///     fn peek(&self) -> Option<&u32> {
///         self.0.front()
///     }
///     fn remove_oldest(&mut self) -> Option<u32> {
///         self.0.pop_front()
///     }
///     fn remove_newest(&mut self) -> Option<u32> {
///         self.0.pop_back()
///     }
/// }
/// let options = ChannelOptions::bounded(2).full_mode(FullMode::DropNewest).storage(Fifo(VecDeque::new()));
/// let (writer, reader) = options.create();
/// [1, 2, 3].map(|n| writer.try_write(n).unwrap());
/// assert_eq!(reader.try_read_all(), [1, 3]);
/// ```
#[doc(alias = "IProducerConsumerCollection")]
pub trait Storage<T> {
    /// Keeps `item`.
    fn insert(&mut self, item: T);

    /// Takes out the item that is read next.
    fn remove(&mut self) -> Option<T>;

    /// How many there are.
    fn len(&self) -> usize;

    /// True if there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item that is read next.
    fn peek(&self) -> Option<&T>;

    /// Takes out what a full channel drops to have room for a new item, with
    /// [`FullMode::DropOldest`](super::FullMode::DropOldest). `None`: the new one is dropped instead.
    ///
    /// It is the item that would be read next, unless an implementation says otherwise.
    fn remove_oldest(&mut self) -> Option<T> {
        self.remove()
    }

    /// The same with [`FullMode::DropNewest`](super::FullMode::DropNewest). It is none, unless an implementation says
    /// otherwise.
    fn remove_newest(&mut self) -> Option<T> {
        None
    }
}

/// Last in, first out.
pub(super) struct Lifo<T>(Vec<T>);

impl<T> Lifo<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }
}

impl<T> Storage<T> for Lifo<T> {
    fn insert(&mut self, item: T) {
        self.0.push(item);
    }

    fn remove(&mut self) -> Option<T> {
        self.0.pop()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn peek(&self) -> Option<&T> {
        self.0.last()
    }

    fn remove_oldest(&mut self) -> Option<T> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }

    fn remove_newest(&mut self) -> Option<T> {
        self.0.pop()
    }
}
