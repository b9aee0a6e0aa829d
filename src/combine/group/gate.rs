//! Where hot children wait for room.

use super::shared::Shared;
use crate::shim::heap::Shared as Arc;
use crate::spawn::{BoxFuture, Spawner};
use alloc::boxed::Box;
use core::cell::Cell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// A spawner that hands on at once if there is room in the group, and otherwise leaves it to the group.
pub(super) struct Gate<'a, S, T: Send + 'static, E: Send + Sync + 'static> {
    pub(super) shared: &'a Arc<Shared<T, E>>,
    pub(super) spawner: &'a S,
    /// The child's; None if there was none, or there is no limit.
    pub(super) room: Cell<Option<Room<T, E>>>,
}

impl<S, T, E> Spawner for Gate<'_, S, T, E>
where
    S: Spawner + Clone + Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        let shared = self.shared;
        if shared.is_unlimited() {
            return self.spawner.spawn(future);
        }
        if let Some(room) = self.room.take() {
            return self.spawner.spawn(Box::pin(InProgress { future, room: Some(room) }));
        }
        let (room, spawner) = (shared.clone(), self.spawner.clone());
        let start = move |future| spawner.spawn(Box::pin(InProgress { future, room: Some(Room(room)) }));
        match shared.deferred.push(Deferred { future, start: Box::new(start) }) {
            Ok(()) => shared.ring(),
            Err(closed) => closed.into_inner().refuse(),
        }
    }
}

/// A hot child that waits for room.
pub(super) struct Deferred {
    future: BoxFuture<'static, ()>,
    /// Takes the room that there is, and gives it back in the end.
    start: Box<dyn FnOnce(BoxFuture<'static, ()>) + Send>,
}

impl Deferred {
    /// Starts it; there must be room, which becomes its own.
    pub(super) fn start(self) {
        (self.start)(self.future);
    }

    /// The token is cancelled: its task ends so at the first poll, which this is.
    pub(super) fn refuse(self) {
        let Self { mut future, start } = self;
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        debug_assert!(polled.is_ready(), "it looks at the token first");
        drop(start);
    }
}

/// Room that was taken.
pub(super) struct Room<T, E>(pub(super) Arc<Shared<T, E>>);

impl<T, E> Drop for Room<T, E> {
    fn drop(&mut self) {
        self.0.make_room();
        self.0.ring();
    }
}

/// A hot child in progress.
struct InProgress<T, E> {
    future: BoxFuture<'static, ()>,
    /// None once it has ended. Goes after the future.
    room: Option<Room<T, E>>,
}

impl<T, E> Future for InProgress<T, E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.future.as_mut().poll(cx);
        if polled.is_ready() {
            self.room = None;
        }
        polled
    }
}
