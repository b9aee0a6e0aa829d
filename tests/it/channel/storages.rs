//! Storages that misbehave: comparisons, storages and closures that panic, items that panic as they are dropped.
use crate::support::polls::{ready, waits};
use crate::support::{Counter, Log, faults, panic_of};
use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use taskcell::channel::{ChannelOptions, Reader, Storage, Writer, unbounded};

#[test]
fn a_comparison_that_panics_loses_nothing() {
    let hostile = Arc::new(AtomicBool::new(false));
    let armed = hostile.clone();
    let compare = move |a: &u32, b: &u32| -> Ordering {
        assert!(!armed.load(SeqCst), "in a comparison");
        a.cmp(b)
    };
    let (writer, reader): (Writer<u32>, Reader<u32>) = ChannelOptions::unbounded().prioritized_by(compare).create();
    for n in [5, 3, 4] {
        writer.try_write(n).unwrap();
    }
    hostile.store(true, SeqCst);
    assert_eq!(panic_of(|| writer.try_write(1)), Some("in a comparison"));
    assert_eq!(reader.len(), 4, "it is in");
    let read = panic_of(|| drop(reader.try_read()));
    assert_eq!(read, Some("in a comparison"));
    hostile.store(false, SeqCst);
    let mut all = reader.try_read_all();
    all.sort_unstable();
    assert_eq!(all, [1, 3, 4, 5]);
    // And it goes on.
    let mut read = reader.read();
    let counter = Counter::new();
    assert!(counter.poll(&mut read).is_pending());
    hostile.store(true, SeqCst);
    assert!(writer.try_write(6).is_ok(), "there is nothing to compare it with");
    assert_eq!(counter.wakes(), 1);
    assert!(matches!(ready(read), Ok(6)));
}

#[test]
fn a_peek_that_panics() {
    let (writer, reader) = unbounded::<u32>();
    writer.try_write(1).unwrap();
    assert_eq!(panic_of(|| reader.peek(|_| panic!("in a peek"))), Some("in a peek"));
    assert_eq!(reader.try_read().unwrap(), 1);
    writer.try_write(2).unwrap();
    assert!(writer.try_complete());
    assert_eq!(ready(reader.read()).unwrap(), 2);
}

/// Says what becomes of it, and panics.
struct Angry(u32, Log<u32>);

impl Drop for Angry {
    fn drop(&mut self) {
        self.1.push(self.0);
        panic!("in an item");
    }
}

#[test]
fn items_of_a_storage_that_all_panic() {
    let dropped = Log::new();
    for kind in 0..3 {
        let options = ChannelOptions::<Angry>::unbounded();
        let options = match kind {
            0 => options,
            1 => options.lifo(),
            _ => options.prioritized_by(|a, b| b.0.cmp(&a.0)),
        };
        let (writer, reader) = options.with_error::<u32>().create();
        for n in 0..3 {
            assert!(writer.try_write(Angry(n, dropped.clone())).is_ok());
        }
        let counter = Counter::new();
        let mut completion = reader.completion().into_future();
        assert!(counter.poll(&mut completion).is_pending());
        assert_eq!(panic_of(move || drop(reader)), Some("in an item"));
        assert_eq!(dropped.take(), if kind == 0 { [0, 1, 2] } else { [2, 1, 0] });
        assert_eq!(counter.wakes(), 1);
        assert!(ready(completion).is_ok());
    }
}

/// Panics whenever something is taken out.
struct Broken(Vec<u32>);

impl Storage<u32> for Broken {
    fn insert(&mut self, item: u32) {
        self.0.push(item);
    }
    fn remove(&mut self) -> Option<u32> {
        panic!("in a storage")
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn peek(&self) -> Option<&u32> {
        self.0.last()
    }
}

#[test]
fn a_storage_that_always_panics() {
    let faults = faults::watch();
    let (writer, reader): (Writer<u32>, Reader<u32>) = ChannelOptions::bounded(1).storage(Broken(Vec::new())).create();
    let mut first = reader.read();
    assert!(waits(&mut first));
    writer.try_write(1).unwrap();
    assert_eq!(panic_of(|| ready(&mut first).is_ok()), Some("in a storage"));
    assert_eq!(panic_of(|| drop(reader.try_read())), Some("in a storage"));
    assert_eq!(panic_of(|| drop(reader.read().with_cancellation(&taskcell::CancellationToken::NONE))), None);
    let mut write = writer.write(2);
    assert!(waits(&mut write));
    assert!(writer.try_complete());
    assert_eq!(ready(write).unwrap_err().into_inner(), 2);
    drop(first);
    // It goes as a whole in the end.
    let _ = panic_of(move || drop(reader));
    assert!(faults.saw("in a storage") || writer.is_closed());
    assert!(writer.completion().is_completed_successfully());
}
