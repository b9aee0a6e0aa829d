//! What becomes of one call.

use core::future::IntoFuture;

use super::strategy::{Operation, Through, apart};
use super::{Pipeline, PipelineError, PipelineNext, Strategy};
use crate::cancel::{CancellationToken, Cancelled};

impl<S, C> Pipeline<S, C> {
    /// Calls `operation` through all strategies.
    ///
    /// It makes the future of each attempt, and is told a token: cancelled when the attempt is not wanted any more, because
    /// its time is up, another one has won, or the call is dropped. It may be an async closure that changes nothing of what
    /// it captures; one that is to keep something of its own is a closure that gives an async block.
    ///
    /// The future is lazy: nothing happens before it is polled, and nothing of it goes on elsewhere. It is `Send` if all
    /// that it is made of is; for a name of its type, box it. One allocation for the token, one for that of a timeout or of
    /// each attempt of a retry with a deadline, and two for each attempt of a hedge; breakers, bulkheads and other retries
    /// hand on the token that they were given.
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels the tokens of the attempts that run, drops them, and gives back all that strategies hold:
    /// permits, timers, registrations. A breaker takes no note of such a call.
    ///
    /// # Panics
    ///
    /// A panic of the operation, or of a closure that a strategy asks, goes to the caller, as if the call was dropped.
    ///
    /// # Errors
    ///
    /// [`PipelineError`] says what the outermost strategy made of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{Backoff, CancellationToken, Pipeline};
    ///
    /// # smol::block_on(async {
    /// let pipeline = Pipeline::new().retry(Backoff::NONE);
    /// let asked = std::cell::Cell::new(0);
    /// let answer = pipeline.call(async |_token: CancellationToken| {
    ///     asked.set(asked.get() + 1);
    ///     if asked.get() < 3 { Err("busy") } else { Ok(42) }
    /// });
    /// assert_eq!(answer.await, Ok(42));
    /// # })
    /// ```
    #[doc(alias = "ExecuteAsync")]
    #[doc(alias = "ExecuteOutcomeAsync")]
    pub async fn call<F, R, T, E>(&self, operation: F) -> Result<T, PipelineError<E>>
    where
        S: Strategy<T, E>,
        F: Fn(CancellationToken) -> R,
        R: IntoFuture<Output = Result<T, E>>,
    {
        let next = Through { strategy: &self.strategies, next: Operation(operation) };
        apart(&CancellationToken::NONE, |token| next.call(token)).await
    }

    /// The same, until `token` is cancelled.
    ///
    /// The tokens of the attempts are cancelled with it. What they give at once then still counts; what does not end is
    /// dropped, and the call has failed with [`Cancelled`]. With
    /// [`wait_when_cancelled`](Self::wait_when_cancelled) they are waited for instead. Delays and queues are left at once,
    /// either way. If it is cancelled from the start, nothing is called. The cancellation carries this token.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationTokenSource, Pipeline};
    ///
    /// let user = CancellationTokenSource::new();
    /// user.cancel();
    /// # smol::block_on(async {
    /// let answer = Pipeline::new().call_with(&user.token(), async |_token| Ok::<u32, ()>(7)).await;
    /// assert!(answer.unwrap_err().is_cancelled()); // nothing was called
    /// # });
    /// ```
    pub async fn call_with<F, R, T, E>(&self, token: &CancellationToken, operation: F) -> Result<T, PipelineError<E>>
    where
        S: Strategy<T, E>,
        F: Fn(CancellationToken) -> R,
        R: IntoFuture<Output = Result<T, E>>,
    {
        let next = Through { strategy: &self.strategies, next: Operation(operation) };
        run(&next, token, self.patient).await
    }
}

/// Calls `next` until `token` is cancelled, and somewhat longer if `patient`.
pub(super) async fn run<T, E, N>(next: &N, token: &CancellationToken, patient: bool) -> Result<T, PipelineError<E>>
where
    N: PipelineNext<T, E>,
{
    let call = apart(token, |token| next.call(token));
    let ended = match patient {
        true if !token.is_cancelled() => Some(call.await),
        true => None,
        false => token.run_until_cancelled(call).await,
    };
    match ended {
        None => Err(Cancelled::new(token.clone()).into()),
        // A strategy that was waiting knows a token of its own.
        Some(Err(error)) if error.is_cancelled() && token.is_cancelled() => {
            Err(PipelineError::from(Cancelled::new(token.clone())).after(error.attempts()))
        }
        Some(result) => result,
    }
}
