//! ALC: `AsyncLocal` and `ExecutionContext`.
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::{
    AsyncLocal, BoxFuture, Change, ContinuationOptions, ExecutionContext, ManualClock, Task, TaskCompletionSource,
    in_context,
};

use crate::support::{Counter, Jobs};

/// Every test has a thread to itself, and so an empty context.
type Local = AsyncLocal<u32>;

fn spawn_thread(future: BoxFuture<'static, ()>) {
    thread::spawn(|| smol::block_on(future));
}

#[test]
fn alc_001_never_set_it_has_no_value() {
    static LOCAL: Local = Local::new();
    assert_eq!(LOCAL.get(), None);
    assert!(LOCAL.with(|value| value.is_none()));
}

#[test]
fn alc_002_a_task_reads_and_writes_its_own() {
    static LOCAL: Local = Local::new();
    LOCAL.set(1);
    let jobs = Jobs::new();
    let read = Task::<_, ()>::run(&jobs, async {
        let seen = LOCAL.get();
        LOCAL.set(2);
        Ok((seen, LOCAL.get()))
    });
    let called = Task::<_, ()>::run_fn(&jobs, || {
        let seen = LOCAL.get();
        LOCAL.set(3);
        Ok(seen)
    });
    jobs.run();
    assert_eq!(read.try_result().unwrap().unwrap(), &(Some(1), Some(2)));
    assert_eq!(called.try_result().unwrap().unwrap(), &Some(1));
    assert_eq!(LOCAL.get(), Some(1), "polled on this very thread");
}

#[test]
fn alc_003_an_async_boundary_isolates_the_callee() {
    static LOCAL: Local = Local::new();
    LOCAL.set(1);
    let mut call = Box::pin(in_context(async {
        LOCAL.set(2);
        std::future::pending::<()>().await;
    }));
    assert!(Counter::new().poll(&mut call).is_pending());
    assert_eq!(LOCAL.get(), Some(1));
}

#[test]
fn alc_004_a_plain_call_does_not() {
    static LOCAL: Local = Local::new();
    fn plain() -> impl Future<Output = ()> {
        LOCAL.set(2);
        async { LOCAL.set(3) }
    }
    LOCAL.set(1);
    let mut bare = Box::pin(plain());
    assert_eq!(LOCAL.get(), Some(2));
    // A future that nothing wraps is a plain call, too: in .NET an async method would isolate itself.
    assert!(Counter::new().poll(&mut bare).is_ready());
    assert_eq!(LOCAL.get(), Some(3));
}

#[test]
fn alc_005_its_own_context_is_there_after_every_await() {
    static LOCAL: Local = Local::new();
    LOCAL.set(1);
    let mut call = Box::pin(in_context(async {
        LOCAL.set(5);
        smol::future::yield_now().await;
        let first = LOCAL.get();
        smol::future::yield_now().await;
        (first, LOCAL.get())
    }));
    let counter = Counter::new();
    assert!(counter.poll(&mut call).is_pending());
    LOCAL.set(9);
    assert!(counter.poll(&mut call).is_pending());
    // Elsewhere it is the same.
    let poll = thread::spawn(move || Counter::new().poll(&mut call)).join().unwrap();
    assert_eq!(poll, Poll::Ready((Some(5), Some(5))));
}

#[test]
fn alc_006_a_continuation_runs_with_what_was_at_its_registration() {
    static LOCAL: Local = Local::new();
    let (source, task) = TaskCompletionSource::<u32, ()>::pair();
    let jobs = Jobs::new();
    LOCAL.set(1);
    let inline = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |_| {
        let seen = LOCAL.get();
        LOCAL.set(7);
        Ok::<_, ()>(seen)
    });
    let elsewhere = task.continue_with(ContinuationOptions::on(jobs.clone()), |_| Ok::<_, ()>(LOCAL.get()));
    let cancellable = taskcell::CancellationTokenSource::new();
    let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY.with_token(cancellable.token());
    let raced = task.continue_with(options, |_| Ok::<_, ()>(LOCAL.get()));
    let then = task.then(|_| Ok(LOCAL.get()));
    let nested = task.then(|_| Task::from_result(LOCAL.get()));
    let seen = Arc::new(Mutex::new(None));
    let finally = task.finally({
        let seen = seen.clone();
        move || *seen.lock().unwrap() = LOCAL.get()
    });
    LOCAL.set(2);
    source.set_result(0);
    jobs.run();
    for task in [inline, elsewhere, raced, then.clone(), nested] {
        assert_eq!(task.try_result().unwrap().unwrap(), &Some(1));
    }
    assert!(finally.is_completed());
    assert_eq!(*seen.lock().unwrap(), Some(1));
    assert_eq!(LOCAL.get(), Some(2), "what a continuation sets stays there");
    // One that runs at once sees what is current, and isolates as well.
    let late = task.then(|_| {
        LOCAL.set(8);
        Err::<(), _>(())
    });
    let recovered = late.or_else(|_| {
        LOCAL.set(9);
        Ok(())
    });
    assert!(recovered.is_completed_successfully());
    assert_eq!(LOCAL.get(), Some(2));
}

#[test]
fn alc_008_a_completion_source_carries_no_context() {
    static LOCAL: AsyncLocal<&str> = AsyncLocal::new();
    let (source, task) = TaskCompletionSource::<u32, ()>::pair();
    LOCAL.set("awaiter");
    let awaiter = Task::<_, ()>::run(&spawn_thread, async move {
        let _ = task.await;
        Ok(LOCAL.get())
    });
    thread::spawn(move || {
        LOCAL.set("setter");
        source.set_result(1);
    });
    assert_eq!(smol::block_on(awaiter.into_future()).unwrap(), Some("awaiter"));
}

#[test]
fn alc_009_suppressed_nothing_flows() {
    static LOCAL: Local = Local::new();
    LOCAL.set(1);
    let jobs = Jobs::new();
    let run = || Task::<_, ()>::run(&jobs, async { Ok(LOCAL.get()) });
    let (without, seen) = ExecutionContext::suppress_flow(|| (run(), LOCAL.get()));
    let with = run();
    jobs.run();
    assert_eq!(without.try_result().unwrap().unwrap(), &None);
    assert_eq!(with.try_result().unwrap().unwrap(), &Some(1));
    assert_eq!((seen, LOCAL.get()), (Some(1), Some(1)));
}

#[test]
fn alc_011_suppressed_there_is_nothing_to_capture() {
    static LOCAL: Local = Local::new();
    for value in [None, Some(1)] {
        value.map_or_else(|| LOCAL.clear(), |value| LOCAL.set(value));
        assert!(ExecutionContext::suppress_flow(ExecutionContext::capture).is_none());
        assert!(ExecutionContext::capture().is_some());
    }
}

#[test]
fn alc_013_the_flow_is_restored_once_and_by_itself() {
    // In .NET one can restore a flow that is not suppressed, and gets an exception; here a closure says how long.
    assert!(!ExecutionContext::is_flow_suppressed());
    ExecutionContext::suppress_flow(|| {
        ExecutionContext::suppress_flow(|| assert!(ExecutionContext::is_flow_suppressed()));
        assert!(ExecutionContext::is_flow_suppressed());
        ExecutionContext::EMPTY.run(|| assert!(!ExecutionContext::is_flow_suppressed()));
        assert!(ExecutionContext::is_flow_suppressed());
    });
    assert!(!ExecutionContext::is_flow_suppressed());
}

#[test]
fn alc_015_a_snapshot_never_changes() {
    static LOCAL: Local = Local::new();
    LOCAL.set(42);
    let captured = ExecutionContext::capture().unwrap();
    LOCAL.set(12);
    for _ in 0..2 {
        captured.run(|| {
            assert_eq!(LOCAL.get(), Some(42));
            LOCAL.set(56);
            assert_eq!(LOCAL.get(), Some(56));
        });
        assert_eq!(LOCAL.get(), Some(12));
    }
}

#[test]
fn alc_016_the_empty_snapshot() {
    static LOCAL: Local = Local::new();
    let captured = ExecutionContext::capture().unwrap();
    LOCAL.set(12);
    captured.run(|| {
        assert_eq!(LOCAL.get(), None);
        LOCAL.set(5);
    });
    assert_eq!(LOCAL.get(), Some(12));
}

/// The value before, the value now, whether the context was switched.
type Seen = (Option<u32>, Option<u32>, bool);

static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

fn record(change: &Change<'_, u32>) {
    let seen = (change.previous().copied(), change.current().copied(), change.is_context_switch());
    SEEN.lock().unwrap().push(seen);
}

#[test]
fn alc_018_a_handler_is_told_of_sets_and_switches() {
    static LOCAL: Local = Local::new().on_change(record);
    LOCAL.set(1);
    ExecutionContext::EMPTY.run(|| LOCAL.set(5));
    let expected = [(None, Some(1), false), (Some(1), None, true), (None, Some(5), false), (Some(5), Some(1), true)];
    assert_eq!(*SEEN.lock().unwrap(), expected);
    let mut call = Box::pin(in_context(std::future::pending::<()>()));
    assert!(Counter::new().poll(&mut call).is_pending());
    assert_eq!(SEEN.lock().unwrap().len(), 4, "the same value on both sides");
    drop(call);
    LOCAL.clear();
    assert_eq!(SEEN.lock().unwrap()[4..], [(Some(1), None, false)]);
}

#[test]
fn alc_020_a_handler_sets_another_local() {
    static OTHER: Local = Local::new();
    static LOCAL: Local = Local::new().on_change(|change| OTHER.set(change.current().copied().unwrap_or(0) + 10));
    LOCAL.set(1);
    assert_eq!(OTHER.get(), Some(11));
    let other = ExecutionContext::EMPTY.run(|| OTHER.get());
    assert_eq!(other, Some(10), "set by the handler, in the context that the thread went on in");
    assert_eq!(OTHER.get(), Some(11));
}

#[test]
fn alc_022_what_the_crate_starts_and_what_it_does_not() {
    static LOCAL: Local = Local::new();
    LOCAL.set(3);
    let task = Task::<_, ()>::run(&spawn_thread, async { Ok(LOCAL.get()) });
    assert_eq!(smol::block_on(task.into_future()).unwrap(), Some(3));
    // .NET's threads inherit; Rust's are not ours. One wraps what one gives them.
    assert_eq!(thread::spawn(|| LOCAL.get()).join().unwrap(), None);
    let wrapped = in_context(async { LOCAL.get() });
    assert_eq!(thread::spawn(|| smol::block_on(wrapped)).join().unwrap(), Some(3));
    // .NET's timers inherit; ours wake, and who is woken has a context of its own. Callbacks have the caller's.
    let (clock, source) = (ManualClock::new(), taskcell::CancellationTokenSource::new());
    let seen = Arc::new(Mutex::new(Some(0)));
    let callback = seen.clone();
    source.token().register(move || *callback.lock().unwrap() = LOCAL.get()).detach();
    source.cancel_after_on(&clock, std::time::Duration::from_secs(1));
    thread::spawn(move || clock.advance(std::time::Duration::from_secs(1))).join().unwrap();
    assert_eq!(*seen.lock().unwrap(), None);
}

#[test]
fn alc_023_siblings_keep_their_own() {
    static LOCAL: Local = Local::new();
    LOCAL.set(100);
    let jobs = Jobs::new();
    let tasks: Vec<Task<Option<u32>, ()>> = (0..5)
        .map(|n| {
            Task::run(&jobs, async move {
                LOCAL.set(n);
                smol::future::yield_now().await;
                Ok(LOCAL.get())
            })
        })
        .collect();
    jobs.run();
    for (n, task) in (0..).zip(tasks) {
        assert_eq!(task.try_result().unwrap().unwrap(), &Some(n));
    }
    assert_eq!(LOCAL.get(), Some(100));
}

#[test]
fn alc_025_a_hundred_locals() {
    for count in 1..=100 {
        let locals: Vec<AsyncLocal<usize>> = (0..count).map(|_| AsyncLocal::new()).collect();
        for (n, local) in locals.iter().enumerate() {
            local.set(n);
        }
        for (n, local) in locals.iter().enumerate() {
            assert_eq!(local.get(), Some(n));
            local.set(n + 1000);
        }
        for (n, local) in locals.iter().enumerate() {
            assert_eq!(local.get(), Some(n + 1000));
            local.clear();
            assert_eq!(local.get(), None);
            assert!(locals.iter().skip(n + 1).all(|later| later.get().is_some()));
        }
    }
}

#[test]
fn alc_026_the_snapshot_goes_when_the_task_ends() {
    static LOCAL: AsyncLocal<Arc<()>> = AsyncLocal::new();
    let value = Arc::new(());
    let jobs = Jobs::new();
    let (source, task) = TaskCompletionSource::<u32, ()>::pair();
    let (ran, called, continued) = LOCAL.scope(value.clone(), || {
        let ran = Task::<_, ()>::run(&jobs, async { Ok(()) });
        let called = Task::<_, ()>::run_fn(&jobs, || Ok(()));
        (ran, called, task.then(|_| Ok(())))
    });
    assert_eq!(Arc::strong_count(&value), 2, "one value, however many snapshots");
    jobs.run();
    source.set_result(1);
    assert!(ran.is_completed() && called.is_completed() && continued.is_completed());
    assert_eq!(Arc::strong_count(&value), 1);
    let mut call = LOCAL.scope(value.clone(), || Box::pin(in_context(async {})));
    assert_eq!(Arc::strong_count(&value), 2);
    assert!(Counter::new().poll(&mut call).is_ready());
    assert_eq!(Arc::strong_count(&value), 1, "the future is still there");
}

#[test]
fn alc_027_copied_when_written_across_calls() {
    static LOCAL: Local = Local::new();
    static OTHER: Local = Local::new();
    LOCAL.set(1);
    let mut call = Box::pin(in_context(async {
        OTHER.set(1);
        LOCAL.set(2);
        let inner = in_context(async {
            LOCAL.set(3);
            smol::future::yield_now().await;
            (OTHER.get(), LOCAL.get())
        });
        assert_eq!(inner.await, (Some(1), Some(3)));
        LOCAL.get()
    }));
    let counter = Counter::new();
    assert!(counter.poll(&mut call).is_pending());
    assert_eq!((OTHER.get(), LOCAL.get()), (None, Some(1)));
    assert_eq!(counter.poll(&mut call), Poll::Ready(Some(2)));
    assert_eq!((OTHER.get(), LOCAL.get()), (None, Some(1)));
}
