//! The clocks: manual, by a sleep function, std's.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::time::{Log, act, at, counting};
use taskcell::time::{Alarm, ManualClock, SleepClock, SystemClock, TimeProvider, Timestamp, delay_on};

const MS: Duration = Duration::from_millis(1);

#[test]
fn manual_clock_reads_the_deadline_while_a_timer_fires() {
    let (clock, seen) = (ManualClock::new(), mpsc::channel());
    let alarms: Vec<Alarm> = [30, 10, 20]
        .into_iter()
        .map(|d| {
            let (clock, tell) = (clock.clone(), std::sync::Mutex::new(seen.0.clone()));
            let reader = clock.clone();
            clock.arm(at(d), act(move || tell.lock().unwrap().send(reader.now()).unwrap()))
        })
        .collect();
    assert_eq!(clock.advance(Duration::from_nanos(25)), 2);
    assert_eq!(clock.now(), at(25));
    assert!(clock.advance_to_next());
    assert!(!clock.advance_to_next());
    drop(alarms);
    drop(seen.0);
    assert_eq!(seen.1.try_iter().collect::<Vec<_>>(), [at(10), at(20), at(30)]);
}

#[test]
fn manual_clock_never_goes_back() {
    let clock = ManualClock::new();
    clock.advance_to(at(10));
    clock.advance_to(at(4));
    assert_eq!(clock.now(), at(10));
    clock.advance(Duration::MAX);
    clock.advance(Duration::MAX);
    assert!(clock.now() < Timestamp::MAX);
}

#[test]
fn manual_clock_fires_what_is_late_while_arming() {
    let (clock, log) = (ManualClock::new(), Log::default());
    clock.advance_to(at(10));
    let alarm = clock.arm(at(10), log.waker(1));
    assert!(alarm.has_fired() && log.take() == [1]);
}

#[test]
fn manual_clock_under_threads() {
    let clock = ManualClock::new();
    let (waker, count) = counting();
    let disarmed = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for i in 0..2_000 {
                    let alarm = clock.arm(at(i), waker.clone());
                    disarmed.fetch_add(alarm.disarm() as usize, Ordering::SeqCst);
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..2_000 {
                clock.advance(Duration::from_nanos(1));
            }
        });
    });
    assert_eq!((clock.armed(), clock.now()), (0, at(2_000)));
    assert_eq!(count.load(Ordering::SeqCst) + disarmed.load(Ordering::SeqCst), 6_000);
}

#[test]
fn system_clock_fires_in_order_and_never_early() {
    let (tell, hear) = mpsc::channel();
    let start = SystemClock.now();
    let alarms: Vec<Alarm> = [60, 20, 40]
        .into_iter()
        .map(|ms| {
            let tell = std::sync::Mutex::new(tell.clone());
            let deadline = start.saturating_add(ms * MS);
            SystemClock.arm(deadline, act(move || tell.lock().unwrap().send((ms, SystemClock.now())).unwrap()))
        })
        .collect();
    for expected in [20, 40, 60] {
        let (ms, fired) = hear.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(ms, expected);
        assert!(fired >= start.saturating_add(ms * MS));
    }
    drop(alarms);
}

#[test]
fn system_clock_survives_a_panicking_waker_and_restarts_when_idle() {
    for _ in 0..2 {
        let (tell, hear) = mpsc::channel();
        let tell = std::sync::Mutex::new(tell);
        let now = SystemClock.now();
        let bad = SystemClock.arm(now.saturating_add(MS), act(|| std::panic::resume_unwind(Box::new("quiet"))));
        let good = SystemClock.arm(now.saturating_add(2 * MS), act(move || tell.lock().unwrap().send(()).unwrap()));
        hear.recv_timeout(Duration::from_secs(10)).unwrap();
        drop((bad, good));
        // Longer than the thread lingers.
        std::thread::sleep(250 * MS);
    }
}

/// Who arms where no thread can be started is told so, and so is the next, also for a later deadline.
#[cfg(not(miri))]
#[test]
fn system_clock_tries_again_to_start_its_thread() {
    const INSIDE: &str = "TASKCELL_NO_THREAD_STARTS";
    if std::env::var_os(INSIDE).is_some() {
        let arm = |seconds: u32| SystemClock.arm(SystemClock.now().saturating_add(seconds * 1000 * MS), act(|| {}));
        let refused = |seconds: u32| std::panic::catch_unwind(|| arm(seconds)).is_err();
        assert!(refused(10) && refused(20) && SystemClock::armed() == 0);
        return;
    }
    let mut inside = std::process::Command::new(std::env::current_exe().unwrap());
    inside.args(["--exact", "time_clocks::system_clock_tries_again_to_start_its_thread", "--test-threads=1"]);
    // A stack that no machine has; the test itself then stays on the first thread.
    let output = inside.env(INSIDE, "").env("RUST_MIN_STACK", (1_u64 << 50).to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn system_clock_in_the_past_fires_promptly() {
    let (tell, hear) = mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let _alarm = SystemClock.arm(Timestamp::ZERO, act(move || tell.lock().unwrap().send(()).unwrap()));
    hear.recv_timeout(Duration::from_secs(10)).unwrap();
}

#[test]
fn sleep_clock_sleeps_until_the_earliest_deadline() {
    let manual = ManualClock::new();
    let (now, sleep) = (manual.clone(), manual.clone());
    let clock = SleepClock::new(
        move || now.now().saturating_duration_since(Timestamp::ZERO),
        move |d| delay_on(sleep.clone(), d),
    );
    let log = Log::default();
    let (waker, woken) = counting();
    let mut driver = pin!(clock.run());
    let mut poll = || driver.as_mut().poll(&mut Context::from_waker(&waker));

    assert!(poll().is_pending());
    assert_eq!(manual.armed(), 0, "nothing to sleep for");
    let late = clock.arm(at(100), log.waker(100));
    assert_eq!(woken.swap(0, Ordering::SeqCst), 1);
    assert!(poll().is_pending());
    assert_eq!(manual.next_deadline(), Some(at(100)));

    let later = clock.arm(at(200), log.waker(200));
    assert_eq!(woken.load(Ordering::SeqCst), 0, "a later deadline wakes nobody");
    let early = clock.arm(at(50), log.waker(50));
    assert_eq!(woken.swap(0, Ordering::SeqCst), 1);
    assert!(poll().is_pending());
    assert_eq!((manual.next_deadline(), manual.armed()), (Some(at(50)), 1));

    manual.advance_to(at(150));
    assert_eq!(woken.swap(0, Ordering::SeqCst), 1);
    assert!(poll().is_pending());
    assert_eq!(log.take(), [50, 100]);
    assert!(later.disarm());
    drop((late, early));

    drop(clock);
    assert_eq!(woken.swap(0, Ordering::SeqCst), 1);
    assert_eq!(poll(), Poll::Ready(()));
}

#[test]
fn sleep_clock_serves_armed_timers_without_handles() {
    let start = Instant::now();
    let clock = SleepClock::new(move || start.elapsed(), smol::Timer::after);
    let (waker, fired) = counting();
    let alarm = clock.arm(clock.now().saturating_add(10 * MS), waker);
    let driver = clock.run();
    drop(clock);
    smol::block_on(driver);
    assert!(alarm.has_fired());
    assert_eq!(fired.load(Ordering::SeqCst), 1);
}

#[test]
fn sleep_clock_on_an_executor() {
    let start = Instant::now();
    let clock = SleepClock::new(move || start.elapsed(), smol::Timer::after);
    let driver = smol::spawn(clock.run());
    smol::block_on(async {
        let short = delay_on(clock.clone(), 5 * MS);
        let long = delay_on(clock.clone(), 20 * MS);
        long.await;
        short.await;
    });
    assert!(start.elapsed() >= 20 * MS);
    assert_eq!(clock.armed(), 0);
    drop(clock);
    smol::block_on(driver);
}

#[test]
fn providers_are_objects() {
    let clocks: [Box<dyn TimeProvider>; 2] = [Box::new(SystemClock), Box::new(ManualClock::new())];
    for clock in clocks {
        drop(clock.arm(Timestamp::MAX, Waker::noop().clone()));
        assert!(clock.now() < Timestamp::MAX);
    }
}
