//! Groups at random against what must always hold: the limit, no end before that of the children, each value once, and
//! nothing that is left.
use crate::support::{Counter, eventually};
use crate::throttle::{Dice, Gauge, Inside, Yields};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use taskcell::{
    AggregateError, BoxFuture, CancellationToken, CancellationTokenSource, Spawner, TaskError, TaskGroup,
    TaskGroupHandle, task_group,
};

/// A child's number, and a value that counts.
type Value = (usize, Inside);

#[derive(Clone)]
struct Smol(Arc<smol::Executor<'static>>);

impl Spawner for Smol {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self.0.spawn(future).detach();
    }
}

/// What the children of one group do.
#[derive(Clone)]
struct World {
    smol: Smol,
    in_progress: Gauge,
    /// Futures that are there, begun or not.
    futures: Gauge,
    values: Gauge,
    numbers: Arc<AtomicUsize>,
    /// One in so many fails; none, if zero.
    fails: u64,
    limit: usize,
}

fn dice(seed: u64) -> Dice {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    (0..4).for_each(|_| _ = dice.below(2));
    dice
}

impl World {
    fn new(seed: u64, smol: &Smol) -> Self {
        let mut dice = dice(seed);
        let (fails, limit) = ([0, 0, 5, 20][dice.below(4) as usize], dice.below(5) as usize);
        let (in_progress, futures, values, numbers) = Default::default();
        Self { smol: smol.clone(), in_progress, futures, values, numbers, fails, limit }
    }

    /// Starts a child of any kind, which may start others.
    fn start(&self, handle: &TaskGroupHandle<Value, &'static str>, dice: &mut Dice, depth: u64, waits: bool) {
        let (world, to, mut own) = (self.clone(), handle.clone(), self::dice(dice.below(u64::MAX)));
        let (number, kind, alive) = (self.numbers.fetch_add(1, SeqCst), dice.below(3), self.futures.enter());
        let child: BoxFuture<'static, _> = Box::pin(async move {
            let _alive = alive;
            let inside = world.in_progress.enter();
            Yields(own.below(4) as usize).await;
            for _ in 0..own.below(depth + 1) {
                world.start(&to, &mut own, depth - 1, waits);
            }
            if waits && own.below(8) == 0 {
                to.token().cancelled().await;
            }
            if world.fails > 0 && own.below(world.fails) == 0 {
                // Lazy ones would take the group along.
                assert!(kind == 0 || number % 2 == 0, "a child panics");
                return Err("a child");
            }
            let value = (number, world.values.enter());
            drop(inside);
            Ok(value)
        });
        match kind {
            0 => drop(handle.run(child)),
            1 => drop(handle.run_on(&self.smol, child)),
            _ => drop(handle.spawn(&self.smol, child)),
        }
    }

    /// A group whose body does this and that.
    fn group(
        &self,
        seed: u64,
        parent: &CancellationToken,
    ) -> impl Future<Output = Result<(), AggregateError<TaskError<&'static str>>>> + Unpin + use<> {
        let (world, mut dice) = (self.clone(), dice(seed + 1));
        let group = task_group(move |mut group: TaskGroup<Value, &'static str>| async move {
            let (handle, end) = (group.handle(), dice.below(4));
            // Who takes a few values must not wait for those who wait for the end.
            let waits = world.limit == 0 && end != 0;
            for _ in 0..dice.below(20) {
                world.start(&handle, &mut dice, 2, waits);
                Yields(dice.below(2) as usize).await;
            }
            let mut seen = HashSet::new();
            match end {
                0 => {
                    for _ in 0..dice.below(5) {
                        let value = group.next().await;
                        assert!(value.is_none_or(|(number, _)| seen.insert(number)));
                    }
                }
                1 => drop(group),
                2 => {
                    group.run(async { Err("the end") });
                    while let Some((number, _)) = group.next().await {
                        assert!(seen.insert(number));
                    }
                }
                _ => {
                    group.run(async { Err("the end") });
                    assert!(group.wait_all().await.into_iter().all(|(number, _)| seen.insert(number)));
                }
            }
            if dice.below(4) == 0 { Err("the body") } else { Ok(()) }
        });
        let group = if self.limit > 0 { group.limit(self.limit.try_into().unwrap()) } else { group };
        group.token(parent)
    }

    fn check(&self, seed: u64) {
        assert!(self.limit == 0 || self.in_progress.most() <= self.limit, "seed {seed}: more than the limit");
    }

    /// All children have ended, and are gone. (The value of one that is a task may be there for longer.)
    fn has_ended(&self) -> bool {
        self.futures.now() == 0 && self.in_progress.now() == 0
    }

    fn is_empty(&self) -> bool {
        self.has_ended() && self.values.now() == 0
    }
}

/// On one thread, in any order: consumers that stop polling and go on, parents that cancel, groups that are dropped.
#[test]
fn groups_that_are_stepped_at_random() {
    for seed in 0..1000 {
        let (smol, counter, parent) = (Smol(Arc::default()), Counter::new(), CancellationTokenSource::new());
        let (world, mut dice) = (World::new(seed, &smol), dice(seed + 2));
        let mut group = world.group(seed, &parent.token());
        let [dropped, cancelled] = [(); 2].map(|()| dice.below(120));
        let (mut wakes, mut is_woken, mut idle) = (0, true, 0);
        for step in 0.. {
            if step == dropped {
                break;
            }
            if step == cancelled {
                parent.cancel();
            }
            is_woken |= counter.wakes() > wakes;
            wakes = counter.wakes();
            if is_woken && dice.below(4) > 0 {
                is_woken = false;
                if let Poll::Ready(_outcome) = counter.poll(&mut group) {
                    assert!(world.has_ended(), "seed {seed}: the end before that of the children");
                    break;
                }
            }
            let ticked = dice.below(3) > 0 && smol.0.try_tick();
            idle = if ticked || is_woken || counter.wakes() > wakes { 0 } else { idle + 1 };
            assert!(idle < 100, "seed {seed}: nobody wakes it");
            world.check(seed);
        }
        drop(group);
        // Those that are detached see the token.
        while smol.0.try_tick() {}
        world.check(seed);
        assert!(world.is_empty(), "seed {seed}");
        assert_eq!((parent.token().listeners(), counter.held()), (0, 0), "seed {seed}");
    }
}

#[test]
fn groups_on_many_threads() {
    let (smol, (stop, stopped)) = (Smol(Arc::default()), smol::channel::bounded::<()>(1));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| smol::block_on(smol.0.run(stopped.recv())));
        }
        for seed in 0..300 {
            let (parent, mut dice) = (CancellationTokenSource::new(), dice(seed + 3));
            let (world, patience) = (World::new(seed, &smol), dice.below(60) as usize);
            let of = world.clone();
            let mut group = world.group(seed, &parent.token());
            smol::block_on(async {
                let ended = async {
                    _ = (&mut group).await;
                    assert!(of.has_ended(), "seed {seed}: the end before that of the children");
                };
                let enough = async {
                    Yields(patience).await;
                    if seed % 2 == 0 {
                        parent.cancel();
                        std::future::pending::<()>().await;
                    }
                };
                taskcell::few::when_any((ended, enough)).await;
            });
            drop(group);
            eventually("all is gone", || world.is_empty() && parent.token().listeners() == 0);
            world.check(seed);
        }
        drop(stop);
    });
}
