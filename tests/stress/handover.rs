//! T4: a load that wakes itself while it is polled; who polls it is dropped as soon as it is pending, when another waits.
//! That one must get on.

use crate::job::{Job, Round};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::thread;
use taskcell::{AsyncLazy, BoxError, CacheOptions, Handover};

/// How many lazy values a round has.
const VALUES: usize = 1000;

pub(crate) fn restart(job: &Job) {
    run(job, Handover::Restart);
}
pub(crate) fn baton(job: &Job) {
    run(job, Handover::Baton);
}

fn run(job: &Job, handover: Handover) {
    job.rounds(|round| {
        one_round(round, handover);
        round.check();
        true
    });
}

fn one_round(round: &Round<'_>, handover: Handover) {
    let mut chance = round.chance(0);
    let values: Vec<AsyncLazy<u32>> = (0..VALUES).map(|_| lazy(handover, 1 + chance.below(3))).collect();
    // Where the two are, so that they meet.
    let places = [const { AtomicUsize::new(0) }; 2];
    let meet = |who: usize, at: usize| {
        places[who].store(at, SeqCst);
        for turn in 1.. {
            if places[1 - who].load(SeqCst) >= at {
                break;
            }
            if turn % 256 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut chance = round.chance(1);
            for (at, value) in values.iter().enumerate() {
                meet(0, at + 1);
                linger(chance.below(64));
                let mut get = pin!(value.get());
                for _ in 0..=chance.below(2) {
                    if get.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                        break;
                    }
                }
                round.tally(1).given_up.one();
            }
        });
        scope.spawn(|| {
            let (tally, mut chance) = (round.tally(2), round.chance(2));
            for (at, value) in values.iter().enumerate() {
                meet(1, at + 1);
                linger(chance.below(64));
                tally.given.one();
                match smol::block_on(value.get()) {
                    Ok(7) => tally.found.one(),
                    other => round.violation(format_args!("value {at} is {other:?}")),
                }
            }
        });
    });
}

fn linger(turns: u64) {
    for _ in 0..turns {
        std::hint::spin_loop();
    }
}

/// Pending so often, each time with a wake of its own poller.
fn lazy(handover: Handover, polls: u64) -> AsyncLazy<u32> {
    AsyncLazy::with_options(CacheOptions::new().handover(handover), move |_token| {
        let mut left = polls;
        poll_fn(move |cx| {
            if left == 0 {
                return Poll::Ready(Ok::<u32, BoxError>(7));
            }
            left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    })
}
