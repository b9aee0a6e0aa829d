//! What is done in a round, and what must have come of it.

use crate::fresh::Fresh;
use crate::places::{Flag, Op, Places, When};
use crate::waiter::{Slot, Waiter, Wakers};
use crate::{ARMED, FIRED, MISSED};
use core::cell::Cell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use critical_section::Mutex;
use taskcell::{
    CancellationSlot, StaticCancellationTokenSource, StaticSlot, StaticTaskCell, StaticTaskSlot, TryRegisterError,
};

pub static ROOT: Fresh<StaticCancellationTokenSource<3>> = Fresh::new(StaticCancellationTokenSource::new());
pub static CELL: Fresh<StaticTaskCell<u32, 1>> = Fresh::new(StaticTaskCell::new());
static CHILD: Fresh<StaticCancellationTokenSource<1>> = Fresh::new(StaticCancellationTokenSource::new());
/// The child has been linked.
static LINKED: Flag = Flag::new();
static CALLS: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));
/// A slot that outlives its round.
pub type Kept = StaticSlot<'static>;

static WAKERS: [Wakers; 3] = [const { Wakers::new() }; 3];

/// What happened in all rounds.
pub struct Totals {
    /// The longest until an interrupt comes, in cycles of the timer. It adapts, so that three of four hit an operation
    /// or come between two.
    span: u32,
    /// By those who were pending when the interrupt came.
    pub wakes_owed: u32,
    /// By those whose poll or drop it hit.
    pub wakes_in_passing: u32,
    pub given_up: u32,
    /// Interrupts that came before the source had been reset.
    missed: u32,
    wakes: u32,
    registered: u32,
    unregistered: u32,
    calls: u32,
}

impl Totals {
    pub fn new() -> Self {
        Self {
            span: 1_000,
            wakes_owed: 0,
            wakes_in_passing: 0,
            given_up: 0,
            missed: 0,
            wakes: 0,
            registered: 0,
            unregistered: 0,
            calls: 0,
        }
    }

    pub fn print(&self) {
        let Self { span, wakes, wakes_owed, wakes_in_passing, given_up, missed, registered, unregistered, calls } =
            self;
        board::println!("interrupts after up to {span} cycles; {missed} came before a source was reset");
        board::println!("{wakes} wakes: {wakes_owed} owed, {wakes_in_passing} in passing; {given_up} waits given up");
        board::println!("{registered} callbacks: {calls} called, {unregistered} unregistered");
    }

    pub fn match_up(&self) -> bool {
        self.wakes == self.wakes_owed + self.wakes_in_passing && self.registered == self.calls + self.unregistered
    }
}

/// The same in every run.
pub struct Chance(u32);

impl Chance {
    pub const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// A number of cycles, long enough for the timer.
    fn below(&mut self, span: u32) -> u32 {
        4 + self.next() % span
    }

    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

impl Slot for StaticSlot<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_cancelled(cx)
    }
}

impl Slot for StaticTaskSlot<'_, u32> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(self).poll(cx).map(|value| assert_eq!(*value, 1))
    }
}

/// `kept` is a slot that was held from one round to the next.
pub fn run(kept: &mut Option<Kept>, chance: &mut Chance, places: &mut Places, totals: &mut Totals) {
    let (wanted, is_first) = (chance.next(), !ROOT.is_cancelled());
    let wants = |bit: u32| wanted >> bit & 1 == 1;
    // SAFETY: nobody has a slot, and no interrupt is armed.
    unsafe { CELL.renew(StaticTaskCell::new()) };
    if is_first || wants(20) && wants(21) && wants(22) {
        *kept = None;
        renew();
        arm(chance.below(totals.span));
    } else {
        arm(chance.below(totals.span));
        reset(chance, places, totals);
    }

    let is_linked = LINKED.get() || wants(0);
    let links = is_linked && !LINKED.get();
    if links && wants(16) {
        link(places);
    }
    let mut registered = None;
    let mut register = |places: &mut Places, totals: &mut Totals| {
        let (answer, when, _) = places.during(Op::Register, || ROOT.token().try_register(call), || 0);
        assert!(when == When::Inside || answer.is_ok() == (when == When::After));
        match answer {
            Ok(registration) => {
                totals.registered += 1;
                registered = Some(registration);
            }
            Err(why) => assert!(matches!(why, TryRegisterError::Cancelled(_)), "there are slots"),
        }
    };
    if wants(1) && wants(2) {
        register(places, totals);
    }
    let mut root = match kept.take() {
        Some(slot) => Some(Waiter::new(slot, &WAKERS[0])),
        None => wants(3).then(|| Waiter::new(claim(places, || ROOT.slot().unwrap()), &WAKERS[0])),
    };
    let mut child = wants(4).then(|| Waiter::new(claim(places, || CHILD.slot().unwrap()), &WAKERS[1]));
    let mut cell = wants(5).then(|| Waiter::new(claim(places, || CELL.slot().unwrap()), &WAKERS[2]));
    if wants(1) && !wants(2) {
        register(places, totals);
    }
    if links && !wants(16) {
        link(places);
    }
    // Whoever is polled twice is polled with another waker the second time.
    for bits in [[6, 7, 8], [9, 10, 11]] {
        if let (Some(root), true) = (&mut root, wants(bits[0])) {
            root.poll(places, totals);
        }
        // An unlinked child is not cancelled: then nobody may wait there.
        if let (Some(child), true) = (&mut child, wants(bits[1]) && is_linked) {
            child.poll(places, totals);
        }
        if let (Some(cell), true) = (&mut cell, wants(bits[2])) {
            cell.poll(places, totals);
        }
    }
    if let (Some(registration), true) = (&mut registered, wants(12)) {
        let (is_removed, when, calls) = places.during(Op::Unregister, || registration.unregister(), calls);
        assert!(when == When::Inside || is_removed == (when == When::After));
        totals.unregistered += u32::from(is_removed);
        assert_eq!(calls, u32::from(!is_removed), "a callback runs, or is taken back");
        registered = None;
    }
    if let Some(root) = root.take_if(|_| wants(13)) {
        root.leave(places, totals);
    }
    if let Some(child) = child.take_if(|_| wants(14)) {
        child.leave(places, totals);
    }
    if let Some(cell) = cell.take_if(|_| wants(15)) {
        cell.leave(places, totals);
    }

    totals.span = if FIRED.get() { totals.span + 1 } else { (totals.span - 3).max(100) };
    wait();
    if registered.is_some() {
        assert_eq!(calls(), 1, "a callback was lost");
    }
    totals.calls += take_calls();
    if root.as_ref().is_some_and(Waiter::is_owed) {
        assert!(!ROOT.try_reset(), "reset before a waiter has seen it");
    }
    *kept = root.map(|root| root.end(totals)).filter(|_| wants(17));
    drop(child.map(|child| child.end(totals)));
    drop(cell.map(|cell| cell.end(totals)));
    assert!(ROOT.is_cancelled() && CHILD.is_cancelled() == is_linked && CELL.is_completed());
    drop(registered);
    totals.wakes += WAKERS.iter().map(Wakers::end).sum::<u32>();
    assert_eq!((calls(), ROOT.token().listeners()), (0, 0));
}

/// An interrupt that comes before the source can be cancelled again misses: then another is to come.
fn reset(chance: &mut Chance, places: &mut Places, totals: &mut Totals) {
    let (is_reset, ..) = places.during(Op::Reset, || ROOT.try_reset(), || 0);
    assert!(is_reset, "nothing is against it");
    if MISSED.get() {
        totals.missed += 1;
        arm(chance.below(totals.span));
    }
    let (is_reset, when, _) = places.during(Op::Reset, || CHILD.try_reset(), || 0);
    assert!(when == When::Inside || is_reset == (when == When::After || !LINKED.get()));
}

fn link(places: &mut Places) {
    LINKED.set(true);
    let (answer, ..) = places.during(Op::Link, || CHILD.link(&ROOT), || 0);
    assert_eq!(answer, Ok(true));
}

fn claim<S>(places: &mut Places, slot: impl FnOnce() -> S) -> S {
    places.during(Op::Claim, slot, || 0).0
}

fn call() {
    assert!(board::interrupts_enabled(), "a callback ran with interrupts off");
    assert!(ROOT.is_cancelled() && !ROOT.try_reset(), "reset while it is delivered");
    critical_section::with(|cs| CALLS.borrow(cs).set(CALLS.borrow(cs).get() + 1));
}

fn calls() -> u32 {
    critical_section::with(|cs| CALLS.borrow(cs).get())
}

fn take_calls() -> u32 {
    critical_section::with(|cs| CALLS.borrow(cs).take())
}

fn arm(cycles: u32) {
    FIRED.set(false);
    MISSED.set(false);
    ARMED.set(true);
    board::start_tick(cycles);
}

/// Whatever was not delivered when the handler returned is lost: the caller looks at once.
fn wait() {
    while !FIRED.get() {
        critical_section::with(|_| {
            if !FIRED.get() {
                board::idle();
            }
        });
    }
}

fn renew() {
    // SAFETY: nobody has a slot or a registration, and no interrupt is armed.
    unsafe {
        CHILD.renew(StaticCancellationTokenSource::new());
        ROOT.renew(StaticCancellationTokenSource::new());
    }
    LINKED.set(false);
}
