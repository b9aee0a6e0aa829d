//! T18: one writer, readers whose reads are often given up, by dropping them and by a token. What was written is read,
//! each item once, and each reader's in their order.

use crate::give_up::{Canceller, Impatient};
use crate::job::{Job, Round};
use crate::kinds::Kind;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use taskcell::channel::{ReadError, Reader, TryReadError, Writer};

/// The number of the reader that never gives up.
const PATIENT: usize = 2;

/// One round goes on up to here, if it has the time.
const ITEMS: u64 = 10_000_000;

/// How many items the writer may be ahead where the channel holds as many as it likes.
const AHEAD: u64 = 4096;

pub(crate) fn bounded(job: &Job) {
    run(job, Kind::Bounded(1024));
}
pub(crate) fn unbounded(job: &Job) {
    run(job, Kind::Unbounded);
}
pub(crate) fn one(job: &Job) {
    run(job, Kind::Bounded(1));
}
pub(crate) fn rendezvous(job: &Job) {
    run(job, Kind::Rendezvous);
}

/// A first round that is short, and one that takes the rest of the time or all items.
fn run(job: &Job, kind: Kind) {
    let mut items = 1000;
    let mut left = ITEMS;
    job.rounds(|round| {
        left -= one_round(round, kind, items.min(left));
        items = ITEMS;
        round.check();
        left > 0
    });
}

/// How many were written.
fn one_round(round: &Round<'_>, kind: Kind, items: u64) -> u64 {
    let readers = 2 + round.chance(0).below(2) as usize;
    let seen: Vec<AtomicU64> = (0..items / 64 + 1).map(|_| AtomicU64::new(0)).collect();
    let (writer, reader) = kind.open();
    thread::scope(|scope| {
        let canceller = Canceller::start(scope, round.chance(1));
        for thread in PATIENT..PATIENT + readers {
            let (reader, canceller, seen) = (reader.clone(), canceller.clone(), &seen);
            scope.spawn(move || read(round, thread, &reader, &canceller, seen));
        }
        drop((reader, canceller));
        write(round, writer, items)
    })
}

/// Writes until all are written, or the time is over, and closes.
fn write(round: &Round<'_>, writer: Writer<u64>, items: u64) -> u64 {
    let (tally, mut chance) = (round.tally(0), round.chance(0));
    let mut pause = 0;
    for item in 0..items {
        if pause == 0 {
            if round.job().is_over() {
                return item;
            }
            // The readers catch up: many of their reads have to wait.
            let ahead = [0, 0, AHEAD][chance.below(3) as usize];
            while round.job().lost() > ahead {
                thread::yield_now();
            }
            let most = 1 << chance.below(10);
            pause = 1 + chance.below(most);
        }
        pause -= 1;
        tally.given.one();
        let written = match chance.once_in(4) {
            true => writer.try_write(item).or_else(|refused| smol::block_on(writer.write(refused.into_inner()))),
            false => smol::block_on(writer.write(item)),
        };
        if let Err(error) = written {
            round.violation(format_args!("item {item} was not written: {error}"));
            return item;
        }
    }
    items
}

/// The first reader waits only; the others often give up, and then now and then leave it to the others to read on: whoever
/// was told of an item and went must have passed that on.
fn read(round: &Round<'_>, thread: usize, reader: &Reader<u64>, canceller: &Canceller, seen: &[AtomicU64]) {
    let (tally, mut chance, mut impatient) = (round.tally(thread), round.chance(thread), Impatient::new());
    let mut least = 0;
    loop {
        let read = match chance.below(64) {
            _ if thread == PATIENT => smol::block_on(reader.read()),
            0 => match reader.try_read() {
                Ok(item) => Ok(item),
                Err(TryReadError::Empty) => continue,
                Err(_) => return,
            },
            1..32 => match impatient.wait(&mut chance, reader.read()) {
                Some(read) => read,
                None => {
                    tally.given_up.one();
                    if chance.once_in(4) {
                        leave_it_to_others(round.job(), reader);
                    }
                    continue;
                }
            },
            32 => smol::block_on(reader.read().with_cancellation(&canceller.token(&mut chance))),
            _ => smol::block_on(reader.read()),
        };
        match read {
            Ok(item) => {
                if item < least {
                    round.violation(format_args!("item {item} came after {least}"));
                }
                least = item;
                if seen[item as usize / 64].fetch_or(1 << (item % 64), Relaxed) & 1 << (item % 64) != 0 {
                    round.violation(format_args!("item {item} came twice"));
                }
                tally.found.one();
            }
            Err(ReadError::Cancelled(_)) => tally.given_up.one(),
            Err(ReadError::Closed) => return,
            Err(error) => return round.violation(format_args!("a read failed: {error}")),
        }
    }
}

/// Until another has read an item, or there are no more.
fn leave_it_to_others(job: &Job, reader: &Reader<u64>) {
    let found = job.found();
    while job.found() == found && !reader.is_closed() {
        thread::yield_now();
    }
}
