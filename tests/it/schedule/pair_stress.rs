//! The pair on threads: who runs beside whom.
use crate::support::{eventually, rounds};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{BoxFuture, ConcurrentExclusiveSchedulerPair as Pair, InlineScheduler, Task, TaskScheduler};

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
        taskcell::Spawner::spawn(
            &half,
            Box::pin(async move {
                while let Ok(number) = receiver.recv().await {
                    total.fetch_add(number, SeqCst);
                }
            }),
        );
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
