//! What the channels of the plans hold, and their answers in the words of the model.
use super::super::bells::Bell;
use super::reference::End;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use taskcell::channel::{ReadError, Reader, ReserveError, Storage, WaitError, WriteError};

/// An item, and proof that it is alive.
pub(super) struct Item(pub(super) u32, #[expect(dead_code, reason = "its clones are counted")] pub(super) Arc<()>);

/// A storage that keeps the order, and in which nothing gives way.
#[derive(Default)]
pub(super) struct Own(VecDeque<Item>);

impl Storage<Item> for Own {
    fn insert(&mut self, item: Item) {
        self.0.push_back(item);
    }
    fn remove(&mut self) -> Option<Item> {
        self.0.pop_front()
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn peek(&self) -> Option<&Item> {
        self.0.front()
    }
    fn remove_oldest(&mut self) -> Option<Item> {
        None
    }
}

/// `answer`, for an item that came back as it was.
pub(super) fn same<A>(item: u32, expected: u32, answer: A) -> A {
    assert_eq!(item, expected);
    answer
}

pub(super) fn read(answer: Result<Item, ReadError<u32>>) -> Result<u32, End> {
    match answer {
        Ok(item) => Ok(item.0),
        Err(ReadError::Closed) => Err(End::Closed),
        Err(ReadError::Faulted(fault)) => Err(End::Faulted(*fault)),
        Err(ReadError::Cancelled(_)) => Err(End::Cancelled),
        Err(_) => unreachable!(),
    }
}

pub(super) fn may(answer: Result<bool, WaitError<u32>>) -> Result<bool, End> {
    match answer {
        Ok(may) => Ok(may),
        Err(WaitError::Faulted(fault)) => Err(End::Faulted(*fault)),
        Err(WaitError::Cancelled(_)) => Err(End::Cancelled),
        Err(_) => unreachable!(),
    }
}

pub(super) fn wrote(answer: Result<(), WriteError<Item, u32>>) -> Result<(), (u32, End)> {
    match answer {
        Ok(()) => Ok(()),
        Err(WriteError::Closed(item)) => Err((item.0, End::Closed)),
        Err(WriteError::Faulted(item, fault)) => Err((item.0, End::Faulted(*fault))),
        Err(WriteError::Cancelled(item, _)) => Err((item.0, End::Cancelled)),
        Err(_) => unreachable!(),
    }
}

pub(super) fn reserved(answer: Result<(), ReserveError<u32>>) -> Result<(), End> {
    match answer {
        Ok(()) => Ok(()),
        Err(ReserveError::Closed) => Err(End::Closed),
        Err(ReserveError::Faulted(fault)) => Err(End::Faulted(*fault)),
        Err(ReserveError::Cancelled(_)) => Err(End::Cancelled),
        Err(_) => unreachable!(),
    }
}

/// A waker that looks at the channel, if somebody else has a reader still: it must not be locked. (To look for the next
/// item where nothing is stored finds out who is cancelled, which is no mere look.)
pub(super) fn bell(readers: &[Arc<Reader<Item, u32>>], capacity: usize) -> Arc<Bell> {
    let reader = readers.last().filter(|_| capacity > 0).map(Arc::downgrade);
    Bell::with(move || {
        if let Some(reader) = reader.as_ref().and_then(Weak::upgrade) {
            let _ = (reader.len(), reader.is_closed(), reader.peek(|_| ()));
        }
    })
}
