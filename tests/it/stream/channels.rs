//! From channels to streams, and back.
use super::ByHand;
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::{Counter, Dropped, Jobs};
use futures_util::StreamExt;
use futures_util::stream::{iter, pending};
use std::cell::Cell;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::BoxError;
use taskcell::channel::{ChannelOptions, ReadError, Reader, bounded, unbounded};
use taskcell::stream::{
    IntoChannelError, create, from_channel, into_channel, into_channel_spawned, try_create, try_into_channel,
};

fn read<T, E>(reader: Reader<T, E>) -> Vec<T> {
    reader.try_read_all()
}

#[test]
fn a_stream_runs_ahead_as_far_as_the_channel_has_room() {
    let made = Cell::new(0);
    let stream = create(|yielder, _| {
        let made = &made;
        async move {
            for n in 0..10 {
                made.set(n + 1);
                yielder.yield_item(n).await;
            }
        }
    });
    let (writer, reader) = bounded(3);
    let counter = Counter::new();
    let mut driven = pin!(into_channel(stream, writer));
    assert!(counter.poll(&mut driven).is_pending());
    assert_eq!((made.get(), reader.len()), (4, 3), "three are in the channel, one waits for room");
    assert_eq!(reader.try_read().unwrap(), 0);
    assert!(counter.wakes() > 0);
    assert!(counter.poll(&mut driven).is_pending());
    assert_eq!((made.get(), reader.len()), (5, 3));
    let mut seen = vec![0];
    while counter.poll(&mut driven).is_pending() {
        seen.extend(reader.try_read_all());
    }
    seen.extend(reader.try_read_all());
    assert_eq!(seen, (0..10).collect::<Vec<_>>());
    assert!(reader.is_closed());
}

#[test]
fn the_end_of_the_stream_completes_the_channel() {
    let (writer, reader) = unbounded::<u8>();
    let other = writer.clone();
    assert!(smol::block_on(into_channel(iter([1, 2]), writer)).is_ok());
    assert!(other.is_closed(), "though there is another writer");
    let all = smol::block_on(from_channel(reader).collect::<Vec<_>>());
    assert_eq!(all.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn the_streams_error_completes_the_channel() {
    let (writer, reader) = ChannelOptions::<u8>::bounded(5).with_error::<BoxError>().create();
    let stream = try_create(|yielder, _| async move {
        yielder.yield_item(1).await;
        Err("torn")
    });
    assert!(smol::block_on(try_into_channel(stream, writer)).is_ok());
    let mut all = from_channel(reader);
    smol::block_on(async {
        assert_eq!(all.next().await.unwrap().unwrap(), 1);
        let Some(Err(ReadError::Faulted(fault))) = all.next().await else { panic!("the error comes next") };
        assert_eq!(fault.to_string(), "torn");
        assert!(all.next().await.is_none());
    });
}

#[test]
fn an_error_that_nobody_takes_comes_back() {
    let (writer, reader) = ChannelOptions::<u8>::bounded(5).with_error::<&'static str>().create();
    let other = writer.clone();
    let stream = try_create(|yielder, _| async move {
        yielder.yield_item(1).await;
        other.try_complete();
        Err("torn")
    });
    let error = smol::block_on(try_into_channel(stream, writer)).unwrap_err();
    assert!(matches!(error, IntoChannelError::Failed("torn")));
    assert_eq!(error.to_string(), "the stream failed when the channel was closed: torn");
    assert_eq!(read(reader), [1]);
}

#[test]
fn a_channel_that_is_closed_gives_the_item_back() {
    let (writer, reader) = bounded::<Option<Dropped>>(1);
    let (item, drops) = Dropped::new();
    let mut items = vec![None, Some(item)].into_iter();
    let counter = Counter::new();
    let mut driven = pin!(into_channel(iter(std::iter::from_fn(|| items.next())), writer));
    assert!(counter.poll(&mut driven).is_pending());
    drop(reader);
    assert!(counter.wakes() > 0);
    let Poll::Ready(Err(error)) = counter.poll(&mut driven) else { panic!("nobody reads") };
    assert!(error.is_closed() && format!("{error:?}").contains("Closed"));
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    assert!(error.into_inner().unwrap().is_some());
}

#[test]
fn readers_that_leave_end_a_stream_that_is_pending() {
    let (value, drops) = Dropped::new();
    let stream = create(|yielder, _| async move {
        let _value = value;
        yielder.yield_item(1).await;
        std::future::pending::<()>().await;
    });
    let (writer, reader) = bounded(2);
    let jobs = Jobs::new();
    let driven = into_channel_spawned(&jobs, stream, writer);
    jobs.step();
    assert_eq!((jobs.len(), reader.len()), (1, 1));
    drop(reader);
    jobs.step();
    assert_eq!((jobs.len(), drops.load(Ordering::SeqCst)), (0, 1));
    assert!(driven.is_faulted());
    driven.ignore();
    // And it is woken for that.
    let (writer, reader) = bounded::<u8>(2);
    let counter = Counter::new();
    let mut driven = pin!(into_channel(pending(), writer));
    assert!(counter.poll(&mut driven).is_pending());
    drop(reader);
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(counter.poll(&mut driven), Poll::Ready(Err(IntoChannelError::Closed(None)))));
}

#[test]
fn a_channel_that_was_closed_before_takes_nothing_from_the_stream() {
    let (writer, reader) = bounded::<u8>(2);
    drop(reader);
    let mut items = iter([1]);
    assert!(smol::block_on(into_channel(&mut items, writer)).is_err());
    assert_eq!(smol::block_on(items.next()), Some(1));
}

#[test]
fn a_driver_that_goes_takes_stream_and_writer_along() {
    let (value, drops) = Dropped::new();
    let stream = create(|yielder, _| async move {
        let _value = value;
        for n in 0.. {
            yielder.yield_item(n).await;
        }
    });
    let (writer, reader) = bounded(2);
    let counter = Counter::new();
    let mut driven = Box::pin(into_channel(stream, writer));
    assert!(counter.poll(&mut driven).is_pending());
    drop(driven);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(reader.is_closed());
    assert_eq!((read(reader), counter.held()), (vec![0, 1], 0));
}

#[test]
fn a_stream_that_is_always_ready_gives_others_a_turn() {
    let (writer, reader) = unbounded();
    let counter = Counter::new();
    let mut driven = pin!(into_channel(iter(0..1000), writer));
    let mut polls = 1;
    while counter.poll(&mut driven).is_pending() {
        assert_eq!(counter.wakes(), polls);
        polls += 1;
    }
    assert_eq!((polls, reader.len()), (8, 1000));
}

fn there_and_back(ex: &impl Executor) {
    for capacity in [0, 1, 3] {
        let (run, spawner) = (ex.clone(), ex.clone());
        let seen = run.run(async move {
            let stream = create(|yielder, _| async move {
                for n in 0..200 {
                    if n % 5 == 0 {
                        taskcell::yield_now().await;
                    }
                    yielder.yield_item(n).await;
                }
            });
            let (writer, reader) = bounded::<u32>(capacity);
            let driven = into_channel_spawned(&move |future| spawner.spawn(future), stream, writer);
            let seen = from_channel(reader).map(Result::unwrap).collect::<Vec<_>>().await;
            driven.await.unwrap();
            seen
        });
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }
}

#[test]
fn there_and_back_on_smol() {
    there_and_back(&Smol::new());
}

#[test]
fn there_and_back_on_an_executor_that_polls_inside_wake() {
    there_and_back(&Inline::new());
}

#[test]
fn there_and_back_on_one_thread() {
    there_and_back(&Single::new());
}

#[test]
fn a_channel_as_a_stream_loses_nothing_when_it_goes() {
    let (writer, reader) = bounded::<u8>(3);
    for n in 1..=3 {
        writer.try_write(n).unwrap();
    }
    let mut stream = ByHand::new(from_channel(reader.clone()));
    assert_eq!(stream.item().unwrap(), 1);
    drop(stream);
    assert_eq!(read(reader), [2, 3]);
}

#[test]
fn a_channel_that_others_complete_ends_a_pending_stream_once_it_is_drained() {
    let (writer, reader) = bounded::<u8>(2);
    let other = writer.clone();
    let counter = Counter::new();
    let mut driven = pin!(into_channel(pending(), writer));
    other.try_write(1).unwrap();
    assert!(counter.poll(&mut driven).is_pending());
    assert!(other.try_complete());
    assert!(counter.poll(&mut driven).is_pending(), "the completion comes with the last item");
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(counter.wakes() > 0);
    assert!(matches!(counter.poll(&mut driven), Poll::Ready(Err(IntoChannelError::Closed(None)))));
    // Before that the stream's next item ends it, and comes back.
    let (writer, _reader) = bounded::<u8>(2);
    let other = writer.clone();
    other.try_write(1).unwrap();
    let stream = create(|yielder, _| async move {
        other.try_complete();
        yielder.yield_item(2).await;
    });
    let error = smol::block_on(into_channel(stream, writer)).unwrap_err();
    assert_eq!(error.into_inner(), Some(2));
}
