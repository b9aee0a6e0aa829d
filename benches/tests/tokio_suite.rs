//! The library's own suite (`tests/it/support`) on tokio: one thread, and several.

#[path = "../../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suite's own tests use the rest")]
mod support;

use std::future::Future;
use std::sync::Arc;
use support::exec::Executor;
use support::suite::suite;
use tokio::runtime::{Builder, Runtime};

/// Everything on the thread that calls `run`.
#[derive(Clone)]
struct CurrentThread(Arc<Runtime>);

impl Executor for CurrentThread {
    fn new() -> Self {
        Self(Arc::new(Builder::new_current_thread().build().expect("a runtime")))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(task));
    }

    fn run<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(main)
    }
}

/// Two workers.
#[derive(Clone)]
struct MultiThread(Arc<Runtime>);

impl Executor for MultiThread {
    fn new() -> Self {
        Self(Arc::new(Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(task));
    }

    fn run<T: Send + 'static>(&self, main: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(main)
    }
}

suite!(current_thread, CurrentThread);
suite!(multi_thread, MultiThread);
