//! Asynchronous disposal: `using`, its cleanup on every exit, and several resources.
mod dropped;
mod hostile;
mod scope;

use crate::support::Log;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use taskcell::AsyncDispose;

/// Says when it is disposed of, in two polls, and when it is dropped.
struct Resource {
    name: &'static str,
    log: Log<String>,
    fails: bool,
}

impl Resource {
    fn new(name: &'static str, log: &Log<String>) -> Self {
        Self { name, log: log.clone(), fails: false }
    }
    fn failing(name: &'static str, log: &Log<String>) -> Self {
        Self { name, log: log.clone(), fails: true }
    }
    fn says(&self, what: &str) {
        self.log.push(format!("{} {what}", self.name));
    }
}

impl AsyncDispose for Resource {
    type Error = &'static str;

    async fn dispose(self) -> Result<(), &'static str> {
        self.says("begins");
        Once(false).await;
        self.says("ends");
        if self.fails { Err(self.name) } else { Ok(()) }
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        self.says("drops");
    }
}

/// Pending once; wakes.
struct Once(bool);

impl Future for Once {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
