//! Channels: writers and readers who give up, by dropping and by a token, and a completion among them.
#![cfg(shuttle)]

use shuttle::future::block_on;
use shuttle::thread;
use std::sync::{Arc, Mutex};
use taskcell::CancellationTokenSource;
use taskcell::channel::{ReadError, Reader, Writer, bounded, rendezvous, unbounded};
use taskcell_shuttle_tests::{give_up_after, model, name};

/// What became of the items. Plain std: it is no part of the model.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Fates>>);

#[derive(Default)]
struct Fates {
    written: Vec<u32>,
    given_up: Vec<u32>,
    returned: Vec<u32>,
    read: Vec<u32>,
}

impl Log {
    fn note(&self, note: impl FnOnce(&mut Fates)) {
        note(&mut self.0.lock().unwrap());
    }

    /// Each of so many items has one fate.
    fn check(&self, items: usize) {
        let Fates { written, given_up, returned, mut read } = std::mem::take(&mut *self.0.lock().unwrap());
        assert_eq!(written.len() + given_up.len() + returned.len(), items, "not all writers are done");
        read.sort_unstable();
        assert!(read.windows(2).all(|two| two[0] < two[1]), "an item came twice: {read:?}");
        assert!(written.iter().all(|item| read.contains(item)), "lost: {written:?} were written, {read:?} read");
        assert!(returned.iter().all(|item| !read.contains(item)), "{returned:?} came back, {read:?} were read");
    }
}

/// Writes four items: waiting, giving up, by a permit, by a token.
fn write(writer: &Writer<u32>, first: u32, log: &Log, source: &CancellationTokenSource) {
    let written = |item, written: Result<(), u32>| match written {
        Ok(()) => log.note(|log| log.written.push(item)),
        Err(back) => {
            assert_eq!(back, item);
            log.note(|log| log.returned.push(item));
        }
    };
    written(first, block_on(writer.write(first)).map_err(|error| error.into_inner()));
    let item = first + 1;
    match give_up_after(1 + first as usize % 2, writer.write(item)) {
        Some(result) => written(item, result.map_err(|error| error.into_inner())),
        None => log.note(|log| log.given_up.push(item)),
    }
    let item = first + 2;
    match give_up_after(1, writer.reserve()) {
        Some(Ok(permit)) => written(item, permit.write(item).map_err(|error| error.into_inner())),
        Some(Err(_)) | None => log.note(|log| log.given_up.push(item)),
    }
    let item = first + 3;
    let token = source.token();
    let write = writer.write(item).with_cancellation(&token);
    written(item, block_on(write).map_err(|error| error.into_inner()));
}

/// Reads to the end: giving up every other time, by a token, or waiting only.
fn read(reader: &Reader<u32>, how: usize, log: &Log, source: &CancellationTokenSource) {
    let token = source.token();
    let mut last = [0; 4];
    let mut turn = how;
    loop {
        turn += 1;
        let read = match how {
            0 if turn % 2 == 0 => give_up_after(1, reader.read()),
            1 if !token.is_cancelled() => Some(block_on(reader.read().with_cancellation(&token))),
            _ => Some(block_on(reader.read())),
        };
        match read {
            Some(Ok(item)) => {
                let last = &mut last[item as usize / 10];
                assert!(*last < item, "{item} came after {last}");
                *last = item;
                log.note(|log| log.read.push(item));
            }
            Some(Err(ReadError::Closed | ReadError::Faulted(_))) => return,
            Some(Err(_)) | None => {}
        }
    }
}

/// Three of each; `end` may complete the channel meanwhile.
fn three_and_three((writer, reader): (Writer<u32>, Reader<u32>), end: impl FnOnce(&Writer<u32>)) {
    let (log, source) = (Log::default(), CancellationTokenSource::new());
    let mut threads = Vec::new();
    for number in 1..=3 {
        let (writer, log, source) = (writer.clone(), log.clone(), source.clone());
        threads.push(thread::spawn(move || write(&writer, 10 * number, &log, &source)));
    }
    for how in 0..3 {
        let (reader, log, source) = (reader.clone(), log.clone(), source.clone());
        threads.push(thread::spawn(move || read(&reader, how, &log, &source)));
    }
    drop(reader);
    end(&writer);
    drop(writer);
    source.cancel();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    log.check(12);
    assert_eq!(source.token().listeners(), 0);
}

/// Room for one item.
#[test]
fn three_writers_and_three_readers_with_room_for_one() {
    model(name!(), || three_and_three(bounded(1), |_| {}));
}

/// Each write waits for a reader.
#[test]
fn three_writers_meet_three_readers() {
    model(name!(), || three_and_three(rendezvous(), |_| {}));
}

/// Nobody waits to write.
#[test]
fn three_writers_and_three_readers_without_a_bound() {
    model(name!(), || three_and_three(unbounded(), |_| {}));
}

/// Somebody completes the channel: what waits to be written comes back, what is buffered is read.
#[test]
fn completion_among_three_writers_and_three_readers() {
    model(name!(), || three_and_three(bounded(1), |writer| _ = writer.try_complete()));
}

/// The same with an error, where each write waits for a reader.
#[test]
fn fault_among_writers_that_meet_readers() {
    model(name!(), || {
        three_and_three(rendezvous(), |writer| assert!(writer.try_complete_with("it broke".into()).is_ok()))
    });
}

/// Who waits for an item is woken by one that comes between its looks.
#[test]
fn a_wait_against_a_write() {
    model(name!(), || {
        let (writer, reader) = bounded(1);
        let thread = thread::spawn(move || {
            writer.try_write(1).unwrap();
            writer
        });
        assert!(block_on(reader.wait_to_read()).unwrap());
        drop(thread.join().unwrap());
    });
}

/// Who waits for room, or wants a permit, is woken by a read that comes between its looks.
#[test]
fn waits_for_room_against_a_read() {
    model(name!(), || {
        for permit in [false, true] {
            let (writer, reader) = bounded(1);
            writer.try_write(1).unwrap();
            let thread = thread::spawn(move || {
                assert_eq!(reader.try_read().unwrap(), 1);
                reader
            });
            if permit {
                block_on(writer.reserve()).unwrap().write(2).unwrap();
            } else {
                assert!(block_on(writer.wait_to_write()).unwrap());
            }
            drop(thread.join().unwrap());
        }
    });
}

/// The reader who was told of an item gives up: the one behind it has the item.
#[test]
fn reader_that_gives_up_against_a_write() {
    model(name!(), || {
        let (writer, reader) = bounded(1);
        let other = reader.clone();
        let first = thread::spawn(move || give_up_after(1, other.read()));
        let second = thread::spawn(move || block_on(reader.read()).unwrap());
        writer.try_write(1).unwrap();
        if first.join().unwrap().is_some() {
            writer.try_write(2).unwrap();
        }
        second.join().unwrap();
    });
}
