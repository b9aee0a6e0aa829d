//! Linked sources, and linked ones with timers: what .NET's tests ask beyond the list.
use crate::support::{Dropped, Log, panic_of};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use taskcell::{CancellationToken, CancellationTokenSource, ManualClock};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_panic_in_the_target_of_a_link_stops_a_fail_fast_of_the_parent() {
    let (parent, log) = (CancellationTokenSource::new(), Log::new());
    let linked = CancellationTokenSource::linked([&parent.token(), &CancellationToken::NONE]);
    linked.token().register(log.note("older, below")).detach();
    linked.token().register(|| panic!("below")).detach();
    assert_eq!(panic_of(|| parent.cancel_fail_fast()), Some("below"));
    assert!(linked.is_cancelled() && parent.is_cancelled());
    assert!(!parent.cancel() && !linked.cancel());
}

#[test]
fn two_linked_ones_whose_callbacks_panic() {
    let (parent, log) = (CancellationTokenSource::new(), Log::new());
    let [one, two] = [parent.token().child(), parent.token().child()];
    one.token().register(|| panic!("below")).detach();
    one.token().register(log.note("one")).detach();
    two.token().register(|| panic!("below")).detach();
    two.token().register(log.note("two")).detach();
    assert_eq!(panic_of(|| parent.cancel()), Some("below"));
    let mut ran = log.take();
    ran.sort_unstable();
    assert_eq!(ran, ["one", "two"]);
    assert!(one.is_cancelled() && two.is_cancelled());
}

#[test]
fn a_linked_source_has_a_timer_of_its_own() {
    let (clock, parent) = (ManualClock::new(), CancellationTokenSource::new());
    let early = CancellationTokenSource::linked([&parent.token()]);
    let late = CancellationTokenSource::linked([&parent.token()]);
    early.cancel_after_on(&clock, SECOND);
    late.cancel_after_on(&clock, 5 * SECOND);
    clock.advance(SECOND);
    assert!(early.is_cancelled() && !late.is_cancelled() && !parent.is_cancelled());
    assert!(early.token().reason().unwrap().is_deadline());
    parent.cancel();
    assert!(late.token().reason().unwrap().is_inherited());
    clock.advance(10 * SECOND);
    assert!(!late.token().reason().unwrap().is_deadline(), "the first reason stays");
    assert_eq!(clock.armed(), 0);
}

#[test]
fn a_deadline_of_a_parent_is_the_childs_too() {
    let clock = ManualClock::new();
    let parent = CancellationTokenSource::with_timeout_on(&clock, SECOND);
    let child = parent.token().child();
    let grandchild = child.token().child();
    clock.advance(SECOND);
    let reason = grandchild.token().reason().unwrap();
    assert!(reason.is_deadline() && reason.is_inherited());
}

/// We differ on purpose: a detached callback stays with its token, and that with the parents.
#[test]
fn a_reset_keeps_the_links_to_the_parents() {
    let (parent, log) = (CancellationTokenSource::new(), Log::new());
    let mut linked = CancellationTokenSource::linked([&parent.token()]);
    let held = linked.token().register(log.note("held"));
    linked.token().register(log.note("detached")).detach();
    assert!(linked.try_reset());
    drop(held);
    linked.token().register(log.note("after")).detach();
    parent.cancel();
    assert!(linked.is_cancelled() && !linked.try_reset());
    let mut ran = log.take();
    ran.sort_unstable();
    assert_eq!(ran, ["after", "detached"]);
}

#[test]
fn a_reset_without_parents_drops_what_was_detached() {
    let ((value, drops), mut source) = (Dropped::new(), CancellationTokenSource::new());
    source.token().register(move || drop(value)).detach();
    assert!(source.try_reset());
    assert_eq!(drops.load(SeqCst), 1);
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn a_linked_source_goes_inside_its_parents_callback() {
    let (parent, log) = (CancellationTokenSource::new(), Log::new());
    let linked = CancellationTokenSource::linked([&parent.token()]);
    let (token, said) = (linked.token(), log.clone());
    token.register(log.note("below")).detach();
    parent
        .token()
        .register(move || {
            said.push("above");
            drop(linked);
        })
        .detach();
    parent.cancel();
    assert!(token.is_cancelled());
    let mut ran = log.take();
    ran.sort_unstable();
    assert_eq!(ran, ["above", "below"]);
}

#[test]
fn the_parents_cancel_waits_for_the_callbacks_below() {
    let (parent, log, gate) = (CancellationTokenSource::new(), Log::new(), Arc::new(Barrier::new(2)));
    let linked = CancellationTokenSource::linked([&parent.token()]);
    let (inside, said) = (gate.clone(), log.clone());
    linked
        .token()
        .register(move || {
            inside.wait();
            said.push("below");
        })
        .detach();
    let ended = log.clone();
    let canceller = thread::spawn(move || {
        parent.cancel();
        ended.push("cancel has returned");
    });
    gate.wait();
    canceller.join().unwrap();
    assert_eq!(log.take(), ["below", "cancel has returned"]);
}

#[test]
fn two_parents_cancelled_at_the_same_time_cancel_once() {
    for _ in 0..200 {
        let (a, b, log) = (CancellationTokenSource::new(), CancellationTokenSource::new(), Log::new());
        let linked = CancellationTokenSource::linked([&a.token(), &b.token()]);
        linked.token().register(log.note(())).detach();
        let start = Arc::new(Barrier::new(2));
        let other = start.clone();
        let thread = thread::spawn(move || {
            other.wait();
            b.cancel()
        });
        start.wait();
        assert!(a.cancel() && thread.join().unwrap());
        assert!(linked.is_cancelled());
        assert_eq!(log.len(), 1);
    }
}

#[test]
fn many_links_to_one_parent_come_and_go() {
    let parent = CancellationTokenSource::new();
    for _ in 0..1_000 {
        let linked = CancellationTokenSource::linked([&parent.token(), &parent.token()]);
        let registration = linked.token().register(|| unreachable!("it is gone"));
        drop((linked, registration));
    }
    assert_eq!(parent.token().listeners(), 0);
    parent.cancel();
}

#[test]
fn a_source_linked_while_its_parent_is_being_cancelled_is_cancelled() {
    let (parent, log) = (CancellationTokenSource::new(), Log::new());
    let (token, said) = (parent.token(), log.clone());
    let inside = move || {
        let linked = CancellationTokenSource::linked([&token]);
        said.push(linked.is_cancelled());
        linked.token().register(move || said.push(true)).detach();
    };
    parent.token().register(inside).detach();
    parent.cancel();
    assert_eq!(log.take(), [true, true]);
}
