//! `IAsyncEnumerable`, `ToBlockingEnumerable`, `BlockingCollection`: what .NET's tests ask beyond the list.
use crate::support::{Dropped, Jobs, Log, panic_of};
use futures_util::{StreamExt, TryStreamExt};
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use taskcell::channel::{ChannelOptions, ReadError, Reader, Writer, bounded, unbounded};
use taskcell::stream::{blocking_iter, create, try_create, with_cancellation};
use taskcell::{BoxError, CancellationToken, CancellationTokenSource, Cancelled, Task};

#[test]
fn a_loop_disposes_at_its_end_and_when_it_is_left() {
    for (take, ends) in [(usize::MAX, vec!["the end", "dropped"]), (2, vec!["dropped"])] {
        let log = Log::new();
        let (end, gone) = (log.clone(), log.clone());
        struct Note(Log<&'static str>);
        impl Drop for Note {
            fn drop(&mut self) {
                self.0.push("dropped");
            }
        }
        let stream = create(|yielder, _| async move {
            let _note = Note(gone);
            for n in 0..3 {
                yielder.yield_item(n).await;
            }
            end.push("the end");
        });
        let mut stream = Box::pin(stream);
        let mut taken = 0;
        while taken < take {
            let Some(n) = smol::block_on(stream.next()) else { break };
            assert_eq!(n, taken);
            taken += 1;
        }
        drop(stream);
        assert_eq!(log.take(), ends);
    }
}

#[test]
fn an_error_in_the_middle_comes_once_behind_the_items_and_is_the_end() {
    let stream = try_create(|yielder, _| async move {
        yielder.yield_item(1).await;
        yielder.yield_item(2).await;
        Err("no paper")
    });
    let mut stream = Box::pin(stream);
    let seen: Vec<Result<u32, &str>> = smol::block_on(stream.by_ref().collect());
    assert_eq!(seen, [Ok(1), Ok(2), Err("no paper")]);
    assert_eq!(smol::block_on(stream.next()), None);
}

#[test]
fn a_panic_in_a_generator_is_its_consumers() {
    let stream = create(|yielder, _| async move {
        yielder.yield_item(1).await;
        panic!("in the middle");
    });
    let mut stream = Box::pin(stream);
    assert_eq!(smol::block_on(stream.next()), Some(1));
    assert_eq!(panic_of(|| smol::block_on(stream.next())), Some("in the middle"));
}

#[test]
fn each_call_makes_an_enumeration_of_its_own() {
    let numbers = || {
        create(|yielder, _| async move {
            for n in 0..3 {
                yielder.yield_item(n).await;
            }
        })
    };
    let (mut one, mut two) = (Box::pin(numbers()), Box::pin(numbers()));
    assert_eq!((smol::block_on(one.next()), smol::block_on(one.next())), (Some(0), Some(1)));
    assert_eq!(smol::block_on(two.by_ref().collect::<Vec<_>>()), [0, 1, 2]);
    assert_eq!(smol::block_on(one.next()), Some(2));
}

#[test]
fn a_token_of_a_whole_chain_of_operators() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (held, drops) = Dropped::new();
    let numbers = create(|yielder, _| async move {
        let _held = held;
        for n in 0.. {
            yielder.yield_item(n).await;
        }
    });
    let mut evens = Box::pin(with_cancellation(numbers.filter(|n| std::future::ready(n % 2 == 0)), &token));
    let two = smol::block_on(evens.by_ref().take(2).try_collect::<Vec<u32>>());
    assert_eq!(two.unwrap(), [0, 2]);
    source.cancel();
    let Some(Err(by)) = smol::block_on(evens.next()) else { panic!("it is cancelled") };
    assert_eq!((by.token(), drops.load(SeqCst)), (&token, 1), "and what was below has gone");
    assert!(smol::block_on(evens.next()).is_none());
    assert_eq!(token.listeners(), 0);
}

#[test]
fn a_token_that_can_never_be_cancelled_changes_nothing() {
    let (stream, none) = (futures_util::stream::iter(0..5), CancellationToken::NONE);
    let seen: Result<Vec<i32>, Cancelled> = smol::block_on(with_cancellation(stream, &none).try_collect());
    assert_eq!(seen.unwrap(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_generator_that_ends_by_itself_when_it_is_cancelled_is_no_error() {
    let source = CancellationTokenSource::new();
    let stream = create(|yielder, token: CancellationToken| async move {
        let mut n = 0;
        while !token.is_cancelled() {
            yielder.yield_item(n).await;
            n += 1;
        }
    });
    let mut stream = Box::pin(stream.with_cancellation(&source.token()));
    assert_eq!(smol::block_on(stream.next()), Some(0));
    source.cancel();
    assert_eq!(smol::block_on(stream.next()), None);
}

#[test]
fn a_blocking_iterator_gives_what_is_there_ends_and_drops_its_stream_when_it_is_left() {
    assert_eq!(blocking_iter(futures_util::stream::empty::<u32>()).unwrap().count(), 0);
    let (held, drops) = Dropped::new();
    let stream = create(|yielder, _| async move {
        let _held = held;
        for n in 0.. {
            yielder.yield_item(n).await;
        }
    });
    let mut items = blocking_iter(stream).unwrap();
    assert_eq!((items.next(), items.next()), (Some(0), Some(1)));
    drop(items);
    assert_eq!(drops.load(SeqCst), 1);
}

#[test]
fn a_blocking_iterator_over_errors() {
    let (writer, reader) = unbounded::<u32>();
    assert!(writer.try_write(1).is_ok() && writer.try_complete_with("no paper".into()).is_ok());
    let mut items = blocking_iter(reader.read_all()).unwrap();
    assert_eq!(items.next().unwrap().unwrap(), 1);
    assert!(matches!(items.next(), Some(Err(ReadError::Faulted(_)))));
    assert!(items.next().is_none() && items.next().is_none());
}

/// `BlockingCollection.GetConsumingEnumerable(token)`, on a thread that blocks.
#[test]
fn a_consuming_loop_that_is_cancelled_leaves_what_is_there() {
    let ((writer, reader), source) = (bounded::<u32>(10), CancellationTokenSource::new());
    let (mine, token) = (reader.clone(), source.token());
    let consumer = thread::spawn(move || {
        let mut seen = Vec::new();
        for item in blocking_iter(mine.read_all().with_cancellation(&token)).unwrap() {
            match item {
                Ok(item) => seen.push(item),
                Err(error) => return (seen, error.cancelled().is_some()),
            }
        }
        (seen, false)
    });
    assert!(writer.try_write(1).is_ok() && writer.try_write(2).is_ok());
    while !reader.is_empty() {
        thread::yield_now();
    }
    source.cancel();
    assert_eq!(consumer.join().unwrap(), (vec![1, 2], true));
    assert!(writer.try_write(3).is_ok() && reader.len() == 1);
}

/// `BlockingCollection.TakeFromAny`, `AddToAny`: the first of several that can.
#[test]
fn an_item_of_whichever_channel_has_one() {
    let channels: [(Writer<u32>, Reader<u32>); 3] = [unbounded(), unbounded(), unbounded()];
    let take = || smol::block_on(taskcell::when_any(channels.iter().map(|(_, reader)| reader.read())));
    assert!(channels[1].0.try_write(7).is_ok());
    let first = take().unwrap();
    assert_eq!((first.index, first.output.unwrap()), (1, 7));
    assert!(channels.iter().all(|(writer, reader)| reader.is_empty() && !writer.is_closed()), "nothing else is taken");
}

/// `BlockingCollection` over a stack.
#[test]
fn last_in_first_out_to_the_end() {
    let (writer, reader): (Writer<u32>, _) = ChannelOptions::bounded(3).lifo().create();
    assert!((0..3).all(|n| writer.try_write(n).is_ok()) && writer.try_write(3).is_err());
    assert!(writer.try_complete());
    let items: Vec<_> = blocking_iter(reader.read_all()).unwrap().map(Result::unwrap).collect();
    assert_eq!(items, [2, 1, 0]);
}

#[test]
fn a_stream_in_a_task_whose_executor_is_gone() {
    let (jobs, (held, drops)) = (Jobs::new(), Dropped::new());
    let task: Task<u32> = Task::run(&jobs, async move {
        let stream = create(|yielder, _| async move {
            let _held = held;
            yielder.yield_item(1).await;
            std::future::pending::<()>().await;
        });
        let mut stream = std::pin::pin!(stream);
        let mut sum = 0;
        while let Some(n) = stream.next().await {
            sum += n;
        }
        Ok::<_, BoxError>(sum)
    });
    jobs.step();
    assert_eq!((drops.load(SeqCst), task.is_completed()), (0, false));
    jobs.drop_all();
    assert_eq!(drops.load(SeqCst), 1);
    assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
}
