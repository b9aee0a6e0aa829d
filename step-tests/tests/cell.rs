//! Cells in a `static`: every operation preempted by every other.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll};
use taskcell::{StaticTaskCell, StaticTaskSlot};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Watched, World, add, fault, operation, point};

const SLOTS: usize = 5;

/// A value that is interrupted while it is moved about: it counts who lives.
#[derive(Debug)]
struct Value {
    number: usize,
    live: &'static Cell<usize>,
}

impl Drop for Value {
    fn drop(&mut self) {
        point();
        self.live.set(self.live.get() - 1);
    }
}

type Waits = Watched<StaticTaskSlot<'static, Value>>;

/// A cell; what the operations leave is taken by waiters, up to what is to be free.
struct Scene {
    cell: Kept<StaticTaskCell<Value, SLOTS>>,
    live: Kept<Cell<usize>>,
    others: RefCell<Vec<Waits>>,
    beginning: usize,
    /// When the last of the others was woken, once they were.
    last: Cell<Option<usize>>,
    is_ready: Cell<bool>,
    taken: Cell<usize>,
    takers: Cell<usize>,
    givers: Cell<usize>,
    held: Cell<usize>,
    armed: Cell<usize>,
    /// How many values there were, and which one has won.
    values: Cell<usize>,
    winner: Cell<Option<usize>>,
}

const SET: usize = 3;

impl World for Scene {
    const BEGINNINGS: &'static [&'static str] = &["full", "one slot free", "two slots free", "set"];

    fn new(beginning: usize) -> Self {
        Self {
            cell: Kept::new(StaticTaskCell::new()),
            live: Kept::new(Cell::new(0)),
            others: RefCell::default(),
            beginning,
            last: Cell::default(),
            is_ready: Cell::default(),
            taken: Cell::default(),
            takers: Cell::default(),
            givers: Cell::default(),
            held: Cell::default(),
            armed: Cell::default(),
            values: Cell::default(),
            winner: Cell::default(),
        }
    }

    fn ready(&self) {
        for _ in self.taken.get() + self.free().unwrap_or(0)..SLOTS {
            let mut waits = Waits::new(self.cell.get().slot().ok());
            assert!(poll(self, &mut waits, 0).is_pending());
            self.others.borrow_mut().push(waits);
            add(&self.held, 1);
            add(&self.armed, 1);
        }
        if self.beginning == SET {
            set(self);
        }
        self.is_ready.set(true);
    }

    fn settle(&self) {
        if self.cell.get().get().is_none() {
            assert_eq!(self.winner.get(), None);
            assert_eq!(self.cell.listeners(), self.armed.get(), "who waits");
            let mut slots = Vec::new();
            while let Ok(slot) = self.cell.get().slot() {
                slots.push(slot);
            }
            assert_eq!(slots.len(), SLOTS - self.held.get(), "free slots");
            assert!(self.others.borrow().iter().all(|waits| !waits.was_woken()));
        } else {
            assert_eq!(self.cell.listeners(), 0);
            assert!(self.others.borrow().iter().all(Watched::was_woken));
        }
        self.others.borrow_mut().iter_mut().for_each(Watched::settle);
    }

    fn end(&self) {
        set(self);
        assert_eq!(self.cell.get().get().map(|value| value.number), self.winner.get());
        assert!(self.winner.get().is_some(), "nobody has won");
        assert_eq!(self.live.get().get(), 1, "the losers' values");
        let woken: Vec<_> = self.others.borrow().iter().map(Watched::woken_at).collect();
        assert!(woken.is_sorted(), "not in the order of waiting");
        self.last.set(woken.into_iter().max().flatten());
        self.others.take().into_iter().for_each(Watched::end);
    }
}

impl Scene {
    fn free(&self) -> Option<usize> {
        (self.beginning < SET).then_some(self.beginning)
    }
}

impl State<Scene> for Waits {
    fn settle(&mut self, scene: &Scene) {
        if self.it.is_some() && scene.cell.get().get().is_none() {
            add(&scene.held, 1);
            add(&scene.armed, self.is_waiting().into());
        }
        Watched::settle(self);
    }

    fn end(self: Box<Self>, scene: &Scene) {
        assert!(!self.is_late || self.woken_at().is_none() || self.woken_at() > scene.last.get(), "out of order");
        Watched::end(*self);
    }
}

fn no_slot(scene: &Scene) -> Waits {
    add(&scene.takers, 1);
    Waits::new(None)
}

fn slot(scene: &Scene) -> Waits {
    add(&scene.taken, 1);
    add(&scene.givers, 1);
    Waits::new(scene.cell.get().slot().ok())
}

fn waiting(scene: &Scene) -> Waits {
    let mut waits = slot(scene);
    assert!(poll(scene, &mut waits, 0).is_pending());
    waits
}

fn passing(scene: &Scene) -> Waits {
    add(&scene.givers, 1);
    no_slot(scene)
}

fn claim(scene: &Scene, waits: &mut Waits) {
    let over = scene.cell.is_completed();
    match scene.cell.get().slot() {
        Ok(slot) => {
            assert!(scene.free() != Some(0) || scene.givers.get() > 0 || scene.cell.is_completed());
            waits.it = Some(slot);
        }
        Err(_) => {
            assert!(!over, "who need not wait needs no slot");
            assert!(scene.free().is_some_and(|free| free < scene.takers.get()), "full, and is not");
        }
    }
}

fn poll(scene: &Scene, waits: &mut Waits, number: usize) -> Poll<()> {
    let over = scene.cell.is_completed();
    waits.is_late |= scene.is_ready.get() && !waits.is_waiting();
    let answer = waits.poll(number, |slot, cx: &mut Context<'_>| {
        Pin::new(slot).poll(cx).map(|value| assert_eq!(Some(value.number), seen(scene)))
    });
    assert!(!over || answer.is_ready(), "there is a value, and it waits");
    answer
}

fn come_and_go(scene: &Scene, waits: &mut Waits) {
    claim(scene, waits);
    if waits.it.is_some() {
        let _ = poll(scene, waits, 0);
        waits.leave();
    }
}

/// Who sets and looks holds nothing.
struct Nothing;

impl State<Scene> for Nothing {
    fn settle(&mut self, _: &Scene) {}
    fn end(self: Box<Self>, _: &Scene) {}
}

fn nothing(_: &Scene) -> Nothing {
    Nothing
}

/// What everybody sees, which never changes.
fn seen(scene: &Scene) -> Option<usize> {
    let number = scene.cell.get().get().map(|value| value.number);
    if let (Some(number), Some(winner)) = (number, scene.winner.get()) {
        assert_eq!(number, winner, "another value than the winner's");
    }
    number
}

fn set(scene: &Scene) {
    let number = scene.values.get();
    let live = scene.live.get();
    add(&scene.values, 1);
    add(live, 1);
    match scene.cell.try_set(Value { number, live }) {
        Ok(()) => {
            assert_eq!(scene.winner.replace(Some(number)), None, "two have won");
            assert_eq!(seen(scene), Some(number));
            assert!(scene.others.borrow().iter().all(Watched::was_woken), "set, and not all were woken");
        }
        Err(value) => assert_eq!(value.number, number, "the loser's value is another's"),
    }
}

/// A mistake, to be noticed: who has lost waits for the winner, whom it may have interrupted.
fn set_and_spin(scene: &Scene, _: &mut Nothing) {
    set(scene);
    while scene.cell.get().get().is_none() {}
}

fn look(scene: &Scene, _: &mut Nothing) {
    let before = seen(scene);
    assert!(scene.cell.listeners() <= SLOTS);
    assert!(before.is_none() || before == seen(scene));
}

fn operations() -> Vec<Operation<Scene>> {
    let set: fn(&Scene, &mut Nothing) = if fault() == Some("spin") { set_and_spin } else { |scene, _| set(scene) };
    vec![
        operation("set", nothing, set).repeats(),
        operation("look", nothing, look).repeats(),
        operation("slot", no_slot, claim),
        operation("first poll", slot, |scene, waits| _ = poll(scene, waits, 0)),
        operation("poll with the same waker", waiting, |scene, waits| _ = poll(scene, waits, 0)).repeats(),
        operation("poll with another waker", waiting, |scene, waits| _ = poll(scene, waits, 1)),
        operation("drop of an unpolled slot", slot, |_, waits| waits.leave()),
        operation("drop of a waiting slot", waiting, |_, waits| waits.leave()),
        operation("slot, poll and drop", passing, come_and_go),
    ]
}

#[test]
fn cell_pairs() {
    Matrix::new("static cell", operations()).pairs((81, 2500));
}

#[test]
fn cell_repeated() {
    Matrix::new("static cell", operations()).repeated((27, 900));
}

#[test]
fn cell_nested() {
    Matrix::new("static cell", operations()).nested(&[0, 1, 2, 3], (729, 150000));
}

#[test]
fn cell_in_turn() {
    Matrix::new("static cell", operations()).in_turn(&[0, 1, 2], (729, 300_000));
}
