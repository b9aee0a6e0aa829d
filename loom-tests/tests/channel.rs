//! Channels: who goes away while something comes for it.
#![cfg(loom)]

use loom::thread::spawn;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use taskcell::CancellationTokenSource;
use taskcell::channel::{ChannelOptions, ReadError, Reader, TryReadError, WriteError, Writer, bounded, rendezvous};
use taskcell_loom_tests::{Bound, Drops, Wakes, block_on, model, name, poll_once};

type Boxed<R> = Pin<Box<dyn Future<Output = R> + Send>>;

fn read<T: Send + 'static>(reader: &Reader<T>) -> Boxed<Result<T, ReadError>> {
    let reader = reader.clone();
    Box::pin(async move { reader.read().await })
}

fn write<T: Send + 'static>(writer: &Writer<T>, item: T) -> Boxed<Result<(), WriteError<T>>> {
    let writer = writer.clone();
    Box::pin(async move { writer.write(item).await })
}

/// Polls once, to find it pending; its wakes.
fn wait<R>(future: &mut Boxed<R>) -> Wakes {
    let wakes = Wakes::new();
    assert!(poll_once(future, &wakes.waker()).is_pending());
    wakes
}

/// Two wait; the first goes while an item comes: the second is woken, and has it.
#[test]
fn read_dropped_against_a_write() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        let (mut first, mut second) = (read(&reader), read(&reader));
        let (_, wakes) = (wait(&mut first), wait(&mut second));
        let thread = spawn(move || drop(first));
        writer.try_write(1).unwrap();
        thread.join().unwrap();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&mut second, &wakes.waker()), Poll::Ready(Ok(1))));
    });
}

/// The same where there is no buffer: what was written for one reader is another's.
#[test]
fn read_dropped_against_an_unbuffered_write() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = rendezvous();
        let (mut first, mut second) = (read(&reader), read(&reader));
        let (_, wakes) = (wait(&mut first), wait(&mut second));
        let thread = spawn(move || drop(first));
        writer.try_write(1).unwrap();
        thread.join().unwrap();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&mut second, &wakes.waker()), Poll::Ready(Ok(1))));
    });
}

/// One reads to the end, one gives up: what is written is read.
#[test]
fn two_reads_against_a_write_and_a_drop() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = bounded(1);
        let mut other = read(&reader);
        let thread = spawn(move || {
            let _ = poll_once(&mut other, &Wakes::new().waker())
                .map(|read| assert!(matches!(read, Ok(1) | Err(ReadError::Closed))));
            drop(other);
        });
        let writing = spawn(move || {
            writer.try_write(1).unwrap();
            drop(writer);
        });
        // None: the other was faster, and then the last writer went.
        let read = block_on(reader.read());
        assert!(matches!(read, Ok(1) | Err(ReadError::Closed)));
        thread.join().unwrap();
        writing.join().unwrap();
        assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
    });
}

/// A read is woken by a write that comes between its two looks.
#[test]
fn read_against_a_write() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        let thread = spawn(move || {
            writer.try_write(1).unwrap();
            writer
        });
        assert_eq!(block_on(reader.read()).unwrap(), 1);
        drop(thread.join().unwrap());
    });
}

/// The same for who only waits.
#[test]
fn wait_to_read_against_a_write() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        let thread = spawn(move || {
            writer.try_write(1).unwrap();
            writer
        });
        assert!(block_on(reader.wait_to_read()).unwrap());
        drop(thread.join().unwrap());
    });
}

/// A write is woken by a read that comes between its two looks.
#[test]
fn write_against_a_read() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        writer.try_write(1).unwrap();
        let thread = spawn(move || {
            assert_eq!(reader.try_read().unwrap(), 1);
            reader
        });
        block_on(writer.write(2)).unwrap();
        assert_eq!(thread.join().unwrap().try_read().unwrap(), 2);
    });
}

/// The same for who only waits.
#[test]
fn wait_to_write_against_a_read() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        writer.try_write(1).unwrap();
        let thread = spawn(move || {
            assert_eq!(reader.try_read().unwrap(), 1);
            reader
        });
        assert!(block_on(writer.wait_to_write()).unwrap());
        drop(thread.join().unwrap());
    });
}

/// The same for who wants a permit.
#[test]
fn reserve_against_a_read() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        writer.try_write(1).unwrap();
        let thread = spawn(move || {
            assert_eq!(reader.try_read().unwrap(), 1);
            reader
        });
        block_on(writer.reserve()).unwrap().write(2).unwrap();
        assert_eq!(thread.join().unwrap().try_read().unwrap(), 2);
    });
}

/// Each waits for the other.
#[test]
fn unbuffered_read_against_write() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = rendezvous();
        let thread = spawn(move || block_on(writer.write(1)).unwrap());
        assert_eq!(block_on(reader.read()).unwrap(), 1);
        thread.join().unwrap();
    });
}

/// A write that is blocked when the channel is completed has its item back.
#[test]
fn completion_against_a_blocked_write() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        writer.try_write(1).unwrap();
        let other = writer.clone();
        let thread = spawn(move || block_on(other.write(2)));
        assert!(writer.try_complete());
        assert!(matches!(thread.join().unwrap(), Err(WriteError::Closed(2))));
        assert_eq!(reader.try_read().unwrap(), 1);
        assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
    });
}

/// The same beside a read that makes room: it is in the channel, or it is back.
#[test]
fn completion_against_a_promotion() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = bounded(1);
        writer.try_write(1).unwrap();
        let mut write = write(&writer, 2);
        let wakes = wait(&mut write);
        let thread = spawn(move || {
            assert!(writer.try_complete());
        });
        assert_eq!(reader.try_read().unwrap(), 1);
        thread.join().unwrap();
        assert_eq!(wakes.count(), 1);
        match poll_once(&mut write, &wakes.waker()) {
            Poll::Ready(Ok(())) => assert_eq!(reader.try_read().unwrap(), 2),
            Poll::Ready(Err(error)) => assert_eq!(error.into_inner(), 2),
            Poll::Pending => panic!("it was woken for nothing"),
        }
        assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
    });
}

/// A pending write goes while a read makes room: its item is read, or goes with it.
#[test]
fn promotion_against_a_dropped_write() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (writer, reader) = bounded(1);
        writer.try_write(drops.track()).unwrap();
        let mut write = write(&writer, drops.track());
        wait(&mut write);
        let thread = spawn(move || drop(write));
        drop(reader.try_read().unwrap());
        thread.join().unwrap();
        let second = reader.try_read();
        assert_eq!(drops.live(), usize::from(second.is_ok()));
        drop(second);
        assert_eq!(drops.count(), 2);
        assert!(writer.try_write(drops.track()).is_ok());
    });
}

/// Who waits for a permit goes while it is granted: the write behind it has the place.
#[test]
fn reserve_dropped_against_a_read() {
    model(name!(), Bound::Exhaustive, || {
        let (writer, reader) = bounded(1);
        writer.try_write(1).unwrap();
        let other = writer.clone();
        let mut reserve: Boxed<()> = Box::pin(async move { drop(other.reserve().await) });
        let mut write = write(&writer, 2);
        let (_, wakes) = (wait(&mut reserve), wait(&mut write));
        let thread = spawn(move || drop(reserve));
        assert_eq!(reader.try_read().unwrap(), 1);
        thread.join().unwrap();
        assert_eq!(wakes.count(), 1);
        assert_eq!(reader.try_read().unwrap(), 2);
    });
}

/// The last permit goes while the channel is completed: who reads sees the end.
#[test]
fn permit_dropped_against_completion() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = bounded::<u32>(1);
        let permit = writer.try_reserve().unwrap();
        let thread = spawn(move || drop(permit));
        writer.complete().unwrap();
        assert!(matches!(block_on(reader.read()), Err(ReadError::Closed)));
        thread.join().unwrap();
        assert!(reader.completion().is_completed_successfully());
    });
}

/// It is used while the channel is completed: its item is read before the end.
#[test]
fn permit_used_against_completion() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = bounded(1);
        let permit = writer.try_reserve().unwrap();
        let thread = spawn(move || permit.write(1).unwrap());
        writer.complete().unwrap();
        assert_eq!(block_on(reader.read()).unwrap(), 1);
        assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
        thread.join().unwrap();
    });
}

/// The last writer goes while somebody reads.
#[test]
fn last_writer_against_a_read() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = bounded::<u32>(1);
        let other = writer.clone();
        let thread = spawn(move || drop(other));
        drop(writer);
        assert!(matches!(block_on(reader.read()), Err(ReadError::Closed)));
        thread.join().unwrap();
    });
}

/// The last reader goes while somebody writes: the item is back, or gone with the channel.
#[test]
fn last_reader_against_a_write() {
    model(name!(), Bound::Exhaustive, || {
        let drops = Drops::new();
        let (writer, reader) = bounded(1);
        let thread = spawn(move || drop(reader));
        let written = writer.try_write(drops.track());
        thread.join().unwrap();
        assert_eq!(drops.live(), usize::from(written.is_err()));
        assert!(writer.completion().is_completed());
    });
}

/// Two take the last items of a channel that is being completed: its task ends once, when nothing is left.
#[test]
fn completion_against_two_last_reads() {
    model(name!(), Bound::Preemptions(3), || {
        let (writer, reader) = bounded(2);
        for n in [1, 2] {
            writer.try_write(n).unwrap();
        }
        let reading = [reader.clone(), reader.clone()].map(|reader| {
            spawn(move || {
                reader.try_read().unwrap();
                reader
            })
        });
        assert!(writer.try_complete());
        let _ = block_on(reader.completion().into_future());
        assert!(reader.is_empty());
        for thread in reading {
            thread.join().unwrap();
        }
        assert!(reader.completion().is_completed_successfully());
    });
}

/// The channel's token is cancelled while a write waits: the item is back, the rest is gone.
#[test]
fn token_against_a_blocked_write() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let source = CancellationTokenSource::new();
        let token = source.token();
        let (writer, reader) = ChannelOptions::bounded(1).token(&token).create();
        writer.try_write(drops.track()).unwrap();
        let thread = spawn(move || source.cancel());
        let back = block_on(writer.write(drops.track())).unwrap_err();
        assert!(back.is_closed());
        thread.join().unwrap();
        assert_eq!(drops.live(), 1);
        assert!(reader.completion().is_cancelled());
    });
}

/// The channel's token is cancelled while the channel ends by itself.
#[test]
fn token_against_the_last_reader() {
    model(name!(), Bound::Preemptions(3), || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let (writer, reader) = ChannelOptions::<u32>::bounded(1).token(&token).create();
        let thread = spawn(move || source.cancel());
        drop(reader);
        thread.join().unwrap();
        assert!(writer.completion().is_completed());
        assert_eq!(token.listeners(), 0);
    });
}
