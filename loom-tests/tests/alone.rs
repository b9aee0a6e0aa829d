//! What one thread is answered where nobody else is: models of one schedule, for what no race is about.
#![cfg(loom)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;
use taskcell::time::{Alarm, TimerQueue, Timestamp};
use taskcell::{
    CancellationSlot, CancellationToken, CancellationTokenSource as Source, StaticCancellationTokenSource,
    StaticChannel, StaticRegistration, StaticTaskCell, TaskCompletionSource, TaskStatus, TryRegisterError,
};
use taskcell_loom_tests::{Bound, Drops, Order, Tracked, Wakes, model, name, poll_once};

fn at(nanos: u32) -> Timestamp {
    Timestamp::from_nanos(nanos.into())
}

/// A source for this run of the model. It stays behind, as a static would.
fn fixed<const N: usize>() -> &'static StaticCancellationTokenSource<N> {
    Box::leak(Box::new(StaticCancellationTokenSource::new()))
}

/// What an alarm says of itself, and one that never fires.
#[test]
fn alarm_answers() {
    model(name!(), Bound::Exhaustive, || {
        let (queue, wakes, never) = (TimerQueue::new(), Wakes::new(), Alarm::never());
        let waker = wakes.waker();
        assert!(!never.has_fired() && !never.will_wake(&waker));
        assert!(never.disarm());
        let (fires, goes) = (queue.arm(at(5), waker.clone()), queue.arm(at(6), waker.clone()));
        assert!(fires.will_wake(&waker) && !fires.will_wake(Waker::noop()));
        assert_eq!(queue.turn(at(5)), 1);
        assert!(fires.has_fired() && !goes.has_fired());
        assert!(!fires.disarm() && goes.disarm());
        assert_eq!((wakes.count(), queue.armed()), (1, 0));
    });
}

/// One goes out of the middle, and the last in the heap takes its place under a parent that comes later: it moves up.
#[test]
fn alarm_out_of_the_middle() {
    model(name!(), Bound::Exhaustive, || {
        let (queue, order) = (TimerQueue::new(), Order::new());
        // The sixth hangs below the second, the last below the third.
        let mut alarms = [1, 10, 2, 20, 21, 11, 12, 13, 14, 5]
            .map(|n| queue.arm(at(n), order.waker(n)))
            .into_iter()
            .collect::<Vec<_>>();
        drop(alarms.remove(5));
        assert_eq!(queue.turn(at(30)), 9);
        assert_eq!(order.seen(), [1, 2, 5, 10, 12, 13, 14, 20, 21]);
    });
}

/// A queue that was busy gives its memory back; one that was not keeps a little.
#[test]
fn alarm_memory_is_given_back() {
    model(name!(), Bound::Exhaustive, || {
        let queue = TimerQueue::new();
        let arm = |number| (0..number).map(|_| queue.arm(at(5), Waker::noop().clone())).collect::<Vec<_>>();
        drop(arm(1));
        assert_eq!((queue.armed(), queue.capacity()), (0, 8));
        drop(arm(17));
        assert_eq!((queue.armed(), queue.capacity()), (0, 0));
    });
}

/// A source without a heap that has no room, and one that is cancelled.
#[test]
fn static_answers() {
    model(name!(), Bound::Exhaustive, || {
        let (source, child) = (fixed::<1>(), fixed::<1>());
        let slot = source.slot().expect("it has one");
        assert!(source.slot().is_err());
        assert!(child.link(source).is_err() && !child.is_cancelled());
        assert!(source.token().reason().is_none());
        assert!(source.cancel());
        assert!(source.token().reason().is_some_and(|reason| reason.is_requested()));
        let mut late = source.slot().expect("ready for ever");
        assert!(poll_once(&mut late.cancelled(), Waker::noop()).is_ready());
        drop(slot);
    });
}

/// A callback takes back one that has not started: it never runs.
#[test]
fn static_callback_takes_another_back() {
    #[derive(Default)]
    struct Shared {
        other: Mutex<Option<StaticRegistration<'static>>>,
        runs: AtomicUsize,
    }
    model(name!(), Bound::Exhaustive, || {
        let (source, shared) = (fixed::<2>(), &*Box::leak(Box::<Shared>::default()));
        let token = source.token();
        let other = token.try_register(|| _ = shared.runs.fetch_add(1, SeqCst)).ok();
        *shared.other.lock().unwrap() = other;
        let newest = token.try_register(|| {
            let other = shared.other.lock().unwrap().take();
            assert!(other.is_some_and(|mut other| other.unregister()));
        });
        assert!(newest.is_ok() && source.cancel());
        assert_eq!(shared.runs.load(SeqCst), 0);
        assert!(shared.other.lock().unwrap().is_none());
    });
}

/// A cell without a heap gives its value back, or drops it; if there is none it does neither.
#[test]
fn static_cell_and_its_value() {
    model(name!(), Bound::Exhaustive, || {
        assert_eq!(StaticTaskCell::<u32, 1>::new().into_inner(), None);
        let (drops, [taken, dropped]) = (Drops::new(), [(); 2].map(|()| StaticTaskCell::<Tracked, 1>::new()));
        assert!(taken.try_set(drops.track()).is_ok() && dropped.try_set(drops.track()).is_ok());
        drop(dropped);
        assert_eq!(drops.count(), 1);
        assert!(taken.into_inner().is_some());
        assert_eq!(drops.live(), 0);
    });
}

/// A channel without a heap says whether it is closed, and when it is over.
#[test]
fn static_channel_answers() {
    model(name!(), Bound::Exhaustive, || {
        let channel = StaticChannel::<u8, 2, 1>::new();
        assert!(channel.try_write(1).is_ok());
        assert!(!channel.is_closed() && channel.try_complete());
        assert!(channel.is_closed() && !channel.is_completed());
        assert_eq!(channel.try_read(), Ok(1));
        assert!(channel.is_completed());
    });
}

/// The two tokens that have no source take no callback, and say why.
#[test]
fn tokens_without_a_source_refuse() {
    model(name!(), Bound::Exhaustive, || {
        let (none, over) = (CancellationToken::NONE, CancellationToken::new(true));
        assert!(matches!(none.try_register(|| ()), Err(TryRegisterError::Never(_))));
        assert!(matches!(over.try_register(|| ()), Err(TryRegisterError::Cancelled(_))));
    });
}

/// Groups that were reserved: all of them are used, and go with their source.
#[test]
fn reserved_groups() {
    model(name!(), Bound::Exhaustive, || {
        drop(Source::with_capacity(4));
        let source = Source::with_capacity(4);
        let kept: Vec<_> = (0..5).map(|_| source.token().register(|| ())).collect();
        assert_eq!(source.token().listeners(), 5);
        drop(source);
        drop(kept);
    });
}

/// Nothing but wakers, in the head and behind it.
#[test]
fn wakers_alone_behind_the_head() {
    model(name!(), Bound::Exhaustive, || {
        let (source, order) = (Source::new(), Order::new());
        let mut waiters: Vec<_> = (0..9).map(|_| source.token().cancelled_owned()).collect();
        for (waiter, n) in waiters.iter_mut().zip(1..) {
            assert!(poll_once(waiter, &order.waker(n)).is_pending());
        }
        assert!(source.cancel());
        let mut told = order.seen();
        told.sort_unstable();
        assert_eq!(told, (1..=9).collect::<Vec<_>>());
    });
}

/// A cell with groups is used again, and again: they are as new, and whoever comes later is told later.
#[test]
fn cell_with_groups_used_again() {
    model(name!(), Bound::Exhaustive, || {
        let mut source = TaskCompletionSource::<u32, ()>::new();
        for round in [8, 9, 7, 1] {
            let (task, order) = (source.task(), Order::new());
            let mut waiters: Vec<_> = (0..round).map(|_| task.clone().into_future()).collect();
            for (waiter, n) in waiters.iter_mut().zip(1..) {
                assert!(poll_once(waiter, &order.waker(n)).is_pending());
            }
            source.set_result(7);
            assert_eq!(order.seen(), (1..=round).collect::<Vec<u32>>());
            drop((waiters, task));
            assert!(source.try_reset());
        }
        assert_eq!(source.status(), TaskStatus::Pending);
    });
}

/// To detach what has been taken back leaves nothing behind: the child goes with its last handle.
#[test]
fn detached_after_it_was_taken_back() {
    model(name!(), Bound::Exhaustive, || {
        let root = Source::new();
        let child = root.token().child();
        let mut registration = child.token().register(|| ());
        assert!(registration.unregister().is_removed());
        registration.detach();
        assert!(format!("{root:?}").contains("listeners: 1"));
        drop(child);
        assert!(format!("{root:?}").contains("listeners: 0"));
    });
}

/// All callbacks that are detached hold one handle together, which the cancellation gives back.
#[test]
fn two_detached_callbacks() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops) = (Source::new(), Drops::new());
        for _ in 0..2 {
            let held = drops.track();
            source.token().register(move || drop(held)).detach();
        }
        source.cancel();
        assert_eq!(drops.count(), 2);
    });
}
