//! A source's timer: armed, put off, disarmed, fired.
//!
//! An armed timer is a ticket in the reason's word: nothing has been decided
//! yet, and the RMW that decides is the one that finds the ticket. So a waker
//! whose ticket does not stand there any more does nothing, however late it is.
//!
//! 1. The ticket is in the word before the clock hears of it: it may fire
//!    inside the clock's `arm`.
//! 2. Whoever takes a ticket out of the word retires it, once.
//! 3. An armed timer is counted in `possible`. Who puts another ticket in its
//!    place takes the count over; who puts nothing there counts it off. On a
//!    node that is decided, or has no handle left, nobody asks any more.

use super::alarm::Alarm;
use super::fault::{Panics, Then, drain};
use super::fire;
use super::node::Node;
use super::reason::Word;
use super::ticket::Ticket;
use crate::shim::atomic::Ordering;
use core::marker::PhantomData;
use core::ptr;
use core::task::Waker;

/// Tickets that were taken out of the words of nodes that are decided or gone.
#[derive(Debug)]
#[must_use = "their alarms have to be dropped"]
pub(super) struct Retired(*const Ticket);

impl Retired {
    pub(super) const NONE: Self = Self(ptr::null());

    #[inline(always)]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_null()
    }

    /// Adds one ticket, if it is one.
    #[inline(always)]
    pub(super) fn add(&mut self, one: Self) {
        if !one.is_none() {
            // SAFETY: a retired ticket is its holder's.
            unsafe { (*one.0).next.with_mut(|next| *next = self.0) };
            self.0 = one.0;
        }
    }

    /// Drops the alarms: foreign code, which may panic and may use the sources.
    #[inline(always)]
    pub(super) fn end(&mut self, panics: &mut Panics) {
        if !self.is_none() {
            self.end_all(panics);
        }
    }

    #[cold]
    fn end_all(&mut self, panics: &mut Panics) {
        drain(panics, || self.drop_all());
    }

    /// Drops the alarms. To be called again after a panic.
    pub(super) fn drop_all(&mut self) {
        while !self.0.is_null() {
            let ticket = self.0;
            // SAFETY: a retired ticket is its holder's, until the alarm is out.
            unsafe {
                self.0 = (*ticket).next.with_mut(|next| core::mem::replace(&mut *next, ptr::null()));
                if let Some(alarm) = Ticket::retire(ticket) {
                    Ticket::release(ticket);
                    drop(alarm);
                }
            }
        }
    }
}

/// Stores the reason in the place of a ticket, `now` being what stood there. `Some`: it is this one.
#[cold]
pub(super) fn decide(node: &Node, mut now: *mut (), reason: Word) -> Option<Retired> {
    while Word(now).is_open() {
        // ORDERING: as in `Node::decide`, and Acquire, on a win, for the ticket.
        match node.reason.compare_exchange(now, reason.0, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Some(Retired(Word(now).ticket())),
            Err(other) => now = other,
        }
    }
    None
}

/// Cancels because the deadline has elapsed, if `ticket` still stands for the timer.
///
/// # Safety
///
/// The caller has references of both.
pub(super) unsafe fn expire(node: *const Node, ticket: *const Ticket) {
    // SAFETY: the caller's references keep both.
    unsafe {
        let (armed, elapsed) = (Word::armed(ticket), Word::DEADLINE);
        // ORDERING: a number has nothing behind it, and the clock has shown us the ticket.
        if (*node).reason.compare_exchange(armed.0, elapsed.0, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            fire::expired(node, Retired(ticket));
        }
    }
}

/// The last handle of the node is gone: its timer, if it has one, is added to `retired`.
///
/// # Safety
///
/// The node lives.
#[inline(always)]
pub(super) unsafe fn leave(node: *const Node, retired: &mut Retired) {
    // SAFETY: the caller's.
    let reason = unsafe { &(*node).reason };
    // ORDERING: a guess, which the exchange below checks. Without a handle nobody arms: if it fails, somebody has decided.
    let now = Word(reason.load(Ordering::Relaxed));
    if now.is_armed() {
        // ORDERING: who armed had a handle, and has given it up: the ticket is visible already.
        if reason.compare_exchange(now.0, ptr::null_mut(), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            retired.add(Retired(now.ticket()));
        }
    }
}

/// Disarms. True: a timer was armed, and will never fire. The caller holds a source handle.
///
/// # Safety
///
/// The node lives until this returns.
pub(super) unsafe fn disarm(node: *const Node) -> bool {
    // SAFETY: the caller's.
    let Node { reason, possible, .. } = unsafe { &*node };
    // ORDERING: a guess, which the exchange below checks.
    let mut now = Word(reason.load(Ordering::Relaxed));
    while now.is_armed() {
        // ORDERING: Acquire, for the ticket; nothing is published by null.
        match reason.compare_exchange(now.0, ptr::null_mut(), Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => {
                // ORDERING: the source handle keeps the count above zero, and publishes what came before when it goes.
                possible.fetch_sub(1, Ordering::Relaxed);
                // SAFETY: the exchange made the ticket ours.
                drop(unsafe { retire(node, now.ticket()) });
                return true;
            }
            Err(other) => now = Word(other),
        }
    }
    false
}

/// Retires a ticket of a node that has a source handle, and keeps it as the spare one. The alarm is to be dropped last.
#[must_use]
unsafe fn retire(node: *const Node, ticket: *const Ticket) -> Option<Alarm> {
    // SAFETY: the caller took it out of the word; the alarm brings the reference.
    unsafe {
        let alarm = Ticket::retire(ticket);
        if alarm.is_some() {
            keep(node, ticket);
        }
        alarm
    }
}

/// Keeps a ticket for the next arming, or lets it go.
unsafe fn keep(node: *const Node, ticket: *const Ticket) {
    // SAFETY: the reference is the caller's.
    unsafe {
        // ORDERING: Release: whoever takes it comes after us.
        let spare = &(*node).spare;
        let ticket_word = ticket.cast_mut().cast();
        if spare.compare_exchange(ptr::null_mut(), ticket_word, Ordering::Release, Ordering::Relaxed).is_err() {
            Ticket::release(ticket);
        }
    }
}

/// Takes the spare ticket out; null if there is none.
unsafe fn take_spare(node: *const Node) -> *const Ticket {
    // SAFETY: the caller's.
    let spare = unsafe { &(*node).spare };
    // ORDERING: Acquire, with the exchange that put it there.
    spare.swap(ptr::null_mut(), Ordering::Acquire).cast_const().cast()
}

/// A ticket that nobody knows.
unsafe fn fresh(node: *const Node) -> *const Ticket {
    // SAFETY: the caller's; the spare ticket is ours once it is out.
    unsafe {
        let spare = take_spare(node);
        if spare.is_null() {
            return Ticket::new(node);
        }
        if Ticket::is_unknown(spare) {
            return spare;
        }
        // A clock still has a waker of it.
        Ticket::release(spare);
        Ticket::new(node)
    }
}

/// The node goes: so does its spare ticket.
///
/// # Safety
///
/// Nobody else can reach the node.
pub(super) unsafe fn free(node: *const Node) {
    // SAFETY: the caller's.
    unsafe {
        // ORDERING: whoever put it there gave a reference of the node up before.
        let spare = (*node).spare.load(Ordering::Relaxed).cast_const().cast::<Ticket>();
        if !spare.is_null() {
            Ticket::release(spare);
        }
    }
}

/// A timer that the clock is arming. If the clock panics it is taken back.
#[derive(Debug)]
pub(crate) struct Arming<'a> {
    node: *const Node,
    ticket: *const Ticket,
    /// The one before, or null.
    replaced: *const Ticket,
    source: PhantomData<&'a Node>,
}

impl Arming<'_> {
    /// Has a new timer stand for the node's deadline, in the place of the one before. `None`: the node is cancelled.
    ///
    /// # Safety
    ///
    /// The caller holds a source handle of the node until the end of the arming.
    pub(super) unsafe fn begin(node: *const Node) -> Option<(Self, Waker)> {
        // SAFETY: the caller's handle keeps the node; a fresh ticket is ours until it is in the word.
        unsafe {
            let Node { reason, possible, .. } = &*node;
            let ticket = fresh(node);
            let waker = Ticket::begin(ticket);
            let armed = Word::armed(ticket);
            let mut counted = false;
            // ORDERING: a guess, which the exchange below checks.
            let mut now = Word(reason.load(Ordering::Relaxed));
            let won = loop {
                if !now.is_open() {
                    break false;
                }
                if !now.is_armed() && !counted {
                    // Counted before anybody can take it out and count it off.
                    // ORDERING: nothing is published by counting up.
                    possible.fetch_add(1, Ordering::Relaxed);
                    counted = true;
                }
                // ORDERING: Release publishes the ticket; Acquire, for the one that is replaced.
                match reason.compare_exchange(now.0, armed.0, Ordering::AcqRel, Ordering::Relaxed) {
                    Ok(_) => break true,
                    Err(other) => now = Word(other),
                }
            };
            if counted && now.is_armed() {
                // The one before was counted already. (If all is decided nobody asks, see 3.)
                // ORDERING: the source handle keeps the count above zero, and publishes what came before when it goes.
                possible.fetch_sub(1, Ordering::Relaxed);
            }
            if !won {
                Ticket::release(ticket);
                return None;
            }
            Some((Self { node, ticket, replaced: now.ticket(), source: PhantomData }, waker))
        }
    }

    /// The clock has armed: `alarm` is the timer's.
    #[inline(always)]
    pub(crate) fn end(self, alarm: Alarm) {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: the ticket is ours until its alarm is in.
        unsafe {
            let late = Ticket::put_alarm(this.ticket, alarm).err();
            if late.is_some() || !this.replaced.is_null() {
                this.let_go(late);
            }
        }
    }

    /// Drops the alarm that came too late, whose ticket is kept, and that of the timer before: foreign code.
    #[inline(never)]
    unsafe fn let_go(&self, mut late: Option<Alarm>) {
        // SAFETY: the late alarm brought its ticket; the exchange of `begin` made the replaced one ours.
        let mut before = unsafe {
            if late.is_some() {
                keep(self.node, self.ticket);
            }
            if self.replaced.is_null() { None } else { retire(self.node, self.replaced) }
        };
        let mut panics = Panics::new();
        drain(&mut panics, || {
            drop(late.take());
            drop(before.take());
        });
        panics.settle(Then::Resume);
    }
}

impl Drop for Arming<'_> {
    fn drop(&mut self) {
        // The clock panicked: take the ticket back, unless somebody else has.
        // SAFETY: as in `end`.
        unsafe {
            let Node { reason, possible, .. } = &*self.node;
            let armed = Word::armed(self.ticket);
            // ORDERING: nothing is published by null, and the ticket is ours in either case.
            let late =
                if reason.compare_exchange(armed.0, ptr::null_mut(), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                    // ORDERING: the source handle keeps the count above zero, and publishes what came before when it goes.
                    possible.fetch_sub(1, Ordering::Relaxed);
                    Some(Alarm::never())
                } else {
                    Ticket::put_alarm(self.ticket, Alarm::never()).err()
                };
            self.let_go(late);
        }
    }
}
