//! `CancellationTokenSource`, `CancellationToken`, `CancellationTokenRegistration`: what .NET's tests ask beyond the list.
use crate::support::{Counter, Dropped, Jobs, Log, panic_of};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;
use taskcell::{CancellationToken, CancellationTokenSource, Cancelled, ManualClock, Registration, Unregistered};

#[test]
fn a_panic_of_a_late_callback_comes_out_of_register() {
    let source = CancellationTokenSource::new();
    source.cancel();
    assert_eq!(panic_of(|| source.token().register(|| panic!("late")).detach()), Some("late"));
    assert_eq!(panic_of(|| CancellationToken::new(true).register(|| panic!("born")).detach()), Some("born"));
    assert!(!source.cancel(), "the source is none the worse");
}

#[test]
fn a_second_cancel_after_a_panic_is_quiet() {
    let source = CancellationTokenSource::new();
    source.token().register(|| panic!("once")).detach();
    assert_eq!(panic_of(|| source.cancel()), Some("once"));
    assert_eq!(panic_of(|| source.cancel()), None);
    assert_eq!(panic_of(|| source.cancel_fail_fast()), None);
}

#[test]
fn a_callback_of_one_source_cancels_another_whose_callback_panics() {
    let (outer, inner, log) = (CancellationTokenSource::new(), CancellationTokenSource::new(), Log::new());
    inner.token().register(|| panic!("inner")).detach();
    inner.token().register(log.note("inner's newer one")).detach();
    outer.token().register(log.note("outer's older one")).detach();
    let inside = inner.clone();
    outer.token().register(move || assert!(inside.cancel())).detach();
    assert_eq!(panic_of(|| outer.cancel()), Some("inner"));
    assert!(outer.is_cancelled() && inner.is_cancelled());
    assert_eq!(log.take(), ["inner's newer one", "outer's older one"]);
}

#[test]
fn every_callback_sees_the_flag() {
    let source = CancellationTokenSource::new();
    let seen = Arc::new(AtomicUsize::new(0));
    for _ in 0..10 {
        let (seen, token) = (seen.clone(), source.token());
        let inside = token.clone();
        let see = move || {
            seen.fetch_add(usize::from(inside.is_cancelled() && inside.check().is_err()), SeqCst);
        };
        token.register(see).detach();
    }
    source.cancel();
    assert_eq!(seen.load(SeqCst), 10);
}

#[test]
fn ten_thousand_callbacks_run_lifo() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    (0..10_000_u32).for_each(|n| source.token().register(log.note(n)).detach());
    source.cancel();
    assert!(log.take().into_iter().eq((0..10_000).rev()));
}

#[test]
fn a_callback_registers_endlessly_many_one_after_another() {
    fn again(token: CancellationToken, left: u32, log: Log<u32>) {
        let inner = token.clone();
        token
            .register(move || {
                log.push(left);
                if left > 0 {
                    again(inner, left - 1, log);
                }
            })
            .detach();
    }
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    again(source.token(), 50, log.clone());
    source.cancel();
    assert!(log.take().into_iter().eq((0..=50).rev()));
}

#[test]
fn tokens_and_registrations_are_hashed_as_they_are_compared() {
    let (a, b) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    let tokens: HashSet<_> =
        [a.token(), a.token(), b.token(), CancellationToken::NONE, CancellationToken::new(false)].into();
    assert_eq!(tokens.len(), 3);
    assert!(CancellationToken::new(true) != CancellationToken::NONE && a.token() != CancellationToken::new(true));
    let (one, two) = (a.token().register(|| ()), a.token().register(|| ()));
    let ids: HashSet<_> =
        [one.id(), two.id(), Registration::default().id(), CancellationToken::NONE.register(|| ()).id()].into();
    assert_eq!(ids.len(), 3);
    a.cancel();
    assert_ne!(a.token(), CancellationToken::new(true), "two cancelled sources are two still");
}

#[test]
fn check_on_none_passes_for_ever() {
    assert_eq!(CancellationToken::NONE.check().map_err(|_: Cancelled| ()), Ok(()));
    assert_eq!(CancellationToken::default(), CancellationToken::NONE);
    assert_eq!(CancellationToken::NONE.reason().map(|_| ()), None);
}

#[test]
fn unregister_inside_the_callback_itself_says_that_it_runs() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let own: Arc<Mutex<Option<Registration>>> = Arc::default();
    let (inside, said) = (own.clone(), log.clone());
    let registration = source.token().register(move || {
        let mut own = inside.lock().unwrap().take().unwrap();
        said.push(own.unregister());
        said.push(own.unregister_and_wait().unwrap());
        said.push(smol::block_on(own.unregister_async()));
    });
    *own.lock().unwrap() = Some(registration);
    source.cancel();
    assert_eq!(log.take(), [Unregistered::Running; 3]);
}

#[test]
fn a_callback_unregisters_a_newer_one_that_has_run() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let newer: Arc<Mutex<Option<Registration>>> = Arc::default();
    let (inside, said) = (newer.clone(), log.clone());
    source.token().register(move || said.push(inside.lock().unwrap().as_mut().unwrap().unregister())).detach();
    *newer.lock().unwrap() = Some(source.token().register(|| ()));
    source.cancel();
    assert_eq!(log.take(), [Unregistered::Finished]);
}

#[test]
fn one_that_has_not_started_is_taken_back_from_another_thread_meanwhile() {
    let (source, log, gate) = (CancellationTokenSource::new(), Log::new(), Arc::new(Barrier::new(2)));
    source.token().register(log.note("oldest")).detach();
    let mut middle = source.token().register(log.note("middle"));
    let inside = gate.clone();
    let newest = move || {
        inside.wait();
        inside.wait();
    };
    source.token().register(newest).detach();
    let canceller = thread::spawn(move || source.cancel());
    gate.wait();
    assert_eq!(middle.unregister_and_wait(), Ok(Unregistered::Removed));
    gate.wait();
    assert!(canceller.join().unwrap());
    assert_eq!(log.take(), ["oldest"]);
}

#[test]
fn unregister_async_ends_at_once_when_there_is_nothing_to_wait_for() {
    let source = CancellationTokenSource::new();
    let counter = Counter::new();
    let mut live = source.token().register(|| ());
    assert!(counter.poll(&mut live.unregister_async()).is_ready());
    let mut empty = Registration::default();
    assert!(counter.poll(&mut empty.unregister_async()).is_ready());
    let mut ran = source.token().register(|| ());
    source.cancel();
    assert!(counter.poll(&mut ran.unregister_async()).is_ready());
    assert_eq!(counter.wakes(), 0);
}

#[test]
fn what_a_callback_captured_goes_when_it_has_run_or_is_taken_back() {
    let source = CancellationTokenSource::new();
    let ((run, runs), (taken, takes)) = (Dropped::new(), Dropped::new());
    let kept = source.token().register(move || drop(run));
    let mut back = source.token().register(move || drop(taken));
    back.unregister();
    assert_eq!(takes.load(SeqCst), 1);
    source.cancel();
    assert_eq!(runs.load(SeqCst), 1, "although the registration is there still");
    drop(kept);
}

#[test]
fn the_last_handle_goes_while_callbacks_run() {
    let (source, log, gate) = (CancellationTokenSource::new(), Log::new(), Arc::new(Barrier::new(2)));
    source.token().register(log.note("older")).detach();
    let inside = gate.clone();
    source
        .token()
        .register(move || {
            inside.wait();
            inside.wait();
        })
        .detach();
    let token = source.token();
    let other = source.clone();
    let canceller = thread::spawn(move || other.cancel());
    gate.wait();
    drop(source);
    gate.wait();
    assert!(canceller.join().unwrap() && token.is_cancelled());
    assert_eq!(log.take(), ["older"]);
}

#[test]
fn a_reset_in_a_callback_or_after_a_timer_is_refused() {
    let clock = ManualClock::new();
    let mut source = CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(1));
    clock.advance(Duration::from_secs(1));
    assert!(!source.try_reset() && source.is_cancelled());
    let source = CancellationTokenSource::new();
    let (log, mut twin) = (Log::new(), source.clone());
    let said = log.clone();
    source.token().register(move || said.push(twin.try_reset())).detach();
    source.cancel();
    assert_eq!(log.take(), [false]);
}

#[test]
fn a_reset_again_and_again() {
    let mut source = CancellationTokenSource::new();
    let log = Log::new();
    for n in 0..100_u32 {
        source.token().register(log.note(n)).detach();
        assert!(source.try_reset());
    }
    let token = source.token();
    token.register(log.note(100)).detach();
    source.cancel();
    assert_eq!(log.take(), [100]);
    assert!(token.is_cancelled());
}

#[test]
fn cancel_async_of_a_cancelled_source_has_ended_and_runs_nothing_again() {
    let (jobs, source, log) = (Jobs::new(), CancellationTokenSource::new(), Log::new());
    source.token().register(log.note("ran")).detach();
    source.cancel();
    assert!(source.cancel_async(&jobs).is_completed_successfully());
    jobs.run();
    assert_eq!(log.take(), ["ran"]);
}

#[test]
fn a_cancel_after_cancel_async_does_not_run_its_callbacks() {
    let (jobs, source, log) = (Jobs::new(), CancellationTokenSource::new(), Log::new());
    source.token().register(log.note("ran")).detach();
    let task = source.cancel_async(&jobs);
    assert!(!source.cancel() && source.is_cancelled());
    assert_eq!((log.take(), task.is_completed()), (vec![], false), "they are the job's");
    jobs.run();
    assert_eq!((log.take(), task.is_completed()), (vec!["ran"], true));
}

#[test]
fn all_panics_of_cancel_async_leave_the_others_running() {
    let (jobs, source, log) = (Jobs::new(), CancellationTokenSource::new(), Log::new());
    source.token().register(|| panic!("second")).detach();
    source.token().register(log.note("between")).detach();
    source.token().register(|| panic!("first")).detach();
    let task = source.cancel_async(&jobs);
    jobs.run();
    assert_eq!(log.take(), ["between"]);
    assert_eq!(task.try_result().unwrap().unwrap_err().to_string(), "the task panicked: first");
}

#[test]
fn an_infinite_wait_and_one_with_a_limit_on_what_cannot_be_cancelled() {
    assert!(!CancellationToken::NONE.wait_timeout(Duration::from_millis(1)).unwrap());
    assert!(CancellationToken::new(true).wait_timeout(Duration::ZERO).unwrap());
    let source = CancellationTokenSource::new();
    assert!(!source.token().wait_timeout(Duration::ZERO).unwrap());
    let (token, waiter) = (source.token(), source.token());
    let waiting = thread::spawn(move || waiter.wait());
    source.cancel();
    assert!(waiting.join().unwrap().is_ok() && token.wait().is_ok());
}
