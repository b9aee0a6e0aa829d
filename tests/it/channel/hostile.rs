//! Channels under hostile wakers, items and callbacks: their clone, wake and drop use the same channel, or panic.
use crate::support::exec::{Executor, Inline};
use crate::support::hooked::Hooks;
use crate::support::polls::{ready, waits};
use crate::support::{Counter, Latch, Log, faults, panic_of, poll_with};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use taskcell::CancellationTokenSource;
use taskcell::channel::{ChannelOptions, FullMode, Reader, Writer, bounded, rendezvous, unbounded};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Everything that a hook may do to a channel: none of it may deadlock.
fn use_everything(writer: &Writer<u32>, reader: &Reader<u32>) {
    if DEPTH.get() > 2 {
        return;
    }
    DEPTH.set(DEPTH.get() + 1);
    let counter = Counter::new();
    let waker = counter.waker();
    let (mut read, mut may_read) = (reader.read(), reader.wait_to_read());
    let (mut write, mut may_write, mut reserve) = (writer.write(100), writer.wait_to_write(), writer.reserve());
    let (reads, may) = (poll_with(&waker, &mut read).is_pending(), poll_with(&waker, &mut may_write).is_pending());
    let _ = (poll_with(&waker, &mut write), poll_with(&waker, &mut may_read));
    drop(poll_with(&waker, &mut reserve));
    let _ = (writer.try_write(101), reader.try_read(), writer.try_reserve().map(|permit| permit.write(102)));
    let _ = (reader.len(), reader.peek(|item| *item), reader.is_closed(), format!("{reader:?}{writer:?}"));
    if reads && may {
        let _ = (poll_with(&waker, &mut read), poll_with(&waker, &mut may_write));
    }
    drop((read, may_read, write, may_write, reserve));
    let _ = reader.try_read_all();
    drop((writer.clone(), reader.clone(), reader.completion()));
    DEPTH.set(DEPTH.get() - 1);
}

/// One of each kind of channel.
fn kinds() -> [(Writer<u32>, Reader<u32>); 4] {
    let dropping = ChannelOptions::bounded(1).full_mode(FullMode::DropOldest).create();
    [unbounded(), bounded(1), rendezvous(), dropping]
}

#[test]
fn every_hook_may_use_the_channel() {
    for (writer, reader) in kinds() {
        let hook = || {
            let (writer, reader) = (writer.clone(), reader.clone());
            move || use_everything(&writer, &reader)
        };
        let (waker, counts) = Hooks::new().on_clone(hook()).on_wake(hook()).on_drop(hook()).waker();
        for complete in [false, true] {
            let mut reads: Vec<_> = (0..3).map(|_| reader.read()).collect();
            let mut may_read: Vec<_> = (0..3).map(|_| reader.wait_to_read()).collect();
            let mut writes: Vec<_> = (0..3).map(|n| writer.write(n)).collect();
            let mut may_write: Vec<_> = (0..3).map(|_| writer.wait_to_write()).collect();
            let mut reserves: Vec<_> = (0..3).map(|_| writer.reserve()).collect();
            let mut all = |waker: &Waker| {
                reads.retain_mut(|future| poll_with(waker, future).is_pending());
                may_read.retain_mut(|future| poll_with(waker, future).is_pending());
                writes.retain_mut(|future| poll_with(waker, future).is_pending());
                may_write.retain_mut(|future| poll_with(waker, future).is_pending());
                reserves.retain_mut(|future| poll_with(waker, future).is_pending());
            };
            all(&waker);
            all(&Counter::new().waker());
            all(&waker);
            use_everything(&writer, &reader);
            if complete {
                writer.try_complete();
                all(&waker);
                assert!(writes.is_empty() && may_write.is_empty() && reserves.is_empty());
            }
        }
        let _ = reader.try_read_all();
        assert!(reader.completion().is_completed_successfully());
        assert!(counts.clones.load(Ordering::SeqCst) > 0);
        drop(waker);
    }
}

#[test]
fn an_executor_that_polls_inside_wake() {
    for capacity in [0, 1, 2, 100] {
        let (writer, reader) = bounded::<u32>(capacity);
        let (sum, ended) = (Arc::new(AtomicU64::new(0)), Latch::new());
        for _ in 0..2 {
            let (reader, sum, ended) = (reader.clone(), sum.clone(), ended.clone());
            Inline.spawn(async move {
                while let Ok(item) = reader.read().await {
                    sum.fetch_add(item.into(), Ordering::SeqCst);
                }
                ended.arrive();
            });
        }
        for _ in 0..2 {
            let writer = writer.clone();
            Inline.spawn(async move {
                for n in 1..=50 {
                    writer.write(n).await.unwrap();
                    writer.reserve().await.unwrap().write(n).unwrap();
                    while writer.wait_to_write().await.unwrap() && writer.try_write(n).is_err() {}
                }
            });
        }
        drop((writer, reader));
        Inline.run(async move { ended.reached(2).await });
        assert_eq!(sum.load(Ordering::SeqCst), 2 * 3 * 50 * 51 / 2, "capacity {capacity}");
    }
}

#[test]
fn a_waker_that_panics_stops_no_other() {
    let (writer, reader) = unbounded::<u32>();
    let (waker, _) = Hooks::new().on_wake(|| panic!("in wake")).waker();
    let counter = Counter::new();
    let mut waiting = [reader.wait_to_read(), reader.wait_to_read(), reader.wait_to_read()];
    for (n, wait) in waiting.iter_mut().enumerate() {
        assert!(if n == 1 { poll_with(&waker, wait) } else { counter.poll(wait) }.is_pending());
    }
    assert_eq!(panic_of(|| writer.try_write(1)), Some("in wake"));
    assert_eq!((counter.wakes(), reader.len()), (2, 1));
    for wait in waiting {
        assert!(matches!(ready(wait), Ok(true)));
    }
    // The reader that was to be told is told: its poll finds the item.
    let mut read = reader.read();
    assert!(matches!(ready(&mut read), Ok(1)));
    let mut read = reader.read();
    assert!(poll_with(&waker, &mut read).is_pending());
    assert_eq!(panic_of(|| writer.try_write(2)), Some("in wake"));
    assert!(matches!(ready(read), Ok(2)));
    // All are told of the end, and the completion is complete, whoever panics.
    let mut reads = [reader.read(), reader.read(), reader.read()];
    for (n, read) in reads.iter_mut().enumerate() {
        assert!(if n == 1 { poll_with(&waker, read) } else { counter.poll(read) }.is_pending());
    }
    assert_eq!(panic_of(|| writer.try_complete()), Some("in wake"));
    assert_eq!(counter.wakes(), 4);
    assert!(reader.completion().is_completed_successfully());
    assert!(reads.into_iter().all(|read| ready(read).is_err()));
}

#[test]
fn a_writers_waker_that_panics_leaves_its_item_in() {
    let (writer, reader) = bounded(1);
    writer.try_write(0).unwrap();
    let (waker, _) = Hooks::new().on_wake(|| panic!("in a writer's wake")).waker();
    let mut writes = [writer.write(1), writer.write(2)];
    assert!(poll_with(&waker, &mut writes[0]).is_pending());
    assert!(waits(&mut writes[1]));
    // A read has an item to give, so the panic is reported.
    let faults = faults::watch();
    assert_eq!(reader.try_read().unwrap(), 0);
    assert!(faults.saw("in a writer's wake"));
    assert_eq!(reader.len(), 1);
    assert_eq!(reader.try_read().unwrap(), 1);
    assert_eq!(reader.try_read().unwrap(), 2);
    assert!(writes.into_iter().all(|write| ready(write).is_ok()));
}

#[test]
fn a_waker_that_panics_in_its_clone_is_not_in_line() {
    let (writer, reader) = bounded(1);
    let (waker, _) = Hooks::new().on_clone(|| panic!("in clone")).waker();
    let mut read = reader.read();
    assert_eq!(panic_of(|| poll_with(&waker, &mut read).is_ready()), Some("in clone"));
    let counter = Counter::new();
    let mut next = reader.read();
    assert!(counter.poll(&mut next).is_pending());
    writer.try_write(1).unwrap();
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(ready(next), Ok(1)));
    // It may be polled again with another.
    assert!(counter.poll(&mut read).is_pending());
    writer.try_write(2).unwrap();
    assert!(matches!(ready(read), Ok(2)));
    writer.try_write(3).unwrap();
    let mut write = writer.write(4);
    assert_eq!(panic_of(|| poll_with(&waker, &mut write).is_ready()), Some("in clone"));
    assert_eq!(reader.try_read().unwrap(), 3);
    assert_eq!(reader.len(), 0, "it does not wait");
    assert!(ready(write).is_ok());
    assert_eq!(reader.try_read().unwrap(), 4);
}

#[test]
fn a_waker_that_panics_in_its_drop() {
    let (writer, reader) = unbounded::<u32>();
    let panics = Arc::new(AtomicBool::new(true));
    let armed = panics.clone();
    let (waker, _) = Hooks::new().on_drop(move || assert!(!armed.load(Ordering::SeqCst), "in drop")).waker();
    let (mut first, mut second) = (reader.read(), reader.read());
    assert!(poll_with(&waker, &mut first).is_pending());
    let counter = Counter::new();
    assert!(counter.poll(&mut second).is_pending());
    // It is replaced, and panics: the new one stands where it stood.
    assert_eq!(panic_of(|| counter.poll(&mut first).is_ready()), Some("in drop"));
    writer.try_write(1).unwrap();
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(ready(&mut first), Ok(1)));
    writer.try_write(2).unwrap();
    assert!(matches!(ready(second), Ok(2)));
    let mut dropped = reader.read();
    assert!(poll_with(&waker, &mut dropped).is_pending());
    assert!(panic_of(move || drop(dropped)).is_some());
    writer.try_write(3).unwrap();
    assert_eq!(reader.try_read().unwrap(), 3);
    panics.store(false, Ordering::SeqCst);
}

/// An item whose drop runs the test's own code.
struct Item(u32, Option<Box<dyn FnOnce() + Send + Sync>>);

impl Item {
    fn new(number: u32, on_drop: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(number, Some(Box::new(on_drop)))
    }
    /// The number, without what its drop does.
    fn number(mut self) -> u32 {
        self.1 = None;
        self.0
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if let Some(on_drop) = self.1.take() {
            on_drop();
        }
    }
}

#[test]
fn items_that_panic_when_they_are_dropped() {
    // All others are dropped, whatever one of them does; and who waits is told.
    let (writer, reader) = bounded::<Item>(3);
    let dropped = Log::new();
    for n in 0..3 {
        let log = dropped.clone();
        let item = Item::new(n, move || {
            log.push(n);
            assert!(n != 1, "in an item");
        });
        assert!(writer.try_write(item).is_ok());
    }
    let (mut write, mut may_write) = (writer.write(Item::new(3, || ())), writer.wait_to_write());
    let counter = Counter::new();
    assert!(counter.poll(&mut write).is_pending() && counter.poll(&mut may_write).is_pending());
    assert!(panic_of(move || drop(reader)).is_some());
    assert_eq!(dropped.take(), [0, 1, 2]);
    assert_eq!(counter.wakes(), 2);
    assert_eq!(ready(write).unwrap_err().into_inner().number(), 3);
    assert!(writer.is_closed());

    // A full mode drops one that panics.
    let (writer, reader) = ChannelOptions::bounded(1).full_mode(FullMode::DropOldest).create();
    let _: &Writer<Item> = &writer;
    assert!(writer.try_write(Item::new(0, || panic!("in an item"))).is_ok());
    let _ = panic_of(|| writer.try_write(Item::new(1, || ())).is_ok());
    assert_eq!(reader.try_read().ok().map(Item::number), Some(1));

    // So does a token.
    let source = CancellationTokenSource::new();
    let (writer, reader): (Writer<Item>, _) = ChannelOptions::bounded(2).token(&source.token()).create();
    let log = dropped.clone();
    assert!(writer.try_write(Item::new(0, || panic!("in an item"))).is_ok());
    assert!(writer.try_write(Item::new(1, move || log.push(1))).is_ok());
    let completion = reader.completion();
    let _ = panic_of(|| source.cancel());
    assert_eq!((dropped.take(), reader.len()), (vec![1], 0));
    assert!(completion.is_cancelled());
}

#[test]
fn items_whose_drop_uses_the_channel() {
    type Place = Arc<Mutex<Option<(Writer<Item>, Reader<Item>)>>>;
    let place = Place::default();
    let nested = Log::new();
    let item = |n: u32| {
        let (place, nested) = (place.clone(), nested.clone());
        Item::new(n, move || {
            let handles = place.lock().unwrap().take();
            let Some((writer, reader)) = handles else { return };
            nested.push((n, reader.len(), writer.try_write(Item::new(100 + n, || ())).is_ok()));
            drop(reader.read());
            *place.lock().unwrap() = Some((writer, reader));
        })
    };
    let dropping = ChannelOptions::bounded(2).full_mode(FullMode::DropNewest);
    let (writer, reader) = dropping.create();
    *place.lock().unwrap() = Some((writer.clone(), reader.clone()));
    for n in 0..3 {
        assert!(writer.try_write(item(n)).is_ok());
    }
    // The second gave way to the third; its drop wrote one more, for which the third gave way while the place was empty.
    assert_eq!(nested.take(), [(1, 2, true)]);
    drop(reader.try_read());
    assert_eq!(nested.len(), 1);
    drop(nested.take());
    // Here the channel goes with what it holds, and the last handles are those of the items' own.
    assert!(writer.try_write(item(7)).is_ok());
    drop((writer, reader));
    let handles = place.lock().unwrap().take();
    drop(handles);
    // Cyclic ownership is the caller's affair: this one was taken apart by hand.
    assert!(place.lock().unwrap().is_none());
}

#[test]
fn a_callback_for_dropped_items_uses_the_channel() {
    let place: Arc<Mutex<Option<Writer<u32>>>> = Arc::default();
    let (own, dropped) = (place.clone(), Log::new());
    let log = dropped.clone();
    let (writer, reader) = ChannelOptions::bounded(1)
        .full_mode(FullMode::DropOldest)
        .on_dropped(move |item: u32| {
            log.push(item);
            let writer = own.lock().unwrap().clone();
            // Until it has written 3 itself.
            if let (Some(writer), true) = (writer, item < 3) {
                writer.try_write(item + 2).unwrap();
            }
        })
        .create();
    *place.lock().unwrap() = Some(writer.clone());
    writer.try_write(1).unwrap();
    writer.try_write(2).unwrap();
    assert_eq!(dropped.take(), [1, 2, 3]);
    assert_eq!(reader.try_read_all(), [4]);
    *place.lock().unwrap() = None;
}

#[test]
fn a_callback_for_dropped_items_panics() {
    let (writer, reader): (Writer<u32>, Reader<u32>) =
        ChannelOptions::bounded(1).full_mode(FullMode::DropOldest).on_dropped(|_| panic!("in the callback")).create();
    writer.try_write(1).unwrap();
    assert_eq!(panic_of(|| writer.try_write(2)), Some("in the callback"));
    assert_eq!(panic_of(|| ready(writer.write(3))), Some("in the callback"));
    assert_eq!(reader.try_read_all(), [3]);
    // A reader that waits is told of an item even so.
    let counter = Counter::new();
    let mut read = reader.read();
    assert!(counter.poll(&mut read).is_pending());
    writer.try_write(4).unwrap();
    assert_eq!(panic_of(|| writer.try_write(5)), Some("in the callback"));
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(ready(read), Ok(5)));
}

#[test]
fn the_last_handles_go_inside_a_wake() {
    // The last writer, in the wake of a reader: another reader learns of the end.
    let (writer, reader) = bounded::<u32>(1);
    let permit = ready(writer.reserve()).unwrap();
    let place = Mutex::new(Some(writer));
    let (waker, _) = Hooks::new().on_wake(move || drop(place.lock().unwrap().take())).waker();
    let counter = Counter::new();
    let (mut first, mut second) = (reader.read(), reader.read());
    assert!(poll_with(&waker, &mut first).is_pending() && counter.poll(&mut second).is_pending());
    assert!(permit.write(1).is_ok());
    assert!(reader.is_closed());
    assert!(matches!(ready(first), Ok(1)));
    assert_eq!(counter.wakes(), 1);
    assert!(ready(second).is_err());

    // The last reader, in the wake of a writer: its item was in by then, and goes with the reader.
    let (writer, reader) = bounded::<u32>(1);
    let permit = ready(writer.reserve()).unwrap();
    let place = Mutex::new(Some(reader));
    let (waker, _) = Hooks::new().on_wake(move || drop(place.lock().unwrap().take())).waker();
    let mut writes = [writer.write(1), writer.write(2)];
    assert!(poll_with(&waker, &mut writes[0]).is_pending() && counter.poll(&mut writes[1]).is_pending());
    drop(permit);
    assert!(writer.is_closed() && writer.is_empty());
    let [first, second] = writes;
    assert!(ready(first).is_ok());
    assert_eq!(counter.wakes(), 2);
    assert_eq!(ready(second).unwrap_err().into_inner(), 2);
}

#[test]
fn who_is_woken_by_the_end_sees_the_completion() {
    for (writer, reader) in kinds() {
        let (completion, seen) = (reader.completion(), Log::new());
        let log = seen.clone();
        let (waker, _) = Hooks::new().on_wake(move || log.push(completion.is_completed())).waker();
        let (mut read, mut may_read) = (reader.read(), reader.wait_to_read());
        assert!(poll_with(&waker, &mut read).is_pending() && poll_with(&waker, &mut may_read).is_pending());
        assert!(writer.try_complete());
        assert_eq!(seen.take(), [true, true]);
    }
}
