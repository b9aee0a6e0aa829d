//! Many writers whose writes are often given up, by dropping them and by a token; some rounds are closed in the middle, or
//! their readers leave. An item is read, or given back, or dropped with its write or with the channel: one of these.

use crate::chance::Chance;
use crate::fates::{DROPPED, Fates, GIVEN_UP, Item, READ, RETURNED, WRITTEN};
use crate::give_up::{Canceller, Impatient};
use crate::job::{Job, Round};
use crate::kinds::Kind;
use std::thread;
use taskcell::channel::{ReadError, Reader, Writer};

const WRITERS: usize = 3;
const READERS: usize = 2;
/// How many items each writer has.
const EACH: usize = 1000;

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

fn run(job: &Job, kind: Kind) {
    job.rounds(|round| {
        one_round(round, kind);
        round.check();
        true
    });
}

/// How a round ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// All is written.
    Through,
    /// Somebody completes the channel, without an error or with one, when he has written so many of his items.
    Completed(usize),
    Failed(usize),
    /// The readers leave when they have read so many.
    Left(usize),
}

impl End {
    fn draw(chance: &mut Chance) -> Self {
        match chance.below(8) {
            0 => End::Completed(chance.below(EACH as u64) as usize),
            1 => End::Failed(chance.below(EACH as u64) as usize),
            2 => End::Left(chance.below(EACH as u64) as usize),
            _ => End::Through,
        }
    }
}

fn one_round(round: &Round<'_>, kind: Kind) {
    let end = End::draw(&mut round.chance(0));
    let fates = Fates::new(WRITERS * EACH);
    round.tally(0).given.add((WRITERS * EACH) as u64);
    let (writer, reader) = kind.open();
    thread::scope(|scope| {
        let canceller = Canceller::start(scope, round.chance(0));
        for number in 0..WRITERS {
            let (writer, canceller, fates) = (writer.clone(), canceller.clone(), &fates);
            scope.spawn(move || write(round, number, &writer, end, &canceller, fates));
        }
        for thread in WRITERS..WRITERS + READERS {
            let (reader, canceller) = (reader.clone(), canceller.clone());
            scope.spawn(move || read(round, thread, &reader, end, &canceller));
        }
        drop((writer, reader, canceller));
    });
    let leaves = matches!(end, End::Left(_));
    for (number, fate) in fates.all().enumerate() {
        let well = match fate {
            // The write was given up when it had just been done, or before.
            FATE_READ | FATE_READ_ALL_THE_SAME | FATE_RETURNED | FATE_GIVEN_UP => true,
            FATE_LEFT => leaves,
            _ => false,
        };
        if well {
            round.tally(0).found.one();
        } else {
            round.violation(format_args!("item {number} ended as {fate:#07b}"));
        }
    }
}

const FATE_READ: u8 = WRITTEN | READ;
const FATE_READ_ALL_THE_SAME: u8 = GIVEN_UP | READ;
const FATE_RETURNED: u8 = RETURNED;
const FATE_GIVEN_UP: u8 = GIVEN_UP | DROPPED;
/// It was in the channel when the last reader left.
const FATE_LEFT: u8 = WRITTEN | DROPPED;

fn write(round: &Round<'_>, number: usize, writer: &Writer<Item>, end: End, canceller: &Canceller, fates: &Fates) {
    let (tally, mut chance, mut impatient) = (round.tally(number), round.chance(1 + number), Impatient::new());
    for at in 0..EACH {
        match end {
            End::Completed(when) if (number, when) == (0, at) => drop(writer.try_complete()),
            End::Failed(when) if (number, when) == (0, at) => drop(writer.try_complete_with("it failed".into())),
            _ => {}
        }
        let (number, item) = (number * EACH + at, fates.item(number * EACH + at));
        // `None`: the write was given up. Otherwise the item, if it came back.
        let written: Option<Result<(), Item>> = match chance.below(16) {
            0 => Some(writer.try_write(item).map_err(|refused| refused.into_inner())),
            1 => Some(match writer.try_reserve() {
                Ok(permit) => permit.write(item).map_err(|refused| refused.into_inner()),
                Err(_) => Err(item),
            }),
            2 => match impatient.wait(&mut chance, writer.reserve()) {
                Some(Ok(permit)) if chance.once_in(2) => {
                    Some(permit.write(item).map_err(|refused| refused.into_inner()))
                }
                Some(_) => Some(Err(item)),
                None => {
                    tally.given_up.one();
                    Some(Err(item))
                }
            },
            3 => {
                let token = canceller.token(&mut chance);
                let write = writer.write(item).with_cancellation(&token);
                Some(smol::block_on(write).map_err(|error| error.into_inner()))
            }
            4..10 => impatient
                .wait(&mut chance, writer.write(item))
                .map(|written| written.map_err(|error| error.into_inner())),
            _ => Some(smol::block_on(writer.write(item)).map_err(|error| error.into_inner())),
        };
        match written {
            Some(Ok(())) => fates.note(number, WRITTEN),
            Some(Err(item)) if item.number() != number => round.violation("another's item was given back"),
            Some(Err(item)) => _ = item.settle(RETURNED),
            None => {
                fates.note(number, GIVEN_UP);
                tally.given_up.one();
            }
        }
    }
}

fn read(round: &Round<'_>, thread: usize, reader: &Reader<Item>, end: End, canceller: &Canceller) {
    let (tally, mut chance, mut impatient) = (round.tally(thread), round.chance(1 + thread), Impatient::new());
    let mut least = [0; WRITERS];
    let mut read = 0;
    while end != End::Left(read) {
        let item = match chance.below(16) {
            0 => Some(smol::block_on(reader.read().with_cancellation(&canceller.token(&mut chance)))),
            1..8 => impatient.wait(&mut chance, reader.read()),
            _ => Some(smol::block_on(reader.read())),
        };
        match item {
            Some(Ok(item)) => {
                let number = item.number();
                if !item.settle(READ) {
                    round.violation(format_args!("item {number} came twice"));
                }
                if number < least[number / EACH] {
                    round.violation(format_args!("item {number} came after {}", least[number / EACH]));
                }
                least[number / EACH] = number;
                read += 1;
            }
            Some(Err(ReadError::Closed | ReadError::Faulted(_))) => return,
            None | Some(Err(_)) => tally.given_up.one(),
        }
    }
}
