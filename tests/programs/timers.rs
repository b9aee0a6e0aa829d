//! Queues of timers and clocks: what is due fires in the order of its deadline, then of its arming, once, and nothing
//! else does, whatever the wakers do.

use super::bells::Bell;
use super::foreign::{self, guarded, leak, panic_as_meant};
use super::plan::{Plan, Trace};
use super::stage::{self, Stage};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::Duration;
use taskcell::time::{Alarm, ManualClock, QueueFull, StaticTimerQueue, TimerQueue};
use taskcell::{StaticClock, TimeProvider, Timestamp};

const N: usize = 3;

/// What is turned. Those without a heap are one for a thread, and as new at the end of a program.
#[derive(Clone)]
enum Clock {
    Queue(Rc<TimerQueue>),
    Manual(ManualClock),
    Fixed(&'static StaticTimerQueue<N>),
    Firmware(&'static StaticClock<N>),
}

/// A timer.
struct Timer {
    deadline: u64,
    armed: bool,
    fired: bool,
    alarm: Option<Alarm>,
    bell: Weak<Bell>,
}

/// A call that may fire.
struct Turn {
    limit: u64,
    fired: usize,
    panicked: bool,
    /// Another one ran inside it, which fired what it had to, too.
    nested: bool,
}

struct World {
    plan: Plan,
    clock: Clock,
    now: u64,
    /// In the order of their arming.
    timers: Vec<Timer>,
    turns: Vec<Turn>,
    depth: usize,
    trace: Trace,
}

thread_local! {
    static WORLD: Stage<World> = const { Stage::new(None) };
    static NOW: Cell<u64> = const { Cell::new(0) };
    static ALARM: Cell<Option<Timestamp>> = const { Cell::new(None) };
    static FIXED: (&'static StaticTimerQueue<N>, &'static StaticClock<N>) = {
        let clock = StaticClock::new(leak(StaticTimerQueue::new()), || Timestamp::from_nanos(NOW.get()));
        let clock = clock.with_alarm(|next| ALARM.set(next));
        (leak(StaticTimerQueue::new()), leak(clock))
    };
}

fn with<R>(f: impl FnOnce(&mut World) -> R) -> R {
    stage::with(&WORLD, f)
}

fn trace() -> Trace {
    with(|world| world.trace.clone())
}

/// What drops with a waker.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        let hostile = WORLD.try_with(|world| world.borrow_mut().as_mut().is_some_and(|world| world.plan.once_in(8)));
        if hostile == Ok(true) && !std::thread::panicking() {
            nested();
        }
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut plan = Plan::new(bytes);
    let clock = match plan.below(4) {
        0 => Clock::Queue(Rc::default()),
        1 => Clock::Manual(ManualClock::new()),
        2 => Clock::Fixed(FIXED.with(|fixed| fixed.0)),
        _ => Clock::Firmware(FIXED.with(|fixed| fixed.1)),
    };
    NOW.set(0);
    ALARM.set(None);
    let world = World {
        plan,
        clock: clock.clone(),
        now: 0,
        timers: Vec::new(),
        turns: Vec::new(),
        depth: 0,
        trace: Trace::default(),
    };
    let step_and_check = || {
        step();
        check();
    };
    stage::run(&WORLD, world, 200, |world| world.plan.is_over(), step_and_check, || end(clock));
}

fn end(clock: Clock) {
    with(|world| world.plan = Plan::default());
    let alarms: Vec<_> = with(|world| world.timers.iter_mut().filter_map(|timer| timer.alarm.take()).collect());
    if matches!(clock, Clock::Queue(_)) {
        // The queue goes first: its alarms never fire.
        let queue = with(|world| std::mem::replace(&mut world.clock, Clock::Queue(Rc::default())));
        drop((queue, clock));
        must!(
            with(|world| world.timers.iter().all(|timer| timer.bell.upgrade().is_none())),
            "a waker stays: {}",
            trace()
        );
        drop(alarms);
    } else {
        drop(alarms);
        must!(clock.armed() == 0, "something stays armed: {}", trace());
    }
    must!(with(|world| world.timers.iter().all(|timer| timer.bell.upgrade().is_none())), "a waker stays: {}", trace());
    WORLD.take();
}

impl Clock {
    fn arm(&self, deadline: u64, waker: Waker) -> Result<Alarm, Waker> {
        let deadline = Timestamp::from_nanos(deadline);
        match self {
            Self::Queue(queue) => Ok(queue.arm(deadline, waker)),
            Self::Manual(clock) => Ok(clock.arm(deadline, waker)),
            Self::Fixed(queue) => queue.arm(deadline, waker).map_err(QueueFull::into_inner),
            Self::Firmware(clock) => clock.try_arm(deadline, waker).map_err(QueueFull::into_inner),
        }
    }

    fn armed(&self) -> usize {
        match self {
            Self::Queue(queue) => queue.armed(),
            Self::Manual(clock) => clock.armed(),
            Self::Fixed(queue) => queue.armed(),
            Self::Firmware(clock) => clock.armed(),
        }
    }

    fn next(&self) -> Option<Timestamp> {
        match self {
            Self::Queue(queue) => queue.next_deadline(),
            Self::Manual(clock) => clock.next_deadline(),
            Self::Fixed(queue) => queue.next_deadline(),
            // It goes off early, but not late.
            Self::Firmware(_) => {
                let next = with(|world| world.next()).map(Timestamp::from_nanos);
                if ALARM.get().is_some_and(|alarm| next.is_none_or(|next| alarm <= next)) { next } else { ALARM.get() }
            }
        }
    }

    fn turn(&self, now: u64) -> usize {
        match self {
            Self::Queue(queue) => queue.turn(Timestamp::from_nanos(now)),
            Self::Manual(clock) => clock.advance_to(Timestamp::from_nanos(now)),
            Self::Fixed(queue) => queue.turn(Timestamp::from_nanos(now)),
            Self::Firmware(clock) => clock.turn(),
        }
    }
}

impl World {
    /// The armed timer that fires next.
    fn first(&self) -> Option<usize> {
        (0..self.timers.len()).filter(|at| self.timers[*at].armed).min_by_key(|at| self.timers[*at].deadline)
    }

    fn next(&self) -> Option<u64> {
        self.first().map(|at| self.timers[at].deadline)
    }

    fn note(&self, step: impl std::fmt::Display) {
        self.trace.note(step);
    }
}

/// A waker was called.
fn rang(id: usize) {
    let hostile = with(|world| {
        world.note(format_args!("!{id}"));
        let first = world.first();
        let deadline = world.timers[id].deadline;
        let manual = matches!(world.clock, Clock::Manual(_));
        let Some(turn) = world.turns.last_mut() else { foreign_fire(id, &world.trace) };
        let limit = if manual { turn.limit.max(world.now) } else { turn.limit };
        must!(first == Some(id) && deadline <= limit, "{id} fired, {first:?} is next: {}", world.trace.clone());
        turn.fired += 1;
        world.timers[id].armed = false;
        world.timers[id].fired = true;
        if manual {
            world.now = world.now.max(deadline);
        }
        world.plan.below(8)
    });
    match hostile {
        1 | 2 => nested(),
        3 => {
            nested();
            nested();
        }
        4 => {
            with(|world| world.turns.last_mut().expect("it fires").panicked = true);
            panic_as_meant();
        }
        _ => {}
    }
}

fn foreign_fire(id: usize, trace: &Trace) -> ! {
    foreign::wrong(format!("{id} fired outside of a turn: {}", trace))
}

/// A step inside foreign code.
fn nested() {
    if with(|world| world.depth) < 3 {
        with(|world| world.depth += 1);
        step();
        with(|world| world.depth -= 1);
    }
}

fn step() {
    match with(|world| world.plan.below(8)) {
        0..3 => arm(),
        3 | 4 => disarm(),
        5 | 6 => turn(),
        _ => check(),
    }
}

/// Runs a call that may fire up to `limit`. What it answers, and what fired; `None`: a waker's panic came out.
fn turning<R>(limit: u64, call: impl FnOnce() -> R) -> Option<(R, Turn)> {
    with(|world| {
        world.turns.iter_mut().for_each(|turn| turn.nested = true);
        world.turns.push(Turn { limit, fired: 0, panicked: false, nested: false });
    });
    let answer = guarded(call);
    let turn = with(|world| world.turns.pop().expect("this one"));
    must!(answer.is_none() == turn.panicked, "a panic was lost or came twice: {}", trace());
    answer.map(|answer| (answer, turn))
}

fn arm() {
    let (id, clock, deadline, bell, out) = with(|world| {
        let ahead = [0, 1, 2, 3, 1000].map(|ahead| world.now.saturating_add(ahead));
        let choices = [&ahead[..], &[0, 1, 2, 5, u64::MAX - 2, u64::MAX - 1, u64::MAX]].concat();
        let (id, deadline) = (world.timers.len(), world.plan.one_of(&choices));
        let dropped = Dropped;
        let bell = Bell::with(move || {
            let _ = &dropped;
            rang(id);
        });
        let out = world.timers.iter().filter(|timer| timer.alarm.is_some()).count();
        let armed = deadline != u64::MAX;
        let weak = Arc::downgrade(&bell);
        world.timers.push(Timer { deadline, armed, fired: false, alarm: None, bell: weak });
        world.note(format_args!("arm{id}@{deadline}"));
        (id, world.clock.clone(), deadline, bell, out)
    });
    let fixed = matches!(clock, Clock::Fixed(_) | Clock::Firmware(_));
    let answer = turning(0, || clock.arm(deadline, bell.into()));
    match answer {
        // It takes no entry, and does not count.
        Some((Ok(alarm), _)) if fixed && deadline == u64::MAX => must!(alarm.disarm(), "never has fired: {}", trace()),
        Some((Ok(alarm), _)) => {
            must!(!fixed || out < N, "one more than there is room for: {}", trace());
            with(|world| world.timers[id].alarm = Some(alarm));
        }
        Some((Err(waker), _)) => {
            // Inside foreign code entries may not have come back whose alarms have just gone.
            must!(fixed && out + with(|world| world.depth) >= N, "full with {out}: {}", trace());
            with(|world| world.timers[id].armed = false);
            drop(waker);
        }
        None => {}
    }
    // One that is late fires before the clock's call returns, or in the advance around it.
    let (manual, depth, now) = with(|world| (matches!(world.clock, Clock::Manual(_)), world.depth, world.now));
    if manual && depth == 0 {
        must!(with(|world| !world.timers[id].armed || deadline > now), "{id} is late: {}", trace());
    }
}

fn disarm() {
    let taken = with(|world| {
        let out: Vec<_> = (0..world.timers.len()).filter(|at| world.timers[*at].alarm.is_some()).collect();
        let id = *out.get(world.plan.below(out.len()))?;
        let timer = &mut world.timers[id];
        let was = std::mem::replace(&mut timer.armed, false) || timer.deadline == u64::MAX;
        let alarm = timer.alarm.take()?;
        world.note(format_args!("disarm{id}"));
        Some((id, alarm, was, world.plan.once_in(2)))
    });
    let Some((id, alarm, was, by_drop)) = taken else { return };
    if by_drop {
        drop(alarm);
    } else {
        must!(alarm.disarm() == was, "disarming {id} did not answer {was}: {}", trace());
    }
    must!(with(|world| !was || world.timers[id].bell.upgrade().is_none()), "{id}'s waker stays: {}", trace());
}

fn turn() {
    let (clock, target, by_next) = with(|world| {
        let choices = [0, 1, 2, 5, 1000].map(|ahead| world.now.saturating_add(ahead));
        let target = world.plan.one_of(&[&choices[..], &[0, 3, u64::MAX - 1, u64::MAX]].concat());
        let by_next = world.plan.once_in(4);
        world.note(format_args!("turn@{target}{}", if by_next { "next" } else { "" }));
        (world.clock.clone(), target, by_next)
    });
    let before = with(|world| world.now);
    if let Clock::Firmware(_) = clock {
        // Hardware does not go back.
        NOW.set(NOW.get().max(target.min(u64::MAX - 1)));
        with(|world| world.now = NOW.get());
    }
    let limit = match &clock {
        Clock::Firmware(_) => NOW.get(),
        Clock::Manual(_) if by_next => with(|world| world.next()).unwrap_or(0),
        _ => target.min(u64::MAX - 1),
    };
    let answer = turning(limit, || match &clock {
        Clock::Manual(clock) if by_next => {
            let next = with(|world| world.next());
            must!(clock.advance_to_next() == next.is_some(), "the next is {next:?}: {}", trace());
            None
        }
        Clock::Manual(clock) if target >= before => Some(clock.advance(Duration::from_nanos(target - before))),
        clock => Some(clock.turn(limit)),
    });
    if let Some((Some(fired), turn)) = answer {
        must!(turn.nested || fired == turn.fired, "{fired} fired, not {}: {}", turn.fired, trace());
    }
    with(|world| match clock {
        Clock::Manual(_) => world.now = world.now.max(limit),
        Clock::Firmware(_) => {}
        // The caller's time, which is the model's only in that it goes on.
        _ => world.now = world.now.max(limit.min(1 << 40)),
    });
    let late = with(|world| world.next().filter(|next| world.depth == 0 && *next <= limit));
    must!(late.is_none(), "{late:?} has not fired: {}", trace());
}

/// What can be asked.
fn check() {
    let (clock, armed, next, depth) = with(|world| {
        let armed = world.timers.iter().filter(|timer| timer.armed).count();
        (world.clock.clone(), armed, world.next(), world.depth)
    });
    // The static ones may have preempted themselves.
    must!(clock.armed() == armed, "armed are {}, not {armed}: {}", clock.armed(), trace());
    let told = clock.next();
    let firmware = matches!(clock, Clock::Firmware(_)) && depth > 0;
    must!(firmware || told == next.map(Timestamp::from_nanos), "next is {told:?}, not {next:?}: {}", trace());
    with(|world| {
        for (id, timer) in world.timers.iter().enumerate() {
            let Some(alarm) = &timer.alarm else { continue };
            must!(alarm.has_fired() == timer.fired, "{id} has fired or not: {}", world.trace.clone());
            if let (true, Some(bell)) = (timer.armed, timer.bell.upgrade()) {
                must!(alarm.will_wake(&bell.waker()), "{id} wakes another: {}", world.trace.clone());
            }
        }
        if let Clock::Manual(clock) = &world.clock {
            must!(clock.now().as_nanos() == world.now, "it is {:?}: {}", clock.now(), world.trace.clone());
        }
    });
}
