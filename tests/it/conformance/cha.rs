//! CHA: `ReadAllAsync`.
use crate::support::polls::{poll, ready};
use crate::support::{Counter, Log};
use futures_util::StreamExt;
use std::task::Poll;
use std::thread;
use taskcell::channel::{ChannelOptions, ReadError, Reader, WaitError, Writer};
use taskcell::{CancellationToken, CancellationTokenSource};

fn channel(items: u32) -> (Writer<u32, &'static str>, Reader<u32, &'static str>) {
    let (writer, reader) = ChannelOptions::unbounded().with_error().create();
    (0..items).for_each(|n| writer.try_write(n).unwrap());
    (writer, reader)
}

#[test]
fn cha_001_all_items_and_then_the_end() {
    let (writer, reader) = channel(3);
    assert!(writer.try_complete());
    let mut all = reader.read_all();
    for n in 0..3 {
        assert_eq!(ready(all.next()).unwrap().unwrap(), n);
    }
    for _ in 0..3 {
        assert!(ready(all.next()).is_none());
    }
}

#[test]
fn cha_002_an_error_comes_once_behind_the_items() {
    let (writer, reader) = channel(1);
    writer.try_complete_with("no paper").unwrap();
    let mut all = reader.read_all();
    assert_eq!(ready(all.next()).unwrap().unwrap(), 0);
    assert!(matches!(ready(all.next()), Some(Err(ReadError::Faulted(fault))) if *fault == "no paper"));
    for _ in 0..3 {
        assert!(ready(all.next()).is_none());
    }
}

#[test]
fn cha_003_what_is_there_is_ready_at_once() {
    let (_writer, reader) = channel(5);
    let mut all = reader.read_all();
    for n in 0..5 {
        assert_eq!(ready(all.next()).unwrap().unwrap(), n);
    }
    assert!(poll(&mut all.next()).is_pending());
}

#[test]
fn cha_004_a_token_that_is_already_cancelled_takes_no_item() {
    let (_writer, reader) = channel(1);
    let token = CancellationToken::new(true);
    let mut all = reader.read_all().with_cancellation(&token);
    match ready(all.next()) {
        Some(Err(ReadError::Cancelled(cancelled))) => assert_eq!(cancelled.token(), &token),
        other => panic!("{other:?}"),
    }
    assert_eq!((reader.len(), reader.try_read().unwrap()), (1, 0));
    // The same for a single read, and for waiting.
    let (_writer, reader) = channel(1);
    assert!(matches!(ready(reader.read().with_cancellation(&token)), Err(ReadError::Cancelled(_))));
    assert!(matches!(ready(reader.wait_to_read().with_cancellation(&token)), Err(WaitError::Cancelled(_))));
    assert_eq!(reader.len(), 1);
}

#[test]
fn cha_005_cancelled_while_it_waits() {
    let (writer, reader) = channel(0);
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut all = reader.read_all().with_cancellation(&token);
    let waker = Counter::new();
    assert!(waker.poll(&mut all.next()).is_pending());
    source.cancel();
    assert_eq!(waker.wakes(), 1);
    match ready(all.next()) {
        Some(Err(ReadError::Cancelled(cancelled))) => assert_eq!(cancelled.token(), &token),
        other => panic!("{other:?}"),
    }
    assert!(ready(all.next()).is_none());
    assert_eq!(token.listeners(), 0);
    writer.try_write(1).unwrap();
    assert!(ready(all.next()).is_none());
    assert_eq!(reader.try_read().unwrap(), 1);
}

#[test]
fn cha_007_stopping_early_takes_nothing_more() {
    let (writer, reader) = channel(3);
    let mut all = reader.read_all();
    assert_eq!(ready(all.next()).unwrap().unwrap(), 0);
    drop(all);
    assert_eq!((reader.len(), writer.is_closed()), (2, false));
    writer.try_write(3).unwrap();
    assert_eq!(reader.try_read_all(), [1, 2, 3]);
    // One that waits is dropped: the item that comes later is for others.
    let mut all = reader.read_all();
    assert!(poll(&mut all.next()).is_pending());
    drop(all);
    writer.try_write(4).unwrap();
    assert_eq!(reader.try_read().unwrap(), 4);
}

#[test]
fn cha_008_two_at_once_share_the_items() {
    let (writer, reader) = channel(0);
    let seen = Log::new();
    thread::scope(|scope| {
        for _ in 0..2 {
            let (reader, seen) = (reader.clone(), seen.clone());
            scope.spawn(move || {
                smol::block_on(async {
                    let mut all = reader.read_all();
                    while let Some(item) = all.next().await {
                        seen.push(item.unwrap());
                    }
                });
            });
        }
        for n in 0..100 {
            writer.try_write(n).unwrap();
        }
        assert!(writer.try_complete());
    });
    let mut seen = seen.take();
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[test]
fn cha_010_once_more_after_the_end() {
    let (writer, reader) = channel(2);
    assert!(writer.try_complete());
    for round in 0..3 {
        let all: Vec<_> = smol::block_on(reader.read_all().map(Result::unwrap).collect());
        assert_eq!(all.len(), if round == 0 { 2 } else { 0 });
    }
    // .NET throws a completion's error from each enumeration; so it is here.
    let (writer, reader) = channel(0);
    writer.try_complete_with("no paper").unwrap();
    for _ in 0..2 {
        let mut all = reader.read_all();
        assert!(matches!(poll(&mut all.next()), Poll::Ready(Some(Err(ReadError::Faulted(_))))));
        assert!(ready(all.next()).is_none());
    }
}
