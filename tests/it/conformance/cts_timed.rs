//! CTS: `CancellationTokenSource`: its timers, `try_reset` and the deferred cancel.
use crate::support::{Counter, Jobs, Log, eventually, faults};
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use taskcell::time::{ManualClock, SystemClock, TimeProvider, Timestamp};
use taskcell::{CancellationTokenSource, Unregistered};

const MS: Duration = Duration::from_millis(1);

/// We differ on purpose: no crash; the panic of a callback on the timer's thread goes to the fault hook.
#[test]
fn cts_017_a_panic_on_the_timers_thread_is_reported() {
    let faults = faults::watch();
    let source = CancellationTokenSource::new();
    source.token().register(|| panic!("cts_017")).detach();
    source.cancel_after(MS);
    source.token().wait().unwrap();
    eventually("the fault is reported", || faults.saw("cts_017"));
    // The driver lives on.
    assert!(CancellationTokenSource::with_timeout(MS).token().wait_timeout(Duration::from_secs(20)).unwrap());
}

#[test]
fn cts_018_a_zero_timeout_is_cancelled_from_birth() {
    let clock = ManualClock::new();
    for source in [
        CancellationTokenSource::with_timeout_on(&clock, Duration::ZERO),
        CancellationTokenSource::with_timeout(Duration::ZERO),
    ] {
        assert!(source.is_cancelled());
        assert!(source.token().reason().unwrap().is_deadline());
        let log = Log::new();
        let mut registration = source.token().register(log.note("inline"));
        assert_eq!(log.take(), ["inline"]);
        assert_eq!(registration.unregister(), Unregistered::Finished);
    }
    assert_eq!(clock.armed(), 0);
}

#[test]
fn cts_020_an_infinite_timeout_never_fires() {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::with_timeout_on(&clock, Duration::MAX);
    clock.advance_to(Timestamp::MAX);
    assert!(!source.is_cancelled());
    assert!(!CancellationTokenSource::with_timeout(Duration::MAX).is_cancelled());
}

/// A negative duration cannot be written; a huge one saturates.
#[test]
fn cts_021_a_huge_timeout_saturates() {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(5));
    let source = CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(u64::MAX));
    source.cancel_after_on(&clock, Duration::MAX - MS);
    clock.advance(Duration::from_secs(100 * 365 * 86_400));
    assert!(!source.is_cancelled());
    assert!(source.cancel());
}

#[test]
fn cts_022_a_later_deadline_replaces_an_earlier_one() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, 50 * MS);
    source.cancel_after_on(&clock, 5_000_000 * MS);
    clock.advance(100 * MS);
    assert!(!source.is_cancelled());
    clock.advance(5_000_000 * MS);
    assert!(source.is_cancelled());
}

#[test]
fn cts_023_an_earlier_deadline_replaces_a_later_one() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, 5_000_000 * MS);
    source.cancel_after_on(&clock, MS);
    assert!(!source.is_cancelled());
    clock.advance(MS);
    assert!(source.is_cancelled());
    // On the default clock, too.
    let source = CancellationTokenSource::with_timeout(Duration::from_secs(3_600));
    source.cancel_after(MS);
    assert!(source.token().wait_timeout(Duration::from_secs(20)).unwrap());
}

#[test]
fn cts_024_an_infinite_delay_disarms() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, 50 * MS);
    source.cancel_after_on(&clock, Duration::MAX);
    assert_eq!(clock.armed(), 0);
    clock.advance(100 * MS);
    assert!(!source.is_cancelled());
    assert!(!source.disarm(), "nothing is armed");

    source.cancel_after_on(&clock, 50 * MS);
    assert!(source.disarm(), "it was armed and will never fire");
    clock.advance(100 * MS);
    assert!(!source.is_cancelled());
}

#[test]
fn cts_025_a_timer_after_a_cancel_does_nothing() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    source.cancel();
    source.cancel_after_on(&clock, 10 * MS);
    source.cancel_after_on(&clock, Duration::ZERO);
    assert_eq!(clock.armed(), 0);
    assert!(source.token().reason().unwrap().is_requested());
}

/// We differ on purpose: dropping the source disarms only with the last listener (see 064); `disarm` is explicit.
#[test]
fn cts_028_nobody_left_to_cancel_releases_the_timer() {
    let clock = ManualClock::new();
    drop(CancellationTokenSource::with_timeout_on(&clock, 50 * MS));
    assert_eq!(clock.armed(), 0);

    let source = CancellationTokenSource::with_timeout_on(&clock, 50 * MS);
    let token = source.token();
    assert!(source.disarm());
    drop(source);
    assert_eq!(clock.armed(), 0);
    clock.advance(100 * MS);
    assert!(!token.is_cancelled());
    assert!(!token.can_be_cancelled());
}

#[test]
fn cts_029_a_cancel_releases_the_timer() {
    let (clock, log) = (ManualClock::new(), Log::new());
    let source = CancellationTokenSource::with_timeout_on(&clock, 50 * MS);
    source.token().register(log.note("ran")).detach();
    assert!(source.cancel());
    assert_eq!(clock.armed(), 0);
    clock.advance(100 * MS);
    assert_eq!(log.take(), ["ran"]);
    assert!(source.token().reason().unwrap().is_requested());
}

#[test]
fn cts_038_a_live_source_resets() {
    let mut source = CancellationTokenSource::new();
    assert!(source.try_reset());
    assert!(source.try_reset());
    assert!(source.cancel());
}

#[test]
fn cts_039_a_reset_disarms() {
    let clock = ManualClock::new();
    let mut source = CancellationTokenSource::with_timeout_on(&clock, 50 * MS);
    assert!(source.try_reset());
    assert_eq!(clock.armed(), 0);
    clock.advance(100 * MS);
    assert!(!source.is_cancelled());
    source.cancel_after_on(&clock, 50 * MS);
    clock.advance(50 * MS);
    assert!(source.is_cancelled());
}

#[test]
fn cts_040_a_cancelled_source_stays_cancelled() {
    let mut source = CancellationTokenSource::new();
    source.cancel();
    assert!(!source.try_reset());
    assert!(source.is_cancelled());

    let clock = ManualClock::new();
    let mut source = CancellationTokenSource::with_timeout_on(&clock, MS);
    clock.advance(MS);
    assert!(!source.try_reset());
    assert!(source.is_cancelled());
}

/// We differ on purpose: old tokens do not stay attached, so the old registration's token is no longer the source's.
#[test]
fn cts_041_a_reset_drops_the_registrations() {
    let (mut source, log) = (CancellationTokenSource::new(), Log::new());
    let old = source.token();
    let mut f = old.register(log.note("f"));
    assert!(source.try_reset());
    assert!(f.token() == old);
    assert!(source.token() != old);
    let _g = source.token().register(log.note("g"));
    source.cancel();
    assert_eq!(log.take(), ["g"]);
    assert!(!old.is_cancelled());
    let _ = f.unregister();
    drop(f);
    assert_eq!(log.len(), 0, "f never runs");
}

#[test]
fn cts_048_a_deferred_cancel_sets_the_flag_now() {
    let (source, log, waiter) = (CancellationTokenSource::new(), Log::new(), Counter::new());
    let token = source.token();
    let mut wait = token.cancelled();
    assert!(waiter.poll(&mut wait).is_pending());
    let ran = log.clone();
    source.token().register(move || ran.push(thread::current().id())).detach();
    let deferred = source.cancel_deferred();
    assert!(deferred.is_first());
    assert!(source.is_cancelled());
    assert_eq!(waiter.wakes(), 1, "wakers go at once");
    assert_eq!(log.len(), 0, "callbacks wait for the guard");
    assert!(!source.cancel());
    assert_eq!(log.len(), 0, "nobody else runs them");
    let other = thread::spawn(move || {
        deferred.run();
        thread::current().id()
    });
    let id = other.join().unwrap();
    assert_eq!(log.take(), [id], "on the thread of the guard");
}

#[test]
fn cts_048_cancel_async_ends_with_its_callbacks() {
    let (source, jobs, log) = (CancellationTokenSource::new(), Jobs::new(), Log::new());
    source.token().register(log.note("ran")).detach();
    let task = source.cancel_async(&jobs);
    assert!(source.is_cancelled() && !task.is_completed());
    assert_eq!((log.len(), jobs.len()), (0, 1));
    jobs.run();
    assert_eq!(log.take(), ["ran"]);
    assert!(task.is_completed_successfully());
}

#[test]
fn cts_049_cancel_async_of_nothing_has_ended() {
    let (source, jobs) = (CancellationTokenSource::new(), Jobs::new());
    drop(source.token().register(|| panic!("was unregistered")));
    assert!(source.cancel_async(&jobs).is_completed_successfully());
    assert!(source.cancel_async(&jobs).is_completed_successfully());
    assert_eq!(jobs.len(), 0);
}

#[test]
fn cts_052_cancel_async_runs_lifo_in_one_job() {
    let (source, jobs, log) = (CancellationTokenSource::new(), Jobs::new(), Log::new());
    for n in 1..=5 {
        source.token().register(log.note(n)).detach();
    }
    let task = source.cancel_async(&jobs);
    assert_eq!(jobs.run(), 1);
    assert_eq!(log.take(), [5, 4, 3, 2, 1]);
    assert!(task.is_completed_successfully());
}

#[test]
fn cts_049_a_deferred_cancel_of_nothing_has_nothing_to_run() {
    let source = CancellationTokenSource::new();
    drop(source.token().register(|| panic!("was unregistered")));
    let deferred = source.cancel_deferred();
    assert!(deferred.is_first());
    deferred.run();
    let again = source.cancel_deferred();
    assert!(!again.is_first());
    drop(again);
}

#[test]
fn cts_052_deferred_callbacks_run_lifo() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    for n in 1..=5 {
        source.token().register(log.note(n)).detach();
    }
    // Dropping the guard runs them as `run` does.
    drop(source.cancel_deferred());
    assert_eq!(log.take(), [5, 4, 3, 2, 1]);
}

#[test]
fn cts_063_one_timer_however_often_it_is_armed() {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::with_timeout_on(&clock, 100 * MS);
    assert_eq!(clock.armed(), 1);
    for seconds in 1..=9 {
        source.cancel_after_on(&clock, Duration::from_secs(seconds));
        assert_eq!(clock.armed(), 1);
    }
    assert_eq!(clock.next_deadline(), Some(clock.now().saturating_add(Duration::from_secs(9))));
    clock.advance(Duration::from_secs(9));
    assert!(source.is_cancelled());
    assert_eq!(clock.armed(), 0);
}

/// Ours: an armed timer stands for a source as long as a listener lives.
#[test]
fn cts_064_an_armed_timer_stands_for_the_source() {
    let (clock, log) = (ManualClock::new(), Log::new());
    let token = CancellationTokenSource::with_timeout_on(&clock, 50 * MS).token();
    assert!(token.can_be_cancelled());
    let _registration = token.register(log.note("ran"));
    clock.advance(50 * MS);
    assert_eq!(log.take(), ["ran"]);
    assert!(token.is_cancelled());

    // On the default clock, a blocking wait.
    let (send, receive) = mpsc::channel();
    let token = CancellationTokenSource::with_timeout(MS).token();
    token.register(move || send.send(()).unwrap()).detach();
    token.wait().unwrap();
    receive.recv().unwrap();
}

#[test]
fn cts_066_zero_and_infinite_arm_no_timer() {
    let clock = ManualClock::new();
    let zero = CancellationTokenSource::with_timeout_on(&clock, Duration::ZERO);
    assert!(zero.is_cancelled());
    let infinite = CancellationTokenSource::with_timeout_on(&clock, Duration::MAX);
    assert!(!infinite.is_cancelled());
    assert_eq!(clock.armed(), 0);
    assert!(SystemClock.now() <= SystemClock.now());
}
