//! Work that goes from thread to thread: schedulers, the message loop, progress, generators.

use crate::chance::Chance;
use crate::duel::{duel, ensure, wait};
use crate::give_up::Impatient;
use crate::job::Job;
use futures_util::StreamExt;
use futures_util::future::join;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use taskcell::stream::{Yielder, create};
use taskcell::{
    BoxFuture, ConcurrentExclusiveSchedulerPair, LatestProgress, MessageLoop, MessageLoopHandle, Progress, Report,
    Task, TaskCompletionSource,
};

fn smol_spawn(future: BoxFuture<'static, ()>) {
    smol::spawn(future).detach();
}

/// Exclusive and concurrent work comes from two threads; a third completes the pair.
pub(crate) fn pair(job: &Job) {
    struct Scene {
        pair: ConcurrentExclusiveSchedulerPair,
        running: Arc<[AtomicUsize; 2]>,
        bad: Arc<AtomicBool>,
        tasks: Mutex<Vec<Task<()>>>,
    }
    let make = |chance: &mut Chance| Scene {
        pair: ConcurrentExclusiveSchedulerPair::new(
            smol_spawn,
            NonZeroUsize::MIN.saturating_add(chance.below(3) as usize),
        ),
        running: Arc::default(),
        bad: Arc::default(),
        tasks: Mutex::default(),
    };
    let push = |scene: &Scene, exclusive: bool, chance: &mut Chance| {
        for _ in 0..2 {
            let (running, bad, turns) = (scene.running.clone(), scene.bad.clone(), chance.below(3));
            let future = async move {
                for _ in 0..=turns {
                    let before = running[usize::from(exclusive)].fetch_add(1, SeqCst);
                    let others = running[usize::from(!exclusive)].load(SeqCst);
                    if others > 0 || exclusive && before > 0 {
                        bad.store(true, SeqCst);
                    }
                    running[usize::from(exclusive)].fetch_sub(1, SeqCst);
                    smol::future::yield_now().await;
                }
                Ok(())
            };
            let scheduler = if exclusive { scene.pair.exclusive() } else { scene.pair.concurrent() };
            scene.tasks.lock().expect("nobody panics").push(Task::run(&scheduler, future));
        }
    };
    let exclusive = |scene: &Scene, chance: &mut Chance| push(scene, true, chance);
    let concurrent = |scene: &Scene, chance: &mut Chance| push(scene, false, chance);
    duel(job, make, &[&exclusive, &concurrent], |scene| {
        scene.pair.complete();
        wait(scene.pair.completion()).expect("it cannot fail");
        let tasks = scene.tasks.into_inner().expect("nobody panics");
        ensure(tasks.iter().all(Task::is_completed_successfully), "a task has not run")?;
        ensure(!scene.bad.load(SeqCst), "an exclusive task was not alone")
    });
}

/// A loop that ends by a message from another thread.
pub(crate) fn message_loop(job: &Job) {
    type Scene = (OnceLock<MessageLoopHandle>, TaskCompletionSource<u32>);
    let make = |_: &mut _| (OnceLock::new(), TaskCompletionSource::new());
    let run = |(handle, source): &Scene, _: &mut Chance| {
        let messages = MessageLoop::new("stress");
        _ = handle.set(messages.handle());
        assert_eq!(messages.run_until(source.task()).expect("it was set"), 2);
    };
    let send = |(handle, source): &Scene, chance: &mut Chance| {
        let handle = loop {
            match handle.get() {
                Some(handle) => break handle,
                None => std::thread::yield_now(),
            }
        };
        let source = source.clone();
        if chance.once_in(2) {
            return source.set_result(2);
        }
        // Fire and forget: it ends the loop that runs it.
        let task = Task::<u32>::run(handle, async { Ok(1) });
        let sent = task.then(move |one| {
            source.set_result(one + 1);
            Ok(())
        });
        sent.ignore();
    };
    duel(job, make, &[&run, &send], |_| Ok(()));
}

/// Reports from two threads: all of them, or the latest; the handler is never run by two.
pub(crate) fn progress(job: &Job) {
    const REPORTS: usize = 4;
    struct Scene {
        all: Progress<usize>,
        latest: LatestProgress<usize>,
        seen: Arc<Mutex<[Vec<usize>; 2]>>,
    }
    let make = |chance: &mut Chance| {
        let seen: Arc<Mutex<[Vec<usize>; 2]>> = Arc::default();
        let handler = |place: usize| {
            let seen = seen.clone();
            // Nobody waits for this lock: the handler runs once at a time, and each has an own one.
            move |value| seen.lock().expect("nobody panics")[place].push(value)
        };
        let (all, latest) = match chance.below(2) {
            0 => (Progress::inline(handler(0)), LatestProgress::inline(handler(1))),
            _ => (Progress::on(smol_spawn, handler(0)), LatestProgress::on(smol_spawn, handler(1))),
        };
        Scene { all, latest, seen }
    };
    let report = |scene: &Scene, own: usize| {
        for number in 0..REPORTS {
            scene.all.report(own * REPORTS + number);
            scene.latest.report(own * REPORTS + number);
        }
    };
    let first = |scene: &Scene, _: &mut Chance| report(scene, 0);
    let second = |scene: &Scene, _: &mut Chance| {
        report(scene, 1);
        wait(scene.latest.flush()).expect("the handler does not panic");
    };
    duel(job, make, &[&first, &second], |scene| {
        wait(scene.all.flush()).expect("the handler does not panic");
        wait(scene.latest.flush()).expect("the handler does not panic");
        let [mut all, latest] = std::mem::take(&mut *scene.seen.lock().expect("nobody panics"));
        for own in 0..2 {
            let mine = all.iter().filter(|value| *value / REPORTS == own).copied();
            ensure(mine.eq(own * REPORTS..(own + 1) * REPORTS), "a thread's reports are not in their order")?;
        }
        all.sort_unstable();
        ensure(all.iter().copied().eq(0..2 * REPORTS), "a report is lost")?;
        let last = latest.last().copied().unwrap_or_default();
        ensure(last % REPORTS == REPORTS - 1, "the latest report is lost")
    });
}

/// A generator's items come from another thread, which now and then takes one back.
pub(crate) fn generator(job: &Job) {
    struct Scene {
        yielder: Mutex<Option<Yielder<usize>>>,
        /// Nobody offers anything any more.
        over: TaskCompletionSource<()>,
        /// Items that must be taken, and those that may be.
        given: AtomicUsize,
        perhaps: AtomicUsize,
        taken: AtomicUsize,
    }
    let make = |_: &mut _| {
        let (given, perhaps, taken) = Default::default();
        Scene { yielder: Mutex::default(), over: TaskCompletionSource::new(), given, perhaps, taken }
    };
    let consume = |scene: &Scene, chance: &mut Chance| {
        let mut stream = pin!(create(|yielder: Yielder<usize>, _token| async move {
            *scene.yielder.lock().expect("nobody panics") = Some(yielder);
            _ = scene.over.task().await;
        }));
        loop {
            let next = match chance.below(2) {
                0 => Impatient::new().wait(chance, stream.next()),
                _ => Some(wait(stream.next())),
            };
            match next {
                Some(Some(_)) => _ = scene.taken.fetch_add(1, SeqCst),
                Some(None) => return,
                None => {}
            }
        }
    };
    let offer = |scene: &Scene, chance: &mut Chance| {
        let yielder = loop {
            match scene.yielder.lock().expect("nobody panics").take() {
                Some(yielder) => break yielder,
                None => std::thread::yield_now(),
            }
        };
        for _ in 0..4 {
            match chance.below(3) {
                0 => {
                    let offered = Impatient::new().wait(chance, yielder.yield_item(1));
                    let count = if offered.is_some() { &scene.given } else { &scene.perhaps };
                    count.fetch_add(1, SeqCst);
                }
                1 => {
                    wait(yielder.yield_item(2));
                    scene.given.fetch_add(1, SeqCst);
                }
                _ => {
                    // One lies in the slot, one stands in line.
                    wait(join(yielder.yield_item(3), yielder.yield_item(4)));
                    scene.given.fetch_add(2, SeqCst);
                }
            }
        }
        scene.over.set_result(());
    };
    duel(job, make, &[&consume, &offer], |scene| {
        let (given, perhaps) = (scene.given.into_inner(), scene.perhaps.into_inner());
        let taken = scene.taken.into_inner();
        let well = (given..=given + perhaps).contains(&taken);
        ensure(well, &format!("{taken} were taken, {given} given, {perhaps} perhaps"))
    });
}
