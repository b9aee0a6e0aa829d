//! Progress: order, one at a time, nobody waits, nothing is lost.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use taskcell::{BoxFuture, LatestProgress, Progress, Report, Unhandled};

use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Jobs, rounds};

fn is<T: Send + Sync + Unpin + std::panic::UnwindSafe + Clone + std::fmt::Debug>(_: &T) {}

#[test]
fn inline_it_is_handled_before_report_returns() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = seen.clone();
    let progress = Progress::inline(move |n: u32| handler.lock().unwrap().push(n));
    is(&progress);
    for n in 0..100 {
        progress.report(n);
        assert_eq!(seen.lock().unwrap().len() as u32, n + 1);
    }
    assert!(seen.lock().unwrap().is_sorted());
    assert_eq!(Counter::new().poll(&mut progress.flush()), Poll::Ready(Ok(())));
    assert_eq!(format!("{progress:?}"), "Progress { waiting: 0, .. }");
}

#[test]
fn a_report_from_within_the_handler_comes_behind() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::new(Mutex::new(None::<Progress<u32>>));
    let (handler, own_handle) = (log.clone(), own.clone());
    let progress = Progress::inline(move |n: u32| {
        handler.lock().unwrap().push(("enter", n));
        if n < 100_000 {
            let own = own_handle.lock().unwrap().clone().unwrap();
            own.report(n + 1);
        }
        handler.lock().unwrap().push(("leave", n));
    });
    *own.lock().unwrap() = Some(progress.clone());
    progress.report(0);
    let log = log.lock().unwrap();
    for (n, pair) in (0..).zip(log.chunks(2)) {
        assert_eq!(pair, [("enter", n), ("leave", n)]);
    }
    assert_eq!(log.len(), 200_002);
    *own.lock().unwrap() = None;
}

fn four_reporters(progress: &Progress<(usize, usize)>, count: usize) {
    thread::scope(|scope| {
        for reporter in 0..4 {
            let progress = progress.clone();
            scope.spawn(move || {
                for n in 0..count {
                    progress.report((reporter, n));
                }
            });
        }
    });
}

type Job = BoxFuture<'static, ()>;

/// What a handler sees: in order for each reporter, one at a time.
#[derive(Default)]
struct Checked {
    inside: AtomicBool,
    next: Mutex<[usize; 4]>,
}

impl Checked {
    fn see(&self, (reporter, n): (usize, usize)) {
        assert!(!self.inside.swap(true, SeqCst), "two at a time");
        let mut next = self.next.lock().unwrap();
        assert_eq!(next[reporter], n);
        next[reporter] += 1;
        drop(next);
        self.inside.store(false, SeqCst);
    }
}

#[test]
fn four_threads_keep_their_order() {
    let count = rounds(2000);
    let spawners: [Option<fn(Job)>; 3] = [
        None,
        Some(|future| smol::spawn(future).detach()),
        Some(|future| drop(thread::spawn(|| smol::block_on(future)))),
    ];
    for spawner in spawners {
        let checked = Arc::new(Checked::default());
        let handler = checked.clone();
        let handler = move |report| handler.see(report);
        let progress = match spawner {
            None => Progress::inline(handler),
            Some(spawner) => Progress::on(spawner, handler),
        };
        four_reporters(&progress, count);
        smol::block_on(progress.flush()).unwrap();
        assert_eq!(*checked.next.lock().unwrap(), [count; 4]);
    }
}

#[test]
fn the_same_on_every_executor() {
    fn on<E: Executor>() {
        let executor = E::new();
        let spawner = executor.clone();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let handler = seen.clone();
        let progress = Progress::on(
            move |future: BoxFuture<'static, ()>| spawner.spawn(future),
            move |n: u32| handler.lock().unwrap().push(n),
        );
        executor.run(async move {
            (0..1000).for_each(|n| progress.report(n));
            progress.flush().await.unwrap();
        });
        assert!(seen.lock().unwrap().iter().copied().eq(0..1000));
    }
    on::<Smol>();
    on::<Single>();
    on::<Inline>();
}

#[test]
fn nobody_waits_for_a_handler_that_is_at_work() {
    let (started, is_started) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = seen.clone();
    let progress = Progress::inline(move |n: u32| {
        if n == 0 {
            started.send(()).unwrap();
            may_go.recv().unwrap();
        }
        handler.lock().unwrap().push((thread::current().id(), n));
    });
    let first = progress.clone();
    let thread = thread::spawn(move || {
        first.report(0);
        thread::current().id()
    });
    is_started.recv().unwrap();
    progress.report(1);
    progress.report(2);
    assert_eq!(format!("{progress:?}"), "Progress { waiting: 2, .. }");
    let mut flush = progress.flush();
    let counter = Counter::new();
    assert!(counter.poll(&mut flush).is_pending());
    drop(progress);
    go.send(()).unwrap();
    let by = thread.join().unwrap();
    assert_eq!(*seen.lock().unwrap(), [(by, 0), (by, 1), (by, 2)]);
    assert_eq!((counter.wakes(), counter.poll(&mut flush)), (1, Poll::Ready(Ok(()))));
}

#[test]
fn what_waits_is_handled_though_the_last_handle_goes() {
    let jobs = Jobs::new();
    let drops = Arc::new(AtomicUsize::new(0));
    struct Counts(Arc<AtomicUsize>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1000, SeqCst);
        }
    }
    let counts = Counts(drops.clone());
    let progress = Progress::on(jobs.clone(), move |n: usize| {
        counts.0.fetch_add(n, SeqCst);
    });
    (0..5).for_each(|_| progress.report(1));
    drop(progress);
    assert_eq!((jobs.len(), drops.load(SeqCst)), (1, 0));
    jobs.run();
    assert_eq!(drops.load(SeqCst), 1005, "the handler goes after them");
}

#[test]
fn a_worker_lets_others_go_first() {
    let jobs = Jobs::new();
    let progress = Progress::on(jobs.clone(), |_: u32| ());
    (0..1000).for_each(|n| progress.report(n));
    let polls = jobs.run();
    assert!((10..100).contains(&polls), "{polls} polls");
}

#[test]
fn an_executor_that_drops_the_worker() {
    let jobs = Jobs::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = seen.clone();
    let progress = Progress::on(jobs.clone(), move |value: Arc<u32>| handler.lock().unwrap().push(*value));
    let lost = Arc::new(1);
    progress.report(lost.clone());
    let mut flush = progress.flush();
    jobs.drop_all();
    assert_eq!(Arc::strong_count(&lost), 1);
    assert_eq!(Counter::new().poll(&mut flush), Poll::Ready(Err(Unhandled)));
    assert_eq!(Unhandled.to_string(), "the executor has dropped the reports");
    progress.report(Arc::new(2));
    assert_eq!(jobs.len(), 1, "it starts anew");
    jobs.run();
    assert_eq!(*seen.lock().unwrap(), [2]);
}

#[test]
fn a_spawner_that_panics() {
    let fails = Arc::new(AtomicBool::new(true));
    let (jobs, flag) = (Jobs::new(), fails.clone());
    let queue = jobs.clone();
    let spawner = move |future: BoxFuture<'static, ()>| {
        assert!(!flag.load(SeqCst), "full");
        taskcell::Spawner::spawn(&queue, future);
    };
    let seen = Arc::new(AtomicUsize::new(0));
    let handler = seen.clone();
    let progress = Progress::on(spawner, move |n| {
        handler.fetch_add(n, SeqCst);
    });
    assert!(std::panic::catch_unwind(|| progress.report(1)).is_err());
    fails.store(false, SeqCst);
    progress.report(2);
    jobs.run();
    assert_eq!(seen.load(SeqCst), 2);
}

#[test]
fn a_handler_that_panics_goes_on() {
    for inline in [true, false] {
        let jobs = Jobs::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let handler = seen.clone();
        let handler = move |n: u32| {
            assert!(n % 2 == 0, "odd");
            handler.lock().unwrap().push(n);
        };
        let progress = if inline { Progress::inline(handler) } else { Progress::on(jobs.clone(), handler) };
        (0..6).for_each(|n| progress.report(n));
        let mut flush = progress.flush();
        jobs.run();
        assert_eq!(*seen.lock().unwrap(), [0, 2, 4]);
        assert_eq!(Counter::new().poll(&mut flush), Poll::Ready(Ok(())));
    }
}

#[test]
fn a_waker_that_reports() {
    let progress = Progress::inline(|_: u32| ());
    let seen = Arc::new(AtomicUsize::new(0));
    let jobs = Jobs::new();
    let counted = seen.clone();
    let slow = Progress::on(jobs.clone(), move |n: u32| {
        counted.fetch_add(n as usize, SeqCst);
    });
    let (again, also) = (slow.clone(), progress.clone());
    let mut flush = slow.flush();
    let (waker, _) = Hooks::new()
        .on_wake(move || {
            again.report(5);
            also.report(1);
            panic!("waker");
        })
        .waker();
    assert!(crate::support::poll_with(&waker, &mut flush).is_pending());
    slow.report(1);
    jobs.run();
    assert_eq!(seen.load(SeqCst), 6);
}

#[test]
fn a_flush_that_is_dropped() {
    let jobs = Jobs::new();
    let progress = Progress::on(jobs.clone(), |_: u32| ());
    progress.report(1);
    let mut flush = progress.flush();
    let counter = Counter::new();
    assert!(counter.poll(&mut flush).is_pending());
    drop(flush);
    assert_eq!(counter.held(), 0);
    jobs.run();
    assert_eq!(counter.wakes(), 0);
}

#[test]
fn the_latest_takes_the_place_of_what_waits() {
    let jobs = Jobs::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = seen.clone();
    let progress = LatestProgress::on(jobs.clone(), move |n: Arc<u32>| handler.lock().unwrap().push(*n));
    is(&progress);
    let values: Vec<Arc<u32>> = (0..10).map(Arc::new).collect();
    for value in &values {
        progress.report(value.clone());
    }
    assert!(values[..9].iter().all(|value| Arc::strong_count(value) == 1), "dropped at once");
    assert_eq!(jobs.len(), 1);
    let mut flush = progress.flush();
    progress.report(Arc::new(10));
    jobs.run();
    assert_eq!(*seen.lock().unwrap(), [10]);
    assert_eq!(Counter::new().poll(&mut flush), Poll::Ready(Ok(())));
    progress.report(Arc::new(11));
    jobs.run();
    assert_eq!(*seen.lock().unwrap(), [10, 11]);
}

#[test]
fn the_latest_inline_sees_everything_of_one_thread() {
    let seen = Arc::new(Mutex::new(VecDeque::new()));
    let handler = seen.clone();
    let progress = LatestProgress::inline(move |n: u32| handler.lock().unwrap().push_back(n));
    (0..100).for_each(|n| progress.report(n));
    assert!(seen.lock().unwrap().iter().copied().eq(0..100));
}

#[test]
fn the_latest_of_four_threads_is_never_lost() {
    for _ in 0..rounds(500) {
        let last = Arc::new(Mutex::new([0; 4]));
        let handler = last.clone();
        let progress = LatestProgress::inline(move |(reporter, n): (usize, u32)| {
            let mut last = handler.lock().unwrap();
            assert!(last[reporter] < n);
            last[reporter] = n;
        });
        thread::scope(|scope| {
            for reporter in 0..4 {
                let progress = &progress;
                scope.spawn(move || (1..=20).for_each(|n| progress.report((reporter, n))));
            }
        });
        smol::block_on(progress.flush()).unwrap();
        assert!(last.lock().unwrap().contains(&20), "the very last one was handled");
        progress.report((0, 21));
        assert_eq!(last.lock().unwrap()[0], 21);
    }
}

#[test]
fn the_latest_whose_worker_is_dropped() {
    let jobs = Jobs::new();
    let seen = Arc::new(AtomicUsize::new(0));
    let handler = seen.clone();
    let progress = LatestProgress::on(jobs.clone(), move |n: usize| handler.store(n, SeqCst));
    progress.report(1);
    let mut flush = progress.flush();
    jobs.drop_all();
    assert_eq!(Counter::new().poll(&mut flush), Poll::Ready(Err(Unhandled)));
    progress.report(2);
    jobs.run();
    assert_eq!(seen.load(SeqCst), 2);
}

#[test]
fn everything_takes_reports() {
    fn report<R: Report<u32>>(to: R) {
        to.report(1);
    }
    let sum = Arc::new(AtomicUsize::new(0));
    let counted = sum.clone();
    let closure = move |n: u32| {
        counted.fetch_add(n as usize, SeqCst);
    };
    let counted = sum.clone();
    let progress = Progress::inline(move |n: u32| {
        counted.fetch_add(n as usize, SeqCst);
    });
    report(&closure);
    report(&progress);
    report(progress.clone());
    report(&progress as &dyn Report<u32>);
    report(&progress as &(dyn Report<u32> + Sync));
    report(Some(&progress));
    report(Some(&progress as &(dyn Report<u32> + Send + Sync)));
    report(Arc::new(progress.clone()));
    report(Arc::new(progress.clone()) as Arc<dyn Report<u32> + Send + Sync>);
    report(Box::new(progress.clone()) as Box<dyn Report<u32> + Send + Sync>);
    report(Box::new(closure.clone()) as Box<dyn Report<u32>>);
    report(());
    report(None::<&Progress<u32>>);
    assert_eq!(sum.load(SeqCst), 11);
}

#[test]
fn nothing_is_left_behind() {
    let (dropped, values) = (Arc::new(()), 10_usize);
    let progress = Progress::inline(|_: Arc<()>| ());
    (0..values).for_each(|_| progress.report(dropped.clone()));
    assert_eq!(Arc::strong_count(&dropped), 1);
}
