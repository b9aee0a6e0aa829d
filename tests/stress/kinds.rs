//! The channels that the scenarios run on.

use taskcell::channel::{Reader, Writer, bounded, rendezvous, unbounded};

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Bounded(usize),
    Unbounded,
    Rendezvous,
}

impl Kind {
    pub(crate) fn open<T: Send>(self) -> (Writer<T>, Reader<T>) {
        match self {
            Kind::Bounded(capacity) => bounded(capacity),
            Kind::Unbounded => unbounded(),
            Kind::Rendezvous => rendezvous(),
        }
    }
}
