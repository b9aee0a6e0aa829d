//! Sources in a `static`: every operation preempted by every other.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;
use taskcell::{
    CancellationSlot, StaticCancellationTokenSource as Source, StaticRegistration, StaticSlot, TryRegisterError,
};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Watched, World, add, operation, point};

/// Slots of the source in the middle.
const SLOTS: usize = 6;

/// A parent, a source, and a child that waits; what the operations leave is taken by waiters, up to what is to be free.
struct Family {
    parent: Kept<Source<1>>,
    source: Kept<Source<SLOTS>>,
    child: Kept<Source<4>>,
    /// Linked by operations.
    orphan: Kept<Source<1>>,
    child_waits: RefCell<Option<Waits>>,
    others: RefCell<Vec<Waits>>,
    beginning: usize,
    /// Slots that operations took before they ran, may take, and may give back.
    taken: Cell<usize>,
    takers: Cell<usize>,
    givers: Cell<usize>,
    /// Slots that operations say they hold, and that wait for the source.
    held: Cell<usize>,
    armed: Cell<usize>,
    wins: Cell<usize>,
    wins_over_child: Cell<usize>,
    parent_wins: Cell<usize>,
    adopted: Cell<usize>,
}

type Waits = Watched<StaticSlot<'static>>;

const CANCELLED: usize = 3;

impl World for Family {
    const BEGINNINGS: &'static [&'static str] = &["full", "one slot free", "two slots free", "cancelled"];

    fn new(beginning: usize) -> Self {
        let family = Self {
            parent: Kept::new(Source::new()),
            source: Kept::new(Source::new()),
            child: Kept::new(Source::new()),
            orphan: Kept::new(Source::new()),
            child_waits: RefCell::default(),
            others: RefCell::default(),
            beginning,
            taken: Cell::new(1),
            takers: Cell::default(),
            givers: Cell::default(),
            held: Cell::new(1),
            armed: Cell::new(1),
            wins: Cell::default(),
            wins_over_child: Cell::default(),
            parent_wins: Cell::default(),
            adopted: Cell::default(),
        };
        assert_eq!(family.source.get().link(family.parent.get()).ok(), Some(true));
        assert_eq!(family.child.get().link(family.source.get()).ok(), Some(true));
        let mut waits = Waits::new(family.child.get().slot().ok());
        assert!(waits.poll(0, StaticSlot::poll_cancelled).is_pending());
        family.child_waits.replace(Some(waits));
        family
    }

    fn ready(&self) {
        for _ in self.taken.get() + self.free().unwrap_or(0)..SLOTS {
            let mut waits = Waits::new(self.source.get().slot().ok());
            assert!(waits.poll(0, StaticSlot::poll_cancelled).is_pending());
            self.others.borrow_mut().push(waits);
            add(&self.held, 1);
            add(&self.armed, 1);
        }
        if self.beginning == CANCELLED {
            assert!(self.source.cancel());
            add(&self.wins, 1);
        }
    }

    fn settle(&self) {
        if self.parent.is_cancelled() {
            assert!(self.source.is_cancelled());
        }
        if self.source.is_cancelled() {
            assert!(self.child.is_cancelled());
            assert_eq!(self.source.token().listeners(), 0);
        } else {
            let adopted = self.adopted.get();
            assert_eq!(self.source.token().listeners(), self.armed.get() + adopted, "who waits");
            assert_eq!(self.room(), SLOTS - self.held.get() - adopted, "free slots");
            assert!(self.others.borrow().iter().all(|waits| !waits.was_woken()));
        }
        self.others.borrow_mut().iter_mut().for_each(Watched::settle);
    }

    fn end(&self) {
        cancel(self);
        self.child.cancel();
        assert_eq!(self.adopted.get() == 1, self.orphan.is_cancelled());
        // Who wins the parent may have the source, and the child, before they are cancelled themselves.
        let parents = self.parent_wins.get();
        assert!(parents <= 1);
        assert!(self.wins.get() + parents >= 1 && self.wins.get() <= 1, "winners");
        assert!(self.wins_over_child.get() <= 1);
        for waits in self.others.take().into_iter().chain(self.child_waits.take()) {
            waits.end();
        }
    }
}

impl Family {
    fn free(&self) -> Option<usize> {
        (self.beginning < CANCELLED).then_some(self.beginning)
    }

    /// How many slots can be had.
    fn room(&self) -> usize {
        let mut slots = Vec::new();
        while let Ok(slot) = self.source.get().slot() {
            slots.push(slot);
        }
        slots.len()
    }

    /// Somebody found no slot. They must all have been taken.
    fn refused(&self) {
        assert!(self.free().is_some_and(|free| free < self.takers.get()), "full, and is not");
    }

    /// Somebody found a slot.
    fn admitted(&self) {
        assert!(self.free() != Some(0) || self.givers.get() > 0 || self.source.is_cancelled(), "not full, and is");
    }

    /// An operation holds a slot, and waits in it.
    fn holds(&self, waits: bool) {
        add(&self.held, 1);
        add(&self.armed, waits.into());
    }
}

/// One who waits, or will.
impl State<Family> for Waits {
    fn settle(&mut self, family: &Family) {
        if self.it.is_some() && !family.source.is_cancelled() {
            family.holds(self.is_waiting());
        }
        Watched::settle(self);
    }

    fn end(self: Box<Self>, _: &Family) {
        Watched::end(*self);
    }
}

fn no_slot(family: &Family) -> Waits {
    add(&family.takers, 1);
    Waits::new(None)
}

fn slot(family: &Family) -> Waits {
    add(&family.taken, 1);
    add(&family.givers, 1);
    let slot = family.source.get().slot();
    assert!(slot.is_ok());
    Waits::new(slot.ok())
}

fn waiting(family: &Family) -> Waits {
    let mut waits = slot(family);
    assert!(poll(family, &mut waits, 0).is_pending());
    waits
}

fn passing(family: &Family) -> Waits {
    add(&family.givers, 1);
    no_slot(family)
}

fn claim(family: &Family, waits: &mut Waits) {
    let over = family.source.is_cancelled();
    match family.source.get().slot() {
        Ok(slot) => {
            family.admitted();
            waits.it = Some(slot);
        }
        Err(_) => {
            assert!(!over, "who need not wait needs no slot");
            family.refused();
        }
    }
}

fn poll(family: &Family, waits: &mut Waits, number: usize) -> Poll<()> {
    let over = family.source.is_cancelled();
    let answer = waits.poll(number, StaticSlot::poll_cancelled);
    assert!(!over || answer.is_ready(), "cancelled, and still waits");
    assert!(answer.is_pending() || family.source.is_cancelled(), "told, and not cancelled");
    answer
}

fn come_and_go(family: &Family, waits: &mut Waits) {
    claim(family, waits);
    if waits.it.is_some() {
        let _ = poll(family, waits, 0);
        waits.leave();
    }
}

/// A callback, and what became of it.
struct Called {
    registration: Option<StaticRegistration<'static>>,
    runs: Kept<AtomicUsize>,
    /// The fewest and the most runs.
    due: (usize, usize),
    is_held: bool,
    settled: usize,
}

impl State<Family> for Called {
    fn settle(&mut self, family: &Family) {
        if self.is_held && !family.source.is_cancelled() {
            family.holds(true);
        }
        self.settled = self.runs.load(Relaxed);
        assert!(self.settled <= self.due.1, "ran, and should not have");
    }

    fn end(self: Box<Self>, _: &Family) {
        let runs = self.runs.load(Relaxed);
        assert!((self.due.0..=self.due.1).contains(&runs), "ran {runs} times, not {:?}", self.due);
        assert!(self.is_held || runs == self.settled, "ran after it had gone");
        drop(self.registration);
    }
}

fn no_callback(family: &Family) -> Called {
    add(&family.takers, 1);
    Called { registration: None, runs: Kept::new(AtomicUsize::new(0)), due: (0, 0), is_held: false, settled: 0 }
}

fn callback(family: &Family) -> Called {
    let mut called = no_callback(family);
    add(&family.givers, 1);
    register(family, &mut called);
    // It was taken before the operations begin.
    family.takers.set(family.takers.get() - 1);
    add(&family.taken, 1);
    assert!(called.is_held);
    called
}

fn passing_callback(family: &Family) -> Called {
    add(&family.givers, 1);
    no_callback(family)
}

fn register(family: &Family, called: &mut Called) {
    let (over, before) = (family.source.is_cancelled(), called.runs.load(Relaxed));
    let runs = called.runs.get();
    let callback = move || {
        point();
        runs.fetch_add(1, Relaxed);
        point();
    };
    match family.source.get().token().try_register(callback) {
        Ok(registration) => {
            assert!(!over, "registered, and nobody will call");
            called.registration = Some(registration);
            called.due = (before + 1, before + 1);
            called.is_held = true;
        }
        Err(TryRegisterError::Full(_)) => {
            assert!(!over);
            family.refused();
        }
        Err(_) => assert!(family.source.is_cancelled()),
    }
}

fn unregister(_: &Family, called: &mut Called) {
    let Some(registration) = &mut called.registration else { return };
    let removed = registration.unregister();
    if removed {
        called.due = (called.due.0 - 1, called.due.1 - 1);
        called.is_held = false;
    }
    assert!(!registration.unregister(), "removed twice");
}

fn drop_registration(_: &Family, called: &mut Called) {
    called.registration = None;
    called.due.0 -= 1;
    called.is_held = false;
}

fn register_and_unregister(family: &Family, called: &mut Called) {
    register(family, called);
    unregister(family, called);
    called.is_held &= family.source.is_cancelled();
}

/// Who cancels holds nothing.
struct Nothing;

impl State<Family> for Nothing {
    fn settle(&mut self, family: &Family) {
        assert!(family.others.borrow().iter().all(|waits| waits.was_woken() == family.source.is_cancelled()));
    }
    fn end(self: Box<Self>, _: &Family) {}
}

fn nothing(_: &Family) -> Nothing {
    Nothing
}

fn cancel(family: &Family) {
    let won = family.source.cancel();
    assert!(family.source.is_cancelled());
    if won {
        add(&family.wins, 1);
        assert!(family.others.borrow().iter().all(Watched::was_woken), "cancelled, and not all were woken");
        assert!(family.child.is_cancelled());
    }
}

fn cancel_parent(family: &Family) {
    let won = family.parent.cancel();
    assert!(family.parent.is_cancelled());
    add(&family.parent_wins, won.into());
}

fn cancel_child(family: &Family) {
    let won = family.child.cancel();
    assert!(family.child.is_cancelled());
    add(&family.wins_over_child, won.into());
    if won {
        assert!(family.child_waits.borrow().as_ref().is_some_and(Watched::was_woken));
    }
}

/// Waits at the child.
struct AtChild(Waits);

impl State<Family> for AtChild {
    fn settle(&mut self, _: &Family) {
        self.0.settle();
    }
    fn end(self: Box<Self>, _: &Family) {
        self.0.end();
    }
}

fn poll_child(family: &Family, AtChild(waits): &mut AtChild) {
    let over = family.child.is_cancelled();
    let answer = waits.poll(0, StaticSlot::poll_cancelled);
    assert!(!over || answer.is_ready());
    assert!(answer.is_pending() || family.child.is_cancelled());
}

/// A source of its own that is linked, and is waited for.
struct Linked {
    child: Kept<Source<1>>,
    waits: Waits,
    is_linked: bool,
}

impl State<Family> for Linked {
    fn settle(&mut self, family: &Family) {
        if self.is_linked && !family.source.is_cancelled() {
            family.holds(true);
        }
        assert_eq!(self.child.is_cancelled(), self.is_linked && family.source.is_cancelled());
    }

    fn end(self: Box<Self>, _: &Family) {
        assert_eq!(self.child.is_cancelled(), self.is_linked);
        self.child.cancel();
        self.waits.end();
    }
}

fn unlinked(family: &Family) -> Linked {
    add(&family.takers, 1);
    let child = Kept::new(Source::new());
    let mut waits = Waits::new(child.get().slot().ok());
    assert!(waits.poll(0, StaticSlot::poll_cancelled).is_pending());
    Linked { child, waits, is_linked: false }
}

fn link(family: &Family, linked: &mut Linked) {
    match linked.child.get().link(family.source.get()) {
        Ok(first) => {
            assert!(first);
            linked.is_linked = true;
            family.admitted();
        }
        Err(_) => family.refused(),
    }
}

fn adopter(family: &Family) -> Nothing {
    add(&family.takers, 1);
    add(&family.givers, 1);
    Nothing
}

fn adopt(family: &Family, _: &mut Nothing) {
    match family.orphan.get().link(family.source.get()) {
        Ok(first) => add(&family.adopted, first.into()),
        Err(_) => family.refused(),
    }
    assert!(family.adopted.get() <= 1, "linked twice");
}

fn look(family: &Family, _: &mut Nothing) {
    let before = family.source.is_cancelled();
    assert!(family.source.token().listeners() <= SLOTS);
    assert!(!before || family.source.is_cancelled());
}

fn operations() -> Vec<Operation<Family>> {
    vec![
        operation("cancel", nothing, |family, _| cancel(family)).repeats(),
        operation("cancel of the parent", nothing, |family, _| cancel_parent(family)).repeats(),
        operation("cancel of the child", nothing, |family, _| cancel_child(family)).repeats(),
        operation("look", nothing, look).repeats(),
        operation("slot", no_slot, claim),
        operation("first poll", slot, |family, waits| _ = poll(family, waits, 0)),
        operation("poll with the same waker", waiting, |family, waits| _ = poll(family, waits, 0)).repeats(),
        operation("poll with another waker", waiting, |family, waits| _ = poll(family, waits, 1)),
        operation("drop of an unpolled slot", slot, |_, waits| waits.leave()),
        operation("drop of a waiting slot", waiting, |_, waits| waits.leave()),
        operation("slot, poll and drop", passing, come_and_go),
        operation("first poll at the child", |family| AtChild(Waits::new(family.child.get().slot().ok())), poll_child),
        operation("register", no_callback, register),
        operation("unregister", callback, unregister),
        operation("drop of a registration", callback, drop_registration),
        operation("register and unregister", passing_callback, register_and_unregister),
        operation("link", unlinked, link),
        operation("link of the same source", adopter, adopt),
    ]
}

#[test]
fn source_pairs() {
    Matrix::new("static source", operations()).pairs((324, 12000));
}

#[test]
fn source_repeated() {
    Matrix::new("static source", operations()).repeated((90, 3000));
}

#[test]
fn source_nested() {
    Matrix::new("static source", operations()).nested(&[0, 1, 3], (5832, 1000000));
}

#[test]
fn source_in_turn() {
    Matrix::new("static source", operations()).in_turn(&[1], (5832, 900_000));
}
