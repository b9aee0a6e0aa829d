//! Models of a clock's driver that goes to sleep while timers are armed.
#![cfg(loom)]

use loom::thread::spawn;
use std::future::{Future, Pending, pending};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};
use std::time::Duration;
use taskcell::fault::set_hook;
use taskcell::time::{Alarm, SleepClock, TimeProvider, Timestamp};
use taskcell_loom_tests::{Bound, Wakes, model, name};

const SOON: u64 = 5;
const LATER: u64 = 9;

fn arm(clock: &impl TimeProvider, at: u64) -> Alarm {
    clock.arm(Timestamp::from_nanos(at), Waker::noop().clone())
}

/// Has a driver go to sleep while another thread arms for [`SOON`]; returns how long it sleeps in the end.
///
/// The time stands still and a sleep never ends, so the driver looks again only if it is told to.
fn nap_against_arm(before: &[u64]) -> u64 {
    let nap = Arc::new(AtomicU64::new(u64::MAX));
    let slept = nap.clone();
    let clock = SleepClock::new(
        || Duration::ZERO,
        move |time: Duration| -> Pending<()> {
            slept.store(time.as_nanos() as u64, SeqCst);
            pending()
        },
    );
    let wakes = Wakes::new();
    let mut driver = pin!(clock.run());
    let kept: Vec<Alarm> = before.iter().map(|at| arm(&clock, *at)).collect();
    let other_clock = clock.clone();
    let other = spawn(move || arm(&other_clock, SOON));
    let waker = wakes.waker();
    let mut cx = Context::from_waker(&waker);
    assert!(driver.as_mut().poll(&mut cx).is_pending());
    let alarm = other.join().unwrap();
    let mut seen = 0;
    while wakes.count() > seen {
        seen = wakes.count();
        assert!(driver.as_mut().poll(&mut cx).is_pending());
    }
    drop((kept, alarm));
    nap.load(SeqCst)
}

/// The first timer is armed while the driver goes to sleep until it is told: it is told.
#[test]
fn driver_sleeps_against_arm() {
    model(name!(), Bound::Preemptions(3), || assert_eq!(nap_against_arm(&[]), SOON));
}

/// An earlier timer is armed while the driver goes to sleep for a later one: it is told.
#[test]
fn driver_naps_against_earlier_arm() {
    model(name!(), Bound::Preemptions(3), || assert_eq!(nap_against_arm(&[LATER]), SOON));
}

/// A clock whose time stands still, and whose sleeps never end.
fn still() -> SleepClock<impl Fn() -> Duration, impl Fn(Duration) -> Pending<()>> {
    SleepClock::new(|| Duration::ZERO, |_| pending())
}

/// Two arm while the driver sleeps until it is told: it is told, whoever finds the other's timer.
#[test]
fn driver_sleeps_against_two_arms() {
    model(name!(), Bound::Preemptions(3), || {
        let (clock, wakes) = (still(), Wakes::new());
        let mut driver = pin!(clock.run());
        assert!(driver.as_mut().poll(&mut Context::from_waker(&wakes.waker())).is_pending());
        let other_clock = clock.clone();
        let other = spawn(move || arm(&other_clock, LATER));
        let mine = arm(&clock, SOON);
        let theirs = other.join().unwrap();
        assert!(wakes.count() > 0);
        drop((mine, theirs));
    });
}

/// Panics where it is called.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        std::panic::resume_unwind(Box::new("as meant"));
    }
}

/// What a waker panics with goes to the hook, and the driver goes on to the next.
#[test]
fn driver_reports_what_a_waker_panics_with() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    model(name!(), Bound::Exhaustive, || {
        set_hook(|fault| {
            assert_eq!(fault.message(), Some("as meant"));
            TOLD.fetch_add(1, SeqCst);
        });
        let before = TOLD.load(SeqCst);
        let (clock, wakes, due) = (still(), Wakes::new(), Wakes::new());
        let alarms = [Waker::from(Arc::new(Panics)), due.waker()].map(|waker| clock.arm(Timestamp::ZERO, waker));
        let mut driver = pin!(clock.run());
        assert!(driver.as_mut().poll(&mut Context::from_waker(&wakes.waker())).is_pending());
        assert_eq!((TOLD.load(SeqCst) - before, due.count()), (1, 1));
        drop(alarms);
    });
}
