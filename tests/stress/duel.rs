//! A few threads over the same objects, one object after the other: all are at the same one at about the same time.

use crate::chance::Chance;
use crate::job::Job;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// How many objects a round has.
const OBJECTS: usize = 128;

/// Who waits longer than that is never woken. A machine that has other things to do must not look like that.
const PATIENCE: Duration = Duration::from_secs(25);

/// What one thread does to each object.
pub(crate) type Actor<'a, S> = &'a (dyn Fn(&S, &mut Chance) + Sync);

/// Rounds of objects that `make` makes: each actor, on a thread of its own, has a go at each of them; then `judge` says
/// what is wrong with it, if anything is. A panic is a violation, too.
pub(crate) fn duel<S: Send + Sync>(
    job: &Job,
    make: impl Fn(&mut Chance) -> S,
    actors: &[Actor<'_, S>],
    judge: impl Fn(S) -> Result<(), String>,
) {
    job.rounds(|round| {
        let mut chance = round.chance(0);
        let objects: Vec<S> = (0..OBJECTS).map(|_| make(&mut chance)).collect();
        round.tally(0).given.add(OBJECTS as u64);
        let places: Vec<AtomicUsize> = actors.iter().map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            for (own, actor) in actors.iter().enumerate() {
                let (objects, places, mut chance) = (&objects, &places, round.chance(own + 1));
                scope.spawn(move || {
                    let _gone = Gone(&places[own]);
                    for (number, object) in objects.iter().enumerate() {
                        meet(places, own, number + 1);
                        linger(&mut chance);
                        actor(object, &mut chance);
                    }
                });
            }
        });
        for object in objects {
            match judge(object) {
                Ok(()) => round.tally(0).found.one(),
                Err(why) => round.violation(why),
            }
        }
        round.check();
        true
    });
}

/// Nobody waits for a thread that has ended.
struct Gone<'a>(&'a AtomicUsize);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.store(usize::MAX, Ordering::Release);
    }
}

/// Until all have got as far.
fn meet(places: &[AtomicUsize], own: usize, at: usize) {
    places[own].store(at, Ordering::Release);
    for turn in 1_u32.. {
        if places.iter().all(|place| place.load(Ordering::Acquire) >= at) {
            return;
        }
        if turn % 64 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
    }
}

fn linger(chance: &mut Chance) {
    let most = 1 << chance.below(9);
    for _ in 0..chance.below(most) {
        std::hint::spin_loop();
    }
}

/// Counts its wakes, and unparks a thread.
struct Bell {
    rung: AtomicBool,
    thread: thread::Thread,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Runs a future on this thread, polled only when it was woken.
///
/// # Panics
///
/// If nobody wakes it.
pub(crate) fn wait<F: IntoFuture>(future: F) -> F::Output {
    let mut future = pin!(future.into_future());
    let bell = Arc::new(Bell { rung: AtomicBool::new(true), thread: thread::current() });
    let waker = Waker::from(bell.clone());
    let end = Instant::now() + PATIENCE;
    loop {
        if bell.rung.swap(false, Ordering::Acquire) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            continue;
        }
        assert!(Instant::now() < end, "nobody woke who waits");
        thread::park_timeout(PATIENCE);
    }
}

/// Says what is wrong, if `well` is false.
pub(crate) fn ensure(well: bool, why: &str) -> Result<(), String> {
    if well { Ok(()) } else { Err(why.to_owned()) }
}
