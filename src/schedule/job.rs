//! A future that is polled in turns: queued when it is woken, polled by whoever has taken it from the queue.

use crate::raw::wanted::Wanted;
use crate::shim::heap::Shared;
use crate::shim::waking::{Woken, waker};
use crate::spawn::BoxFuture;
use core::task::Context;

/// Where jobs are queued.
pub(super) trait Place: Send + Sync + Sized + 'static {
    /// What goes with the future, after it.
    type Member: Send;

    /// Queues a job that has been woken.
    fn queue(job: Shared<Job<Self>>);

    /// Runs a poll, and sees to its panic.
    fn poll(poll: impl FnOnce()) {
        poll();
    }
}

/// The future, and where it is queued.
pub(super) struct Job<P: Place> {
    future: Wanted<(BoxFuture<'static, ()>, P::Member)>,
    pub(super) place: P,
}

impl<P: Place> Job<P> {
    /// Queues a new one.
    pub(super) fn start(place: P, future: BoxFuture<'static, ()>, member: P::Member) {
        P::queue(Shared::new(Self { future: Wanted::queued((future, member)), place }));
    }

    /// Polls it once, out of the queue. True: it has to be queued again.
    pub(super) fn step(this: &Shared<Self>) -> bool {
        let mut again = false;
        P::poll(|| {
            let waker = waker(this.clone());
            let mut cx = Context::from_waker(&waker);
            again = this.future.run(|(future, _)| future.as_mut().poll(&mut cx).is_ready());
        });
        again
    }

    /// The same, and queues it again.
    pub(super) fn run(this: Shared<Self>) {
        if Self::step(&this) {
            P::queue(this);
        }
    }

    /// Drops the future of one that comes out of the queue.
    pub(super) fn end(&self) {
        self.future.end();
    }
}

impl<P: Place> Woken for Job<P> {
    fn woken(this: &Shared<Self>) {
        if this.future.wake() {
            P::queue(this.clone());
        }
    }
}
