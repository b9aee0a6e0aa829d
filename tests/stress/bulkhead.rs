//! Callers of a bulkhead who often give up: its limit is never passed, no place is lost, and nobody waits for ever.

use crate::give_up::{Canceller, Impatient};
use crate::job::{Job, Round};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use taskcell::{Bulkhead, BulkheadPermit};

const THREADS: usize = 4;
/// How many calls each thread makes in a round.
const CALLS: usize = 500;

pub(crate) fn run(job: &Job) {
    job.rounds(|round| {
        one_round(round);
        round.check();
        true
    });
}

fn one_round(round: &Round<'_>) {
    let mut chance = round.chance(0);
    let (limit, queue) = (1 + chance.below(3) as usize, chance.below(4) as usize);
    let bulkhead = Bulkhead::new(NonZeroUsize::new(limit).expect("at least one"), queue);
    let running = AtomicUsize::new(0);
    thread::scope(|scope| {
        let canceller = Canceller::start(scope, chance);
        for number in 1..=THREADS {
            let (canceller, bulkhead, running) = (canceller.clone(), &bulkhead, &running);
            scope.spawn(move || call_all(round, number, bulkhead, (limit, running), &canceller));
        }
    });
    let permits: Vec<BulkheadPermit> = std::iter::from_fn(|| bulkhead.try_acquire().ok()).take(2 * limit).collect();
    let stats = bulkhead.stats();
    if permits.len() != limit || stats.running != limit || stats.queued != 0 {
        round.violation(format_args!("{} places of {limit} are left: {stats:?}", permits.len()));
    }
}

fn call_all(
    round: &Round<'_>,
    number: usize,
    bulkhead: &Bulkhead,
    (limit, running): (usize, &AtomicUsize),
    canceller: &Canceller,
) {
    let (tally, mut chance, mut impatient) = (round.tally(number), round.chance(number), Impatient::new());
    let run = |turns: u64| {
        let now = running.fetch_add(1, SeqCst) + 1;
        if now > limit {
            round.violation(format_args!("{now} run where {limit} may"));
        }
        for _ in 0..turns {
            std::hint::spin_loop();
        }
        running.fetch_sub(1, SeqCst);
    };
    for _ in 0..CALLS {
        tally.given.one();
        let turns = chance.below(200);
        let permit = match chance.below(8) {
            0 => bulkhead.try_acquire().ok(),
            1 => {
                let token = canceller.token(&mut chance);
                smol::block_on(bulkhead.acquire().with_cancellation(&token)).ok()
            }
            2 => {
                _ = smol::block_on(bulkhead.call(async { run(turns) }));
                None
            }
            3..6 => impatient.wait(&mut chance, bulkhead.acquire()).and_then(Result::ok),
            _ => smol::block_on(bulkhead.acquire()).ok(),
        };
        match permit {
            Some(permit) => {
                run(turns);
                drop(permit);
            }
            None => tally.given_up.one(),
        }
        tally.found.one();
    }
}
