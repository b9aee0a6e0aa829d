//! Sources in a `static` that are used again: cancelled, reset and timed out in the middle of everything else.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;
use taskcell::{
    CancellationSlot, StaticCancellationTokenSource as Source, StaticRegistration, StaticSlot, TryRegisterError,
};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Watched, World, add, operation, point};

const SLOTS: usize = 8;

type Waits = Watched<StaticSlot<'static>>;

/// A parent, a source and its child.
struct Family {
    others: RefCell<Vec<Waits>>,
    callbacks: RefCell<Vec<Called>>,
    /// Linked by operations, and whether they said so.
    adopted: RefCell<Vec<Kept<Source<1>>>>,
    child: Kept<Source<4>>,
    source: Kept<Source<SLOTS>>,
    parent: Kept<Source<1>>,
    beginning: usize,
    /// Slots that operations say they hold, and that wait for the source.
    held: Cell<usize>,
    armed: Cell<usize>,
    wins: Cell<usize>,
    resets: Cell<usize>,
    deadlines: Cell<usize>,
    parent_wins: Cell<usize>,
}

const WAITER: usize = 1;
const CANCELLED: usize = 2;
const PARENT_CANCELLED: usize = 3;
const SEEN: usize = 4;

impl World for Family {
    const BEGINNINGS: &'static [&'static str] = &[
        "a callback waits",
        "somebody else waits",
        "cancelled",
        "cancelled by the parent",
        "cancelled in the second round",
    ];

    fn new(beginning: usize) -> Self {
        let family = Self {
            others: RefCell::default(),
            callbacks: RefCell::default(),
            adopted: RefCell::default(),
            child: Kept::new(Source::new()),
            source: Kept::new(Source::new()),
            parent: Kept::new(Source::new()),
            beginning,
            held: Cell::new(1),
            armed: Cell::new(1),
            wins: Cell::default(),
            resets: Cell::default(),
            deadlines: Cell::default(),
            parent_wins: Cell::default(),
        };
        assert_eq!(family.source.get().link(family.parent.get()).ok(), Some(true));
        assert_eq!(family.child.get().link(family.source.get()).ok(), Some(true));
        family
    }

    fn ready(&self) {
        let mut called = Called::new();
        called.register(self);
        self.callbacks.borrow_mut().push(called);
        match self.beginning {
            WAITER => {
                let mut waits = Waits::new(self.source.get().slot().ok());
                assert!(poll(&mut waits, 0).is_pending());
                self.others.borrow_mut().push(waits);
            }
            CANCELLED => cancel(self),
            PARENT_CANCELLED => cancel_parent(self),
            SEEN => {
                cancel(self);
                reset(self);
                cancel(self);
            }
            _ => {}
        }
    }

    fn settle(&self) {
        self.others.borrow_mut().iter_mut().for_each(|waits| State::settle(waits, self));
        self.callbacks.borrow_mut().iter_mut().for_each(|called| State::settle(called, self));
        let token = self.source.get().token();
        if let Some(reason) = token.reason() {
            assert_eq!(token.listeners(), 0);
            assert!(self.child.is_cancelled());
            assert!(!reason.is_deadline() || self.deadlines.get() > 0);
            assert!(!reason.is_inherited() || self.parent_wins.get() > 0);
        } else {
            assert!(!self.parent.is_cancelled(), "a round was begun below one that was over");
            assert_eq!(token.listeners(), self.armed.get(), "who waits");
            let mut slots = Vec::new();
            while let Ok(slot) = self.source.get().slot() {
                slots.push(slot);
            }
            assert_eq!(slots.len(), SLOTS - self.held.get(), "free slots");
        }
    }

    fn end(&self) {
        cancel_parent(self);
        cancel(self);
        self.child.cancel();
        assert!(self.source.is_cancelled() && self.child.is_cancelled());
        // A deadline, or the parent, may have had a round.
        assert!(self.wins.get() <= 1 + self.resets.get(), "more have won than there were rounds");
        assert!(self.wins.get() + self.deadlines.get() + self.parent_wins.get() > 0);
        self.others.take().into_iter().for_each(|waits| Box::new(waits).end(self));
        self.callbacks.take().into_iter().for_each(|called| Box::new(called).end(self));
    }

    fn leave(&self) {
        assert!(self.parent.try_reset() && self.source.try_reset() && self.child.try_reset(), "nobody minds, and yet");
        let adopted = self.adopted.take();
        let linked = adopted.iter().filter(|child| child.try_reset()).count();
        assert_eq!(linked, adopted.len());
        assert_eq!(self.source.token().listeners(), 1 + linked, "links stay, and nothing else");
        self.parent.cancel();
        assert!(self.source.is_cancelled() && self.child.is_cancelled(), "a link is lost");
        assert!(adopted.iter().all(|child| child.is_cancelled()), "a later link is lost");
        assert!(self.source.token().reason().is_some_and(|reason| reason.is_inherited() && reason.is_requested()));
    }
}

impl State<Family> for Waits {
    fn settle(&mut self, family: &Family) {
        if self.it.is_some() && !family.source.is_cancelled() {
            assert!(!self.was_woken(), "reset before it was seen");
            add(&family.held, 1);
            add(&family.armed, self.is_waiting().into());
        }
        Watched::settle(self);
    }

    fn end(mut self: Box<Self>, _: &Family) {
        self.see(StaticSlot::poll_cancelled);
        Watched::end(*self);
    }
}

fn no_slot(_: &Family) -> Waits {
    Waits::new(None)
}

fn slot(family: &Family) -> Waits {
    Waits::new(family.source.get().slot().ok())
}

fn waiting(family: &Family) -> Waits {
    let mut waits = slot(family);
    assert!(poll(&mut waits, 0).is_pending());
    waits
}

fn claim(family: &Family, waits: &mut Waits) {
    waits.it = family.source.get().slot().ok();
    assert!(waits.it.is_some(), "full, and is not");
}

fn poll(waits: &mut Waits, number: usize) -> Poll<()> {
    waits.poll(number, StaticSlot::poll_cancelled)
}

fn come_and_go(family: &Family, waits: &mut Waits) {
    claim(family, waits);
    let _ = poll(waits, 0);
    waits.leave();
}

/// A callback, and what became of it.
struct Called {
    registration: Option<StaticRegistration<'static>>,
    runs: Kept<AtomicUsize>,
    due: (usize, usize),
    is_held: bool,
    settled: usize,
}

impl Called {
    fn new() -> Self {
        Self { registration: None, runs: Kept::new(AtomicUsize::new(0)), due: (0, 0), is_held: false, settled: 0 }
    }

    fn register(&mut self, family: &Family) {
        let runs = self.runs.get();
        let callback = move || {
            point();
            runs.fetch_add(1, Relaxed);
            point();
        };
        match family.source.get().token().try_register(callback) {
            Ok(registration) => {
                self.registration = Some(registration);
                self.due = (self.due.0 + 1, self.due.1 + 1);
                self.is_held = true;
            }
            Err(TryRegisterError::Cancelled(_)) => {}
            Err(_) => panic!("full, and is not"),
        }
    }

    fn unregister(&mut self) {
        let Some(registration) = &mut self.registration else { return };
        if registration.unregister() {
            self.due = (self.due.0 - 1, self.due.1 - 1);
        }
        self.is_held = false;
    }
}

impl State<Family> for Called {
    fn settle(&mut self, family: &Family) {
        self.settled = self.runs.load(Relaxed);
        assert!(self.settled <= self.due.1, "ran, and should not have");
        add(&family.held, self.is_held.into());
        // One that has run stays where it is until it is dropped.
        add(&family.armed, (self.is_held && self.settled < self.due.1).into());
    }

    fn end(self: Box<Self>, _: &Family) {
        let runs = self.runs.load(Relaxed);
        assert!((self.due.0..=self.due.1).contains(&runs), "ran {runs} times, not {:?}", self.due);
        assert!(self.is_held || runs == self.settled, "ran after it had gone");
        drop(self.registration);
    }
}

fn no_callback(_: &Family) -> Called {
    Called::new()
}

fn callback(family: &Family) -> Called {
    let mut called = Called::new();
    called.register(family);
    called
}

fn drop_registration(_: &Family, called: &mut Called) {
    called.registration = None;
    called.due.0 -= 1;
    called.is_held = false;
}

fn register_and_unregister(family: &Family, called: &mut Called) {
    called.register(family);
    called.unregister();
}

/// Who cancels holds nothing.
struct Nothing;

impl State<Family> for Nothing {
    fn settle(&mut self, _: &Family) {}
    fn end(self: Box<Self>, _: &Family) {}
}

fn nothing(_: &Family) -> Nothing {
    Nothing
}

fn cancel(family: &Family) {
    if family.source.cancel() {
        add(&family.wins, 1);
        assert!(family.others.borrow().iter().all(Watched::was_woken), "cancelled, and not all were woken");
    }
}

fn cancel_parent(family: &Family) {
    add(&family.parent_wins, family.parent.cancel().into());
}

fn deadline(family: &Family, _: &mut Nothing) {
    add(&family.deadlines, 1);
    family.source.get().deadline_waker().wake();
}

fn reset(family: &Family) {
    // It may have begun a round that is over, with the parent, when it answers.
    add(&family.resets, 1);
    let _ = family.source.try_reset();
}

/// Waits at the child.
struct AtChild(Waits);

impl State<Family> for AtChild {
    fn settle(&mut self, family: &Family) {
        assert!(family.child.is_cancelled() || !self.0.was_woken(), "reset before it was seen");
        self.0.settle();
    }
    fn end(mut self: Box<Self>, _: &Family) {
        self.0.see(StaticSlot::poll_cancelled);
        self.0.end();
    }
}

fn at_child(family: &Family) -> AtChild {
    AtChild(Waits::new(family.child.get().slot().ok()))
}

/// Links a source of its own.
struct Link(&'static Source<1>);

impl State<Family> for Link {
    fn settle(&mut self, family: &Family) {
        if family.source.is_cancelled() {
            assert!(self.0.is_cancelled());
        } else if self.0.is_cancelled() {
            // Its link takes a slot when it is reset, unless it had one.
            assert!(self.0.try_reset());
        }
        add(&family.held, 1);
        add(&family.armed, 1);
    }
    fn end(self: Box<Self>, _: &Family) {
        assert!(self.0.is_cancelled());
    }
}

fn unlinked(family: &Family) -> Link {
    let child = Kept::new(Source::new());
    let link = Link(child.get());
    family.adopted.borrow_mut().push(child);
    link
}

fn operations() -> Vec<Operation<Family>> {
    vec![
        operation("cancel", nothing, |family, _| cancel(family)).repeats(),
        operation("reset", nothing, |family, _| reset(family)).repeats(),
        operation("cancel of the parent", nothing, |family, _| cancel_parent(family)).repeats(),
        operation("reset of the parent", nothing, |family, _| _ = family.parent.try_reset()).repeats(),
        operation("cancel of the child", nothing, |family, _| _ = family.child.cancel()).repeats(),
        operation("reset of the child", nothing, |family, _| _ = family.child.try_reset()).repeats(),
        operation("deadline", nothing, deadline).repeats(),
        operation("slot", no_slot, claim),
        operation("first poll", slot, |_, waits| _ = poll(waits, 0)),
        operation("poll with the same waker", waiting, |_, waits| _ = poll(waits, 0)).repeats(),
        operation("poll with another waker", waiting, |_, waits| _ = poll(waits, 1)),
        operation("drop of an unpolled slot", slot, |_, waits| waits.leave()),
        operation("drop of a waiting slot", waiting, |_, waits| waits.leave()),
        operation("slot, poll and drop", no_slot, come_and_go).repeats(),
        operation("poll at the child", at_child, |_, waits| _ = poll(&mut waits.0, 0)).repeats(),
        operation("register", no_callback, |family, called| called.register(family)),
        operation("unregister", callback, |_, called| called.unregister()),
        operation("drop of a registration", callback, drop_registration),
        operation("register and unregister", no_callback, register_and_unregister).repeats(),
        operation("link", unlinked, |family, link| assert_eq!(link.0.link(family.source.get()).ok(), Some(true))),
    ]
}

#[test]
fn rounds_pairs() {
    Matrix::new("rounds", operations()).pairs((400, 9000));
}

#[test]
fn rounds_repeated() {
    Matrix::new("rounds", operations()).repeated((220, 5000));
}

#[test]
fn rounds_nested() {
    Matrix::new("rounds", operations()).nested(&[0, 1, 2, 3, 4], (8000, 1_000_000));
}

#[test]
fn rounds_in_turn() {
    Matrix::new("rounds", operations()).in_turn(&[0, 2], (8000, 700_000));
}
