//! Models of the channel without a heap in which each step with a place or a waker has to show: mostly of one thread.
#![cfg(loom)]

use loom::thread::spawn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::ptr::from_ref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use taskcell::{StaticChannel, StaticReader};
use taskcell_loom_tests::{Bound, Wakes, model, name, poll_once};

/// Polls a reader as the stream that it is: if it waits, its place does until it is polled again.
fn next<T, const N: usize, const W: usize>(reader: &mut StaticReader<'_, T, N, W>, waker: &Waker) -> Poll<Option<T>> {
    use futures_core::Stream;
    Pin::new(reader).poll_next(&mut Context::from_waker(waker))
}

/// Counts what it is told by wakers of two kinds, which have the same data; those of the first kind may panic as they go.
#[derive(Default)]
struct Kinds {
    wakes: [AtomicUsize; 2],
    panics: AtomicBool,
}

/// What a waker's data leads to.
fn kinds(data: *const ()) -> &'static Kinds {
    // SAFETY: only `waker` makes wakers of these tables, and what they lead to lives for ever.
    unsafe { &*data.cast() }
}

static FIRST: RawWakerVTable = RawWakerVTable::new(
    |data| RawWaker::new(data, &FIRST),
    |data| _ = kinds(data).wakes[0].fetch_add(1, SeqCst),
    |data| _ = kinds(data).wakes[0].fetch_add(1, SeqCst),
    |data| {
        if kinds(data).panics.load(SeqCst) {
            resume_unwind(Box::new("a waker"));
        }
    },
);

static SECOND: RawWakerVTable = RawWakerVTable::new(
    |data| RawWaker::new(data, &SECOND),
    |data| _ = kinds(data).wakes[1].fetch_add(1, SeqCst),
    |data| _ = kinds(data).wakes[1].fetch_add(1, SeqCst),
    |_| (),
);

fn waker(kinds: &'static Kinds, table: &'static RawWakerVTable) -> Waker {
    // SAFETY: the tables keep RawWaker's contract: the data lives for ever, and is atomic.
    unsafe { Waker::new(from_ref(kinds).cast(), table) }
}

/// A place that wrote is used to read: who waits there is told of an item.
#[test]
fn static_place_of_a_writer_used_to_read() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, wakes) = (StaticChannel::<u8, 1, 1>::new(), Wakes::new());
        let mut writer = channel.writer().unwrap();
        channel.try_write(1).unwrap();
        assert!(poll_once(&mut writer.write(2), &wakes.waker()).is_pending());
        drop(writer);
        assert_eq!(channel.try_read(), Ok(1));
        let mut reader = channel.reader().unwrap();
        assert!(next(&mut reader, &wakes.waker()).is_pending());
        channel.try_write(3).unwrap();
        assert_eq!((wakes.count(), next(&mut reader, &wakes.waker())), (1, Poll::Ready(Some(3))));
        drop(reader);
        assert_eq!(wakes.live(), 0);
    });
}

/// Who waits is forgotten: the waker goes with the channel.
#[test]
fn static_reader_that_is_forgotten() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, wakes) = (StaticChannel::<u8, 1, 1>::new(), Wakes::new());
        let mut reader = channel.reader().unwrap();
        assert!(next(&mut reader, &wakes.waker()).is_pending());
        std::mem::forget(reader);
        assert_eq!(wakes.live(), 1);
        drop(channel);
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
    });
}

/// A waker of another kind takes the place of one, though the data are the same.
#[test]
fn static_waker_of_another_kind() {
    model(name!(), Bound::Exhaustive, || {
        let (channel, kinds) = (StaticChannel::<u8, 1, 1>::new(), &*Box::leak(Box::<Kinds>::default()));
        let mut reader = channel.reader().unwrap();
        assert!(next(&mut reader, &waker(kinds, &FIRST)).is_pending());
        assert!(next(&mut reader, &waker(kinds, &SECOND)).is_pending());
        channel.try_write(1).unwrap();
        assert_eq!(kinds.wakes.each_ref().map(|count| count.load(SeqCst)), [0, 1]);
    });
}

/// Who reads finds the item before it is told, and its waker panics as it goes: it has the item all the same.
#[test]
fn static_reader_whose_waker_panics_against_write() {
    model(name!(), Bound::Exhaustive, || {
        let channel = &*Box::leak(Box::new(StaticChannel::<u8, 1, 1>::new()));
        let kinds = &*Box::leak(Box::<Kinds>::default());
        let (mut reader, waker) = (channel.reader().unwrap(), waker(kinds, &FIRST));
        assert!(next(&mut reader, &waker).is_pending());
        let other = spawn(move || channel.try_write(1).unwrap());
        kinds.panics.store(true, SeqCst);
        let read = catch_unwind(AssertUnwindSafe(|| next(&mut reader, &waker)));
        kinds.panics.store(false, SeqCst);
        other.join().unwrap();
        assert!(matches!(read, Ok(Poll::Ready(Some(1)) | Poll::Pending)));
    });
}
