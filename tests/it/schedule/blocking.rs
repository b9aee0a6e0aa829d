//! Threads that must not block: every blocking wait says so, and only where it would have to wait.
use crate::support::panic_of;
use core::time::Duration;
use std::sync::mpsc;
use taskcell::{
    CancellationToken, CancellationTokenSource, TaskCompletionSource, Unregistered, WaitError, may_block, no_blocking,
};

type Source = TaskCompletionSource<u32, &'static str>;

#[test]
fn every_wait_that_would_wait_is_refused_by_name() {
    let (cancellation, (source, task)) = (CancellationTokenSource::new(), Source::pair());
    let token = cancellation.token();
    no_blocking("ui", || {
        assert_eq!(task.wait().unwrap_err().name(), "ui");
        for timeout in [Duration::from_millis(1), Duration::MAX] {
            let refused = task.wait_timeout(timeout).unwrap_err();
            assert!(matches!(&refused, WaitError::WouldDeadlock(by) if by.name() == "ui"), "{refused}");
            assert_eq!(token.wait_timeout(timeout).unwrap_err().name(), "ui");
        }
        assert!(matches!(task.wait_cancellable(&token), Err(WaitError::WouldDeadlock(_))));
        assert_eq!(token.wait().unwrap_err().name(), "ui");
    });
    assert_eq!((token.listeners(), task.listeners()), (0, 0));
    drop(source);
}

#[test]
fn what_need_not_wait_is_answered() {
    let (source, task) = Source::pair();
    let dead = CancellationToken::new(true);
    no_blocking("ui", || {
        assert!(matches!(task.wait_timeout(Duration::ZERO), Err(WaitError::Elapsed(_))));
        assert!(matches!(task.wait_cancellable(&dead), Err(WaitError::Cancelled(_))));
        source.set_result(7);
        assert_eq!(task.wait().unwrap().unwrap(), &7);
        assert!(task.wait_timeout(Duration::MAX).is_ok());
        assert!(task.wait_cancellable(&dead).is_ok());
        dead.wait().unwrap();
        assert!(dead.wait_timeout(Duration::MAX).unwrap());
        assert!(!CancellationToken::NONE.wait_timeout(Duration::ZERO).unwrap());
    });
}

#[test]
fn a_callback_that_runs_elsewhere_is_not_waited_for() {
    let source = CancellationTokenSource::new();
    let (running, go) = (mpsc::channel(), mpsc::channel::<()>());
    let wait = move || go.1.recv().unwrap();
    let mut registration = source.token().register(move || {
        running.0.send(()).unwrap();
        wait();
    });
    let mut removed = source.token().register(|| ());
    std::thread::scope(|scope| {
        no_blocking("ui", || assert_eq!(removed.unregister_and_wait().unwrap(), Unregistered::Removed));
        let cancels = scope.spawn(|| source.cancel());
        running.1.recv().unwrap();
        no_blocking("ui", || assert_eq!(registration.unregister_and_wait().unwrap_err().name(), "ui"));
        go.0.send(()).unwrap();
        cancels.join().unwrap();
    });
    no_blocking("ui", || assert_eq!(registration.unregister_and_wait().unwrap(), Unregistered::Finished));
}

#[test]
fn scopes_nest_and_end_with_a_panic() {
    let name = || may_block().unwrap_err().name().to_owned();
    no_blocking("outer", || {
        assert_eq!(panic_of(|| no_blocking("inner", || panic!("left"))), Some("left"));
        assert_eq!(name(), "outer");
        no_blocking("inner", || assert_eq!(name(), "inner"));
        std::thread::spawn(|| assert!(may_block().is_ok(), "it is a matter of the thread")).join().unwrap();
        assert_eq!(name(), "outer");
    });
    assert!(may_block().is_ok());
}
