//! Sources on the heap: every operation preempted by every other, while a handle is kept.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use taskcell::{
    CancellationToken, CancellationTokenSource as Source, Registration, TryRegisterError, WaitForCancelledOwned,
};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Watched, World, add, operation, point};

const CAPACITY: usize = 8;

type Waits = Watched<WaitForCancelledOwned>;

/// A source, and who listens to it beside the operations.
struct Scene {
    source: Source,
    token: CancellationToken,
    child: Source,
    beginning: usize,
    others: RefCell<Vec<Waits>>,
    callbacks: RefCell<Vec<Called>>,
    /// How many callbacks there is room for where there are no others.
    room: usize,
    /// Callbacks and waiters may leave gaps between each other; callbacks alone do not.
    only_callbacks: Cell<bool>,
    held: Cell<usize>,
    listening: Cell<usize>,
    wins: Cell<usize>,
}

const EMPTY: usize = 0;
const ONE_FREE: usize = 1;
const GROWN: usize = 3;
const CANCELLED: usize = 4;

impl World for Scene {
    const BEGINNINGS: &'static [&'static str] = &["empty", "one place free", "full", "grown", "cancelled"];

    fn new(beginning: usize) -> Self {
        let source = Source::with_capacity(CAPACITY);
        let scene = Self {
            token: source.token(),
            child: Source::linked([&source.token()]),
            source,
            beginning,
            others: RefCell::default(),
            callbacks: RefCell::default(),
            room: 0,
            only_callbacks: Cell::new(true),
            held: Cell::default(),
            listening: Cell::new(1),
            wins: Cell::default(),
        };
        let room = scene.fill().len();
        assert!(room >= 3);
        Self { room, ..scene }
    }

    fn ready(&self) {
        match self.beginning {
            EMPTY => {}
            GROWN => {
                for _ in 0..2 * CAPACITY {
                    let mut waits = Waits::new(Some(self.token.clone().cancelled_owned()));
                    assert!(poll(self, &mut waits, 0).is_pending());
                    self.others.borrow_mut().push(waits);
                }
                self.only_callbacks.set(false);
            }
            CANCELLED => cancel(self),
            beginning => {
                let mut callbacks = self.fill();
                if beginning == ONE_FREE {
                    callbacks.pop().expect("one").leave();
                }
                self.callbacks.replace(callbacks);
            }
        }
    }

    fn settle(&self) {
        let over = self.token.is_cancelled();
        self.callbacks.borrow_mut().iter_mut().for_each(|called| State::settle(called, self));
        self.others.borrow_mut().iter_mut().for_each(|waits| State::settle(waits, self));
        assert_eq!(over, self.child.is_cancelled());
        assert_eq!(self.token.listeners(), if over { 0 } else { self.listening.get() }, "who listens");
        if !over && self.only_callbacks.get() {
            let mut filled = self.fill();
            assert_eq!(filled.len(), self.room - self.held.get(), "room for callbacks");
            filled.iter_mut().for_each(Called::leave);
        }
    }

    fn end(&self) {
        cancel(self);
        assert!(self.child.is_cancelled());
        assert_eq!(self.wins.get(), 1, "winners");
        self.others.take().into_iter().for_each(Watched::end);
        self.callbacks.take().into_iter().for_each(|called| Box::new(called).end(self));
    }
}

impl Scene {
    /// Registers callbacks until there is no room.
    fn fill(&self) -> Vec<Called> {
        let mut all = Vec::new();
        loop {
            let mut called = Called::new();
            if !called.register(self) {
                return all;
            }
            all.push(called);
        }
    }
}

impl State<Scene> for Waits {
    fn settle(&mut self, scene: &Scene) {
        add(&scene.listening, self.is_waiting().into());
        Watched::settle(self);
    }
    fn end(self: Box<Self>, _: &Scene) {
        Watched::end(*self);
    }
}

fn future(scene: &Scene) -> Waits {
    scene.only_callbacks.set(false);
    Waits::new(Some(scene.token.clone().cancelled_owned()))
}

fn waiting(scene: &Scene) -> Waits {
    let mut waits = future(scene);
    assert!(poll(scene, &mut waits, 0).is_pending());
    waits
}

fn poll(scene: &Scene, waits: &mut Waits, number: usize) -> Poll<()> {
    let over = scene.token.is_cancelled();
    let answer = waits.poll(number, |future, cx: &mut Context<'_>| Pin::new(future).poll(cx));
    assert!(!over || answer.is_ready(), "cancelled, and still waits");
    assert!(answer.is_pending() || scene.token.is_cancelled(), "told, and not cancelled");
    answer
}

fn come_and_go(scene: &Scene, waits: &mut Waits) {
    waits.it = Some(scene.token.clone().cancelled_owned());
    let _ = poll(scene, waits, 0);
    waits.leave();
}

/// A callback, and what became of it.
struct Called {
    registration: Option<Registration>,
    runs: Kept<AtomicUsize>,
    due: (usize, usize),
    is_held: bool,
    settled: usize,
}

impl Called {
    fn new() -> Self {
        Self { registration: None, runs: Kept::new(AtomicUsize::new(0)), due: (0, 0), is_held: false, settled: 0 }
    }

    /// False: there is no room.
    fn register(&mut self, scene: &Scene) -> bool {
        let over = scene.token.is_cancelled();
        let runs = self.runs.get();
        let callback = move || {
            point();
            runs.fetch_add(1, Relaxed);
            point();
        };
        match scene.token.try_register(callback) {
            Ok(registration) => {
                assert!(!over, "registered, and nobody will call");
                self.registration = Some(registration);
                self.due = (self.due.0 + 1, self.due.1 + 1);
                self.is_held = true;
            }
            Err(TryRegisterError::Full(_)) => {
                assert!(!over);
                return false;
            }
            Err(TryRegisterError::Cancelled(_)) => assert!(scene.token.is_cancelled()),
            Err(_) => unreachable!("there is a source"),
        }
        true
    }

    fn leave(&mut self) {
        self.registration = None;
        self.due.0 -= 1;
        self.is_held = false;
    }
}

impl State<Scene> for Called {
    fn settle(&mut self, scene: &Scene) {
        add(&scene.held, self.is_held.into());
        add(&scene.listening, self.is_held.into());
        self.settled = self.runs.load(Relaxed);
        assert!(self.settled <= self.due.1, "ran, and should not have");
    }

    fn end(self: Box<Self>, _: &Scene) {
        let runs = self.runs.load(Relaxed);
        assert!((self.due.0..=self.due.1).contains(&runs), "ran {runs} times, not {:?}", self.due);
        assert!(self.is_held || runs == self.settled, "ran after it had gone");
        drop(self.registration);
    }
}

fn no_callback(_: &Scene) -> Called {
    Called::new()
}

fn callback(scene: &Scene) -> Called {
    let mut called = Called::new();
    assert!(called.register(scene), "room");
    called
}

fn register(scene: &Scene, called: &mut Called) {
    let has_room = called.register(scene);
    assert!(has_room || scene.beginning != EMPTY, "full, and is not");
}

fn unregister(_: &Scene, called: &mut Called) {
    let Some(registration) = &mut called.registration else { return };
    if registration.unregister().is_removed() {
        called.due = (called.due.0 - 1, called.due.1 - 1);
        called.is_held = false;
    }
}

fn register_and_unregister(scene: &Scene, called: &mut Called) {
    register(scene, called);
    unregister(scene, called);
    called.is_held &= scene.token.is_cancelled();
}

/// Who cancels and looks holds nothing.
struct Nothing;

impl State<Scene> for Nothing {
    fn settle(&mut self, _: &Scene) {}
    fn end(self: Box<Self>, _: &Scene) {}
}

fn nothing(_: &Scene) -> Nothing {
    Nothing
}

fn cancel(scene: &Scene) {
    let won = scene.source.cancel();
    assert!(scene.token.is_cancelled());
    add(&scene.wins, won.into());
    if won {
        assert!(scene.others.borrow().iter().all(Watched::was_woken), "cancelled, and not all were woken");
        assert!(scene.child.is_cancelled());
    }
}

fn look(scene: &Scene, _: &mut Nothing) {
    let before = scene.token.is_cancelled();
    assert!(scene.token.can_be_cancelled());
    assert!(!before || scene.token.clone().check().is_err());
    let _ = scene.token.listeners();
    assert!(!before || scene.token.reason().is_some());
}

/// This one allocates and frees, which an interrupt may not; the source is to be right all the same.
fn child(scene: &Scene, _: &mut Nothing) {
    let over = scene.token.is_cancelled();
    let child = Source::linked([&scene.token]);
    assert!(!over || child.is_cancelled());
    assert!(!child.is_cancelled() || scene.token.is_cancelled());
}

fn child_beside_waiters(scene: &Scene) -> Nothing {
    scene.only_callbacks.set(false);
    Nothing
}

fn operations() -> Vec<Operation<Scene>> {
    let mut operations = basic();
    operations.extend([
        operation("look", nothing, look).repeats(),
        operation("poll and drop", future, come_and_go),
        operation("register and unregister", no_callback, register_and_unregister).repeats(),
        operation("child made and dropped", child_beside_waiters, child).repeats(),
    ]);
    operations
}

/// What everything else is made of.
fn basic() -> Vec<Operation<Scene>> {
    vec![
        operation("cancel", nothing, |scene, _| cancel(scene)).repeats(),
        operation("first poll", future, |scene, waits| _ = poll(scene, waits, 0)),
        operation("poll with the same waker", waiting, |scene, waits| _ = poll(scene, waits, 0)).repeats(),
        operation("poll with another waker", waiting, |scene, waits| _ = poll(scene, waits, 1)),
        operation("drop of a waiter", waiting, |_, waits| waits.leave()),
        operation("register", no_callback, register),
        operation("unregister", callback, unregister),
        operation("drop of a registration", callback, |_, called| called.leave()),
    ]
}

#[test]
fn heap_source_pairs() {
    Matrix::new("heap source", operations()).pairs((144, 17000));
}

#[test]
fn heap_source_repeated() {
    Matrix::new("heap source", operations()).repeated((60, 7000));
}

#[test]
fn heap_source_nested() {
    Matrix::new("heap source", basic()).nested(&[1], (512, 200000));
}
