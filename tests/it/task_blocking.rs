//! Threads that block inside callbacks, parcels that executors keep, and tasks that nobody is ever given.
use crate::support::jobs::Jobs;
use crate::support::unobserved;
use crate::support::{Counter, eventually, panic_of};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use taskcell::{
    BoxFuture, CancellationTokenSource, ContinuationOptions, ManualClock, Task, TaskCompletionSource, TaskError,
    TaskStatus,
};

type Source<T = u32> = TaskCompletionSource<T>;

/// Runs `f` on a thread of its own; a hang is a failure.
fn in_time(f: impl FnOnce() + Send + 'static) {
    let (done, end) = mpsc::channel();
    let thread = thread::spawn(move || {
        f();
        let _ = done.send(());
    });
    if end.recv_timeout(Duration::from_secs(20)) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    thread.join().unwrap();
}

#[test]
fn a_callback_in_a_parcel_waits_for_what_comes_after_it() {
    in_time(|| {
        let jobs = Jobs::new();
        let source = Source::<u32>::run_continuations_on(jobs.clone());
        let task = source.task();
        let first = task.then(|n| Ok(*n));
        let second = first.then(|n| Ok(n + 1));
        task.on_completed(move |_| assert_eq!(second.wait().unwrap().unwrap(), &2)).detach();
        source.set_result(1);
        assert!(jobs.run() > 0);
        assert!(first.is_completed());
    });
}

#[test]
fn a_callback_waits_for_another_callback_that_waits_for_it() {
    in_time(|| {
        let (source, task) = Source::<u32>::pair();
        let next = task.then(|n| Ok(*n));
        let cancellation = CancellationTokenSource::new();
        let (awaited, started) = (next.clone(), Arc::new(AtomicBool::new(false)));
        let begun = started.clone();
        let mut registration = cancellation.token().register(move || {
            begun.store(true, Ordering::SeqCst);
            assert!(awaited.wait().unwrap().is_ok());
        });
        let canceller = thread::spawn(move || cancellation.cancel());
        eventually("the callback waits", || started.load(Ordering::SeqCst) && next.listeners() > 0);
        task.on_completed(move |_| {
            let _ = registration.unregister_and_wait();
        })
        .detach();
        source.set_result(1);
        assert!(canceller.join().unwrap());
    });
}

#[test]
fn a_callback_drives_a_clock() {
    in_time(|| {
        let (source, task) = Source::<u32>::pair();
        let last = task.then(|n| Ok(*n)).then(|n| Ok(*n));
        let seen = last.clone();
        task.on_completed(move |_| ManualClock::new().block_on(async { assert!((&last).await.is_ok()) })).detach();
        source.set_result(1);
        assert!(seen.is_completed());
    });
}

#[test]
fn a_wait_of_no_time_calls_nobody() {
    let (source, task) = Source::<u32>::pair();
    let last = task.then(|n| Ok(*n)).then(|n| Ok(*n));
    let seen = last.clone();
    task.on_completed(move |_| assert!(last.wait_timeout(Duration::ZERO).is_err())).detach();
    source.set_result(1);
    assert!(seen.is_completed());
}

#[test]
fn a_callback_in_a_parcel_is_taken_back() {
    let jobs = Jobs::new();
    let source = Source::<u32>::run_continuations_on(jobs.clone());
    let ran = Arc::new(AtomicBool::new(false));
    let task = source.task();
    let [first, second] = [(); 2].map(|()| {
        let ran = ran.clone();
        task.on_completed(move |_| ran.store(true, Ordering::SeqCst))
    });
    source.set_result(1);
    let mut first = first;
    assert!(first.unregister());
    drop(second);
    jobs.run();
    assert!(!ran.load(Ordering::SeqCst));
    assert_eq!(Arc::strong_count(&ran), 1);
}

#[test]
fn a_parcel_survives_a_waker_that_panics() {
    let jobs = Jobs::new();
    let source = Source::<u32>::run_continuations_on(jobs.clone());
    let task = source.task();
    let next = task.then(|n| Ok(*n));
    let (waker, _) = crate::support::hooked::Hooks::new().on_wake(|| panic!("a waker")).waker();
    let mut wait = (&task).into_future();
    assert!(crate::support::poll_with(&waker, &mut wait).is_pending());
    assert_eq!(panic_of(|| source.set_result(1)), Some("a waker"));
    jobs.run();
    assert!(next.is_completed());
}

#[test]
fn a_chain_with_tokens_is_left_pending_on_a_small_stack() {
    let cancellation = CancellationTokenSource::new();
    let (source, mut task) = Source::<u32>::pair();
    for _ in 0..100_000 {
        let options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY.with_token(cancellation.token());
        task = task.continue_with(options, |task| Ok(*task.try_result().unwrap().map_err(TaskError::clone)?));
    }
    let small = thread::Builder::new().stack_size(128 << 10);
    small.spawn(move || source.leave_pending()).unwrap().join().unwrap();
    assert_eq!((task.status(), task.listeners()), (TaskStatus::Pending, 0));
    assert_eq!(cancellation.token().listeners(), 0);
}

#[test]
fn nobody_is_told_of_a_task_that_nobody_has() {
    struct Never;
    struct Crowd;
    unobserved::watch();
    assert_eq!(
        panic_of(|| Task::<Never>::run(&|_: BoxFuture<'static, ()>| panic!("full"), async { Ok(Never) })),
        Some("full")
    );
    assert!(unobserved::of::<Never>().is_empty());
    let (source, task) = Source::<Crowd>::pair();
    let mut waits: Vec<_> = (0..5).map(|_| (&task).into_future()).collect();
    assert!(waits.iter_mut().all(|wait| Counter::new().poll(wait).is_pending()));
    drop(waits);
    drop(task);
    drop(source);
    assert!(unobserved::of::<Crowd>().is_empty());
}

#[test]
fn the_first_panic_of_a_future_is_its_outcome() {
    struct Bad;
    impl Future for Bad {
        type Output = Result<u32, taskcell::BoxError>;
        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
            panic!("its poll")
        }
    }
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("its drop")
        }
    }
    let jobs = Jobs::new();
    let task = Task::<u32>::run(&jobs, Bad);
    jobs.run();
    assert!(matches!(task.try_result(), Some(Err(TaskError::Panicked(panic))) if panic.message() == Some("its poll")));
}
