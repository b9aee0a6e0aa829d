//! Models of the timer queue's transitions.
#![cfg(loom)]

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};

use loom::thread;
use taskcell::time::{ManualClock, StaticClock, StaticTimerQueue, TimeProvider, TimerQueue, Timestamp};
use taskcell_loom_tests::{Bound, Data, model, name};

/// Counts wakes; its own count tells how many wakers are left. Unmodelled: it
/// adds no interleaving.
#[derive(Default)]
struct Probe(AtomicUsize);

impl Wake for Probe {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn probe() -> (Waker, Arc<Probe>) {
    let probe = Arc::new(Probe::default());
    (Waker::from(probe.clone()), probe)
}

impl Probe {
    /// The wakes so far, once all wakers are gone.
    fn end(self: Arc<Self>) -> usize {
        assert_eq!(Arc::strong_count(&self), 1, "each waker is dropped once");
        self.0.load(Ordering::SeqCst)
    }
}

const AT: Timestamp = Timestamp::from_nanos(5);

#[test]
fn alarm_disarm_against_fire() {
    model(name!(), Bound::Exhaustive, || {
        let queue = Arc::new(TimerQueue::new());
        let (waker, probe) = probe();
        let alarm = queue.arm(AT, waker);
        let turner = {
            let queue = queue.clone();
            thread::spawn(move || queue.turn(AT))
        };
        let disarmed = alarm.disarm();
        let fired = turner.join().unwrap();
        assert_eq!(queue.armed(), 0);
        assert_eq!((fired, probe.end()), (!disarmed as usize, !disarmed as usize));
    });
}

/// The entry that one thread hands back is recycled by the other's arming.
#[test]
fn alarm_dead_list_against_drain() {
    model(name!(), Bound::Exhaustive, || {
        let queue = Arc::new(TimerQueue::new());
        let ((first, a), (second, b)) = (probe(), probe());
        let alarm = queue.arm(AT, first);
        let dropper = thread::spawn(move || drop(alarm));
        let mine = queue.arm(AT, second.clone());
        drop(mine);
        let again = queue.arm(AT, second);
        dropper.join().unwrap();
        assert_eq!(queue.armed(), 1);
        assert_eq!(queue.turn(AT), 1);
        drop(again);
        assert_eq!((a.end(), b.end()), (0, 1));
    });
}

/// Two alarms are handed back while a third context drains.
#[test]
fn alarm_two_droppers_against_drain() {
    model(name!(), Bound::Preemptions(5), || {
        let queue = Arc::new(TimerQueue::new());
        let (waker, probe) = probe();
        let alarms = [queue.arm(AT, waker.clone()), queue.arm(AT, waker.clone())];
        let droppers = alarms.map(|alarm| thread::spawn(move || drop(alarm)));
        let mine = queue.arm(AT, waker);
        droppers.into_iter().for_each(|d| d.join().unwrap());
        assert_eq!(queue.armed(), 1);
        drop((mine, queue));
        assert_eq!(probe.end(), 0);
    });
}

/// Arming finds the lock taken, or its holder leaves at that moment: the entry
/// is never stranded.
#[test]
fn alarm_arm_against_holder_leaving() {
    model(name!(), Bound::Exhaustive, || {
        let queue = Arc::new(TimerQueue::new());
        let (waker, probe) = probe();
        let other = {
            let (queue, waker) = (queue.clone(), waker.clone());
            thread::spawn(move || queue.arm(AT, waker))
        };
        let mine = queue.arm(AT, waker);
        let other = other.join().unwrap();
        assert_eq!(queue.turn(AT), 2);
        assert!(mine.has_fired() && other.has_fired());
        drop((mine, other));
        assert_eq!(probe.end(), 2);
    });
}

/// An alarm that was only listed goes before its holder has looked at it.
#[test]
fn alarm_listed_and_dropped_against_holder() {
    model(name!(), Bound::Exhaustive, || {
        let queue = Arc::new(TimerQueue::new());
        let ((first, a), (second, b)) = (probe(), probe());
        let other = {
            let queue = queue.clone();
            thread::spawn(move || assert!(queue.arm(AT, first).disarm()))
        };
        let mine = queue.arm(AT, second);
        other.join().unwrap();
        assert_eq!((queue.armed(), queue.turn(AT)), (1, 1));
        drop((mine, queue));
        assert_eq!((a.end(), b.end()), (0, 1));
    });
}

/// The queue goes while alarms go: the block is freed once, by the last
/// (loom's allocator says so), and each waker is dropped once.
#[test]
fn alarm_drop_against_close() {
    model(name!(), Bound::Exhaustive, || {
        let queue = TimerQueue::new();
        let (waker, probe) = probe();
        let [first, last] = [queue.arm(AT, waker.clone()), queue.arm(AT, waker)];
        let dropper = thread::spawn(move || drop(first));
        drop(queue);
        drop(last);
        dropper.join().unwrap();
        assert_eq!(probe.end(), 0);
    });
}

/// A timer armed in the past while an advance ends is fired by one of the two.
#[test]
fn alarm_late_arm_against_end_of_advance() {
    model(name!(), Bound::Exhaustive, || {
        let clock = ManualClock::new();
        let (waker, probe) = probe();
        let other = clock.clone();
        let advancer = thread::spawn(move || other.advance_to(AT));
        let alarm = clock.arm(AT, waker);
        advancer.join().unwrap();
        assert!(alarm.has_fired());
        assert_eq!(clock.now(), AT);
        drop(alarm);
        assert_eq!(probe.end(), 1);
    });
}

/// A static queue of one entry: it is handed back while it is wanted again.
#[test]
fn alarm_fixed_reuse_against_drop() {
    model(name!(), Bound::Exhaustive, || {
        let queue: &'static StaticTimerQueue<1> = Box::leak(Box::new(StaticTimerQueue::new()));
        let ((first, a), (second, b)) = (probe(), probe());
        let alarm = queue.arm(AT, first).unwrap();
        let dropper = thread::spawn(move || drop(alarm));
        let mine = queue.arm(AT, second);
        dropper.join().unwrap();
        let armed = mine.is_ok() as usize;
        assert_eq!((queue.armed(), queue.turn(AT)), (armed, armed));
        drop(mine);
        assert_eq!((a.end(), b.end()), (0, armed));
    });
}

/// Two contexts arm on a static queue: both have an entry, neither is stranded.
#[test]
fn alarm_fixed_arm_against_holder_leaving() {
    model(name!(), Bound::Exhaustive, || {
        let queue: &'static StaticTimerQueue<2> = Box::leak(Box::new(StaticTimerQueue::new()));
        let (waker, probe) = probe();
        let theirs = waker.clone();
        let other = thread::spawn(move || queue.arm(AT, theirs).unwrap());
        let mine = queue.arm(AT, waker).unwrap();
        let other = other.join().unwrap();
        assert_eq!(queue.turn(AT), 2);
        assert!(mine.has_fired() && other.has_fired());
        drop((mine, other));
        assert_eq!(probe.end(), 2);
    });
}

loom::lazy_static! {
    /// A hardware timer: what it is set to, which one at a time may do.
    static ref COMPARE: (Data, AtomicUsize) = (Data::new(), AtomicUsize::new(0));
}

/// A clock on which it is always `AT`; its alarm is `COMPARE`.
fn clock<const N: usize>() -> Arc<StaticClock<N>> {
    let set = |next: Option<Timestamp>| {
        COMPARE.0.write();
        COMPARE.1.store(next.map_or(0, |at| at.as_nanos() as usize), Ordering::SeqCst);
    };
    Arc::new(StaticClock::new(Box::leak(Box::new(StaticTimerQueue::new())), || AT).with_alarm(set))
}

fn compare() -> usize {
    COMPARE.0.read();
    COMPARE.1.load(Ordering::SeqCst)
}

/// Two contexts arm on a clock: its alarm ends up at the earlier deadline.
#[test]
fn clock_arm_against_arm() {
    model(name!(), Bound::Preemptions(3), || {
        let clock = clock::<2>();
        let theirs = clock.clone();
        let other = thread::spawn(move || theirs.arm(Timestamp::from_nanos(6), Waker::noop().clone()));
        let mine = clock.arm(Timestamp::from_nanos(7), Waker::noop().clone());
        let other = other.join().unwrap();
        assert_eq!(compare(), 6);
        drop((mine, other));
    });
}

/// What is due fires while another context arms: the alarm is set to what is left.
#[test]
fn clock_turn_against_arm() {
    model(name!(), Bound::Preemptions(3), || {
        let clock = clock::<2>();
        let (waker, probe) = probe();
        let due = clock.arm(AT, waker);
        let theirs = clock.clone();
        let other = thread::spawn(move || theirs.turn());
        let mine = clock.arm(Timestamp::from_nanos(7), Waker::noop().clone());
        // A turn that met the other inside left the alarm at what is due, and comes again.
        let fired = other.join().unwrap();
        assert_eq!(compare(), if fired == 1 { 7 } else { 5 });
        assert_eq!(fired + clock.turn(), 1);
        assert_eq!(compare(), 7);
        drop((due, mine));
        assert_eq!(probe.end(), 1);
    });
}

/// A thread that runs a future in a manual clock's time sees what came before a wake, also one that finds it woken
/// and so does not unpark it.
#[test]
fn manual_block_on_against_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (clock, data) = (ManualClock::new(), Data::new());
        // No part of the model: loom changes threads at modelled operations only, so it is set together with the wake.
        let woken = Arc::new(AtomicBool::new(false));
        let mut other = None;
        clock.block_on(poll_fn(|cx| {
            if woken.load(Ordering::SeqCst) {
                data.read();
                return Poll::Ready(());
            }
            if other.is_none() {
                let (waker, data, woken) = (cx.waker().clone(), data.clone(), woken.clone());
                other = Some(thread::spawn(move || {
                    data.write();
                    waker.wake_by_ref();
                    woken.store(true, Ordering::SeqCst);
                }));
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        }));
        other.unwrap().join().unwrap();
    });
}

/// An entry that was listed, dropped and freed by one context is claimed by the
/// other, which may not have held the lock in between.
#[test]
fn alarm_fixed_listed_dropped_and_claimed() {
    model(name!(), Bound::Preemptions(3), || {
        let queue: &'static StaticTimerQueue<1> = Box::leak(Box::new(StaticTimerQueue::new()));
        let (waker, probe) = probe();
        let theirs = waker.clone();
        let other = thread::spawn(move || {
            drop(queue.arm(AT, theirs));
        });
        for _ in 0..2 {
            drop(queue.arm(AT, waker.clone()));
        }
        drop(waker);
        other.join().unwrap();
        assert_eq!((queue.armed(), queue.turn(AT), probe.end()), (0, 0, 0));
        assert!(queue.arm(AT, Waker::noop().clone()).is_ok(), "the entry is free again");
    });
}

/// Two threads wake one that runs in a manual clock's time. The second wake may find the first not consumed yet, and
/// unparks nobody: what came before it is seen all the same.
#[test]
fn manual_block_on_against_two_wakes() {
    model(name!(), Bound::Preemptions(3), || {
        let (clock, data) = (ManualClock::new(), [Data::new(), Data::new()]);
        // No part of the model: how many wakes are over.
        let over = Arc::new(AtomicUsize::new(0));
        let (mut others, mut both) = (Vec::new(), false);
        clock.block_on(poll_fn(|cx| {
            if others.is_empty() {
                others.extend(data.iter().cloned().map(|data| {
                    let (waker, over) = (cx.waker().clone(), over.clone());
                    thread::spawn(move || {
                        data.write();
                        waker.wake();
                        over.fetch_add(1, Ordering::SeqCst);
                    })
                }));
            } else if both {
                data.iter().for_each(Data::read);
                return Poll::Ready(());
            }
            both = over.load(Ordering::SeqCst) == 2;
            if both {
                // The poll that this causes comes after both.
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        }));
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}
