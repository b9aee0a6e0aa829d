//! Bodies as tasks on an executor, and the token that they are given.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::flight::Start;
use crate::cancel::{CancellationToken, CancellationTokenSource};
use crate::raw::once::TakeOnce;
use crate::spawn::Spawner;
use crate::task::{Ended, Task, TaskError};

/// Starts bodies on an executor.
pub(super) struct OnExecutor<'a, P: ?Sized, F> {
    pub(super) spawner: &'a P,
    pub(super) token: CancellationToken,
    pub(super) f: F,
}

impl<I, P, F, R, T, E> Start<I> for OnExecutor<'_, P, F>
where
    P: Spawner + ?Sized,
    F: FnMut(I, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    type Future = Hot<T, E>;

    fn start(&mut self, item: I) -> Hot<T, E> {
        let body = (self.f)(item, self.token.clone()).into_future();
        let body = async move { body.await.map(TakeOnce::new) };
        Hot(Ended::new(Task::run_with(self.spawner, &self.token, body)))
    }
}

/// What becomes of a body: ready when its task has ended, which nobody else has.
pub(super) struct Hot<T, E>(Ended<TakeOnce<T>, E>);

impl<T, E> Future for Hot<T, E> {
    type Output = Result<T, TaskError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Poll::Ready(task) = Pin::new(&mut self.0).poll(cx) else { return Poll::Pending };
        Poll::Ready(match task.try_result() {
            Some(Ok(value)) => value.take().ok_or(TaskError::Abandoned),
            Some(Err(error)) => Err(error.clone()),
            None => unreachable!("it has ended"),
        })
    }
}

/// Cancels the bodies' token when it is dropped, unless they have ended.
pub(super) struct Cancelling {
    source: CancellationTokenSource,
    armed: bool,
}

impl Cancelling {
    pub(super) fn new() -> Self {
        Self { source: CancellationTokenSource::new(), armed: true }
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.source.token()
    }

    /// Now, and not when it is dropped.
    pub(super) fn cancel(&mut self) {
        self.armed = false;
        self.source.cancel();
    }

    pub(super) fn disarm(&mut self) {
        self.armed = false;
    }
}

impl Drop for Cancelling {
    fn drop(&mut self) {
        if self.armed {
            self.source.cancel();
        }
    }
}

impl fmt::Debug for Cancelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelling").field("armed", &self.armed).finish_non_exhaustive()
    }
}
