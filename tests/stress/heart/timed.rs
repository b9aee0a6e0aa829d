//! Timers are armed, moved and disarmed while the clock turns.

use crate::chance::Chance;
use crate::duel::{duel, ensure, wait};
use crate::give_up::Impatient;
use crate::job::Job;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use taskcell::time::{ManualClock, TimerQueue};
use taskcell::{CancellationTokenSource, Timestamp, delay_on};

const SOON: Duration = Duration::from_millis(1);

/// A source's timer: armed, disarmed, armed again; fired.
pub(crate) fn sources(job: &Job) {
    struct Scene {
        clock: ManualClock,
        source: CancellationTokenSource,
        disarmed: AtomicUsize,
    }
    let make = |_: &mut _| Scene {
        clock: ManualClock::new(),
        source: CancellationTokenSource::new(),
        disarmed: AtomicUsize::new(0),
    };
    let arm = |scene: &Scene, chance: &mut Chance| {
        scene.source.cancel_after_on(&scene.clock, SOON * chance.below(3) as u32);
        if chance.once_in(2) {
            scene.source.cancel_after_on(&scene.clock, SOON * chance.below(3) as u32);
        }
        if chance.once_in(2) {
            scene.disarmed.fetch_add(scene.source.disarm().into(), SeqCst);
        }
    };
    let turn = |scene: &Scene, _: &mut _| {
        for _ in 0..3 {
            scene.clock.advance(SOON);
        }
    };
    duel(job, make, &[&arm, &turn], |scene| {
        scene.clock.advance(SOON * 4);
        let disarmed = scene.disarmed.load(SeqCst) == 1;
        ensure(scene.source.is_cancelled() != disarmed, "it is cancelled, or it was disarmed")?;
        ensure(scene.clock.armed() == 0, "an alarm is left")
    });
}

/// Delays that are waited for, or given up, by two; the clock turns until both are gone.
pub(crate) fn delays(job: &Job) {
    let make = |_: &mut _| (ManualClock::new(), AtomicUsize::new(0));
    let patient = |(clock, gone): &(ManualClock, AtomicUsize), chance: &mut Chance| {
        wait(delay_on(clock, SOON * chance.below(5) as u32));
        gone.fetch_add(1, SeqCst);
    };
    let impatient = |(clock, gone): &(ManualClock, AtomicUsize), chance: &mut Chance| {
        _ = Impatient::new().wait(chance, delay_on(clock, SOON));
        gone.fetch_add(1, SeqCst);
    };
    let turn = |(clock, gone): &(ManualClock, AtomicUsize), _: &mut _| {
        while gone.load(SeqCst) < 2 {
            clock.advance(SOON);
            std::thread::yield_now();
        }
    };
    duel(job, make, &[&patient, &impatient, &turn], |(clock, _)| {
        ensure(clock.armed() == 0 && clock.next_deadline().is_none(), "an alarm is left")
    });
}

/// A queue that two arm and disarm at while one turns it, and that is dropped with what is armed.
pub(crate) fn queue(job: &Job) {
    struct Scene {
        queue: TimerQueue,
        flags: [std::sync::Arc<Flag>; 2],
        disarmed: [AtomicUsize; 2],
    }
    let make = |_: &mut _| Scene { queue: TimerQueue::new(), flags: Default::default(), disarmed: Default::default() };
    let arm = |scene: &Scene, own: usize, chance: &mut Chance| {
        let alarm = scene.queue.arm(Timestamp::ZERO.saturating_add(SOON), scene.flags[own].clone().into());
        let early = scene.queue.arm(Timestamp::ZERO, std::task::Waker::noop().clone());
        match chance.below(3) {
            0 => _ = scene.disarmed[own].fetch_add(alarm.disarm().into(), SeqCst),
            1 => drop((early, alarm)),
            _ => {
                // Until it has been fired, or the queue is gone.
                for _ in 0..chance.below(100) {
                    std::hint::spin_loop();
                }
                scene.disarmed[own].fetch_add(alarm.disarm().into(), SeqCst);
            }
        }
    };
    let first = |scene: &Scene, chance: &mut Chance| arm(scene, 0, chance);
    let second = |scene: &Scene, chance: &mut Chance| arm(scene, 1, chance);
    let turn = |scene: &Scene, _: &mut _| {
        scene.queue.turn(Timestamp::ZERO);
        scene.queue.turn(Timestamp::ZERO.saturating_add(SOON));
    };
    duel(job, make, &[&first, &second, &turn], |scene| {
        scene.queue.turn(Timestamp::ZERO.saturating_add(SOON * 2));
        ensure(scene.queue.armed() == 0, "an alarm is left")?;
        for (flag, disarmed) in scene.flags.iter().zip(&scene.disarmed) {
            let sum = flag.0.load(SeqCst) + disarmed.load(SeqCst);
            ensure(sum <= 1, "it was woken after it was disarmed, or twice")?;
            ensure(std::sync::Arc::strong_count(flag) == 1, "a waker is left")?;
        }
        Ok(())
    });
}

#[derive(Default)]
struct Flag(AtomicUsize);

impl std::task::Wake for Flag {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}
