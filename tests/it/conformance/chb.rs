//! CHB: channels with a limit.
use crate::support::polls::{poll, ready, waits};
use crate::support::{Counter, Log};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::thread;
use taskcell::CancellationTokenSource;
use taskcell::channel::{
    ChannelOptions, FullMode, ReadError, Reader, TryReadError, TryWriteError, WriteError, Writer, bounded,
};

/// A channel for `capacity` items that is full of 0, 1, ..
fn full(capacity: usize) -> (Writer<u32>, Reader<u32>) {
    let (writer, reader) = bounded(capacity);
    (0..capacity as u32).for_each(|n| writer.try_write(n).unwrap());
    (writer, reader)
}

const DROPPING: [FullMode; 3] = [FullMode::DropOldest, FullMode::DropNewest, FullMode::DropWrite];

#[test]
fn chb_001_a_full_channel_takes_nothing() {
    let (writer, reader) = full(2);
    assert!(matches!(writer.try_write(9), Err(TryWriteError::Full(9))));
    assert!(writer.try_reserve().unwrap_err().is_full());
    assert!(waits(&mut writer.write(9)));
    assert!(waits(&mut writer.reserve()));
    assert!(waits(&mut writer.wait_to_write()));
    assert_eq!((reader.len(), writer.capacity()), (2, Some(2)));
    assert_eq!(reader.try_read_all(), [0, 1], "what was given up has left nothing");
}

#[test]
fn chb_002_any_capacity_has_a_meaning() {
    // .NET refuses what is negative, which cannot be written here. None at all is a rendezvous, as in .NET 10.
    let (writer, reader) = bounded::<u32>(0);
    assert_eq!(writer.capacity(), Some(0));
    let mut write = writer.write(1);
    assert!(waits(&mut write));
    assert_eq!(ready(reader.read()).unwrap(), 1);
    assert!(ready(write).is_ok());
    // Nor does a large one allocate its room beforehand.
    let (writer, reader) = bounded::<u32>(usize::MAX);
    writer.try_write(1).unwrap();
    assert_eq!(reader.try_read().unwrap(), 1);
}

#[test]
fn chb_003_each_read_lets_the_oldest_write_in() {
    let (writer, reader) = full(1);
    let wakers = [Counter::new(), Counter::new()];
    let mut writes = [writer.write(1), writer.write(2)];
    for (waker, write) in wakers.iter().zip(&mut writes) {
        assert!(waker.poll(write).is_pending());
    }
    assert_eq!(reader.try_read().unwrap(), 0);
    assert_eq!((wakers[0].wakes(), wakers[1].wakes()), (1, 0));
    // It is in before anybody polls it: nothing gets ahead of it.
    assert!(matches!(writer.try_write(9), Err(TryWriteError::Full(9))));
    assert_eq!(reader.len(), 1);
    let [mut first, mut second] = writes;
    assert!(waits(&mut second));
    assert!(matches!(poll(&mut first), Poll::Ready(Ok(()))));
    assert_eq!(ready(reader.read()).unwrap(), 1);
    assert!(ready(second).is_ok());
    assert_eq!(ready(reader.read()).unwrap(), 2);
    assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
}

#[test]
fn chb_007_a_cancelled_write_takes_its_item_with_it() {
    let (writer, reader) = full(1);
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut cancelled = writer.write(1).with_cancellation(&token);
    let mut dropped = writer.write(2);
    let mut stays = writer.write(3);
    assert!(waits(&mut cancelled) && waits(&mut dropped) && waits(&mut stays));
    source.cancel();
    drop(dropped);
    assert_eq!(ready(reader.read()).unwrap(), 0);
    assert_eq!(ready(reader.read()).unwrap(), 3);
    assert!(ready(stays).is_ok());
    match ready(cancelled) {
        Err(WriteError::Cancelled(item, _)) => assert_eq!(item, 1),
        other => panic!("{other:?}"),
    }
    assert!(reader.is_empty());
    assert_eq!(token.listeners(), 0);
}

#[test]
fn chb_009_all_that_wait_to_write_wake_for_one_slot() {
    let (writer, reader) = full(1);
    let mut waiting = [writer.wait_to_write(), writer.wait_to_write()];
    let waker = Counter::new();
    assert!(waiting.iter_mut().all(|wait| waker.poll(wait).is_pending()));
    assert_eq!(reader.try_read().unwrap(), 0);
    assert_eq!(waker.wakes(), 2);
    for wait in waiting {
        assert!(matches!(ready(wait), Ok(true)));
    }
    // Only one of them can write: so waiting and trying is a loop.
    let write = |item: u32| {
        let writer = writer.clone();
        async move {
            while writer.wait_to_write().await.unwrap() {
                if writer.try_write(item).is_ok() {
                    return true;
                }
            }
            false
        }
    };
    let (mut first, mut second) = (Box::pin(write(1)), Box::pin(write(2)));
    assert!(ready(&mut first));
    assert!(waits(&mut second));
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(ready(&mut second));
    let mut third = Box::pin(write(3));
    assert!(waits(&mut third));
    assert!(writer.try_complete());
    assert!(!ready(third));
}

#[test]
fn chb_011_what_a_full_channel_drops() {
    let expected = [(vec![3, 4, 5], vec![1, 2]), (vec![1, 2, 5], vec![3, 4]), (vec![1, 2, 3], vec![4, 5])];
    for (mode, (kept, lost)) in DROPPING.into_iter().zip(expected) {
        for waiting in [false, true] {
            let dropped = Log::new();
            let log = dropped.clone();
            let options = ChannelOptions::bounded(3).full_mode(mode).on_dropped(move |item: u32| log.push(item));
            let (writer, reader): (Writer<u32>, _) = options.create();
            for n in 1..=5 {
                if waiting {
                    assert!(ready(writer.write(n)).is_ok());
                } else {
                    assert!(writer.try_write(n).is_ok());
                }
                assert_eq!(reader.len(), n.min(3) as usize);
            }
            assert_eq!(dropped.take(), lost, "{mode:?}");
            assert_eq!(reader.try_read_all(), kept, "{mode:?}");
        }
    }
}

#[test]
fn chb_014_what_is_left_at_the_end_was_not_dropped_for_room() {
    for mode in DROPPING {
        let dropped = Log::new();
        let log = dropped.clone();
        let options = ChannelOptions::bounded(2).full_mode(mode).on_dropped(move |item: u32| log.push(item));
        let (writer, reader): (Writer<u32>, _) = options.create();
        writer.try_write(1).unwrap();
        writer.try_write(2).unwrap();
        assert!(writer.try_complete());
        assert!(writer.try_write(3).is_err());
        drop((writer, reader));
        assert_eq!(dropped.len(), 0, "{mode:?}");
    }
}

#[test]
fn chb_015_who_drops_may_always_write() {
    for mode in DROPPING {
        let (writer, reader): (Writer<u32>, _) = ChannelOptions::bounded(1).full_mode(mode).create();
        writer.try_write(1).unwrap();
        assert!(matches!(ready(writer.wait_to_write()), Ok(true)));
        assert_eq!(reader.len(), 1);
    }
}

#[test]
fn chb_016_who_drops_may_not_write_after_the_end() {
    for mode in DROPPING {
        let (writer, reader): (Writer<u32>, _) = ChannelOptions::bounded(1).full_mode(mode).create();
        writer.try_write(1).unwrap();
        assert!(writer.try_complete());
        assert!(matches!(writer.try_write(2), Err(TryWriteError::Closed(2))));
        assert!(matches!(ready(writer.write(3)), Err(WriteError::Closed(3))));
        assert!(matches!(ready(writer.wait_to_write()), Ok(false)));
        assert_eq!(reader.try_read_all(), [1]);
    }
}

#[test]
fn chb_018_writes_that_wait_do_not_count() {
    let (writer, reader) = full(1);
    let mut write = writer.write(1);
    assert!(waits(&mut write));
    assert_eq!((reader.len(), writer.len(), reader.peek(|item| *item)), (1, 1, Some(0)));
    drop(write);
    assert_eq!((reader.len(), reader.peek(|item| *item)), (1, Some(0)));
}

#[test]
fn chb_020_waiting_to_write_is_cancelled() {
    let (writer, reader) = full(1);
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut wait = writer.wait_to_write().with_cancellation(&token);
    let mut reserve = writer.reserve().with_cancellation(&token);
    let waker = Counter::new();
    assert!(waker.poll(&mut wait).is_pending() && waker.poll(&mut reserve).is_pending());
    assert_eq!(token.listeners(), 2);
    source.cancel();
    assert_eq!(waker.wakes(), 2);
    assert!(ready(wait).unwrap_err().cancelled().is_some());
    assert!(ready(reserve).unwrap_err().cancelled().is_some());
    assert_eq!((token.listeners(), reader.len()), (0, 1));
    assert_eq!(reader.try_read().unwrap(), 0);
    assert!(writer.try_write(1).is_ok(), "the place of the one that was cancelled is free");
}

#[test]
fn chb_021_ten_writers_and_ten_readers() {
    let n = if cfg!(miri) { 100 } else { 10_000 };
    for capacity in [1, 10, 10_000] {
        let (writer, reader) = bounded::<u32>(capacity);
        let (sum, left) = (AtomicU64::new(0), AtomicU64::new(n));
        thread::scope(|scope| {
            for _ in 0..10 {
                let (writer, reader, sum, left) = (writer.clone(), reader.clone(), &sum, &left);
                scope.spawn(move || {
                    smol::block_on(async {
                        while let Ok(item) = reader.read().await {
                            sum.fetch_add(item.into(), Ordering::Relaxed);
                        }
                        assert!(matches!(reader.read().await, Err(ReadError::Closed)));
                    });
                });
                let take = |n: u64| n.checked_sub(1);
                scope.spawn(move || {
                    smol::block_on(async {
                        while let Ok(item) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
                            writer.write(item as u32).await.unwrap();
                        }
                    });
                });
            }
            drop(writer);
        });
        assert_eq!(sum.load(Ordering::Relaxed), n * (n + 1) / 2);
    }
}
