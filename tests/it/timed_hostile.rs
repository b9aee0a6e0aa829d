//! Sources on hostile clocks: they fire, cancel, arm again or panic inside `arm`, keep wakers, and their wakers do
//! anything when they are dropped.
use crate::support::{Counter, Log, panic_of};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use taskcell::CancellationTokenSource;
use taskcell::time::{Alarm, ManualClock, TimeProvider, Timestamp};

const MS: Duration = Duration::from_millis(1);

type Hook = Box<dyn FnOnce(&Waker) + Send>;

/// A clock that runs a hook at its next `arm`, before it arms.
#[derive(Clone, Default)]
struct Hooked(ManualClock, Arc<Mutex<Option<Hook>>>);

impl Hooked {
    fn next_arm(&self, hook: impl FnOnce(&Waker) + Send + 'static) {
        *self.1.lock().unwrap() = Some(Box::new(hook));
    }
}

impl TimeProvider for Hooked {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        let hook = self.1.lock().unwrap().take();
        if let Some(hook) = hook {
            hook(&waker);
        }
        self.0.arm(deadline, waker)
    }
}

/// A clock that puts its waker into one of its own, which runs a hook when it is dropped.
#[derive(Clone, Default)]
struct Wraps(ManualClock, Arc<Mutex<Vec<DropHook>>>);

type DropHook = Box<dyn FnOnce() + Send>;

struct Wrapped(Waker, Mutex<Option<DropHook>>);

impl Wraps {
    /// For the timers to come, the last given first.
    fn on_drop(&self, hook: impl FnOnce() + Send + 'static) {
        self.1.lock().unwrap().push(Box::new(hook));
    }
}

impl Wake for Wrapped {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

impl Drop for Wrapped {
    fn drop(&mut self) {
        let hook = self.1.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
        }
    }
}

impl TimeProvider for Wraps {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        let hook = self.1.lock().unwrap().pop();
        self.0.arm(deadline, Waker::from(Arc::new(Wrapped(waker, Mutex::new(hook)))))
    }
}

/// No timer is armed, so that dropping the source makes its token impossible to cancel.
fn assert_idle(source: CancellationTokenSource) {
    assert!(!source.is_cancelled());
    assert!(!source.disarm());
    let token = source.token();
    assert!(token.can_be_cancelled());
    drop(source);
    assert!(!token.can_be_cancelled(), "nothing is counted that is gone");
}

#[test]
fn a_fire_inside_arm() {
    for before in [false, true] {
        let (clock, source, log) = (Hooked::default(), CancellationTokenSource::new(), Log::new());
        if before {
            source.cancel_after_on(&clock, 10 * MS);
        }
        source.token().register(log.note("ran")).detach();
        clock.next_arm(|waker| waker.wake_by_ref());
        source.cancel_after_on(&clock, MS);
        assert!(source.token().reason().unwrap().is_deadline());
        assert_eq!((log.take(), clock.0.armed()), (vec!["ran"], 0));
    }
}

#[test]
fn a_cancel_inside_arm() {
    let (clock, source) = (Hooked::default(), CancellationTokenSource::new());
    let inner = source.clone();
    clock.next_arm(move |_| assert!(inner.cancel()));
    source.cancel_after_on(&clock, MS);
    assert_eq!(clock.0.armed(), 0);
    assert!(source.token().reason().unwrap().is_requested());
}

#[test]
fn a_disarm_inside_arm() {
    let (clock, source) = (Hooked::default(), CancellationTokenSource::new());
    let inner = source.clone();
    clock.next_arm(move |_| assert!(inner.disarm()));
    source.cancel_after_on(&clock, MS);
    assert_eq!(clock.0.armed(), 0);
    clock.0.advance(MS);
    assert_idle(source);
}

/// The one inside comes later, so it is the one that stands.
#[test]
fn an_arm_inside_arm() {
    let (clock, source) = (Hooked::default(), CancellationTokenSource::new());
    let (inner, hand) = (source.clone(), clock.clone());
    clock.next_arm(move |_| inner.cancel_after_on(&hand, 3 * MS));
    source.cancel_after_on(&clock, MS);
    assert_eq!(clock.0.armed(), 1);
    clock.0.advance(2 * MS);
    assert!(!source.is_cancelled());
    clock.0.advance(MS);
    assert!(source.is_cancelled());
}

#[test]
fn the_last_source_goes_inside_arm() {
    let (clock, source) = (Hooked::default(), Arc::new(Mutex::new(Some(CancellationTokenSource::new()))));
    let twin = source.lock().unwrap().clone().unwrap();
    let token = twin.token();
    let place = source.clone();
    clock.next_arm(move |_| drop(place.lock().unwrap().take()));
    twin.cancel_after_on(&clock, MS);
    drop(twin);
    assert!(token.can_be_cancelled(), "the timer stands for the source");
    clock.0.advance(MS);
    assert!(token.is_cancelled());
}

/// The timer before is gone, the new one was never armed, and the source goes on.
#[test]
fn a_panic_inside_arm() {
    for before in [false, true] {
        let (clock, source) = (Hooked::default(), CancellationTokenSource::new());
        if before {
            source.cancel_after_on(&clock, MS);
        }
        let kept = Arc::new(Mutex::new(None));
        let keep = kept.clone();
        clock.next_arm(move |waker| {
            *keep.lock().unwrap() = Some(waker.clone());
            panic!("no timer is free");
        });
        assert_eq!(panic_of(|| source.cancel_after_on(&clock, MS)), Some("no timer is free"));
        assert_eq!(clock.0.armed(), 0);
        let late = kept.lock().unwrap().take().unwrap();
        late.wake_by_ref();
        clock.0.advance(MS);
        assert!(!source.is_cancelled());
        source.cancel_after_on(&clock, MS);
        late.wake();
        assert!(!source.is_cancelled());
        assert!(source.disarm());
        assert_idle(source);
    }
}

#[test]
fn a_cancel_and_a_panic_inside_arm() {
    let (clock, source) = (Hooked::default(), CancellationTokenSource::new());
    let inner = source.clone();
    clock.next_arm(move |_| {
        inner.cancel();
        panic!("too late");
    });
    assert_eq!(panic_of(|| source.cancel_after_on(&clock, MS)), Some("too late"));
    assert!(source.is_cancelled());
    assert_eq!(clock.0.armed(), 0);
}

#[test]
fn a_clock_that_keeps_every_waker() {
    let (clock, source, kept) = (Hooked::default(), CancellationTokenSource::new(), Arc::new(Mutex::new(Vec::new())));
    for _ in 0..100 {
        let keep = kept.clone();
        clock.next_arm(move |waker| keep.lock().unwrap().push(waker.clone()));
        source.cancel_after_on(&clock, MS);
    }
    let mut wakers = std::mem::take(&mut *kept.lock().unwrap());
    let last = wakers.pop().unwrap();
    wakers.into_iter().for_each(Waker::wake);
    assert!(!source.is_cancelled());
    last.wake();
    assert!(source.is_cancelled());
    assert_eq!(clock.0.armed(), 0);
}

#[test]
fn arming_again_out_of_its_own_callback() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, MS);
    let (again, hand) = (source.clone(), clock.clone());
    source.token().register(move || again.cancel_after_on(&hand, MS)).detach();
    clock.advance(MS);
    assert!(source.is_cancelled());
    assert_eq!(clock.armed(), 0);
}

/// Whatever the waker's drop does to the source: the call that dropped it goes on.
#[test]
fn a_wakers_drop_that_uses_the_source() {
    for way in 0..4 {
        for what in 0..4 {
            let (clock, source) = (Wraps::default(), CancellationTokenSource::new());
            let (inner, hand) = (source.clone(), clock.clone());
            clock.on_drop(move || match way {
                0 => inner.cancel_after_on(&hand, 5 * MS),
                1 => drop(inner.cancel_deferred()),
                2 => drop_bool(inner.disarm()),
                _ => drop(inner),
            });
            source.cancel_after_on(&clock, MS);
            match what {
                0 => source.cancel_after_on(&clock, 3 * MS),
                1 => drop_bool(source.disarm()),
                2 => drop_bool(source.cancel()),
                _ => drop_bool(clock.0.advance(MS) > 0),
            }
            let cancelled = what >= 2 || way == 1;
            assert_eq!(source.is_cancelled(), cancelled, "{way} in {what}");
            let armed = !cancelled && (way == 0 || what == 0 && way != 2);
            assert_eq!(clock.0.armed(), usize::from(armed), "{way} in {what}");
            clock.0.advance(5 * MS);
            assert_eq!(source.is_cancelled(), cancelled || armed, "{way} in {what}");
        }
    }
}

/// A tree is cancelled, and the drops of its timers' wakers panic: everybody is told, then the first panic resumes.
#[test]
fn a_wakers_drop_that_panics_in_a_cancel() {
    let (clock, log, waiter) = (Wraps::default(), Log::new(), Counter::new());
    let root = CancellationTokenSource::new();
    let children = [root.token().child(), root.token().child(), root.clone()];
    let mut waits = Vec::new();
    for source in &children {
        clock.on_drop(|| panic!("dropped"));
        source.cancel_after_on(&clock, MS);
        source.token().register(log.note("ran")).detach();
        let mut wait = source.token().cancelled_owned();
        assert!(waiter.poll(&mut wait).is_pending());
        waits.push(wait);
    }
    assert_eq!(panic_of(|| drop_bool(root.cancel())), Some("dropped"));
    assert!(children.iter().all(CancellationTokenSource::is_cancelled));
    assert_eq!((log.len(), waiter.wakes(), clock.0.armed()), (3, 3, 0));
}

/// The last handle of a chain goes, and the drops of the timers' wakers panic: the whole chain goes.
#[test]
fn a_wakers_drop_that_panics_in_the_last_drop() {
    let (clock, root) = (Wraps::default(), CancellationTokenSource::new());
    let mut last = root.token().child();
    for _ in 0..3 {
        clock.on_drop(|| panic!("dropped"));
        last.cancel_after_on(&clock, MS);
        last = last.token().child();
    }
    assert_eq!((clock.0.armed(), root.token().listeners()), (3, 1));
    assert_eq!(panic_of(move || drop(last)), Some("dropped"));
    assert_eq!((clock.0.armed(), root.token().listeners()), (0, 0));
}

/// Putting a timer off drops the one before; that panics, and the new one stands.
#[test]
fn a_wakers_drop_that_panics_in_a_re_arm() {
    let (clock, source) = (Wraps::default(), CancellationTokenSource::new());
    clock.on_drop(|| panic!("dropped"));
    source.cancel_after_on(&clock, MS);
    assert_eq!(panic_of(|| source.cancel_after_on(&clock, 3 * MS)), Some("dropped"));
    assert_eq!(clock.0.armed(), 1);
    clock.0.advance(2 * MS);
    assert!(!source.is_cancelled());
    clock.on_drop(|| panic!("dropped"));
    source.cancel_after_on(&clock, MS);
    assert_eq!(panic_of(|| drop_bool(source.disarm())), Some("dropped"));
    assert_eq!(clock.0.armed(), 0);
    assert_idle(source);
}

fn drop_bool(_: bool) {}
