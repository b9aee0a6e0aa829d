//! DFB: Dataflow's `BufferBlock`, where it is about buffering, completion and cancellation. `Post` is `try_write`,
//! `SendAsync` is `write`, `ReceiveAsync` is `read`, `OutputAvailableAsync` is `wait_to_read`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | DFB-020 | out of scope: links between blocks |
//! | DFB-023 | out of scope: links between blocks |
//! | DFB-024 | out of scope: links between blocks |
//! | DFB-025 | out of scope: links between blocks |
//! | DFB-026 | out of scope: links between blocks |
//! | DFB-027 | out of scope: links between blocks |
//! | DFB-040 | out of scope: links between blocks |
use crate::support::polls::{ready, waits};
use crate::support::{Counter, Log};
use core::time::Duration;
use futures_util::StreamExt;
use std::thread;
use taskcell::channel::{
    ChannelOptions, ReadError, Reader, TryReadError, TryWriteError, WaitError, WriteError, Writer, bounded, unbounded,
};
use taskcell::time::ManualClock;
use taskcell::{CancellationToken, CancellationTokenSource, TaskError, TaskStatus, timeout_on};

type Block = (Writer<u32, &'static str>, Reader<u32, &'static str>);

fn block() -> Block {
    ChannelOptions::unbounded().with_error().create()
}

fn with_token(capacity: usize, token: &CancellationToken) -> Block {
    ChannelOptions::bounded(capacity).token(token).with_error().create()
}

#[test]
fn dfb_001_post_and_receive() {
    let (writer, reader) = block();
    for n in 1..=3 {
        assert!(writer.try_write(n).is_ok());
        assert_eq!(reader.len(), n as usize);
    }
    for n in 1..=3 {
        assert_eq!(ready(reader.read()).unwrap(), n);
        assert_eq!(reader.len(), 3 - n as usize);
    }
}

#[test]
fn dfb_002_a_full_block() {
    let (writer, reader) = bounded(1);
    writer.try_write(1).unwrap();
    assert!(matches!(writer.try_write(2), Err(TryWriteError::Full(2))));
    let mut send = writer.write(3);
    assert!(waits(&mut send));
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(ready(send).is_ok());
    assert_eq!(reader.try_read().unwrap(), 3);
}

#[test]
fn dfb_003_completion_is_after_the_drain() {
    let (writer, reader) = block();
    writer.try_write(1).unwrap();
    writer.try_write(2).unwrap();
    assert!(writer.try_complete());
    assert!(writer.try_write(3).is_err());
    assert_eq!(ready(reader.read()).unwrap(), 1);
    assert_eq!(reader.completion().status(), TaskStatus::Pending);
    assert_eq!(ready(reader.read()).unwrap(), 2);
    assert_eq!(reader.completion().status(), TaskStatus::RanToCompletion);
}

#[test]
fn dfb_004_sends_that_wait_are_refused_at_the_completion() {
    // .NET says false and loses the items; here each comes back with its item.
    let (writer, reader) = bounded(1);
    writer.try_write(0).unwrap();
    let waker = Counter::new();
    let mut sends = [writer.write(1), writer.write(2)];
    assert!(sends.iter_mut().all(|send| waker.poll(send).is_pending()));
    assert!(writer.try_complete());
    assert_eq!(waker.wakes(), 2);
    for (n, send) in [1, 2].into_iter().zip(sends) {
        match ready(send) {
            Err(WriteError::Closed(item)) => assert_eq!(item, n),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(reader.try_read_all(), [0]);
    assert!(reader.completion().is_completed_successfully());
}

#[test]
fn dfb_007_the_options_token_is_already_cancelled() {
    let token = CancellationToken::new(true);
    let (writer, reader) = with_token(1, &token);
    // .NET says false, and that the operation is not valid: it is closed. Why is in the completion.
    assert!(matches!(writer.try_write(1), Err(TryWriteError::Closed(1))));
    assert!(matches!(ready(writer.write(2)), Err(WriteError::Closed(2))));
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
    assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
    match reader.completion().try_result() {
        Some(Err(TaskError::Cancelled(cancelled))) => assert_eq!(cancelled.token(), &token),
        other => panic!("{other:?}"),
    }
    assert_eq!(reader.completion().status(), TaskStatus::Cancelled);
    assert_eq!(token.listeners(), 0);
}

#[test]
fn dfb_008_the_options_token_is_cancelled_later() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let (writer, reader) = with_token(1, &token);
    writer.try_write(0).unwrap();
    let waker = Counter::new();
    let mut sends = [writer.write(1), writer.write(2)];
    assert!(sends.iter_mut().all(|send| waker.poll(send).is_pending()));
    source.cancel();
    assert_eq!(waker.wakes(), 2);
    assert_eq!(reader.completion().status(), TaskStatus::Cancelled);
    assert_eq!((reader.len(), reader.peek(|item| *item)), (0, None), "what was buffered is gone");
    for (n, send) in [1, 2].into_iter().zip(sends) {
        match ready(send) {
            Err(WriteError::Closed(item)) => assert_eq!(item, n),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
    assert!(!writer.try_complete());
    // Those who wait for items see it, too; and a channel that goes leaves nothing at the token.
    let source = CancellationTokenSource::new();
    let (writer, reader) = with_token(1, &source.token());
    let (mut read, mut available) = (reader.read(), reader.wait_to_read());
    assert!(waits(&mut read) && waits(&mut available));
    source.cancel();
    assert!(matches!(ready(read), Err(ReadError::Closed)));
    assert!(matches!(ready(available), Ok(false)));
    drop((writer, reader));
    let source = CancellationTokenSource::new();
    drop(with_token(1, &source.token()));
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn dfb_009_is_there_output() {
    let (writer, reader) = block();
    let mut available = reader.wait_to_read();
    assert!(waits(&mut available));
    writer.try_write(1).unwrap();
    assert!(matches!(ready(available), Ok(true)));
    assert_eq!(reader.len(), 1);
    assert!(writer.try_complete());
    assert!(matches!(ready(reader.wait_to_read()), Ok(true)), "completed with data");
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(matches!(ready(reader.wait_to_read()), Ok(false)));
    // .NET's block says false where it is faulted, its channels throw: so do we.
    let (writer, reader) = block();
    writer.try_complete_with("no paper").unwrap();
    assert!(matches!(ready(reader.wait_to_read()), Err(WaitError::Faulted(_))));
}

#[test]
fn dfb_011_waiting_for_output_is_cancelled() {
    let (writer, reader) = block();
    writer.try_write(1).unwrap();
    let none = CancellationToken::new(true);
    assert!(matches!(ready(reader.wait_to_read().with_cancellation(&none)), Err(WaitError::Cancelled(_))));
    assert_eq!(reader.try_read().unwrap(), 1);
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut available = reader.wait_to_read().with_cancellation(&token);
    assert!(waits(&mut available));
    source.cancel();
    assert!(matches!(ready(available), Err(WaitError::Cancelled(_))));
}

#[test]
fn dfb_012_a_cancelled_receive_takes_nothing() {
    let (writer, reader) = block();
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut receive = reader.read().with_cancellation(&token);
    assert!(waits(&mut receive));
    source.cancel();
    writer.try_write(5).unwrap();
    assert!(matches!(ready(receive), Err(ReadError::Cancelled(_))));
    assert_eq!(reader.try_read().unwrap(), 5);
    // Told first, cancelled afterwards.
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut receive = reader.read().with_cancellation(&token);
    let mut next = reader.read();
    let waker = Counter::new();
    assert!(waits(&mut receive) && waker.poll(&mut next).is_pending());
    writer.try_write(6).unwrap();
    source.cancel();
    assert!(matches!(ready(receive), Err(ReadError::Cancelled(_))));
    assert_eq!(waker.wakes(), 1, "the next in line is told instead");
    assert_eq!(ready(next).unwrap(), 6);
}

#[test]
fn dfb_013_a_receive_that_takes_too_long() {
    let (writer, reader) = block();
    let clock = ManualClock::new();
    let mut receive = Box::pin(timeout_on(&clock, Duration::from_millis(20), reader.read()));
    assert!(waits(&mut receive));
    clock.advance(Duration::from_millis(20));
    assert!(ready(receive).is_err());
    assert_eq!(clock.armed(), 0);
    writer.try_write(5).unwrap();
    assert_eq!(reader.try_read().unwrap(), 5);
}

#[test]
fn dfb_015_receives_are_served_in_their_order() {
    let (writer, reader) = block();
    let mut receives: Vec<_> = (0..4).map(|_| reader.read()).collect();
    assert!(receives.iter_mut().all(waits));
    for n in 0..4 {
        writer.try_write(n).unwrap();
    }
    for (n, receive) in receives.into_iter().enumerate() {
        assert_eq!(ready(receive).unwrap(), n as u32);
    }
}

#[test]
fn dfb_017_all_at_once() {
    let (writer, reader) = block();
    for n in 1..=3 {
        writer.try_write(n).unwrap();
    }
    assert_eq!(reader.try_read_all(), [1, 2, 3]);
    assert_eq!(reader.len(), 0);
    assert_eq!(reader.try_read_all(), []);
    // Room for as many that wait.
    let (writer, reader) = bounded(2);
    writer.try_write(1).unwrap();
    writer.try_write(2).unwrap();
    let mut sends: Vec<_> = (3..=5).map(|n| writer.write(n)).collect();
    assert!(sends.iter_mut().all(waits));
    let all = reader.try_read_all();
    assert_eq!(all[..2], [1, 2]);
    let mut seen = all;
    while seen.len() < 5 {
        seen.extend(reader.try_read_all());
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert!(sends.into_iter().all(|send| ready(send).is_ok()));
}

#[test]
fn dfb_029_a_cancelled_send_is_not_delivered() {
    let (writer, reader) = bounded(1);
    let none = CancellationToken::new(true);
    match ready(writer.write(1).with_cancellation(&none)) {
        Err(WriteError::Cancelled(item, _)) => assert_eq!(item, 1),
        other => panic!("{other:?}"),
    }
    assert!(matches!(reader.try_read(), Err(TryReadError::Empty)), "also where there is room");
    writer.try_write(2).unwrap();
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut send = writer.write(3).with_cancellation(&token);
    assert!(waits(&mut send));
    source.cancel();
    assert_eq!(ready(send).unwrap_err().into_inner(), 3);
    assert_eq!((reader.try_read().unwrap(), reader.len()), (2, 0));
}

#[test]
fn dfb_030_sends_are_accepted_in_their_order() {
    let (writer, reader) = bounded(1);
    writer.try_write(0).unwrap();
    let mut sends: Vec<_> = (1..=3).map(|n| writer.write(n)).collect();
    assert!(sends.iter_mut().all(waits));
    for n in 0..4 {
        assert_eq!(ready(reader.read()).unwrap(), n);
    }
    assert!(sends.into_iter().all(|send| ready(send).is_ok()));
}

#[test]
fn dfb_032_only_the_first_fault_counts() {
    let (writer, reader) = block();
    assert_eq!(writer.try_complete_with("f1"), Ok(()));
    assert_eq!(writer.try_complete_with("f2"), Err("f2"));
    assert!(!writer.try_complete());
    let completion = reader.completion();
    let error = completion.try_result().unwrap().unwrap_err();
    assert_eq!(error.errors().collect::<Vec<_>>(), [&"f1"]);
    // A block that is faulted loses its items; a channel's are read first.
    let (writer, reader) = block();
    writer.try_write(1).unwrap();
    writer.try_complete_with("f1").unwrap();
    assert_eq!(reader.completion().status(), TaskStatus::Pending);
    assert_eq!(ready(reader.read()).unwrap(), 1);
    assert!(matches!(ready(reader.read()), Err(ReadError::Faulted(_))));
    assert_eq!(reader.completion().status(), TaskStatus::Faulted);
}

#[test]
fn dfb_033_capacities() {
    // .NET refuses 0 and everything below -1, and takes -1 for no limit. Here 0 is a rendezvous, as in its channels, and no
    // limit has a name.
    assert_eq!(unbounded::<u32>().0.capacity(), None);
    assert_eq!(bounded::<u32>(5).0.capacity(), Some(5));
    assert_eq!(bounded::<u32>(0).0.capacity(), Some(0));
}

#[test]
fn dfb_035_what_can_be_done_is_done_at_the_first_poll() {
    let (writer, reader) = bounded(1);
    assert!(ready(writer.write(1)).is_ok());
    assert_eq!(ready(reader.read()).unwrap(), 1);
    // Before it is polled nothing has happened.
    let write = writer.write(2);
    assert!(reader.is_empty());
    drop(write);
    assert!(reader.is_empty());
}

#[test]
fn dfb_036_a_receiver_goes_on_when_it_is_polled() {
    let (writer, reader) = block();
    let seen = Log::new();
    let log = seen.clone();
    let mut receiver = Box::pin(async move { log.push(reader.read().await.unwrap()) });
    assert!(waits(&mut receiver));
    writer.try_write(1).unwrap();
    assert_eq!(seen.len(), 0);
    ready(receiver);
    assert_eq!(seen.take(), [1]);
}

#[test]
fn dfb_038_four_consumers() {
    let (writer, reader) = block();
    let seen = Log::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            let (reader, seen) = (reader.clone(), seen.clone());
            scope.spawn(move || {
                smol::block_on(async {
                    while reader.wait_to_read().await.unwrap() {
                        while let Ok(item) = reader.try_read() {
                            seen.push(item);
                        }
                    }
                });
            });
        }
        for n in 0..1000 {
            writer.try_write(n).unwrap();
        }
        assert!(writer.try_complete());
    });
    let mut seen = seen.take();
    seen.sort_unstable();
    assert_eq!(seen, (0..1000).collect::<Vec<_>>());
}

#[test]
fn dfb_039_receive_all() {
    let (writer, reader) = block();
    writer.try_write(1).unwrap();
    writer.try_write(2).unwrap();
    assert!(writer.try_complete());
    let all: Vec<_> = smol::block_on(reader.read_all().map(Result::unwrap).collect());
    assert_eq!(all, [1, 2]);
    // .NET's block ends without its fault; a channel gives it once, as its `ReadAllAsync` does.
    let (writer, reader) = block();
    writer.try_complete_with("no paper").unwrap();
    let all: Vec<_> = smol::block_on(reader.read_all().collect());
    assert!(matches!(&all[..], [Err(ReadError::Faulted(_))]));
    // .NET's block gives what is buffered before it looks at the token; a channel's items stay where they are.
    let (writer, reader) = block();
    writer.try_write(1).unwrap();
    let all: Vec<_> = smol::block_on(reader.read_all().with_cancellation(&CancellationToken::new(true)).collect());
    assert!(matches!(&all[..], [Err(ReadError::Cancelled(_))]));
    assert_eq!(reader.len(), 1);
}
