//! The timer queue: order, disarming, reuse of memory, end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use taskcell::time::{Alarm, TimerQueue, Timestamp};

/// Runs a closure when woken.
pub(crate) struct Act<F>(pub(crate) F);

impl<F: Fn() + Send + Sync + 'static> Wake for Act<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

pub(crate) fn act(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(Act(f)))
}

/// A waker that counts, and its counter.
pub(crate) fn counting() -> (Waker, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let theirs = count.clone();
    let count_up = move || {
        theirs.fetch_add(1, Ordering::SeqCst);
    };
    (act(count_up), count)
}

/// A log of what fired, and wakers that write their name into it.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u64>>>);

impl Log {
    pub(crate) fn waker(&self, name: u64) -> Waker {
        let log = self.clone();
        act(move || log.0.lock().unwrap().push(name))
    }

    pub(crate) fn take(&self) -> Vec<u64> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

pub(crate) fn at(nanos: u64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

#[test]
fn fires_by_deadline_then_by_arming() {
    let (queue, log) = (TimerQueue::new(), Log::default());
    let deadlines = [30, 10, 20, 10, 30, 10];
    let alarms: Vec<Alarm> = (0..).zip(deadlines).map(|(name, d)| queue.arm(at(d), log.waker(name))).collect();
    assert_eq!((queue.armed(), queue.next_deadline()), (6, Some(at(10))));
    assert_eq!(queue.turn(at(9)), 0);
    assert_eq!(queue.turn(at(20)), 4);
    assert_eq!(log.take(), [1, 3, 5, 2]);
    assert_eq!(queue.turn(at(1000)), 2);
    assert_eq!(log.take(), [0, 4]);
    assert!(alarms.iter().all(Alarm::has_fired));
    assert!(alarms.into_iter().all(|alarm| !alarm.disarm()));
    assert_eq!((queue.armed(), queue.next_deadline()), (0, None));
}

#[test]
fn random_arming_and_disarming_keeps_the_order() {
    let (queue, log) = (TimerQueue::new(), Log::default());
    let mut state = 1u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    let mut live: Vec<(u64, u64, Alarm)> = Vec::new();
    let mut now = 0;
    for name in 0..20_000 {
        if random(3) > 0 || live.is_empty() {
            let deadline = now + 1 + random(500);
            live.push((deadline, name, queue.arm(at(deadline), log.waker(name))));
        } else {
            let (.., alarm) = live.swap_remove(random(live.len() as u64) as usize);
            assert!(alarm.disarm());
        }
        assert_eq!(queue.armed(), live.len());
        if name % 50 == 0 {
            now += random(100);
            queue.turn(at(now));
            let mut due: Vec<(u64, u64)> = live.iter().filter(|t| t.0 <= now).map(|t| (t.0, t.1)).collect();
            due.sort_unstable();
            assert_eq!(log.take(), due.iter().map(|t| t.1).collect::<Vec<_>>());
            live.retain(|t| t.0 > now);
        }
    }
}

#[test]
fn disarming_drops_the_waker_at_once_and_is_final() {
    let queue = TimerQueue::new();
    let (waker, count) = counting();
    let alarm = queue.arm(at(5), waker);
    assert_eq!(Arc::strong_count(&count), 2);
    assert!(alarm.disarm());
    assert_eq!((Arc::strong_count(&count), queue.armed()), (1, 0));
    assert_eq!(queue.turn(at(100)), 0);
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[test]
fn a_million_rounds_need_one_entry() {
    let queue = TimerQueue::new();
    let waker = Waker::noop();
    for i in 0..1_000_000 {
        drop(queue.arm(at(1_000_000_000 + i), waker.clone()));
    }
    assert_eq!(queue.armed(), 0);
    assert!(queue.capacity() <= 8, "{}", queue.capacity());
}

#[test]
fn memory_of_a_crowd_is_given_back() {
    let queue = TimerQueue::new();
    let crowd: Vec<Alarm> = (0..100_000).map(|i| queue.arm(at(i + 1), Waker::noop().clone())).collect();
    assert!(queue.capacity() >= 100_000);
    drop(crowd);
    assert_eq!((queue.armed(), queue.capacity()), (0, 0));
}

#[test]
fn never_keeps_nothing() {
    let queue = TimerQueue::new();
    let (waker, count) = counting();
    let alarm = queue.arm(Timestamp::MAX, waker);
    assert_eq!((Arc::strong_count(&count), queue.armed(), queue.next_deadline()), (1, 0, None));
    assert_eq!(queue.turn(Timestamp::MAX), 0);
    assert!(!alarm.has_fired() && alarm.disarm());
}

#[test]
fn the_last_moment_fires() {
    let queue = TimerQueue::new();
    let alarm = queue.arm(at(u64::MAX - 1), Waker::noop().clone());
    assert_eq!((queue.turn(at(u64::MAX - 2)), queue.turn(Timestamp::MAX)), (0, 1));
    assert!(alarm.has_fired());
}

#[test]
fn alarms_outlive_their_queue() {
    let queue = TimerQueue::new();
    let (waker, count) = counting();
    let armed: Vec<Alarm> = (0..20).map(|i| queue.arm(at(i + 10), waker.clone())).collect();
    let fired = queue.arm(at(1), waker.clone());
    drop(queue.arm(at(7), waker.clone()));
    assert_eq!(queue.turn(at(1)), 1);
    drop((queue, waker));
    assert_eq!(Arc::strong_count(&count), 1, "the queue took the wakers with it");
    assert!(armed.iter().all(|alarm| !alarm.has_fired()));
    assert!(fired.has_fired() && !fired.disarm());
    assert!(armed.into_iter().all(Alarm::disarm));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn timestamps_saturate() {
    use std::time::Duration;
    assert_eq!(Timestamp::MAX.saturating_add(Duration::from_nanos(1)), Timestamp::MAX);
    assert_eq!(Timestamp::ZERO.saturating_add(Duration::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::from(Duration::from_millis(3)).as_nanos(), 3_000_000);
    assert_eq!(at(5).saturating_duration_since(at(7)), Duration::ZERO);
    assert_eq!(format!("{:?} {:?}", Timestamp::MAX, at(1_500)), "never 1.5µs");
}

#[test]
fn sizes_and_bounds() {
    use taskcell::time::*;
    fn all<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe + std::fmt::Debug>() {}
    all::<Alarm>();
    all::<TimerQueue>();
    all::<ManualClock>();
    all::<SystemClock>();
    all::<Delay<SystemClock>>();
    all::<Delay<&ManualClock>>();
    assert_eq!(size_of::<Alarm>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Alarm>>(), size_of::<usize>());
    assert!(size_of::<Delay<&ManualClock>>() <= 24 && size_of::<Delay<&dyn TimeProvider>>() <= 32);
}

/// Threads arm, disarm and hand alarms to each other while one turns: every
/// timer ends once, as its alarm says.
#[test]
fn stress() {
    use std::sync::atomic::AtomicBool;
    const THREADS: usize = 4;
    const ROUNDS: usize = 5_000;
    let queue = TimerQueue::new();
    let (waker, fired) = counting();
    let disarmed = AtomicUsize::new(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let turner = scope.spawn(|| {
            let mut now = 0;
            while !done.load(Ordering::SeqCst) {
                now += 1;
                queue.turn(at(now));
                std::thread::yield_now();
            }
        });
        let workers: Vec<_> = (0..THREADS)
            .map(|t| {
                let (queue, waker, disarmed) = (&queue, &waker, &disarmed);
                scope.spawn(move || {
                    let mut kept = Vec::new();
                    for i in 0..ROUNDS {
                        kept.push(queue.arm(at((i * 7 + t) as u64 % 5_000), waker.clone()));
                        if kept.len() > i % 16 {
                            let alarm = kept.swap_remove(i % kept.len());
                            disarmed.fetch_add(alarm.disarm() as usize, Ordering::SeqCst);
                        }
                    }
                    for alarm in kept {
                        disarmed.fetch_add(alarm.disarm() as usize, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        workers.into_iter().for_each(|w| w.join().unwrap());
        done.store(true, Ordering::SeqCst);
        turner.join().unwrap();
    });
    assert_eq!(queue.armed(), 0);
    assert_eq!(disarmed.load(Ordering::SeqCst) + fired.load(Ordering::SeqCst), THREADS * ROUNDS);
    assert_eq!(Arc::strong_count(&fired), 2);
}
