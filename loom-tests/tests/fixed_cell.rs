//! Models of cells without a heap.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use taskcell::{StaticTaskCell, StaticTaskSlot};
use taskcell_loom_tests::{Bound, Data, Drops, Tracked, Wakes, block_on, model, name, poll_once};

/// What is set: plain memory, a number, and a drop that is counted.
type Value = (Data, u8, Tracked);
type Cell<const N: usize> = StaticTaskCell<Value, N>;

/// A cell for this run of the model. It stays behind, as a static would.
fn cell<const N: usize>() -> &'static Cell<N> {
    Box::leak(Box::new(Cell::new()))
}

fn value(drops: &Drops, number: u8) -> Value {
    let data = Data::new();
    data.write();
    (data, number, drops.track())
}

/// The number of a value, which is complete.
fn number((data, number, _): &Value) -> u8 {
    data.read();
    *number
}

fn poll(slot: &mut StaticTaskSlot<'static, Value>, waker: &Waker) -> Option<u8> {
    match poll_once(slot, waker) {
        Poll::Ready(value) => Some(number(value)),
        Poll::Pending => None,
    }
}

/// A slot that waits is woken once, or told at once; either way it sees the value.
#[test]
fn fixed_cell_wait_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, wakes, drops) = (cell::<1>(), Wakes::new(), Drops::new());
        let waker = wakes.waker();
        let other = spawn(move || {
            let mut slot = cell.slot().expect("nobody else wants one");
            let ready = poll(&mut slot, &waker).is_some();
            (ready, slot)
        });
        assert!(cell.try_set(value(&drops, 1)).is_ok());
        let (ready, mut slot) = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
        assert_eq!(poll(&mut slot, &wakes.waker()), Some(1));
    });
}

/// A thread that sleeps on a slot is woken, and sees the value.
#[test]
fn fixed_cell_sleep_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, drops) = (cell::<1>(), Drops::new());
        let slot = cell.slot().expect("free");
        let other = spawn(move || number(block_on(slot)));
        assert!(cell.try_set(value(&drops, 1)).is_ok());
        assert_eq!(other.join().unwrap(), 1);
    });
}

/// One of two wins, the other gets his value back, and who looks sees a whole one.
#[test]
fn fixed_cell_two_set() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, drops) = (cell::<1>(), Drops::new());
        let (one, two) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || cell.try_set(two).map_err(|back| assert_eq!(number(&back), 2)).is_ok());
        let looks = spawn(move || cell.get().map(number));
        let first = cell.try_set(one).map_err(|back| assert_eq!(number(&back), 1)).is_ok();
        assert!(first != other.join().unwrap());
        let winner = if first { 1 } else { 2 };
        assert!(looks.join().unwrap().is_none_or(|seen| seen == winner));
        assert_eq!((cell.get().map(number), drops.count()), (Some(winner), 1));
    });
}

/// A slot that waits is given back while the cell is set.
#[test]
fn fixed_cell_leave_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, wakes, drops) = (cell::<1>(), Wakes::new(), Drops::new());
        let mut slot = cell.slot().expect("free");
        assert_eq!(poll(&mut slot, &wakes.waker()), None);
        let other = spawn(move || drop(slot));
        assert!(cell.try_set(value(&drops, 1)).is_ok());
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!(wakes.live(), 0);
    });
}

/// A slot goes from one thread to another, who waits in it, while the cell is set.
#[test]
fn fixed_cell_slot_handed_over() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, wakes, later, drops) = (cell::<1>(), Wakes::new(), Wakes::new(), Drops::new());
        let mut slot = cell.slot().expect("free");
        assert_eq!(poll(&mut slot, &wakes.waker()), None);
        let other = spawn(move || drop(slot));
        let waker = later.waker();
        let next = spawn(move || {
            let mut slot = cell.slot().ok()?;
            Some((poll(&mut slot, &waker).is_some(), slot))
        });
        assert!(cell.try_set(value(&drops, 1)).is_ok());
        other.join().unwrap();
        let waited = next.join().unwrap().map(|(ready, slot)| (!ready, drop(slot)).0);
        assert_eq!((later.count(), later.live()), (usize::from(waited == Some(true)), 0));
        assert_eq!(wakes.live(), 0);
    });
}

/// A waker is replaced while the cell is set: the last one is woken, or told.
#[test]
fn fixed_cell_replace_waker_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, first, second, drops) = (cell::<1>(), Wakes::new(), Wakes::new(), Drops::new());
        let mut slot = cell.slot().expect("free");
        assert_eq!(poll(&mut slot, &first.waker()), None);
        let waker = second.waker();
        let other = spawn(move || {
            let ready = poll(&mut slot, &waker).is_some();
            drop(waker);
            (ready, slot)
        });
        assert!(cell.try_set(value(&drops, 1)).is_ok());
        let (ready, slot) = other.join().unwrap();
        assert_eq!(second.count(), usize::from(!ready));
        assert!(first.count() <= usize::from(ready));
        assert_eq!((first.live(), second.live()), (0, 0));
        drop(slot);
    });
}

/// Writes its number down when woken.
struct Note(Arc<Mutex<Vec<u8>>>, u8);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.0.lock().unwrap().push(self.1);
    }
}

/// Two slots of which the second waits first, they are woken in that order.
#[test]
fn fixed_cell_order_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (cell, log, drops) = (cell::<2>(), Arc::default(), Drops::new());
        let (mut late, mut early) = (cell.slot().expect("free"), cell.slot().expect("free"));
        let note = |number| Waker::from(Arc::new(Note(Arc::clone(&log), number)));
        let (first, second) = (note(1), note(2));
        let other = spawn(move || {
            let told = [poll(&mut early, &first).is_some(), poll(&mut late, &second).is_some()];
            (told, early, late)
        });
        assert!(cell.try_set(value(&drops, 1)).is_ok());
        let (told, early, late) = other.join().unwrap();
        let woken = [(1, told[0]), (2, told[1])].into_iter().filter_map(|(n, told)| (!told).then_some(n));
        assert_eq!(*log.lock().unwrap(), woken.collect::<Vec<u8>>());
        drop((early, late));
    });
}
