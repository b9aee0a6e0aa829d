//! `System.Threading.Channels` and `BufferBlock`: what .NET's tests ask beyond the list, and beyond `channel::dotnet`.
use crate::support::polls::{poll, ready, waits};
use crate::support::{Counter, Dropped, Log, panic_of};
use futures_util::StreamExt;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use taskcell::channel::{
    ChannelOptions, FullMode, ReadError, Reader, TryReadError, TryWriteError, WriteError, Writer, bounded, rendezvous,
    unbounded,
};
use taskcell::{CancellationTokenSource, TaskStatus};

const DROPPING: [FullMode; 3] = [FullMode::DropOldest, FullMode::DropNewest, FullMode::DropWrite];

/// Unbounded, for one item, without room.
fn kinds() -> [(Writer<u32>, Reader<u32>); 3] {
    [unbounded(), bounded(1), rendezvous()]
}

#[test]
fn completed_while_full_the_buffer_is_read_and_the_waiting_writes_are_given_back() {
    let (writer, reader) = bounded::<u32>(2);
    assert!(writer.try_write(1).is_ok() && writer.try_write(2).is_ok());
    let (mut write, mut may_write) = (writer.write(3), writer.wait_to_write());
    assert!(waits(&mut write) && waits(&mut may_write));
    assert!(writer.try_complete());
    assert!(matches!(ready(may_write), Ok(false)));
    let Err(error) = ready(write) else { panic!("it was not written") };
    assert_eq!((error.is_closed(), error.into_inner()), (true, 3));
    assert_eq!(reader.completion().status(), TaskStatus::Pending);
    assert!(matches!(ready(reader.wait_to_read()), Ok(true)));
    assert_eq!((ready(reader.read()).unwrap(), ready(reader.read()).unwrap()), (1, 2));
    assert!(reader.completion().is_completed_successfully());
    assert!(matches!(ready(reader.wait_to_read()), Ok(false)));
}

#[test]
fn an_error_waits_behind_what_is_buffered() {
    let (writer, reader) = unbounded::<u32>();
    assert!(writer.try_write(1).is_ok());
    assert!(writer.try_complete_with("no paper".into()).is_ok());
    assert!(matches!(writer.try_write(2), Err(TryWriteError::Faulted(2, _))));
    assert_eq!(writer.try_complete_with("late".into()).unwrap_err().to_string(), "late", "it is given back");
    assert!(!writer.try_complete());
    assert!(matches!(ready(reader.wait_to_read()), Ok(true)));
    assert_eq!(reader.completion().status(), TaskStatus::Pending);
    assert_eq!(reader.try_read().unwrap(), 1);
    let error = ready(reader.wait_to_read()).unwrap_err();
    assert_eq!(error.fault().unwrap().to_string(), "no paper");
    let seen = reader.completion().try_result().unwrap().unwrap_err().fault().unwrap().to_string();
    assert_eq!(seen, "no paper");
}

#[test]
fn the_completion_is_there_before_those_who_wait_are_told() {
    for (writer, reader) in kinds() {
        let (counter, completion) = (Counter::new(), reader.completion());
        let (mut read, mut may_read) = (reader.read(), reader.wait_to_read());
        assert!(counter.poll(&mut read).is_pending() && counter.poll(&mut may_read).is_pending());
        assert!(writer.try_complete());
        assert_eq!(counter.wakes(), 2);
        assert!(completion.is_completed_successfully() && completion == reader.completion());
        assert!(matches!(ready(read), Err(ReadError::Closed)) && matches!(ready(may_read), Ok(false)));
    }
}

#[test]
fn a_full_channel_that_drops_hands_over_to_a_reader_that_waits() {
    for mode in DROPPING {
        let log = Log::new();
        let dropped = log.clone();
        let options = ChannelOptions::bounded(1).full_mode(mode).on_dropped(move |item: u32| dropped.push(item));
        let (writer, reader): (Writer<u32>, _) = options.create();
        let mut read = reader.read();
        assert!(waits(&mut read));
        assert!(writer.try_write(1).is_ok());
        assert_eq!(ready(read).unwrap(), 1);
        assert!(writer.try_write(2).is_ok() && writer.try_write(3).is_ok() && writer.try_write(4).is_ok());
        let (kept, lost) = match mode {
            FullMode::DropWrite => (2, [3, 4]),
            _ => (4, [2, 3]),
        };
        assert_eq!((reader.try_read().unwrap(), log.take()), (kept, lost.to_vec()), "{mode:?}");
    }
}

#[test]
fn a_capacity_of_one_in_a_long_run_of_writes_and_reads() {
    for mode in DROPPING {
        let (writer, reader): (Writer<u32>, _) = ChannelOptions::bounded(1).full_mode(mode).create();
        for n in 0..1_000 {
            assert!(writer.try_write(n).is_ok() && writer.try_write(n + 1_000).is_ok());
            assert_eq!(reader.len(), 1);
            let kept = if mode == FullMode::DropWrite { n } else { n + 1_000 };
            assert_eq!(reader.try_read().unwrap(), kept);
        }
    }
}

#[test]
fn count_follows_every_write_and_read() {
    for (writer, reader) in [unbounded::<u32>(), bounded(3)] {
        for round in 0..3 {
            for n in 0..3_usize {
                assert_eq!(reader.len(), n, "round {round}");
                assert!(writer.try_write(1).is_ok());
            }
            for n in (0..3_usize).rev() {
                assert!(reader.try_read().is_ok());
                assert_eq!((reader.len(), writer.len(), reader.is_empty()), (n, n, n == 0));
            }
        }
    }
}

#[test]
fn a_read_that_was_cancelled_twice_over_takes_nothing() {
    for (writer, reader) in kinds() {
        let [one, two] = [(); 2].map(|()| CancellationTokenSource::new());
        let (first, second) = (one.token(), two.token());
        let (mut gone, mut stays) = (reader.read().with_cancellation(&first), reader.read().with_cancellation(&second));
        assert!(waits(&mut gone) && waits(&mut stays));
        one.cancel();
        assert!(matches!(poll(&mut gone), Poll::Ready(Err(ReadError::Cancelled(by))) if by.token() == &first));
        assert!(writer.try_write(7).is_ok());
        two.cancel();
        assert!(matches!(ready(stays), Err(ReadError::Cancelled(_))));
        assert_eq!(reader.try_read().unwrap(), 7, "although it was woken for it");
        assert_eq!(first.listeners() + second.listeners(), 0);
    }
}

/// .NET's `ReadAllAsync` looks at the token only where nothing is there to be read: it gives what is buffered first.
/// We differ on purpose: each item is asked for as by a read of its own, and what is there stays.
#[test]
fn cancelled_between_two_items() {
    let (writer, reader) = unbounded::<u32>();
    (0..3).for_each(|n| writer.try_write(n).unwrap());
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut all = reader.read_all().with_cancellation(&token);
    assert_eq!(smol::block_on(all.next()).unwrap().unwrap(), 0);
    source.cancel();
    let Some(Err(ReadError::Cancelled(by))) = smol::block_on(all.next()) else { panic!("the token goes first") };
    assert_eq!(by.token(), &token);
    assert!(smol::block_on(all.next()).is_none());
    assert_eq!((reader.len(), token.listeners()), (2, 0));
}

#[test]
fn read_all_takes_part_with_other_readers_and_outlives_them() {
    let (writer, reader) = unbounded::<u32>();
    let mut all = reader.read_all();
    (0..4).for_each(|n| writer.try_write(n).unwrap());
    assert_eq!(smol::block_on(all.next()).unwrap().unwrap(), 0);
    assert_eq!(reader.try_read().unwrap(), 1);
    drop(reader);
    assert!(writer.try_write(4).is_ok() && writer.try_complete());
    let rest: Vec<_> = smol::block_on(all.map(Result::unwrap).collect());
    assert_eq!(rest, [2, 3, 4]);
}

#[test]
fn equal_priorities_and_a_completion_in_between() {
    let (writer, reader) = ChannelOptions::unbounded().prioritized_by(|a: &(u32, char), b| a.0.cmp(&b.0)).create();
    let _: &Writer<(u32, char)> = &writer;
    for item in [(1, 'a'), (0, 'x'), (1, 'b'), (0, 'y'), (1, 'c')] {
        assert!(writer.try_write(item).is_ok());
    }
    assert!(writer.try_complete());
    assert_eq!(reader.peek(|item| item.0), Some(0));
    let mut items = Vec::new();
    while let Ok(item) = reader.try_read() {
        items.push(item);
    }
    assert!(items.is_sorted_by_key(|item| item.0) && items.len() == 5);
    assert!(reader.completion().is_completed_successfully());
    assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
}

#[test]
fn a_reader_that_waits_on_a_priority_channel_is_given_what_is_first_when_it_looks() {
    let (writer, reader): (Writer<u32>, _) = ChannelOptions::unbounded().prioritized().create();
    let mut read = reader.read();
    assert!(waits(&mut read));
    assert!([5, 3, 9].into_iter().all(|n| writer.try_write(n).is_ok()));
    assert_eq!(ready(read).unwrap(), 3);
}

#[test]
fn a_rendezvous_is_complete_when_its_reader_has_the_item() {
    let (writer, reader) = rendezvous::<u32>();
    let (mut write, counter) = (writer.write(1), Counter::new());
    assert!(counter.poll(&mut write).is_pending());
    assert!(writer.try_complete());
    assert!(
        matches!(ready(write), Err(WriteError::Closed(1))),
        "a write that waits is refused, as its item is nowhere"
    );
    assert!(reader.completion().is_completed_successfully());
    assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
}

#[test]
fn items_that_nobody_reads_go_with_the_channel() {
    for complete in [false, true] {
        let (writer, reader) = unbounded::<Dropped>();
        let counts: Vec<_> = (0..3)
            .map(|_| {
                let (item, drops) = Dropped::new();
                assert!(writer.try_write(item).is_ok());
                drops
            })
            .collect();
        assert!(!complete || writer.try_complete());
        drop(reader.try_read());
        assert!(counts.iter().map(|drops| drops.load(SeqCst)).eq([1, 0, 0]));
        drop((writer, reader));
        assert!(counts.iter().all(|drops| drops.load(SeqCst) == 1));
    }
}

#[test]
fn nothing_is_left_of_a_thousand_cancelled_writes_and_waits() {
    for (writer, reader) in [bounded::<u32>(1), rendezvous()] {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let _ = writer.try_write(0);
        for n in 0..1_000 {
            let (mut write, mut may) =
                (writer.write(n).with_cancellation(&token), writer.wait_to_write().with_cancellation(&token));
            assert!(waits(&mut write) && waits(&mut may));
        }
        assert_eq!((token.listeners(), reader.len()), (0, writer.capacity().unwrap()));
        assert_eq!(reader.try_read_all().len(), writer.capacity().unwrap());
        assert!(waits(&mut reader.read()), "none of the items is there");
    }
}

/// .NET's `BufferBlock.TryReceive(filter)`: the next item, if it is one that is wanted.
#[test]
fn the_next_item_if_it_is_wanted() {
    let (writer, reader) = unbounded::<u32>();
    assert!(writer.try_write(2).is_ok());
    let next_if =
        |wanted: fn(&u32) -> bool| reader.peek(wanted).filter(|yes| *yes).and_then(|_| reader.try_read().ok());
    assert_eq!(next_if(|n| *n > 5), None);
    assert_eq!((reader.len(), next_if(|n| *n == 2), reader.len()), (1, Some(2), 0));
}

#[test]
fn a_callback_for_dropped_items_that_panics_does_so_in_the_write_and_harms_nothing() {
    for mode in DROPPING {
        let options = ChannelOptions::bounded(1).full_mode(mode).on_dropped(|n: u32| assert!(n > 2, "no room"));
        let (writer, reader): (Writer<u32>, _) = options.create();
        assert!(writer.try_write(1).is_ok());
        assert_eq!(panic_of(|| writer.try_write(2)), Some("no room"));
        assert_eq!(reader.try_read_all(), [if mode == FullMode::DropWrite { 1 } else { 2 }], "{mode:?}");
        assert!(writer.try_write(3).is_ok() && writer.try_write(4).is_ok() && reader.len() == 1);
    }
}
