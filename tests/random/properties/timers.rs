//! A queue of timers fires by deadline, at equal deadlines in the order of arming, and nothing that was disarmed.
use super::config;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use taskcell::time::{Alarm, ManualClock, TimeProvider, TimerQueue, Timestamp};

struct Note(usize, Arc<Mutex<Vec<usize>>>);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

/// Deadlines, near enough to be equal now and then, and the ends of time.
fn deadline() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..20_u64, 1 => any::<u64>(), 1 => u64::MAX - 2..=u64::MAX]
}

/// What fires up to `now`, of timers armed in this order, some of which were disarmed.
fn expected(timers: &[(u64, bool)], now: u64) -> Vec<usize> {
    let fires = |at: &usize| timers[*at].0 <= now && timers[*at].0 != u64::MAX && !timers[*at].1;
    let mut due: Vec<usize> = (0..timers.len()).filter(fires).collect();
    due.sort_by_key(|at| timers[*at].0);
    due
}

fn arm(timers: &[(u64, bool)], log: &Arc<Mutex<Vec<usize>>>, arm: impl Fn(Timestamp, Waker) -> Alarm) -> Vec<Alarm> {
    let note = |id| Waker::from(Arc::new(Note(id, log.clone())));
    let all = timers.iter().enumerate().map(|(id, (at, _))| (timers[id].1, arm(Timestamp::from_nanos(*at), note(id))));
    let (gone, kept): (Vec<_>, Vec<_>) = all.partition(|(disarmed, _)| *disarmed);
    assert!(gone.into_iter().all(|(_, alarm)| alarm.disarm()));
    kept.into_iter().map(|(_, alarm)| alarm).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_queue_fires_in_order(
        timers in vec((deadline(), any::<bool>()), 0..60),
        mut turns in vec(deadline(), 1..6),
    ) {
        turns.sort_unstable();
        let (queue, log) = (TimerQueue::new(), Arc::default());
        let alarms = arm(&timers, &log, |at, waker| queue.arm(at, waker));
        let armed = timers.iter().filter(|(at, disarmed)| *at != u64::MAX && !disarmed).count();
        prop_assert_eq!(queue.armed(), armed);
        let mut before = Vec::new();
        for now in turns {
            let all = expected(&timers, now);
            let new: Vec<_> = all.iter().copied().filter(|id| !before.contains(id)).collect();
            prop_assert_eq!(queue.turn(Timestamp::from_nanos(now)), new.len());
            prop_assert_eq!(std::mem::take(&mut *log.lock().unwrap()), new);
            prop_assert_eq!(queue.armed(), armed - all.len());
            before = all;
        }
        drop(alarms);
        prop_assert_eq!(queue.armed(), 0);
    }

    #[test]
    fn a_clock_fires_in_order_and_at_the_time(
        timers in vec((1..30_u64, any::<bool>()), 0..60),
        steps in vec(0..10_u64, 1..8),
    ) {
        let (clock, log) = (ManualClock::new(), Arc::default());
        let _alarms = arm(&timers, &log, |at, waker| clock.arm(at, waker));
        let mut now = 0;
        for step in steps {
            now += step;
            clock.advance_to(Timestamp::from_nanos(now));
            prop_assert_eq!(clock.now().as_nanos(), now);
            prop_assert_eq!(log.lock().unwrap().clone(), expected(&timers, now));
            let next = timers.iter().filter(|(at, disarmed)| !disarmed && *at > now).map(|(at, _)| *at).min();
            prop_assert_eq!(clock.next_deadline(), next.map(Timestamp::from_nanos));
        }
    }
}
