//! Cells in a `static`: on every tier, whatever the waker does.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use taskcell::{Full, StaticTaskCell, StaticTaskSlot};

/// Calls something at each wake.
struct Call<F>(F);

impl<F: Fn() + Send + Sync> Wake for Call<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn call(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Call(f)).into()
}

type Log = Arc<Mutex<Vec<u8>>>;

/// A waker that writes a number down.
fn note(log: &Log, number: u8) -> Waker {
    let log = log.clone();
    call(move || log.lock().unwrap().push(number))
}

fn poll<'a, V>(slot: &mut StaticTaskSlot<'a, V>, waker: &Waker) -> Poll<&'a V> {
    pin!(slot).poll(&mut Context::from_waker(waker))
}

/// Counts its drops.
struct Dropped<'a>(&'a Cell<u32>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn is_set_once() {
    static CELL: StaticTaskCell<&str, 1> = StaticTaskCell::new();
    assert!(!CELL.is_completed());
    assert_eq!(CELL.get(), None);
    assert_eq!(CELL.try_set("first"), Ok(()));
    assert_eq!(CELL.try_set("second"), Err("second"));
    assert_eq!(CELL.get(), Some(&"first"));
    assert!(CELL.is_completed());
    let mut slot = CELL.slot().unwrap();
    assert_eq!(poll(&mut slot, Waker::noop()), Poll::Ready(&"first"));
    assert_eq!(poll(&mut slot, Waker::noop()), Poll::Ready(&"first"));
    assert!(CELL.slot().is_ok(), "who need not wait needs no slot of its own");
}

#[test]
fn values_are_dropped_once_or_given_back() {
    let drops = Cell::new(0);
    let cell = StaticTaskCell::<_, 2>::new();
    assert!(cell.try_set(Dropped(&drops)).is_ok());
    drop(cell.try_set(Dropped(&drops)));
    assert_eq!(drops.get(), 1, "the loser's");
    drop(cell);
    assert_eq!(drops.get(), 2);
    let cell = StaticTaskCell::<_, 2>::new();
    assert!(cell.try_set(Dropped(&drops)).is_ok());
    let value = cell.into_inner();
    assert_eq!(drops.get(), 2);
    drop(value);
    assert_eq!(drops.get(), 3);
    drop(StaticTaskCell::<Dropped<'_>, 2>::new());
    assert!(StaticTaskCell::<Dropped<'_>, 2>::new().into_inner().is_none());
    assert_eq!(drops.get(), 3);
}

#[test]
fn is_full_at_n_and_evicts_nobody() {
    fn at<const N: usize>() {
        let (cell, log) = (StaticTaskCell::<u8, N>::default(), Log::default());
        let mut slots: Vec<_> = (0..N).map(|_| cell.slot().unwrap()).collect();
        for _ in 0..3 {
            assert_eq!(cell.slot().err(), Some(Full));
        }
        for (number, slot) in slots.iter_mut().enumerate() {
            assert!(poll(slot, &note(&log, number as u8)).is_pending());
        }
        assert_eq!(cell.listeners(), N);
        assert_eq!(cell.slot().err(), Some(Full));
        slots.pop();
        slots.push(cell.slot().unwrap());
        assert_eq!(cell.slot().err(), Some(Full));
        cell.try_set(7).unwrap();
        assert_eq!(cell.listeners(), 0);
        assert_eq!(*log.lock().unwrap(), (0..N as u8 - 1).collect::<Vec<_>>());
        for slot in &mut slots {
            assert_eq!(poll(slot, Waker::noop()), Poll::Ready(&7));
        }
    }
    at::<1>();
    at::<2>();
    at::<7>();
    at::<11>();
}

#[test]
fn wakes_in_the_order_of_waiting() {
    let (cell, log) = (StaticTaskCell::<(), 5>::new(), Log::default());
    let mut slots: [_; 5] = std::array::from_fn(|_| cell.slot().unwrap());
    for (number, index) in [4, 1, 0, 3, 2].into_iter().enumerate() {
        assert!(poll(&mut slots[index], &note(&log, number as u8)).is_pending());
    }
    // Another waker changes nothing in the order.
    assert!(poll(&mut slots[1], &note(&log, 11)).is_pending());
    // Who gives a slot back and takes it again comes last.
    let [a, b, c, d, e] = slots;
    drop(c);
    let mut late = cell.slot().unwrap();
    drop(d);
    let mut later = cell.slot().unwrap();
    assert!(poll(&mut later, &note(&log, 5)).is_pending());
    assert!(poll(&mut late, &note(&log, 6)).is_pending());
    cell.try_set(()).unwrap();
    assert_eq!(*log.lock().unwrap(), [0, 11, 2, 5, 6]);
    drop((a, b, e));
}

#[test]
fn the_last_waker_counts_and_nothing_stays_behind() {
    let (cell, log) = (StaticTaskCell::<u8, 1>::new(), Log::default());
    let (first, second) = (note(&log, 1), note(&log, 2));
    for _ in 0..1_000 {
        let mut slot = cell.slot().unwrap();
        assert!(poll(&mut slot, &first).is_pending());
        assert!(poll(&mut slot, &second).is_pending());
        assert!(poll(&mut slot, &second).is_pending());
        assert_eq!((cell.listeners(), Arc::strong_count(&log)), (1, 3));
    }
    assert_eq!(cell.listeners(), 0);
    let mut slot = cell.slot().unwrap();
    assert!(poll(&mut slot, &first).is_pending());
    assert!(poll(&mut slot, &second).is_pending());
    cell.try_set(1).unwrap();
    assert_eq!(*log.lock().unwrap(), [2]);
    drop((slot, first, second));
    assert_eq!(Arc::strong_count(&log), 1);
}

#[test]
fn a_slot_that_is_only_borrowed_stays() {
    let (cell, log) = (StaticTaskCell::<u8, 1>::new(), Log::default());
    let mut slot = cell.slot().unwrap();
    {
        let mut borrowed = pin!(&mut slot);
        assert!(borrowed.as_mut().poll(&mut Context::from_waker(&note(&log, 1))).is_pending());
    }
    assert_eq!(cell.slot().err(), Some(Full));
    cell.try_set(1).unwrap();
    assert_eq!(*log.lock().unwrap(), [1]);
    assert_eq!(poll(&mut slot, Waker::noop()), Poll::Ready(&1));
}

#[test]
fn wakers_may_do_anything() {
    static CELL: StaticTaskCell<u8, 3> = StaticTaskCell::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (mut a, mut b) = (CELL.slot().unwrap(), CELL.slot().unwrap());
    let third = Mutex::new(Some(CELL.slot().unwrap()));
    assert!(poll(third.lock().unwrap().as_mut().unwrap(), &call(|| ())).is_pending());
    let hostile = call(move || {
        CALLS.fetch_add(1, Ordering::Relaxed);
        assert_eq!(CELL.try_set(9), Err(9));
        assert_eq!(CELL.get(), Some(&7));
        let mut slot = CELL.slot().unwrap();
        assert_eq!(poll(&mut slot, Waker::noop()), Poll::Ready(&7));
        // One that was taken by the same delivery, and may not have been woken yet.
        drop(third.lock().unwrap().take());
    });
    assert!(poll(&mut a, &hostile).is_pending());
    assert!(poll(&mut b, &hostile).is_pending());
    drop(hostile);
    CELL.try_set(7).unwrap();
    assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    drop((a, b));
}

#[test]
fn a_panicking_waker_stops_nobody() {
    let (cell, log) = (StaticTaskCell::<u8, 4>::new(), Log::default());
    let mut slots: [_; 4] = std::array::from_fn(|_| cell.slot().unwrap());
    let angry = |what: &'static str| call(move || std::panic::panic_any(what));
    // Without std a second panic would abort.
    let last = if cfg!(feature = "std") { angry("second") } else { note(&log, 3) };
    for (slot, waker) in slots.iter_mut().zip([note(&log, 0), angry("first"), note(&log, 2), last]) {
        assert!(poll(slot, &waker).is_pending());
    }
    let panic = catch_unwind(AssertUnwindSafe(|| cell.try_set(5))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"first"));
    assert_eq!(log.lock().unwrap()[..2], [0, 2]);
    assert_eq!(cell.get(), Some(&5));
    for slot in &mut slots {
        assert_eq!(poll(slot, Waker::noop()), Poll::Ready(&5));
    }
}

/// Many threads: one value, and everybody is woken or sees it.
#[test]
fn set_against_waiting_and_leaving() {
    let rounds = if cfg!(miri) { 20 } else { 2_000 };
    for round in 0..rounds {
        let cell = StaticTaskCell::<usize, 3>::new();
        let (barrier, set) = (Barrier::new(4), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for number in 0..2 {
                let (cell, barrier, set) = (&cell, &barrier, &set);
                scope.spawn(move || {
                    barrier.wait();
                    if cell.try_set(round + number).is_ok() {
                        set.fetch_add(1, Ordering::Relaxed);
                    }
                });
                scope.spawn(move || {
                    let woken = Arc::new(AtomicUsize::new(0));
                    let count = woken.clone();
                    let waker = call(move || _ = count.fetch_add(1, Ordering::SeqCst));
                    barrier.wait();
                    for _ in 0..10 {
                        let mut slot = cell.slot().unwrap();
                        _ = poll(&mut slot, Waker::noop()).is_ready() || poll(&mut slot, &waker).is_ready();
                    }
                    let mut slot = cell.slot().unwrap();
                    woken.store(0, Ordering::SeqCst);
                    if poll(&mut slot, &waker).is_pending() {
                        while woken.load(Ordering::SeqCst) == 0 {
                            std::thread::yield_now();
                        }
                    }
                    assert!(cell.get().is_some_and(|value| *value == round || *value == round + 1));
                    drop(slot);
                });
            }
        });
        assert_eq!(set.into_inner(), 1);
        assert!(cell.into_inner().is_some_and(|value| value == round || value == round + 1));
    }
}

#[test]
fn sizes_alignments_and_what_is_shown() {
    #[repr(align(64))]
    #[derive(Debug, PartialEq)]
    struct Aligned(u8);
    fn waits<V: PartialEq + std::fmt::Debug + Copy + 'static, const N: usize>(value: V) {
        let (cell, log) = (StaticTaskCell::<V, N>::new(), Log::default());
        let mut slot = cell.slot().unwrap();
        assert!(poll(&mut slot, &note(&log, 1)).is_pending());
        assert!(!format!("{cell:?} {slot:?}").contains(&format!("{value:?}")));
        cell.try_set(value).unwrap();
        assert!(!format!("{cell:?} {slot:?}").contains(&format!("{value:?}")));
        assert_eq!((log.lock().unwrap().len(), poll(&mut slot, Waker::noop())), (1, Poll::Ready(&value)));
    }
    waits::<_, 1>([0xDEAD_u16; 3]);
    waits::<_, 2>(("x", 0xDEAD_BEEF_u128));
    waits::<_, 11>("no telling");
    let cell = StaticTaskCell::<Aligned, 2>::new();
    let slot = cell.slot().unwrap();
    cell.try_set(Aligned(3)).unwrap();
    assert_eq!(cell.get().map(|value| std::ptr::from_ref(value).addr() % 64), Some(0));
    drop(slot);
    let unit = StaticTaskCell::<(), 1>::new();
    unit.try_set(()).unwrap();
    assert_eq!(unit.into_inner(), Some(()));
}
