//! What .NET's own tests of channels say beyond the conformance entries, where it has a meaning here.
use crate::support::hooked::Hooks;
use crate::support::polls::{poll, ready, waits};
use crate::support::{Counter, Log, poll_with};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::channel::{
    ChannelOptions, FullMode, ReadError, Reader, TryReadError, TryWriteError, WaitError, WriteError, Writer, bounded,
    rendezvous, unbounded,
};
use taskcell::{BoxError, CancellationToken, CancellationTokenSource, Cancelled, TaskError, TaskStatus};

const DROPPING: [FullMode; 3] = [FullMode::DropOldest, FullMode::DropNewest, FullMode::DropWrite];

/// Unbounded, for one item, without room.
fn kinds() -> [(Writer<u32>, Reader<u32>); 3] {
    [unbounded(), bounded(1), rendezvous()]
}

fn no_paper() -> BoxError {
    "no paper".into()
}

#[test]
fn an_error_comes_to_all_that_wait_and_all_that_come() {
    for (writer, reader) in kinds() {
        let (mut read, mut may_read) = (reader.read(), reader.wait_to_read());
        assert!(waits(&mut read) && waits(&mut may_read));
        assert!(writer.try_complete_with(no_paper()).is_ok());
        let is_it = |error: Option<&BoxError>| error.is_some_and(|error| error.to_string() == "no paper");
        assert!(is_it(ready(read).unwrap_err().fault().map(|fault| &**fault)));
        assert!(is_it(ready(may_read).unwrap_err().fault().map(|fault| &**fault)));
        assert!(matches!(reader.try_read(), Err(TryReadError::Faulted(_))));
        assert!(matches!(ready(reader.read()), Err(ReadError::Faulted(_))));
        assert!(matches!(ready(writer.write(1)), Err(WriteError::Faulted(1, _))));
        assert!(matches!(writer.try_write(2), Err(TryWriteError::Faulted(2, _))));
        assert!(matches!(ready(writer.wait_to_write()), Err(WaitError::Faulted(_))));
        assert!(ready(writer.reserve()).unwrap_err().fault().is_some());
        assert!(reader.completion().is_faulted());
    }
}

#[test]
fn an_error_comes_to_writes_that_wait() {
    for (writer, reader) in [bounded(1), rendezvous()] {
        let _ = writer.try_write(0);
        let (mut write, mut may_write) = (writer.write(1), writer.wait_to_write());
        assert!(waits(&mut write) && waits(&mut may_write));
        assert!(writer.try_complete_with(no_paper()).is_ok());
        assert!(matches!(ready(write), Err(WriteError::Faulted(1, _))));
        assert!(matches!(ready(may_write), Err(WaitError::Faulted(_))));
        assert_eq!(reader.try_read_all().len(), writer.capacity().unwrap());
        assert!(reader.completion().is_faulted());
    }
}

#[test]
fn a_completion_with_a_cancellation_is_cancelled() {
    for (writer, reader) in kinds() {
        let token = CancellationToken::new(true);
        let error: BoxError = Box::new(Cancelled::new(token.clone()));
        assert!(writer.try_complete_with(error).is_ok());
        assert_eq!(reader.completion().status(), TaskStatus::Cancelled);
        match reader.completion().try_result() {
            Some(Err(TaskError::Cancelled(cancelled))) => assert_eq!(cancelled.token(), &token),
            other => panic!("{other:?}"),
        }
        assert!(ready(reader.read()).is_err());
    }
    let (writer, reader) = ChannelOptions::<u32>::unbounded().with_error().create();
    assert!(writer.try_complete_with(Cancelled::new(CancellationToken::NONE)).is_ok());
    assert!(reader.completion().is_cancelled());
}

#[test]
fn a_token_that_is_already_cancelled_wins_over_data_and_room() {
    let token = CancellationToken::new(true);
    for (writer, reader) in kinds() {
        let _ = writer.try_write(42);
        let len = reader.len();
        assert!(ready(reader.read().with_cancellation(&token)).unwrap_err().cancelled().is_some());
        assert!(ready(reader.wait_to_read().with_cancellation(&token)).unwrap_err().cancelled().is_some());
        assert!(ready(writer.write(1).with_cancellation(&token)).unwrap_err().cancelled().is_some());
        assert!(ready(writer.wait_to_write().with_cancellation(&token)).unwrap_err().cancelled().is_some());
        assert!(ready(writer.reserve().with_cancellation(&token)).unwrap_err().cancelled().is_some());
        // Also over the end.
        assert!(writer.try_complete());
        assert!(ready(writer.write(1).with_cancellation(&token)).unwrap_err().cancelled().is_some());
        assert_eq!(reader.len(), len);
    }
}

#[test]
fn cancelled_reads_are_skipped() {
    for (writer, reader) in kinds() {
        for _ in 0..5 {
            let source = CancellationTokenSource::new();
            let token = source.token();
            let mut read = reader.read().with_cancellation(&token);
            assert!(waits(&mut read));
            source.cancel();
            assert!(matches!(ready(read), Err(ReadError::Cancelled(_))));
        }
        for n in 0..7 {
            let mut read = reader.read();
            assert!(waits(&mut read));
            assert!(ready(writer.write(n)).is_ok());
            assert_eq!(ready(read).unwrap(), n);
        }
        for n in 0..5 {
            let mut may_read = reader.wait_to_read();
            assert!(waits(&mut may_read));
            let mut write = writer.write(n);
            let written = poll(&mut write);
            assert!(matches!(ready(may_read), Ok(true)));
            assert_eq!(reader.try_read().unwrap(), n);
            assert!(written.is_ready() || ready(write).is_ok());
        }
    }
}

#[test]
fn a_token_that_is_cancelled_after_the_end_of_a_future_changes_nothing() {
    for (writer, reader) in kinds() {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let mut read = reader.read().with_cancellation(&token);
        assert!(waits(&mut read));
        assert!(ready(writer.write(1).with_cancellation(&token)).is_ok());
        assert_eq!(ready(&mut read).unwrap(), 1);
        assert_eq!(token.listeners(), 0);
        source.cancel();
        assert!(!reader.is_closed());
    }
}

#[test]
fn many_writes_then_many_reads() {
    for (writer, reader) in kinds() {
        let mut writes: Vec<_> = (0..2000).map(|n| writer.write(n)).collect();
        let done: Vec<_> = writes.iter_mut().map(|write| poll(write).is_ready()).collect();
        for n in 0..2000 {
            assert_eq!(reader.try_read().unwrap(), n);
        }
        assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
        for (write, done) in writes.into_iter().zip(done) {
            assert!(done || ready(write).is_ok());
        }
    }
}

#[test]
fn many_that_wait_to_write_are_satisfied_by_readers() {
    for (writer, reader) in kinds() {
        let counter = Counter::new();
        let mut waiting: Vec<_> = (0..100).map(|_| writer.wait_to_write()).collect();
        let done: Vec<_> = waiting.iter_mut().map(|wait| counter.poll(wait).is_ready()).collect();
        let mut reads: Vec<_> = (0..100).map(|_| reader.read()).collect();
        assert!(reads.iter_mut().all(waits));
        for (wait, done) in waiting.into_iter().zip(done) {
            assert!(done || matches!(ready(wait), Ok(true)));
        }
        // Without room, as many may write at once as readers wait.
        let written = (0..200).filter(|n| writer.try_write(*n).is_ok()).count();
        let room = match writer.capacity() {
            None => 200,
            Some(0) => 100,
            Some(capacity) => capacity,
        };
        assert_eq!(written, room);
    }
}

#[test]
fn a_peek_sees_the_last_item_of_a_completed_channel() {
    for (writer, reader) in [unbounded::<u32>(), bounded(1)] {
        for _ in 0..3 {
            assert!(ready(writer.write(42)).is_ok());
            assert_eq!(reader.peek(|item| *item), Some(42));
            assert_eq!(reader.try_read().unwrap(), 42);
            assert_eq!(reader.peek(|item| *item), None);
        }
        assert!(ready(writer.write(84)).is_ok());
        assert!(writer.try_complete());
        assert_eq!(reader.peek(|item| *item), Some(84));
        assert_eq!(reader.try_read().unwrap(), 84);
        assert_eq!(reader.peek(|item| *item), None);
    }
}

#[test]
fn a_wrapped_queue_drops_its_newest() {
    let (writer, reader): (Writer<u32>, _) = ChannelOptions::bounded(3).full_mode(FullMode::DropNewest).create();
    writer.try_write(1).unwrap();
    assert_eq!(reader.try_read().unwrap(), 1);
    for n in 2..=5 {
        writer.try_write(n).unwrap();
    }
    assert_eq!(reader.try_read_all(), [2, 3, 5]);
}

#[test]
fn nothing_is_dropped_where_writers_wait() {
    let dropped = Log::new();
    for capacity in [0, 1] {
        let log = dropped.clone();
        let options = ChannelOptions::bounded(capacity).on_dropped(move |item: u32| log.push(item));
        let (writer, reader): (Writer<u32>, _) = options.create();
        let _ = (writer.try_write(1), writer.try_write(2));
        let mut write = writer.write(3);
        assert!(waits(&mut write));
        while let Ok(item) = reader.try_read() {
            assert_ne!(item, 2);
        }
        assert!(ready(write).is_ok());
    }
    assert_eq!(dropped.len(), 0);
}

#[test]
fn the_callback_for_dropped_items_holds_no_lock() {
    for (mode, capacity) in DROPPING.into_iter().flat_map(|mode| [(mode, 0), (mode, 1)]) {
        let place: Arc<Mutex<Option<Writer<u32>>>> = Arc::default();
        let own = place.clone();
        let options = ChannelOptions::bounded(capacity).full_mode(mode).on_dropped(move |_: u32| {
            let writer = own.lock().unwrap().take();
            if let Some(writer) = writer {
                assert!(thread::spawn(move || writer.try_write(3).is_ok()).join().unwrap());
            }
        });
        let (writer, _reader) = options.create();
        *place.lock().unwrap() = Some(writer.clone());
        assert!(writer.try_write(1).is_ok() && ready(writer.write(2)).is_ok());
        assert!(place.lock().unwrap().is_none());
    }
}

#[test]
fn a_rendezvous_that_drops() {
    for mode in DROPPING {
        let dropped = Log::new();
        let log = dropped.clone();
        let options = ChannelOptions::bounded(0).full_mode(mode).on_dropped(move |item: u32| log.push(item));
        let (writer, reader): (Writer<u32>, _) = options.create();
        for n in 42..52 {
            assert!(matches!(ready(writer.wait_to_write()), Ok(true)));
            assert!(writer.try_write(n).is_ok());
            assert!(ready(writer.write(n)).is_ok());
            assert_eq!(dropped.take(), [n, n]);
            // A reader that waits goes first.
            for at_once in [true, false] {
                let mut read = reader.read();
                assert!(waits(&mut read));
                assert!(if at_once { writer.try_write(n).is_ok() } else { ready(writer.write(n)).is_ok() });
                assert_eq!(ready(read).unwrap(), n);
            }
            assert_eq!((dropped.len(), reader.len()), (0, 0));
        }
        assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
    }
}

#[test]
fn a_rendezvous_without_a_partner() {
    let (writer, reader) = rendezvous::<u32>();
    for _ in 0..3 {
        assert!(matches!(writer.try_write(42), Err(TryWriteError::Full(42))));
        assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
        assert!(waits(&mut reader.wait_to_read()));
        assert!(waits(&mut writer.wait_to_write()));
    }
    // A write that waits can be read, also by who takes all.
    let mut writes = [writer.write(1), writer.write(2)];
    assert!(writes.iter_mut().all(waits));
    assert!(matches!(ready(reader.wait_to_read()), Ok(true)));
    assert_eq!((reader.peek(|item| *item), reader.len()), (Some(1), 0));
    assert_eq!(reader.try_read_all(), [1, 2]);
    assert!(writes.into_iter().all(|write| ready(write).is_ok()));
    assert!(waits(&mut reader.wait_to_read()));
    // The second of three is cancelled.
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (mut first, mut second, mut third) =
        (writer.write(42), writer.write(43).with_cancellation(&token), writer.write(44));
    assert!(waits(&mut first) && waits(&mut second) && waits(&mut third));
    source.cancel();
    assert_eq!((ready(reader.read()).unwrap(), ready(reader.read()).unwrap()), (42, 44));
    assert!(ready(first).is_ok() && ready(third).is_ok());
    assert_eq!(ready(second).unwrap_err().into_inner(), 43);
}

#[test]
fn two_channels_play_ping_pong() {
    for [(ping, ping_reader), (pong, pong_reader)] in [kinds(), kinds()].map(|[_, one, none]| [one, none]) {
        let n = if cfg!(miri) { 50 } else { 20_000 };
        let other = thread::spawn(move || {
            smol::block_on(async {
                for i in 0..n {
                    assert_eq!(ping_reader.read().await.unwrap(), i);
                    pong.write(i).await.unwrap();
                }
            });
        });
        smol::block_on(async {
            for i in 0..n {
                ping.write(i).await.unwrap();
                assert_eq!(pong_reader.read().await.unwrap(), i);
            }
        });
        other.join().unwrap();
    }
}

#[test]
fn a_continuation_of_the_completion_may_use_the_channel() {
    let (writer, reader) = unbounded::<u32>();
    let seen = Log::new();
    let (log, own) = (seen.clone(), reader.clone());
    let (waker, _) = Hooks::new().on_wake(move || log.push((own.len(), own.is_closed()))).waker();
    let completion = reader.completion();
    let mut ended = (&completion).into_future();
    assert!(poll_with(&waker, &mut ended).is_pending());
    writer.try_write(1).unwrap();
    assert!(writer.try_complete());
    assert_eq!(seen.len(), 0);
    assert_eq!(reader.try_read().unwrap(), 1);
    assert_eq!(seen.take(), [(0, true)]);
    assert!(matches!(poll(&mut ended), Poll::Ready(Ok(()))));
}
