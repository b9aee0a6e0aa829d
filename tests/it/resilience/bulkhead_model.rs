//! Random plans over a bulkhead, beside a plain account of what it should do.
use super::bulkhead::{bulkhead, figures};
use crate::support::chance::Chance;
use crate::support::{Counter, rounds};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;
use taskcell::{BulkheadAcquire, BulkheadPermit, Rejected};

/// One that asks: in the library, and where it stands by the plain account.
struct Wait {
    id: u32,
    future: BulkheadAcquire,
    waker: Arc<Counter>,
    polled: bool,
}

#[derive(Default)]
struct Plain {
    limit: usize,
    queue: usize,
    running: usize,
    line: VecDeque<u32>,
    /// Handed a place, and not come for it.
    granted: Vec<u32>,
    rejected: u64,
}

impl Plain {
    fn taken(&self) -> usize {
        self.running + self.granted.len()
    }

    fn give_back(&mut self) {
        if let Some(next) = self.line.pop_front() {
            self.granted.push(next);
        }
    }
}

#[test]
fn random_plans_agree_with_a_plain_account() {
    let mut seen = [0u32; 4];
    for seed in 0..rounds(20_000) as u64 {
        let mut chance = Chance::new(seed);
        let (limit, queue) = (chance.below(3) as usize + 1, chance.below(4) as usize);
        let bulkhead = bulkhead(limit, queue);
        let mut plain = Plain { limit, queue, ..Plain::default() };
        let (mut waits, mut permits): (Vec<Wait>, Vec<BulkheadPermit>) = (Vec::new(), Vec::new());
        for step in 0..60 {
            let what = format!("seed {seed}, step {step}: {limit} places, {queue} in line");
            match chance.below(12) {
                0..3 => {
                    let free = plain.taken() < plain.limit;
                    match bulkhead.try_acquire() {
                        Ok(permit) => {
                            assert!(free, "{what}");
                            plain.running += 1;
                            permits.push(permit);
                        }
                        Err(rejected) => {
                            assert!(!free && rejected == Rejected::BulkheadFull, "{what}");
                            plain.rejected += 1;
                        }
                    }
                }
                3..5 => {
                    let (future, waker) = (bulkhead.acquire(), Counter::new());
                    waits.push(Wait { id: step, future, waker, polled: false });
                }
                5..8 if !waits.is_empty() => {
                    let at = chance.below(waits.len() as u64) as usize;
                    let wait = &mut waits[at];
                    if wait.polled && chance.once_in(3) {
                        wait.waker = Counter::new();
                    }
                    let polled = wait.waker.poll(&mut wait.future);
                    let granted = plain.granted.iter().position(|id| *id == wait.id);
                    let free = !wait.polled && plain.taken() < plain.limit;
                    let full = !wait.polled && !free && plain.line.len() >= plain.queue;
                    if granted.is_some() || free {
                        granted.map(|at| plain.granted.swap_remove(at));
                        plain.running += 1;
                        let Poll::Ready(Ok(permit)) = polled else { panic!("{what}: {polled:?}") };
                        permits.push(permit);
                        waits.swap_remove(at);
                        seen[0] += 1;
                    } else if full {
                        assert!(matches!(polled, Poll::Ready(Err(Rejected::BulkheadFull))), "{what}");
                        plain.rejected += 1;
                        waits.swap_remove(at);
                        seen[1] += 1;
                    } else {
                        assert!(polled.is_pending(), "{what}");
                        if !std::mem::replace(&mut wait.polled, true) {
                            plain.line.push_back(wait.id);
                        }
                    }
                }
                8 if !waits.is_empty() => {
                    let wait = waits.swap_remove(chance.below(waits.len() as u64) as usize);
                    plain.line.retain(|id| *id != wait.id);
                    if let Some(at) = plain.granted.iter().position(|id| *id == wait.id) {
                        plain.granted.swap_remove(at);
                        plain.give_back();
                        seen[2] += 1;
                    }
                    drop(wait);
                }
                _ if !permits.is_empty() => {
                    let _ = permits.swap_remove(chance.below(permits.len() as u64) as usize);
                    plain.running -= 1;
                    plain.give_back();
                    seen[3] += 1;
                }
                _ => {}
            }
            assert_eq!(figures(&bulkhead), (plain.taken(), plain.line.len(), plain.rejected), "{what}");
            for wait in &waits {
                // Whoever was handed a place has been woken.
                assert!(!plain.granted.contains(&wait.id) || wait.waker.wakes() == 1, "{what}");
                assert_eq!(wait.waker.held(), usize::from(plain.line.contains(&wait.id)), "{what}");
            }
        }
        drop((waits, permits));
        assert_eq!((figures(&bulkhead).0, figures(&bulkhead).1), (0, 0), "seed {seed}");
    }
    assert!(cfg!(miri) || seen.iter().all(|n| *n > 1_000), "the plans reach everything: {seen:?}");
}
