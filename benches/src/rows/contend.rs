//! Two threads on one object, against one thread that does the same: operations a second.

use super::b_many::{Broadcast, Many, OurTask, SetOnce, Shared};
use super::signal::{Intrusive, Listener, Maitake, Ours, Signal, TokioUtil, Tree, context, pending};
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

/// So many threads, so long: operations a second, of all together.
pub type Race = fn(usize, Duration) -> f64;

/// One scene.
#[derive(Debug)]
pub struct Contention {
    /// Its name.
    pub id: &'static str,
    /// What the threads do.
    pub what: &'static str,
    /// Ours first.
    pub who: &'static [(&'static str, Race)],
}

/// Every scene.
pub static CONTENTIONS: &[Contention] = &[
    Contention {
        id: "register",
        what: "each registers waiters on one token and drops them",
        who: &[
            ("taskcell", register::<Fired<Ours>>),
            ("tokio-util", register::<Fired<TokioUtil>>),
            ("event-listener", register::<Fired<Listener>>),
            ("futures-intrusive", register::<Fired<Intrusive>>),
            ("maitake", register::<Fired<Maitake>>),
        ],
    },
    Contention {
        id: "storm",
        what: "each registers 100 waiters on one new token, then all cancel it, look and drop; waiters a second",
        who: &[
            ("taskcell", storm::<Fired<Ours>>),
            ("tokio-util", storm::<Fired<TokioUtil>>),
            ("event-listener", storm::<Fired<Listener>>),
            ("futures-intrusive", storm::<Fired<Intrusive>>),
            ("maitake", storm::<Fired<Maitake>>),
        ],
    },
    Contention {
        id: "requests",
        what: "each makes children of one root, waits on each, and drops both",
        who: &[("taskcell", requests::<Ours>), ("tokio-util", requests::<TokioUtil>)],
    },
    Contention {
        id: "consumers",
        what: "each registers consumers of one pending task and drops them",
        who: &[
            ("taskcell", register::<OurTask>),
            ("SetOnce", register::<SetOnce>),
            ("tokio watch", register::<Watch>),
            ("Shared", register::<Shared>),
            ("futures-intrusive", register::<Broadcast>),
        ],
    },
    Contention {
        id: "completion",
        what: "each has 100 consumers of one new task, which one of them completes; consumers a second",
        who: &[
            ("taskcell", storm::<Once<OurTask>>),
            ("SetOnce", storm::<Once<SetOnce>>),
            ("tokio watch", storm::<Once<Watch>>),
            ("Shared", storm::<Once<Shared>>),
            ("futures-intrusive", storm::<Once<Broadcast>>),
        ],
    },
];

/// Who runs in a scene.
#[must_use]
pub fn race(id: &str, who: &str) -> Option<Race> {
    let scene = CONTENTIONS.iter().find(|scene| scene.id == id)?;
    scene.who.iter().find(|(name, _)| *name == who).map(|(_, race)| *race)
}

/// A signal, as a cell without a value: any number may fire it.
struct Fired<S>(S);

impl<S: Signal> Many for Fired<S> {
    type Cell = S::Source;

    fn cell() -> Self::Cell {
        S::source()
    }

    fn set(cell: &Self::Cell, _: u64) {
        S::fire(cell);
    }

    fn wait(cell: &Self::Cell) -> impl Future {
        S::wait(cell)
    }
}

/// A cell that the first of those who try completes.
struct Once<C>(C);

impl<C: Many> Many for Once<C> {
    type Cell = (C::Cell, AtomicBool);

    fn cell() -> Self::Cell {
        (C::cell(), AtomicBool::new(false))
    }

    fn set(cell: &Self::Cell, value: u64) {
        // ORDERING: it decides who is first, and publishes nothing.
        if !cell.1.swap(true, Relaxed) {
            C::set(&cell.0, value);
        }
    }

    fn wait(cell: &Self::Cell) -> impl Future {
        C::wait(&cell.0)
    }
}

/// tokio's `watch`: each consumer subscribes.
struct Watch;

impl Many for Watch {
    type Cell = tokio::sync::watch::Sender<Option<u64>>;

    fn cell() -> Self::Cell {
        tokio::sync::watch::Sender::new(None)
    }

    fn set(cell: &Self::Cell, value: u64) {
        cell.send_replace(Some(value));
    }

    fn wait(cell: &Self::Cell) -> impl Future {
        let mut receiver = cell.subscribe();
        async move { receiver.wait_for(Option::is_some).await.map(|value| *value).ok() }
    }
}

fn register<C: Many<Cell: Sync>>(threads: usize, time: Duration) -> f64 {
    let cell = C::cell();
    race_of(threads, |begin| {
        let mut context = context();
        let mut done = 0;
        while begin.elapsed() < time {
            for _ in 0..100 {
                _ = black_box(pin!(C::wait(&cell)).poll(&mut context).is_pending());
            }
            done += 100;
        }
        done
    })
}

fn requests<S: Tree<Node: Sync>>(threads: usize, time: Duration) -> f64 {
    let root = S::root();
    race_of(threads, |begin| {
        let mut context = context();
        let mut done = 0;
        while begin.elapsed() < time {
            for _ in 0..100 {
                let child = S::child(&S::parent(&root));
                pending(pin!(S::owned(&child)), &mut context);
            }
            done += 100;
        }
        done
    })
}

/// Waiters of a thread in a round.
const CROWD: usize = 100;

/// Rounds at most: their cells are there beforehand.
const ROUNDS: usize = 4_000;

/// In step: all are registered before the first fires, all have looked before the next round begins.
fn storm<C: Many<Cell: Sync>>(threads: usize, time: Duration) -> f64 {
    let cells: Vec<C::Cell> = (0..ROUNDS).map(|_| C::cell()).collect();
    let steps: Vec<AtomicUsize> = (0..2 * ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    // The round that is the last one, as whoever sees first that time is up says before that round's end.
    let last = AtomicUsize::new(ROUNDS - 1);
    race_of(threads, |begin| {
        let mut context = context();
        let mut waits: Vec<_> = (0..CROWD).map(|_| Box::pin(None)).collect();
        for (round, cell) in cells.iter().enumerate() {
            for place in &mut waits {
                place.set(Some(C::wait(cell)));
                pending(place.as_mut().as_pin_mut().expect("just made"), &mut context);
            }
            meet(&steps[2 * round], threads);
            C::set(cell, 7);
            for place in &mut waits {
                // Another thread may still be at it.
                while place.as_mut().as_pin_mut().expect("it waits").poll(&mut context).is_pending() {
                    std::hint::spin_loop();
                }
                place.set(None);
            }
            if begin.elapsed() >= time {
                last.fetch_min(round, SeqCst);
            }
            meet(&steps[2 * round + 1], threads);
            if last.load(SeqCst) <= round {
                return (round + 1) * CROWD;
            }
        }
        ROUNDS * CROWD
    })
}

/// Waits until so many threads have come. One core may be all there is just now, so it does not spin for long.
fn meet(here: &AtomicUsize, threads: usize) {
    here.fetch_add(1, SeqCst);
    let mut turns = 0;
    while here.load(SeqCst) < threads {
        turns += 1;
        if turns % 1_000 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
    }
}

/// Runs a job that counts on so many threads at once.
fn race_of(threads: usize, job: impl Fn(Instant) -> usize + Sync) -> f64 {
    let barrier = Barrier::new(threads);
    let work = || {
        barrier.wait();
        let begin = Instant::now();
        let done = job(begin);
        done as f64 / begin.elapsed().as_secs_f64()
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(f64::NAN)).sum()
    })
}
