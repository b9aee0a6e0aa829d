//! The strategy of keeping calls from a service that fails.

use core::fmt;

use super::rules::{Failures, ShouldHandle};
use super::{PipelineError, PipelineNext, Strategy};
use crate::cancel::CancellationToken;
use crate::resilience::{CallVerdict, CircuitBreaker};

/// A circuit breaker around what is inside; see [`Pipeline::circuit_breaker`](super::Pipeline::circuit_breaker).
///
/// | what is inside gives | counts as |
/// |---|---|
/// | a value | a success |
/// | an error that [`when`](Self::when) takes for a failure: unless said, one of the operation, or a timeout | a failure |
/// | any other error: a rejection, a cancellation | nothing |
/// | any error, after the token was cancelled | nothing |
/// | a panic | a failure |
/// | nothing, since it was dropped: by a timeout outside, a hedge that was won, the caller | nothing |
///
/// So a timeout that is to count stands inside.
///
/// # Examples
///
/// ```
/// use taskcell::{BreakerStrategy, CircuitBreaker, Pipeline, PipelineError};
///
/// let breaker = CircuitBreaker::builder().build();
/// // Timeouts alone say something about this service.
/// let counts = BreakerStrategy::new(&breaker).when(|error: &PipelineError<&str>| error.is_timed_out());
/// let pipeline = Pipeline::new().with(counts);
/// # smol::block_on(async {
/// assert!(pipeline.call(async |_| Err::<(), _>("no such user")).await.is_err());
/// # });
/// assert_eq!(breaker.stats().failures, 0);
/// ```
#[derive(Clone)]
#[doc(alias = "CircuitBreakerResilienceStrategy")]
pub struct BreakerStrategy<W = Failures> {
    breaker: CircuitBreaker,
    when: W,
}

impl BreakerStrategy {
    /// Behind this breaker, of which it keeps a clone.
    #[must_use]
    pub fn new(breaker: &CircuitBreaker) -> Self {
        Self { breaker: breaker.clone(), when: Failures }
    }
}

impl<W> BreakerStrategy<W> {
    /// Which errors count as failures; without it [those of the operation, and timeouts](Failures).
    #[doc(alias = "ShouldHandle")]
    #[must_use]
    pub fn when<E, X: Fn(&PipelineError<E>) -> bool>(self, when: X) -> BreakerStrategy<X> {
        BreakerStrategy { breaker: self.breaker, when }
    }
}

impl<W> fmt::Debug for BreakerStrategy<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("circuit_breaker")
    }
}

impl<T, E, W: ShouldHandle<E>> Strategy<T, E> for BreakerStrategy<W> {
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        let call = self.breaker.call(next.call(token.clone()));
        let judged = call.handle(|result: &Result<T, PipelineError<E>>| match result {
            Ok(_) => CallVerdict::Success,
            Err(error) if !token.is_cancelled() && self.when.handles(error) => CallVerdict::Failure,
            Err(_) => CallVerdict::Ignore,
        });
        judged.await.unwrap_or_else(|rejected| Err(rejected.into()))
    }
}
