//! Outputs that wait for the consumer, or for those before them.

use alloc::collections::VecDeque;

/// In which order they are given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As they have come.
    OfEnd,
    /// As their items came.
    OfInput,
}

pub(super) struct Queue<T> {
    order: Order,
    /// By the end: all are there. By input: the places from `given` on, some of them empty.
    waiting: VecDeque<Option<(usize, T)>>,
    /// How many were given.
    given: usize,
    /// How many are there.
    len: usize,
}

impl<T> Queue<T> {
    pub(super) const fn new(order: Order) -> Self {
        Self { order, waiting: VecDeque::new(), given: 0, len: 0 }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The output of the item with that index, which was not put yet.
    #[inline]
    pub(super) fn put(&mut self, index: usize, output: T) {
        self.len += 1;
        if self.order == Order::OfEnd {
            self.waiting.push_back(Some((index, output)));
            return;
        }
        let place = index - self.given;
        if place >= self.waiting.len() {
            self.waiting.resize_with(place + 1, || None);
        }
        self.waiting[place] = Some((index, output));
    }

    /// The output whose turn it is, with its item's index.
    #[inline]
    pub(super) fn next(&mut self) -> Option<(usize, T)> {
        let next = self.waiting.front_mut()?.take()?;
        self.waiting.pop_front();
        self.given += 1;
        self.len -= 1;
        Some(next)
    }
}
