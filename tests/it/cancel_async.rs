//! `cancel_async`: cancelling with the callbacks on an executor.
use crate::support::{Counter, Jobs, Log, panic_of};
use std::sync::mpsc;
use std::thread;
use taskcell::{BoxFuture, CancellationTokenSource, TaskError, TaskStatus};

#[test]
fn a_callback_that_panics() {
    let (jobs, source, log) = (Jobs::new(), CancellationTokenSource::new(), Log::new());
    let _first = source.token().register(log.note("first"));
    let _second = source.token().register(|| panic!("callback"));
    let task = source.cancel_async(&jobs);
    jobs.run();
    assert_eq!(log.take(), ["first"]);
    assert_eq!(task.try_result().unwrap().unwrap_err().to_string(), "the task panicked: callback");
}

#[test]
fn a_spawner_that_drops_or_panics_runs_them() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let _registration = source.token().register(log.note("ran"));
    let task = source.cancel_async(&|future: BoxFuture<'static, ()>| drop(future));
    assert_eq!(log.take(), ["ran"]);
    assert!(task.is_completed_successfully());
    let source = CancellationTokenSource::new();
    let _registration = source.token().register(log.note("ran"));
    let broken = |_: BoxFuture<'static, ()>| std::panic::panic_any("no thread");
    assert_eq!(panic_of(|| source.cancel_async(&broken)), Some("no thread"));
    assert_eq!(log.take(), ["ran"]);
}

#[test]
fn callbacks_are_taken_back_until_they_run() {
    let (jobs, source, log) = (Jobs::new(), CancellationTokenSource::new(), Log::new());
    let mut first = source.token().register(log.note("first"));
    let _second = source.token().register(log.note("second"));
    let task = source.cancel_async(&jobs);
    assert!(first.unregister().is_removed());
    jobs.run();
    assert_eq!(log.take(), ["second"]);
    assert!(task.is_completed_successfully());
}

#[test]
fn wakers_do_not_wait() {
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    let token = source.token();
    let (counter, mut wait) = (Counter::new(), token.cancelled());
    assert!(counter.poll(&mut wait).is_pending());
    let task = source.cancel_async(&jobs);
    assert_eq!((counter.wakes(), jobs.len(), task.status()), (1, 0, TaskStatus::RanToCompletion));
    let again = source.cancel_async(&jobs);
    assert!(again.is_completed_successfully());
}

#[test]
fn a_waker_that_panics() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("waker");
        }
    }
    let (jobs, source) = (Jobs::new(), CancellationTokenSource::new());
    let token = source.token();
    let mut wait = token.cancelled();
    let waker = std::sync::Arc::new(Panics).into();
    assert!(crate::support::poll_with(&waker, &mut wait).is_pending());
    let task = source.cancel_async(&jobs);
    assert!(matches!(task.try_result(), Some(Err(TaskError::Panicked(_)))));
}

#[test]
fn on_another_thread() {
    let threads = |future: BoxFuture<'static, ()>| drop(thread::spawn(|| smol::block_on(future)));
    let (source, (sender, receiver)) = (CancellationTokenSource::new(), mpsc::channel::<()>());
    let here = thread::current().id();
    let _registration = source.token().register(move || {
        receiver.recv().unwrap();
        assert_ne!(thread::current().id(), here);
    });
    let task = source.cancel_async(&threads);
    assert!(source.is_cancelled() && !task.is_completed());
    sender.send(()).unwrap();
    smol::block_on(async { task.await.unwrap() });
}
