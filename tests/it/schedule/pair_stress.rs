//! The pair on threads: who runs beside whom.
use crate::support::{eventually, rounds};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use taskcell::{BoxFuture, ConcurrentExclusiveSchedulerPair as Pair, InlineScheduler, Spawner, Task, TaskScheduler};

/// Who polls at the moment.
#[derive(Default)]
struct Now {
    concurrent: AtomicUsize,
    exclusive: AtomicUsize,
    most: AtomicUsize,
}

impl Now {
    fn concurrent(&self) {
        let now = self.concurrent.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
        assert_eq!(self.exclusive.load(SeqCst), 0, "an exclusive one runs");
        std::thread::yield_now();
        self.concurrent.fetch_sub(1, SeqCst);
    }
    fn exclusive(&self) {
        assert_eq!(self.exclusive.fetch_add(1, SeqCst), 0, "two exclusive ones");
        assert_eq!(self.concurrent.load(SeqCst), 0, "a concurrent one runs");
        std::thread::yield_now();
        self.exclusive.fetch_sub(1, SeqCst);
    }
}

fn mixed(scheduler: impl TaskScheduler + Send + Sync + 'static, limit: usize, count: usize) {
    let pair = Pair::new(scheduler, NonZeroUsize::new(limit).unwrap());
    let now = Arc::new(Now::default());
    let tasks: Vec<Task<()>> = (0..count)
        .map(|number| {
            let now = now.clone();
            if number % 3 == 0 {
                Task::run(&pair.exclusive(), async move {
                    for _ in 0..3 {
                        now.exclusive();
                        smol::future::yield_now().await;
                    }
                    Ok(())
                })
            } else {
                Task::run(&pair.concurrent(), async move {
                    for _ in 0..3 {
                        now.concurrent();
                        smol::future::yield_now().await;
                    }
                    Ok(())
                })
            }
        })
        .collect();
    pair.complete();
    Task::when_all(tasks).wait().unwrap().unwrap();
    pair.completion().wait().unwrap().unwrap();
    let most = now.most.load(SeqCst);
    assert!(most <= limit, "{most} at once");
}

#[test]
fn mixed_on_smol() {
    for limit in [1, 2, 8] {
        mixed(|future: BoxFuture<'static, ()>| smol::spawn(future).detach(), limit, rounds(2_000));
    }
}

#[test]
fn mixed_on_a_blocking_pool() {
    let pool = |future: BoxFuture<'static, ()>| smol::unblock(|| smol::block_on(future)).detach();
    for limit in [1, 3] {
        mixed(pool, limit, rounds(1_000));
    }
}

#[test]
fn mixed_inline() {
    mixed(InlineScheduler, 3, rounds(1_000));
}

#[test]
fn wakes_from_other_threads_are_not_lost() {
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let pair = Pair::new(smol, NonZeroUsize::new(2).unwrap());
    let (sender, receiver) = smol::channel::bounded::<usize>(1);
    let total = Arc::new(AtomicUsize::new(0));
    let count = rounds(4_000);
    for number in 0..4 {
        let (receiver, total) = (receiver.clone(), total.clone());
        let half = if number % 2 == 0 { pair.concurrent() } else { pair.exclusive() };
        half.queue(Box::new(|| ()));
        half.spawn(Box::pin(async move {
            while let Ok(number) = receiver.recv().await {
                total.fetch_add(number, SeqCst);
            }
        }));
    }
    pair.complete();
    smol::block_on(async {
        for _ in 0..count {
            sender.send(1).await.unwrap();
        }
    });
    drop(sender);
    eventually("all ended", || pair.completion().is_completed());
    assert_eq!(total.load(SeqCst), count);
}

/// A future that is woken in all the ways there are, and at random panics at its end.
struct Restless {
    now: Arc<Now>,
    is_exclusive: bool,
    polls: u64,
    seed: u64,
    kept: smol::channel::Sender<Waker>,
    ended: Arc<AtomicUsize>,
}

/// The next of a row of numbers.
fn random(seed: &mut u64, below: u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed >> 11) % below
}

impl Future for Restless {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_exclusive {
            self.now.exclusive()
        } else {
            self.now.concurrent()
        }
        if self.polls == 0 {
            self.ended.fetch_add(1, SeqCst);
            let panics = random(&mut self.seed, 10) == 0;
            return if panics { std::panic::resume_unwind(Box::new("restless")) } else { Poll::Ready(()) };
        }
        self.polls -= 1;
        let how = random(&mut self.seed, 4);
        for _ in 0..how {
            cx.waker().wake_by_ref();
        }
        if how != 1 {
            self.kept.try_send(cx.waker().clone()).unwrap();
        }
        Poll::Pending
    }
}

fn restless(scheduler: impl TaskScheduler + Send + Sync + 'static, limit: usize, seed: u64) {
    let outer = Pair::new(scheduler, NonZeroUsize::new(8).unwrap());
    let pair = Pair::new(outer.concurrent(), NonZeroUsize::new(limit).unwrap());
    let (now, ended) = (Arc::new(Now::default()), Arc::new(AtomicUsize::new(0)));
    let (kept, wakers) = smol::channel::unbounded::<Waker>();
    let waking = std::thread::spawn(move || {
        let wakers = std::iter::from_fn(|| wakers.recv_blocking().ok());
        wakers.inspect(Waker::wake_by_ref).collect::<Vec<_>>()
    });
    let count = rounds(100);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (pair, now, kept, ended) = (&pair, &now, &kept, &ended);
            scope.spawn(move || {
                let mut seed = seed * 97 + thread + 1;
                for _ in 0..count {
                    let is_exclusive = random(&mut seed, 3) == 0;
                    let half = if is_exclusive { pair.exclusive() } else { pair.concurrent() };
                    let (now, kept, ended) = (now.clone(), kept.clone(), ended.clone());
                    let polls = random(&mut seed, 4);
                    half.spawn(Box::pin(Restless { now, is_exclusive, polls, seed: seed | 1, kept, ended }));
                }
            });
        }
    });
    drop(kept);
    pair.complete();
    pair.completion().wait().unwrap().unwrap();
    assert_eq!(ended.load(SeqCst), 8 * count);
    let most = now.most.load(SeqCst);
    assert!(most <= limit, "{most} at once");
    drop((pair, outer));
    // They outlive the pair, and do nothing.
    waking.join().unwrap().into_iter().for_each(Waker::wake);
}

#[test]
fn restless_futures_of_many_threads() {
    for seed in 1..5 {
        restless(|future: BoxFuture<'static, ()>| smol::spawn(future).detach(), 1 + seed as usize, seed);
        restless(InlineScheduler, 3, seed);
    }
}
