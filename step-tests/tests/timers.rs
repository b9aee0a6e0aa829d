//! Timer queues, in a `static` and on the heap: every operation preempted by every other.
#![cfg(step)]

use std::cell::{Cell, RefCell};
use std::task::Waker;
use taskcell::time::{Alarm, StaticTimerQueue, TimerQueue, Timestamp};
use taskcell_step_tests::{Kept, Matrix, Operation, State, Wakes, World, add, operation};

const ENTRIES: usize = 5;

/// When what is due is due; when that is fired; when the rest is.
const DUE: u64 = 10;
const NOW: u64 = 20;
const LATE: u64 = 30;
const END: u64 = 40;

/// A queue of either kind.
trait Queue: Sized + 'static {
    /// Entries of the queue, if there is a limit.
    const ROOM: Option<usize>;
    fn new() -> Self;
    fn arm(&'static self, deadline: Timestamp, waker: Waker) -> Option<Alarm>;
    fn turn(&'static self, now: Timestamp) -> usize;
    fn next_deadline(&'static self) -> Option<Timestamp>;
    fn armed(&'static self) -> usize;
}

macro_rules! queue {
    ($type:ty, $room:expr, $arm:expr) => {
        impl Queue for $type {
            const ROOM: Option<usize> = $room;
            fn new() -> Self {
                <$type>::new()
            }
            fn arm(&'static self, deadline: Timestamp, waker: Waker) -> Option<Alarm> {
                $arm(<$type>::arm(self, deadline, waker))
            }
            fn turn(&'static self, now: Timestamp) -> usize {
                <$type>::turn(self, now)
            }
            fn next_deadline(&'static self) -> Option<Timestamp> {
                <$type>::next_deadline(self)
            }
            fn armed(&'static self) -> usize {
                <$type>::armed(self)
            }
        }
    };
}

queue!(StaticTimerQueue<ENTRIES>, Some(ENTRIES), |armed: Result<_, _>| armed.ok());
queue!(TimerQueue, None, Some);

/// A queue; what the operations leave of its entries is armed, up to what is to be free.
struct Scene<Q: 'static> {
    others: RefCell<Vec<Timer>>,
    queue: Kept<Q>,
    free: usize,
    taken: Cell<usize>,
    takers: Cell<usize>,
    /// Alarms that have gone, whose entries may be in use until nobody is inside the queue.
    gone: Cell<usize>,
    /// Timers that are armed, alarms that live, and wakes.
    armed: Cell<usize>,
    held: Cell<usize>,
    woken: Cell<usize>,
    earliest: Cell<u64>,
    /// What turns have answered.
    fired: Cell<usize>,
}

impl<Q: Queue> World for Scene<Q> {
    const BEGINNINGS: &'static [&'static str] = &["full", "one entry free", "two entries free"];

    fn new(beginning: usize) -> Self {
        Self {
            others: RefCell::default(),
            queue: Kept::new(Q::new()),
            free: beginning,
            taken: Cell::default(),
            takers: Cell::default(),
            gone: Cell::default(),
            armed: Cell::default(),
            held: Cell::default(),
            woken: Cell::default(),
            earliest: Cell::new(u64::MAX),
            fired: Cell::default(),
        }
    }

    fn ready(&self) {
        for number in self.taken.get() + self.free..ENTRIES {
            let mut timer = Timer::new(if number % 2 == 0 { DUE } else { LATE });
            timer.arm(self);
            self.others.borrow_mut().push(timer);
        }
        self.takers.set(self.takers.get() - self.others.borrow().len());
    }

    fn settle(&self) {
        self.others.borrow_mut().iter_mut().for_each(|timer| State::settle(timer, self));
        let queue = self.queue.get();
        assert_eq!(queue.armed(), self.armed.get(), "armed");
        let next = queue.next_deadline().map_or(u64::MAX, Timestamp::as_nanos);
        assert_eq!(next, self.earliest.get(), "the next deadline");
        if Q::ROOM.is_some() {
            let mut room = Vec::new();
            while let Some(alarm) = queue.arm(Timestamp::from_nanos(END), Waker::noop().clone()) {
                room.push(alarm);
            }
            assert_eq!(room.len(), ENTRIES - self.held.get(), "free entries");
        }
    }

    fn end(&self) {
        turn(self, END);
        let queue = self.queue.get();
        assert_eq!((queue.armed(), queue.next_deadline()), (0, None));
        self.woken.set(0);
        for timer in self.others.take() {
            Box::new(timer).end(self);
        }
    }
}

impl<Q> Drop for Scene<Q> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.fired.get(), self.woken.get(), "turns have fired");
        }
    }
}

/// One who has armed a timer, or will.
struct Timer {
    alarm: Option<Alarm>,
    wakes: Wakes,
    deadline: u64,
    /// The fewest and the most wakes.
    due: (usize, usize),
    settled: usize,
}

impl Timer {
    fn new(deadline: u64) -> Self {
        Self { alarm: None, wakes: Wakes::default(), deadline, due: (0, 0), settled: 0 }
    }

    fn arm<Q: Queue>(&mut self, scene: &Scene<Q>) {
        add(&scene.takers, 1);
        self.alarm = scene.queue.get().arm(Timestamp::from_nanos(self.deadline), self.wakes.waker());
        if self.alarm.is_some() {
            self.due = (self.due.0 + 1, self.due.1 + 1);
        } else {
            assert!(scene.free < scene.takers.get() + scene.gone.get(), "full, and is not");
        }
    }
}

impl<Q: Queue> State<Scene<Q>> for Timer {
    fn settle(&mut self, scene: &Scene<Q>) {
        self.settled = self.wakes.count();
        assert!(self.settled <= self.due.1, "woken, and should not have been");
        if let Some(alarm) = &self.alarm {
            add(&scene.held, 1);
            assert_eq!(alarm.has_fired(), self.settled == 1);
            if self.settled == 0 {
                add(&scene.armed, 1);
                scene.earliest.set(scene.earliest.get().min(self.deadline));
            } else {
                assert!(self.deadline <= NOW, "woken before its time");
            }
        }
    }

    fn end(self: Box<Self>, scene: &Scene<Q>) {
        let count = self.wakes.count();
        assert!((self.due.0..=self.due.1).contains(&count), "woken {count} times, not {:?}", self.due);
        assert!(self.alarm.is_some() || count == self.settled, "woken after its alarm had gone");
        drop(self.alarm);
        assert_eq!(self.wakes.live(), 0, "clones of the waker are left");
        add(&scene.woken, count);
    }
}

fn unarmed<Q: Queue>(_: &Scene<Q>) -> Timer {
    Timer::new(DUE)
}

fn unarmed_late<Q: Queue>(_: &Scene<Q>) -> Timer {
    Timer::new(LATE)
}

fn armed<Q: Queue>(scene: &Scene<Q>) -> Timer {
    add(&scene.taken, 1);
    let mut timer = Timer::new(DUE);
    timer.arm(scene);
    scene.takers.set(0);
    timer
}

fn fired<Q: Queue>(scene: &Scene<Q>) -> Timer {
    add(&scene.taken, 1);
    let mut timer = Timer::new(1);
    timer.arm(scene);
    scene.takers.set(0);
    turn(scene, 1);
    timer
}

fn arm<Q: Queue>(scene: &Scene<Q>, timer: &mut Timer) {
    timer.arm(scene);
}

fn disarm<Q: Queue>(scene: &Scene<Q>, timer: &mut Timer) {
    let Some(alarm) = timer.alarm.take() else { return };
    add(&scene.gone, 1);
    if alarm.disarm() {
        timer.due = (timer.due.0 - 1, timer.due.1 - 1);
    }
}

fn drop_alarm<Q: Queue>(scene: &Scene<Q>, timer: &mut Timer) {
    add(&scene.gone, 1);
    timer.alarm = None;
    timer.due.0 -= 1;
}

fn arm_and_disarm<Q: Queue>(scene: &Scene<Q>, timer: &mut Timer) {
    arm(scene, timer);
    disarm(scene, timer);
}

fn turn<Q: Queue>(scene: &Scene<Q>, now: u64) {
    let fired = scene.queue.get().turn(Timestamp::from_nanos(now));
    add(&scene.fired, fired);
}

/// Who turns and looks holds nothing.
struct Nothing;

impl<Q> State<Scene<Q>> for Nothing {
    fn settle(&mut self, _: &Scene<Q>) {}
    fn end(self: Box<Self>, _: &Scene<Q>) {}
}

fn nothing<Q>(_: &Scene<Q>) -> Nothing {
    Nothing
}

fn look<Q: Queue>(scene: &Scene<Q>, _: &mut Nothing) {
    let queue = scene.queue.get();
    assert!(queue.next_deadline().is_none_or(|next| [0, DUE, LATE].contains(&next.as_nanos())));
    assert!(Q::ROOM.is_none_or(|room| queue.armed() <= room));
}

fn operations<Q: Queue>() -> Vec<Operation<Scene<Q>>> {
    vec![
        operation("turn", nothing, |scene, _| turn(scene, NOW)).repeats(),
        operation("look", nothing, look).repeats(),
        operation("arm", unarmed, arm),
        operation("arm late", unarmed_late, arm),
        operation("disarm", armed, disarm),
        operation("drop of an alarm", armed, drop_alarm),
        operation("drop of a fired alarm", fired, drop_alarm),
        operation("arm and disarm", unarmed, arm_and_disarm).repeats(),
    ]
}

#[test]
fn static_queue_pairs() {
    Matrix::new("static queue", operations::<StaticTimerQueue<ENTRIES>>()).pairs((64, 2000));
}

#[test]
fn static_queue_repeated() {
    Matrix::new("static queue", operations::<StaticTimerQueue<ENTRIES>>()).repeated((24, 800));
}

#[test]
fn static_queue_nested() {
    Matrix::new("static queue", operations::<StaticTimerQueue<ENTRIES>>()).nested(&[0, 1], (512, 100000));
}

#[test]
fn heap_queue_pairs() {
    Matrix::new("heap queue", operations::<TimerQueue>()).pairs((64, 2000));
}

#[test]
fn heap_queue_repeated() {
    Matrix::new("heap queue", operations::<TimerQueue>()).repeated((24, 800));
}

#[test]
fn heap_queue_nested() {
    Matrix::new("heap queue", operations::<TimerQueue>()).nested(&[0, 1], (512, 100000));
}

#[test]
fn static_queue_in_turn() {
    Matrix::new("static queue", operations::<StaticTimerQueue<ENTRIES>>()).in_turn(&[0, 1], (512, 150_000));
}

#[test]
fn heap_queue_in_turn() {
    Matrix::new("heap queue", operations::<TimerQueue>()).in_turn(&[0, 1], (512, 150_000));
}
