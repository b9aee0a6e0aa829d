//! Hostile wakers: their clone, wake and drop call back into the same token, drop its futures, or panic.
use crate::support::hooked::Hooks;
use crate::support::{Counter, panic_of, poll_with};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use taskcell::time::{ManualClock, delay_on};
use taskcell::{CancellationToken, CancellationTokenSource, WaitForCancelledOwned, when_all_settled};

/// A place where a hook finds an object of the test's that is made later.
type Place<T> = Arc<Mutex<Option<T>>>;

fn place<T>() -> Place<T> {
    Arc::default()
}

fn put<T>(place: &Place<T>, value: T) {
    let old = place.lock().unwrap().replace(value);
    drop(old);
}

fn take<T>(place: &Place<T>) -> Option<T> {
    place.lock().unwrap().take()
}

/// Everything that a hook may do to a token: none of it may deadlock or disturb the caller.
fn use_everything(source: &CancellationTokenSource) {
    let token = source.token();
    let waiter = Counter::new();
    let mut wait = token.cancelled();
    let polled = waiter.poll(&mut wait);
    assert!(polled.is_pending() || token.is_cancelled());
    drop(wait);
    drop(token.register(|| ()));
    let child = token.child();
    drop(child.token().register(|| ()));
    drop(child);
    let _ = (token.is_cancelled(), token.can_be_cancelled(), token.reason(), token.listeners(), token.check());
    let _ = (format!("{token:?}"), format!("{source:?}"));
    drop(token.clone());
}

fn wait(source: &CancellationTokenSource) -> WaitForCancelledOwned {
    source.token().cancelled_owned()
}

#[test]
fn every_hook_may_use_the_token() {
    let source = CancellationTokenSource::new();
    let handles = [(); 3].map(|()| source.clone());
    let [in_clone, in_wake, in_drop] = handles;
    let hooks = Hooks::new()
        .on_clone(move || use_everything(&in_clone))
        .on_wake(move || use_everything(&in_wake))
        .on_drop(move || use_everything(&in_drop));
    let (waker, counts) = hooks.waker();
    let (mut first, mut second) = (wait(&source), wait(&source));
    for _ in 0..3 {
        assert!(poll_with(&waker, &mut first).is_pending());
        assert!(poll_with(&waker, &mut second).is_pending());
    }
    drop(first);
    assert!(source.cancel());
    assert_eq!(counts.wakes.load(Ordering::SeqCst), 1);
    assert!(poll_with(&waker, &mut second).is_ready());
    drop((second, waker));
    assert_eq!(Arc::strong_count(&counts), 1, "every clone of the waker is dropped");
}

/// A cancel out of each hook: the poll in progress answers ready or its waker is woken; nothing hangs.
#[test]
fn a_cancel_inside_a_wakers_clone() {
    let source = CancellationTokenSource::new();
    let inner = source.clone();
    let (waker, counts) = Hooks::new().on_clone(move || drop_bool(inner.cancel())).waker();
    let mut wait = wait(&source);
    let poll = poll_with(&waker, &mut wait);
    assert!(poll.is_ready() || counts.wakes.load(Ordering::SeqCst) > 0, "a lost wake");
    assert!(poll_with(&waker, &mut wait).is_ready());
}

#[test]
fn a_cancel_inside_a_wakers_drop() {
    // Dropped because the wait is dropped.
    let source = CancellationTokenSource::new();
    let inner = source.clone();
    let (waker, _) = Hooks::new().on_drop(move || drop_bool(inner.cancel())).waker();
    let other = Counter::new();
    let (mut first, mut second) = (wait(&source), wait(&source));
    assert!(poll_with(&waker, &mut first).is_pending());
    assert!(other.poll(&mut second).is_pending());
    drop(first);
    assert!(source.is_cancelled());
    assert_eq!(other.wakes(), 1);

    // Dropped because another waker takes its place: the new one must not be lost.
    let source = CancellationTokenSource::new();
    let inner = source.clone();
    let (waker, counts) = Hooks::new().on_drop(move || drop_bool(inner.cancel())).waker();
    let new = Counter::new();
    let mut wait = wait(&source);
    assert!(poll_with(&waker, &mut wait).is_pending());
    let poll = new.poll(&mut wait);
    assert!(source.is_cancelled());
    assert!(poll.is_ready() || new.wakes() == 1, "a lost wake");
    assert_eq!(counts.wakes.load(Ordering::SeqCst), 0, "a replaced waker is never woken");
}

#[test]
fn a_cancel_inside_a_wake() {
    let source = CancellationTokenSource::new();
    let other = CancellationTokenSource::new();
    let (again, relay) = (source.clone(), other.clone());
    let hooks = Hooks::new().on_wake(move || {
        assert!(!again.cancel());
        assert!(relay.cancel());
    });
    let (waker, _) = hooks.waker();
    let (mut first, mut second) = (wait(&source), wait(&other));
    let counter = Counter::new();
    assert!(poll_with(&waker, &mut first).is_pending());
    assert!(counter.poll(&mut second).is_pending());
    assert!(source.cancel());
    assert_eq!(counter.wakes(), 1);
    assert!(other.is_cancelled());
}

#[test]
fn a_wake_that_polls_its_own_future() {
    let source = CancellationTokenSource::new();
    let future = place::<WaitForCancelledOwned>();
    let (own, done) = (future.clone(), Counter::new());
    let finish = done.waker();
    let (waker, counts) = Hooks::new()
        .on_wake(move || {
            let mut wait = take(&own).expect("nobody polls it now");
            assert!(poll_with(Waker::noop(), &mut wait).is_ready());
            drop(wait);
            finish.wake_by_ref();
        })
        .waker();
    let mut pending = wait(&source);
    assert!(poll_with(&waker, &mut pending).is_pending());
    put(&future, pending);
    source.cancel();
    assert_eq!((done.wakes(), counts.wakes.load(Ordering::SeqCst)), (1, 1));
}

/// The first wake drops all the other waits: none of them may be woken after its future is gone into thin air,
/// and nothing is touched after it was freed.
#[test]
fn a_wake_that_drops_the_other_waits() {
    for n in [2, 3, 10, 40] {
        let source = CancellationTokenSource::new();
        let waits: Place<Vec<WaitForCancelledOwned>> = place();
        let mut all = Vec::new();
        let mut hooks = Vec::new();
        for _ in 0..n {
            let inner = waits.clone();
            let (waker, counts) = Hooks::new().on_wake(move || drop(take(&inner))).waker();
            let mut wait = wait(&source);
            assert!(poll_with(&waker, &mut wait).is_pending());
            all.push(wait);
            hooks.push(counts);
        }
        put(&waits, all);
        source.cancel();
        assert!(hooks.iter().all(|counts| counts.wakes.load(Ordering::SeqCst) <= 1));
        assert!(hooks.iter().any(|counts| counts.wakes.load(Ordering::SeqCst) == 1));
        assert!(hooks.iter().all(|counts| Arc::strong_count(counts) == 1), "every waker is dropped");
    }
}

#[test]
fn a_wake_that_drops_the_last_handles() {
    let source = CancellationTokenSource::new();
    let everything: Place<(CancellationTokenSource, CancellationTokenSource, WaitForCancelledOwned)> = place();
    let inner = everything.clone();
    let (waker, counts) = Hooks::new().on_wake(move || drop(take(&inner))).waker();
    let child = source.token().child();
    let mut pending = wait(&child);
    assert!(poll_with(&waker, &mut pending).is_pending());
    // Only the guard below holds the source from now on.
    let guard = source.clone().drop_guard();
    put(&everything, (source, child, pending));
    drop(guard);
    assert_eq!(counts.wakes.load(Ordering::SeqCst), 1);
    assert!(everything.lock().unwrap().is_none());
}

#[test]
fn a_wakers_drop_that_drops_another_wait() {
    let source = CancellationTokenSource::new();
    let other = place::<WaitForCancelledOwned>();
    let inner = other.clone();
    let (waker, _) = Hooks::new().on_drop(move || drop(take(&inner))).waker();
    let counter = Counter::new();
    let (mut first, mut second) = (wait(&source), wait(&source));
    assert!(poll_with(&waker, &mut first).is_pending());
    assert!(counter.poll(&mut second).is_pending());
    put(&other, second);
    drop(first);
    assert_eq!(counter.held(), 0);
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn a_replaced_waker_is_never_woken() {
    let source = CancellationTokenSource::new();
    let (old, new) = (Counter::new(), Counter::new());
    let mut wait = wait(&source);
    for _ in 0..10 {
        assert!(old.poll(&mut wait).is_pending());
        assert!(new.poll(&mut wait).is_pending());
    }
    assert_eq!((old.held(), new.held()), (0, 1), "one waker is kept, the last");
    source.cancel();
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert_eq!(new.held(), 0, "a woken waker is given up");
}

#[test]
fn a_future_that_moves_on_after_ready_is_quiet() {
    let source = CancellationTokenSource::new();
    source.cancel();
    let counter = Counter::new();
    let mut wait = wait(&source);
    assert!(counter.poll(&mut wait).is_ready());
    drop(wait);
    assert_eq!((counter.wakes(), counter.held()), (0, 0));
}

#[test]
fn a_panic_in_a_wakers_clone_leaves_the_token_whole() {
    let source = CancellationTokenSource::new();
    let (waker, counts) = Hooks::new().on_clone(|| panic!("clone")).waker();
    let mut wait = wait(&source);
    assert_eq!(panic_of(|| poll_with(&waker, &mut wait)), Some("clone"));
    let counter = Counter::new();
    assert!(counter.poll(&mut wait).is_pending(), "the future can be polled again");
    source.cancel();
    assert_eq!(counter.wakes(), 1);
    assert!(counter.poll(&mut wait).is_ready());
    drop((wait, waker));
    assert_eq!(Arc::strong_count(&counts), 1);
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn a_panic_in_a_wakers_drop_leaves_the_token_whole() {
    // While the wait is dropped.
    let source = CancellationTokenSource::new();
    let armed = Arc::new(Mutex::new(true));
    let once = armed.clone();
    let hook = move || {
        let first = std::mem::take(&mut *once.lock().unwrap());
        assert!(!first, "drop");
    };
    let (waker, _) = Hooks::new().on_drop(hook.clone()).waker();
    let mut first = wait(&source);
    assert!(poll_with(&waker, &mut first).is_pending());
    assert_eq!(panic_of(|| drop(first)), Some("drop"));
    assert_eq!(source.token().listeners(), 0);

    // While it is replaced.
    *armed.lock().unwrap() = true;
    let (other, _) = Hooks::new().on_drop(hook).waker();
    let counter = Counter::new();
    let mut second = wait(&source);
    assert!(poll_with(&other, &mut second).is_pending());
    assert_eq!(panic_of(|| drop_poll(counter.poll(&mut second))), Some("drop"));
    // Whatever the poll did, the next one answers, and no wake is lost.
    assert!(counter.poll(&mut second).is_pending());
    source.cancel();
    assert_eq!(counter.wakes(), 1);
    assert!(counter.poll(&mut second).is_ready());
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn a_panic_in_one_wake_loses_no_other() {
    for n in [1, 2, 3, 8, 33, 70] {
        for which in [0, n / 2, n - 1] {
            let source = CancellationTokenSource::new();
            let counters: Vec<_> = (0..n).map(|_| Counter::new()).collect();
            let mut waits: Vec<_> = (0..n).map(|_| wait(&source)).collect();
            let (bad, _) = Hooks::new().on_wake(|| panic!("wake")).waker();
            for (index, pending) in waits.iter_mut().enumerate() {
                let waker = if index == which { bad.clone() } else { counters[index].waker() };
                assert!(poll_with(&waker, pending).is_pending());
            }
            assert_eq!(panic_of(|| source.cancel()), Some("wake"));
            for (index, counter) in counters.iter().enumerate() {
                assert_eq!(counter.wakes(), usize::from(index != which), "waiter {index} of {n}");
            }
            assert!(!source.cancel());
            drop(waits);
        }
    }
}

/// G7: the first panic resumes; later payloads are dropped under a catch, even one whose `Drop` panics.
#[test]
fn a_payload_whose_drop_panics() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            // Only where somebody drops it outside an unwinding, so that the test itself survives.
            if !std::thread::panicking() {
                panic!("the payload's drop");
            }
        }
    }
    let source = CancellationTokenSource::new();
    let counter = Counter::new();
    let mut wait = wait(&source);
    assert!(counter.poll(&mut wait).is_pending());
    let ran = Counter::new();
    let last = ran.waker();
    source.token().register(move || last.wake()).detach();
    source.token().register(|| std::panic::panic_any(Bomb)).detach();
    source.token().register(|| std::panic::panic_any(Bomb)).detach();
    source.token().register(|| panic!("the first")).detach();
    assert_eq!(panic_of(|| source.cancel()), Some("the first"));
    assert_eq!((counter.wakes(), ran.wakes()), (1, 1));
    assert!(source.is_cancelled());
}

/// A timer's waker, a delay and `when_all`, with a waker that uses the clock and polls at once.
#[test]
fn a_wake_that_uses_the_clock_that_wakes_it() {
    let clock = ManualClock::new();
    let future: Place<Pin<Box<dyn Future<Output = Vec<()>> + Send>>> = place();
    let (own, hand, done) = (future.clone(), clock.clone(), Counter::new());
    let finish = done.waker();
    let (waker, counts) = Hooks::new()
        .on_wake(move || {
            let _ = (hand.armed(), hand.next_deadline());
            let unused = delay_on(&hand, core::time::Duration::from_secs(9));
            drop(unused);
            let Some(mut work) = take(&own) else { return };
            match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(_) => finish.wake_by_ref(),
                Poll::Pending => put(&own, work),
            }
        })
        .waker();
    let delays = [1, 1, 1].map(|seconds| {
        let clock = clock.clone();
        async move { delay_on(&clock, core::time::Duration::from_secs(seconds)).await }
    });
    let mut work: Pin<Box<dyn Future<Output = Vec<()>> + Send>> = Box::pin(when_all_settled(delays));
    assert!(poll_with(&waker, &mut work).is_pending());
    put(&future, work);
    clock.advance(core::time::Duration::from_secs(1));
    assert!(counts.wakes.load(Ordering::SeqCst) >= 1);
    // The inner poll replaced the waker by one that does nothing, so the end may be seen only now.
    if let Some(mut work) = take(&future) {
        assert!(poll_with(Waker::noop(), &mut work).is_ready());
    } else {
        assert_eq!(done.wakes(), 1);
    }
    assert_eq!(clock.armed(), 0);
}

/// A tree of waits where every wake cancels the next source and drops a child: nothing nests wrongly.
#[test]
fn wakes_that_cancel_down_and_up_a_tree() {
    let root = CancellationTokenSource::new();
    let children: Vec<_> = (0..6).map(|_| root.token().child()).collect();
    let tokens: Vec<CancellationToken> = children.iter().map(CancellationTokenSource::token).collect();
    let mut waits = Vec::new();
    let mut counts = Vec::new();
    for index in 0..6 {
        let (up, next) = (root.clone(), children[(index + 1) % 6].clone());
        let (waker, count) = Hooks::new()
            .on_wake(move || {
                let _ = next.cancel();
                let _ = up.cancel();
            })
            .waker();
        let mut wait = tokens[index].clone().cancelled_owned();
        assert!(poll_with(&waker, &mut wait).is_pending());
        waits.push(wait);
        counts.push(count);
    }
    children[3].cancel();
    assert!(root.is_cancelled() && tokens.iter().all(CancellationToken::is_cancelled));
    assert!(counts.iter().all(|count| count.wakes.load(Ordering::SeqCst) == 1));
}

fn drop_bool(_: bool) {}

fn drop_poll<T>(_: Poll<T>) {}
