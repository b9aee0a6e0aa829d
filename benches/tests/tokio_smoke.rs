//! The library on tokio, on one thread and on several: waits, cancels, combinators, time limits, spawning.

use std::future::{Future, pending, ready};
use std::time::Duration;
use taskcell::time::delay;
use taskcell::{BoxFuture, CancellationTokenSource, Spawner, timeout, when_all_settled};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

/// Long enough for any machine, so that only a lost wake meets it.
const NEVER: Duration = Duration::from_secs(60);

fn runtimes() -> [Runtime; 2] {
    [Builder::new_current_thread(), Builder::new_multi_thread()]
        .map(|mut builder| builder.worker_threads(2).enable_time().build().expect("a runtime"))
}

/// Runs the case on each runtime; a case that hangs fails.
fn on_both<F: Future<Output = ()>>(case: impl Fn() -> F) {
    for runtime in runtimes() {
        runtime.block_on(async { tokio::time::timeout(NEVER, case()).await.expect("a lost wake") });
    }
}

#[test]
fn waits_end_at_a_cancel() {
    on_both(|| async {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let waits: Vec<_> = (0..100).map(|_| tokio::spawn(token.clone().cancelled_owned())).collect();
        yield_now().await;
        assert!(source.cancel());
        for wait in waits {
            wait.await.expect("no panic");
        }
        assert_eq!(token.listeners(), 0);
    });
}

#[test]
fn a_root_cancels_every_generation() {
    on_both(|| async {
        let root = CancellationTokenSource::new();
        let child = root.token().child();
        let grandchild = child.token().child();
        let token = grandchild.token();
        let wait = tokio::spawn(async move {
            token.cancelled().await;
            token.reason().is_some_and(|reason| reason.is_inherited())
        });
        yield_now().await;
        root.cancel();
        assert!(wait.await.expect("no panic"));
    });
}

#[test]
fn run_until_cancelled_ends_either_way() {
    on_both(|| async {
        let source = CancellationTokenSource::new();
        let token = source.token();
        assert_eq!(token.run_until_cancelled(ready(7)).await, Some(7));
        let run = tokio::spawn(async move { token.run_until_cancelled(pending::<()>()).await });
        yield_now().await;
        source.cancel();
        assert_eq!(run.await.expect("no panic"), None);
    });
}

#[test]
fn when_all_keeps_the_input_order() {
    on_both(|| async {
        let work = |number: u64| async move {
            for _ in 0..number % 7 {
                yield_now().await;
            }
            delay(Duration::from_micros(number % 3)).await;
            number
        };
        let output = when_all_settled((0..200).map(work)).await;
        assert_eq!(output, (0..200).collect::<Vec<_>>());
    });
}

#[test]
fn time_limits_on_the_system_clock() {
    on_both(|| async {
        assert!(timeout(Duration::from_millis(5), pending::<()>()).await.is_err());
        assert_eq!(timeout(NEVER, ready(1)).await.ok(), Some(1));
        let source = CancellationTokenSource::with_timeout(Duration::from_millis(5));
        let token = source.token();
        tokio::spawn(token.clone().cancelled_owned()).await.expect("no panic");
        assert!(token.reason().is_some_and(|reason| reason.is_deadline()));
    });
}

#[test]
fn a_closure_spawns() {
    on_both(|| async {
        let spawner = |task: BoxFuture<'static, ()>| drop(tokio::spawn(task));
        let source = CancellationTokenSource::new();
        let done = source.token();
        spawn(&spawner, Box::pin(async move { assert!(source.cancel()) }));
        done.cancelled().await;
    });
}

fn spawn(spawner: &impl Spawner, task: BoxFuture<'static, ()>) {
    spawner.spawn(task);
}
