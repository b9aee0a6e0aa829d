//! CTS: `CancellationTokenSource`, by hand: the flag, callbacks, their order and their panics, dropping.
//!
//! | entry | why there is no test |
//! |---|---|
//! | CTS-026 | "unrepresentable by ownership": a source that can be called has not been dropped |
//! | CTS-046 | "unrepresentable": the same |
//! | CTS-053 | unrepresentable: the same |
use crate::support::{Dropped, Log, panic_of, race};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use taskcell::{
    AsyncLocal, CancellationToken, CancellationTokenSource, ExecutionContext, MessageLoop, MessageLoopHandle,
    SynchronizationContext, TaskCompletionSource, Unregistered,
};

#[test]
fn cts_001_a_fresh_source_is_live() {
    let source = CancellationTokenSource::new();
    assert!(!source.is_cancelled());
    assert!(!source.token().is_cancelled());
    assert!(source.token().can_be_cancelled());
    assert!(!CancellationTokenSource::default().is_cancelled());
}

#[test]
fn cts_002_cancel_shows_on_every_token() {
    let source = CancellationTokenSource::new();
    let (before, twin) = (source.token(), source.clone());
    assert!(source.cancel());
    assert!(source.is_cancelled() && twin.is_cancelled());
    assert!(before.is_cancelled() && before.clone().is_cancelled());
    assert!(source.token().is_cancelled());
}

#[test]
fn cts_003_a_second_cancel_does_nothing() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let _registration = source.token().register(log.note("ran"));
    assert!(source.cancel());
    assert!(!source.cancel());
    assert!(!source.cancel_with("too late"));
    assert!(!source.cancel_fail_fast());
    assert_eq!(log.take(), ["ran"]);
    assert!(source.token().reason().unwrap().is_requested());
}

#[test]
fn cts_005_callbacks_run_lifo() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let registrations: Vec<_> = (1..=5)
        .map(|n| {
            let log = log.clone();
            source.token().register(move || log.push((n, thread::current().id())))
        })
        .collect();
    source.cancel();
    let here = thread::current().id();
    assert_eq!(log.take(), [5, 4, 3, 2, 1].map(|n| (n, here)));
    drop(registrations);
}

#[test]
fn cts_007_a_callback_registers_another() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let (token, inner) = (source.token(), log.clone());
    let _a = source.token().register(log.note("a"));
    let _b = source.token().register(move || {
        inner.push("b starts");
        let late = token.register(inner.note("n"));
        assert_eq!(late.id(), taskcell::Registration::default().id());
        inner.push("b ends");
    });
    source.cancel();
    assert_eq!(log.take(), ["b starts", "n", "b ends", "a"]);
}

#[test]
fn cts_008_a_callback_cancels_again() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let (again, inner) = (source.clone(), log.clone());
    let _a = source.token().register(log.note("a"));
    let _b = source.token().register(move || {
        assert!(!again.cancel());
        inner.push("b");
    });
    assert!(source.cancel());
    assert_eq!(log.take(), ["b", "a"]);
}

#[test]
fn cts_009_a_second_canceller_does_not_wait() {
    let source = CancellationTokenSource::new();
    let ((tell, told), (go, gone)) = (mpsc::channel(), mpsc::channel::<()>());
    let _registration = source.token().register(move || {
        tell.send(()).unwrap();
        gone.recv().unwrap();
    });
    let other = source.clone();
    let first = thread::spawn(move || other.cancel());
    told.recv().unwrap();
    // The callback runs until it is told to go on; this returns although it does.
    assert!(!source.cancel());
    assert!(source.is_cancelled());
    go.send(()).unwrap();
    assert!(first.join().unwrap());
}

/// We differ on purpose: no aggregate; the first panic in the order of execution resumes when all have run.
#[test]
fn cts_011_every_callback_runs_although_some_panic() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let logs = [log.clone(), log.clone(), log.clone()];
    let [a, b, c] = logs;
    let _a = source.token().register(move || {
        a.push("a");
        panic!("a panics");
    });
    let _b = source.token().register(move || b.push("b"));
    let _c = source.token().register(move || {
        c.push("c");
        panic!("c panics");
    });
    assert_eq!(panic_of(|| source.cancel()), Some("c panics"));
    assert_eq!(log.take(), ["c", "b", "a"]);
    assert!(source.is_cancelled());
    assert!(!source.cancel());
}

/// We differ on purpose: one panic resumes as itself.
#[test]
fn cts_012_one_panic_resumes_as_itself() {
    let source = CancellationTokenSource::new();
    let _registration = source.token().register(|| panic!("the only one"));
    assert_eq!(panic_of(|| source.cancel()), Some("the only one"));
    assert!(source.is_cancelled());
}

fn failed_fast() -> (CancellationTokenSource, Log<&'static str>, Arc<AtomicUsize>) {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let (value, drops) = Dropped::new();
    let a = log.clone();
    source
        .token()
        .register(move || {
            let _value = &value;
            a.push("a");
        })
        .detach();
    source.token().register(|| panic!("b panics")).detach();
    source.token().register(log.note("c")).detach();
    assert_eq!(panic_of(|| source.cancel_fail_fast()), Some("b panics"));
    (source, log, drops)
}

#[test]
fn cts_014_fail_fast_stops_at_the_first_panic() {
    let (source, log, drops) = failed_fast();
    assert_eq!(log.take(), ["c"]);
    assert!(source.is_cancelled());
    assert!(!source.cancel());
    assert_eq!(log.take(), Vec::<&str>::new());
    drop(source);
    assert_eq!(drops.load(Ordering::SeqCst), 1, "the callback that never ran is dropped");
    assert_eq!(log.len(), 0);
}

#[test]
fn cts_016_registering_after_a_fail_fast_runs_inline() {
    let (source, log, _) = failed_fast();
    log.take();
    let mut late = source.token().register(log.note("late"));
    assert_eq!(log.take(), ["late"]);
    assert_eq!(late.unregister(), Unregistered::Finished);
}

/// Ours: there is nothing to dispose; handles drop in any order, each as often as it was cloned.
#[test]
fn cts_030_dropping_every_handle_is_quiet() {
    let source = CancellationTokenSource::new();
    let (twin, token) = (source.clone(), source.token());
    drop(source);
    assert!(token.can_be_cancelled());
    drop(twin.clone());
    drop(twin);
    assert!(!token.is_cancelled());
    drop(token);
}

/// Ours: once the last handle is gone nobody can cancel, and the state stays what it was.
#[test]
fn cts_031_no_cancel_after_the_last_handle() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let token = source.token();
    let _registration = token.register(log.note("ran"));
    drop(source);
    assert!(!token.is_cancelled());
    assert!(!token.can_be_cancelled());
    assert!(token.reason().is_none());
    assert_eq!(log.len(), 0);
}

#[test]
fn cts_032_the_flag_outlives_the_source() {
    let live = CancellationTokenSource::new();
    let token = live.token();
    drop(live);
    assert!(!token.is_cancelled());
    assert!(token.check().is_ok());

    let cancelled = CancellationTokenSource::new();
    let token = cancelled.token();
    cancelled.cancel();
    drop(cancelled);
    assert!(token.is_cancelled());
    assert!(token.can_be_cancelled());
}

#[test]
fn cts_036_a_callback_drops_the_source() {
    let log = Log::new();
    let source = CancellationTokenSource::new();
    let twin = Arc::new(Mutex::new(Some(source.clone())));
    let _a = source.token().register(log.note("a"));
    let (slot, inner) = (twin.clone(), log.clone());
    let _b = source.token().register(move || {
        drop(slot.lock().unwrap().take());
        inner.push("b");
    });
    assert!(source.cancel());
    assert_eq!(log.take(), ["b", "a"]);
}

/// A loop on a thread of its own, and the thread; the loop ends with what is returned.
fn looping() -> (MessageLoopHandle, TaskCompletionSource<()>, thread::JoinHandle<()>) {
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        let ui = MessageLoop::new("ui");
        let (end, ended) = TaskCompletionSource::pair();
        tell.send((ui.handle(), end)).unwrap();
        ui.run_until(ended).unwrap();
    });
    let (handle, end) = told.recv().unwrap();
    (handle, end, thread)
}

/// A callback that is for a context sends itself there, and `cancel` waits for that.
#[test]
fn cts_054_a_callback_runs_in_its_context_and_cancel_waits() {
    let ((ui, end, thread), source) = (looping(), CancellationTokenSource::new());
    let (log, home) = (Log::new(), thread.thread().id());
    let there = log.clone();
    let note = move || there.push(("there", thread::current().id() == home));
    source.token().register(move || ui.send(Box::new(note)).unwrap()).detach();
    let here = log.clone();
    source.token().register(move || here.push(("here", thread::current().id() == home))).detach();
    source.cancel();
    assert_eq!(log.take(), [("here", false), ("there", true)]);
    end.set_result(());
    thread.join().unwrap();
}

/// We differ on purpose, as in CTS-012: the panic itself comes back, in both forms of cancel.
#[test]
fn cts_056_a_panic_in_a_context_comes_back_to_cancel() {
    let (ui, end, thread) = looping();
    for fail_fast in [false, true] {
        let (source, ui) = (CancellationTokenSource::new(), ui.clone());
        source.token().register(move || ui.send(Box::new(|| panic!("over there"))).unwrap()).detach();
        let cancel = || if fail_fast { source.cancel_fail_fast() } else { source.cancel() };
        assert_eq!(panic_of(cancel), Some("over there"));
        assert!(source.is_cancelled());
    }
    end.set_result(());
    thread.join().unwrap();
}

/// We differ on purpose: a callback has the locals of the thread that cancels, unless it brings its own context.
#[test]
fn cts_057_a_callback_brings_the_context_that_it_wants() {
    static LOCAL: AsyncLocal<&str> = AsyncLocal::new();
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    LOCAL.set("registers");
    let context = ExecutionContext::capture().unwrap();
    let (bound, bare) = (log.clone(), log.clone());
    let change = move || {
        bound.push(LOCAL.get());
        LOCAL.set("changed");
    };
    source.token().register(move || context.run(change)).detach();
    source.token().register(move || bare.push(LOCAL.get())).detach();
    LOCAL.set("cancels");
    source.cancel();
    assert_eq!(log.take(), [Some("cancels"), Some("registers")]);
    assert_eq!(LOCAL.get(), Some("cancels"));
}

#[test]
fn cts_061_a_callback_is_given_its_token() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let (seen, state) = (log.clone(), String::from("state"));
    let _registration =
        source.token().register_with(move |token: &CancellationToken| seen.push((token.clone(), state)));
    source.cancel();
    assert!(log.take() == [(source.token(), String::from("state"))]);

    // Inline, too.
    let seen = log.clone();
    let _late = source.token().register_with(move |token| seen.push((token.clone(), String::new())));
    assert!(log.take()[0].0 == source.token());
}

#[test]
fn cts_062_removed_or_run_never_both() {
    let make = || {
        let (source, ran) = (CancellationTokenSource::new(), Arc::new(AtomicUsize::new(0)));
        let count = ran.clone();
        let registration = source.token().register(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        (source, Mutex::new((registration, None)), ran)
    };
    race(
        2_000,
        make,
        |(source, _, _)| assert!(source.cancel()),
        |(_, slot, _)| {
            let (registration, answer) = &mut *slot.lock().unwrap();
            *answer = Some(registration.unregister());
        },
        |(_, slot, ran)| {
            let removed = slot.lock().unwrap().1 == Some(Unregistered::Removed);
            assert_eq!(ran.load(Ordering::SeqCst), usize::from(!removed));
        },
    );
}

#[test]
fn cts_065_dropping_a_source_cancels_nothing() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let child = token.child();
    drop(source);
    assert!(!token.is_cancelled());
    assert!(!child.is_cancelled());

    // A guard is the explicit way.
    let source = CancellationTokenSource::new();
    let token = source.token();
    drop(source.drop_guard());
    assert!(token.is_cancelled());

    // A guard that was disarmed gives the source back.
    let source = CancellationTokenSource::new().drop_guard().disarm();
    assert!(!source.is_cancelled());
    let _ = source.drop_guard_ref().disarm();
    assert!(!source.is_cancelled());
    drop(source.drop_guard_ref());
    assert!(source.is_cancelled());
}

#[test]
fn cts_067_two_cancellers_run_the_callbacks_once() {
    let make = || {
        let (source, ran, firsts) = (CancellationTokenSource::new(), Log::new(), AtomicUsize::new(0));
        for n in 0..5 {
            source.token().register(ran.note(n)).detach();
        }
        (source, ran, firsts)
    };
    let cancel = |(source, _, firsts): &(CancellationTokenSource, Log<i32>, AtomicUsize)| {
        firsts.fetch_add(usize::from(source.cancel()), Ordering::SeqCst);
        assert!(source.is_cancelled());
    };
    race(1_000, make, cancel, cancel, |(_, ran, firsts)| {
        assert_eq!(firsts.load(Ordering::SeqCst), 1);
        assert_eq!(ran.take(), [4, 3, 2, 1, 0]);
    });
}
