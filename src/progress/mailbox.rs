//! Who handles what was reported, and where: whoever reports first starts it, the others leave it to that one.

use crate::raw::fault::{Panics, Then, drain};
use crate::raw::turns::{Turn, Turns};
use crate::shim::heap::Shared;
use crate::spawn::Spawner;
use alloc::boxed::Box;
use core::pin::Pin;
use core::task::{Context, Poll};

/// So many pieces are handled in one poll.
const BUDGET: usize = 32;

/// What handles a report.
pub(super) type Handler<T> = Box<dyn FnMut(T) + Send>;

type AnySpawner = Box<dyn Spawner + Send + Sync>;

/// Where reports wait.
pub(super) trait Mail: Send + Sync + 'static {
    type Value: Send + 'static;

    /// Handles one piece, or loses it if there is no handler.
    fn handle(&self, handler: Option<&mut Handler<Self::Value>>);
}

/// Mail, and who handles it. Clones are the same.
pub(super) struct Mailbox<M: Mail>(Shared<Turns<Office<M>, Handler<M::Value>>>);

struct Office<M> {
    mail: M,
    /// None: who announces a piece handles it.
    spawner: Option<AnySpawner>,
}

impl<M: Mail> Mailbox<M> {
    pub(super) fn new(mail: M, spawner: Option<AnySpawner>, handler: Handler<M::Value>) -> Self {
        Self(Shared::new(Turns::new(Office { mail, spawner }, handler)))
    }

    pub(super) fn mail(&self) -> &M {
        &self.0.mail
    }

    /// A piece has been put in: it is handled, here or elsewhere, now or by whoever is at it.
    pub(super) fn announce(&self) {
        let Some(turn) = Turns::announce(&self.0) else { return };
        let mut worker = Worker { turn: Some(turn) };
        match &self.0.spawner {
            Some(spawner) => spawner.spawn(Box::pin(worker)),
            None => while worker.step() {},
        }
    }
}

impl<M: Mail> Clone for Mailbox<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Handles pieces until there are none. If it is dropped before, it loses those that were announced.
struct Worker<M: Mail> {
    /// None: there are none.
    turn: Option<Turn<Office<M>, Handler<M::Value>>>,
}

impl<M: Mail> Worker<M> {
    /// True if there is more.
    fn step(&mut self) -> bool {
        if let Some(turn) = &mut self.turn {
            turn.work(|office, handler| office.mail.handle(Some(handler)));
        }
        self.turn = self.turn.take().and_then(Turn::done);
        self.turn.is_some()
    }
}

impl<M: Mail> Future for Worker<M> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..BUDGET {
            if !self.step() {
                return Poll::Ready(());
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<M: Mail> Drop for Worker<M> {
    fn drop(&mut self) {
        while let Some(mut turn) = self.turn.take() {
            turn.work(|office, _| office.mail.handle(None));
            self.turn = turn.done();
        }
    }
}

/// Calls a handler, or loses the value. What panics goes to the fault hook.
pub(super) fn call<T>(handler: Option<&mut Handler<T>>, value: T) {
    let (mut panics, mut value, mut handler) = (Panics::new(), Some(value), handler);
    drain(&mut panics, || {
        if let Some(value) = value.take() {
            match &mut handler {
                Some(handler) => handler(value),
                None => drop(value),
            }
        }
    });
    panics.settle(Then::Report);
}
