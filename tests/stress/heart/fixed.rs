//! What there is without a heap: sources that are reset, cells, timers, channels.

use crate::chance::Chance;
use crate::duel::{duel, ensure, wait};
use crate::give_up::Impatient;
use crate::job::Job;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, Once};
use taskcell::{
    CancellationSlot, Closed, StaticCancellationTokenSource, StaticChannel, StaticTaskCell, StaticTimerQueue, Timestamp,
};

/// A hierarchy in two statics: every wait ends, every callback runs or is taken back, whoever resets.
pub(crate) fn sources(job: &Job) {
    static ROOT: StaticCancellationTokenSource<3> = StaticCancellationTokenSource::new();
    static CHILD: StaticCancellationTokenSource<3> = StaticCancellationTokenSource::new();
    static RAN: AtomicUsize = AtomicUsize::new(0);
    static LINK: Once = Once::new();
    LINK.call_once(|| assert!(CHILD.link(&ROOT).expect("there is room")));
    let make = |_: &mut _| [AtomicUsize::new(0), AtomicUsize::new(0)];
    // Cancels until both others are done; it changes nothing before who waits has seen it.
    let cancel = |done: &[AtomicUsize; 2], chance: &mut Chance| {
        while done.iter().map(|done| done.load(SeqCst)).sum::<usize>() < 2 {
            if chance.once_in(2) {
                ROOT.cancel()
            } else {
                CHILD.cancel()
            };
            if chance.once_in(2) {
                _ = ROOT.try_reset() && CHILD.try_reset();
            }
        }
    };
    let wait_in_slot = |done: &[AtomicUsize; 2], chance: &mut Chance| {
        if let Ok(mut slot) = CHILD.slot() {
            match chance.below(3) {
                0 => _ = Impatient::new().wait(chance, poll_fn(|cx| slot.poll_cancelled(cx))),
                _ => wait(poll_fn(|cx| slot.poll_cancelled(cx))),
            }
        }
        done[0].store(1, SeqCst);
        _ = CHILD.try_reset();
    };
    let register = |done: &[AtomicUsize; 2], _: &mut Chance| {
        RAN.store(0, SeqCst);
        if let Ok(mut registration) = CHILD.token().try_register(|| _ = RAN.fetch_add(1, SeqCst)) {
            std::thread::yield_now();
            if registration.unregister() {
                assert_eq!(RAN.load(SeqCst), 0, "a callback that was taken back has run");
            } else {
                // It may be running.
                while RAN.load(SeqCst) == 0 {
                    std::thread::yield_now();
                }
            }
        }
        done[1].store(1, SeqCst);
        _ = ROOT.try_reset();
    };
    duel(job, make, &[&cancel, &wait_in_slot, &register], |_| {
        ensure(RAN.load(SeqCst) <= 1, "a callback ran twice")?;
        ensure(ROOT.try_reset() && CHILD.try_reset(), "it cannot be reset, though nobody waits")?;
        ensure((ROOT.token().listeners(), CHILD.token().listeners()) == (1, 0), "somebody is left in line")
    });
}

/// A cell that two set while two wait.
pub(crate) fn cells(job: &Job) {
    struct Scene {
        cell: StaticTaskCell<Arc<u64>, 2>,
        value: Arc<u64>,
        won: AtomicUsize,
    }
    let make = |_: &mut _| Scene { cell: StaticTaskCell::new(), value: Arc::default(), won: AtomicUsize::new(0) };
    let set = |scene: &Scene, _: &mut _| {
        scene.won.fetch_add(scene.cell.try_set(scene.value.clone()).is_ok().into(), SeqCst);
    };
    let patient = |scene: &Scene, _: &mut Chance| {
        let value = wait(scene.cell.slot().expect("there is one for each"));
        assert!(Arc::ptr_eq(value, &scene.value));
    };
    let impatient = |scene: &Scene, chance: &mut Chance| {
        for _ in 0..2 {
            _ = Impatient::new().wait(chance, scene.cell.slot().expect("there is one for each"));
        }
    };
    duel(job, make, &[&set, &set, &patient, &impatient], |scene| {
        ensure(scene.won.load(SeqCst) == 1 && scene.cell.listeners() == 0, "not one has set it, or a slot is left")?;
        drop(scene.cell);
        ensure(Arc::strong_count(&scene.value) == 1, "a value is left")
    });
}

/// A queue of timers in a static.
pub(crate) fn timers(job: &Job) {
    static QUEUE: StaticTimerQueue<3> = StaticTimerQueue::new();
    let make = |_: &mut _| AtomicUsize::new(0);
    let arm = |_: &AtomicUsize, chance: &mut Chance| {
        // Entries whose alarms have just gone come free when whoever is inside the queue leaves it.
        let (flag, alarm) = loop {
            let (flag, waker) = Flag::waker();
            match QUEUE.arm(Timestamp::ZERO, waker) {
                Ok(alarm) => break (flag, alarm),
                Err(full) => drop(full),
            }
            std::thread::yield_now();
        };
        for _ in 0..chance.below(200) {
            std::hint::spin_loop();
        }
        let woken = flag.0.load(SeqCst);
        if alarm.disarm() {
            assert_eq!(woken, 0, "it was woken, and disarmed");
        } else {
            // It may be woken at this moment.
            while flag.0.load(SeqCst) == 0 {
                std::thread::yield_now();
            }
        }
    };
    let turn = |turns: &AtomicUsize, chance: &mut Chance| {
        for _ in 0..1 + chance.below(4) {
            turns.fetch_add(QUEUE.turn(Timestamp::ZERO), SeqCst);
        }
    };
    duel(job, make, &[&arm, &turn, &arm], |_| {
        QUEUE.turn(Timestamp::ZERO);
        ensure(QUEUE.armed() == 0, "an alarm is left")
    });
}

#[derive(Default)]
struct Flag(AtomicUsize);

impl Flag {
    fn waker() -> (Arc<Self>, std::task::Waker) {
        let flag = Arc::new(Self::default());
        (flag.clone(), flag.into())
    }
}

impl std::task::Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A channel with room for two: one writes, one patient and one impatient read to the end.
pub(crate) fn channels(job: &Job) {
    const ITEMS: usize = 8;
    struct Scene {
        channel: StaticChannel<usize, 2, 3>,
        read: Mutex<Vec<usize>>,
    }
    let make = |_: &mut _| Scene { channel: StaticChannel::new(), read: Mutex::default() };
    let write = |scene: &Scene, chance: &mut Chance| {
        let mut writer = scene.channel.writer().expect("there is a place for each");
        for item in 0..ITEMS {
            if chance.once_in(3) {
                // Whoever gives up waiting for room has lost nothing.
                _ = Impatient::new().wait(chance, writer.wait_to_write());
            }
            wait(writer.write(item)).expect("it is open");
        }
        assert!(scene.channel.try_complete());
    };
    let read = |scene: &Scene, chance: &mut Chance| {
        let mut reader = scene.channel.reader().expect("there is a place for each");
        let mut last = None;
        loop {
            let item = match chance.below(3) {
                0 => match Impatient::new().wait(chance, reader.read()) {
                    Some(item) => item,
                    None => continue,
                },
                _ => wait(reader.read()),
            };
            let Ok::<usize, Closed>(item) = item else { return };
            assert!(last < Some(item), "items came out of order");
            last = Some(item);
            scene.read.lock().expect("nobody panics").push(item);
        }
    };
    duel(job, make, &[&write, &read, &read], |scene| {
        let mut read = scene.read.into_inner().expect("nobody panics");
        read.sort_unstable();
        ensure(read.iter().copied().eq(0..ITEMS), &format!("of {ITEMS} items these were read: {read:?}"))
    });
}
