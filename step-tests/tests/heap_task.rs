//! Tasks: every operation preempted by every other, while a handle is kept.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use taskcell::{CompletionRegistration, Task, TaskCompletionSource, TaskError, WaitForTask};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Watched, World, add, operation, point};

type Waits = Watched<WaitForTask<'static, usize, usize>>;

/// A task, its source, and who waits beside the operations.
struct Scene {
    source: TaskCompletionSource<usize, usize>,
    task: Kept<Task<usize, usize>>,
    others: RefCell<Vec<Waits>>,
    beginning: usize,
    is_ready: Cell<bool>,
    /// When the last of the others was woken, once they were.
    last: Cell<Option<usize>>,
    listening: Cell<usize>,
    outcomes: Cell<usize>,
    winner: Cell<Option<Result<usize, usize>>>,
}

const ENDED: usize = 4;
/// How many wait beside the operations.
const OTHERS: [usize; 5] = [0, 1, 2, 9, 2];

impl World for Scene {
    const BEGINNINGS: &'static [&'static str] = &["alone", "one waits", "two wait", "nine wait", "ended"];

    fn new(beginning: usize) -> Self {
        let (source, task) = TaskCompletionSource::pair();
        Self {
            source,
            task: Kept::new(task),
            others: RefCell::default(),
            beginning,
            is_ready: Cell::default(),
            last: Cell::default(),
            listening: Cell::default(),
            outcomes: Cell::default(),
            winner: Cell::default(),
        }
    }

    fn ready(&self) {
        for _ in 0..OTHERS[self.beginning] {
            let mut waits = future(self);
            assert!(poll(self, &mut waits, 0).is_pending());
            self.others.borrow_mut().push(waits);
        }
        if self.beginning == ENDED {
            set(self);
        }
        self.is_ready.set(true);
    }

    fn settle(&self) {
        let over = self.task.is_completed();
        self.others.borrow_mut().iter_mut().for_each(|waits| State::settle(waits, self));
        assert_eq!(over, self.winner.get().is_some());
        assert_eq!(self.task.listeners(), if over { 0 } else { self.listening.get() }, "who waits");
        assert!(self.others.borrow().iter().all(|waits| waits.was_woken() == over));
    }

    fn end(&self) {
        set(self);
        assert_eq!(seen(self), self.winner.get());
        assert!(self.winner.get().is_some(), "nobody has won");
        let woken: Vec<_> = self.others.borrow().iter().map(Watched::woken_at).collect();
        assert!(woken.is_sorted(), "not in the order of waiting");
        self.last.set(woken.into_iter().max().flatten());
        self.others.take().into_iter().for_each(Watched::end);
    }
}

impl State<Scene> for Waits {
    fn settle(&mut self, scene: &Scene) {
        add(&scene.listening, self.is_waiting().into());
        Watched::settle(self);
    }

    fn end(self: Box<Self>, scene: &Scene) {
        assert!(!self.is_late || self.woken_at().is_none() || self.woken_at() > scene.last.get(), "out of order");
        Watched::end(*self);
    }
}

fn future(scene: &Scene) -> Waits {
    Waits::new(Some(scene.task.get().into_future()))
}

fn waiting(scene: &Scene) -> Waits {
    let mut waits = future(scene);
    assert!(poll(scene, &mut waits, 0).is_pending());
    waits
}

fn poll(scene: &Scene, waits: &mut Waits, number: usize) -> Poll<()> {
    let over = scene.task.is_completed();
    waits.is_late |= scene.is_ready.get() && !waits.is_waiting();
    let answer = waits.poll(number, |future, cx: &mut Context<'_>| {
        Pin::new(future).poll(cx).map(|outcome| assert_eq!(Some(plain(outcome)), seen(scene)))
    });
    assert!(!over || answer.is_ready(), "it has ended, and somebody waits");
    answer
}

fn come_and_go(scene: &Scene, waits: &mut Waits) {
    waits.it = Some(scene.task.get().into_future());
    let _ = poll(scene, waits, 0);
    waits.leave();
}

fn plain(outcome: Result<&usize, &TaskError<usize>>) -> Result<usize, usize> {
    outcome.copied().map_err(|error| *error.fault().expect("an error was set"))
}

/// What everybody sees, which never changes.
fn seen(scene: &Scene) -> Option<Result<usize, usize>> {
    let seen = scene.task.try_result().map(plain);
    assert!(seen.is_none() || scene.winner.get().is_none() || seen == scene.winner.get(), "another outcome");
    seen
}

fn won(scene: &Scene, outcome: Result<usize, usize>) {
    assert_eq!(scene.winner.replace(Some(outcome)), None, "two have won");
    assert_eq!(seen(scene), Some(outcome));
    assert!(scene.others.borrow().iter().all(Watched::was_woken), "ended, and not all were woken");
}

fn set(scene: &Scene) {
    let number = scene.outcomes.get();
    add(&scene.outcomes, 1);
    match scene.source.try_set_result(number) {
        Ok(()) => won(scene, Ok(number)),
        Err(value) => assert_eq!(value, number, "the loser's value is another's"),
    }
}

fn fail(scene: &Scene) {
    let number = scene.outcomes.get();
    add(&scene.outcomes, 1);
    match scene.source.try_set_error(number) {
        Ok(()) => won(scene, Err(number)),
        Err(error) => assert_eq!(error, number, "the loser's error is another's"),
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

fn look(scene: &Scene, _: &mut Nothing) {
    let before = seen(scene);
    assert!(before.is_none() || scene.task.is_completed());
    let _ = (scene.task.listeners(), scene.source.task().status());
    assert!(before.is_none() || before == seen(scene));
}

/// A callback, and what became of it.
struct Called {
    registration: Option<CompletionRegistration<usize, usize>>,
    runs: Kept<AtomicUsize>,
    due: (usize, usize),
    settled: usize,
}

impl State<Scene> for Called {
    fn settle(&mut self, scene: &Scene) {
        add(&scene.listening, (self.due == (1, 1)).into());
        self.settled = self.runs.load(Relaxed);
        assert!(self.settled <= self.due.1, "ran, and should not have");
    }

    fn end(self: Box<Self>, _: &Scene) {
        let runs = self.runs.load(Relaxed);
        assert!((self.due.0..=self.due.1).contains(&runs), "ran {runs} times, not {:?}", self.due);
        assert!(self.due == (1, 1) || runs == self.settled, "ran after it had gone");
        drop(self.registration);
    }
}

fn no_callback(_: &Scene) -> Called {
    Called { registration: None, runs: Kept::new(AtomicUsize::new(0)), due: (0, 0), settled: 0 }
}

fn callback(scene: &Scene) -> Called {
    let mut called = no_callback(scene);
    on_completed(scene, &mut called);
    called
}

fn on_completed(scene: &Scene, called: &mut Called) {
    let runs = called.runs.get();
    called.registration = Some(scene.task.get().on_completed(move |task| {
        assert!(task.is_completed());
        point();
        runs.fetch_add(1, Relaxed);
        point();
    }));
    called.due = (1, 1);
}

fn unregister(_: &Scene, called: &mut Called) {
    if called.registration.as_mut().is_some_and(CompletionRegistration::unregister) {
        called.due = (0, 0);
    }
}

fn drop_registration(_: &Scene, called: &mut Called) {
    called.registration = None;
    called.due = (0, 1);
}

fn operations() -> Vec<Operation<Scene>> {
    vec![
        operation("set result", nothing, |scene, _| set(scene)).repeats(),
        operation("set error", nothing, |scene, _| fail(scene)).repeats(),
        operation("look", nothing, look).repeats(),
        operation("first poll", future, |scene, waits| _ = poll(scene, waits, 0)),
        operation("poll with the same waker", waiting, |scene, waits| _ = poll(scene, waits, 0)).repeats(),
        operation("poll with another waker", waiting, |scene, waits| _ = poll(scene, waits, 1)),
        operation("drop of a waiter", waiting, |_, waits| waits.leave()),
        operation("poll and drop", future, come_and_go),
        operation("on_completed", no_callback, on_completed),
        operation("unregister", callback, unregister),
        operation("drop of a registration", callback, drop_registration),
    ]
}

#[test]
fn task_pairs() {
    Matrix::new("task", operations()).pairs((121, 6000));
}

#[test]
fn task_repeated() {
    Matrix::new("task", operations()).repeated((44, 2000));
}

#[test]
fn task_nested() {
    Matrix::new("task", operations()).nested(&[0, 2], (1331, 300000));
}

#[test]
fn task_in_turn() {
    Matrix::new("task", operations()).in_turn(&[0, 2], (1331, 300_000));
}
