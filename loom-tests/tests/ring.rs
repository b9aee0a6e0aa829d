//! Models of the channel without a heap.
#![cfg(loom)]

use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use futures_core::Stream;
use loom::thread::spawn;
use std::sync::Arc;
use taskcell::{StaticChannel, StaticReader, StaticTryReadError, StaticTryWriteError};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, block_on, model, name, poll_once};

type Channel<T, const N: usize, const W: usize> = StaticChannel<T, N, W>;

/// A channel for this run of the model. It stays behind, as a static would.
fn channel<T, const N: usize, const W: usize>() -> &'static Channel<T, N, W> {
    Box::leak(Box::new(Channel::new()))
}

/// Polls a reader as the stream that it is: if it waits, its place does until it is polled again.
fn next<T, const N: usize, const W: usize>(reader: &mut StaticReader<'_, T, N, W>, waker: &Waker) -> Poll<Option<T>> {
    Pin::new(reader).poll_next(&mut Context::from_waker(waker))
}

/// An item is read once, or is still there; what its writer did before is seen.
#[test]
fn ring_write_against_read() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, drops, data) = (Arc::new(Channel::<_, 1, 1>::new()), Drops::new(), Data::new());
        let (writer, item) = (channel.clone(), (drops.track(), data.clone()));
        let other = spawn(move || {
            item.1.write();
            assert!(writer.try_write(item).is_ok());
        });
        let read = channel.try_read();
        if let Ok((_, data)) = &read {
            data.read();
        }
        other.join().unwrap();
        assert_eq!((channel.len(), drops.count()), (usize::from(read.is_err()), 0));
        drop((channel, read));
        assert_eq!(drops.live(), 0);
    });
}

/// A slot is used again while its last item is being taken out.
#[test]
fn ring_next_lap_against_read() {
    model(name!(), Bound::Exhaustive, || {
        let channel = channel::<_, 1, 1>();
        channel.try_write(Box::new(1)).unwrap();
        let other = spawn(move || channel.try_write(Box::new(2)));
        let first = channel.try_read();
        assert_eq!(first.as_deref(), Ok(&1));
        let second = channel.try_read();
        match other.join().unwrap() {
            Ok(()) => assert_eq!(second.or_else(|_| channel.try_read()).as_deref(), Ok(&2)),
            Err(refused) => assert!(refused.is_full() && second == Err(StaticTryReadError::Empty)),
        }
    });
}

/// Two writers have room for two items, or for one of them.
#[test]
fn ring_two_writers() {
    model(name!(), Bound::Exhaustive, || {
        let (wide, narrow) = (channel::<_, 2, 1>(), channel::<_, 1, 1>());
        let other = spawn(move || (wide.try_write(Box::new(1)), narrow.try_write(Box::new(1))));
        let mine = (wide.try_write(Box::new(2)), narrow.try_write(Box::new(2)));
        let others = other.join().unwrap();
        assert!(mine.0.is_ok() && others.0.is_ok());
        assert_ne!(mine.1.is_ok(), others.1.is_ok());
        assert_eq!(*wide.try_read().unwrap() + *wide.try_read().unwrap(), 3);
        assert_eq!(*narrow.try_read().unwrap(), if mine.1.is_ok() { 2 } else { 1 });
    });
}

/// Two readers get two items, one each.
#[test]
fn ring_two_readers() {
    model(name!(), Bound::Exhaustive, || {
        let channel = channel::<_, 2, 1>();
        channel.try_write(Box::new(1)).unwrap();
        channel.try_write(Box::new(2)).unwrap();
        let other = spawn(move || *channel.try_read().unwrap());
        let mine = *channel.try_read().unwrap();
        assert_eq!(mine + other.join().unwrap(), 3);
        assert!(channel.is_empty());
    });
}

/// An item that races completion is there, or refused; and who sees the end sees what came before it.
#[test]
fn ring_write_against_complete() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, data) = (channel::<_, 1, 1>(), Data::new());
        let seen = data.clone();
        let other = spawn(move || match channel.try_write(Box::new(1)) {
            Ok(()) => true,
            Err(StaticTryWriteError::Closed(item)) => *item != 1,
            Err(StaticTryWriteError::Full(_)) => unreachable!("it is empty"),
        });
        data.write();
        assert!(channel.try_complete());
        let first = channel.try_read();
        if other.join().unwrap() {
            let item = first.or_else(|why| match why {
                StaticTryReadError::Empty => channel.try_read(),
                StaticTryReadError::Closed => unreachable!("an item was passed over"),
            });
            assert_eq!(item.as_deref(), Ok(&1));
        }
        assert_eq!(channel.try_read(), Err(StaticTryReadError::Closed));
        seen.read();
        assert!(!channel.try_complete());
    });
}

/// A reader that finds the end sees what who completed the channel did before.
#[test]
fn ring_end_against_complete() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, data) = (channel::<u8, 1, 1>(), Data::new());
        let seen = data.clone();
        let other = spawn(move || {
            if channel.try_read() == Err(StaticTryReadError::Closed) {
                seen.read();
            }
        });
        data.write();
        channel.try_complete();
        other.join().unwrap();
    });
}

/// A read that waits is woken once, or has the item at once.
#[test]
fn static_read_against_write() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, wakes) = (channel::<_, 1, 1>(), Wakes::new());
        let waker = wakes.waker();
        let other = spawn(move || {
            let mut reader = channel.reader().unwrap();
            let mut read = reader.read();
            let first = poll_once(&mut read, &waker);
            (first.is_ready(), drop(read), reader)
        });
        channel.try_write(Box::new(1)).unwrap();
        let (ready, (), reader) = other.join().unwrap();
        assert_eq!((channel.try_read().is_err(), wakes.live()), (ready, 0));
        assert!(wakes.count() <= 1);
        drop(reader);
    });
}

/// A thread that sleeps until there is an item is woken.
#[test]
fn static_read_sleeps_against_write() {
    model(name!(), Bound::Preemptions(3), || {
        let channel = channel::<_, 1, 1>();
        let mut reader = channel.reader().unwrap();
        let other = spawn(move || block_on(reader.read()).unwrap());
        channel.try_write(Box::new(1)).unwrap();
        assert_eq!(*other.join().unwrap(), 1);
    });
}

/// The same where items that waited go first: the slot is one of the next lap.
#[test]
fn static_read_sleeps_against_two_writes() {
    model(name!(), Bound::Preemptions(3), || {
        let channel = channel::<Box<i32>, 2, 1>();
        let mut reader = channel.reader().unwrap();
        let other = spawn(move || [*block_on(reader.read()).unwrap(), *block_on(reader.read()).unwrap()]);
        let second = spawn(move || channel.try_write(Box::new(1)).unwrap());
        channel.try_write(Box::new(2)).unwrap();
        second.join().unwrap();
        assert_eq!(other.join().unwrap().iter().sum::<i32>(), 3);
    });
}

/// A thread that sleeps until there is room is woken.
#[test]
fn static_write_sleeps_against_read() {
    model(name!(), Bound::Preemptions(3), || {
        let channel = channel::<_, 1, 1>();
        channel.try_write(Box::new(1)).unwrap();
        let mut writer = channel.writer().unwrap();
        let other = spawn(move || block_on(writer.write(Box::new(2))).unwrap());
        assert_eq!(*channel.try_read().unwrap(), 1);
        other.join().unwrap();
        assert_eq!(*channel.try_read().unwrap(), 2);
    });
}

/// The futures that leave things where they are: who waits for an item is told of one.
#[test]
fn static_wait_to_read_against_write() {
    model(name!(), Bound::Preemptions(3), || {
        let channel = channel::<_, 1, 1>();
        let mut reader = channel.reader().unwrap();
        let other = spawn(move || block_on(reader.wait_to_read()));
        channel.try_write(1).unwrap();
        assert!(other.join().unwrap());
        assert_eq!(channel.try_read(), Ok(1));
    });
}

/// Who waits for room is told of it.
#[test]
fn static_wait_to_write_against_read() {
    model(name!(), Bound::Preemptions(3), || {
        let channel = channel::<_, 1, 1>();
        channel.try_write(1).unwrap();
        let mut writer = channel.writer().unwrap();
        let other = spawn(move || block_on(writer.wait_to_write()));
        assert_eq!(channel.try_read(), Ok(1));
        assert!(other.join().unwrap());
    });
}

/// A read that waits goes while an item comes: the item stays.
#[test]
fn static_read_dropped_against_write() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, wakes) = (channel::<_, 1, 1>(), Wakes::new());
        let mut reader = channel.reader().unwrap();
        assert!(next(&mut reader, &wakes.waker()).is_pending());
        let other = spawn(move || drop(reader));
        channel.try_write(Box::new(1)).unwrap();
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!((channel.try_read().as_deref(), wakes.live()), (Ok(&1), 0));
    });
}

/// A place goes from one reader to the next, who comes with the same waker: it waits in it, and is woken.
#[test]
fn static_place_handed_over() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, wakes) = (channel::<_, 1, 1>(), Wakes::new());
        let waker = wakes.waker();
        let mut reader = channel.reader().unwrap();
        let other = spawn(move || {
            assert!(next(&mut reader, &waker).is_pending());
            drop(reader);
            waker
        });
        let next = channel.reader().map(|mut reader| {
            assert!(next(&mut reader, &wakes.waker()).is_pending());
            channel.try_write(1).unwrap();
            assert_eq!(wakes.count(), 1);
        });
        drop(other.join().unwrap());
        assert_eq!((wakes.live(), next.is_ok() || channel.reader().is_ok()), (0, true));
    });
}

/// A read that waits comes with another waker while an item comes: it has it, or its last waker is woken.
#[test]
fn static_waker_replaced_against_write() {
    model(name!(), Bound::Preemptions(3), || {
        let (channel, first, last) = (channel::<_, 1, 1>(), Wakes::new(), Wakes::new());
        let mut reader = channel.reader().unwrap();
        let mut read = reader.read();
        assert!(poll_once(&mut read, &first.waker()).is_pending());
        let other = spawn(move || channel.try_write(Box::new(1)).unwrap());
        let ready = poll_once(&mut read, &last.waker()).is_ready();
        other.join().unwrap();
        assert!(ready || last.count() == 1);
        assert!(first.count() <= 1);
        drop(read);
        assert_eq!((first.live(), last.live()), (0, 0));
    });
}

/// A read that was told waits again, while another tells: neither of two wakers is taken for the other.
#[test]
fn static_read_waits_again_against_two_tellers() {
    model(name!(), Bound::Preemptions(3), || {
        let (channel, first, last) = (channel::<_, 2, 1>(), Wakes::new(), Wakes::new());
        let mut reader = channel.reader().unwrap();
        assert!(next(&mut reader, &first.waker()).is_pending());
        let writer = spawn(move || drop(channel.try_write(Box::new(1))));
        let closer = spawn(move || channel.try_complete());
        let mut wait = reader.wait_to_read();
        let ready = poll_once(&mut wait, &last.waker()).is_ready();
        closer.join().unwrap();
        writer.join().unwrap();
        assert!(ready || last.count() == 1);
        assert!(first.count() <= 1);
        drop(wait);
        assert_eq!((first.live(), last.live()), (0, 0));
    });
}

/// A writer that waits for room, and completion: it gets its item back.
#[test]
fn static_write_sleeps_against_complete() {
    model(name!(), Bound::Exhaustive, || {
        let channel = channel::<_, 1, 1>();
        channel.try_write(Box::new(1)).unwrap();
        let mut writer = channel.writer().unwrap();
        let other = spawn(move || *block_on(writer.write(Box::new(2))).unwrap_err().into_inner());
        assert!(channel.try_complete());
        assert_eq!(other.join().unwrap(), 2);
    });
}

/// Two readers come to the end: one has the last item, and both are told of what they have not seen.
#[test]
fn static_readers_to_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let channel = channel::<Box<i32>, 1, 2>();
        let others = Wakes::new();
        let (mut reader, mut other) = (channel.reader().unwrap(), channel.reader().unwrap());
        assert!(next(&mut other, &others.waker()).is_pending());
        let first = spawn(move || block_on(reader.read()).map_or(0, |item| *item));
        let writer = spawn(move || channel.try_write(Box::new(1)).is_ok());
        assert!(channel.try_complete());
        let written = writer.join().unwrap();
        assert!(others.count() >= 1);
        let second = next(&mut other, &others.waker());
        let second = match second {
            Poll::Ready(item) => item.map_or(0, |item| *item),
            Poll::Pending => unreachable!("it has come to its end"),
        };
        assert_eq!(first.join().unwrap() + second, i32::from(written));
    });
}

/// Completion against a reader and a writer that wait with wakers: both are told, or see it.
#[test]
fn static_complete_against_reader_and_writer() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, reads, writes) = (channel::<_, 1, 2>(), Wakes::new(), Wakes::new());
        let (mut reader, mut writer) = (channel.reader().unwrap(), channel.writer().unwrap());
        assert!(next(&mut reader, &reads.waker()).is_pending());
        channel.try_write(1).unwrap();
        assert_eq!(reads.count(), 1);
        let waker = writes.waker();
        let other = spawn(move || {
            let mut write = writer.write(2);
            poll_once(&mut write, &waker).is_ready()
        });
        assert!(channel.try_complete());
        let ready = other.join().unwrap();
        assert_eq!(block_on(reader.read()), Ok(1));
        assert!(block_on(reader.read()).is_err());
        assert!(ready || writes.count() <= 1);
        assert_eq!((reads.live(), writes.live()), (0, 0));
    });
}

/// One sleeps for items, one writes, one completes: what was written is read, then comes the end.
#[test]
fn static_reader_against_writer_and_closer() {
    model(name!(), Bound::Preemptions(2), || {
        let (channel, data) = (channel::<_, 1, 1>(), Data::new());
        let mut reader = channel.reader().unwrap();
        let seen = data.clone();
        let reads = spawn(move || {
            let first = block_on(reader.read()).map(|item: Box<i32>| *item);
            if first.is_ok() {
                assert!(block_on(reader.read()).is_err());
            }
            seen.read();
            first.is_ok()
        });
        let writes = spawn(move || channel.try_write(Box::new(1)).is_ok());
        data.write();
        assert!(channel.try_complete());
        assert_eq!(writes.join().unwrap(), reads.join().unwrap());
    });
}

/// Two take a place at once: each has one of its own, and is told.
#[test]
fn ring_two_places() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, wakes) = (channel::<u8, 1, 2>(), [Wakes::new(), Wakes::new()]);
        let waker = wakes[0].waker();
        let other = spawn(move || {
            let mut reader = channel.reader().expect("there are two");
            assert!(next(&mut reader, &waker).is_pending());
            reader
        });
        let mut mine = channel.reader().expect("there are two");
        assert!(next(&mut mine, &wakes[1].waker()).is_pending());
        let theirs = other.join().unwrap();
        assert!(channel.reader().is_err());
        assert!(channel.try_complete());
        assert_eq!(wakes.each_ref().map(Wakes::count), [1, 1]);
        drop((mine, theirs));
    });
}
