//! Models of a timer queue whose holder is inside while others arm, or ask; and of the order of what fires.
#![cfg(loom)]

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Waker;

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use taskcell::time::{Alarm, StaticTimerQueue, TimerQueue, Timestamp};
use taskcell_loom_tests::{Bound, Order, model, name};

fn at(nanos: u32) -> Timestamp {
    Timestamp::from_nanos(nanos.into())
}

fn arm(queue: &TimerQueue, nanos: u32) -> Alarm {
    queue.arm(at(nanos), Waker::noop().clone())
}

/// How many are armed is known also while another context is inside, again and again.
#[test]
fn alarm_count_against_two_looks() {
    model(name!(), Bound::Preemptions(3), || {
        let (queue, armed) = (Arc::new(TimerQueue::new()), Arc::new(AtomicBool::new(false)));
        let (theirs, tells) = (queue.clone(), armed.clone());
        let other = thread::spawn(move || {
            let alarm = arm(&theirs, 5);
            tells.store(true, Ordering::Release);
            for _ in 0..2 {
                assert!(theirs.next_deadline().is_some());
            }
            alarm
        });
        thread::yield_now();
        if armed.load(Ordering::Acquire) {
            assert_eq!(queue.armed(), 1);
        }
        drop(other.join().unwrap());
    });
}

/// The same, where the holder has found what was listed as it was about to leave.
#[test]
fn alarm_count_against_two_looks_after_a_listed_one() {
    model(name!(), Bound::Preemptions(3), || {
        let (queue, two) = (Arc::new(TimerQueue::new()), Arc::new(AtomicBool::new(false)));
        // No part of the model.
        let listed = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (theirs, are_two, lists) = (queue.clone(), two.clone(), listed.clone());
        let other = thread::spawn(move || {
            let alarm = arm(&theirs, 6);
            lists.store(true, SeqCst);
            thread::yield_now();
            if are_two.load(Ordering::Acquire) {
                assert_eq!(theirs.armed(), 2);
            }
            alarm
        });
        let mine = arm(&queue, 5);
        two.store(listed.load(SeqCst), Ordering::Release);
        for _ in 0..2 {
            assert!(queue.next_deadline().is_some());
        }
        drop((mine, other.join().unwrap()));
    });
}

/// Two are listed while the holder is inside: it finds both.
#[test]
fn alarm_two_listed_against_a_holder() {
    model(name!(), Bound::Exhaustive, || {
        let queue = Arc::new(TimerQueue::new());
        let theirs = queue.clone();
        let other = thread::spawn(move || [6, 7].map(|nanos| arm(&theirs, nanos)));
        let mine = arm(&queue, 5);
        let listed = other.join().unwrap();
        assert_eq!((queue.armed(), queue.turn(at(7))), (3, 3));
        assert!(mine.has_fired() && listed.iter().all(Alarm::has_fired));
    });
}

/// The same without a heap.
#[test]
fn alarm_fixed_two_listed_against_a_holder() {
    model(name!(), Bound::Preemptions(3), || {
        let queue: &'static StaticTimerQueue<3> = Box::leak(Box::new(StaticTimerQueue::new()));
        let arm = move |nanos| queue.arm(at(nanos), Waker::noop().clone()).unwrap();
        let other = thread::spawn(move || [6, 7].map(arm));
        let mine = arm(5);
        let listed = other.join().unwrap();
        assert_eq!((queue.armed(), queue.turn(at(7))), (3, 3));
        drop((mine, listed));
    });
}

/// One goes out of the middle, and the last in the heap takes its place above children that come earlier: it moves down.
#[test]
fn alarm_out_of_the_middle_and_down() {
    model(name!(), Bound::Exhaustive, || {
        let (queue, order) = (TimerQueue::new(), Order::new());
        // Below the second stand the sixth to the ninth; the last hangs elsewhere.
        let all = (1..=16).chain([20]);
        let mut alarms = all.clone().map(|n| queue.arm(at(n), order.waker(n))).collect::<Vec<_>>();
        drop(alarms.remove(1));
        assert_eq!(queue.turn(at(30)), 16);
        assert!(order.seen().into_iter().eq(all.filter(|n| *n != 2)));
    });
}
