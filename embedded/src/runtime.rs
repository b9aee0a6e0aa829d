//! An executor made by hand: boxed futures in a few slots, a flag for each that its wakers raise, and sleep while all are
//! down.
//!
//! A waker is the address of a flag in a `static`. It counts no references and takes no compare-and-swap, so that it costs
//! a store to wake a task, from the main loop and from interrupts alike, and nothing to clone or drop a waker. One that
//! outlives its task wakes whatever has the slot next; that looks, finds nothing new, and waits on.

use crate::clock::Clock;
use core::cell::RefCell;
use core::future::Future;
use core::pin::pin;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use critical_section::Mutex;
use taskcell::{BoxFuture, TimeProvider};

/// An executor for a `static`, with room for `N` tasks beside the one that [`run`](Self::run) is given.
pub struct Executor<const N: usize> {
    main: Flag,
    flags: [Flag; N],
    slots: Mutex<RefCell<[Slot; N]>>,
}

enum Slot {
    Free,
    /// Its future is outside, being polled.
    Taken,
    Held(BoxFuture<'static, ()>),
}

impl<const N: usize> Executor<N> {
    /// One without tasks.
    pub const fn new() -> Self {
        let slots = Mutex::new(RefCell::new([const { Slot::Free }; N]));
        Self { main: Flag::new(), flags: [const { Flag::new() }; N], slots }
    }

    /// Starts a task. It is polled by [`run`](Self::run), not here.
    ///
    /// # Panics
    ///
    /// If there are `N` tasks already.
    pub fn spawn(&self, future: BoxFuture<'static, ()>) {
        let index = self.with_slots(|slots| {
            let index = slots.iter().position(|slot| matches!(slot, Slot::Free))?;
            slots[index] = Slot::Held(future);
            Some(index)
        });
        self.flags[index.expect("a free slot for the task")].raise();
    }

    /// How many tasks have not ended.
    pub fn tasks(&self) -> usize {
        self.with_slots(|slots| slots.iter().filter(|slot| !matches!(slot, Slot::Free)).count())
    }

    /// Runs `main` to its end, all other tasks meanwhile, and the timers of `clock`.
    pub fn run<T>(&'static self, clock: &Clock, main: impl Future<Output = T>) -> T {
        let mut main = pin!(main);
        self.main.raise();
        loop {
            clock.turn();
            if self.main.lower() {
                if let Poll::Ready(value) = main.as_mut().poll(&mut Context::from_waker(&self.main.waker())) {
                    return value;
                }
            }
            for (index, flag) in self.flags.iter().enumerate() {
                if flag.lower() {
                    self.poll(index, &flag.waker());
                }
            }
            self.sleep(clock);
        }
    }

    /// Polls a task outside of its slot: the poll may spawn others, and a drop is foreign code as well.
    fn poll(&self, index: usize, waker: &Waker) {
        let taken = self.with_slots(|slots| match slots[index] {
            Slot::Held(_) => core::mem::replace(&mut slots[index], Slot::Taken),
            _ => Slot::Free,
        });
        let Slot::Held(mut future) = taken else { return };
        let after = match future.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Pending => Slot::Held(future),
            Poll::Ready(()) => {
                drop(future);
                Slot::Free
            }
        };
        self.with_slots(|slots| slots[index] = after);
    }

    /// Sleeps until a flag is up or a timer is due.
    fn sleep(&self, clock: &Clock) {
        let mut asleep = true;
        while asleep {
            // Looked up here: it may run wakers' code, which is not for critical sections. A timer that an interrupt arms
            // after this is seen after its next tick.
            let deadline = clock.next_deadline();
            // With interrupts off no flag is raised between the look and the sleep; one that is pending ends the sleep all
            // the same, and runs when they are on again.
            asleep = critical_section::with(|_| {
                let is_due = deadline.is_some_and(|deadline| deadline <= clock.now());
                let idle = !is_due && !self.main.is_up() && !self.flags.iter().any(Flag::is_up);
                if idle {
                    crate::idle();
                }
                idle
            });
        }
    }

    fn with_slots<R>(&self, change: impl FnOnce(&mut [Slot; N]) -> R) -> R {
        critical_section::with(|cs| change(&mut self.slots.borrow(cs).borrow_mut()))
    }
}

/// Says that a task is to be polled.
struct Flag(AtomicBool);

impl Flag {
    const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    fn raise(&self) {
        // ORDERING: what was done before the wake is seen by the poll that follows `lower`.
        self.0.store(true, Ordering::Release);
    }

    fn is_up(&self) -> bool {
        // ORDERING: as in `raise`.
        self.0.load(Ordering::Acquire)
    }

    /// True if it was up. Two steps, for cores that cannot swap: a wake in between is not lost, since the poll comes after.
    fn lower(&self) -> bool {
        let up = self.is_up();
        if up {
            // ORDERING: only the main loop lowers it.
            self.0.store(false, Ordering::Relaxed);
        }
        up
    }

    fn waker(&'static self) -> Waker {
        // SAFETY: the functions of the table only raise the flag, from whatever context; it is a static's, and stays.
        unsafe { Waker::from_raw(raw(ptr::from_ref(self).cast())) }
    }
}

static WAKES: RawWakerVTable = RawWakerVTable::new(raw, wake, wake, |_| {});

fn raw(flag: *const ()) -> RawWaker {
    RawWaker::new(flag, &WAKES)
}

fn wake(flag: *const ()) {
    // The library calls no waker inside of a critical section: however long it takes, interrupts come through.
    assert!(crate::interrupts_enabled(), "a waker is called while interrupts are disabled");
    // SAFETY: `Flag::waker` made it from a flag that lives for ever.
    unsafe { &*flag.cast::<Flag>() }.raise();
}
