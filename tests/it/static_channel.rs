//! Channels in a `static`: on every tier, whatever wakers and items do.

use crate::support::forget;
use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use taskcell::{
    Closed, Full, StaticCancellationTokenSource, StaticChannel, StaticReader, StaticTryReadError, StaticTryWriteError,
    StaticWriteError, until_cancelled,
};

/// Calls something at each wake.
struct Call<F>(F);

impl<F: Fn() + Send + Sync> Wake for Call<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn call(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Call(f)).into()
}

/// Counts wakes.
fn counting() -> (Arc<AtomicUsize>, Waker) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    (count, call(move || _ = counted.fetch_add(1, Ordering::SeqCst)))
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls a reader as a stream: if it waits, so does its place until it is polled again.
fn next<T, const N: usize, const W: usize>(reader: &mut StaticReader<'_, T, N, W>, waker: &Waker) -> Poll<Option<T>> {
    futures_util::Stream::poll_next(Pin::new(reader), &mut Context::from_waker(waker))
}

/// Runs a future that has no need to wait.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// Counts its drops.
struct Dropped<'a>(&'a Cell<u32>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn laps_of_any_length() {
    fn at<const N: usize>() {
        let channel = StaticChannel::<usize, N, 1>::default();
        assert_eq!((channel.capacity(), channel.len(), channel.is_empty()), (N, 0, true));
        let (mut written, mut read) = (0, 0);
        // More are in it each round, and it is full in between.
        for round in 0..100 {
            for _ in 0..=round % N {
                channel.try_write(written).unwrap();
                written += 1;
            }
            while written - read < N {
                channel.try_write(written).unwrap();
                written += 1;
            }
            assert_eq!(channel.try_write(0), Err(StaticTryWriteError::Full(0)));
            assert_eq!(channel.len(), N);
            for left in (round % N..N).rev() {
                assert_eq!(channel.try_read(), Ok(read));
                read += 1;
                assert_eq!(channel.len(), left);
            }
            while written > read {
                assert_eq!(channel.try_read(), Ok(read));
                read += 1;
            }
            assert_eq!(channel.try_read(), Err(StaticTryReadError::Empty));
        }
    }
    at::<1>();
    at::<2>();
    at::<3>();
    at::<4>();
    at::<5>();
    at::<17>();
}

#[test]
fn what_is_in_it_is_read_before_the_end() {
    static CHANNEL: StaticChannel<&str, 3, 1> = StaticChannel::new();
    CHANNEL.try_write("first").unwrap();
    CHANNEL.try_write("second").unwrap();
    assert!(!CHANNEL.is_closed());
    assert!(CHANNEL.try_complete());
    assert!(!CHANNEL.try_complete());
    assert_eq!((CHANNEL.is_closed(), CHANNEL.is_completed(), CHANNEL.len()), (true, false, 2));
    assert_eq!(CHANNEL.try_write("late"), Err(StaticTryWriteError::Closed("late")));
    let mut reader = CHANNEL.reader().unwrap();
    assert!(now(reader.wait_to_read()));
    assert_eq!(now(reader.read()), Ok("first"));
    assert_eq!(next(&mut reader, Waker::noop()), Poll::Ready(Some("second")));
    assert_eq!(next(&mut reader, Waker::noop()), Poll::Ready(None));
    assert_eq!((now(reader.read()), now(reader.wait_to_read())), (Err(Closed), false));
    assert_eq!(CHANNEL.try_read(), Err(StaticTryReadError::Closed));
    drop(reader);
    let mut writer = CHANNEL.writer().unwrap();
    assert_eq!(now(writer.write("late")), Err(StaticWriteError("late")));
    assert!(!now(writer.wait_to_write()));
    assert!(CHANNEL.is_completed());
}

#[test]
fn a_full_channel_that_is_completed() {
    let channel = StaticChannel::<u8, 1, 1>::new();
    channel.try_write(1).unwrap();
    let mut writer = channel.writer().unwrap();
    let (woken, waker) = counting();
    let mut write = writer.write(2);
    assert!(poll(&mut write, &waker).is_pending());
    assert_eq!(channel.try_write(3), Err(StaticTryWriteError::Full(3)));
    channel.try_complete();
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    assert_eq!(channel.try_write(3), Err(StaticTryWriteError::Closed(3)));
    assert_eq!(poll(&mut write, &waker), Poll::Ready(Err(StaticWriteError(2))));
    assert_eq!((channel.try_read(), channel.try_read()), (Ok(1), Err(StaticTryReadError::Closed)));
}

#[test]
fn items_are_dropped_once() {
    let drops = Cell::new(0);
    let channel = StaticChannel::<_, 3, 1>::new();
    for _ in 0..5 {
        for _ in 0..3 {
            assert!(channel.try_write(Dropped(&drops)).is_ok());
        }
        assert!(channel.try_write(Dropped(&drops)).is_err());
        drop((channel.try_read(), channel.try_read(), channel.try_read()));
    }
    assert_eq!(drops.get(), 20);
    assert!(channel.try_write(Dropped(&drops)).is_ok());
    assert!(channel.try_write(Dropped(&drops)).is_ok());
    channel.try_complete();
    drop(channel.try_write(Dropped(&drops)));
    assert_eq!(drops.get(), 21);
    drop(channel);
    assert_eq!(drops.get(), 23);
}

#[test]
fn the_channel_goes_with_all_items_though_one_panics() {
    struct Angry<'a>(#[expect(dead_code, reason = "its drop counts")] Dropped<'a>, bool);
    impl Drop for Angry<'_> {
        fn drop(&mut self) {
            assert!(!self.1, "in drop");
        }
    }
    let drops = Cell::new(0);
    let channel = StaticChannel::<_, 4, 1>::new();
    for n in 0..4 {
        assert!(channel.try_write(Angry(Dropped(&drops), n == 1)).is_ok());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(channel))).is_err());
    assert_eq!(drops.get(), 4);
}

#[test]
fn places_are_full_at_w() {
    fn at<const W: usize>() {
        let channel = StaticChannel::<u8, 1, W>::new();
        for _ in 0..3 {
            let mut readers: Vec<_> = (0..W).map(|_| channel.reader().unwrap()).collect();
            assert_eq!(channel.reader().err(), Some(Full));
            assert_eq!(channel.writer().err(), Some(Full));
            drop(readers.swap_remove(W / 2));
            let writer = channel.writer().unwrap();
            assert_eq!(channel.reader().err(), Some(Full));
            drop((writer, readers));
        }
    }
    at::<1>();
    at::<2>();
    at::<15>();
    at::<16>();
}

#[test]
fn all_of_one_side_are_told() {
    let channel = StaticChannel::<u8, 1, 4>::new();
    let mut readers = [channel.reader().unwrap(), channel.reader().unwrap()];
    let (told, waker) = counting();
    for reader in &mut readers {
        assert!(next(reader, &waker).is_pending());
    }
    channel.try_write(1).unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 2);
    // The second finds nothing, and waits on. Who was told and goes takes nothing with it.
    assert_eq!(next(&mut readers[1], &waker), Poll::Ready(Some(1)));
    assert!(next(&mut readers[0], &waker).is_pending());
    channel.try_write(2).unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 3);
    let [first, mut second] = readers;
    drop(first);
    assert_eq!(next(&mut second, &waker), Poll::Ready(Some(2)));
    // Writers are told of a read, and of no write.
    channel.try_write(3).unwrap();
    let (room, waker) = counting();
    let mut writers = [channel.writer().unwrap(), channel.writer().unwrap()];
    for writer in &mut writers {
        let mut wait = Box::pin(writer.wait_to_write());
        assert!(poll(&mut wait, &waker).is_pending());
        forget(wait);
    }
    assert_eq!(channel.try_read(), Ok(3));
    assert_eq!((room.load(Ordering::SeqCst), told.load(Ordering::SeqCst)), (2, 3));
    channel.try_write(4).unwrap();
    assert_eq!((room.load(Ordering::SeqCst), told.load(Ordering::SeqCst)), (2, 3));
}

#[test]
fn the_last_waker_counts_and_nothing_stays_behind() {
    let channel = StaticChannel::<u8, 1, 1>::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    let [first, second] = [1, 2].map(|n| {
        let log = log.clone();
        call(move || log.lock().unwrap().push(n))
    });
    for _ in 0..100 {
        let mut reader = channel.reader().unwrap();
        let mut read = reader.read();
        assert!(poll(&mut read, &first).is_pending());
        assert!(poll(&mut read, &second).is_pending());
        assert!(poll(&mut read, &second).is_pending());
    }
    let mut reader = channel.reader().unwrap();
    let mut read = reader.read();
    assert!(poll(&mut read, &first).is_pending());
    assert!(poll(&mut read, &second).is_pending());
    channel.try_write(7).unwrap();
    assert_eq!(*log.lock().unwrap(), [2]);
    assert_eq!(poll(&mut read, &first), Poll::Ready(Ok(7)));
    drop(read);
    // One that is forgotten leaves its waker, until the place is used again, or the channel goes.
    assert!(next(&mut reader, &first).is_pending());
    forget(reader);
    drop((first, second));
    assert_eq!(Arc::strong_count(&log), 2);
    drop(channel);
    assert_eq!(Arc::strong_count(&log), 1);
}

#[test]
fn wakers_may_do_anything() {
    static CHANNEL: StaticChannel<u32, 2, 4> = StaticChannel::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let hostile = call(|| {
        if CALLS.fetch_add(1, Ordering::Relaxed) > 100 {
            return;
        }
        _ = CHANNEL.try_write(9);
        if let (Ok(mut reader), Ok(mut writer)) = (CHANNEL.reader(), CHANNEL.writer()) {
            _ = poll(&mut reader.read(), Waker::noop());
            _ = poll(&mut writer.write(8), Waker::noop());
            _ = poll(&mut reader.wait_to_read(), Waker::noop());
        }
        _ = CHANNEL.try_read();
    });
    let (mut first, mut second) = (CHANNEL.reader().unwrap(), CHANNEL.writer().unwrap());
    for n in 0..50 {
        _ = next(&mut first, &hostile);
        _ = poll(&mut second.write(n), &hostile);
        _ = CHANNEL.try_write(n);
        _ = CHANNEL.try_read();
    }
    assert!(CALLS.load(Ordering::Relaxed) > 0);
    CHANNEL.try_complete();
    while CHANNEL.try_read().is_ok() {}
    assert!(CHANNEL.is_completed());
}

#[test]
fn a_panicking_waker_stops_nobody() {
    let channel = StaticChannel::<u8, 2, 3>::new();
    let mut readers: [_; 3] = std::array::from_fn(|_| channel.reader().unwrap());
    let (told, quiet) = counting();
    let angry = call(|| panic!("in wake"));
    for (reader, waker) in readers.iter_mut().zip([&quiet, &angry, &quiet]) {
        assert!(next(reader, waker).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| channel.try_write(1))).is_err());
    assert_eq!((told.load(Ordering::SeqCst), channel.len()), (2, 1));
    assert_eq!(next(&mut readers[0], Waker::noop()), Poll::Ready(Some(1)));
    for (reader, waker) in readers.iter_mut().zip([&quiet, &angry, &quiet]) {
        assert!(next(reader, waker).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| channel.try_complete())).is_err());
    assert_eq!(told.load(Ordering::SeqCst), 4);
    assert!(readers.iter_mut().all(|reader| next(reader, Waker::noop()) == Poll::Ready(None)));
}

#[test]
fn a_token_ends_a_read_or_write_that_loses_nothing() {
    static STOP: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static CHANNEL: StaticChannel<String, 1, 2> = StaticChannel::new();
    let (mut reader, mut writer) = (CHANNEL.reader().unwrap(), CHANNEL.writer().unwrap());
    let (told, waker) = counting();
    let token = STOP.token();
    {
        let mut read = pin!(until_cancelled(reader.read(), &token));
        assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        // Both at once: the item goes first, and is here.
        CHANNEL.try_write("first".to_owned()).unwrap();
        assert_eq!(told.load(Ordering::SeqCst), 1);
        assert!(
            matches!(read.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(Ok(first))) if first == "first")
        );
    }
    CHANNEL.try_write("second".to_owned()).unwrap();
    let mut write = pin!(until_cancelled(writer.write("third".to_owned()), &token));
    assert!(write.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    STOP.cancel();
    assert_eq!(told.load(Ordering::SeqCst), 2);
    let Poll::Ready(Err(unfinished)) = write.as_mut().poll(&mut Context::from_waker(&waker)) else {
        panic!("it was cancelled");
    };
    assert_eq!(unfinished.into_inner().into_inner().as_deref(), Some("third"));
    assert!(now(until_cancelled(reader.read(), &token)).is_err());
    assert_eq!(CHANNEL.try_read().as_deref(), Ok("second"));
    assert_eq!(CHANNEL.try_read(), Err(StaticTryReadError::Empty));
}
