//! One waiter: what it was told, and what it must have been.

use crate::places::{Op, Places, When};
use crate::round::Totals;
use crate::wakes::Wakes;
use core::task::{Context, Poll};

/// The wakers of the first poll, and of those after it.
pub struct Wakers(pub Wakes, pub Wakes);

impl Wakers {
    pub const fn new() -> Self {
        Self(Wakes::new(), Wakes::new())
    }

    fn wakes(&self) -> u32 {
        self.0.wakes() + self.1.wakes()
    }

    /// After a round, when nobody waits any more.
    pub fn end(&self) -> u32 {
        self.0.end() + self.1.end()
    }
}

/// What can be polled in a slot.
pub trait Slot {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

pub struct Waiter<S: Slot> {
    slot: S,
    wakers: &'static Wakers,
    /// It was pending, with this waker.
    owed: Option<&'static Wakes>,
    /// It was pending once.
    has_waited: bool,
}

impl<S: Slot> Waiter<S> {
    pub fn new(slot: S, wakers: &'static Wakers) -> Self {
        Self { slot, wakers, owed: None, has_waited: false }
    }

    /// Polls, the second time with another waker; after it was ready no more.
    pub fn poll(&mut self, places: &mut Places, totals: &mut Totals) {
        let (op, wakes) = match (self.has_waited, self.owed) {
            (false, _) => (Op::Poll, &self.wakers.0),
            (true, Some(_)) => (Op::PollAgain, &self.wakers.1),
            (true, None) => return,
        };
        let waker = wakes.waker();
        let mut cx = Context::from_waker(&waker);
        let (answer, when, woken) = places.during(op, || self.slot.poll(&mut cx), || self.wakers.wakes());
        match (when, answer) {
            (When::Before, Poll::Ready(())) => self.is_settled(),
            (When::Inside, Poll::Ready(())) => {
                assert!(woken <= 1, "woken twice");
                totals.wakes_in_passing += woken;
            }
            (When::Inside, Poll::Pending) => assert_eq!(wakes.wakes(), 1, "lost by the poll that was hit"),
            (When::After, Poll::Pending) => assert_eq!(woken, 0, "woken for nothing"),
            wrong => panic!("{wrong:?}"),
        }
        if when == When::Before && self.owed.is_some() {
            totals.wakes_owed += 1;
        }
        self.owed = answer.is_pending().then_some(wakes);
        self.has_waited = true;
    }

    /// Gives up, whatever it was told.
    pub fn leave(self, places: &mut Places, totals: &mut Totals) {
        let Self { slot, wakers, owed, .. } = self;
        let Some(owed) = owed else { return };
        let ((), when, woken) = places.during(Op::Drop, || drop(slot), || wakers.wakes());
        match when {
            When::Before => {
                assert_eq!((owed.wakes(), woken), (1, 1), "lost, or woken twice");
                totals.wakes_owed += 1;
            }
            When::Inside => {
                assert!(woken <= 1 && woken == owed.wakes(), "woken twice");
                totals.wakes_in_passing += woken;
            }
            When::After => {
                assert_eq!(woken, 0, "woken for nothing");
                totals.given_up += 1;
            }
        }
    }

    pub fn is_owed(&self) -> bool {
        self.owed.is_some()
    }

    /// The end of the round: the interrupt was there. Gives the slot back.
    pub fn end(mut self, totals: &mut Totals) -> S {
        if self.has_waited {
            self.is_settled();
            totals.wakes_owed += u32::from(self.owed.is_some());
        }
        if self.owed.is_some() {
            let waker = self.wakers.1.waker();
            assert!(self.slot.poll(&mut Context::from_waker(&waker)).is_ready(), "woken, but not ready");
            self.is_settled();
        }
        self.slot
    }

    /// Who was pending has been woken, once, and by no waker that was replaced.
    fn is_settled(&self) {
        if let Some(owed) = self.owed {
            assert_eq!((owed.wakes(), self.wakers.wakes()), (1, 1), "lost, or woken twice");
        }
    }
}
