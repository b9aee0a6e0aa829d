//! Drawn plans, against a model that is a map and a few rules.
use super::{Cache, Loads, cache};
use crate::support::chance::Chance;
use crate::support::{Counter, rounds};
use std::collections::HashMap;
use std::sync::Arc;
use std::task::Poll;
use taskcell::{BoxFuture, CacheError, CacheOptions, CancellationToken, ErrorPolicy, Handover};

const KEYS: [u32; 3] = [0, 1, 2];

type Caller<'a> = BoxFuture<'a, Result<u32, CacheError<&'static str>>>;

struct Run<'a> {
    cache: &'a Cache,
    handover: Handover,
    errors: ErrorPolicy,
    callers: Vec<(u32, Caller<'a>, Arc<Counter>, usize)>,
    loads: Loads,
    chance: Chance,
    next: u32,
}

impl<'a> Run<'a> {
    /// A loader that ends at some turn of the gate, well or badly.
    fn loader(
        &mut self,
    ) -> impl FnOnce(CancellationToken) -> BoxFuture<'static, Result<u32, &'static str>> + Send + use<> {
        self.next += 1;
        let result = if self.chance.once_in(4) { Err("drawn") } else { Ok(self.next) };
        self.loads.at(self.loads.gate.count() + self.chance.below(4) as usize, result)
    }

    fn call(&mut self) {
        let key = &KEYS[self.chance.below(3) as usize];
        let fresh = self.chance.once_in(5);
        let loader = self.loader();
        let get = if fresh { self.cache.refresh_with(key, loader) } else { self.cache.get_with(key, loader) };
        self.callers.push((*key, Box::pin(get), Counter::new(), 0));
    }

    /// Polls a caller. What it is given must be what some load of its time gave.
    fn poll(&mut self, at: usize) {
        let (_, caller, counter, wakes) = &mut self.callers[at];
        *wakes = counter.wakes();
        match counter.poll(caller) {
            Poll::Pending => return,
            Poll::Ready(Ok(value)) => assert!(value <= self.next || value >= 1000),
            Poll::Ready(Err(CacheError::Faulted(fault))) => assert_eq!(*fault, "drawn"),
            Poll::Ready(Err(error)) => panic!("{error}"),
        }
        drop(self.callers.swap_remove(at));
    }

    fn step(&mut self, set: &mut HashMap<u32, u32>) {
        let key = KEYS[self.chance.below(3) as usize];
        let some = |run: &mut Self| run.chance.below(run.callers.len().max(1) as u64) as usize;
        match self.chance.below(12) {
            0..4 => self.call(),
            4..7 if !self.callers.is_empty() => {
                let at = some(self);
                self.poll(at);
            }
            7..9 if !self.callers.is_empty() => {
                let at = some(self);
                drop(self.callers.swap_remove(at));
            }
            9 => self.loads.gate.arrive(),
            10 if self.chance.once_in(2) => {
                self.next += 1;
                self.cache.set(key, 1000 + self.next);
                set.insert(key, 1000 + self.next);
                assert_eq!(self.cache.peek(&key), Some(1000 + self.next));
            }
            10 => {
                self.cache.remove(&key);
                assert_eq!(self.cache.peek(&key), None);
            }
            11 if self.chance.once_in(10) => {
                self.cache.invalidate_all();
                assert_eq!((self.cache.len(), self.cache.loading()), (0, 0));
            }
            _ => {}
        }
        let [begun, _, dropped] = self.loads.counts();
        let statistics = self.cache.statistics();
        assert!(begun >= dropped && statistics.loads == begun as u64);
        assert!(self.cache.loading() <= KEYS.len() && self.cache.len() <= KEYS.len());
        // There are no more loads than keys, but for those that were unlisted, which have callers of their own.
        assert!(begun - dropped <= KEYS.len() + self.callers.len());
    }

    /// Polls whoever was woken until nobody is; with an open gate everybody ends.
    fn settle(&mut self) {
        for _ in 0..8 {
            self.loads.gate.arrive();
        }
        // Once for those who were never polled, and for loads whose gate was opened while nobody led.
        for at in (0..self.callers.len()).rev() {
            self.poll(at);
        }
        while let Some(at) = self.callers.iter().position(|(_, _, counter, wakes)| counter.wakes() > *wakes) {
            self.poll(at);
        }
        assert!(self.callers.is_empty(), "{:?} {:?}: somebody waits and was not told", self.handover, self.errors);
    }
}

fn run(seed: u64, handover: Handover, errors: ErrorPolicy) {
    let cache = cache(CacheOptions::new().handover(handover).error_policy(errors));
    let loads = Loads::new();
    {
        let (chance, loads) = (Chance::new(seed), loads.clone());
        let mut run = Run { cache: &cache, handover, errors, callers: Vec::new(), loads, chance, next: 0 };
        let mut set = HashMap::new();
        for _ in 0..60 {
            run.step(&mut set);
        }
        run.settle();
    }
    if handover == Handover::Restart {
        assert_eq!(cache.loading(), 0, "seed {seed}");
    }
    cache.invalidate_all();
    let [begun, _, dropped] = loads.counts();
    assert_eq!((cache.loading(), cache.len(), begun), (0, 0, dropped), "seed {seed}");
}

#[test]
fn drawn_plans() {
    for seed in 0..rounds(3_000) as u64 {
        for handover in [Handover::Restart, Handover::Baton] {
            for errors in [ErrorPolicy::ShareOnce, ErrorPolicy::RetryNext] {
                run(seed, handover, errors);
            }
        }
    }
}

/// Without calls under way the cache is a map with an order of use.
#[test]
fn entries_as_a_reference_keeps_them() {
    for seed in 0..rounds(200) as u64 {
        let mut chance = Chance::new(seed);
        let capacity = 1 + chance.below(6) as usize;
        let cache = cache(CacheOptions::new().capacity(capacity));
        // Oldest use first.
        let mut reference: Vec<(u32, u32)> = Vec::new();
        for n in 0..300 {
            let key = chance.below(10) as u32;
            let known = reference.iter().position(|(own, _)| *own == key);
            match chance.below(8) {
                0 => assert_eq!(cache.remove(&key), known.map(|at| reference.remove(at).1)),
                1 => assert_eq!(cache.peek(&key), known.map(|at| reference[at].1)),
                2 => {
                    cache.set(key, n);
                    known.map(|at| reference.remove(at));
                    reference.push((key, n));
                }
                3 if chance.once_in(20) => {
                    cache.invalidate_all();
                    reference.clear();
                }
                _ => {
                    let entry = known.map_or((key, n), |at| reference.remove(at));
                    assert_eq!(smol::block_on(cache.get_with(&key, async move |_| Ok(n))).unwrap(), entry.1);
                    reference.push(entry);
                }
            }
            if reference.len() > capacity {
                reference.remove(0);
            }
            assert_eq!(cache.len(), reference.len());
        }
        assert!(reference.iter().all(|(key, value)| cache.peek(key) == Some(*value)));
    }
}
