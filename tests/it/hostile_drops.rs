//! What is dropped while a tree is cancelled: a clock's wakers and errors of the caller's, which may panic or look around.
use crate::support::{Counter, Log, panic_of};
use core::time::Duration;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use taskcell::time::{Alarm, ManualClock, TimeProvider, Timestamp};
use taskcell::{CancellationToken, CancellationTokenSource};

const HOUR: Duration = Duration::from_secs(3600);

/// A clock that wraps the wakers it is given into something whose drop runs `on_drop`.
struct Wraps<F>(ManualClock, F);

struct Wrapped<F: Fn()>(Waker, F);

impl<F: Fn() + Send + Sync> Wake for Wrapped<F> {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

impl<F: Fn()> Drop for Wrapped<F> {
    fn drop(&mut self) {
        (self.1)();
    }
}

impl<F: Fn() + Send + Sync + Clone + 'static> TimeProvider for Wraps<F> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.0.arm(deadline, Waker::from(Arc::new(Wrapped(waker, self.1.clone()))))
    }
}

/// A clock whose wakers panic when dropped keeps nobody from being told.
#[test]
fn a_timers_waker_whose_drop_panics_loses_nothing() {
    let clock = Wraps(ManualClock::new(), || panic!("dropped"));
    let (waiter, log) = (Counter::new(), Log::new());
    let root = CancellationTokenSource::new();
    root.cancel_after_on(&clock, HOUR);
    // A child with a timer and without listeners, and one with both.
    let (idle, busy) = (root.token().child(), root.token().child());
    idle.cancel_after_on(&clock, HOUR);
    busy.cancel_after_on(&clock, HOUR);
    let (a, b) = (root.token(), busy.token());
    let (mut first, mut second) = (a.cancelled(), b.cancelled());
    assert!(waiter.poll(&mut first).is_pending() && waiter.poll(&mut second).is_pending());
    a.register(log.note("root")).detach();
    b.register(log.note("busy")).detach();
    assert_eq!(panic_of(|| root.cancel()), Some("dropped"));
    assert!(idle.is_cancelled() && busy.is_cancelled());
    assert_eq!(waiter.wakes(), 2);
    assert_eq!(log.take(), ["root", "busy"]);
    assert_eq!(clock.0.armed(), 0);
}

/// A timer's waker is dropped when all flags are up: what its drop sees is a cancelled tree.
#[test]
fn a_timers_waker_is_dropped_after_all_flags_are_up() {
    let below = Arc::new(Mutex::new(Vec::<CancellationToken>::new()));
    let (seen, looks) = (Log::new(), below.clone());
    let log = seen.clone();
    let clock = Wraps(ManualClock::new(), move || {
        log.push(looks.lock().unwrap().iter().all(CancellationToken::is_cancelled));
    });
    let root = CancellationTokenSource::new();
    root.cancel_after_on(&clock, HOUR);
    let children: Vec<_> = (0..3).map(|_| root.token().child()).collect();
    children.iter().for_each(|child| child.cancel_after_on(&clock, HOUR));
    below.lock().unwrap().extend(children.iter().map(CancellationTokenSource::token));
    root.cancel();
    assert_eq!(seen.take(), [true; 4]);
}

#[derive(Debug)]
struct Bomb(&'static str);

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("an error was dropped");
    }
}

/// An error that comes too late goes with a panic; the next cancel and everything else are as ever.
#[test]
fn an_error_whose_drop_panics_leaves_the_source_whole() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    source.token().register(log.note("ran")).detach();
    source.cancel();
    assert_eq!(panic_of(|| source.cancel_with(Bomb("late"))), Some("an error was dropped"));
    assert!(source.is_cancelled() && source.token().reason().unwrap().is_requested());
    assert_eq!(log.take(), ["ran"]);

    // The reason of a node goes after its memory, and the node's parent is let go all the same.
    let parent = CancellationTokenSource::new();
    let child = parent.token().child();
    child.cancel_with(Bomb("mine"));
    assert_eq!(parent.token().listeners(), 1);
    assert_eq!(panic_of(|| drop(child)), Some("an error was dropped"));
    assert_eq!(parent.token().listeners(), 0);
}

/// Two sources above go with the token whose timer's waker panics as it is dropped.
#[test]
fn a_panic_in_the_last_drop_lets_everything_above_go() {
    let clock = Wraps(ManualClock::new(), || panic!("dropped"));
    let (root, other) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    let middle = CancellationTokenSource::linked([&root.token(), &other.token()]);
    let leaf = middle.token().child();
    leaf.cancel_after_on(&clock, HOUR);
    drop(middle);
    assert_eq!((root.token().listeners(), other.token().listeners()), (1, 1));
    assert_eq!(panic_of(|| drop(leaf)), Some("dropped"));
    assert_eq!((root.token().listeners(), other.token().listeners()), (0, 0));
    assert_eq!(clock.0.armed(), 0);
}

/// An error that counts, and panics as it is dropped.
#[derive(Debug)]
struct Counted(Arc<()>);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", Arc::strong_count(&self.0))
    }
}

impl std::error::Error for Counted {}

impl Drop for Counted {
    fn drop(&mut self) {
        panic!("an error was dropped");
    }
}

/// Every node of the chain has an error of its own: each is dropped once, and what lies above goes.
#[test]
fn errors_whose_drops_panic_let_everything_above_go() {
    for parents in 1..=2 {
        let (root, other, count) = (CancellationTokenSource::new(), CancellationTokenSource::new(), Arc::new(()));
        let top = CancellationTokenSource::linked(&[root.token(), other.token()][..parents]);
        let mut chain = vec![top];
        for _ in 0..30 {
            chain.push(chain.last().unwrap().token().child());
        }
        for source in chain.iter().rev() {
            source.cancel_with(Counted(count.clone()));
        }
        assert_eq!((root.token().listeners(), Arc::strong_count(&count)), (1, 32));
        let last = chain.pop().unwrap();
        drop(chain);
        assert_eq!((root.token().listeners(), Arc::strong_count(&count)), (1, 32));
        assert_eq!(panic_of(|| drop(last)), Some("an error was dropped"));
        assert_eq!((root.token().listeners(), other.token().listeners()), (0, 0));
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
