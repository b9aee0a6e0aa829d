//! `Delay`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::time::{at, counting};
use taskcell::time::{ManualClock, SystemClock, TimeProvider, Timestamp, delay, delay_on};

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn zero_is_ready_and_arms_nothing() {
    let clock = ManualClock::new();
    let mut zero = delay_on(&clock, Duration::ZERO);
    assert!(poll(&mut zero, Waker::noop()).is_ready());
    assert!(poll(&mut zero, Waker::noop()).is_ready());
    assert_eq!(clock.armed(), 0);
}

#[test]
fn max_is_never_and_arms_nothing() {
    let clock = ManualClock::new();
    clock.advance(MS);
    for forever in [Duration::MAX, Duration::from_nanos(u64::MAX)] {
        let mut never = delay_on(&clock, forever);
        assert_eq!(never.deadline(), Timestamp::MAX);
        assert!(poll(&mut never, Waker::noop()).is_pending());
        clock.advance(Duration::MAX);
        assert!(poll(&mut never, Waker::noop()).is_pending());
        assert_eq!(clock.armed(), 0);
    }
}

#[test]
fn counts_from_its_creation_and_arms_at_its_first_poll() {
    let clock = ManualClock::new();
    let mut three = delay_on(clock.clone(), 3 * MS);
    let mut late = delay_on(&clock, 3 * MS);
    assert_eq!(clock.armed(), 0);
    clock.advance(MS);
    let (waker, count) = counting();
    assert!(poll(&mut three, &waker).is_pending());
    assert_eq!((clock.armed(), clock.next_deadline()), (1, Some(Timestamp::from(3 * MS))));
    clock.advance(2 * MS);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(poll(&mut three, &waker).is_ready());
    assert!(poll(&mut late, &waker).is_ready(), "polled after its deadline");
    assert_eq!(clock.armed(), 0);
}

#[test]
fn the_last_waker_wins() {
    let clock = ManualClock::new();
    let mut delay = delay_on(&clock, MS);
    let ((first, a), (second, b)) = (counting(), counting());
    assert!(poll(&mut delay, &first).is_pending());
    assert!(poll(&mut delay, &first).is_pending());
    assert!(poll(&mut delay, &second).is_pending());
    assert_eq!((clock.armed(), Arc::strong_count(&a)), (1, 2));
    clock.advance(MS);
    assert_eq!((a.load(Ordering::SeqCst), b.load(Ordering::SeqCst)), (0, 1));
    assert!(poll(&mut delay, &first).is_ready());
}

#[test]
fn dropping_disarms_and_releases() {
    let clock = ManualClock::new();
    let (waker, count) = counting();
    let mut delay = delay_on(&clock, MS);
    assert!(poll(&mut delay, &waker).is_pending());
    drop((delay, waker));
    assert_eq!((clock.armed(), Arc::strong_count(&count)), (0, 1));
    clock.advance(MS);
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[test]
fn a_far_jump_fires_everything_once_in_order() {
    let clock = ManualClock::new();
    let (waker, count) = counting();
    let mut delays: Vec<_> = (1..=100).map(|i| delay_on(&clock, i * MS)).collect();
    delays.iter_mut().for_each(|d| assert!(poll(d, &waker).is_pending()));
    assert_eq!(clock.advance(Duration::MAX), 100);
    assert_eq!(count.load(Ordering::SeqCst), 100);
    assert!(delays.iter_mut().all(|d| poll(d, &waker).is_ready()));
    assert_eq!(clock.advance(Duration::MAX), 0);
}

#[test]
fn on_a_provider_by_any_handle() {
    let clock = ManualClock::new();
    let object: Arc<dyn TimeProvider> = Arc::new(clock.clone());
    let mut by_ref = delay_on(&*object, MS);
    let mut by_arc = delay_on(object.clone(), MS);
    assert!(poll(&mut by_ref, Waker::noop()).is_pending() && poll(&mut by_arc, Waker::noop()).is_pending());
    clock.advance_to(at(1_000_000));
    assert!(poll(&mut by_ref, Waker::noop()).is_ready() && poll(&mut by_arc, Waker::noop()).is_ready());
}

#[test]
fn on_the_system_clock_never_early() {
    let before = SystemClock.now();
    smol::block_on(delay(20 * MS));
    assert!(SystemClock.now().saturating_duration_since(before) >= 20 * MS);
}

#[test]
fn auto_advance_runs_a_program_in_no_time() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let order = std::cell::RefCell::new(Vec::new());
    let executor = smol::LocalExecutor::new();
    for hours in [3, 1, 2] {
        let (clock, order) = (&clock, &order);
        executor
            .spawn(async move {
                delay_on(clock, hours * 3600 * Duration::from_secs(1)).await;
                order.borrow_mut().push((hours, clock.now()));
            })
            .detach();
    }
    clock.block_on(executor.run(delay_on(&clock, Duration::from_secs(5 * 3600))));
    let hour = |n: u32| Timestamp::from(n * Duration::from_secs(3600));
    assert_eq!(*order.borrow(), [(1, hour(1)), (2, hour(2)), (3, hour(3))]);
    assert_eq!((clock.now(), clock.armed()), (hour(5), 0));
}

#[test]
fn block_on_without_auto_advance_waits_for_others() {
    let clock = ManualClock::new();
    let theirs = clock.clone();
    let helper = std::thread::spawn(move || {
        while !theirs.advance_to_next() {
            std::thread::yield_now();
        }
    });
    clock.block_on(delay_on(&clock, MS));
    helper.join().unwrap();
}
