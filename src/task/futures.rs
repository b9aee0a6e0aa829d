//! Waiting for a task.

use super::outcome::Outcome;
use super::task::{look, status_in, status_of};
use super::{Task, TaskError, TaskStatus};
use crate::raw::cell::{CellWaiter, Shared, View};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

type Cell<T, E> = Shared<Outcome<T, E>>;

macro_rules! waiting_by_reference {
    ($(#[$doc:meta])* $name:ident, $output:ty, $cell:ident, $outcome:ident => $ready:expr) => {
        $(#[$doc])*
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name<'a, T, E> {
            waiter: CellWaiter<Outcome<T, E>, View<'a, Outcome<T, E>>>,
        }

        impl<'a, T, E> $name<'a, T, E> {
            #[inline(always)]
            pub(super) fn new(task: &'a Task<T, E>) -> Self {
                Self { waiter: CellWaiter::new(View::new(&task.0)) }
            }
        }

        impl<'a, T, E> Future for $name<'a, T, E> {
            type Output = $output;

            #[inline(always)]
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                self.waiter.poll_outcome(cx).map(|$outcome| {
                    let $cell = self.waiter.cell();
                    $ready
                })
            }
        }

        impl<T, E> FusedFuture for $name<'_, T, E> {
            fn is_terminated(&self) -> bool {
                // Polled again it is ready again.
                false
            }
        }

        impl<T, E> fmt::Debug for $name<'_, T, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let status = status_of(self.waiter.cell());
                f.debug_struct(stringify!($name)).field("status", &status).finish_non_exhaustive()
            }
        }
    };
}

waiting_by_reference! {
    /// Ready with the outcome once the task has ended, and ready again if polled again; made by `(&task).await`. 24
    /// bytes (64 bits).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{Task, WaitForTask};
    ///
    /// let task = Task::<String>::from_result("a page".into());
    /// let waits: WaitForTask<'_, String, _> = (&task).into_future();
    /// # smol::block_on(async {
    /// assert_eq!(waits.await.unwrap(), "a page"); // a reference: nothing is cloned
    /// # });
    /// ```
    #[doc(alias = "TaskAwaiter")]
    WaitForTask, Result<&'a T, &'a TaskError<E>>, cell, outcome => look(cell, outcome)
}

waiting_by_reference! {
    /// Ready with the status once the task has ended, and ready again if polled again; made by [`Task::settled`].
    Settled, TaskStatus, cell, outcome => {
        cell.observe();
        status_in(outcome)
    }
}

impl<'a, T, E> IntoFuture for &'a Task<T, E> {
    type Output = Result<&'a T, &'a TaskError<E>>;
    type IntoFuture = WaitForTask<'a, T, E>;

    #[inline(always)]
    fn into_future(self) -> WaitForTask<'a, T, E> {
        WaitForTask::new(self)
    }
}

/// Ready with the outcome once the task has ended; made by `task.await`. 24 bytes (64 bits).
///
/// # Examples
///
/// ```
/// use taskcell::{Task, WaitForOutcome};
///
/// let waits: WaitForOutcome<u32, &str> = Task::from_result(7).into_future();
/// # smol::block_on(async {
/// assert_eq!(waits.await.unwrap(), 7);
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitForOutcome<T, E> {
    /// None once it was ready.
    waiter: Option<CellWaiter<Outcome<T, E>, Cell<T, E>>>,
}

impl<T, E> WaitForOutcome<T, E> {
    /// True once the task has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.waiter.as_ref().is_none_or(|waiter| waiter.cell().get().is_some())
    }
}

impl<T: Clone, E: 'static> Future for WaitForOutcome<T, E> {
    type Output = Result<T, TaskError<E>>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(waiter) = &mut self.waiter else { panic!("a task's future polled after it was ready") };
        if waiter.poll(cx).is_pending() {
            return Poll::Pending;
        }
        match self.waiter.take() {
            Some(waiter) => Poll::Ready(Task(waiter.into_handle()).into_outcome()),
            None => unreachable!("it was polled just now"),
        }
    }
}

impl<T: Clone, E: 'static> FusedFuture for WaitForOutcome<T, E> {
    fn is_terminated(&self) -> bool {
        self.waiter.is_none()
    }
}

impl<T, E> fmt::Debug for WaitForOutcome<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForOutcome").field("was_ready", &self.waiter.is_none()).finish_non_exhaustive()
    }
}

impl<T: Clone, E: 'static> IntoFuture for Task<T, E> {
    type Output = Result<T, TaskError<E>>;
    type IntoFuture = WaitForOutcome<T, E>;

    #[inline(always)]
    fn into_future(self) -> WaitForOutcome<T, E> {
        WaitForOutcome { waiter: Some(CellWaiter::new(self.0)) }
    }
}
