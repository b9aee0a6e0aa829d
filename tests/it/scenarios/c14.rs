//! C14: the static registry: a full one says so and evicts nobody; hierarchies of statics.
use crate::support::{Counter, race};
use std::sync::Mutex;
use taskcell::{Cancellation, CancellationSlot, StaticCancellationTokenSource};

#[test]
fn c14_full_is_an_answer() {
    static SOURCE: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    let waiters = [Counter::new(), Counter::new(), Counter::new()];
    let mut first = SOURCE.slot().expect("two slots");
    let mut second = SOURCE.slot().expect("two slots");
    let mut one = Box::pin(first.cancelled());
    let mut two = Box::pin(second.cancelled());
    assert!(waiters[0].poll(&mut one).is_pending());
    assert!(waiters[1].poll(&mut two).is_pending());
    assert!(SOURCE.slot().is_err());
    assert!(SOURCE.token().slot().is_err());
    // Waits are not evicted by those who found no room.
    assert_eq!((waiters[0].wakes(), waiters[1].wakes()), (0, 0));
    // A slot that goes makes room for another.
    drop(one);
    drop(first);
    assert_eq!(waiters[0].held(), 0);
    let mut third = SOURCE.slot().expect("one has gone");
    let mut three = Box::pin(third.cancelled());
    assert!(waiters[2].poll(&mut three).is_pending());
    assert!(SOURCE.slot().is_err());
    assert!(SOURCE.cancel());
    assert!(!SOURCE.cancel());
    assert_eq!(waiters.each_ref().map(|waiter| waiter.wakes()), [0, 1, 1]);
    assert!(waiters[1].poll(&mut two).is_ready());
    assert!(waiters[2].poll(&mut three).is_ready());
    drop((two, three));
    assert_eq!(waiters.each_ref().map(|waiter| waiter.held()), [0, 0, 0]);
    assert!(SOURCE.is_cancelled() && SOURCE.token().is_cancelled());
}

#[test]
fn c14_a_slot_waits_more_than_once() {
    let source = StaticCancellationTokenSource::<1>::new();
    let (old, new) = (Counter::new(), Counter::new());
    let mut slot = source.slot().unwrap();
    {
        let mut wait = Box::pin(slot.cancelled());
        assert!(old.poll(&mut wait).is_pending());
        assert!(new.poll(&mut wait).is_pending(), "a new waker replaces the old one");
    }
    {
        let mut wait = Box::pin(slot.cancelled());
        assert!(new.poll(&mut wait).is_pending());
        source.cancel();
        assert!(new.poll(&mut wait).is_ready());
    }
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert!(new.poll(&mut Box::pin(slot.cancelled())).is_ready());
    drop(slot);
    assert_eq!((old.held(), new.held()), (0, 0));
}

#[test]
fn c14_links_between_statics() {
    static ROOT: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static MIDDLE: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static LEAF: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static BESIDE: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static TOO_MANY: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static LATE: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    MIDDLE.link(&ROOT).expect("room");
    BESIDE.link(&ROOT).expect("room");
    LEAF.link(&MIDDLE).expect("room");
    assert!(TOO_MANY.link(&ROOT).is_err());
    let waiter = Counter::new();
    let mut slot = LEAF.slot().unwrap();
    let mut wait = Box::pin(slot.cancelled());
    assert!(waiter.poll(&mut wait).is_pending());
    assert!(BESIDE.cancel());
    assert!(!ROOT.is_cancelled(), "a child never cancels its parent");
    assert!(ROOT.cancel());
    assert!(MIDDLE.is_cancelled() && LEAF.is_cancelled());
    assert!(!TOO_MANY.is_cancelled());
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut wait).is_ready());
    // Linking to a cancelled parent cancels.
    LATE.link(&ROOT).expect("no slot is needed");
    assert!(LATE.is_cancelled());
}

#[test]
fn c14_a_token_through_the_trait() {
    fn wait_on<C: Cancellation>(token: &C, waiter: &std::sync::Arc<Counter>) -> bool {
        let mut slot = token.slot().expect("there is room");
        let waker = waiter.waker();
        slot.poll_cancelled(&mut core::task::Context::from_waker(&waker)).is_ready()
    }
    let waiter = Counter::new();
    let fixed = StaticCancellationTokenSource::<1>::new();
    let heap = taskcell::CancellationTokenSource::new();
    assert!(!wait_on(&fixed.token(), &waiter));
    assert!(!wait_on(&heap.token(), &waiter));
    assert!(!wait_on(&&heap.token(), &waiter));
    assert!(Cancellation::can_be_cancelled(&fixed.token()) && Cancellation::can_be_cancelled(&heap.token()));
    fixed.cancel();
    heap.cancel();
    assert!(wait_on(&fixed.token(), &waiter));
    assert!(wait_on(&heap.token(), &waiter));
    assert!(Cancellation::is_cancelled(&fixed.token()) && Cancellation::is_cancelled(&&heap.token()));
    assert_eq!(waiter.held(), 0);
}

#[test]
fn c14_a_slot_against_a_cancel() {
    race(
        2_000,
        || (StaticCancellationTokenSource::<2>::new(), Counter::new(), Mutex::new(false)),
        |(source, waiter, pending)| {
            for _ in 0..3 {
                let mut slot = source.slot().expect("two slots, one at a time");
                let mut wait = Box::pin(slot.cancelled());
                let _ = waiter.poll(&mut wait);
            }
            let before = waiter.wakes();
            let mut slot = source.slot().expect("two slots, one at a time");
            let mut wait = Box::pin(slot.cancelled());
            if waiter.poll(&mut wait).is_pending() {
                *pending.lock().unwrap() = true;
                crate::support::eventually("the wake", || waiter.wakes() > before);
                assert!(waiter.poll(&mut wait).is_ready());
            }
        },
        |(source, ..)| assert!(source.cancel()),
        |(_, waiter, pending)| {
            assert!(waiter.wakes() <= 1);
            assert!(!*pending.lock().unwrap() || waiter.wakes() == 1);
            assert_eq!(waiter.held(), 0);
        },
    );
}

/// The most slots that there are: each waiter and each callback is reached, also where the word has only 32 bits.
#[test]
fn c14_every_one_of_fourteen_slots_is_reached() {
    let source = StaticCancellationTokenSource::<14>::new();
    let waiters: Vec<_> = (0..14).map(|_| Counter::new()).collect();
    let mut slots: Vec<_> = (0..14).map(|_| source.slot().unwrap()).collect();
    assert!(source.slot().is_err());
    for (waiter, slot) in waiters.iter().zip(&mut slots) {
        assert!(waiter.poll(&mut slot.cancelled()).is_pending());
    }
    assert_eq!(source.token().listeners(), 14);
    source.cancel();
    assert!(waiters.iter().all(|waiter| waiter.wakes() == 1 && waiter.held() == 0));
}

#[test]
fn c14_a_second_link_is_refused_whatever_the_parent_is() {
    static FULL: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static LEAF: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    assert_eq!(LEAF.link(&FULL), Ok(true));
    assert_eq!(LEAF.link(&FULL), Ok(false), "linked already, and the parent is full");
    static CANCELLED: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    static LATE: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    CANCELLED.cancel();
    assert_eq!(LATE.link(&CANCELLED), Ok(true));
    assert!(LATE.is_cancelled());
    assert_eq!(LATE.link(&CANCELLED), Ok(false));
}
