//! The slot between one generator and its stream: who offers an item, in order, and who takes it.
//!
//! 1. An item that is offered lies in `offer`, or with its offerer's place in `line`. `offer` is filled only if both are
//!    empty, and emptied first: so items are taken in the order in which they were offered.
//! 2. `offerer` is there only beside `offer`.
//! 3. The offer that lies in `offer` has the number `served`; `served` changes only under the lock.
//! 4. An offer that the stream's own poll made needs no waker: that poll takes it when the generator has let go, or a later
//!    one does, and the next poll of the stream polls whoever made it. Whoever is polled during the stream's poll with the
//!    very waker of that poll, not a clone, is polled by it: no other waker lies at that address meanwhile. (One that
//!    several threads share by reference, `Waker::noop()` say, wakes none of them in particular.)
//! 5. The stream's waker is there whenever it was pending with nothing to take, and goes with the first offer.

use alloc::vec::Vec;
use core::mem;
use core::task::{Poll, Waker};

use crate::raw::fault::{Panics, Then, drain};
use crate::shim::atomic::{AtomicBool, AtomicUsize, Ordering, recheck};
use crate::shim::lock::Lock;
use crate::waiting::{Line, Place, Wakers};

/// Who takes items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The stream.
    Open,
    /// Nobody: they are dropped, so that the generator comes to its end.
    Closing,
    /// Nobody ever again.
    Ended,
}

struct State<T> {
    mode: Mode,
    offer: Option<T>,
    offerer: Option<Waker>,
    line: Line<T>,
    stream: Option<Waker>,
}

/// What became of an item.
pub(super) enum Offered<T> {
    /// It lies in the slot, under this number.
    InSlot(usize),
    /// It lies with this place.
    InLine(Place),
    /// The stream is closing.
    Closing(T),
    /// The stream has ended.
    Ended(T),
}

pub(super) struct Slot<T> {
    state: Lock<State<T>>,
    served: AtomicUsize,
    /// Whether the mode is no longer open.
    closed: AtomicBool,
    polling: Polling,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        let state = State { mode: Mode::Open, offer: None, offerer: None, line: Line::new(), stream: None };
        Self {
            state: Lock::new(state),
            served: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            polling: Polling::new(),
        }
    }

    /// Whether the stream is polling whoever is polled with `waker`.
    #[inline]
    pub(super) fn is_polling(&self, waker: &Waker) -> bool {
        self.polling.is_with(waker)
    }

    /// Offers an item of somebody whom the stream polls, if it is the only one: [`offer`](Self::offer) without the rest.
    #[inline]
    pub(super) fn offer_alone(&self, item: T) -> Result<usize, T> {
        self.state.with(|state| {
            if state.mode == Mode::Open && state.offer.is_none() && state.line.is_empty() {
                state.offer = Some(item);
                Ok(self.served())
            } else {
                Err(item)
            }
        })
    }

    /// Offers an item; without a waker for somebody whom the stream polls.
    pub(super) fn offer(&self, item: T, waker: Option<Waker>) -> Offered<T> {
        let is_foreign = waker.is_some();
        let (offered, stream, _unused) = self.state.with(|state| match state.mode {
            Mode::Closing => (Offered::Closing(item), None, waker),
            Mode::Ended => (Offered::Ended(item), None, waker),
            Mode::Open => {
                let offered = if state.offer.is_none() && state.line.is_empty() {
                    state.offer = Some(item);
                    state.offerer = waker;
                    Offered::InSlot(self.served())
                } else {
                    Offered::InLine(state.line.join(waker.unwrap_or_else(|| Waker::noop().clone()), item))
                };
                (offered, if is_foreign { state.stream.take() } else { None }, None)
            }
        });
        wake_apart(stream);
        offered
    }

    /// Whether the offer with this number is over.
    #[inline]
    pub(super) fn is_served(&self, number: usize) -> bool {
        number != self.served()
    }

    #[inline]
    fn served(&self) -> usize {
        // ORDERING: it orders nothing: whoever sees that an offer is over reads nothing that its taker wrote.
        self.served.load(Ordering::Relaxed)
    }

    /// The offer is over; under the lock.
    #[inline]
    fn serve(&self) {
        // ORDERING: as in `served`; the lock orders those who write.
        self.served.store(self.served().wrapping_add(1), Ordering::Relaxed);
    }

    /// Whether the offer with this number is over; if not, whoever made it is woken when it is.
    pub(super) fn wait_in_slot(&self, number: usize, waker: &Waker) -> bool {
        let own = self.polling.is_with(waker);
        let fits = |kept: &Option<Waker>| match kept {
            Some(kept) => !own && kept.will_wake(waker),
            None => own,
        };
        if let Some(over) = self.state.with(|state| {
            let over = self.is_served(number);
            // Without the item the stream has ended, and nobody is to be woken.
            (over || state.offer.is_none() || fits(&state.offerer)).then_some(over)
        }) {
            return over;
        }
        let waker = (!own).then(|| waker.clone());
        let (over, _old) = self.state.with(|state| {
            let over = recheck("offer is over", self.is_served(number));
            let keeps = !over && !recheck("offer is gone", state.offer.is_none());
            (over, if keeps { mem::replace(&mut state.offerer, waker) } else { waker })
        });
        over
    }

    /// Whether the one at this place was told that it is over; if not, it is woken when it is.
    pub(super) fn wait_in_line(&self, place: &Place, waker: &Waker) -> bool {
        let waker = if self.polling.is_with(waker) { Waker::noop() } else { waker };
        if let Some(told) = self.state.with(|state| {
            let told = state.line.is_told(place);
            (told || state.line.is_ready_to_wake(place, waker)).then_some(told)
        }) {
            return told;
        }
        let waker = waker.clone();
        let (told, _old) = self.state.with(|state| {
            let told = recheck("offer in line is over", state.line.is_told(place));
            (told, if told { Some(waker) } else { state.line.again(place, waker) })
        });
        told
    }

    /// Takes an offer back, unless it is over.
    pub(super) fn withdraw(&self, number: usize) {
        let _dropped = self.state.with(|state| {
            if recheck("offer was taken", self.is_served(number)) || state.offer.is_none() {
                return None;
            }
            self.serve();
            Some((state.offer.take(), state.offerer.take()))
        });
    }

    /// Gives a place back: its item, if nobody took it. One who was told and has it still was told of the stream's end.
    pub(super) fn leave(&self, place: Place) -> Option<T> {
        let (item, _waker, _) = self.state.with(|state| state.line.leave(place));
        item
    }

    /// Whether nobody takes items any more.
    pub(super) fn is_closed(&self) -> bool {
        // ORDERING: it orders nothing: an offer looks at the mode, under the lock.
        self.closed.load(Ordering::Relaxed)
    }

    /// Changes the mode; under the lock.
    fn leave_open(&self, state: &mut State<T>, mode: Mode) {
        state.mode = mode;
        // ORDERING: as in `is_closed`.
        self.closed.store(true, Ordering::Relaxed);
    }

    /// From here to [`exit`](Self::exit) the stream polls the generator with `waker`.
    #[inline]
    pub(super) fn enter(&self, waker: &Waker) {
        self.polling.begin(waker);
    }

    #[inline]
    pub(super) fn exit(&self) {
        self.polling.end();
    }

    /// Takes the first item.
    #[inline]
    pub(super) fn take(&self) -> Option<T> {
        let (item, offerer) = self.state.with(|state| self.first(state))?;
        wake_apart(offerer);
        Some(item)
    }

    /// Takes the first item; if there is none the stream is woken when there is one.
    #[inline]
    pub(super) fn poll_take(&self, waker: &Waker) -> Poll<T> {
        let found = self.state.with(|state| match self.first(state) {
            Some(found) => Poll::Ready(Some(found)),
            None if state.stream.as_ref().is_some_and(|own| own.will_wake(waker)) => Poll::Pending,
            None => Poll::Ready(None),
        });
        let (item, offerer) = match found {
            Poll::Ready(Some(found)) => found,
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => {
                let waker = waker.clone();
                let (found, _old) = self.state.with(|state| {
                    match recheck("second look of a stream", true).then(|| self.first(state)).flatten() {
                        Some(found) => (Some(found), Some(waker)),
                        None => (None, state.stream.replace(waker)),
                    }
                });
                let Some(found) = found else { return Poll::Pending };
                found
            }
        };
        wake_apart(offerer);
        Poll::Ready(item)
    }

    /// The first item that is offered, and whom to tell.
    #[inline]
    fn first(&self, state: &mut State<T>) -> Option<(T, Option<Waker>)> {
        if let Some(item) = state.offer.take() {
            self.serve();
            return Some((item, state.offerer.take()));
        }
        let item = state.line.first()?.take();
        let waker = state.line.tell();
        item.map(|item| (item, waker))
    }

    /// From now on items are dropped, and those who offered them go on.
    pub(super) fn close(&self) {
        let (mut wakers, mut dropped) = (Wakers::new(), Vec::new());
        self.state.with(|state| {
            if state.mode != Mode::Open {
                return;
            }
            self.leave_open(state, Mode::Closing);
            // Without its item an offer is over, also for one who looks when the stream has ended.
            while let Some((item, waker)) = self.first(state) {
                dropped.push(item);
                wakers.extend(waker);
            }
        });
        wakers.wake();
        drop(dropped);
    }

    /// From now on nothing new is taken. What was offered may still be.
    pub(super) fn finish(&self) {
        self.state.with(|state| self.leave_open(state, Mode::Ended));
    }

    /// From now on nothing is taken, and nobody is woken.
    pub(super) fn end(&self) {
        let mut line = Wakers::new();
        let _dropped = self.state.with(|state| {
            self.leave_open(state, Mode::Ended);
            state.line.tell_all(&mut line);
            (state.offer.take(), state.offerer.take(), state.stream.take())
        });
        // Nobody has anything to wake up for.
        drop(line);
    }
}

/// Wakes somebody in the middle of something: a panic of the waker, which must not take an item along, goes to the hook.
#[inline]
fn wake_apart(waker: Option<Waker>) {
    if let Some(waker) = waker {
        wake_reporting(waker);
    }
}

#[cold]
fn wake_reporting(waker: Waker) {
    let mut panics = Panics::new();
    let mut waker = Some(waker);
    drain(&mut panics, || {
        if let Some(waker) = waker.take() {
            waker.wake();
        }
    });
    panics.settle(Then::Report);
}

/// Where the waker lies with which the stream polls its generator, while it does.
struct Polling(AtomicUsize);

impl Polling {
    fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    #[inline]
    fn begin(&self, waker: &Waker) {
        // ORDERING: the poll itself reads what it wrote; for anybody else it is not where his own waker lies.
        self.0.store(core::ptr::from_ref(waker).addr(), Ordering::Relaxed);
    }

    #[inline]
    fn end(&self) {
        // ORDERING: whoever has a waker at the same address later on has got its place, and with it this.
        self.0.store(0, Ordering::Relaxed);
    }

    #[inline]
    fn is_with(&self, waker: &Waker) -> bool {
        // ORDERING: as in `begin` and `end`.
        self.0.load(Ordering::Relaxed) == core::ptr::from_ref(waker).addr()
    }
}
