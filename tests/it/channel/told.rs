//! Futures of a channel that go at any time: when they wait, when they were told, or never; and what they leave behind.
use crate::support::heap::live_bytes;
use crate::support::polls::{poll, ready, waits};
use crate::support::{Counter, Dropped, forget, rounds};
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::CancellationTokenSource;
use taskcell::channel::{ReadError, TryWriteError, bounded, rendezvous, unbounded};

#[test]
fn a_read_that_was_told_and_goes_tells_the_next() {
    let (writer, reader) = unbounded::<u32>();
    let counters = [(); 4].map(|()| Counter::new());
    let mut reads: Vec<_> = (0..4).map(|_| reader.read()).collect();
    for (counter, read) in counters.iter().zip(&mut reads) {
        assert!(counter.poll(read).is_pending());
    }
    writer.try_write(1).unwrap();
    for n in 0..3 {
        let woken: Vec<_> = counters.iter().map(|counter| counter.wakes()).collect();
        assert_eq!(woken, (0..4).map(|i| usize::from(i <= n)).collect::<Vec<_>>());
        drop(reads.remove(0));
    }
    assert_eq!(counters[3].wakes(), 1);
    assert!(matches!(ready(reads.remove(0)), Ok(1)));
}

#[test]
fn two_that_were_told_and_go_tell_two() {
    let (writer, reader) = unbounded::<u32>();
    let told = Counter::new();
    let next = Counter::new();
    let mut first = [reader.read(), reader.read()];
    let mut second = [reader.read(), reader.read(), reader.read()];
    assert!(first.iter_mut().all(|read| told.poll(read).is_pending()));
    assert!(second.iter_mut().all(|read| next.poll(read).is_pending()));
    writer.try_write(1).unwrap();
    writer.try_write(2).unwrap();
    assert_eq!((told.wakes(), next.wakes()), (2, 0));
    drop(first);
    assert_eq!(next.wakes(), 2);
    let mut got = 0;
    for read in &mut second {
        got += u32::from(poll(read).is_ready());
    }
    assert_eq!(got, 2);
}

#[test]
fn a_read_that_goes_before_it_was_told_tells_nobody() {
    let (writer, reader) = unbounded::<u32>();
    let (gone, stays) = (Counter::new(), Counter::new());
    let (mut first, mut second) = (reader.read(), reader.read());
    assert!(gone.poll(&mut first).is_pending() && stays.poll(&mut second).is_pending());
    drop(first);
    assert_eq!((gone.held(), stays.wakes()), (0, 0));
    writer.try_write(1).unwrap();
    assert_eq!((gone.wakes(), stays.wakes()), (0, 1));
    assert!(matches!(ready(second), Ok(1)));
}

#[test]
fn one_that_was_told_in_vain_stands_where_it_stood() {
    let (writer, reader) = unbounded::<u32>();
    let (first, second) = (Counter::new(), Counter::new());
    let (mut one, mut two) = (reader.read(), reader.read());
    assert!(first.poll(&mut one).is_pending() && second.poll(&mut two).is_pending());
    writer.try_write(1).unwrap();
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(first.poll(&mut one).is_pending());
    writer.try_write(2).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (2, 0));
    assert!(matches!(ready(one), Ok(2)));
    assert!(waits(&mut two));
}

#[test]
fn a_write_that_is_in_stays_in_when_it_goes() {
    let (writer, reader) = bounded(1);
    writer.try_write(0).unwrap();
    let mut write = writer.write(1);
    assert!(waits(&mut write));
    assert_eq!(reader.try_read().unwrap(), 0);
    drop(write);
    assert_eq!((reader.len(), reader.try_read().unwrap()), (1, 1));
    // One that still waits takes its item with it.
    writer.try_write(0).unwrap();
    let (item, drops) = Dropped::new();
    let (items, _all) = bounded(1);
    assert!(items.try_write(Dropped::new().0).is_ok());
    let mut write = items.write(item);
    assert!(waits(&mut write));
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(write);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_permit_that_nobody_took_goes_to_the_next() {
    let (writer, reader) = bounded(1);
    writer.try_write(0).unwrap();
    let (first, second) = (Counter::new(), Counter::new());
    let mut reserve = writer.reserve();
    let mut write = writer.write(1);
    assert!(first.poll(&mut reserve).is_pending() && second.poll(&mut write).is_pending());
    assert_eq!(reader.try_read().unwrap(), 0);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    assert!(matches!(writer.try_write(9), Err(TryWriteError::Full(9))), "the room is kept for the permit");
    drop(reserve);
    assert_eq!(second.wakes(), 1);
    assert!(ready(write).is_ok());
    assert_eq!(reader.try_read().unwrap(), 1);
    // One that was taken and dropped, likewise.
    let permit = ready(writer.reserve()).unwrap();
    let mut write = writer.write(2);
    assert!(second.poll(&mut write).is_pending());
    drop(permit);
    assert_eq!((second.wakes(), reader.len()), (2, 1));
    assert!(ready(write).is_ok());
}

#[test]
fn permits_count_after_the_end() {
    let (writer, reader) = bounded(3);
    let (used, unused) = (ready(writer.reserve()).unwrap(), writer.try_reserve().unwrap());
    assert!(writer.try_complete());
    assert!(!reader.completion().is_completed());
    let mut read = reader.read();
    let counter = Counter::new();
    assert!(counter.poll(&mut read).is_pending(), "something may still come");
    assert!(used.write(1).is_ok());
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(ready(read), Ok(1)));
    let (mut last, mut may_read) = (reader.read(), reader.wait_to_read());
    assert!(counter.poll(&mut last).is_pending() && counter.poll(&mut may_read).is_pending());
    drop(unused);
    assert_eq!(counter.wakes(), 3);
    assert!(matches!(ready(last), Err(ReadError::Closed)));
    assert!(matches!(ready(may_read), Ok(false)));
    assert!(reader.completion().is_completed_successfully());
}

#[test]
fn a_rendezvous_loses_nothing_when_the_reader_goes() {
    let (writer, reader) = rendezvous();
    // A write that waits keeps its item, whoever comes and goes.
    let mut write = writer.write(1);
    let counter = Counter::new();
    assert!(counter.poll(&mut write).is_pending());
    drop(reader.read());
    assert!(waits(&mut write));
    assert_eq!(reader.try_read().unwrap(), 1);
    assert!(ready(write).is_ok());
    // One that met a reader which then went: another reader gets it.
    let mut read = reader.read();
    assert!(waits(&mut read));
    let mut write = writer.write(2);
    let met = poll(&mut write);
    drop(read);
    let mut next = reader.read();
    assert!(matches!(poll(&mut next), Poll::Ready(Ok(2))));
    assert!(met.is_ready() || ready(write).is_ok());
    // The same, and the next reader waits already.
    let (mut first, mut second) = (reader.read(), reader.read());
    assert!(waits(&mut first) && counter.poll(&mut second).is_pending());
    let wakes = counter.wakes();
    let mut write = writer.write(3);
    let met = poll(&mut write);
    drop(first);
    assert_eq!(counter.wakes(), wakes + 1);
    assert!(matches!(poll(&mut second), Poll::Ready(Ok(3))));
    assert!(met.is_ready() || ready(write).is_ok());
}

#[test]
fn a_forgotten_read_costs_one_wake_and_no_item() {
    // Whoever forgets a future keeps its place for ever: it may be told once, and then nobody else is for that item. The
    // item stays, for the next that looks or is told.
    let (writer, reader) = unbounded::<u32>();
    let mut forgotten = reader.read();
    assert!(waits(&mut forgotten));
    forget(forgotten);
    let counter = Counter::new();
    let mut read = reader.read();
    assert!(counter.poll(&mut read).is_pending());
    writer.try_write(1).unwrap();
    assert_eq!((counter.wakes(), reader.len()), (0, 1));
    writer.try_write(2).unwrap();
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(ready(read), Ok(1)));
    assert!(matches!(ready(reader.read()), Ok(2)));
    assert!(writer.try_complete());
    assert!(reader.completion().is_completed_successfully());
}

#[test]
fn a_forgotten_write_comes_in_all_the_same() {
    let (writer, reader) = bounded(1);
    writer.try_write(0).unwrap();
    let mut forgotten = writer.write(1);
    assert!(waits(&mut forgotten));
    forget(forgotten);
    assert_eq!(reader.try_read().unwrap(), 0);
    assert_eq!(reader.try_read().unwrap(), 1);
    // A permit that is forgotten keeps its room for ever.
    forget(ready(writer.reserve()).unwrap());
    assert!(matches!(writer.try_write(2), Err(TryWriteError::Full(2))));
}

#[test]
fn the_last_waker_counts() {
    let (writer, reader) = bounded(1);
    let (old, new) = (Counter::new(), Counter::new());
    let mut read = reader.read();
    assert!(old.poll(&mut read).is_pending() && new.poll(&mut read).is_pending());
    assert_eq!(old.held(), 0);
    writer.try_write(1).unwrap();
    assert_eq!((old.wakes(), new.wakes(), new.held()), (0, 1, 0));
    assert!(matches!(ready(read), Ok(1)));
    writer.try_write(2).unwrap();
    let mut write = writer.write(3);
    let mut may_write = writer.wait_to_write();
    assert!(old.poll(&mut write).is_pending() && old.poll(&mut may_write).is_pending());
    assert!(new.poll(&mut write).is_pending() && new.poll(&mut may_write).is_pending());
    // Polled again with the same: nothing is cloned.
    let held = new.held();
    assert!(new.poll(&mut write).is_pending() && new.poll(&mut may_write).is_pending());
    assert_eq!((old.held(), new.held(), held), (0, 2, 2));
    assert_eq!(reader.try_read().unwrap(), 2);
    assert_eq!((old.wakes(), new.wakes()), (0, 2));
}

#[test]
fn a_million_that_wait_and_go_keep_no_memory() {
    let token = CancellationTokenSource::new().token();
    let source = CancellationTokenSource::new();
    let live = source.token();
    let (writer, reader) = bounded(1);
    writer.try_write([0_u64; 4]).unwrap();
    let (_empty_writer, empty) = unbounded::<u32>();
    let round = || {
        let (mut read, mut may_read) = (empty.read().with_cancellation(&live), empty.wait_to_read());
        let (mut write, mut may_write) = (writer.write([1; 4]), writer.wait_to_write().with_cancellation(&token));
        let mut reserve = writer.reserve();
        assert!(waits(&mut read) && waits(&mut may_read) && waits(&mut write));
        assert!(waits(&mut may_write) && waits(&mut reserve));
    };
    (0..100).for_each(|_| round());
    let before = live_bytes();
    (0..rounds(1_000_000)).for_each(|_| round());
    let grown = live_bytes() - before;
    assert!(grown.abs() < 4096, "{grown} bytes");
    assert_eq!((live.listeners(), reader.len(), empty.len()), (0, 1, 0));
}

#[test]
fn items_that_come_and_go_keep_no_memory() {
    let (writer, reader) = unbounded::<[u64; 4]>();
    let before = live_bytes();
    for _ in 0..10 {
        (0..10_000).for_each(|_| assert!(writer.try_write([7; 4]).is_ok()));
        assert_eq!(reader.try_read_all().len(), 10_000);
    }
    let grown = live_bytes() - before;
    assert!(grown < 400_000, "{grown} bytes");
}

#[test]
fn many_cancelled_reads_leave_no_listener() {
    let (writer, reader) = unbounded::<u32>();
    let source = CancellationTokenSource::new();
    let token = source.token();
    let counter = Counter::new();
    let mut reads: Vec<_> = (0..10_000).map(|_| reader.read().with_cancellation(&token)).collect();
    assert!(reads.iter_mut().all(|read| counter.poll(read).is_pending()));
    assert_eq!(token.listeners(), 10_000);
    writer.try_write(1).unwrap();
    source.cancel();
    assert!(counter.wakes() >= 10_000);
    for read in &mut reads {
        assert!(matches!(ready(read), Err(ReadError::Cancelled(_))));
    }
    assert_eq!((token.listeners(), counter.held()), (0, 0));
    assert_eq!(reader.try_read().unwrap(), 1);
}
