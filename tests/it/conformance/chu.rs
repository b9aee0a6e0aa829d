//! CHU: what all channels have in common, and those without a limit.
//!
//! | entry | why there is no test |
//! |---|---|
//! | CHU-029 | moot: a writer is a type, not a trait; `wait_to_write` and `try_write` in a loop are in `chb_009` |
use crate::support::polls::{poll, ready, waits};
use crate::support::{Counter, panic_of};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::thread;
use taskcell::channel::{
    AlreadyCompleted, ChannelOptions, ReadError, Reader, TryReadError, TryWriteError, WaitError, WriteError, Writer,
    bounded, unbounded,
};
use taskcell::{CancellationTokenSource, TaskStatus};

/// A channel whose errors can be compared.
fn channel() -> (Writer<u32, &'static str>, Reader<u32, &'static str>) {
    ChannelOptions::unbounded().with_error().create()
}

#[test]
fn chu_001_an_empty_channel_gives_nothing() {
    for (_writer, reader) in [unbounded::<u32>(), bounded(1)] {
        assert!(matches!(reader.try_read(), Err(TryReadError::Empty)));
        assert_eq!(reader.peek(|item| *item), None);
        assert!(waits(&mut reader.read()));
        assert!(waits(&mut reader.wait_to_read()));
    }
}

#[test]
fn chu_002_without_a_limit_every_write_is_done_at_once() {
    let (writer, reader) = channel();
    for n in 0..1000 {
        assert!(writer.try_write(n).is_ok());
        assert!(ready(writer.write(n)).is_ok());
        assert!(matches!(ready(writer.wait_to_write()), Ok(true)));
    }
    assert_eq!((reader.len(), writer.capacity()), (2000, None));
}

#[test]
fn chu_003_first_in_first_out() {
    let (writer, reader) = channel();
    for n in [1, 2, 3] {
        writer.try_write(n).unwrap();
    }
    assert_eq!(ready(reader.read()).unwrap(), 1);
    assert_eq!(reader.try_read().unwrap(), 2);
    assert_eq!(ready(reader.read()).unwrap(), 3);
}

#[test]
fn chu_004_what_is_buffered_outlives_the_completion() {
    let (writer, reader) = channel();
    for n in [1, 2, 3] {
        writer.try_write(n).unwrap();
    }
    assert!(writer.try_complete());
    assert!(matches!(writer.try_write(4), Err(TryWriteError::Closed(4))));
    for n in [1, 2, 3] {
        assert!(!reader.completion().is_completed(), "{n} is still there");
        assert!(matches!(ready(reader.wait_to_read()), Ok(true)));
        assert_eq!(reader.try_read().unwrap(), n);
    }
    assert!(reader.completion().is_completed_successfully());
}

#[test]
fn chu_005_a_channel_that_is_completed_and_drained() {
    let (writer, reader) = channel();
    writer.try_write(1).unwrap();
    assert!(writer.try_complete());
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(matches!(ready(reader.wait_to_read()), Ok(false)));
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
    assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
    assert!(matches!(ready(writer.wait_to_write()), Ok(false)));
    assert!(matches!(ready(writer.write(2)), Err(WriteError::Closed(2))));
    assert!(matches!(writer.try_write(3), Err(TryWriteError::Closed(3))));
    assert!(ready(writer.reserve()).unwrap_err().is_closed());
    assert!(reader.is_closed() && writer.is_closed());
}

#[test]
fn chu_009_a_read_that_waits_sees_the_end() {
    let (writer, reader) = channel();
    let waker = Counter::new();
    let mut read = reader.read();
    assert!(waker.poll(&mut read).is_pending());
    assert!(writer.try_complete());
    assert_eq!(waker.wakes(), 1);
    assert!(matches!(poll(&mut read), Poll::Ready(Err(ReadError::Closed))));

    let (writer, reader) = channel();
    let mut read = reader.read();
    assert!(waker.poll(&mut read).is_pending());
    assert!(writer.try_complete_with("no paper").is_ok());
    assert_eq!(waker.wakes(), 2);
    assert!(matches!(poll(&mut read), Poll::Ready(Err(ReadError::Faulted(fault))) if *fault == "no paper"));
}

#[test]
fn chu_010_all_that_wait_to_read_see_the_end() {
    for error in [None, Some("no paper")] {
        let (writer, reader) = channel();
        let waker = Counter::new();
        let mut waits: Vec<_> = (0..4).map(|_| reader.wait_to_read()).collect();
        assert!(waits.iter_mut().all(|wait| waker.poll(wait).is_pending()));
        match error {
            None => assert!(writer.try_complete()),
            Some(error) => writer.try_complete_with(error).unwrap(),
        }
        assert_eq!(waker.wakes(), 4);
        for wait in waits {
            match (ready(wait), error) {
                (Ok(false), None) => {}
                (Err(WaitError::Faulted(fault)), Some(error)) => assert_eq!(*fault, error),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn chu_014_readers_are_served_in_their_order() {
    let (writer, reader) = channel();
    let wakers: Vec<_> = (0..4).map(|_| Counter::new()).collect();
    let readers = [(); 4].map(|()| reader.clone());
    let mut reads: Vec<_> = readers.iter().map(Reader::read).collect();
    for (waker, read) in wakers.iter().zip(&mut reads) {
        assert!(waker.poll(read).is_pending());
    }
    for n in 0..4 {
        writer.try_write(n).unwrap();
        let woken: Vec<_> = wakers.iter().map(|waker| waker.wakes()).collect();
        assert_eq!(woken.iter().sum::<usize>(), n as usize + 1, "one for each item");
        assert_eq!(woken[n as usize], 1, "the one that waits longest");
    }
    for (n, read) in reads.into_iter().enumerate() {
        assert_eq!(ready(read).unwrap(), n as u32);
    }
}

#[test]
fn chu_016_all_that_wait_to_read_wake_for_one_item() {
    let (writer, reader) = channel();
    let mut waits = [reader.wait_to_read(), reader.wait_to_read()];
    let waker = Counter::new();
    assert!(waits.iter_mut().all(|wait| waker.poll(wait).is_pending()));
    writer.try_write(1).unwrap();
    assert_eq!(waker.wakes(), 2);
    for wait in waits {
        assert!(matches!(ready(wait), Ok(true)));
    }
    assert_eq!(reader.len(), 1);
}

#[test]
fn chu_019_only_the_first_completion_counts() {
    let (writer, _reader) = channel();
    assert!(writer.complete().is_ok());
    assert!(matches!(writer.complete(), Err(AlreadyCompleted)));
    let (writer, reader) = channel();
    assert!(writer.try_complete());
    assert!(!writer.try_complete());
    assert_eq!(writer.try_complete_with("late"), Err("late"));
    assert!(reader.completion().is_completed_successfully());
    let (writer, reader) = channel();
    assert_eq!(writer.try_complete_with("first"), Ok(()));
    assert_eq!(writer.try_complete_with("second"), Err("second"));
    assert!(!writer.try_complete());
    let completion = reader.completion();
    assert_eq!(completion.try_result().unwrap().unwrap_err().fault(), Some(&"first"));
}

#[test]
fn chu_020_completion_is_one_task() {
    let (writer, reader) = channel();
    let completion = reader.completion();
    assert_eq!(completion.status(), TaskStatus::Pending);
    assert!(completion == reader.clone().completion() && completion == writer.completion());
    assert!(writer.try_complete());
    assert_eq!(completion.status(), TaskStatus::RanToCompletion);
    assert!(completion == reader.completion());
}

#[test]
fn chu_021_a_write_wakes_and_runs_nothing() {
    // .NET may run a continuation within the write; here a read is a future, and goes on when it is polled.
    let (writer, reader) = channel();
    let waker = Counter::new();
    let mut read = reader.read();
    assert!(waker.poll(&mut read).is_pending());
    writer.try_write(1).unwrap();
    assert_eq!((waker.wakes(), reader.len()), (1, 1));
    assert_eq!(ready(read).unwrap(), 1);
}

#[test]
fn chu_024_count_and_peek() {
    // .NET cannot count where there is one reader only; we always can.
    let (writer, reader) = channel();
    for n in 0..3 {
        assert_eq!((reader.len(), writer.len(), reader.is_empty()), (n, n, n == 0));
        writer.try_write(n as u32).unwrap();
        assert_eq!(reader.peek(|item| *item), Some(0));
    }
    for n in 0..3 {
        assert_eq!(reader.peek(|item| *item), Some(n));
        assert_eq!(reader.try_read().unwrap(), n);
    }
    assert_eq!((reader.len(), reader.peek(|item| *item)), (0, None));
}

#[test]
fn chu_025_order_of_one_and_sum_of_many() {
    let n = if cfg!(miri) { 200 } else { 100_000 };
    let (writer, reader) = channel();
    let producer =
        thread::spawn(move || smol::block_on(async move { (0..n).for_each(|i| writer.try_write(i).unwrap()) }));
    smol::block_on(async {
        for i in 0..n {
            assert_eq!(reader.read().await.unwrap(), i);
        }
        assert!(matches!(reader.read().await, Err(ReadError::Closed)));
    });
    producer.join().unwrap();

    let (writer, reader) = channel();
    let sum = Arc::new(AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..10 {
            let (writer, reader, sum) = (writer.clone(), reader.clone(), sum.clone());
            scope.spawn(move || {
                smol::block_on(async {
                    loop {
                        match reader.read().await {
                            Ok(item) => sum.fetch_add(item.into(), Ordering::Relaxed),
                            Err(error) => break assert!(matches!(error, ReadError::Closed)),
                        };
                    }
                });
            });
            scope.spawn(move || {
                smol::block_on(async {
                    for i in 1..=n / 10 {
                        writer.write(i).await.unwrap()
                    }
                })
            });
        }
        drop(writer);
    });
    let each = u64::from(n / 10);
    assert_eq!(sum.load(Ordering::Relaxed), 10 * each * (each + 1) / 2);
    assert!(reader.completion().is_completed_successfully());
}

#[test]
fn chu_027_a_read_gives_one_item() {
    // A future is moved into its await; one that is polled again by hand after its end says so, and takes no item.
    let (writer, reader) = channel();
    writer.try_write(1).unwrap();
    writer.try_write(2).unwrap();
    let mut read = reader.read();
    assert!(matches!(poll(&mut read), Poll::Ready(Ok(1))));
    assert!(panic_of(|| poll(&mut read)).is_some());
    drop(read);
    assert_eq!((reader.len(), reader.try_read().unwrap()), (1, 2));
}

#[test]
fn chu_028_cancelled_reads_leave_nothing() {
    let (writer, reader) = channel();
    let lasting = CancellationTokenSource::new();
    let lasting = lasting.token();
    for round in 0..2000 {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let mut own = reader.read().with_cancellation(&token);
        let mut waits_long = reader.read().with_cancellation(&lasting);
        let mut may_read = reader.wait_to_read().with_cancellation(&lasting);
        let waker = Counter::new();
        assert!(waker.poll(&mut own).is_pending());
        assert!(waker.poll(&mut waits_long).is_pending());
        assert!(waker.poll(&mut may_read).is_pending());
        assert_eq!((token.listeners(), lasting.listeners()), (1, 2));
        source.cancel();
        assert!(matches!(ready(&mut own), Err(ReadError::Cancelled(_))));
        assert_eq!(token.listeners(), 0, "also before it is dropped");
        drop((own, waits_long, may_read));
        assert_eq!((lasting.listeners(), waker.held()), (0, 0), "in round {round}");
    }
    writer.try_write(1).unwrap();
    assert_eq!(ready(reader.read()).unwrap(), 1);
}

#[test]
fn chu_031_the_last_writer_completes() {
    // .NET's completion is always explicit; here the last writer that goes completes, so that no reader waits for ever.
    let (writer, reader) = channel();
    let other = writer.clone();
    let mut read = reader.read();
    drop(writer);
    assert!(waits(&mut read) && !reader.is_closed());
    other.try_write(1).unwrap();
    drop(other);
    assert_eq!(ready(read).unwrap(), 1);
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
    assert!(reader.completion().is_completed_successfully());
}
